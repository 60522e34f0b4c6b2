package invariant

import (
	"machi/internal/queue"
)

// checkOrder is O2 for the papers of one origin, and O5 for what a merge does to
// tickets that it does not name.
func (c *Checker) checkOrder(before *queue.State, e queue.Entry, after *queue.State) {
	for _, event := range e.Events {
		if issue, is := event.(queue.TicketIssued); is && issue.Pool == queue.PoolKiosk {
			last, known := c.arrivals[e.Origin]
			if known && issue.Arrival.Before(last.Arrival) {
				c.report("O2", "%s of %s arrived before %s, which it issued earlier", issue.Number, e.Origin, last.Number)
			}
			c.arrivals[e.Origin] = issue
		}
	}
	if e.Fact {
		c.checkGivenUp(before, e, after)
	}
	if e.Fact && !reachesFar(e) {
		c.checkUnmoved(before, e, after)
	}
}

// reachesFar reports whether an entry concerns tickets that it does not name.
func reachesFar(e queue.Entry) bool {
	for _, event := range e.Events {
		switch event.(type) {
		case queue.ActionUndone, queue.DayClosed:
			return true
		}
	}
	return false
}

func (c *Checker) checkUnmoved(before *queue.State, e queue.Entry, after *queue.State) {
	named := map[queue.TicketID]bool{}
	for _, event := range e.Events {
		named[queue.TicketOf(event)] = true
	}
	for _, old := range before.Tickets() {
		t, ok := after.Ticket(old.ID)
		if !ok || named[old.ID] || !old.Status.AtCounter() {
			continue
		}
		moved := t.Status != old.Status || t.Counter != old.Counter
		if moved && !t.Has(queue.FlagDoubleCall) && !t.Has(queue.FlagDoubleServe) {
			c.report("O5", "a merge moved ticket %s from counter %s to %s", old.ID, old.Counter, t.Status)
		}
	}
}

// checkGivenUp is O6. What a machine does with a ticket that nobody has seen is
// another thing: then nobody comes to the counter.
func (c *Checker) checkGivenUp(before *queue.State, e queue.Entry, after *queue.State) {
	for _, event := range e.Events {
		given, is := event.(queue.TicketWithdrawn)
		old, known := before.Ticket(given.Ticket)
		if !is || !known || !old.Status.AtCounter() || e.Actor.Role != queue.RoleHolder && !personAtMachine(e.Actor) {
			continue
		}
		if t, _ := after.Ticket(given.Ticket); !t.Status.AtCounter() || t.Counter != old.Counter {
			c.report("O6", "ticket %s was given up elsewhere, and counter %s has lost it", old.ID, old.Counter)
		}
	}
}
