package queue_test

import (
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// clerkActs are the moves of a world in which counters serve by number, announce,
// merge and skip, and tell late of presses.
func clerkActs() []queue.Command {
	const a, b queue.TicketID = "a", "b"
	late := queuetest.Opening.Add(time.Second)
	return []queue.Command{
		queue.IssueTicket{Ticket: b, Service: "cert", Channel: queue.ChannelKiosk, Priority: true},
		queue.CallTicket{Ticket: a, Counter: "1"},
		queue.CallNext{Counter: "2"},
		queue.Start{Ticket: a, Clicked: late},
		queue.Finish{Ticket: a, Processing: true, Clicked: late},
		queue.FinishAndCallNext{Counter: "2", Served: []queue.ServedService{{Service: "cert", Quantity: 2}}},
		queue.MarkReady{Ticket: a},
		queue.MarkNoShow{Ticket: a, Clicked: late},
		queue.Hold{Ticket: a, Reason: "書類", Room: "記載台"},
		queue.Serve{Ticket: a, Counter: "1", Started: late, Clicked: late.Add(time.Second)},
		queue.Serve{Ticket: a, Counter: "2", Processing: true},
		queue.Serve{Ticket: b, Counter: "1"},
		queue.Announce{Counter: "1", Tickets: []queue.TicketID{a}},
		queue.HandOver{Ticket: a, Counter: "1"},
		queue.Merge{Ticket: b, Into: a},
		queue.Merge{Ticket: a, Into: b},
		queue.Skip{Ticket: b, Counter: "2"},
		queue.CloseCounter{Counter: "1"},
		queue.Undo{Counter: "1"},
		queue.Undo{Counter: "2"},
		queue.CloseDay{},
	}
}

// clerkFacts are what another history may say of that world.
func clerkFacts() map[string][]queue.Event {
	at := queuetest.Opening.Add(time.Second)
	return map[string][]queue.Event{
		"nothing":               nil,
		"a served by number":    {queue.TicketServed{Ticket: "a", Number: "A001", Counter: "2", Status: queue.Done, At: at}},
		"a announced":           {queue.TicketAnnounced{Ticket: "a", Number: "A001", Counter: "2"}},
		"b merged into a":       {queue.TicketWithdrawn{Ticket: "b"}, queue.TicketMerged{Ticket: "a", From: "b", Arrival: at, Further: []queue.ServiceID{"cert"}, Priority: true}},
		"the third act undone":  {queue.ActionUndone{Command: commandID(4, 1, queue.Tick{})}},
		"a started long before": {queue.ServiceStarted{Ticket: "a", Counter: "1", At: at}},
	}
}

// TestEverySmallWorldOfClerks is TestEverySmallWorld for what clerks do besides
// calling, starting and finishing, from the moment at which ticket a was issued,
// and from the one at which it waits for delivery.
func TestEverySmallWorldOfClerks(t *testing.T) {
	steps := 3
	if *more > 1 {
		steps = 5
	}
	ways := map[string][]queue.Command{
		"a waits":              nil,
		"a waits for delivery": {queue.CallTicket{Ticket: "a", Counter: "1"}, queue.Finish{Ticket: "a", Processing: true}, queue.MarkReady{Ticket: "a"}},
	}
	for start, way := range ways {
		for name, events := range clerkFacts() {
			if way != nil && name != "nothing" && name != "a announced" && *more == 1 {
				continue
			}
			t.Run(start+", "+name, func(t *testing.T) {
				w := &smallWorld{t: t, acts: clerkActs(), seen: map[string]int{}}
				if events != nil {
					w.fact = queue.Entry{
						Meta: queue.Meta{Command: "f", Origin: "s1", At: queuetest.Opening.Add(1500 * time.Millisecond), Actor: queuetest.Staff("y")},
						Fact: true, Events: events,
					}
				}
				l := queuetest.New(queuetest.Settings(), "s0")
				for _, c := range []queue.CounterID{"1", "2"} {
					must(t, l, queuetest.Staff("x"), queue.OpenCounter{Counter: c})
				}
				must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk})
				for _, c := range way {
					must(t, l, queuetest.Staff("x"), c)
				}
				w.explore(l.State, l.Entries, steps)
				if w.tried < 100 {
					t.Errorf("only %d steps were tried", w.tried)
				}
				t.Logf("%d steps, %d states", w.tried, len(w.seen))
			})
		}
	}
}
