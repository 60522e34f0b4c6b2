package rulebook_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/catalog"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
	"machi/internal/rulebook"
)

var morning = time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)

func now() time.Time { return morning }

func base(id queue.OfficeID) (queue.Rule, error) {
	if id != "o" && id != "p" {
		return queue.Rule{}, errors.New("no such office")
	}
	return queue.DefaultRule(), nil
}

func open(t *testing.T, log eventlog.Log) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Open(t.Context(), log, base, now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newLog(t *testing.T) eventlog.Log {
	t.Helper()
	log, err := memlog.New().Open(rulebook.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// change returns a change of what is in force.
func change(t *testing.T, b *rulebook.Book, command string, edit func(*rulebook.Rule)) rulebook.Change {
	t.Helper()
	rule, version, err := b.Current("o")
	if err != nil {
		t.Fatal(err)
	}
	edit(&rule)
	return rulebook.Change{Office: "o", Command: command, By: "tanaka", Version: version, Rule: rule, Reason: "混雑のため"}
}

func TestARuleIsSetKeptAndTakenBack(t *testing.T) {
	log := newLog(t)
	b := open(t, log)
	if err := b.Set(t.Context(), change(t, b, "c1", func(r *rulebook.Rule) { r.Ratio, r.MaxWait = 3, 45*60 })); err != nil {
		t.Fatal(err)
	}
	for name, book := range map[string]*rulebook.Book{"its own": b, "a later": open(t, log)} {
		rule, version, err := book.Current("o")
		if err != nil || version != "1" || rule.Ratio != 3 || rule.MaxWait != 45*60 {
			t.Errorf("%s book: %+v, version %s, %v", name, rule, version, err)
		}
		over := book.Over("o", queue.DefaultRule())
		if over.Ratio != 3 || over.MaxWait != 45*time.Minute || over.MaxWaiting != queue.DefaultRule().MaxWaiting || over.Reading != queue.Reading {
			t.Errorf("%s book lays %+v over the catalogue", name, over)
		}
		if book.Over("p", queue.DefaultRule()) != queue.DefaultRule() {
			t.Error("another office's rule changed")
		}
	}
	undo := change(t, b, "c2", func(*rulebook.Rule) {})
	undo.Rule = b.History("o")[0].Before
	if err := b.Set(t.Context(), undo); err != nil {
		t.Fatal(err)
	}
	again := change(t, b, "c3", func(*rulebook.Rule) {})
	again.Catalogue = true
	if err := b.Set(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	h := b.History("o")
	if len(h) != 3 || !h[0].Catalogue || h[1].After != h[2].Before || h[2].By != "tanaka" || !h[2].At.Equal(morning) || h[2].Reason == "" {
		t.Errorf("history %+v", h)
	}
	if b.Over("o", queue.DefaultRule()) != queue.DefaultRule() {
		t.Error("the catalogue's rule does not hold again")
	}
}

func TestOfTwoManagersTheSecondIsTold(t *testing.T) {
	log := newLog(t)
	one, two := open(t, log), open(t, log)
	first := change(t, one, "c1", func(r *rulebook.Rule) { r.Ratio = 3 })
	second := change(t, two, "c2", func(r *rulebook.Rule) { r.Ratio = 4 })
	if err := one.Set(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := two.Set(t.Context(), second); !errors.Is(err, rulebook.ErrVersion) {
		t.Errorf("the second: %v", err)
	}
	if err := two.Set(t.Context(), first); err != nil {
		t.Errorf("the first, sent again elsewhere: %v", err)
	}
	if h := two.History("o"); len(h) != 1 || h[0].After.Ratio != 3 {
		t.Errorf("history %+v", h)
	}
}

func TestAnotherServerFollows(t *testing.T) {
	log := newLog(t)
	one, two := open(t, log), open(t, log)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = two.Run(ctx) })
	defer running.Wait()
	defer cancel()
	changed := two.Changed()
	if err := one.Set(t.Context(), change(t, one, "c1", func(r *rulebook.Rule) { r.MaxOvertaken = 5 })); err != nil {
		t.Fatal(err)
	}
	<-changed
	if two.Over("o", queue.DefaultRule()).MaxOvertaken != 5 {
		t.Error("the other server runs by the old rule")
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	b := open(t, newLog(t))
	for _, row := range []struct {
		field string
		edit  func(*rulebook.Rule)
	}{
		{"ratio", func(r *rulebook.Rule) { r.Ratio = 11 }},
		{"ratio", func(r *rulebook.Rule) { r.Ratio = -1 }},
		{"max_wait_seconds", func(r *rulebook.Rule) { r.MaxWait = 60 }},
		{"max_overtaken", func(r *rulebook.Rule) { r.MaxOvertaken = 1 }},
		{"max_overtaken", func(r *rulebook.Rule) { r.MaxOvertaken, r.MaxWait = 0, 0 }},
		{"appointment_early_seconds", func(r *rulebook.Rule) { r.AppointmentEarly = 3601 }},
		{"no_show_calls", func(r *rulebook.Rule) { r.NoShowCalls = 6 }},
		{"undo_seconds", func(r *rulebook.Rule) { r.Undo = 0 }},
		{"choose", func(r *rulebook.Rule) { r.Choose = "everybody" }},
	} {
		var fault *rulebook.Fault
		if err := b.Set(t.Context(), change(t, b, "c", row.edit)); !errors.As(err, &fault) || fault.Field != row.field {
			t.Errorf("%s: %v", row.field, err)
		}
	}
	long := change(t, b, "c", func(r *rulebook.Rule) { r.Ratio = 1 })
	long.Reason = strings.Repeat("x", rulebook.MaxReason+1)
	if b.Set(t.Context(), long) == nil {
		t.Error("a reason without end was taken")
	}
	if err := b.Set(t.Context(), rulebook.Change{Office: "q", Version: "0"}); err == nil {
		t.Error("an office that does not exist has a rule")
	}
	if err := b.Set(t.Context(), change(t, b, "c", func(*rulebook.Rule) {})); err != nil || len(b.History("o")) != 0 {
		t.Errorf("a change of nothing: %v, history %+v", err, b.History("o"))
	}
}

// What a manager may set, an operator may write into a catalogue.
func TestLimitsLieWithinTheCatalogues(t *testing.T) {
	for _, limit := range rulebook.Limits {
		most, counts := catalog.RuleCounts[limit.Field]
		if !counts && strings.HasSuffix(limit.Field, "_seconds") {
			most = int(catalog.RuleSpan / time.Second)
		}
		if most == 0 || limit.High > most || limit.Low < 0 || limit.Step < 1 {
			t.Errorf("%+v, the catalogue allows up to %d", limit, most)
		}
		if r := rulebook.Of(queue.DefaultRule()); *r.Field(limit.Field) != 0 && r.Check(rulebook.Rule{}) != nil {
			t.Errorf("the default rule: %v", r.Check(rulebook.Rule{}))
		}
	}
}

func TestARuleSurvivesTheWayThere(t *testing.T) {
	for _, rule := range []queue.Rule{queue.DefaultRule(), {}, {Choose: queue.ChooseNobody, Ratio: 3, SkipFor: time.Minute, MaxWaiting: 7}} {
		if back := rulebook.Of(rule).Over(rule); back != rule {
			t.Errorf("%+v came back as %+v", rule, back)
		}
	}
}

// TestADayOfAnOlderReleaseRunsByWhatItCanFollow: nobody waits for the rest of it.
func TestADayOfAnOlderReleaseRunsByWhatItCanFollow(t *testing.T) {
	base := queue.DefaultRule()
	rule := rulebook.Of(base)
	rule.Ratio, rule.Choose = 7, queue.ChooseManager
	late := rule
	late.Ratio = 6
	for reading, day := range map[int]queue.Rule{0: rule.Over(base).In(0), 1: rule.Over(base)} {
		if !rule.RunBy(day) || late.RunBy(day) {
			t.Errorf("reading %d: %v, and another rule %v", reading, rule.RunBy(day), late.RunBy(day))
		}
	}
	if without := base; rule.RunBy(without) {
		t.Error("a day that runs by the catalogue's rule")
	}
}
