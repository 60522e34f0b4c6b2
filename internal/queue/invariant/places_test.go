package invariant

import (
	"testing"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// These judges read indexes that the domain keeps in one place, so that no log
// can break them: they are shown the disagreement itself.

func calledScene(t *testing.T) (*queue.State, *queue.Ticket) {
	t.Helper()
	l := queuetest.New(queuetest.Settings(), "s0")
	for _, c := range []queue.Command{
		queue.OpenCounter{Counter: "1"},
		queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk},
		queue.IssueTicket{Ticket: "b", Service: "moving", Channel: queue.ChannelKiosk},
		queue.CallNext{Counter: "1"},
	} {
		if _, err := l.Do(queuetest.Staff("x"), c); err != nil {
			t.Fatal(err)
		}
	}
	called, _ := l.State.Ticket("a")
	return l.State, called
}

func wantOnly(t *testing.T, c *Checker, id string) {
	t.Helper()
	if len(c.found) == 0 {
		t.Errorf("nothing was found, want %s", id)
	}
	for _, v := range c.found {
		if v.ID != id {
			t.Errorf("got %v, want %s", v, id)
		}
	}
}

func TestTwoTicketsAtOneCounter(t *testing.T) {
	state, called := calledScene(t)
	c := New()
	c.checkCounterOf(called, map[queue.CounterID]queue.TicketID{"1": "b"}, state)
	wantOnly(t, c, "T3")
}

func TestATicketAtACounterThatDoesNotHaveIt(t *testing.T) {
	state, called := calledScene(t)
	elsewhere := *called
	elsewhere.Counter = "2"
	c := New()
	c.checkCounterOf(&elsewhere, map[queue.CounterID]queue.TicketID{}, state)
	wantOnly(t, c, "T2")
}

func TestATicketInAForeignLine(t *testing.T) {
	state, _ := calledScene(t)
	c := New()
	c.checkLines(state, map[queue.TicketID]queue.Line{"b": {Service: "cert", Stage: queue.StageReception}}, 1)
	wantOnly(t, c, "T6")
}

func TestSumsThatDiffer(t *testing.T) {
	state, _ := calledScene(t)
	b, _ := state.Ticket("b")
	c := New()
	c.checkLines(state, map[queue.TicketID]queue.Line{"b": b.Line}, 2)
	wantOnly(t, c, "S3")
}
