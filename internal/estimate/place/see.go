package place

import (
	"math"
	"slices"
	"time"
)

// clockOf is a moment in seconds of the day of the scene, by the office's clock.
func (m *Model) clockOf(t time.Time) float64 {
	day, clock := split(t)
	return clock + float64(day-m.base)*86400
}

// split parts a moment into the day since 1970 and the seconds of it, by the
// clock of its own place.
func split(t time.Time) (day int, clock float64) {
	_, offset := t.Zone()
	local := t.Unix() + int64(offset)
	day = int(math.Floor(float64(local) / 86400))
	return day, float64(local-int64(day)*86400) + float64(t.Nanosecond())/1e9
}

// classIn returns the index of a class for one scene; one never heard of is not
// remembered.
func (m *Model) classIn(name string) int {
	if i, ok := m.classes[name]; ok {
		return i
	}
	n := len(m.mem.Classes)
	for i, c := range m.scratch {
		if c.Name == name {
			return n + i
		}
	}
	m.scratch = append(m.scratch, &class{Name: name})
	return n + len(m.scratch) - 1
}

// headOf is the head start of a class in a scene.
func (m *Model) headOf(class string, priority bool) float64 {
	if priority {
		class += "|priority"
	}
	if g := m.mem.Groups[class]; g != nil {
		return g.Head
	}
	if g := m.mem.Groups[class+"|later"]; g != nil {
		return g.Head
	}
	if priority {
		return priorityHead
	}
	return 0
}

// see puts a scene into the model's terms.
func (m *Model) see(s *Scene) *view {
	v := &m.view
	day, clock := split(s.At)
	m.base = day
	v.clock, v.seats, v.waiters, v.asks, v.coming = clock, v.seats[:0], v.waiters[:0], v.asks[:0], v.coming[:0]
	for _, places := range [][]Place{s.Waiting, s.Ask} {
		for i := range places {
			m.classIn(places[i].Doing)
			for _, name := range places[i].Rest {
				m.classIn(name)
			}
		}
	}
	m.seeLine(v, s)
	for i := range s.Seats {
		v.seats = append(v.seats, m.seeSeat(&s.Seats[i], v, day == m.day))
	}
	return v
}

// seeLine gives those who wait keys in the order of the scene that are, as far
// as it allows, those of the model's own line, so that newcomers fall between
// them as they would.
func (m *Model) seeLine(v *view, s *Scene) {
	last, least := math.Inf(-1), math.Inf(1)
	for i := range s.Waiting {
		p := &s.Waiting[i]
		joined := v.clock
		if !p.Issued.IsZero() {
			joined = min(joined, m.clockOf(p.Issued))
		}
		head := m.headOf(p.Class, p.Priority)
		least = min(least, head)
		last = max(joined-head, last+0.001)
		w := waiter{class: m.classIn(p.Class), key: last, age: v.clock - joined, only: p.Only}
		if !p.NotBefore.IsZero() {
			w.release = max(0, m.clockOf(p.NotBefore)-v.clock)
		}
		v.waiters = append(v.waiters, w)
	}
	for i := range s.Ask {
		p := &s.Ask[i]
		head := m.headOf(p.Class, p.Priority)
		least = min(least, head)
		a := waiter{class: m.classIn(p.Class), only: p.Only, key: max(v.clock-head, last+0.001), seated: p.Class == "" && p.Doing != ""}
		if p.After < len(v.waiters) {
			a.key = v.waiters[max(0, p.After)].key - 0.0005
		}
		v.asks = append(v.asks, a)
	}
	if m.base == m.day {
		v.coming = m.overtakers(v.coming[:0], least, v.clock)
	}
	m.seeUnseen(v, s)
}

// What a machine without link has given is spread over its last minutes, in
// seconds, and never more than so many tickets of a class.
const (
	unseenSpan = 600.0
	unseenMost = 100
)

// seeUnseen adds the tickets that a machine without link has probably given:
// twice as many as expected, each of them there in half of the futures.
func (m *Model) seeUnseen(v *view, s *Scene) {
	for _, name := range slices.Sorted(mapKeys(s.Unseen)) {
		n := 2 * min(s.Unseen[name], unseenMost)
		if !(n > 0) {
			continue
		}
		class, head := m.classIn(name), m.headOf(name, false)
		many := math.Ceil(n)
		for i := range int(many) {
			age := unseenSpan * (1 - (float64(i)+0.5)/many)
			v.waiters = append(v.waiters, waiter{class: class, key: v.clock - age - head, age: age, chance: 0.5 * n / many})
		}
	}
}

// seeSeat joins what the scene says of a counter with what is remembered of it.
func (m *Model) seeSeat(s *Seat, v *view, today bool) seatView {
	out := seatView{name: s.Counter, memory: m.mem.Counters[s.Counter], busy: -1, explicit: true, spells: allDay}
	if old := m.named[s.Counter]; old != nil && today {
		out = old.view(v.clock)
	}
	if out.memory == nil {
		out.memory = &counter{}
	}
	out.open = s.State == Opened
	if len(s.Classes) > 0 {
		out.known = true
		for _, name := range s.Classes {
			i := m.classIn(name)
			out.serves = grow(out.serves, i+1)
			out.serves[i] = true
		}
	}
	if s.Busy != "" {
		out.busy, out.elapsed = m.classIn(s.Busy), max(0, v.clock-m.clockOf(s.Since))
		return out
	}
	if !s.Idle.IsZero() {
		out.idle = max(0, v.clock-m.clockOf(s.Idle))
	}
	if today && out.open && m.now < v.clock && m.awaited(&out, v) {
		out.contested += v.clock - m.now
	}
	return out
}

// awaited tells whether somebody in a view waits whom a counter serves.
func (m *Model) awaited(s *seatView, v *view) bool {
	for i := range v.waiters {
		if w := &v.waiters[i]; w.release == 0 && (w.only == "" || w.only == s.name) && m.chance(s, w.class) > 0.9 {
			return true
		}
	}
	return false
}
