package invariant

import (
	"slices"
	"time"

	"machi/internal/queue"
)

// checkAnnounced is D1.
func (c *Checker) checkAnnounced(t *queue.Ticket) {
	if t.Announced == "" && t.AnnouncedAt.IsZero() {
		return
	}
	if t.Status != queue.Waiting || t.Line.Stage != queue.StageDelivery || t.Announced == "" || t.AnnouncedAt.IsZero() {
		c.report("D1", "ticket %s is announced at counter %q, and %s in line %v", t.ID, t.Announced, t.Status, t.Line)
	}
}

// checkClerks is Q4, Q5 and G1: what counters do that the order of call and
// start does not tell.
func (c *Checker) checkClerks(before *queue.State, e queue.Entry, after *queue.State) {
	if e.Fact {
		return
	}
	for _, event := range e.Events {
		t, ok := after.Ticket(queue.TicketOf(event))
		if !ok {
			continue
		}
		switch ev := event.(type) {
		case queue.ServiceStarted:
			c.checkPress(e, t, ev.At, t.StartedAt, t.Status == queue.Serving)
		case queue.TicketMissed:
			c.checkPress(e, t, ev.At, t.MissedAt, t.Status == queue.NoShow)
		case queue.ServiceFinished:
			c.checkPress(e, t, ev.At, newestVisit(t).Finished, true)
		case queue.TicketServed:
			c.checkPress(e, t, ev.At, newestVisit(t).Finished, true)
			c.checkServed(before, ev, after)
		case queue.TicketMerged:
			c.checkMerged(before, ev, after)
		}
	}
}

// checkPress is Q4: have is when the ticket says that it happened, if it still
// says so.
func (c *Checker) checkPress(e queue.Entry, t *queue.Ticket, at, have time.Time, says bool) {
	want := at
	if at.IsZero() {
		want = e.At
	}
	switch {
	case at.After(e.At), !at.IsZero() && at.Before(t.IssuedAt):
		c.report("Q4", "a press for ticket %s was at %v: not between its issue and its arrival here", t.ID, at)
	case says && !have.Equal(want):
		c.report("Q4", "ticket %s counts from %v, the press was at %v", t.ID, have, want)
	}
}

func newestVisit(t *queue.Ticket) queue.Visit {
	if len(t.Visited) == 0 {
		return queue.Visit{}
	}
	return t.Visited[len(t.Visited)-1]
}

// checkServed is Q5.
func (c *Checker) checkServed(before *queue.State, ev queue.TicketServed, after *queue.State) {
	old, _ := before.Ticket(ev.Ticket)
	t, _ := after.Ticket(ev.Ticket)
	if old != nil && (len(t.Visited) != len(old.Visited)+1 || newestVisit(t).Counter != ev.Counter) {
		c.report("Q5", "ticket %s was served by number at %s, its visits are %v", ev.Ticket, ev.Counter, t.Visited)
	}
	for _, now := range after.Counters() {
		was, ok := before.Counter(now.ID)
		if ok && was.Ticket != now.Ticket && was.Ticket != ev.Ticket {
			c.report("Q5", "counter %s had %q and has %q because %s was served by number", now.ID, was.Ticket, now.Ticket, ev.Ticket)
		}
	}
}

// checkMerged is G1.
func (c *Checker) checkMerged(before *queue.State, ev queue.TicketMerged, after *queue.State) {
	from, _ := after.Ticket(ev.From)
	old, _ := before.Ticket(ev.Ticket)
	into, _ := after.Ticket(ev.Ticket)
	switch {
	case from == nil || old == nil || from.Status != queue.Withdrawn || into.Status != old.Status:
		c.report("G1", "ticket %s was merged into %s, and not given up for it", ev.From, ev.Ticket)
		return
	case into.Arrival.After(old.Arrival), from.Priority && !into.Priority:
		c.report("G1", "ticket %s lost its place when %s was merged into it", ev.Ticket, ev.From)
	}
	has := append([]queue.ServiceID{into.Line.Service}, into.Further...)
	for _, v := range into.Visited {
		has = append(has, v.Line.Service)
	}
	for _, id := range append([]queue.ServiceID{from.Line.Service}, from.Further...) {
		if !slices.Contains(has, id) {
			c.report("G1", "ticket %s was for %s, which was lost with it", ev.From, id)
		}
	}
}
