package live_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/eventlog"
	"machi/internal/eventlog/bell"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
)

// offices is a source of views: office "o", whose state the domain itself makes.
type offices struct {
	t    *testing.T
	bell bell.Bell

	mu    sync.Mutex
	state *queue.State
	head  eventlog.Head
	asked int
}

var morning = time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)

func newOffices(t *testing.T) *offices {
	o := &offices{t: t, state: queue.New(), head: eventlog.Head{Incarnation: eventlog.Incarnation{1}}}
	o.do(queue.OpenDay{Settings: queue.Settings{
		Office: "o", Date: "2026-04-01", Rule: queue.DefaultRule(),
		Services: []queue.ServiceSettings{{ID: "cert", Series: "A", Stages: []queue.Stage{queue.StageReception}}},
		Series:   []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 799}}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"cert"}, Stages: []queue.Stage{queue.StageReception}}},
	}})
	return o
}

func (o *offices) do(c queue.Command) {
	o.t.Helper()
	o.mu.Lock()
	defer o.bell.Ring()
	defer o.mu.Unlock()
	o.head.Number++
	m := queue.Meta{Command: queue.CommandID(fmt.Sprint(o.head.Number)), At: morning, Actor: queue.Actor{Role: queue.RoleStaff, ID: "x"}}
	events, err := queue.Decide(o.state, m, c)
	if err != nil {
		o.t.Fatal(err)
	}
	next := o.state.Clone()
	if err := next.Apply(queue.Entry{Meta: m, Events: events}); err != nil {
		o.t.Fatal(err)
	}
	o.state = next
}

func (o *offices) issue() {
	o.t.Helper()
	o.mu.Lock()
	n := o.head.Number
	o.mu.Unlock()
	o.do(queue.IssueTicket{
		Ticket: queue.TicketID(fmt.Sprintf("s-%d", n)), Service: "cert", Channel: queue.ChannelKiosk, Secret: fmt.Sprintf("hash-%d", n),
	})
}

func (o *offices) View(queue.OfficeID) (office.View, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	return office.View{Office: "o", Date: "2026-04-01", State: o.state, Head: o.head, At: morning}, nil
}

func (o *offices) Wait(ctx context.Context, id queue.OfficeID, after eventlog.Head) error {
	return o.bell.Wait(ctx, 0, func() (bool, error) {
		v, err := o.View(id)
		return v.Head != after, err
	})
}

// hub returns a hub over the offices that runs until the test ends.
func hub(t *testing.T, o *offices, change func(*live.Options)) (*live.Hub, context.CancelFunc) {
	t.Helper()
	options := live.Options{
		Views: o, Offices: func() []queue.OfficeID { return []queue.OfficeID{"o"} },
		Info: func(id queue.OfficeID) (board.Info, bool) { return board.Info{ID: id}, id == "o" },
		Now:  func() time.Time { return morning }, Start: "run",
	}
	if change != nil {
		change(&options)
	}
	h := live.New(options)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = h.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return h, cancel
}

func snapshot(t *testing.T, h *live.Hub) *live.Snapshot {
	t.Helper()
	s, err := h.Snapshot("o")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAFrameIsOfTheNewestHead(t *testing.T) {
	o := newOffices(t)
	h, _ := hub(t, o, nil)
	last := snapshot(t, h).Frame
	for n := range 50 {
		o.issue()
		f := snapshot(t, h).Frame
		if f.Board.Waiting != n+1 || f.Seq <= last.Seq || f.Epoch != last.Epoch || f.Board.Seq != f.Seq {
			t.Fatalf("after %d tickets: waiting %d, number %d after %d", n+1, f.Board.Waiting, f.Seq, last.Seq)
		}
		last = f
	}
	if again := snapshot(t, h).Frame; again != last {
		t.Errorf("the same head was shown twice, as %d and %d", last.Seq, again.Seq)
	}
}

// TestASlowWatcherIsGivenTheNewest while it looks away for many states.
func TestASlowWatcherIsGivenTheNewest(t *testing.T) {
	o := newOffices(t)
	h, _ := hub(t, o, nil)
	w, err := h.Subscribe([]queue.OfficeID{"o", "o"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for range 100 {
		o.issue()
		snapshot(t, h)
	}
	frames, err := w.Next(t.Context())
	if err != nil || len(frames) != 1 || frames[0].Board.Waiting != 100 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	if left := w.Frames(); len(left) != 0 {
		t.Errorf("%d frames were kept", len(left))
	}
}

// TestWatchersFollowWithoutBeingAsked: nobody but the hub looks at the offices.
func TestWatchersFollowWithoutBeingAsked(t *testing.T) {
	o := newOffices(t)
	h, _ := hub(t, o, nil)
	w, err := h.Subscribe([]queue.OfficeID{"o"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	o.issue()
	for seen := 0; seen < 1; {
		frames, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen = frames[len(frames)-1].Board.Waiting
	}
}

func TestEstimatesAgeAndAreMadeAgain(t *testing.T) {
	o := newOffices(t)
	h, _ := hub(t, o, func(x *live.Options) { x.Refresh = time.Millisecond })
	w, err := h.Subscribe([]queue.OfficeID{"o"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for last := uint64(0); last < 3; {
		frames, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last = frames[0].Seq
	}
}

func TestWatchersAreBoundedAndGiveTheirPlaceBack(t *testing.T) {
	h, stop := hub(t, newOffices(t), func(x *live.Options) { x.MaxWatchers = 1 })
	w, err := h.Subscribe([]queue.OfficeID{"o"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Subscribe([]queue.OfficeID{"o"}); !errors.Is(err, live.ErrTooManyWatchers) {
		t.Errorf("the second watcher: %v", err)
	}
	w.Close()
	w.Close()
	if w, err = h.Subscribe([]queue.OfficeID{"o"}); err != nil {
		t.Fatal(err)
	}
	w.Frames()
	stop()
	<-w.Done()
	if _, err := h.Subscribe([]queue.OfficeID{"o"}); !errors.Is(err, live.ErrClosed) && !errors.Is(err, live.ErrTooManyWatchers) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := h.Subscribe([]queue.OfficeID{"x"}); !errors.Is(err, live.ErrUnknownOffice) {
		t.Errorf("an unknown office: %v", err)
	}
}

func TestATicketIsFoundByTheHashOfItsSecret(t *testing.T) {
	o := newOffices(t)
	h, _ := hub(t, o, nil)
	o.issue()
	o.issue()
	if _, ticket, ok := h.TicketBySecret("hash-2"); !ok || ticket.Number != "A002" {
		t.Errorf("found %v, %v", ticket, ok)
	}
	if _, ticket, ok := h.TicketBySecret("hash-9"); ok {
		t.Errorf("found %v", ticket)
	}
	if _, _, ok := h.TicketBySecret(""); ok {
		t.Error("found a ticket by nothing")
	}
}

// TestManyAskersShareOneProjection under commands and watchers at once.
func TestManyAskersAtOnce(t *testing.T) {
	o := newOffices(t)
	h, _ := hub(t, o, nil)
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			w, err := h.Subscribe([]queue.OfficeID{"o"})
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			last := uint64(0)
			for range 50 {
				s, err := h.Snapshot("o")
				if err != nil || s.Frame.Seq < last {
					t.Errorf("number %d after %d: %v", s.Frame.Seq, last, err)
				}
				last = s.Frame.Seq
				w.Frames()
			}
		})
	}
	for range 50 {
		o.issue()
	}
	askers.Wait()
	if f := snapshot(t, h).Frame; f.Board.Waiting != 50 {
		t.Errorf("waiting %d", f.Board.Waiting)
	}
}
