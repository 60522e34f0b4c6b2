package whatif

import (
	"cmp"
	"container/heap"
	"errors"
	"slices"
	"time"

	"machi/internal/queue"
)

// play is a day under a rule.
type play struct {
	story  *story
	rule   *queue.Rule // nil: the day's own
	until  time.Time   // nothing happens from then on
	state  *queue.State
	floor  *floor
	agenda agenda
	visits map[queue.TicketID]*visit
	calls  []call

	serial  int
	guessed int // talks whose length the day does not tell
	late    int // calls after the clerks had gone
}

// visit is how far a ticket has come in its steps.
type visit struct {
	id       queue.TicketID
	steps    []step
	next     int
	moved    int       // what was planned before the newest move is void
	calledAt time.Time // the newest call
	realAt   time.Time // of the call that it stands for; zero: the day has none
	stepAt   time.Time // the newest step
	line     queue.Line
	call     queue.CommandID // the newest
}

// item is something that will happen, in the order of the moments and, within one,
// of the day's own log.
type item struct {
	at       time.Time
	seq, sub int
	do       func(at time.Time)
}

type agenda []item

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(a[i].at.Compare(a[j].at), cmp.Compare(a[i].seq, a[j].seq), cmp.Compare(a[i].sub, a[j].sub)) < 0
}

// Push and Pop are [heap.Interface]'s.
func (a *agenda) Push(x any) { *a = append(*a, x.(item)) }

// Pop takes the last one off.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	*a = (*a)[:last]
	return x
}

// never comes after everything of the day's own at one moment.
const never = 1 << 40

// errRunaway says that a replay did not come to an end, which is a fault of this
// package.
var errRunaway = errors.New("whatif: the replay does not end")

func (s *story) play(rule *queue.Rule, until time.Time) (*play, error) {
	p := &play{story: s, rule: rule, until: until, state: queue.New(), visits: map[queue.TicketID]*visit{}}
	p.floor = newFloor(p.state)
	if err := p.state.Apply(queue.Entry{Meta: s.opening.Meta, Events: p.ruled(s.opening.Events)}); err != nil {
		return nil, err
	}
	for _, d := range s.days {
		p.plan(d.at, d.seq, d.sub, func(at time.Time) { p.day(d, at) })
	}
	for _, id := range s.order {
		v := &visit{id: id, steps: s.tickets[id]}
		p.visits[id] = v
		p.plan(v.steps[0].at, v.steps[0].seq, v.steps[0].sub, func(at time.Time) { p.step(v, at) })
	}
	if err := p.run(); err != nil {
		return nil, err
	}
	return p, nil
}

// run plays the agenda to its end; then the counters stay until nobody is left whom
// the day itself served.
func (p *play) run() error {
	most := 1000 + 20*(len(p.story.days)+len(p.story.order)+len(p.story.calls))
	for n := 0; ; n++ {
		if n > most {
			return errRunaway
		}
		if (p.agenda.Len() == 0 || !p.agenda[0].at.Before(p.until)) && !p.stay() {
			return nil
		}
		next := heap.Pop(&p.agenda).(item)
		next.do(next.at)
	}
}

func (p *play) plan(at time.Time, seq, sub int, do func(time.Time)) {
	heap.Push(&p.agenda, item{at, seq, sub, do})
}

// apply folds events into the state, if they fit, and looks who may call now.
func (p *play) apply(meta queue.Meta, at time.Time, events []queue.Event) bool {
	ok := p.fold(meta, at, events)
	p.floor.look(at)
	p.press(at)
	return ok
}

func (p *play) fold(meta queue.Meta, at time.Time, events []queue.Event) bool {
	if !p.state.Fits(events[0]) {
		return false
	}
	p.serial++
	meta.Command, meta.At = p.newest(), at
	entry := queue.Entry{Meta: meta, Events: events}
	if _, undo := find[queue.ActionUndone](events); undo >= 0 || len(events) > 1 { // what follows may not fit; a copy is tried
		try := p.state.Clone()
		if try.Apply(entry) != nil {
			return false
		}
		p.state = try
		p.floor.state = try
	} else if p.state.Apply(entry) != nil {
		return false
	}
	if p.wakes(events) {
		p.floor.expect(events, p.state)
		for _, wake := range p.floor.wakes {
			p.plan(wake, never, 0, func(at time.Time) { p.floor.look(at); p.press(at) })
		}
		p.floor.wakes = nil
	}
	return true
}

func (p *play) wakes(events []queue.Event) bool {
	return slices.ContainsFunc(events, func(e queue.Event) bool {
		switch e := e.(type) {
		case queue.TicketDeferred:
			return true
		case queue.TicketIssued:
			return !e.Appointment.IsZero()
		}
		return false
	})
}

// ruled puts the rule under test into settings.
func (p *play) ruled(events []queue.Event) []queue.Event {
	if p.rule == nil {
		return events
	}
	out := slices.Clone(events)
	for i, e := range out {
		switch e := e.(type) {
		case queue.DayOpened:
			e.Settings.Rule = *p.rule
			out[i] = e
		case queue.SettingsChanged:
			e.Settings.Rule = *p.rule
			out[i] = e
		}
	}
	return out
}

// day is an event of the day or of a counter at its own time. A counter that is
// busy closes when it is free.
func (p *play) day(s step, at time.Time) {
	if shut, is := s.events[0].(queue.CounterShut); is {
		if c, ok := p.state.Counter(shut.Counter); ok && c.Ticket != "" {
			p.floor.desk(shut.Counter).shut = &s
			return
		}
	}
	if opened, is := s.events[0].(queue.CounterOpened); is {
		p.floor.desk(opened.Counter).shut = nil
	}
	p.apply(s.meta, at, p.ruled(s.events))
}

// step does the next step of a visit.
func (p *play) step(v *visit, at time.Time) {
	s := v.steps[v.next]
	v.next++
	v.stepAt = at
	t, _ := p.state.Ticket(v.id)
	if _, undo := find[queue.ActionUndone](s.events); s.kind == passed {
		p.pass(v, s, at)
	} else if undo >= 0 {
		p.undo(v, s, t, at)
	} else if events := p.moved(s, t, at); len(events) > 0 {
		if s.kind == came {
			events[0] = p.numbered(events[0])
		}
		p.fold(s.meta, at, events)
	}
	p.settle(v, at)
	p.free(t, at)
	p.floor.look(at)
	p.press(at)
}

// numbered gives a ticket another number where two bear one: the replay has no
// twins.
func (p *play) numbered(e queue.Event) queue.Event {
	if issued, is := e.(queue.TicketIssued); is {
		for !p.state.Fits(issued) && len(p.state.ByNumber(issued.Number)) > 0 {
			issued.Number += "*"
		}
		return issued
	}
	return e
}

// pass does a call and its talk in one, as the day did.
func (p *play) pass(v *visit, s step, at time.Time) {
	t, known := p.state.Ticket(v.id)
	if known && p.fold(s.meta, at, s.events) {
		counter := queue.CounterID("")
		if called, at := find[queue.TicketCalled](s.events); at >= 0 {
			counter = called.Counter
		} else if served, at := find[queue.TicketServed](s.events); at >= 0 {
			counter = served.Counter
		}
		p.calls = append(p.calls, call{v.id, counter, t.Line, at})
	}
}

// undo takes the newest call of a visit back.
func (p *play) undo(v *visit, s step, t *queue.Ticket, at time.Time) {
	if !p.fold(s.meta, at, []queue.Event{queue.ActionUndone{Command: v.call}}) {
		p.fold(s.meta, at, []queue.Event{
			queue.TicketMissed{Ticket: t.ID, Number: t.Number, Counter: t.Counter}, queue.TicketRestored{Ticket: t.ID, Arrival: t.Arrival},
		})
	}
	i := len(p.calls) - 1
	for p.calls[i].ticket != v.id {
		i--
	}
	p.calls = slices.Delete(p.calls, i, i+1)
}

// free closes a counter that a ticket has left, if the day had closed it before.
func (p *play) free(before *queue.Ticket, at time.Time) {
	if before == nil || before.Counter == "" {
		return
	}
	d := p.floor.desk(before.Counter)
	if c, ok := p.state.Counter(d.id); ok && c.Ticket == "" && d.shut != nil {
		s := d.shut
		d.shut = nil
		p.fold(s.meta, at, s.events)
	}
}

// settle plans what happens to a visit next.
func (p *play) settle(v *visit, at time.Time) {
	v.moved++
	moved := v.moved
	t, ok := p.state.Ticket(v.id)
	if !ok {
		return
	}
	if t.Status.AtCounter() {
		p.settleTalk(v, at)
		return
	}
	for v.next < len(v.steps) && v.steps[v.next].kind == talked {
		v.next++
	}
	if v.next == len(v.steps) || v.steps[v.next].kind == called || t.Status.Final() {
		return // a counter decides, or nobody does
	}
	s := v.steps[v.next]
	when := s.at
	if v.next > 0 && !v.calledAt.IsZero() {
		when = v.stepAt.Add(s.at.Sub(v.steps[v.next-1].at))
	}
	p.plan(latest(at, when), s.seq, s.sub, func(at time.Time) {
		if v.moved == moved {
			p.step(v, at)
		}
	})
}

func (p *play) settleTalk(v *visit, at time.Time) {
	moved := v.moved
	if v.next < len(v.steps) && v.steps[v.next].kind == talked && !v.realAt.IsZero() {
		s := v.steps[v.next]
		p.plan(latest(at, v.calledAt.Add(s.at.Sub(v.realAt))), s.seq, s.sub, func(at time.Time) {
			if v.moved == moved {
				p.step(v, at)
			}
		})
		return
	}
	long := p.story.talk(v.line)
	if !v.realAt.IsZero() { // it was not over yet
		long = max(long, p.story.last.Sub(v.realAt))
	}
	if v.realAt.IsZero() {
		p.guessed++
	}
	p.plan(latest(at, v.calledAt.Add(long)), never, 0, func(at time.Time) {
		if v.moved == moved {
			p.finish(v, at)
		}
	})
}

// finish ends a talk whose end the day does not tell.
func (p *play) finish(v *visit, at time.Time) {
	t, _ := p.state.Ticket(v.id)
	v.stepAt = at
	p.fold(queue.Meta{}, at, []queue.Event{queue.ServiceFinished{Ticket: v.id, Counter: t.Counter, Status: queue.Done, Unmeasured: true}})
	p.settle(v, at)
	p.free(t, at)
	p.floor.look(at)
	p.press(at)
}

// moved puts the events of a step at the counter that has the ticket now, and their
// moments as much later as the step is.
func (p *play) moved(s step, t *queue.Ticket, at time.Time) []queue.Event {
	by := at.Sub(s.at)
	if len(s.events) == 0 { // the day called it from where it did not wait
		switch {
		case t == nil:
		case t.Status == queue.NoShow:
			return []queue.Event{queue.TicketRestored{Ticket: t.ID, Arrival: t.Arrival}}
		case t.Status == queue.Held:
			return []queue.Event{queue.TicketResumed{Ticket: t.ID}}
		}
		return nil
	}
	out := slices.Clone(s.events)
	for i, e := range out {
		switch e := e.(type) {
		case queue.TicketRecalled:
			e.Counter = t.Counter
			out[i] = e
		case queue.ServiceStarted:
			e.Counter, e.At = t.Counter, time.Time{}
			out[i] = e
		case queue.ServiceFinished:
			e.Counter, e.At = t.Counter, time.Time{}
			out[i] = e
		case queue.TicketMissed:
			e.Counter, e.At = t.Counter, time.Time{}
			out[i] = e
		case queue.TicketHeld:
			e.At = time.Time{}
			out[i] = e
		case queue.TicketDeferred:
			e.Until = e.Until.Add(by)
			out[i] = e
		case queue.TicketRestored:
			if !e.Arrival.Equal(t.Arrival) {
				e.Arrival = e.Arrival.Add(by)
				out[i] = e
			}
		}
	}
	return out
}
