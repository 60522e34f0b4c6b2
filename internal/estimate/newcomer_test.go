package estimate

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// lineOf returns a follower of an office with one open counter for which so many wait.
func lineOf(t *testing.T, waiting int) (*Follower, *queuetest.Log) {
	t.Helper()
	settings := queuetest.Settings()
	settings.Rule.Ratio, settings.Rule.MaxWait, settings.Rule.MaxOvertaken = 3, 0, 0
	l := queuetest.New(settings, "s0")
	do := func(c queue.Command) {
		t.Helper()
		if _, err := l.Do(queuetest.Staff("x"), c); err != nil {
			t.Fatal(err)
		}
	}
	do(queue.OpenCounter{Counter: "1"})
	for i := range waiting {
		l.At = l.At.Add(10 * time.Second)
		do(queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprintf("walk-in-%02d", i)), Service: "moving", Channel: queue.ChannelKiosk})
		if i == 0 {
			do(queue.CallNext{Counter: "1"})
		}
	}
	f := NewFollower(nil)
	for _, e := range l.Entries {
		if err := f.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return f, l
}

// TestWhomTheRuleLetsPassIsToldTheirOwnWait: with their ticket, and not only once
// the line with them in it is looked at.
func TestWhomTheRuleLetsPassIsToldTheirOwnWait(t *testing.T) {
	f, l := lineOf(t, 20)
	walkIn := f.Office(l.At, Conditions{}).Services["moving"]
	if !walkIn.Called.Known || walkIn.Ahead != 19 {
		t.Fatalf("a walk-in is told %+v", walkIn)
	}
	if got := f.Ask(f.State(), l.At, Conditions{}, Newcomer{Service: "moving"}); got != walkIn {
		t.Errorf("asked alone a walk-in is told %+v, otherwise %+v", got, walkIn)
	}
	for name, n := range map[string]Newcomer{
		"priority":        {Service: "moving", Priority: true},
		"due appointment": {Service: "moving", Appointment: l.At.Add(-time.Minute)},
		"appointment":     {Service: "moving", Appointment: l.At.Add(5 * time.Minute)},
	} {
		got := f.Ask(f.State(), l.At, Conditions{}, n)
		if !got.Called.Known || got.Ahead > 3 || got.Called.High >= walkIn.Called.P50 {
			t.Errorf("%s is told %+v, a walk-in %+v", name, got, walkIn)
		}
	}
	tooLate := f.Ask(f.State(), l.At, Conditions{}, Newcomer{Service: "moving", Appointment: l.At.Add(-time.Hour)})
	if tooLate.Called.P50 < walkIn.Called.P50 {
		t.Errorf("an hour after the slot %+v is told, a walk-in %+v", tooLate, walkIn)
	}
	if got := f.Ask(f.State(), l.At, Conditions{}, Newcomer{Service: "none", Priority: true}); got != (Wait{}) {
		t.Errorf("for no service %+v is told", got)
	}
	if again := f.Office(l.At, Conditions{}).Services["moving"]; again != walkIn {
		t.Errorf("after the questions a walk-in is told %+v, before %+v", again, walkIn)
	}
}

// TestWhatIsPromisedIsWhatIsShown: who was just given a ticket finds on their page
// what they were told with it.
func TestWhatIsPromisedIsWhatIsShown(t *testing.T) {
	tried := 0
	for seed := range *more {
		l := crowdedLog(5 + seed)
		all := newcomers(l.State, l.At)
		for i, n := range all[len(all)-4:] {
			f := NewFollower(nil)
			for _, e := range l.Entries {
				if err := f.Apply(e); err != nil {
					t.Fatal(err)
				}
			}
			promised := f.Ask(f.State(), l.At, Conditions{}, n)
			m := queue.Meta{Command: "new", At: l.At, Actor: queuetest.Staff("x")}
			events, err := queue.Decide(f.State(), m, queue.IssueTicket{
				Ticket: "~new", Service: n.Service, Channel: queue.ChannelReception, Priority: n.Priority, Appointment: n.Appointment,
			})
			if err != nil || f.Apply(queue.Entry{Meta: m, Events: events}) != nil {
				continue // nobody takes a ticket now
			}
			tried++
			shown := f.Office(l.At, Conditions{}).Tickets["~new"]
			if promised.Ahead != shown.Ahead || promised.Called.Known != shown.Called.Known {
				t.Errorf("seed %d, newcomer %d %+v: %+v is promised, %+v shown", seed, i, n, promised, shown)
			}
		}
	}
	if tried < 4 {
		t.Errorf("%d newcomers are too few to prove anything", tried)
	}
}
