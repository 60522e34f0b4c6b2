package invariant_test

import (
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// forgedClerks are the lies about presses that came late, about visits by number,
// about delivery desks and about double tickets.
var forgedClerks = []forgery{
	{"a press is older than its ticket", "Q4", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
		return []queue.Entry{forged(l, queue.ServiceStarted{Ticket: "a", Counter: "1", At: queuetest.Opening.Add(-time.Hour)})}
	}},
	{"a press is still to come", "Q4", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
		return []queue.Entry{forged(l, queue.ServiceStarted{Ticket: "a", Counter: "1", At: l.At.Add(time.Hour)})}
	}},
	{"a visit by number is pressed before its issue", "Q4", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{forged(l, queue.TicketServed{Ticket: "a", Number: "A001", Counter: "1", Status: queue.Done, At: queuetest.Opening.Add(-time.Hour)})}
	}},
	{"a ticket that is served elsewhere is served by number", "L3", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
		do(t, l, queue.Start{Ticket: "a"})
		return []queue.Entry{forged(l, queue.TicketServed{Ticket: "a", Number: "A001", Counter: "2", Status: queue.Done})}
	}},
	{"a ticket of the reception is announced", "L3", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{forged(l, queue.TicketAnnounced{Ticket: "a", Number: "A001", Counter: "1"})}
	}},
	{"an announced ticket is called by rule", "O1", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
		do(t, l, queue.Finish{Ticket: "a", Processing: true})
		do(t, l, queue.MarkReady{Ticket: "a"})
		do(t, l, queue.Announce{Counter: "1", Tickets: []queue.TicketID{"a"}})
		do(t, l, queue.Withdraw{Ticket: "b"})
		return []queue.Entry{forged(l, queue.TicketCalled{Ticket: "a", Number: "A001", Counter: "2", Reason: queue.Reason{Code: queue.ReasonLongest}})}
	}},
	{"a merged ticket is not given up", "G1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{forged(l, queue.TicketMerged{Ticket: "a", From: "b", Arrival: queuetest.Opening})}
	}},
	{"a merged ticket waits longer for it", "G1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{forged(l, queue.TicketWithdrawn{Ticket: "b"}, queue.TicketMerged{Ticket: "a", From: "b", Arrival: l.At.Add(time.Hour)})}
	}},
	{"what the other ticket was for is lost", "G1", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		do(t, l, queue.ChangeService{Ticket: "b", Service: "cert"})
		return []queue.Entry{forged(l, queue.TicketWithdrawn{Ticket: "b"}, queue.TicketMerged{Ticket: "a", From: "b", Arrival: queuetest.Opening})}
	}},
	{"who asks for one service overtakes beyond the bound", "O1 O4", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		settings := *l.State.Settings()
		settings.Rule.MaxOvertaken = 1
		do(t, l, queue.ChangeSettings{Settings: settings})
		do(t, l, queue.Withdraw{Ticket: "b"})
		do(t, l, queue.IssueTicket{Ticket: "c", Service: "cert", Channel: queue.ChannelKiosk})
		do(t, l, queue.IssueTicket{Ticket: "d", Service: "cert", Channel: queue.ChannelKiosk})
		do(t, l, queue.CallNext{Counter: "1", Service: "cert"})
		return []queue.Entry{forged(l, queue.TicketCalled{
			Ticket: "d", Number: "B002", Counter: "2", Reason: queue.Reason{Code: queue.ReasonLongest, Service: "cert"},
		})}
	}},
}
