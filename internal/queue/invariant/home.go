package invariant

import (
	"machi/internal/queue"
	"machi/internal/quota"
)

// checkHome is H1 and H2: no slot of tickets from home, and no device, has more than
// the rule allows. Facts from another history are beyond it.
func (c *Checker) checkHome(before *queue.State, e queue.Entry) {
	if e.Fact {
		return
	}
	for _, event := range e.Events {
		issued, is := event.(queue.TicketIssued)
		home := before.Settings().Rule.Home
		if !is || issued.Channel != queue.ChannelWeb || !home.On {
			continue
		}
		if home.Off {
			c.report("H1", "ticket %s was taken from home, which is stopped", issued.Ticket)
		}
		slot, same := 0, 0
		for _, t := range before.Tickets() {
			if t.Channel != queue.ChannelWeb {
				continue
			}
			if t.IssuedAt.Truncate(quota.Slot).Equal(issued.IssuedAt.Truncate(quota.Slot)) {
				slot++
			}
			if issued.Marks.Device != "" && t.Marks.Device == issued.Marks.Device && !t.Status.Final() {
				same++
			}
		}
		if home.PerSlot > 0 && slot >= home.PerSlot {
			c.report("H1", "ticket %s is number %d of a slot of %d", issued.Ticket, slot+1, home.PerSlot)
		}
		if same > 0 {
			c.report("H2", "ticket %s is of a device that has %d", issued.Ticket, same)
		}
	}
}
