package queue_test

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

// smallWorld is two tickets and two counters, and everything that can be done to
// them. Every sequence of steps is tried, and every entry judged.
type smallWorld struct {
	t     *testing.T
	acts  []queue.Command
	fact  queue.Entry // interleaved at every place; no command: none
	seen  map[string]int
	tried int
}

// acts are the moves of the small world.
func acts() []queue.Command {
	const a, b queue.TicketID = "a", "b"
	return []queue.Command{
		queue.IssueTicket{Ticket: a, Service: "moving", Channel: queue.ChannelKiosk},
		queue.IssueTicket{Ticket: b, Service: "moving", Channel: queue.ChannelKiosk, Priority: true},
		queue.CallNext{Counter: "1"},
		queue.CallNext{Counter: "2"},
		queue.CallTicket{Ticket: a, Counter: "2"},
		queue.Start{Ticket: a},
		queue.Finish{Ticket: a},
		queue.Finish{Ticket: b, Processing: true},
		queue.MarkReady{Ticket: b},
		queue.FinishAndCallNext{Counter: "1"},
		queue.MarkNoShow{Ticket: a},
		queue.Restore{Ticket: a, Place: queue.PlaceBack},
		queue.Hold{Ticket: b, Reason: "書類"},
		queue.Resume{Ticket: b},
		queue.Transfer{Ticket: a, To: "2"},
		queue.Withdraw{Ticket: b},
		queue.Undo{Counter: "1"},
		queue.CloseDay{},
	}
}

// explore tries every act at a state, then everything that may follow. A state
// that was seen with as many steps to go has been explored.
func (w *smallWorld) explore(s *queue.State, path []queue.Entry, left int) {
	key := w.key(s, path)
	if w.seen[key] > left || left == 0 {
		return
	}
	w.seen[key] = left + 1
	for i, act := range w.acts {
		m := queue.Meta{
			Command: commandID(len(path), i, act), Origin: "s0", Actor: actorOf(act),
			At: queuetest.Opening.Add(time.Duration(len(path)) * time.Second),
		}
		if events, err := queue.Decide(s, m, act); err == nil && len(events) > 0 {
			w.step(s, queue.Entry{Meta: m, Events: events}, path, left)
		}
	}
	if fact := w.fact; fact.Command != "" {
		w.fact = queue.Entry{}
		w.step(s, fact, path, left)
		w.fact = fact
	}
}

// key tells states apart, with what is not in the canonical form but decides how
// things go on: the newest entries, and what can be undone.
func (w *smallWorld) key(s *queue.State, path []queue.Entry) string {
	key := canonical(w.t, s) + fmt.Sprint(w.fact.Command == "")
	for _, e := range path[max(0, len(path)-2):] {
		key += queue.Kind(e.Events[0])
	}
	for _, c := range []queue.CounterID{"1", "2"} {
		_, until, ok := s.Undoable(c, queuetest.Opening)
		key += fmt.Sprint(until, ok)
	}
	return key
}

func (w *smallWorld) step(s *queue.State, e queue.Entry, path []queue.Entry, left int) {
	w.tried++
	after := s.Clone()
	if err := after.Apply(e); err != nil {
		w.t.Fatalf("%v%s", err, kinds(path))
	}
	way := append(path[:len(path):len(path)], e)
	for _, v := range invariant.Check(way) {
		if v.ID != "N1" { // the fact may bear a number of its own history
			w.t.Fatalf("%v%s", v, kinds(way[1:]))
		}
	}
	w.explore(after, way, left-1)
}

// commandID names a step. The press of a ticket's button has one id, however
// often and by whatever machine it is answered.
func commandID(step, act int, c queue.Command) queue.CommandID {
	if issue, is := c.(queue.IssueTicket); is {
		return queue.CommandID("press-" + issue.Ticket)
	}
	return queue.CommandID(fmt.Sprintf("c%d-%d", step, act))
}

// actorOf returns who does an act: a machine's are done at the machine.
func actorOf(c queue.Command) queue.Actor {
	if act, is := c.(queue.ActKiosk); is {
		return act.Action.ActorOf(act.Kiosk)
	}
	return queuetest.Staff("x")
}

// kinds tells a way by the names of its events.
func kinds(way []queue.Entry) string {
	text := ""
	for _, e := range way {
		for _, event := range e.Events {
			text += fmt.Sprintf("\n%s fact=%v %+v", queue.Kind(event), e.Fact, event)
		}
	}
	return text
}

// facts are what another history may say of the small world.
func facts() map[string]queue.Event {
	at := queuetest.Opening.Add(time.Second)
	return map[string]queue.Event{
		"none": nil,
		"paper of a": queue.TicketIssued{
			Ticket: "a", Number: "A801", Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving", Channel: queue.ChannelKiosk, IssuedAt: at, Arrival: at,
		},
		"a called by 2":   queue.TicketCalled{Ticket: "a", Number: "A001", Counter: "2", Reason: queue.Reason{Code: queue.ReasonChosen}},
		"b started at 1":  queue.ServiceStarted{Ticket: "b", Counter: "1"},
		"a finished at 1": queue.ServiceFinished{Ticket: "a", Counter: "1", Status: queue.Done},
		"b withdrawn":     queue.TicketWithdrawn{Ticket: "b"},
		"day closed":      queue.DayClosed{},
	}
}

// awayActs are the moves of a world in which ticket a was taken from home.
func awayActs() []queue.Command {
	const a, b queue.TicketID = "a", "b"
	return []queue.Command{
		queue.IssueTicket{Ticket: a, Service: "moving", Channel: queue.ChannelWeb},
		queue.IssueTicket{Ticket: b, Service: "moving", Channel: queue.ChannelKiosk},
		queue.CheckIn{Ticket: a},
		queue.ActKiosk{Kiosk: "K1", Action: queue.ActCheckIn, Ticket: a},
		queue.ActKiosk{Kiosk: "K1", Action: queue.ActLater, Ticket: a},
		queue.ActKiosk{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: a},
		queue.CallNext{Counter: "1"},
		queue.CallTicket{Ticket: a, Counter: "2"},
		queue.MarkNoShow{Ticket: a},
		queue.Restore{Ticket: a, Place: queue.PlaceKeep},
		queue.Hold{Ticket: a, Reason: "書類"},
		queue.Resume{Ticket: a},
		queue.Undo{},
		queue.CloseDay{},
	}
}

// TestEverySmallWorldAwayFromHome is TestEverySmallWorld for tickets from home and
// for acts at a machine, with what another history may say of them.
func TestEverySmallWorldAwayFromHome(t *testing.T) {
	steps := 4
	if *more > 1 {
		steps = 6
	}
	at := queuetest.Opening.Add(1500 * time.Millisecond)
	gone := queue.KioskActed{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: "a"}
	for name, fact := range map[string]queue.Entry{
		"nothing":   {},
		"a arrived": {Meta: queue.Meta{Command: "f", Origin: "s1", At: at, Actor: queuetest.Staff("y")}, Events: []queue.Event{queue.TicketArrived{Ticket: "a"}}},
		"a given up at the machine": {
			Meta:   queue.Meta{Command: "f", Origin: "kiosk/K1/s", At: at, Actor: queue.KioskStaff("K1")},
			Events: []queue.Event{queue.TicketWithdrawn{Ticket: "a"}, gone},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &smallWorld{t: t, acts: awayActs(), seen: map[string]int{}}
			if fact.Command != "" {
				w.fact, w.fact.Fact = fact, true
			}
			l := queuetest.New(queuetest.Settings(), "s0")
			for _, c := range []queue.CounterID{"1", "2"} {
				must(t, l, queuetest.Staff("x"), queue.OpenCounter{Counter: c})
			}
			w.explore(l.State, l.Entries, steps)
			if w.tried < 100 {
				t.Errorf("only %d steps were tried", w.tried)
			}
			t.Logf("%d steps, %d states", w.tried, len(w.seen))
		})
	}
}

func TestEverySmallWorld(t *testing.T) {
	steps := 6
	if testing.Short() {
		steps = 4
	}
	for name, event := range facts() {
		t.Run(name, func(t *testing.T) {
			w := &smallWorld{t: t, acts: acts(), seen: map[string]int{}}
			depth := steps
			if event != nil {
				depth-- // the fact is a step of its own at every place
				id := queue.CommandID("fact")
				if _, paper := event.(queue.TicketIssued); paper {
					id = "press-a"
				}
				m := queue.Meta{Command: id, Origin: "s1", At: queuetest.Opening.Add(1500 * time.Millisecond), Actor: queuetest.Staff("y")}
				w.fact = queue.Entry{Meta: m, Fact: true, Events: []queue.Event{event}}
			}
			l := queuetest.New(queuetest.Settings(), "s0")
			for _, c := range []queue.CounterID{"1", "2"} {
				must(t, l, queuetest.Staff("x"), queue.OpenCounter{Counter: c})
			}
			w.explore(l.State, l.Entries, depth)
			if w.tried < 100 {
				t.Errorf("only %d steps were tried", w.tried)
			}
			t.Logf("%d steps, %d states", w.tried, len(w.seen))
		})
	}
}
