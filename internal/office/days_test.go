package office_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
)

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
			synctest.Wait() // the day's listener, and today's look at earlier days
			n, _ := store.count.Load(day.Stream(km, "2026-03-30"))
			return n.(*atomic.Int64).Load()
		}
		first := late()
		time.Sleep(9 * time.Minute)
		if again := late(); again != first {
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
