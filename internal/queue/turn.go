package queue

import "time"

// turn is a call by the rule, with what it means for the order: which class it
// was, and whom it overtook.
type turn struct {
	command   CommandID
	priority  bool
	overtaken []TicketID
}

// countTurn keeps the books of the rule: the turn of the classes, and whom the
// call overtook of those that the counter could have called instead.
func (s *State) countTurn(called *Ticket, e TicketCalled, m Meta) {
	t := turn{command: m.Command, priority: called.Priority}
	if c, ok := s.Counter(e.Counter); ok {
		t.overtaken = s.overtakenBy(called, c, e.Reason.Service, m.At)
	}
	for _, id := range t.overtaken {
		s.overtaken[id]++
	}
	s.turns = append(s.turns, t)
	s.countRun(t)
}

// overtakenBy returns the tickets that a counter could have called before another
// one. Who asks for one service overtakes those of the others as well.
func (s *State) overtakenBy(called *Ticket, c *Counter, service ServiceID, at time.Time) []TicketID {
	if s.settings.Rule.Reading >= 1 && !asksUncounted() {
		service = ""
	}
	var passed []TicketID
	for _, t := range s.callable(c, service, at) {
		if t.ID == called.ID {
			break
		}
		passed = append(passed, t.ID)
	}
	return passed
}

// countRun counts priority tickets that are called in a row.
func (s *State) countRun(t turn) {
	s.run++
	if !t.priority {
		s.run = 0
	}
}

// giveBackTurn takes a call out of the books.
func (s *State) giveBackTurn(id CommandID) {
	var kept []turn
	s.run = 0
	for _, t := range s.turns {
		if t.command != id {
			kept = append(kept, t)
			s.countRun(t)
			continue
		}
		for _, ticket := range t.overtaken {
			if s.overtaken[ticket]--; s.overtaken[ticket] == 0 {
				delete(s.overtaken, ticket)
			}
		}
	}
	s.turns = kept
}
