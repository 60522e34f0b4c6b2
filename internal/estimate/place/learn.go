package place

import (
	"iter"
	"maps"
	"math"

	"machi/internal/estimate/walk"
)

// How much is remembered.
const (
	serviceKept  = 400
	gapKept      = 300
	missingKept  = 100
	waitsKept    = 400
	longestVisit = 4 * 3600.0 // beyond it a key was forgotten
	longestGap   = 4 * 3600.0
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

// learnGap learns how long a counter took to call again.
func (m *Model) learnGap(s *seat) {
	if s.ticket != nil {
		return
	}
	if s.fresh {
		m.mem.Gap.add(min(s.contested, longestGap), gapKept)
	} else if m.now > s.idle {
		m.mem.React.add(min(s.contested, longestGap), gapKept)
	}
}

// learnCall learns from a call of one who waited.
func (m *Model) learnCall(t *ticket, s *seat) {
	waited := m.now - t.joined
	c := m.mem.Classes[t.class]
	c.Called = waited
	c.Waits.add(waited, waitsKept)
	for _, l := range []*leaving{&m.mem.Leave, &c.Leave} {
		l.wait(waited)
		l.Called[walk.Bucket(waited)]++
	}
	c.fresh = false
	m.learnSkill(t, s)
	m.learnOrder(t, s)
	if t.answered {
		m.mem.Blend.Learn(c.Name, t.features, t.said, waited)
	}
}

// learnSkill counts whom a counter serves, and whom it could have served: each
// call is a chance for all counters that work now to have shown that they serve
// the class.
func (m *Model) learnSkill(t *ticket, s *seat) {
	name := m.mem.Classes[t.class].Name
	s.memory.Served[name]++
	for _, o := range m.seats {
		if o.diary.open {
			o.memory.Chance[name]++
		}
	}
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

// serves is how likely a counter serves a class. Without configured skills it
// is judged by what it has served, against what it would have served if it
// served all as its colleagues do (Bayes, with even odds at first).
func (m *Model) serves(name string, c *counter, class int) float64 {
	if m.skills != nil {
		if set, ok := m.skills[name]; ok {
			if set[class] {
				return 1
			}
			if c.Served[m.mem.Classes[class].Name] < 2 {
				return 0
			}
			return 1
		}
	}
	n := m.mem.Classes[class].Name
	if c.Served[n] > 0 {
		return 1
	}
	total, chance := 0.0, 0.0
	for _, k := range m.mem.Classes {
		total += c.Served[k.Name]
		chance += c.Chance[k.Name]
	}
	if chance == 0 {
		return 0.5
	}
	expected := total * c.Chance[n] / chance
	return 1 / (1 + math.Exp(min(expected, 50)))
}
