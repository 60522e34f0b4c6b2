package estimate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"machi/internal/queue"
)

// talks returns how long a visit of a line still keeps a counter after it has
// lasted a while.
type talks func(line queue.Line, spent time.Duration) time.Duration

// never is beyond any day.
const never = time.Duration(1<<62 - 1)

// order plays out the calls to come as [queue.Next] will make them, with talks of
// expected length: which ticket, at which counter, in which order. Moments are
// counted from the one it was made for.
//
// It asks the rule's questions of the heads of groups, not of the whole line, so
// that a long line costs little more for each of its tickets. Where it departs from
// the rule: tickets on the way are taken to arrive before their turn, nobody new
// comes, and who is served leaves. Where real talks are of other lengths, about one
// in forty pairs of a line is called the other way round (a test measures it).
type order struct {
	state  *queue.State
	rule   *queue.Rule
	at     time.Time
	places []waiter
	groups []group
	chairs []chair
	wakes  []wake // moments at which time alone changes what may be called, ascending
	late   int    // index of the newcomer among the places
}

// waiter is a ticket that waits.
type waiter struct {
	ticket *queue.Ticket // nil: the newcomer
	id     queue.TicketID
	group  int32
	key    time.Duration // effective arrival
	came   time.Duration // arrival
	slot   time.Duration // of an appointment; never: none
	from   time.Duration // not called before
	passed int           // how often it was overtaken
}

// group are the tickets that the rule treats alike but for their arrival.
type group struct {
	line     queue.Line
	only     queue.CounterID
	priority bool
	length   time.Duration // of one talk
	wait     []int32       // by effective arrival
}

// chair is a counter that calls.
type chair struct {
	counter *queue.Counter
	free    time.Duration
	all     []int32 // groups that it may call
	own     []int32 // those of its own services, which go before the others
}

// wake is a ticket that changes its standing at a moment.
type wake struct {
	at    time.Duration
	place int32
	slot  bool // its appointment is due; otherwise it may be called from now on
}

// call is one call of a playout.
type call struct {
	place int32
	chair int32
	at    time.Duration
}

// newOrder gathers those who wait and the counters that call: all of some.
func newOrder(s *queue.State, at time.Time, talk talks, waits func(*queue.Ticket) bool, calls func(*queue.Counter) bool) *order {
	o := &order{state: s, rule: &s.Settings().Rule, at: at}
	for _, line := range s.Lines() {
		for _, t := range s.Line(line) {
			if !announced(s, t) && waits(t) {
				o.add(t)
			}
		}
	}
	o.late = len(o.places)
	for _, v := range s.Settings().Services {
		o.group(queue.Line{Service: v.ID, Stage: queue.StageReception}, "", false)
	}
	for i := range o.groups {
		g := &o.groups[i]
		slices.SortFunc(g.wait, o.compare)
		g.length = talk(g.line, 0)
	}
	slices.SortFunc(o.wakes, compareWakes)
	for _, c := range s.Counters() {
		if calls(c) {
			o.sit(c, talk)
		}
	}
	return o
}

// compareWakes puts a slot before the end of a skip at the same moment.
func compareWakes(a, b wake) int {
	slot := 0
	switch {
	case a.slot && !b.slot:
		slot = -1
	case b.slot && !a.slot:
		slot = 1
	}
	return cmp.Or(cmp.Compare(a.at, b.at), slot, cmp.Compare(a.place, b.place))
}

// announced reports whether a delivery desk that is still there has called it: the
// rule leaves it alone.
func announced(s *queue.State, t *queue.Ticket) bool {
	if t.Announced == "" {
		return false
	}
	c, ok := s.Counter(t.Announced)
	return ok && c.State != queue.CounterClosed
}

// add puts a ticket into its group, or has it come there later.
func (o *order) add(t *queue.Ticket) {
	n := int32(len(o.places))
	came := t.Arrival.Sub(o.at)
	p := waiter{ticket: t, id: t.ID, key: came, came: came, slot: never, passed: o.state.Overtaken(t.ID)}
	p.from = max(0, t.NotBefore.Sub(o.at))
	p.group = o.group(t.Line, sentTo(o.state, t), t.Priority)
	if appointment(o.rule, t) {
		p.book(o.rule, t.Appointment.Sub(o.at))
		if p.slot > 0 {
			o.wakes = append(o.wakes, wake{p.slot, n, true})
		}
	}
	o.places = append(o.places, p)
	if p.from > 0 {
		o.wakes = append(o.wakes, wake{p.from, n, false})
		return
	}
	g := &o.groups[p.group]
	g.wait = append(g.wait, n)
}

// book gives a place its slot, and until then the arrival that the rule gives it.
func (p *waiter) book(r *queue.Rule, slot time.Duration) {
	p.slot = slot
	early := slot - p.came
	if slot > 0 && early > 0 && (r.Reading < 1 || early <= r.AppointmentEarly) {
		p.key = slot
	}
}

// appointment reports whether a ticket still counts as an appointment, as the rule
// reads it.
func appointment(r *queue.Rule, t *queue.Ticket) bool {
	return !t.Appointment.IsZero() && !t.SlotPassed && t.Line.Stage == queue.StageReception && len(t.Visited) == 0 &&
		!t.IssuedAt.After(t.Appointment.Add(r.AppointmentLate))
}

// sentTo returns the one counter that may call a ticket; one that has closed keeps
// nobody.
func sentTo(s *queue.State, t *queue.Ticket) queue.CounterID {
	if t.Only == "" {
		return ""
	}
	if c, ok := s.Counter(t.Only); !ok || c.State == queue.CounterClosed {
		return ""
	}
	return t.Only
}

// group returns the index of a group, which is made if need be.
func (o *order) group(line queue.Line, only queue.CounterID, priority bool) int32 {
	for i := range o.groups {
		if g := &o.groups[i]; g.line == line && g.only == only && g.priority == priority {
			return int32(i)
		}
	}
	o.groups = append(o.groups, group{line: line, only: only, priority: priority})
	n := int32(len(o.groups) - 1)
	for i := range o.chairs {
		o.admit(&o.chairs[i], n)
	}
	return n
}

// sit puts a counter into the playout, which calls when its talk is over, and lets
// it know which groups it may call.
func (o *order) sit(c *queue.Counter, talk talks) {
	x := chair{counter: c}
	if t, ok := o.state.Ticket(c.Ticket); ok {
		x.free = talk(t.Line, max(0, o.at.Sub(t.CalledAt)))
	}
	for i := range o.groups {
		o.admit(&x, int32(i))
	}
	o.chairs = append(o.chairs, x)
}

// admit lets a counter call a group, if it may.
func (o *order) admit(x *chair, n int32) {
	c, g := x.counter, &o.groups[n]
	if g.only != c.ID && (g.only != "" || !serves(c, g.line)) {
		return
	}
	x.all = append(x.all, n)
	if slices.Contains(c.Own, g.line.Service) {
		x.own = append(x.own, n)
	}
}

func serves(c *queue.Counter, line queue.Line) bool {
	return slices.Contains(c.Services, line.Service) && slices.Contains(c.Stages, line.Stage)
}

// compare orders two places as the rule does within a class.
func (o *order) compare(a, b int32) int {
	p, q := &o.places[a], &o.places[b]
	return cmp.Or(cmp.Compare(p.key, q.key), strings.Compare(string(p.id), string(q.id)))
}

// calls plays all calls out.
func (o *order) calls() []call { return o.play(-1) }

// after returns how many calls come before that of somebody who takes a ticket now.
func (o *order) after(n Newcomer) int {
	line := queue.Line{Service: n.Service, Stage: queue.StageReception}
	p := waiter{id: "\xff", slot: never, group: o.group(line, "", n.Priority)}
	wakes := o.wakes
	if slot := n.Appointment.Sub(o.at); !n.Appointment.IsZero() && slot+o.rule.AppointmentLate >= 0 {
		p.book(o.rule, slot)
		if slot > 0 {
			o.wakes = append(slices.Clone(wakes), wake{slot, int32(o.late), true})
			slices.SortFunc(o.wakes, compareWakes)
		}
	}
	o.places = append(o.places[:o.late], p)
	made := o.play(int32(o.late))
	o.places, o.wakes = o.places[:o.late], wakes
	if n := len(made) - 1; n >= 0 && int(made[n].place) == o.late {
		return n
	}
	return len(made)
}

// plain reports whether a newcomer is the last to be called for certain: nobody
// waits whom the rule lets pass or come later, and no counter prefers some services.
func (o *order) plain() bool {
	for _, x := range o.chairs {
		if len(x.own) > 0 && len(x.own) < len(x.all) {
			return false
		}
	}
	for i := range o.groups {
		if o.groups[i].priority && o.rule.Ratio > 0 && len(o.groups[i].wait) > 0 {
			return false
		}
	}
	return len(o.wakes) == 0
}

// play makes the calls on a copy of the groups until nobody is left whom a chair
// may call, or the one place was called that is looked for (-1: none).
func (o *order) play(until int32) []call {
	p := playout{order: o, run: o.state.PriorityRun(), free: make([]time.Duration, len(o.chairs)), wakes: o.wakes}
	p.open(until)
	for i := range o.chairs {
		p.free[i] = o.chairs[i].free
	}
	for {
		i := p.next()
		if i < 0 {
			return p.made
		}
		at := p.free[i]
		p.wake(at)
		n := p.choose(&o.chairs[i], at)
		if n < 0 {
			p.free[i] = never
			if len(p.wakes) > 0 {
				p.free[i] = p.wakes[0].at
			}
			continue
		}
		p.take(&o.chairs[i], n)
		p.made = append(p.made, call{n, int32(i), at})
		if n == until {
			return p.made
		}
		p.free[i] = at + o.groups[o.places[n].group].length
	}
}
