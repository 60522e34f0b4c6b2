package queue_test

import (
	"testing"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// TestWhatTheListOffersIsUndone takes back each action that the list of counter 1
// offers, at that counter, also what was done to somebody who waits.
func TestWhatTheListOffersIsUndone(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.OpenCounter{Counter: "1"})
	for _, id := range []queue.TicketID{"a", "b", "c"} {
		must(t, l, clerk, queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk})
	}
	must(t, l, clerk, queue.CallTicket{Ticket: "a", Counter: "1"})
	must(t, l, clerk, queue.Withdraw{Ticket: "b"})
	must(t, l, clerk, queue.SetPriority{Ticket: "c", Priority: true})
	offered := 0
	for _, a := range l.State.History("1", l.At) {
		if a.Until.IsZero() {
			continue
		}
		offered++
		undo := queue.Undo{Counter: "1", Command: a.Command}
		if _, err := l.Fork("trial").Do(clerk, undo); err != nil {
			t.Errorf("%s of %s: %v", a.What, a.Number, err)
		}
		if _, err := l.Fork("trial").Do(queuetest.Staff("y"), undo); err == nil && a.What != "ticket_called" {
			t.Errorf("a colleague takes back %s of %s", a.What, a.Number)
		}
	}
	if offered < 3 {
		t.Errorf("%d actions are offered", offered)
	}
}
