package sim

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	firstByteWithin = time.Second     // from the press, whatever the link does
	answerWithin    = 5 * time.Second // every press has ended by then
	checkEvery      = 250             // changes between two full checks of one copy
)

// ticket is called when a machine begins to print.
func (a *auditor) ticket(k *kiosk, p replica.Press, t *touch) {
	w := a.world
	at := w.now
	if t != nil {
		t.seen, at = true, t.at
		if took := w.now - t.at; took > firstByteWithin {
			a.fail("%s: the paper of %s starts %s after the press", k.name, p.Ticket, took)
		}
	}
	a.presses.ticket++
	if !k.holds(p) {
		a.fail("%s prints %s of %s, and no file holds it", k.name, p.Number, p.Ticket)
	}
	if !p.Guessed && p.Date != w.date(at) {
		a.fail("%s prints %s for %s, and it is %s", k.name, p.Number, p.Date, w.date(at))
	}
	if p.Guessed {
		w.rare.reached(rareClock)
	}
	if !p.Online && k.apart >= 0 && w.date(k.apart) < p.Date {
		w.rare.reached(rareDayOffline)
	}
	w.story.tell(k.name, "prints %s for %s (%s, %s)", p.Number, p.Ticket, p.Service, p.Pool)
	a.printed(paper{office: k.branch.id, date: p.Date, number: p.Number, ticket: p.Ticket, at: at, kiosk: k, exact: !p.Guessed && !k.jumped})
	if k.knows(at) {
		a.fail("%s prints %s, and has known since %s that it is barred", k.name, p.Number, clockText(k.told))
	}
	k.branch.leave(k.chance, p.Ticket)
	k.holder(p.Ticket)
}

// fair are the codes with which a machine may send a visitor away although paper,
// screen and disk work: the office said so, or the finger was too fast.
var fair = []string{
	string(queue.ServiceNotOpen), string(queue.OfficeNotOpen), string(queue.OutsideHours),
	replica.Busy, "session_used", "too_soon",
}

// refusal is called when a machine visibly refuses a press.
func (a *auditor) refusal(k *kiosk, p replica.Press) {
	a.presses.refused++
	alone := k.newDisk && (p.Code == replica.RangeMissing || p.Code == replica.NotSetUp)
	barred := p.Code == k.agent.Barred() && p.Code != ""
	if barred {
		a.world.rare.reached(rareRevoked)
	}
	first := k.clone != nil && p.Code != string(queue.TicketExists)
	if !slices.Contains(fair, p.Code) && !alone && !barred && !first {
		a.fail("%s refuses a press although it works: %s", k.name, p.Code)
	}
	if p.Code == replica.Busy || p.Code == "session_used" || p.Code == "too_soon" {
		a.world.rare.reached(rareDoubleTap)
	}
}

// moved is called whenever a server shows another state. The cheap promises are
// checked every time, the whole state now and then.
func (a *auditor) moved(c *core) {
	c.checks++
	if c.checks%checkEvery == 0 {
		a.replica(c.server.name, c.core.Day())
	}
	if c.watched() {
		a.wait(c.server.name, &c.waits, c.core.Day(), c.core.Day().State())
	}
}

// liveness waits for the moment at which all copies are the same and nothing is
// owed, and fails when it has not come in time.
func (a *auditor) liveness(until time.Duration) {
	open := a.unsettled()
	switch {
	case open == "":
		a.world.story.tell("AUDITOR", "all copies are the same")
	case a.world.now >= until:
		a.fail("the world does not come to rest: %s", open)
	default:
		a.world.after(time.Second, func() { a.liveness(until) })
	}
}

// unsettled says what is not yet as it must be in the end, or "".
func (a *auditor) unsettled() string {
	w := a.world
	for _, s := range w.servers {
		for _, stream := range s.order {
			c := s.cores[stream]
			want := headOf(w.redis.nodes[w.redis.newest].streams[stream])
			if got := c.core.Day().Head(); got != want || c.core.Doubt() {
				return fmt.Sprintf("%s has %s at %d, the store at %d, doubt %v", s.name, stream, got.Number, want.Number, c.core.Doubt())
			}
		}
	}
	for _, b := range w.branches {
		for _, c := range b.consoles {
			if open := c.unsettled(); open != "" {
				return open
			}
		}
		for _, k := range b.kiosks {
			if open := k.unsettled(); open != "" {
				return open
			}
		}
	}
	return ""
}

func (k *kiosk) unsettled() string {
	w := k.world
	if n := k.agent.Unsent(); n > 0 {
		return fmt.Sprintf("%s owes %d records", k.name, n)
	}
	if code := k.agent.Barred(); code != "" {
		return fmt.Sprintf("%s is still barred: %s", k.name, code)
	}
	for id, at := range k.acts {
		if w.now-at > answerWithin {
			return fmt.Sprintf("%s: act %s of %s has no end", k.name, id, clockText(at))
		}
	}
	for id, t := range k.open {
		if !t.seen && w.now-t.at > answerWithin {
			return fmt.Sprintf("%s: press %s of %s has no end", k.name, id, clockText(t.at))
		}
	}
	today, _ := k.agent.Today(k.now())
	c := w.servers[0].today(k.branch.id)
	if today.Date() != c.date {
		return "" // a clock that nobody believes: the machine says so
	}
	if today.Head() != c.core.Day().Head() {
		return fmt.Sprintf("%s stands at record %d, the servers at %d", k.name, today.Head().Number, c.core.Day().Head().Number)
	}
	if hashOf(today.State()) != hashOf(c.core.Day().State()) {
		w.audit.fail("%s has another state at record %d than %s", k.name, today.Head().Number, c.server.name)
	}
	return ""
}

// hashOf returns the hash of a state; a state that cannot be written down has the
// zero hash, and the same check elsewhere says why.
func hashOf(s *queue.State) eventlog.Hash {
	raw, err := s.Canonical()
	if err != nil {
		return eventlog.Hash{}
	}
	return eventlog.BodyHash(raw)
}
