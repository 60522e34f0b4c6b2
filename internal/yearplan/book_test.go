package yearplan_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
	"machi/internal/yearplan"
)

var now = time.Date(2026, 5, 1, 10, 0, 0, 0, queue.JST)

func open(t *testing.T, log eventlog.Log) *yearplan.Book {
	t.Helper()
	b, err := yearplan.Open(t.Context(), log, func(f string) bool { return f == "visit_p50" }, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func stream(t *testing.T) eventlog.Log {
	t.Helper()
	log, err := memlog.New().Open(yearplan.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func act(command string) yearplan.Act { return yearplan.Act{By: "tanaka", Command: command} }

func target(v float64) *float64 { return &v }

// TestEveryServerTellsTheSameTable writes through one server and reads through another.
func TestEveryServerTellsTheSameTable(t *testing.T) {
	log, ctx := stream(t), t.Context()
	b := open(t, log)
	action, err := b.Add(ctx, act("c1"), yearplan.Item{Name: " ①繁忙期の応援体制構築 ", Owner: "地域行政部"})
	if err != nil || action.Name != "①繁忙期の応援体制構築" {
		t.Fatalf("%+v, %v", action, err)
	}
	figure, err := b.Add(ctx, act("c2"), yearplan.Item{Office: "km-setagaya", Figure: "visit_p50"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.Plan(ctx, act("c3"), action.ID, 1, 2026, yearplan.Year{Plan: "実施・検証", Result: "4支所で\r\n18時まで延長"}); err != nil {
		t.Fatal(err)
	}
	if _, err = b.Plan(ctx, act("c4"), figure.ID, 1, 2026, yearplan.Year{Target: target(35), Notes: "昼の応援を2名に"}); err != nil {
		t.Fatal(err)
	}
	other := open(t, log)
	ward, office := other.Items("", false), other.Items("km-setagaya", false)
	if len(ward) != 1 || ward[0].Years[2026].Result != "4支所で\n18時まで延長" || ward[0].Years[2026].By != "tanaka" || ward[0].Owner != "地域行政部" {
		t.Errorf("the ward: %+v", ward)
	}
	if len(office) != 1 || *office[0].Years[2026].Target != 35 || office[0].Version != 2 {
		t.Errorf("the office: %+v", office)
	}
	if h := other.History("km-setagaya"); len(h) != 2 || h[0].Did != yearplan.Planned || h[0].Before != nil || *h[0].After.Target != 35 {
		t.Errorf("history: %+v", h)
	}
}

func TestACommandSentAgainChangesNothing(t *testing.T) {
	ctx, b := t.Context(), open(t, stream(t))
	first, err := b.Add(ctx, act("c1"), yearplan.Item{Name: "予約"})
	again, err2 := b.Add(ctx, act("c1"), yearplan.Item{Name: "予約"})
	if err != nil || err2 != nil || first.ID != again.ID || len(b.Items("", false)) != 1 {
		t.Errorf("%+v, %v; %+v, %v", first, err, again, err2)
	}
	if _, err := b.Plan(ctx, act("c2"), first.ID, 1, 2026, yearplan.Year{Plan: "実施"}); err != nil {
		t.Fatal(err)
	}
	if i, err := b.Plan(ctx, act("c3"), first.ID, 2, 2026, yearplan.Year{Plan: "実施"}); err != nil || i.Version != 2 {
		t.Errorf("the same plan is a change: %+v, %v", i, err)
	}
}

// TestAKeyOfAnotherOfficeIsNobodysBusiness has managers of two offices choose the same
// key: neither is shown the other's row, or loses a change.
func TestAKeyOfAnotherOfficeIsNobodysBusiness(t *testing.T) {
	ctx, b := t.Context(), open(t, stream(t))
	ours, err := b.Add(ctx, act("c1"), yearplan.Item{Office: "km-setagaya", Name: "予約"})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.Add(ctx, act("c1"), yearplan.Item{Office: "km-kitazawa", Name: "応援"})
	if err != nil || theirs.Office != "km-kitazawa" || theirs.Name != "応援" || theirs.ID == ours.ID || len(b.Items("km-kitazawa", false)) != 1 {
		t.Errorf("%+v, %v", theirs, err)
	}
	if _, err := b.Remove(ctx, act("c2"), ours.ID, ours.Version); err != nil {
		t.Fatal(err)
	}
	if i, err := b.Plan(ctx, act("c2"), theirs.ID, theirs.Version, 2026, yearplan.Year{Notes: "内緒"}); err != nil || i.Office != "km-kitazawa" || i.Years[2026].Notes != "内緒" {
		t.Errorf("%+v, %v", i, err)
	}
	if i, err := b.Add(ctx, act("c1"), yearplan.Item{Office: "km-tamagawa", Name: "案内"}); err != nil || i.Office != "km-tamagawa" || len(b.Items("km-setagaya", false)) != 0 {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestAKeyThatAnotherRowWasChangedByIsRefused(t *testing.T) {
	ctx, b := t.Context(), open(t, stream(t))
	first, _ := b.Add(ctx, act("c1"), yearplan.Item{Name: "予約"})
	second, _ := b.Add(ctx, act("c2"), yearplan.Item{Name: "応援"})
	var fault *yearplan.Fault
	if _, err := b.Plan(ctx, act("c1"), second.ID, 1, 2026, yearplan.Year{Plan: "実施"}); !errors.As(err, &fault) || fault.Field != "Idempotency-Key" {
		t.Errorf("%v", err)
	}
	if i, _ := b.Item(second.ID); len(i.Years) != 0 || first.ID == second.ID {
		t.Errorf("%+v", i)
	}
}

func TestOfTwoManagersTheSecondIsTold(t *testing.T) {
	ctx, log := t.Context(), stream(t)
	b := open(t, log)
	i, err := b.Add(ctx, act("c1"), yearplan.Item{Name: "予約"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, log).Plan(ctx, act("c2"), i.ID, i.Version, 2026, yearplan.Year{Plan: "実施"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Plan(ctx, act("c3"), i.ID, i.Version, 2026, yearplan.Year{Plan: "検証"}); !errors.Is(err, yearplan.ErrVersion) {
		t.Errorf("%v", err)
	}
	if got := b.Items("", false)[0].Years[2026].Plan; got != "実施" {
		t.Errorf("the plan is %s", got)
	}
}

func TestARowThatWasRemovedComesBackAsItWas(t *testing.T) {
	ctx, b := t.Context(), open(t, stream(t))
	i, _ := b.Add(ctx, act("c1"), yearplan.Item{Figure: "visit_p50"})
	i, _ = b.Plan(ctx, act("c2"), i.ID, i.Version, 2026, yearplan.Year{Target: target(30)})
	i, err := b.Remove(ctx, act("c3"), i.ID, i.Version)
	if err != nil || len(b.Items("", false)) != 0 || len(b.Items("", true)) != 1 {
		t.Fatalf("removed: %+v, %v", i, err)
	}
	i, err = b.Add(ctx, act("c4"), yearplan.Item{Figure: "visit_p50"})
	if err != nil || *i.Years[2026].Target != 30 || i.Removed {
		t.Errorf("added again: %+v, %v", i, err)
	}
	i, _ = b.Remove(ctx, act("c5"), i.ID, i.Version)
	if i, err = b.Restore(ctx, act("c6"), i.ID, i.Version); err != nil || i.Removed || len(b.History("")) != 6 {
		t.Errorf("restored: %+v, %v, %d entries", i, err, len(b.History("")))
	}
}

func TestWhatCannotBeChangesNothing(t *testing.T) {
	ctx, b := t.Context(), open(t, stream(t))
	action, _ := b.Add(ctx, act("a"), yearplan.Item{Name: "予約"})
	figure, _ := b.Add(ctx, act("f"), yearplan.Item{Figure: "visit_p50"})
	plan := func(id string, year int, y yearplan.Year) func(context.Context, yearplan.Act) error {
		return func(ctx context.Context, a yearplan.Act) error {
			_, err := b.Plan(ctx, a, id, 1, year, y)
			return err
		}
	}
	add := func(i yearplan.Item) func(context.Context, yearplan.Act) error {
		return func(ctx context.Context, a yearplan.Act) error { _, err := b.Add(ctx, a, i); return err }
	}
	for name, c := range map[string]struct {
		do    func(context.Context, yearplan.Act) error
		field string
	}{
		"no name":             {add(yearplan.Item{Name: " "}), "name"},
		"a name too long":     {add(yearplan.Item{Name: strings.Repeat("あ", 101)}), "name"},
		"a line break":        {add(yearplan.Item{Name: "a\nb"}), "name"},
		"an unknown figure":   {add(yearplan.Item{Figure: "luck"}), "figure"},
		"a figure twice":      {add(yearplan.Item{Figure: "visit_p50"}), "figure"},
		"a year long past":    {plan(figure.ID, 1990, yearplan.Year{Plan: "x"}), "year"},
		"a number in words":   {plan(action.ID, 2026, yearplan.Year{Target: target(3)}), "target"},
		"a negative target":   {plan(figure.ID, 2026, yearplan.Year{Target: target(-1)}), "target"},
		"a result too long":   {plan(figure.ID, 2026, yearplan.Year{Result: strings.Repeat("あ", 1001)}), "result"},
		"a control character": {plan(figure.ID, 2026, yearplan.Year{Notes: "a\x00b"}), "notes"},
	} {
		var fault *yearplan.Fault
		if err := c.do(ctx, act(name)); !errors.As(err, &fault) || fault.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.Remove(ctx, act("u"), "nobody", 0); !errors.Is(err, yearplan.ErrUnknown) {
		t.Errorf("unknown: %v", err)
	}
	if n := len(b.History("")); n != 2 {
		t.Errorf("%d entries", n)
	}
}

func TestATableHasAnEnd(t *testing.T) {
	ctx, b := t.Context(), open(t, stream(t))
	for n := range yearplan.MaxItems {
		if _, err := b.Add(ctx, act(string(rune('a'+n))), yearplan.Item{Name: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Add(ctx, act("more"), yearplan.Item{Name: "x"}); !errors.Is(err, yearplan.ErrFull) {
		t.Errorf("%v", err)
	}
	if _, err := b.Add(ctx, act("elsewhere"), yearplan.Item{Office: "km-kitazawa", Name: "x"}); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
}
