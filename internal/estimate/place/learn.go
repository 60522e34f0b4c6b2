package place

import (
	"iter"
	"maps"
	"math"
	"strings"

	"machi/internal/estimate/walk"
)

// How much is remembered.
const (
	serviceKept  = 400
	missingKept  = 100
	waitsKept    = 400
	longestVisit = 4 * 3600.0 // beyond it a key was forgotten
)

func mapKeys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// rate is how often something happens: exponentially weighted over half an hour.
type rate struct{ weight, at float64 }

const rateSpan = 1800

func (r *rate) add(now float64) {
	r.weight = r.weight*math.Exp((r.at-now)/rateSpan) + 1
	r.at = now
}

// perSecond is the rate at a moment.
func (r *rate) perSecond(now float64) float64 {
	return r.weight * math.Exp((r.at-now)/rateSpan) / rateSpan
}

// ages is how many lengths of having been free are told apart.
const ages = 5

// ageOf returns which one it is: a counter free for long may have been left.
func ageOf(free float64) int {
	for i, edge := range [...]float64{15, 120, 600, 2400} {
		if free < edge {
			return i
		}
	}
	return ages - 1
}

// reacting returns the record that a free counter's next call belongs to.
func (m *Model) reacting(s *seat) *leaving {
	switch {
	case s.fresh:
		return &m.mem.Gap
	case s.contested == 0:
		return &m.mem.React[ageOf(m.now-s.idle)]
	}
	return &m.mem.React[s.age]
}

// reactFade lets half be forgotten after some 3500 calls.
const reactFade = 0.9998

// learnGap learns how long a free counter took to call again while somebody
// waited for it, or that it had not when it closed.
func (m *Model) learnGap(s *seat, called bool) {
	if s.ticket != nil || !s.diary.open {
		return
	}
	l := m.reacting(s)
	l.fade(reactFade)
	l.wait(s.contested)
	if called {
		l.Left[walk.Bucket(s.contested)]++
	}
}

// learnCall learns from a call of one who waited.
func (m *Model) learnCall(t *ticket, s *seat) {
	waited := m.now - t.joined
	c := m.mem.Classes[t.class]
	c.Called = waited
	if t.kept {
		c.learnKept(waited)
	}
	m.pulse.called(m.now, waited)
	c.Waits.add(waited, waitsKept)
	for _, l := range []*leaving{&m.mem.Leave, &c.Leave} {
		l.wait(waited)
		l.Called[walk.Bucket(waited)]++
	}
	m.learnSkill(t, s)
	m.learnPassed(t, s)
	m.learnOrder(t, s)
	if t.answered {
		m.mem.Blend.Learn(c.Name, t.features, t.said, waited)
	}
}

// learnSkill counts whom a counter serves, and whom it could have served: each
// call is a chance for all counters that work now to have shown that they serve
// the class.
func (m *Model) learnSkill(t *ticket, s *seat) {
	s.memory.Served = grow(s.memory.Served, t.class+1)
	if strings.HasPrefix(s.name, anonymous) {
		for i := range s.memory.Served {
			s.memory.Served[i] *= guessFade
		}
	}
	s.memory.Served[t.class]++
	for _, o := range m.seats {
		if o.diary.open {
			o.memory.Chance = grow(o.memory.Chance, t.class+1)
			o.memory.Chance[t.class]++
		}
	}
}

// learnPassed counts the classes that a counter passes over: it called a ticket
// although somebody of theirs came first.
func (m *Model) learnPassed(t *ticket, s *seat) {
	c := s.memory
	key := t.joined - t.group.Head
	c.Passed = grow(c.Passed, len(m.mem.Classes))
	var counted uint64 // classes, each once (those that share a bit as one)
	for _, o := range m.line {
		bit := uint64(1) << (o.class % 64)
		if o.class != t.class && counted&bit == 0 && o.joined-o.group.Head < key {
			counted |= bit
			c.Passed[o.class] = min(c.Passed[o.class]+1, passedMost)
		}
	}
}

// passedMost bounds what passing over tells; 1 multiplies the odds by 1/e.
const passedMost = 20

// guessFade lets the visits of counters without a name be forgotten, most of
// which were a guess: half after 140.
const guessFade = 0.995

// grow makes a slice long enough.
func grow[T any](s []T, n int) []T {
	for len(s) < n {
		var zero T
		s = append(s, zero)
	}
	return s
}

// at is the value at an index, zero beyond the end.
func at[T any](s []T, i int) (x T) {
	if i < len(s) {
		x = s[i]
	}
	return x
}

// headStep is how far one call out of the expected order moves the head starts.
const headStep = 0.1

// learnOrder moves the head starts of two groups when a counter calls a ticket
// although one that it serves comes before in the order known so far.
func (m *Model) learnOrder(t *ticket, s *seat) {
	key := t.joined - t.group.Head
	var worst *ticket
	least := key
	for _, o := range m.line {
		if k := o.joined - o.group.Head; o.group != t.group && k < least && m.serves(s.name, s.memory, o.class) > 0.9 {
			worst, least = o, k
		}
	}
	if worst == nil {
		return
	}
	step := headStep * min(key-least, 3600)
	t.group.Head += step
	worst.group.Head -= step
}

// sureVisits is how many visits show that a counter serves a class although its
// settings do not say so.
const sureVisits = 2

// serves is how likely a counter serves a class. Without configured skills it
// is judged by what it has served, against what it would have served if it
// served all as its colleagues do, and by whom it passed over (Bayes, with even
// odds at first).
//
//go:norace
func (m *Model) serves(name string, c *counter, class int) float64 {
	if set, ok := m.skills[name]; ok {
		if at(set, class) || at(c.Served, class) >= sureVisits {
			return 1
		}
		return 0
	}
	anyone := strings.HasPrefix(name, anonymous)
	if at(c.Served, class) > 0 && !anyone {
		return 1
	}
	total, chance := 0.0, 0.0
	for _, n := range c.Served {
		total += n
	}
	for _, n := range c.Chance {
		chance += n
	}
	if chance == 0 {
		return 0.5
	}
	expected := total * at(c.Chance, class) / chance
	if anyone && at(c.Served, class) > 0 && expected > 0 {
		return min(0.95, 2*at(c.Served, class)/expected)
	}
	return 1 / (1 + math.Exp(min(expected+at(c.Passed, class), 50)))
}

// The pace of a counter: how many seconds of usual visits count as much as the
// assumption that it is as fast as the others, and how fast they fade.
const (
	paceWeight = 4 * 3600.0
	paceFade   = 0.998 // per visit: half after 350
)

// learnPace compares a visit with the mean of its class.
func (m *Model) learnPace(s *seat, c *class, spent float64) {
	usual := c.table.Mean()
	if c.Service.n() < shrink || usual <= 0 {
		return
	}
	s.memory.Spent = s.memory.Spent*paceFade + min(spent, 4*usual)
	s.memory.Usual = s.memory.Usual*paceFade + usual
}

// pace is how long a counter takes in terms of the others.
func (c *counter) pace() float64 {
	return min(max((c.Spent+paceWeight)/(c.Usual+paceWeight), 0.5), 2)
}
