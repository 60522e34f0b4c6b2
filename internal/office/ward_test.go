package office_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/office"
	"machi/internal/queue"
)

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

// sums adds up each metric's series.
func sums(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
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
	return got
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	o := options("a", memlog.New())
	o.Registerer = registry
	w := run(t, o)
	w.must(issue())
	w.end()
	got := sums(t, registry)
	if got["machi_office_commands_total"] != 1 || got["machi_office_waiting_tickets"] != 1 || got["machi_office_append_seconds"] < 2 {
		t.Errorf("metrics %v", got)
	}
	if _, err := office.New(o); err == nil {
		t.Error("a second ward registered the same metrics")
	}
}

func TestCallsAfterTheShownUpperEndAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		o := options("a", memlog.New())
		o.Registerer = registry
		w := run(t, o)
		told := func(low, high time.Duration) queue.IssueTicket {
			c := issue().(queue.IssueTicket)
			c.Quote = &queue.Quote{Low: low, P50: low, High: high}
			return c
		}
		w.must(queue.OpenCounter{Counter: "1"})
		w.must(told(0, 10*time.Minute))               // late
		w.must(told(5*time.Minute, 15*time.Minute))   // in time, to the minute
		w.must(told(70*time.Minute, 150*time.Minute)) // no upper end
		w.must(issue())                               // nothing
		time.Sleep(15 * time.Minute)                  // of the bubble
		w.must(queue.CallNext{Counter: "1"})
		for range 3 {
			w.must(queue.FinishAndCallNext{Counter: "1"})
		}
		w.end()
		if got := sums(t, registry); got["machi_office_told_calls_total"] != 2 || got["machi_office_told_calls_late_total"] != 1 {
			t.Errorf("called %v, late %v, want 2 and 1", got["machi_office_told_calls_total"], got["machi_office_told_calls_late_total"])
		}
	})
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
