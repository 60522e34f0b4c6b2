package queue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// TestADayOpenedElsewhere lets a day begin with facts: the earlier of two
// openings holds in either order, and numbers find their owners once it is known.
func TestADayOpenedElsewhere(t *testing.T) {
	early, late := queuetest.Settings(), queuetest.Settings()
	early.Version, late.Version = "early", "late"
	late.Kiosks[0].Bindings = []queue.Binding{{Slot: 0, Store: "s1"}}
	at := queuetest.Opening
	steps := []func(*queue.State){
		func(s *queue.State) { apply(t, s, "s1", at, queue.DayOpened{Settings: early}) },
		func(s *queue.State) { apply(t, s, "s2", at.Add(time.Second), queue.DayOpened{Settings: late}) },
		func(s *queue.State) {
			apply(t, s, "s3", at.Add(time.Minute), queue.RangeBound{Kiosk: "K1", Slot: 1, Store: "s2"})
		},
		func(s *queue.State) {
			issue := queue.TicketIssued{Ticket: "a", Number: "A101", Pool: queue.PoolServer, Service: "moving", IssuedAt: at, Arrival: at}
			apply(t, s, "s4", at.Add(time.Minute), issue)
		},
	}
	want := ""
	for _, order := range permutations(len(steps)) {
		s := queue.New()
		for _, i := range order {
			steps[i](s)
		}
		if got := canonical(t, s); want == "" {
			want = got
		} else if got != want {
			t.Fatalf("order %v gives another state:\n%s", order, diffJSON(t, want, got))
		}
		bound := []queue.Binding{{Slot: 0, Store: "s1"}, {Slot: 1, Store: "s2"}}
		if diff := cmp.Diff(bound, s.Bindings("K1")); diff != "" || s.Settings().Version != "early" {
			t.Errorf("version %s, bindings (-want +got):\n%s", s.Settings().Version, diff)
		}
	}
}

// TestAnOpeningHoldsOnceSomethingWasDecided merges an earlier opening too late.
func TestAnOpeningHoldsOnceSomethingWasDecided(t *testing.T) {
	first, second := queuetest.Settings(), queuetest.Settings()
	first.Version, second.Version = "first", "second"
	s := queue.New()
	apply(t, s, "s1", queuetest.Opening, queue.DayOpened{Settings: first})
	decided := queue.Entry{Meta: queue.Meta{Command: "c", At: queuetest.Opening}, Events: []queue.Event{queue.OfficeSet{State: queue.Paused}}}
	if err := s.Apply(decided); err != nil {
		t.Fatal(err)
	}
	apply(t, s, "s2", queuetest.Opening.Add(-time.Hour), queue.DayOpened{Settings: second})
	if got := s.Settings().Version; got != "first" {
		t.Errorf("the day runs with settings %q, want those that something was decided with", got)
	}
}

// TestAnUndonePauseStaysUndone takes a pause back and then merges what another
// history says of the counter.
func TestAnUndonePauseStaysUndone(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	must(t, l, queuetest.Staff("x"), queue.PauseCounter{Counter: "1", Reason: "休憩"})
	must(t, l, queuetest.Staff("x"), queue.Undo{Counter: "1"})
	apply(t, l.State, "s1", l.At.Add(time.Minute), queue.HelpAsked{Counter: "1", Text: "応援"})
	if c, _ := l.State.Counter("1"); c.State != queue.CounterOpen || c.Help != "応援" {
		t.Errorf("counter 1 is %s and asks for %q, want open and 応援", c.State, c.Help)
	}
}

// TestAPauseUndoneElsewhereIsVoid merges an undo before and after what it undoes.
func TestAPauseUndoneElsewhereIsVoid(t *testing.T) {
	at := queuetest.Opening.Add(time.Hour)
	pause := queue.Entry{Fact: true, Meta: queue.Meta{Command: "pause", At: at, Origin: "s1"}, Events: []queue.Event{queue.CounterSuspended{Counter: "1", Reason: "休憩"}}}
	undo := queue.Entry{Fact: true, Meta: queue.Meta{Command: "undo", At: at.Add(time.Second), Origin: "s1"}, Events: []queue.Event{queue.ActionUndone{Command: "pause"}}}
	for _, order := range [][]queue.Entry{{pause, undo}, {undo, pause}} {
		l := inStatus(t, queue.Waiting)
		for _, e := range order {
			if err := l.State.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		if c, _ := l.State.Counter("1"); c.State != queue.CounterOpen {
			t.Errorf("counter 1 is %s, want open: its pause was taken back", c.State)
		}
	}
}

// TestMergedCallsReachTheWall merges a call and its repetition from a lost tail,
// older than a call that this history made.
func TestMergedCallsReachTheWall(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "b", Service: "moving", Channel: queue.ChannelKiosk})
	l.At = l.At.Add(time.Hour)
	must(t, l, queuetest.Staff("x"), queue.CallTicket{Ticket: "b", Counter: "1"})
	apply(t, l.State, "s1", l.At.Add(-2*time.Minute), queue.TicketCalled{Ticket: subject, Number: "A001", Counter: "2"})
	apply(t, l.State, "s1", l.At.Add(-time.Minute), queue.TicketRecalled{Ticket: subject, Number: "A001", Counter: "2"})
	var got []string
	for _, c := range l.State.Calls() {
		got = append(got, string(c.Number)+" "+string(c.Counter)+" "+[]string{"", "first", "again"}[c.Times])
	}
	if diff := cmp.Diff([]string{"A001 2 first", "A001 2 again", "A002 1 first"}, got); diff != "" {
		t.Errorf("calls on the wall (-want +got):\n%s", diff)
	}
}

// TestThePapersSecretIsKept renumbers a ticket that the server gave no secret.
func TestThePapersSecretIsKept(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	apply(t, l.State, "kiosk/K1/s", l.At, queue.TicketIssued{
		Ticket: subject, Number: "A801", Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving", IssuedAt: l.At, Arrival: l.At, Secret: "abc",
	})
	got, _ := l.State.Ticket(subject)
	if got.Secret != "abc" || !slices.Equal(got.Flags, []queue.Flag{queue.FlagRenumbered}) {
		t.Errorf("secret %q, flags %v", got.Secret, got.Flags)
	}
}

// TestWhoWasServedUnderTheOtherNumberIsMarked renumbers tickets that were called
// by the number that is not on their paper.
func TestWhoWasServedUnderTheOtherNumberIsMarked(t *testing.T) {
	for status, marked := range map[queue.Status]bool{queue.Serving: true, queue.Processing: true, queue.Done: true, queue.Called: false, queue.Waiting: false, queue.Held: false} {
		l := inStatus(t, status)
		apply(t, l.State, "kiosk/K1/s", l.At, queue.TicketIssued{
			Ticket: subject, Number: "A801", Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving", IssuedAt: l.At, Arrival: l.At,
		})
		if got, _ := l.State.Ticket(subject); got.Has(queue.FlagServedBeforeMerge) != marked {
			t.Errorf("%s: flags %v, want served_before_merge: %v", status, got.Flags, marked)
		}
	}
}

// TestTheNextServiceOfAVisitIsCalledInTheSameRecord finishes a visit that goes on
// to the same counter: its visitor came first and is called first.
func TestTheNextServiceOfAVisitIsCalledInTheSameRecord(t *testing.T) {
	l := inStatus(t, queue.Serving)
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.AddService{Ticket: subject, Service: "cert"})
	l.At = l.At.Add(time.Minute)
	must(t, l, clerk, queue.IssueTicket{Ticket: "b", Service: "moving", Channel: queue.ChannelKiosk})
	must(t, l, clerk, queue.FinishAndCallNext{Counter: "1"})
	if got, _ := l.State.Ticket(subject); got.Status != queue.Called || got.Line.Service != "cert" {
		t.Errorf("the visitor is %s for %s, want called for cert", got.Status, got.Line.Service)
	}
}

// TestAnUndoneFinishNeedsItsCounterFree undoes a finish at a counter that has
// somebody else by now.
func TestAnUndoneFinishNeedsItsCounterFree(t *testing.T) {
	l := inStatus(t, queue.Serving)
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.IssueTicket{Ticket: "b", Service: "moving", Channel: queue.ChannelKiosk})
	e := must(t, l, clerk, queue.Finish{Ticket: subject})
	must(t, l, clerk, queue.CallTicket{Ticket: "b", Counter: "1"})
	_, err := l.Do(clerk, queue.Undo{Command: e.Command})
	want := &queue.Refusal{Code: queue.OvertakenByEvents, Field: "command"}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestADayClosedElsewhereIsClosed merges the end of the day: whoever was still
// here ends with it, and nothing more is decided.
func TestADayClosedElsewhereIsClosed(t *testing.T) {
	l := inStatus(t, queue.Serving)
	apply(t, l.State, "s1", l.At.Add(time.Hour), queue.DayClosed{})
	got, _ := l.State.Ticket(subject)
	if !l.State.Closed() || got.Status != queue.Expired || !got.Has(queue.FlagLate) || !got.EndedAt.Equal(l.At) {
		t.Errorf("closed %v, the ticket is %s %v, ended %v", l.State.Closed(), got.Status, got.Flags, got.EndedAt)
	}
	if answer(t, l, queue.CallNext{Counter: "1"}) != string(queue.DayIsClosed) {
		t.Error("a counter called after the day")
	}
}

// TestTwoServedAtOneCounter merges a talk at a counter that has somebody: the
// newer talk is the clerk's, the older one counts as done and is marked.
func TestTwoServedAtOneCounter(t *testing.T) {
	l := inStatus(t, queue.Serving)
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "rival", Service: "moving", Channel: queue.ChannelKiosk})
	apply(t, l.State, "s1", l.At.Add(time.Minute), queue.ServiceStarted{Ticket: "rival", Counter: "1"})
	loser, _ := l.State.Ticket(subject)
	winner, _ := l.State.Ticket("rival")
	if loser.Status != queue.Done || len(loser.Visited) != 1 || !loser.Has(queue.FlagDoubleServe) {
		t.Errorf("the older talk is %s %v with %d visits", loser.Status, loser.Flags, len(loser.Visited))
	}
	if c, _ := l.State.Counter("1"); winner.Status != queue.Serving || c.Ticket != "rival" {
		t.Errorf("the newer talk is %s, the counter has %q", winner.Status, c.Ticket)
	}
}
