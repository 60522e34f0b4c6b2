package invariant

import (
	"slices"
	"strings"

	"machi/internal/queue"
)

// checkAway is C1 and C2.
func (c *Checker) checkAway(before *queue.State, e queue.Entry, after *queue.State) {
	named, undone := map[queue.TicketID][]string{}, false
	for _, event := range e.Events {
		named[queue.TicketOf(event)] = append(named[queue.TicketOf(event)], queue.Kind(event))
		if _, is := event.(queue.ActionUndone); is {
			undone = true
		}
		called, is := event.(queue.TicketCalled)
		if t, ok := before.Ticket(called.Ticket); is && ok && !e.Fact && called.Reason.ByRule() && awaited(before, t) {
			c.report("C1", "ticket %s was called by rule, and its holder has not come", t.ID)
		}
	}
	for _, t := range after.Tickets() {
		old, existed := before.Ticket(t.ID)
		switch {
		case t.Away && t.Status != queue.Waiting && t.Status != queue.Held:
			c.report("C1", "ticket %s is away and %s", t.ID, t.Status)
		case e.Fact || undone || !existed || old.Away == t.Away:
		case t.Away:
			c.report("C2", "ticket %s went away again", t.ID)
		case !slices.ContainsFunc(named[t.ID], bringsIn):
			c.report("C2", "ticket %s is not away any more, and nothing says why", t.ID)
		}
	}
}

// awaited reports whether the holder of a ticket must check in before a call.
func awaited(s *queue.State, t *queue.Ticket) bool { return t.Away && s.Settings().Rule.CheckIn }

// bringsIn reports whether an event of a kind ends a holder's absence: the visitor
// came, a person called the ticket, or the visit is over.
func bringsIn(kind string) bool {
	switch kind {
	case "ticket_arrived", "ticket_called", "ticket_withdrawn", "ticket_sent_away", "ticket_expired",
		"ticket_served", "ticket_merged":
		return true
	}
	return false
}

// effects says what an act at a machine does beside its audit.
var effects = map[queue.KioskAction]string{
	queue.ActWithdraw: "ticket_withdrawn", queue.ActLeave: "ticket_withdrawn", queue.ActLater: "ticket_deferred",
	queue.ActCheckIn: "ticket_arrived", queue.ActServiceOpen: "service_set", queue.ActServiceClose: "service_set",
}

// checkMachines is M1 and M2.
func (c *Checker) checkMachines(before *queue.State, e queue.Entry) {
	var done []string
	var audit *queue.KioskActed
	for _, event := range e.Events {
		switch ev := event.(type) {
		case queue.KioskActed:
			audit = &ev
		case queue.KioskReported:
			known, ok := before.Kiosks()[ev.Kiosk]
			if ok && known.SameWords(ev.Report) && !e.Fact {
				c.report("M2", "machine %s reports once more what is known", ev.Kiosk)
			}
		default:
			done = append(done, queue.Kind(event))
		}
	}
	want := []string(nil)
	switch {
	case audit == nil && !personAtMachine(e.Actor):
		return
	case audit == nil:
		c.report("M1", "%s did %v at a machine, and no audit says so", e.Actor, done)
		return
	case effects[audit.Action] != "":
		want = []string{effects[audit.Action]}
	}
	if !slices.Equal(done, want) {
		c.report("M1", "the act %s at %s did %v, want %v", audit.Action, audit.Kiosk, done, want)
	}
}

// personAtMachine reports whether somebody acted at a machine, not the machine.
func personAtMachine(a queue.Actor) bool {
	return a.Role == queue.RoleKiosk && strings.Contains(a.ID, "/")
}
