package sim

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/office"
	"machi/internal/queue"
)

// outbox is what a console has while no server answers it: the office as it was
// last seen, and the presses that are to be told later.
type outbox struct {
	misses  int // looks in a row that nobody answered
	seen    *queue.State
	kept    []kept // not answered yet, oldest first
	unknown []kept // numbers that no server knew when they were told
	sending bool
}

// kept is a press on its way.
type kept struct {
	request office.Request
	date    queue.Date
}

// aloneAfter is how many looks in a row go wrong before a console works alone.
const aloneAfter = 2

// looked notes what came of a look, and reports whether the clerk may act on it:
// what was pressed while nobody answered is told first.
func (c *console) looked(s *queue.State, ok bool) bool {
	if !ok {
		c.server++
		if c.misses++; c.misses >= aloneAfter {
			c.actAlone()
		}
		return false
	}
	c.misses, c.seen = 0, s
	c.askAgain(s)
	c.flush()
	return len(c.kept) == 0
}

// own returns the ticket that the clerk has, as far as this console knows: as it
// was last seen, with what was pressed since.
func (c *console) own() (t *queue.Ticket, serving bool) {
	counter, ok := c.seen.Counter(c.counter)
	if !ok || counter.Ticket == "" {
		return nil, false
	}
	t, _ = c.seen.Ticket(counter.Ticket)
	serving = t.Status == queue.Serving
	for _, k := range c.kept {
		switch cmd := k.request.Command.(type) {
		case queue.Start:
			serving = serving || cmd.Ticket == t.ID
		case queue.Finish, queue.MarkNoShow, queue.Hold:
			return nil, false
		}
	}
	return t, serving
}

// actAlone is a clerk without a link: the visitor at the counter is served all the
// same, and so is whoever comes with a paper.
func (c *console) actAlone() {
	if c.seen == nil || c.world.asleep() {
		return
	}
	t, serving := c.own()
	n, at := c.chance.IntN(100), c.wall()
	switch {
	case n < 25:
		c.serveByNumber(at)
	case t == nil:
	case !serving && at.Sub(t.CalledAt) > 40*time.Second:
		c.keep(queue.MarkNoShow{Ticket: t.ID, Counter: c.counter, Clicked: at})
	case !serving && n < 80:
		c.keep(queue.Start{Ticket: t.ID, Counter: c.counter, Clicked: at})
	case serving && n < 45:
		c.keep(queue.Finish{Ticket: t.ID, Counter: c.counter, Clicked: at})
	case serving && n < 50:
		c.keep(queue.Hold{Ticket: t.ID, Counter: c.counter, Reason: "photo", Room: "booth", Clicked: at})
	case serving && n < 55:
		c.keep(queue.AddNote{Ticket: t.ID, Text: "wheelchair", Clicked: at})
	}
}

// serveByNumber is a visitor who shows a paper. Now and then the clerk mistypes it.
func (c *console) serveByNumber(at time.Time) {
	papers, today := c.world.audit.papers, c.world.date(c.world.now)
	papers = papers[max(0, len(papers)-40):]
	if len(papers) == 0 {
		return
	}
	p := pick(c.chance, papers)
	t, known := c.seen.Ticket(p.ticket)
	if p.office != c.branch.id || p.date != today || known && t.Status.Final() && !c.chance.in(0.1) {
		return
	}
	cmd := queue.Serve{Ticket: p.ticket, Counter: c.counter, Processing: c.chance.in(0.1), Clicked: at}
	if c.chance.in(0.6) {
		cmd.Started = at.Add(-c.chance.span(time.Minute, 5*time.Minute))
	}
	c.keep(cmd)
}

// keep makes a press safe on the console. It gets its id here, whatever happens.
func (c *console) keep(cmd queue.Command) {
	c.serial++
	c.kept = append(c.kept, kept{date: queue.BusinessDay(c.wall()), request: office.Request{
		ID: queue.CommandID(fmt.Sprintf("%s-%d", c.name, c.serial)), Actor: queue.Actor{Role: queue.RoleStaff, ID: c.staff},
		Fingerprint: fmt.Sprintf("%T", cmd), Command: cmd,
	}})
	c.world.story.tell(c.name, "keeps %T", cmd)
	c.flush()
}

// flush tells what is kept, one after the other, each until it is answered.
func (c *console) flush() {
	if c.sending || len(c.kept) == 0 {
		return
	}
	c.sending = true
	s, k := c.next(), c.kept[0]
	exchange(c.world.net, &c.node, &s.node, commandDeadline, func(answer func(reply)) {
		s.submit(c.branch.id, k.request, answer)
	}, func(a reply, ok bool) {
		c.sending = false
		if !ok || a.unavailable != "" {
			c.server++
			c.after(c.chance.span(200*time.Millisecond, 2*time.Second), c.flush)
			return
		}
		c.kept = c.kept[1:]
		c.told(k, a)
		c.flush()
	})
}

// told notes the answer to a press that was kept. A number that nobody knows may
// still be on its way from a machine, so it is kept for longer.
func (c *console) told(k kept, a reply) {
	audit := c.world.audit
	_, byNumber := k.request.Command.(queue.Serve)
	switch {
	case a.outcome != nil:
		audit.answered(c.branch.id, k.request, a)
	case a.refusal.Code == queue.OutOfRange:
		audit.fail("%s: the press %s is refused for its moment: %v", c.name, k.request.ID, a.refusal)
	case a.refusal.Code == queue.UnknownTicket && byNumber:
		c.unknown = append(c.unknown, k)
	case byNumber && a.refusal.Code != queue.DayIsClosed:
		audit.fail("%s: served by number, and refused: %v", c.name, a.refusal)
	default:
		c.world.story.tell(c.name, "is told %v of %T", a.refusal, k.request.Command)
	}
}

// askAgain tells numbers once more that were unknown, when they have turned up.
func (c *console) askAgain(s *queue.State) {
	c.unknown = slices.DeleteFunc(c.unknown, func(k kept) bool {
		served, _ := k.request.Command.(queue.Serve)
		if _, known := s.Ticket(served.Ticket); known && k.date == s.Settings().Date {
			c.kept = append(c.kept, k)
			c.world.rare.reached(rareUnknownFirst)
			return true
		}
		return k.date != s.Settings().Date
	})
}

func (c *console) unsettled() string {
	if n := len(c.kept); n > 0 {
		return fmt.Sprintf("%s keeps %d presses", c.name, n)
	}
	return ""
}

// visits counts what a record says of visits by number, delivery desks and presses
// that came late.
func (r rare) visits(before *queue.State, event queue.Event, after *queue.State) {
	old, known := before.Ticket(queue.TicketOf(event))
	switch ev := event.(type) {
	case queue.TicketServed:
		switch {
		case known && old.Announced != "":
			r.reached(rareHandedOver)
		case known && old.Status == queue.Called:
			r.reached(rareFromOther)
		default:
			r.reached(rareByNumber)
		}
	case queue.TicketFlagged:
		if ev.Flag == queue.FlagServedTwice {
			r.reached(rareServedTwice)
		}
	case queue.TicketAnnounced:
		r.reached(rareAnnounced)
	case queue.TicketMerged:
		r.reached(rareMerged)
	case queue.TicketDeferred:
		if ev.Counter != "" {
			r.reached(rareSkipped)
		}
	case queue.TicketCalled:
		if now, ok := after.Ticket(ev.Ticket); ok && ev.Reason.Code == queue.ReasonOvertaken && ev.Reason.Service != "" && now.Line.Service != ev.Reason.Service {
			r.reached(rareOverruled)
		}
	case queue.ServiceFinished:
		if !ev.At.IsZero() {
			r.reached(rareLatePress)
		}
	}
}
