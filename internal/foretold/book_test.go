package foretold_test

import (
	"slices"
	"sync"
	"testing"

	"machi/internal/eventlog/memlog"
	"machi/internal/foretold"
	"machi/internal/queue"
)

// world is a store and the day it is.
type world struct {
	store *memlog.Store
	mu    sync.Mutex
	today queue.Date
}

func (w *world) book() *foretold.Book {
	return foretold.New(foretold.Options{Store: w.store, KeepDays: 62, Today: func() queue.Date {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.today
	}})
}

func (w *world) on(d queue.Date) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.today = d
}

func said(made, date queue.Date, ahead int, level string) foretold.Night {
	return foretold.Night{Office: "o", Made: made, Days: []foretold.Day{{Date: date, Ahead: ahead, Level: level, Arrivals: [3]float64{80, 100, 120}}}}
}

func TestWhatWasToldFirstStays(t *testing.T) {
	w := &world{store: memlog.New(), today: "2026-03-30"}
	a, b := w.book(), w.book()
	if err := a.Tell(t.Context(), said("2026-03-30", "2026-04-06", 7, "busy")); err != nil {
		t.Fatal(err)
	}
	for _, book := range []*foretold.Book{b, a} {
		if err := book.Tell(t.Context(), said("2026-03-30", "2026-04-06", 7, "quiet")); err != nil {
			t.Fatal(err)
		}
	}
	w.on("2026-04-07") // the month is over
	for name, book := range map[string]*foretold.Book{"first": a, "second": b, "later": w.book()} {
		days, err := book.Told(t.Context(), "o", 7, "2026-04-01", "2026-04-30")
		if err != nil || len(days) != 1 || days[0].Level != "busy" || days[0].Arrivals[1] != 100 {
			t.Errorf("%s: %+v, %v", name, days, err)
		}
		if other, err := book.Told(t.Context(), "o", 28, "2026-04-01", "2026-04-30"); err != nil || len(other) != 0 {
			t.Errorf("%s, 28 days ahead: %+v, %v", name, other, err)
		}
	}
	if err := w.book().Tell(t.Context(), said("2026-03-31", "2026-04-07", 7, "busy")); err == nil {
		t.Error("a month that is over was told of")
	}
}

func TestWhatIsTooOldIsDeleted(t *testing.T) {
	w := &world{store: memlog.New(), today: "2026-01-15"}
	book := w.book()
	for _, date := range []queue.Date{"2026-01-15", "2026-02-16", "2026-05-01"} {
		w.on(date)
		if err := book.Tell(t.Context(), said(date, "2026-05-08", 7, "busy")); err != nil {
			t.Fatal(err)
		}
	}
	names, err := w.store.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if slices.Contains(names, "foretold@2026-01") || !slices.Contains(names, "foretold@2026-05") {
		t.Errorf("%v", names)
	}
}
