package place

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"machi/internal/estimate/walk"
)

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
	case Open, Close:
		if e.Counter != "" {
			m.turn(e)
		}
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
		still := m.atWork(night - quietLong)
		m.mem = m.Lessons().memory() // as whoever begins the day with them
		m.expect()
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
	s := m.caller(e.Counter, t)
	if !s.explicit {
		m.derive(s)
	}
	if math.IsNaN(m.began) {
		m.began = m.now
	}
	m.learnGap(s, true)
	s.contested = 0
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

// caller returns the counter that calls; without a name the one that most
// likely does.
func (m *Model) caller(name string, t *ticket) *seat {
	if name != "" {
		return m.seatOf(name)
	}
	var best *seat
	n, most := 0, math.Inf(-1)
	for _, s := range m.seats {
		if !strings.HasPrefix(s.name, anonymous) {
			continue
		}
		n++
		if s.ticket != nil {
			continue
		}
		if l := m.likely(s, t); l > most {
			best, most = s, l
		}
	}
	if best == nil {
		best = m.seatOf(anonymous + strconv.Itoa(n))
	}
	return best
}

// anonymous begins the names of counters that are told from nothing but calls
// and finishes.
const anonymous = "\x01"

// likely is the logarithm of how likely it is that a free counter without a name
// calls a ticket now: it serves the class, it does not serve those who come
// before in the order, and it calls soon after a visit while somebody waits.
func (m *Model) likely(s *seat, t *ticket) float64 {
	const doubt, soon = 0.05, 30
	l := math.Log(m.serves(s.name, s.memory, t.class) + doubt)
	m.passed = grow(m.passed[:0], len(m.mem.Classes))
	key := t.joined - t.group.Head
	for _, o := range m.line {
		if o.class != t.class && !m.passed[o.class] && o.joined-o.group.Head < key {
			m.passed[o.class] = true
			l += math.Log(1 + doubt - m.serves(s.name, s.memory, o.class))
		}
	}
	return l - min(s.contested, 300)/soon - min(m.now-s.idle, 3600)/3600
}

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
	case e.Kind == Finish && !e.Unmeasured && spent < longestVisit:
		m.measure(c)
		if t.seat != nil {
			m.learnPace(t.seat, c, spent)
		}
		m.tempo.learn(c, spent)
		c.Service.add(spent, serviceKept)
		c.measured = false
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
	if t.kept {
		m.mem.Classes[t.class].learnKept(waited)
	}
	m.mem.Leave.leave(waited)
	c := m.mem.Classes[t.class]
	c.Leave.leave(waited)
	if t.answered {
		m.mem.Blend.Left(c.Name, t.features, t.said, waited)
	}
}

// turn opens or closes a counter.
func (m *Model) turn(e Event) {
	s := m.seatOf(e.Counter)
	s.explicit = true
	if e.Kind == Close {
		m.closeSeat(s)
		return
	}
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

func (m *Model) closeSeat(s *seat) {
	m.learnGap(s, false)
	s.contested = 0
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
