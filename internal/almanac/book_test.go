package almanac_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"machi/internal/almanac"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
)

func now() time.Time { return time.Date(2026, 4, 6, 9, 0, 0, 0, queue.JST) }

func open(t *testing.T, log eventlog.Log) *almanac.Book {
	t.Helper()
	b, err := almanac.Open(t.Context(), log, now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func change(command string) almanac.Change {
	return almanac.Change{Office: "o", Command: command, By: "tanaka"}
}

func TestAWordIsKeptReplacedAndTakenBack(t *testing.T) {
	log, err := memlog.New().Open(almanac.Stream)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, log)
	say := func(command string, r almanac.Remark) {
		t.Helper()
		if err := b.Say(t.Context(), change(command), r); err != nil {
			t.Fatal(err)
		}
	}
	say("c1", almanac.Remark{Date: "2026-04-07", Level: "busy", Reason: "臨時窓口を閉めます"})
	say("c2", almanac.Remark{Date: "2026-04-07", Percent: 130, Reason: " 一斉発送の翌日 "})
	say("c2", almanac.Remark{Date: "2026-04-07", Level: "quiet", Reason: "同じ指示をもう一度"})
	for name, book := range map[string]*almanac.Book{"its own": b, "a later": open(t, log)} {
		r, said := book.Remark("o", "2026-04-07")
		if !said || r.Percent != 130 || r.Level != "" || r.Reason != "一斉発送の翌日" || r.By != "tanaka" || !r.At.Equal(now()) {
			t.Errorf("%s book says %+v, %v", name, r, said)
		}
		if n := len(book.History("o")); n != 2 {
			t.Errorf("%s book knows %d changes, want 2", name, n)
		}
		if _, said := book.Remark("p", "2026-04-07"); said {
			t.Errorf("%s book says it of another office", name)
		}
	}
	if err := b.Unsay(t.Context(), change("c3"), "2026-04-07"); err != nil {
		t.Fatal(err)
	}
	if err := b.Unsay(t.Context(), change("c4"), "2026-04-07"); !errors.Is(err, almanac.ErrUnknown) {
		t.Errorf("taken back twice: %v", err)
	}
	if list := b.Remarks("o", "2026-04-01"); len(list) != 0 {
		t.Errorf("what was taken back is there: %v", list)
	}
}

func TestEventsAreThereOnTheirDays(t *testing.T) {
	log, err := memlog.New().Open(almanac.Stream)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, log)
	for i, e := range []almanac.Event{
		{ID: "late", Name: "予防注射済票", From: "2026-05-01", To: "2026-05-31", Services: []queue.ServiceID{"dog"}},
		{ID: "early", Name: "10円キャンペーン", From: "2026-04-01", To: "2026-04-10", Percent: 80},
	} {
		if err := b.Add(t.Context(), change(string(rune('a'+i))), e); err != nil {
			t.Fatal(err)
		}
	}
	list := b.Events("o")
	if len(list) != 2 || list[0].ID != "early" || !list[0].On("2026-04-10") || list[0].On("2026-04-11") || list[1].On("2026-04-30") {
		t.Errorf("%+v", list)
	}
	if err := b.Remove(t.Context(), change("x"), "early"); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), change("y"), "early"); !errors.Is(err, almanac.ErrUnknown) {
		t.Errorf("removed twice: %v", err)
	}
	if list := open(t, log).Events("o"); len(list) != 1 || list[0].ID != "late" {
		t.Errorf("%+v", list)
	}
}

func TestWhatCannotBeSaidChangesNothing(t *testing.T) {
	log, err := memlog.New().Open(almanac.Stream)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, log)
	good := almanac.Remark{Date: "2026-04-07", Level: "busy", Reason: "理由"}
	event := almanac.Event{ID: "e", Name: "催し", From: "2026-04-07", To: "2026-04-08"}
	for want, err := range map[string]error{
		"level":    b.Say(t.Context(), change("1"), with(good, func(r *almanac.Remark) { r.Level = "" })),
		"level ":   b.Say(t.Context(), change("2"), with(good, func(r *almanac.Remark) { r.Level = "closed" })),
		"percent":  b.Say(t.Context(), change("3"), with(good, func(r *almanac.Remark) { r.Percent = 501 })),
		"percent ": b.Say(t.Context(), change("4"), with(good, func(r *almanac.Remark) { r.Percent = -5 })),
		"reason":   b.Say(t.Context(), change("5"), with(good, func(r *almanac.Remark) { r.Reason = "  " })),
		"reason ":  b.Say(t.Context(), change("6"), with(good, func(r *almanac.Remark) { r.Reason = strings.Repeat("長", almanac.MaxReason+1) })),
		"date":     b.Say(t.Context(), change("7"), with(good, func(r *almanac.Remark) { r.Date = "2026-04-05" })),
		"date ":    b.Say(t.Context(), change("8"), with(good, func(r *almanac.Remark) { r.Date = "tomorrow" })),
		"name":     b.Add(t.Context(), change("9"), with(event, func(e *almanac.Event) { e.Name = "a\nb" })),
		"to":       b.Add(t.Context(), change("10"), with(event, func(e *almanac.Event) { e.From, e.To = "2026-04-09", "2026-04-08" })),
		"to ":      b.Add(t.Context(), change("11"), with(event, func(e *almanac.Event) { e.From = "2024-01-01" })),
		"from":     b.Add(t.Context(), change("12"), with(event, func(e *almanac.Event) { e.From = "x" })),
	} {
		var fault *almanac.Fault
		if !errors.As(err, &fault) || fault.Field != strings.TrimSpace(want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if len(b.History("o")) != 0 {
		t.Error("something was written")
	}
}

func with[T any](v T, edit func(*T)) T {
	edit(&v)
	return v
}
