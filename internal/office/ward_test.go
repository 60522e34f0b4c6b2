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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
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

func TestIssueAndView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		w := run(t, options("a", store))
		r := w.must(issue())
		if numberOf(r) != "A001" || r.Repeated || r.Unconfirmed {
			t.Errorf("result %+v", r)
		}
		v, err := w.View(km)
		if err != nil || v.Head != r.View.Head || v.Doubt || v.Date != date || v.State.WaitingCount() != 1 || v.At.IsZero() {
			t.Errorf("view %+v, %v", v, err)
		}
		records, head, err := w.Records(t.Context(), km, date, 1, 10)
		if err != nil || head != v.Head || !cmp.Equal(records, store.Records(stream)[1:]) {
			t.Errorf("records %d behind the first, %v", len(records), err)
		}
	})
}

func TestUnknownOffice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := run(t, options("a", memlog.New()))
		_, err := w.Do(t.Context(), "nowhere", w.request(issue()))
		if !errors.Is(err, office.ErrUnknownOffice) {
			t.Errorf("Do: %v", err)
		}
		if _, err := w.View("nowhere"); !errors.Is(err, office.ErrUnknownOffice) {
			t.Errorf("View: %v", err)
		}
		if err := w.Wait(t.Context(), "nowhere", eventlog.Head{}); !errors.Is(err, office.ErrUnknownOffice) {
			t.Errorf("Wait: %v", err)
		}
	})
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

func TestTwoServersOneStore(t *testing.T) {
	for round := range 5 {
		t.Run(fmt.Sprint("round ", round+1), func(t *testing.T) {
			store := memlog.New()
			a, b := run(t, options("a", store)), run(t, options("b", store.Peer()))
			crowd(t, a, b, func() []eventlog.Record { return store.Records(stream) })
		})
	}
}

func TestLostRepliesUnderLoad(t *testing.T) {
	store := memlog.New()
	var calls atomic.Int64
	store.SetFaults(func(op memlog.Op, _ string) memlog.Fault {
		switch n := calls.Add(1); {
		case op != memlog.OpAppend:
			return memlog.None
		case n%3 == 0:
			return memlog.UnclearDone
		case n%3 == 1:
			return memlog.UnclearUndone
		}
		return memlog.None
	})
	a, b := run(t, options("a", store)), run(t, options("b", store.Peer()))
	crowd(t, a, b, func() []eventlog.Record { return store.Records(stream) })
}

func TestServersSeeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		a, b := run(t, options("a", store)), run(t, options("b", store.Peer()))
		b.must(queue.OpenCounter{Counter: "2"})
		for b.view().Head != a.view().Head {
			if err := a.Wait(t.Context(), km, a.view().Head); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		want := a.must(issue()).View.Head
		for b.view().Head != want {
			if err := b.Wait(t.Context(), km, b.view().Head); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(began); waited > 0 { // the test's clock moves only when all sleep
			t.Errorf("the record was followed after %v, not at once", waited)
		}
	})
}

func (w *ward) view() office.View { return view(w.t, w) }

func TestLossIsFoundWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		w := run(t, options("a", store))
		for range 5 {
			w.must(issue())
		}
		want := store.Records(stream)
		store.Truncate(stream, 0)
		time.Sleep(time.Second) // of the test's clock
		synctest.Wait()
		if diff := cmp.Diff(heads(want), heads(store.Records(stream))); diff != "" {
			t.Errorf("the store (-before +after):\n%s", diff)
		}
		if !w.view().Doubt {
			t.Error("the view is not in doubt while others may put back")
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := numberOf(w.must(issue())); got != "A006" || w.view().Doubt {
			t.Errorf("the next number is %s", got)
		}
	})
}

func TestAllServersRestartOnAnOlderStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		o := options("a", store)
		w := run(t, o)
		first := w.request(issue())
		if _, err := w.do(first); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			w.must(issue())
		}
		w.end()
		want := store.Records(stream)
		store.Truncate(stream, 1)
		w = run(t, o) // the journal stays with the server
		w.ids.Store(100)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff(heads(want), heads(store.Records(stream))); diff != "" {
			t.Errorf("the store (-before +after):\n%s", diff)
		}
		if r, err := w.do(first); err != nil || !r.Repeated || numberOf(r) != "A001" {
			t.Errorf("the first command again: %+v, %v", r, err)
		}
		if got := numberOf(w.must(issue())); got != "A006" {
			t.Errorf("the next number is %s", got)
		}
	})
}

// TestStoreLostWholeDays: an old backup was restored, and today's store knows
// nothing of yesterday.
func TestStoreLostWholeDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("a", memlog.New())
		w := run(t, o)
		w.must(issue())
		time.Sleep(19 * time.Hour)
		synctest.Wait()
		w.end()
		want := heads(o.Store.(*memlog.Store).Records(stream))
		empty := memlog.New()
		o.Store = empty
		run(t, o)
		synctest.Wait()
		if diff := cmp.Diff(want, heads(empty.Records(stream))); diff != "" || len(want) < 3 {
			t.Errorf("yesterday (-before +after):\n%s", diff)
		}
	})
}

// exploding is a store whose appends to one stream panic while it is armed.
type exploding struct {
	eventlog.Store
	armed atomic.Bool
}

func (s *exploding) Open(name string) (eventlog.Log, error) {
	log, err := s.Store.Open(name)
	if name != stream {
		return log, err
	}
	return &explodingLog{log, s}, err
}

type explodingLog struct {
	eventlog.Log
	store *exploding
}

func (l *explodingLog) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	if l.store.armed.Load() {
		panic("a bug in one office")
	}
	return l.Log.Append(ctx, after, records)
}

func TestPanicInOneOffice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &exploding{Store: memlog.New()}
		w := run(t, options("a", store))
		w.must(issue())
		store.armed.Store(true)
		if _, err := w.Do(t.Context(), km, w.request(issue())); code(err) != office.InDoubt {
			t.Errorf("Do: %v", err)
		}
		if _, err := w.Do(t.Context(), "other", w.request(issue())); err != nil {
			t.Errorf("the other office: %v", err)
		}
		store.armed.Store(false)
		if got := numberOf(w.must(issue())); got != "A002" {
			t.Errorf("number %s", got)
		}
	})
}

func TestStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		o := options("a", store)
		o.Patience = time.Second
		w := run(t, o)
		w.must(issue())
		store.SetFaults(func(memlog.Op, string) memlog.Fault { return memlog.Block })
		began := time.Now()
		if _, err := w.Do(t.Context(), km, w.request(issue())); code(err) != office.StoreUnreachable {
			t.Errorf("Do: %v", err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("answered after %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := w.Do(ctx, km, w.request(issue())); code(err) != office.StoreUnreachable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Do with a deadline: %v", err)
		}
		if v := w.view(); v.State.WaitingCount() != 1 {
			t.Errorf("%d tickets are shown", v.State.WaitingCount())
		}
		store.SetFaults(nil)
		time.Sleep(3 * time.Second)
		if got := numberOf(w.must(issue())); got != "A002" {
			t.Errorf("number %s: a request that was given up must not be done", got)
		}
	})
}

func TestDayRollsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		w := run(t, options("a", store))
		w.must(issue())
		w.must(queue.BindRange{Kiosk: "K1", Store: "9f3a"})
		time.Sleep(18*time.Hour + 31*time.Minute) // 08:30 to 03:01
		synctest.Wait()
		v := w.view()
		if v.Date != "2026-04-02" || !v.State.Opened() || v.State.WaitingCount() != 0 {
			t.Errorf("today is %s, opened %v, %d wait", v.Date, v.State.Opened(), v.State.WaitingCount())
		}
		want := []queue.Binding{{Slot: 0, Store: "9f3a"}}
		if diff := cmp.Diff(want, v.State.Bindings("K1")); diff != "" {
			t.Errorf("bindings (-want +got):\n%s", diff)
		}
		old, err := w.ViewOf(t.Context(), km, date)
		if err != nil || !old.State.Closed() {
			t.Errorf("yesterday is closed: %v, %v", old.State.Closed(), err)
		}
		if got := numberOf(w.must(queue.IssueTicket{Service: "moving", Channel: queue.ChannelReception})); got != "A001" {
			t.Errorf("the new day begins with %s", got)
		}
	})
}

func TestLatePushGoesIntoItsOwnDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		w := run(t, options("a", store))
		today := w.must(issue()).View.Head
		bodies := kioskFacts(t, "kiosk/K1/9f3a", 3)
		for range 2 { // sent twice
			origin, err := w.Push(t.Context(), km, "2026-03-30", bodies, nil)
			if err != nil || origin.Number != 3 {
				t.Fatalf("origin at %d, %v", origin.Number, err)
			}
		}
		if _, err := w.Push(t.Context(), km, "2026-03-30", bodies[2:], nil); err != nil {
			t.Errorf("the last again: %v", err)
		}
		if w.view().Head != today {
			t.Error("today's log has moved")
		}
		time.Sleep(2 * time.Second) // the old day closes
		v, err := w.ViewOf(t.Context(), km, "2026-03-30")
		if err != nil || len(v.State.Tickets()) != 3 || !v.State.Closed() {
			t.Errorf("%d tickets, closed %v, %v", len(v.State.Tickets()), v.State.Closed(), err)
		}
		if o, err := w.Origin(t.Context(), km, "2026-03-30", "kiosk/K1/9f3a"); err != nil || o.Number != 3 {
			t.Errorf("origin %d, %v", o.Number, err)
		}
		for _, bad := range []queue.Date{"2026-04-03", "2025-01-01", "yesterday"} {
			if _, err := w.Push(t.Context(), km, bad, bodies, nil); code(err) != string(queue.OutOfRange) {
				t.Errorf("%s: %v", bad, err)
			}
		}
	})
}

// opens counts how often a stream's log is opened: two times for each life of a day.
type opens struct {
	eventlog.Store
	count sync.Map
}

func (s *opens) Open(name string) (eventlog.Log, error) {
	n, _ := s.count.LoadOrStore(name, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	return s.Store.Open(name)
}

func TestIdleDaysAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &opens{Store: memlog.New()}
		w := run(t, options("a", store))
		late := func() int64 {
			if _, err := w.Push(t.Context(), km, "2026-03-30", kioskFacts(t, "kiosk/K1/9f3a", 1), nil); err != nil {
				t.Fatal(err)
			}
			n, _ := store.count.Load(day.Stream(km, "2026-03-30"))
			return n.(*atomic.Int64).Load()
		}
		first := late()
		time.Sleep(9 * time.Minute)
		if again := late(); again > first+1 { // the listener may have come later
			t.Errorf("opened %d times, then %d: closed although it was used", first, again)
		}
		time.Sleep(11 * time.Minute)
		before, _ := store.count.Load(day.Stream(km, "2026-03-30"))
		closed := before.(*atomic.Int64).Load()
		if again := late(); again == closed {
			t.Errorf("still open after %v", 11*time.Minute)
		}
	})
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		o := options("a", store)
		var version atomic.Value
		version.Store("1")
		o.Settings = func(id queue.OfficeID, on queue.Date) (queue.Settings, error) {
			s := settings(id, on)
			s.Version = version.Load().(string)
			return s, nil
		}
		w := run(t, o)
		w.must(queue.BindRange{Kiosk: "K1", Store: "9f3a"})
		before := w.view().Head
		if err := w.Reload(t.Context()); err != nil || w.view().Head != before {
			t.Errorf("nothing changed: %v, head %d", err, w.view().Head.Number)
		}
		version.Store("2")
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := w.view().State
		if s.Settings().Version != "2" || len(s.Bindings("K1")) != 1 {
			t.Errorf("version %s, bindings %v", s.Settings().Version, s.Bindings("K1"))
		}
	})
}

func TestStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := run(t, options("a", memlog.New()))
		w.must(issue())
		w.end()
		if _, err := w.Do(t.Context(), km, w.request(issue())); code(err) != office.StoreUnreachable {
			t.Errorf("Do behind the end: %v", err)
		}
		if v := w.view(); v.State.WaitingCount() != 1 {
			t.Error("the last view is gone")
		}
	})
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	o := options("a", memlog.New())
	o.Registerer = registry
	w := run(t, o)
	w.must(issue())
	w.end()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[f.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	if got["machi_office_commands_total"] != 1 || got["machi_office_waiting_tickets"] != 1 || got["machi_office_append_seconds"] < 2 {
		t.Errorf("metrics %v", got)
	}
	if _, err := office.New(o); err == nil {
		t.Error("a second ward registered the same metrics")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, change := range map[string]func(*office.Options){
		"no store":  func(o *office.Options) { o.Store = nil },
		"no server": func(o *office.Options) { o.Server = "" },
		"no clock":  func(o *office.Options) { o.Now = nil },
	} {
		o := options("a", memlog.New())
		change(&o)
		if _, err := office.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
