package queue

import "time"

// action is what an entry changed, kept for as long as it can be undone. Since
// tickets and counters are replaced, never changed, the old ones are the way
// back, and comparing pointers tells whether anything happened since.
type action struct {
	meta     Meta
	counter  CounterID
	by       CounterID // at which somebody acted without having the ticket
	possible bool
	before   map[TicketID]*Ticket // nil: the ticket did not exist
	after    map[TicketID]*Ticket
	counters map[CounterID]*Counter // before; nil: not yet opened today
	behind   map[CounterID]*Counter // after
}

func (s *State) begin(m Meta) {
	s.now = &action{
		meta: m, possible: byStaff(m.Actor),
		before: map[TicketID]*Ticket{}, after: map[TicketID]*Ticket{},
		counters: map[CounterID]*Counter{}, behind: map[CounterID]*Counter{},
	}
}

// byStaff reports whether somebody at a counter acted. What machines and
// visitors do is not taken back by a clerk's undo key.
func byStaff(a Actor) bool {
	switch a.Role {
	case RoleKiosk, RoleHolder, RoleWeb, RoleSystem:
		return false
	}
	return true
}

func (s *State) remember(id TicketID) {
	if s.now == nil {
		return
	}
	if _, known := s.now.before[id]; !known {
		s.now.before[id] = s.tickets[id]
	}
}

func (s *State) rememberCounter(id CounterID) {
	if s.now == nil {
		return
	}
	if _, known := s.now.counters[id]; !known {
		s.now.counters[id] = s.counters[id]
	}
}

// finish closes the books of an entry and forgets actions that are too old. It
// returns the counter that acted, if any.
func (s *State) finish() CounterID {
	now := s.now
	s.now = nil
	for id, before := range now.before {
		now.after[id] = s.tickets[id]
		// A ticket that was issued cannot be un-issued: its number may be on paper.
		now.possible = now.possible && before != nil
		now.counter = max(now.counter, s.tickets[id].Counter)
		if before != nil {
			now.counter = max(now.counter, before.Counter)
		}
	}
	for id := range now.counters {
		now.behind[id] = s.counters[id]
		now.counter = max(now.counter, id)
	}
	if now.by != "" {
		now.counter = now.by
	}
	if now.possible && len(now.before)+len(now.counters) > 0 {
		s.undo = append(s.undo, *now)
	}
	within := s.settings.Rule.UndoWithin
	for len(s.undo) > 0 && now.meta.At.Sub(s.undo[0].meta.At) > within {
		s.undo = s.undo[1:]
	}
	return now.counter
}

// decideUndo finds the action to take back: the one that is named, or the newest
// of the counter, or the newest of the actor.
func decideUndo(s *State, m Meta, c Undo) ([]Event, error) {
	a, ok := s.undoable(m, c)
	switch {
	case !ok:
		return nil, refuse(NothingToUndo, "command")
	case m.At.Sub(a.meta.At) > s.settings.Rule.UndoWithin:
		return nil, refuse(UndoTooLate, "command")
	case !s.unchangedSince(a):
		return nil, refuse(OvertakenByEvents, "command")
	}
	return one(ActionUndone{a.meta.Command})
}

func (s *State) undoable(m Meta, c Undo) (*action, bool) {
	for i := len(s.undo) - 1; i >= 0; i-- {
		a := &s.undo[i]
		switch {
		case !a.possible:
		case c.Command != "":
			own := c.Counter == "" || c.Counter == a.counter || a.counter == "" && a.meta.Actor == m.Actor
			if a.meta.Command == c.Command && own {
				return a, true
			}
		case c.Counter != "":
			if a.counter == c.Counter {
				return a, true
			}
		case a.meta.Actor == m.Actor:
			return a, true
		}
	}
	return nil, false
}

// unchangedSince reports whether nothing has touched what an action changed. A
// counter that a ticket would go back to is among it: the ticket left it then.
func (s *State) unchangedSince(a *action) bool {
	for id, t := range a.after {
		if s.tickets[id] != t {
			return false
		}
	}
	for id, c := range a.behind {
		if s.counters[id] != c {
			return false
		}
	}
	return true
}

// takeBack restores everything as it was before a command.
func (s *State) takeBack(id CommandID) string {
	a, ok := s.undoable(Meta{}, Undo{Command: id})
	if !ok || !s.unchangedSince(a) {
		return "there is nothing to undo"
	}
	undone := *a
	for ticket, before := range undone.before {
		s.put(before)
		s.settle(ticket)
	}
	for counter, before := range undone.counters {
		s.rememberCounter(counter)
		delete(s.sessions, counter)
		if before == nil {
			delete(s.counters, counter)
		} else {
			s.counters[counter] = before
		}
	}
	s.giveBackTurn(id)
	s.calls = withoutCallsOf(s.calls, undone)
	s.forgetAction(id)
	s.now.possible = false // an undo is not undone: the action is done again instead
	return ""
}

func withoutCallsOf(calls []Call, a action) []Call {
	var kept []Call
	for _, c := range calls {
		if _, his := a.before[c.Ticket]; !his || !c.At.Equal(a.meta.At) {
			kept = append(kept, c)
		}
	}
	return kept
}

func (s *State) forgetAction(id CommandID) {
	for i := range s.undo {
		if s.undo[i].meta.Command == id {
			s.undo = append(s.undo[:i:i], s.undo[i+1:]...)
			return
		}
	}
}

// Undoable returns the command that [Undo] would take back for a counter, and
// until when, for the button on the console.
func (s *State) Undoable(counter CounterID, at time.Time) (CommandID, time.Time, bool) {
	a, ok := s.undoable(Meta{}, Undo{Counter: counter})
	if s.closed || !ok || !s.unchangedSince(a) {
		return "", time.Time{}, false
	}
	until := a.meta.At.Add(s.settings.Rule.UndoWithin)
	return a.meta.Command, until, !at.After(until)
}
