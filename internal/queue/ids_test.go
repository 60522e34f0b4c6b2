package queue_test

import (
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

func TestNumbersAreReadAsTyped(t *testing.T) {
	for typed, want := range map[string]queue.Number{
		"A012": "A012", " a12 ": "A012", "a1234": "A1234", "k1-7": "K1-0007", "k1b-7": "K1B-0007",
		"12": "12", "": "", "A": "A", "A-": "A-", "-5": "-5", "A0": "A0", "AX9Z": "AX9Z",
	} {
		if got := queue.NormalizeNumber(typed); got != want {
			t.Errorf("NormalizeNumber(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestADayBeginsAtThreeInJapan(t *testing.T) {
	for moment, want := range map[string]queue.Date{
		"2026-04-01T02:59:59+09:00": "2026-03-31", "2026-04-01T03:00:00+09:00": "2026-04-01",
		"2026-04-01T17:59:59Z": "2026-04-01", "2026-03-31T18:00:00Z": "2026-04-01",
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := queue.BusinessDay(at); got != want {
			t.Errorf("BusinessDay(%s) = %s, want %s", moment, got, want)
		}
	}
	from, to, err := queue.Date("2026-04-01").Bounds()
	if err != nil || queue.BusinessDay(from) != "2026-04-01" || queue.BusinessDay(to) != "2026-04-02" || to.Sub(from) != 24*time.Hour {
		t.Errorf("bounds %v to %v, %v", from, to, err)
	}
}

func TestOverflowNumbersAreCounted(t *testing.T) {
	rows := []struct {
		number queue.Number
		label  string
		want   int
	}{
		{"K1-0007", "K1", 7}, {"K1-0007", "K2", 0}, {"K1B-0007", queue.OverflowLabel("K1", 1), 7}, {"A007", "A", 0}, {"km-1-0003", "km-1", 3},
	}
	for _, row := range rows {
		if got := queue.OverflowCount(row.number, row.label); got != row.want {
			t.Errorf("OverflowCount(%s, %s) = %d, want %d", row.number, row.label, got, row.want)
		}
	}
	if got := queue.TicketID("K1.9f3a-000017").Issuer(); got != "K1.9f3a" {
		t.Errorf("issuer %q", got)
	}
	if got := queue.TicketID("nameless").Issuer(); got != "" {
		t.Errorf("issuer %q of an id without a serial", got)
	}
}

// TestAKioskCountsOn gives a kiosk's overflow the count that the machine itself
// remembers, which may be ahead of the log.
func TestAKioskCountsOn(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	press := func(overflow int) queue.Number {
		e := must(t, l, queuetest.Staff("x"), queue.IssueTicket{
			Ticket: l.Ticket(), Service: "cert", Channel: queue.ChannelKiosk, Pool: queue.PoolKiosk, Kiosk: "K1", Slot: 1, Overflow: overflow,
		})
		return e.Events[0].(queue.TicketIssued).Number
	}
	for _, row := range []struct {
		count int
		want  queue.Number
	}{{0, "K1B-0001"}, {9, "K1B-0009"}, {3, "K1B-0010"}} {
		if got := press(row.count); got != row.want {
			t.Errorf("with count %d: got %s, want %s", row.count, got, row.want)
		}
	}
}

func TestWhatScreensAsk(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	clerk := queuetest.Staff("x")
	for _, id := range []queue.TicketID{"a", "b", "c"} {
		l.At = l.At.Add(time.Second)
		must(t, l, clerk, queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk, Priority: id == "c"})
	}
	c, _ := l.State.Ticket("c")
	if got := l.State.Ahead(c); got != 2 {
		t.Errorf("%d ahead of c, want 2", got)
	}
	must(t, l, clerk, queue.OpenCounter{Counter: "1"})
	must(t, l, clerk, queue.CallNext{Counter: "1"})
	if l.State.Overtaken("a") != 1 || l.State.Overtaken("b") != 1 {
		t.Errorf("overtaken %d and %d times, want once each", l.State.Overtaken("a"), l.State.Overtaken("b"))
	}
	c, _ = l.State.Ticket("c")
	if got := l.State.Ahead(c); got != 0 {
		t.Errorf("%d ahead of a called ticket, want 0", got)
	}
	command, until, ok := l.State.Undoable("1", l.At)
	if outcome, known := l.State.Outcome(command); !ok || !known || !until.Equal(outcome.Meta.At.Add(time.Minute)) {
		t.Errorf("undoable %s until %v, %v", command, until, ok)
	}
	if _, _, ok := l.State.Undoable("1", l.At.Add(time.Hour)); ok {
		t.Error("undoable an hour later")
	}
	if !l.State.Opened() || !l.State.Moment().Equal(l.At) || l.State.Office().State != queue.Accepting {
		t.Errorf("opened %v at %v, office %v", l.State.Opened(), l.State.Moment(), l.State.Office())
	}
}

func TestWhenTheNextTickIsDue(t *testing.T) {
	if _, ok := queue.New().NextTick(); ok {
		t.Error("a day that is not open wants a tick")
	}
	l := inStatus(t, queue.NoShow)
	missed, _ := l.State.Ticket(subject)
	if at, ok := l.State.NextTick(); !ok || !at.Equal(missed.MissedAt.Add(10*time.Minute)) {
		t.Errorf("next tick %v, %v", at, ok)
	}
	_, end, err := l.State.Settings().Date.Bounds()
	if err != nil {
		t.Fatal(err)
	}
	l.At = end
	must(t, l, queuetest.Staff("x"), queue.Tick{})
	if _, ok := l.State.NextTick(); ok || !l.State.Closed() {
		t.Error("the day did not close at its end")
	}
}

func TestWhoAccepts(t *testing.T) {
	if code, ok := queue.New().Accepts("moving", queuetest.Opening); ok || code != queue.DayNotOpen {
		t.Errorf("before the day: %s", code)
	}
	l := inStatus(t, queue.Expired)
	if code, ok := l.State.Accepts("moving", l.At); ok || code != queue.DayIsClosed {
		t.Errorf("after the day: %s", code)
	}
	l = inStatus(t, queue.Waiting)
	if code, ok := l.State.Accepts("tax", l.At); ok || code != queue.UnknownService {
		t.Errorf("an unknown service: %s", code)
	}
	if code, ok := l.State.Accepts("moving", l.At); !ok {
		t.Errorf("an open service: %s", code)
	}
}

// TestAKioskWithoutRangesStillPrints takes away a kiosk's ranges: no press is
// refused, and its one store can be bound.
func TestAKioskWithoutRangesStillPrints(t *testing.T) {
	settings := queuetest.Settings()
	settings.Series[0].Kiosks = nil
	l := queuetest.New(settings, "s0")
	must(t, l, queuetest.Staff("x"), queue.BindRange{Kiosk: "K1", Store: "s1"})
	e := must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk, Pool: queue.PoolKiosk, Kiosk: "K1"})
	if got := e.Events[0].(queue.TicketIssued).Number; got != "K1-0001" {
		t.Errorf("got %s, want K1-0001", got)
	}
	if _, err := l.Do(queuetest.Staff("x"), queue.BindRange{Kiosk: "K1", Store: "s2"}); err == nil {
		t.Error("a second store was bound")
	}
}

// TestAnUndoIsForOnesOwnCounter names a command of another counter.
func TestAnUndoIsForOnesOwnCounter(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	e := must(t, l, queuetest.Staff("x"), queue.CallNext{Counter: "1"})
	if _, err := l.Do(queuetest.Staff("y"), queue.Undo{Counter: "2", Command: e.Command}); err == nil {
		t.Error("counter 2 took back what counter 1 did")
	}
	must(t, l, queuetest.Staff("x"), queue.Undo{Counter: "1", Command: e.Command})
}

func TestReceptionHoursBoundTheMachines(t *testing.T) {
	settings := queuetest.Settings()
	opens, closes := queuetest.Opening, queuetest.Opening.Add(8*time.Hour)
	settings.Services[0].Opens, settings.Services[0].Closes = opens, closes
	l := queuetest.New(settings, "s0")
	for at, want := range map[time.Time]bool{opens.Add(-1): false, opens: true, closes.Add(-1): true, closes: false} {
		if code, ok := l.State.Accepts("moving", at); ok != want || !ok && code != queue.OutsideHours {
			t.Errorf("at %v: %v %s, want %v", at, ok, code, want)
		}
	}
}
