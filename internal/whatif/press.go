package whatif

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"machi/internal/queue"
)

// press plans the next press of every counter that has come to wait for one, and
// drops those that nobody waits for any more.
func (p *play) press(at time.Time) {
	for _, d := range p.floor.order {
		n, ok := p.upcoming(d)
		switch {
		case d.free.IsZero(), d.since.IsZero() && !(ok && n.idle && n.chosen && p.mayChoose(n.by)):
			if d.due {
				d.due, d.pending = false, d.pending+1
			}
		case !d.due:
			p.planPress(d, n, at)
		}
	}
}

// upcoming returns the press that a counter comes to next: the day's own or, when
// there are no more, one of its usual pace.
func (p *play) upcoming(d *desk) (press, bool) {
	all := p.story.presses[d.id]
	if d.next < len(all) {
		return all[d.next], true
	}
	return press{seq: never, gap: usual(all)}, false
}

func usual(all []press) time.Duration {
	if len(all) == 0 {
		return 15 * time.Second
	}
	gaps := make([]time.Duration, len(all))
	for i, n := range all {
		gaps[i] = n.gap
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

func (p *play) planPress(d *desk, n press, at time.Time) {
	when := latest(at, d.since.Add(n.gap))
	if n.idle {
		when = latest(at, n.at)
		if !n.chosen || !d.since.IsZero() && when.After(d.since.Add(longGap)) {
			when = at
		}
	}
	for _, a := range p.story.absences[d.id] {
		if !when.Before(a.from) && when.Before(a.to) {
			when = a.to
		}
	}
	d.due = true
	d.pending++
	pending := d.pending
	p.plan(when, n.seq, n.sub, func(at time.Time) {
		if d.pending == pending {
			d.due = false
			p.call(d, n, at)
		}
	})
}

// call is a press: it calls whom the clerk chose, where the rule lets clerks choose
// and the ticket is there, else whoever the rule says is next.
func (p *play) call(d *desk, n press, at time.Time) {
	d.next++
	next, ok := p.choice(d, n, at)
	if !ok {
		next, ok = queue.Next(p.state, d.id, "", at)
	}
	if ok {
		p.invite(d, next, n, at)
	}
	p.floor.look(at)
	p.press(at)
}

// mayChoose reports whether the rule lets somebody call out of turn.
func (p *play) mayChoose(by queue.Actor) bool { return p.state.MayChoose(by) }

func (p *play) choice(d *desk, n press, at time.Time) (queue.Candidate, bool) {
	none := queue.Candidate{}
	if !p.mayChoose(n.by) {
		return none, false
	}
	if n.chosen {
		t, ok := p.state.Ticket(n.ticket)
		if !ok || t.Status != queue.Waiting {
			return none, false
		}
		return queue.Candidate{Ticket: t, Reason: queue.Reason{Code: queue.ReasonChosen}}, true
	}
	if n.service == "" {
		return none, false
	}
	return queue.Next(p.state, d.id, n.service, at)
}

func (p *play) invite(d *desk, next queue.Candidate, n press, at time.Time) {
	t := next.Ticket
	if !p.fold(queue.Meta{Actor: n.by}, at, []queue.Event{queue.TicketCalled{Ticket: t.ID, Number: t.Number, Counter: d.id, Reason: next.Reason}}) {
		return
	}
	p.calls = append(p.calls, call{t.ID, d.id, t.Line, at})
	v := p.visits[t.ID]
	v.call = p.newest()
	v.calledAt, v.stepAt, v.line, v.realAt = at, at, t.Line, time.Time{}
	for i := v.next; i < len(v.steps); i++ { // what would have happened while it waited does not
		if v.steps[i].kind == called {
			v.next, v.realAt = i+1, v.steps[i].at
			break
		}
		if v.steps[i].kind == passed {
			v.next = i + 1
			break
		}
	}
	p.settle(v, at)
}

// newest returns the command of the newest entry.
func (p *play) newest() queue.CommandID { return queue.CommandID(fmt.Sprint("replay-", p.serial)) }

// stay lets the counters go on, each with one visitor whom the day itself called and
// the replay has not, when the clerks have gone. It reports whether there is any.
func (p *play) stay() bool {
	at := p.state.Moment()
	if p.story.end.IsZero() || !at.Before(p.until) {
		return false
	}
	owed := p.owed()
	for _, c := range p.state.Counters() {
		i := slices.IndexFunc(owed, func(t *queue.Ticket) bool {
			return slices.Contains(c.Services, t.Line.Service) && slices.Contains(c.Stages, t.Line.Stage)
		})
		if i < 0 || c.Ticket != "" || c.Since.IsZero() {
			continue
		}
		d := p.floor.desk(c.ID)
		p.fold(queue.Meta{}, at, []queue.Event{queue.CounterOpened{
			Counter: c.ID, Staff: c.Staff, Services: c.Services, Own: c.Own, Stages: c.Stages, Remote: c.Remote,
		}})
		d.shut = &step{events: []queue.Event{queue.CounterShut{Counter: c.ID}}}
		p.late++
		p.invite(d, queue.Candidate{Ticket: owed[i], Reason: queue.Reason{Code: queue.ReasonChosen}}, press{}, at)
		p.floor.look(at)
		owed = slices.Delete(owed, i, i+1)
	}
	return p.agenda.Len() > 0 && p.agenda[0].at.Before(p.until)
}

// owed lists who waits, in order of arrival, and was called for it in the day.
func (p *play) owed() []*queue.Ticket {
	type key struct {
		ticket queue.TicketID
		line   queue.Line
	}
	left := map[key]int{}
	for _, c := range p.story.calls {
		left[key{c.ticket, c.line}]++
	}
	for _, c := range p.calls {
		left[key{c.ticket, c.line}]--
	}
	var owed []*queue.Ticket
	for _, line := range p.state.Lines() {
		for _, t := range p.state.Line(line) {
			if left[key{t.ID, line}] > 0 {
				owed = append(owed, t)
			}
		}
	}
	slices.SortFunc(owed, func(a, b *queue.Ticket) int {
		return cmp.Or(a.Arrival.Compare(b.Arrival), cmp.Compare(a.ID, b.ID))
	})
	return owed
}
