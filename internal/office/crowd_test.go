package office_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
)

// memory is a journal that forgets with the test.
type memory struct {
	mu      sync.Mutex
	records map[string][]eventlog.Record
}

func (m *memory) Add(stream string, records ...eventlog.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[stream] = append(m.records[stream], records...)
	return nil
}

func (m *memory) Records(stream string) ([]eventlog.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records[stream]), nil
}

func (m *memory) Streams() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.records))
}

func newMemory() *memory { return &memory{records: map[string][]eventlog.Record{}} }

// ward is a Ward that runs until the test ends or it is stopped.
type ward struct {
	*office.Ward
	t     *testing.T
	name  string
	ended chan error
	stop  context.CancelFunc
	ids   atomic.Int64
}

// options are those of a server on a store whose clock begins on the first of
// April and then goes with the real one, or with the test's.
func options(name string, store eventlog.Store) office.Options {
	began := time.Now()
	var tickets atomic.Int64
	var randoms sync.Mutex
	random := chance(name[0])
	return office.Options{
		Store: store, Journal: newMemory(), Server: name, Logger: slog.New(slog.DiscardHandler),
		Offices: func() []queue.OfficeID { return []queue.OfficeID{km, "other"} },
		Settings: func(id queue.OfficeID, on queue.Date) (queue.Settings, error) {
			return settings(id, on), nil
		},
		Now: func() time.Time { return morning.Add(time.Since(began)) },
		Random: func() [16]byte {
			randoms.Lock()
			defer randoms.Unlock()
			return random()
		},
		TicketID: func() (queue.TicketID, error) {
			return queue.TicketID(fmt.Sprintf("%s-%06d", name, tickets.Add(1))), nil
		},
		Patience: time.Minute, // a busy machine is no failure
	}
}

func run(t *testing.T, o office.Options) *ward {
	t.Helper()
	inner, err := office.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &ward{Ward: inner, t: t, name: o.Server, ended: make(chan error, 1), stop: cancel}
	go func() { w.ended <- w.Run(ctx) }()
	t.Cleanup(w.end)
	return w
}

// end stops the ward and waits for it. It may be called twice.
func (w *ward) end() {
	w.stop()
	if err := <-w.ended; err != nil {
		w.t.Errorf("Run: %v", err)
	}
	w.ended <- nil
}

func (w *ward) request(c queue.Command) office.Request {
	return office.Request{
		ID: queue.CommandID(fmt.Sprintf("%s-%d", w.name, w.ids.Add(1))), Command: c,
		Actor: queue.Actor{Role: queue.RoleStaff, ID: "sato"},
	}
}

// do sends a request until the office is available.
func (w *ward) do(r office.Request) (office.Result, error) {
	for {
		result, err := w.Do(w.t.Context(), km, r)
		if code(err) != office.Overloaded {
			return result, err
		}
	}
}

func (w *ward) must(c queue.Command) office.Result {
	w.t.Helper()
	result, err := w.do(w.request(c))
	if err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
	return result
}

func issue() queue.Command {
	return queue.IssueTicket{Service: "moving", Channel: queue.ChannelReception}
}

func numberOf(r office.Result) queue.Number {
	return number(office.Answer{Reply: office.Reply{Outcome: r.Outcome}})
}

// crowd lets two servers issue 64 tickets each and call all of them at two
// counters, all at once, over stores that are one.
func crowd(t *testing.T, a, b *ward, records func() []eventlog.Record) {
	t.Helper()
	const each = 64
	a.must(queue.OpenCounter{Counter: "1"})
	b.must(queue.OpenCounter{Counter: "2"})
	var group sync.WaitGroup
	together := func(w *ward, r office.Request, seen func(office.Result, error)) {
		group.Go(func() { seen(w.do(r)) })
	}
	var mu sync.Mutex
	numbers := map[queue.Number]int{}
	called := map[queue.TicketID]int{}
	for range each {
		for _, w := range []*ward{a, b} {
			together(w, w.request(issue()), func(r office.Result, err error) {
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("issue: %v", err)
				}
				numbers[numberOf(r)]++
			})
			together(w, w.request(queue.FinishAndCallNext{Counter: counterOf(w)}), func(r office.Result, err error) {
				mu.Lock()
				defer mu.Unlock()
				var refusal *queue.Refusal
				if err != nil && !errors.As(err, &refusal) {
					t.Errorf("call next: %v", err)
				}
				count(called, r)
			})
		}
	}
	group.Wait()
	for _, w := range []*ward{a, b} {
		drain(t, w, called)
	}
	if len(numbers) != 2*each || len(called) != 2*each {
		t.Errorf("%d numbers given, %d tickets called, want %d", len(numbers), len(called), 2*each)
	}
	for id, n := range called {
		if n != 1 {
			t.Errorf("ticket %s was called %d times", id, n)
		}
	}
	if _, err := day.Replay(records()); err != nil {
		t.Errorf("the log does not replay: %v", err)
	}
}

func counterOf(w *ward) queue.CounterID {
	if w.name == "a" {
		return "1"
	}
	return "2"
}

func count(called map[queue.TicketID]int, r office.Result) {
	if r.Outcome == nil {
		return
	}
	for _, e := range r.Outcome.Events {
		if c, is := e.(queue.TicketCalled); is {
			called[c.Ticket]++
		}
	}
}

// drain calls until nobody waits.
func drain(t *testing.T, w *ward, called map[queue.TicketID]int) {
	t.Helper()
	command := queue.Command(queue.CallNext{Counter: counterOf(w)})
	for {
		r, err := w.do(w.request(command))
		switch code(err) {
		case "":
			count(called, r)
		case string(queue.CounterBusy):
		case string(queue.NobodyWaits), string(queue.CounterFree):
			return
		default:
			t.Fatalf("drain: %v", err)
		}
		command = queue.FinishAndCallNext{Counter: counterOf(w)}
		if c, _ := view(t, w).State.Counter(counterOf(w)); c.Ticket == "" {
			command = queue.CallNext{Counter: counterOf(w)}
		}
	}
}

func view(t *testing.T, w *ward) office.View {
	t.Helper()
	v, err := w.View(km)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
