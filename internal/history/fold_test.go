package history_test

import (
	"testing"

	"machi/internal/eventlog/memlog"
	"machi/internal/history"
	"machi/internal/queue"
)

// TestLessonsAreLearntOfTheNewestDays where a server learns of few.
func TestLessonsAreLearntOfTheNewestDays(t *testing.T) {
	store := memlog.New()
	c := &clock{at: on(t, "2026-04-04", "08:00")}
	a := history.NewArchive(history.ArchiveOptions{Store: store, Now: c.now})
	k, err := history.New(history.Options{
		Archive: a, Logs: store, Offices: func() []queue.OfficeID { return []queue.OfficeID{km} }, Now: c.now, Fold: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, date := range []queue.Date{"2026-04-01", "2026-04-02", "2026-04-03"} {
		if _, err := a.Put(t.Context(), busy(t, date, 2).build()); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Round(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if l, ok := k.Known(km, "2026-04-04"); !ok || l.From != "2026-04-02" || l.Tables != 2 {
		t.Errorf("from %s, %d tables, %v", l.From, l.Tables, ok)
	}
	if _, err := a.Put(t.Context(), busy(t, "2026-03-31", 2).build()); err != nil {
		t.Fatal(err)
	}
	busy(t, "2026-04-04", 2).keep(store)
	c.set(on(t, "2026-04-05", "08:00"))
	if err := k.Round(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if l, ok := k.Known(km, "2026-04-05"); !ok || l.From != "2026-04-02" || l.Tables != 3 {
		t.Errorf("an older day is learnt: from %s, %d tables, %v", l.From, l.Tables, ok)
	}
}
