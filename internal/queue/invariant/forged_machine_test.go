package invariant_test

import (
	"strings"
	"testing"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

// home is a ticket that was taken from home, before a and b.
func home(t *testing.T, l *queuetest.Log) queue.TicketID {
	t.Helper()
	do(t, l, queue.IssueTicket{Ticket: "home", Service: "moving", Channel: queue.ChannelWeb, Priority: true})
	return "home"
}

// atMachine returns a decided entry of a person at machine K1.
func atMachine(l *queuetest.Log, events ...queue.Event) queue.Entry {
	e := forged(l, events...)
	e.Actor = queue.KioskStaff("K1")
	return e
}

// forgedMachines are the lies about machines, and about people who are at home.
var forgedMachines = []forgery{
	{"somebody who has not come is called by rule", "C1 O1", func(t *testing.T, l *queuetest.Log) []queue.Entry {
		id := home(t, l)
		return []queue.Entry{forged(l, queue.TicketCalled{Ticket: id, Number: "A003", Counter: "1", Reason: queue.Reason{Code: queue.ReasonPriority}})}
	}},
	{"somebody arrives who was here", "L3", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{forged(l, queue.TicketArrived{Ticket: "a"})}
	}},
	{"a withdrawal at a machine has no audit", "M1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{atMachine(l, queue.TicketWithdrawn{Ticket: "a"})}
	}},
	{"an audit tells of a withdrawal that was not", "M1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{atMachine(l, queue.KioskActed{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: "a"})}
	}},
	{"a reprint withdraws", "M1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		return []queue.Entry{atMachine(l, queue.TicketWithdrawn{Ticket: "a"}, queue.KioskActed{Kiosk: "K1", Action: queue.ActReprint, Ticket: "a"})}
	}},
	{"a machine fills the log", "M2", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
		report := queue.KioskReported{Kiosk: "K1", Report: queue.KioskReport{Paper: queue.PaperOut}}
		again := report
		again.Report.Unsent = 7
		return []queue.Entry{forged(l, report), forged(l, again)}
	}},
}

// TestForgedAbsences shows the checker states in which somebody's absence does
// not follow from the entry.
func TestForgedAbsences(t *testing.T) {
	rows := []struct {
		name string
		want string
		away bool // after the entry
		say  queue.Event
	}{
		{"somebody is away and was called", "C1", true, queue.TicketCalled{Ticket: "home", Number: "A003", Counter: "1", Reason: queue.Reason{Code: queue.ReasonChosen}}},
		{"nobody said that somebody came", "C2", false, queue.PrioritySet{Ticket: "home"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l := scene(t)
			home(t, l)
			before, e := l.State.Clone(), forged(l, row.say)
			after := before.Clone()
			if err := after.Apply(e); err != nil {
				t.Fatal(err)
			}
			forgedTicket, _ := after.Ticket("home")
			forgedTicket.Away = row.away // the state's own, which nobody else has
			judge, state := invariant.New(), queue.New()
			for _, honest := range l.Entries {
				old := state.Clone()
				if err := state.Apply(honest); err != nil {
					t.Fatal(err)
				}
				if found := judge.Step(old, honest, state); len(found) > 0 {
					t.Fatalf("the honest part of the log is blamed: %v", found)
				}
			}
			if found := judge.Step(before, e, after); strings.Join(ids(found), " ") != row.want {
				t.Errorf("got %v, want %s", found, row.want)
			}
		})
	}
}
