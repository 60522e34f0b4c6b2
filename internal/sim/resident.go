package sim

import (
	"fmt"
	"time"

	"machi/internal/queue"
)

// arrivals plans when residents come to an office between two moments: with a
// rush when the doors open and another before they close.
func (b *branch) arrivals(c chance, count int, from, until time.Duration) {
	length := until - from
	for range count {
		at := from + time.Duration(c.Float64()*float64(length))
		switch {
		case c.in(0.15):
			at = from + time.Duration(c.Float64()*0.1*float64(length))
		case c.in(0.1):
			at = until - time.Duration(c.Float64()*0.1*float64(length))
		}
		b.world.after(at-b.world.now, func() { b.arrive(c) })
	}
}

// arrive is a resident at the door: most press at a ticket machine.
func (b *branch) arrive(c chance) {
	wish := wish{service: pick(c, service), priority: c.in(0.08)}
	switch n := c.IntN(100); {
	case n < 84:
		k := pick(c, b.kiosks)
		k.press(wish)
		for c.in(0.12) {
			b.world.after(c.span(20*time.Millisecond, 1200*time.Millisecond), func() { k.tap(wish) })
		}
	case n < 92:
		b.ask(c, wish, queue.ChannelWeb, queue.RoleWeb)
	default:
		b.ask(c, wish, queue.ChannelReception, queue.RoleStaff)
	}
}

// wish is what a resident wants.
type wish struct {
	service  queue.ServiceID
	priority bool
}

// ask gets a ticket without a machine: by phone, or from the reception desk.
func (b *branch) ask(c chance, w wish, channel queue.Channel, role string) {
	id := queue.TicketID(fmt.Sprintf("%s.%s-%06d", channel, b.id, b.world.serial()))
	at := b.world.now
	cmd := queue.IssueTicket{Ticket: id, Service: w.service, Channel: channel, Priority: w.priority}
	if channel == queue.ChannelWeb {
		cmd.Secret = hexOf(c.bytes())
	}
	if channel == queue.ChannelReception && c.in(0.3) {
		cmd.Pool = queue.PoolDesk
	}
	b.door.command(role, cmd, func(a reply) {
		if a.outcome == nil || a.unconfirmed {
			return
		}
		for _, e := range a.outcome.Events {
			if issued, is := e.(queue.TicketIssued); is {
				b.world.audit.printed(paper{office: b.id, date: b.world.date(at), number: issued.Number, ticket: id, at: at})
				b.leave(c, id)
				b.come(c, id, cmd.Secret)
			}
		}
	})
}

// come brings the holder of a ticket from home to the office: to a machine with the
// code on the phone, or to a clerk. Some never come.
func (b *branch) come(c chance, id queue.TicketID, secret string) {
	if secret == "" || !b.world.plan.CheckIn || c.in(0.15) {
		return
	}
	b.world.after(c.span(time.Minute, 30*time.Minute), func() {
		if c.in(0.7) {
			pick(c, b.kiosks).scan(secret)
			return
		}
		pick(c, b.consoles).checkIn(id)
	})
}

// leave lets some residents give up later, by the secret on their ticket.
func (b *branch) leave(c chance, id queue.TicketID) {
	if c.in(0.05) {
		b.world.after(c.span(time.Minute, 20*time.Minute), func() {
			b.door.command(queue.RoleHolder, queue.Withdraw{Ticket: id}, func(reply) {})
		})
	}
}
