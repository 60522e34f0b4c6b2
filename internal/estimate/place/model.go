package place

import (
	"cmp"
	"math"
	"slices"

	"machi/internal/estimate/blend"
	"machi/internal/estimate/walk"
)

// Model is the memory of one office and the state of its line.
type Model struct {
	mem     memory
	skills  map[string][]bool // by class; a counter not named: as learnt
	scratch []*class          // classes that only a Scene has named
	classes map[string]int

	day     int
	now     float64 // seconds of the day, by the office's clock
	line    []*ticket
	inLine  []int // tickets in it, by class
	tickets map[string]*ticket
	visits  map[string]string // visit to its newest ticket
	groups  []*group          // those seen today, in that order
	seats   []*seat
	named   map[string]*seat
	began   float64 // when the first counter opened today; NaN before
	pulse   pulse

	// Buffers of a walk.
	hall       walk.Hall
	gap        walk.Hazard
	react      [ages]walk.Hazard
	view       view
	days       [][]walk.Spell
	candidates []candidate
	clocks     []float64
	spells     []walk.Spell
	order      []float64
	tally      tally
	raised     []Both // by class: the most that somebody has been told
	asks       []int
	base       int // day of the scene
	path       [walk.Futures]float64
	floor      []blend.Features // by class
	lines      []lineOf
}

// ticket is one of today.
type ticket struct {
	name     string
	class    int
	group    *group
	joined   float64
	called   float64
	waiting  bool
	seat     *seat
	answered bool
	features blend.Features
	said     blend.Said
}

// seat is a counter of today.
type seat struct {
	name      string
	memory    *counter
	diary     diary
	explicit  bool // it has had an open or close event
	ticket    *ticket
	called    float64 // when it last called
	idle      float64 // when it became free
	last      float64 // when it last did anything
	contested float64 // seconds it has been free while somebody waited for it
	age       int     // how long it had been free when that began; see ageOf
	fresh     bool    // somebody waited when it became free
}

// New makes a Model from what is known beforehand.
func New(o Options) *Model {
	m := &Model{day: math.MinInt, classes: map[string]int{}, skills: map[string][]bool{}}
	m.mem = memory{Version: lessonsVersion, Groups: map[string]*group{}, Counters: map[string]*counter{}}
	if o.Lessons != nil {
		m.mem = o.Lessons.memory()
	}
	for i, c := range m.mem.Classes {
		m.classes[c.Name] = i
	}
	for _, name := range slices.Sorted(mapKeys(o.Prior)) {
		m.mem.Classes[m.classOf(name)].prior = o.Prior[name].Seconds()
	}
	if o.Skills != nil {
		for _, name := range slices.Sorted(mapKeys(o.Skills)) {
			m.setSkills(name, o.Skills[name])
		}
	}
	m.forget()
	return m
}

func (m *Model) setSkills(counter string, classes []string) {
	var set []bool
	for _, name := range classes {
		i := m.classOf(name)
		set = grow(set, i+1)
		set[i] = true
	}
	m.skills[counter] = set
}

// forget empties the day.
func (m *Model) forget() {
	m.inLine = m.inLine[:0]
	m.line, m.tickets, m.visits = m.line[:0], map[string]*ticket{}, map[string]string{}
	m.seats, m.named = nil, map[string]*seat{}
	m.began = math.NaN()
	m.pulse.reset()
	m.groups = m.groups[:0]
	for _, g := range m.mem.Groups {
		g.rate, g.index = rate{}, -1
	}
	for _, name := range slices.Sorted(mapKeys(m.mem.Counters)) {
		m.seatOf(name)
	}
	for _, name := range slices.Sorted(mapKeys(m.skills)) {
		m.seatOf(name)
	}
}

// atWork are the counters without open and close events that did something after
// a time of the day.
func (m *Model) atWork(since float64) (out []*seat) {
	for _, s := range m.seats {
		if s.diary.open && !s.explicit && s.last >= since {
			out = append(out, s)
		}
	}
	return out
}

// carry lets counters work on over midnight.
func (m *Model) carry(still []*seat, night float64) {
	for _, old := range still {
		s := m.seatOf(old.name)
		s.diary.opened(0, 0)
		s.idle, s.last, s.fresh = old.idle-night, old.last-night, old.fresh
	}
}

// classOf returns the index of a class, new ones included.
func (m *Model) classOf(name string) int {
	i, ok := m.classes[name]
	if !ok {
		i = len(m.mem.Classes)
		m.classes[name] = i
		m.mem.Classes = append(m.mem.Classes, &class{Name: name})
	}
	return i
}

// groupOf returns the group of a ticket.
func (m *Model) groupOf(class int, priority, later bool) *group {
	name := m.mem.Classes[class].Name
	if priority {
		name += "|priority"
	}
	if later {
		name += "|later"
	}
	g := m.mem.Groups[name]
	if g == nil {
		g = &group{index: -1}
		if priority {
			g.Head = priorityHead
		}
		m.mem.Groups[name] = g
	}
	if g.index < 0 {
		g.index, g.class = len(m.groups), class
		m.groups = append(m.groups, g)
	}
	return g
}

// priorityHead is the head start that a priority ticket is taken to have before
// anything has been seen, in seconds.
const priorityHead = 600

// seatOf returns the counter of a name, new ones included.
func (m *Model) seatOf(name string) *seat {
	s := m.named[name]
	if s == nil {
		c := m.mem.Counters[name]
		if c == nil {
			c = &counter{}
			m.mem.Counters[name] = c
		}
		s = &seat{name: name, memory: c, idle: m.now, last: m.now}
		m.named[name] = s
		i, _ := slices.BinarySearchFunc(m.seats, name, func(s *seat, n string) int { return cmp.Compare(s.name, n) })
		m.seats = slices.Insert(m.seats, i, s)
	}
	return s
}

// Observe takes the next event. For an Issue it returns the estimate of the
// wait, made before the ticket joins the line; for others the zero Answer.
// Odd events are lived with: a finish of an unknown ticket, a call of one never
// issued, a time that goes back, a day without an end.
func (m *Model) Observe(e Event) Answer {
	m.tick(e)
	switch e.Kind {
	case Issue:
		return m.issue(e)
	case Call:
		m.call(e)
	case Finish, NoShow:
		m.finish(e)
	case Cancel:
		m.cancel(e)
	case Open:
		m.open(e)
	case Close:
		m.closeSeat(e)
	case Return:
		m.back(e)
	}
	return Answer{}
}

// tick moves the clock, over midnight too.
func (m *Model) tick(e Event) {
	day, now := split(e.At)
	if day > m.day {
		night := 86400.0
		if day != m.day+1 {
			night = farAway
		}
		m.endDay()
		still := m.atWork(night - quietLong)
		m.day, m.now = day, now
		m.forget()
		m.carry(still, night)
		return
	}
	if day < m.day {
		now = m.now
	}
	passed := max(0, now-m.now)
	m.now += passed
	m.contest(passed)
}

// contest adds to the idle time of free counters for which somebody waits.
func (m *Model) contest(passed float64) {
	if passed == 0 || len(m.line) == 0 {
		return
	}
	for _, s := range m.seats {
		if s.ticket == nil && s.diary.open && m.wanted(s) {
			if s.contested == 0 {
				s.age = ageOf(m.now - passed - s.idle)
			}
			s.contested += passed
		}
	}
}

// wanted tells whether somebody waits whom the counter surely serves.
func (m *Model) wanted(s *seat) bool {
	for class, n := range m.inLine {
		if n > 0 && m.serves(s.name, s.memory, class) > 0.9 {
			return true
		}
	}
	return false
}

func (m *Model) issue(e Event) Answer {
	c := m.classOf(e.Class)
	later := false
	if e.Visit != "" {
		before, ok := m.visits[e.Visit]
		later = ok && before != e.Ticket
		m.visits[e.Visit] = e.Ticket
	}
	t := &ticket{name: e.Ticket, class: c, group: m.groupOf(c, e.Priority, later), joined: m.now, waiting: true}
	a := m.answer(t)
	t.group.rate.add(m.now)
	m.tickets[e.Ticket] = t
	m.line = append(m.line, t)
	m.count(t.class, 1)
	return a
}

// count adds to the tickets of a class in the line.
func (m *Model) count(class, n int) {
	m.inLine = grow(m.inLine, class+1)
	m.inLine[class] += n
}

// leaveLine takes a ticket out of the line.
func (m *Model) leaveLine(t *ticket) {
	if i := slices.Index(m.line, t); i >= 0 {
		m.line = slices.Delete(m.line, i, i+1)
		m.count(t.class, -1)
	}
	t.waiting = false
}

func (m *Model) call(e Event) {
	t := m.tickets[e.Ticket]
	if t == nil {
		c := m.classOf(e.Class)
		t = &ticket{name: e.Ticket, class: c, group: m.groupOf(c, e.Priority, false), joined: m.now}
		m.tickets[e.Ticket] = t
	}
	s := m.caller(e.Counter)
	if !s.explicit {
		m.derive(s)
	}
	if math.IsNaN(m.began) {
		m.began = m.now
	}
	m.learnGap(s, true)
	if !s.diary.open {
		s.diary.opened(m.now, m.now)
	}
	if t.waiting {
		m.leaveLine(t)
		m.learnCall(t, s)
	}
	if s.ticket != nil && s.ticket != t {
		s.ticket.seat = nil
	}
	t.called, t.seat, s.ticket, s.called = m.now, s, t, m.now
	s.last = m.now
}

// caller returns the counter that calls; without a name the one free last.
func (m *Model) caller(name string) *seat {
	if name != "" {
		return m.seatOf(name)
	}
	var best *seat
	n := 0
	for _, s := range m.seats {
		if s.name[0] != anonymous {
			continue
		}
		n++
		if s.ticket == nil && (best == nil || s.idle > best.idle) {
			best = s
		}
	}
	if best == nil {
		best = m.seatOf(string(anonymous) + string(rune('0'+n)))
	}
	return best
}

// anonymous begins the names of counters that are told from nothing but calls
// and finishes.
const anonymous = '\x01'

// derive keeps the hours of a counter without open and close events: a long
// quiet time was an absence.
func (m *Model) derive(s *seat) {
	if s.diary.open && s.ticket == nil && m.now-s.last > quietLong {
		s.diary.closed(s.last, s.last, false)
	}
}

func (m *Model) finish(e Event) {
	t := m.tickets[e.Ticket]
	if t == nil || t.seat == nil && t.called == 0 {
		return
	}
	spent := m.now - t.called
	c := m.mem.Classes[t.class]
	switch {
	case e.Kind == NoShow && !e.Unmeasured:
		m.mem.Missing.add(spent, missingKept)
		for _, l := range []*leaving{&m.mem.Leave, &c.Leave} {
			l.Absent[walk.Bucket(t.called-t.joined)]++
		}
		c.fresh = false
	case e.Kind == Finish && !e.Unmeasured && spent < longestVisit:
		if t.seat != nil {
			m.learnPace(t.seat, c, spent)
		}
		c.Service.add(spent, serviceKept)
		c.fresh = false
	}
	s := t.seat
	t.seat = nil
	if s == nil || s.ticket != t {
		return
	}
	s.ticket, s.idle, s.last, s.contested = nil, m.now, m.now, 0
	s.fresh = m.wanted(s)
}

func (m *Model) cancel(e Event) {
	t := m.tickets[e.Ticket]
	if t == nil || !t.waiting {
		return
	}
	m.leaveLine(t)
	if e.Unmeasured {
		return
	}
	waited := m.now - t.joined
	m.mem.Leave.leave(waited)
	c := m.mem.Classes[t.class]
	c.Leave.leave(waited)
	c.fresh = false
	if t.answered {
		m.mem.Blend.Left(c.Name, t.features, t.said, waited)
	}
}

func (m *Model) open(e Event) {
	s := m.seatOf(e.Counter)
	s.explicit = true
	if len(e.Classes) > 0 {
		m.setSkills(e.Counter, e.Classes)
	}
	if s.diary.open {
		if s.ticket != nil {
			s.diary.opened(m.now, s.ticket.called)
		}
	} else {
		s.diary.opened(m.now, m.now)
		s.idle, s.contested = m.now, 0
		s.fresh = m.wanted(s)
	}
	s.last = m.now
	if math.IsNaN(m.began) {
		m.began = m.now
	}
}

// atOnce is how soon after a visit a counter closes that was due to do so before.
const atOnce = 30

func (m *Model) closeSeat(e Event) {
	s := m.seatOf(e.Counter)
	s.explicit = true
	m.learnGap(s, false)
	since := m.now
	switch {
	case s.ticket != nil:
		since = s.ticket.called
	case m.now-s.idle < atOnce:
		since = s.called
	}
	s.diary.closed(m.now, since, m.wanted(s))
	s.last = m.now
}

// back puts a ticket into the line again, at the place it had.
func (m *Model) back(e Event) {
	t := m.tickets[e.Ticket]
	if t == nil || t.waiting {
		return
	}
	if t.seat != nil && t.seat.ticket == t {
		t.seat.ticket, t.seat.idle, t.seat.contested, t.seat.fresh = nil, m.now, 0, true
	}
	t.seat, t.waiting, t.answered = nil, true, false
	i, _ := slices.BinarySearchFunc(m.line, t.joined, func(o *ticket, at float64) int { return cmp.Compare(o.joined, at) })
	m.line = slices.Insert(m.line, i, t)
	m.count(t.class, 1)
}
