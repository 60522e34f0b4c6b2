package queue

import "slices"

// put replaces a ticket and keeps every index in step: lines, numbers, and which
// ticket its counter has. It is the only place that writes a ticket.
func (s *State) put(t *Ticket) {
	old := s.tickets[t.ID]
	s.remember(t.ID)
	if old == nil {
		s.order = append(s.order, t.ID)
	} else {
		s.leave(old)
	}
	s.tickets[t.ID] = t
	s.index(t.Number, t.ID)
	for _, spent := range t.Former {
		s.index(spent, t.ID)
	}
	switch {
	case t.Status == Waiting:
		at, _ := slices.BinarySearchFunc(s.lines[t.Line], t, compareTickets)
		s.lines[t.Line] = slices.Insert(s.lines[t.Line], at, t)
	case t.Status.AtCounter():
		s.occupy(t.Counter, t.ID)
	}
}

// index notes that a ticket bears, or bore, a number.
func (s *State) index(n Number, id TicketID) {
	if n != "" && !slices.Contains(s.numbers[n], id) {
		s.numbers[n] = append(slices.Clip(s.numbers[n]), id)
	}
}

// leave takes a ticket's old form out of its line and off its counter.
func (s *State) leave(old *Ticket) {
	switch {
	case old.Status == Waiting:
		line := s.lines[old.Line]
		if at, found := slices.BinarySearchFunc(line, old, compareTickets); found {
			s.lines[old.Line] = slices.Delete(line, at, at+1)
		}
	case old.Status.AtCounter():
		if c, ok := s.counters[old.Counter]; ok && c.Ticket == old.ID {
			s.occupy(old.Counter, "")
		}
	}
}

// occupy says which ticket a counter has.
func (s *State) occupy(id CounterID, ticket TicketID) {
	c, ok := s.counters[id]
	if !ok {
		c = s.unopened(id)
	} else if c.Ticket == ticket {
		return
	}
	next := *c
	next.Ticket = ticket
	s.putCounter(&next)
}

// unopened returns a counter before anything happened at it. One that the
// settings do not know is open: only a fact can name it, and it served.
func (s *State) unopened(id CounterID) *Counter {
	if plan, ok := s.settings.Counter(id); ok {
		return &Counter{ID: id, State: CounterClosed, Services: plan.Services, Own: plan.Own, Stages: plan.Stages, Remote: plan.Remote}
	}
	return &Counter{ID: id, State: CounterOpen}
}

// putCounter replaces a counter; like put, the only place that writes one. A
// counter at which nothing happened, because all of it turned out to be void, is
// forgotten: it must look like one that was never named.
func (s *State) putCounter(c *Counter) {
	s.rememberCounter(c.ID)
	if c.Ticket == "" && c.Since.IsZero() && c.HelpAt.IsZero() {
		delete(s.counters, c.ID)
		return
	}
	s.counters[c.ID] = c
}
