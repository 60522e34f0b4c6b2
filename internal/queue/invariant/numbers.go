package invariant

import (
	"slices"
	"strconv"
	"strings"

	"machi/internal/queue"
)

// numberBooks is what the checker remembers of numbers.
type numberBooks struct {
	bearer  map[queue.Number]queue.TicketID    // to whom each number was given first
	issued  map[queue.TicketID]queue.CommandID // by which command
	given   map[queue.TicketID][]queue.Number  // every number of a ticket
	papers  map[queue.TicketID]queue.Number    // what a kiosk printed
	servers map[queue.SeriesID]queue.Number    // newest number of the server
}

func newNumberBooks() numberBooks {
	return numberBooks{
		bearer: map[queue.Number]queue.TicketID{}, issued: map[queue.TicketID]queue.CommandID{},
		given: map[queue.TicketID][]queue.Number{}, papers: map[queue.TicketID]queue.Number{},
		servers: map[queue.SeriesID]queue.Number{},
	}
}

func (c *Checker) checkNumbers(before *queue.State, e queue.Entry, after *queue.State) {
	for _, event := range e.Events {
		switch ev := event.(type) {
		case queue.QuickServed:
			c.checkIdentity(ev.Ticket, e)
		case queue.TicketIssued:
			c.checkIdentity(ev.Ticket, e)
			c.checkOwner(before, e, ev)
			c.checkReuse(e, ev)
			if !e.Fact && ev.Pool == queue.PoolServer {
				c.checkRise(before, ev)
			}
		}
	}
	c.checkBearers(after)
}

// checkIdentity is N2. A ticket may be told of twice, but only by one command.
func (c *Checker) checkIdentity(id queue.TicketID, e queue.Entry) {
	first, known := c.numbers.issued[id]
	if known && (!e.Fact || first != e.Command) {
		c.report("N2", "ticket %s was issued by %s and again by %s", id, first, e.Command)
		return
	}
	c.numbers.issued[id] = e.Command
}

// checkOwner is N3.
func (c *Checker) checkOwner(before *queue.State, e queue.Entry, ev queue.TicketIssued) {
	settings := before.Settings()
	service, _ := settings.Service(ev.Service)
	series, _ := settings.SeriesOf(service.Series)
	if !owns(before, e, ev, series) {
		c.report("N3", "number %s is not of pool %s %s slot %d", ev.Number, ev.Pool, ev.Kiosk, ev.Slot)
	}
}

func owns(before *queue.State, e queue.Entry, ev queue.TicketIssued, series queue.SeriesSettings) bool {
	label, n, overflow := split(ev.Number)
	switch ev.Pool {
	case queue.PoolKiosk:
		if !boundTo(before, e, ev) {
			return false
		}
		if overflow {
			return label == queue.OverflowLabel(ev.Kiosk, ev.Slot)
		}
		ranges := series.Kiosks[ev.Kiosk]
		return label == string(series.ID) && ev.Slot >= 0 && ev.Slot < len(ranges) && ranges[ev.Slot].Contains(n)
	case queue.PoolDesk:
		return !overflow && label == string(series.ID) && series.Desk.Contains(n)
	}
	return label == string(series.ID) && (overflow || series.Main.Contains(n) || series.Next.Contains(n))
}

// boundTo reports whether the kiosk's store held the slot. Only an origin that
// names a store ("kiosk/K1/9f3a") can be judged.
func boundTo(before *queue.State, e queue.Entry, ev queue.TicketIssued) bool {
	parts := strings.Split(e.Origin, "/")
	if len(parts) != 3 || parts[0] != "kiosk" {
		return true
	}
	if parts[1] != string(ev.Kiosk) {
		return false
	}
	bindings := before.Bindings(ev.Kiosk)
	return len(bindings) == 0 || slices.Contains(bindings, queue.Binding{Slot: ev.Slot, Store: parts[2]})
}

// split reads a number: what stands before its digits, their value, and whether
// a hyphen marks it as one of an overflow series.
func split(n queue.Number) (label string, value int, overflow bool) {
	text := string(n)
	if at := strings.LastIndexByte(text, '-'); at >= 0 {
		value, _ = strconv.Atoi(text[at+1:])
		return text[:at], value, true
	}
	label = strings.TrimRight(text, "0123456789")
	value, _ = strconv.Atoi(text[len(label):])
	return label, value, false
}

// checkReuse is the first half of N4: a number that was given stays given.
func (c *Checker) checkReuse(e queue.Entry, ev queue.TicketIssued) {
	b := &c.numbers
	if holder, taken := b.bearer[ev.Number]; taken && holder != ev.Ticket && !e.Fact {
		c.report("N4", "number %s was given to %s and again to %s", ev.Number, holder, ev.Ticket)
	} else if !taken {
		b.bearer[ev.Number] = ev.Ticket
	}
	b.given[ev.Ticket] = append(b.given[ev.Ticket], ev.Number)
	if ev.Pool == queue.PoolKiosk {
		b.papers[ev.Ticket] = ev.Number
	}
}

// checkRise is N5 and N6.
func (c *Checker) checkRise(before *queue.State, ev queue.TicketIssued) {
	service, _ := before.Settings().Service(ev.Service)
	series, _ := before.Settings().SeriesOf(service.Series)
	last, began := c.numbers.servers[series.ID]
	band, n := bandOf(series, ev.Number)
	lastBand, lastN := bandOf(series, last)
	if began && (band < lastBand || band == lastBand && n <= lastN) {
		c.report("N5", "server number %s comes after %s", ev.Number, last)
	}
	for _, r := range []queue.Range{series.Main, series.Next}[:min(band, 2)] {
		if r.Last > 0 && !c.given(numberOf(series, r.Last)) {
			c.report("N6", "number %s was given before the range up to %d was used up", ev.Number, r.Last)
		}
	}
	c.numbers.servers[series.ID] = ev.Number
}

// given reports whether a number was given to anybody, here or elsewhere.
func (c *Checker) given(n queue.Number) bool {
	_, ok := c.numbers.bearer[n]
	return ok
}

// bandOf says where a number of the server stands: 0 in the main range, 1 in the
// next one, 2 in the overflow.
func bandOf(series queue.SeriesSettings, n queue.Number) (band, value int) {
	_, value, overflow := split(n)
	switch {
	case overflow:
		return 2, value
	case series.Next.Contains(value):
		return 1, value
	}
	return 0, value
}

func numberOf(series queue.SeriesSettings, n int) queue.Number {
	text := strconv.Itoa(n)
	for len(text) < 3 {
		text = "0" + text
	}
	return queue.Number(string(series.ID) + text)
}

// checkBearers is N1, and the second half of N4: a ticket bears the number on its
// paper, or else one that it was given.
func (c *Checker) checkBearers(after *queue.State) {
	bearers := map[queue.Number]queue.TicketID{}
	for _, t := range after.Tickets() {
		if t.Number == "" {
			continue
		}
		if other, taken := bearers[t.Number]; taken {
			c.report("N1", "tickets %s and %s both bear %s", other, t.ID, t.Number)
		}
		bearers[t.Number] = t.ID
		paper, printed := c.numbers.papers[t.ID]
		if printed && t.Number != paper && !slices.Contains(c.numbers.given[t.ID], t.Number) ||
			!printed && !slices.Contains(c.numbers.given[t.ID], t.Number) {
			c.report("N4", "ticket %s bears %s, which it was never given", t.ID, t.Number)
		} else if printed && t.Number != paper {
			c.report("N4", "ticket %s bears %s, but its paper says %s", t.ID, t.Number, paper)
		}
	}
}
