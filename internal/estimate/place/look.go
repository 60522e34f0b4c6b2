package place

import (
	"math"
	"slices"
	"strings"
	"time"

	"machi/internal/estimate/walk"
)

// Look answers for a line that somebody else keeps. It changes nothing that
// matters for later answers.
func (m *Model) Look(s Scene) Answers {
	m.scratch = m.scratch[:0]
	v := m.see(&s)
	m.tally.reset(0)
	m.build(v)
	m.hall.ProbesOnly = false
	m.hall.Walk()
	m.survey(v)
	m.tally.reset(len(m.hall.Kinds))
	out := Answers{Waiting: make([]Both, len(s.Waiting)), Ask: make([]Both, len(s.Ask))}
	m.raised = resize(m.raised, len(m.hall.Kinds))
	clear(m.raised)
	asks := m.askOrder(&s)
	for i := range s.Waiting {
		asks = m.lookAsks(asks, i, &s, v, &out)
		w := &v.waiters[i]
		out.Waiting[i] = m.both(w.class, &m.hall.Waits[i], s.Waiting[i].Rest)
		m.raise(w.class, &out.Waiting[i])
		m.tally.add(w)
	}
	m.lookAsks(asks, math.MaxInt, &s, v, &out)
	m.scratch = m.scratch[:0]
	return out
}

// askOrder are the indices of the newcomers by how many are called before them.
func (m *Model) askOrder(s *Scene) []int {
	m.asks = m.asks[:0]
	for i := range s.Ask {
		m.asks = append(m.asks, i)
	}
	slices.SortStableFunc(m.asks, func(a, b int) int { return s.Ask[a].After - s.Ask[b].After })
	return m.asks
}

// lookAsks answers for those who come before the waiting one at an index, and
// returns the others.
func (m *Model) lookAsks(asks []int, before int, s *Scene, v *view, out *Answers) []int {
	for len(asks) > 0 && s.Ask[asks[0]].After <= before {
		i := asks[0]
		asks = asks[1:]
		out.Ask[i] = m.ask(&s.Ask[i], &v.asks[i], v.clock)
	}
	return asks
}

// ask answers for one newcomer, or for one who has something behind it first.
func (m *Model) ask(p *Place, w *waiter, clock float64) (b Both) {
	if p.Doing == "" {
		b = m.both(w.class, &m.hall.Probes[w.id], p.Rest)
		if p.Class != "" {
			m.raise(w.class, &b)
		}
		return b
	}
	doing := m.classAt(m.classIn(p.Doing))
	spent := max(0, clock-m.clockOf(p.Since))
	for f := range walk.Futures {
		m.path[f] = m.remaining(doing, spent, walk.Uniform(f+5, f))
	}
	known := true
	if p.Class != "" {
		b.Called, known = m.addWait(w)
	}
	if known {
		m.addRest(p.Rest)
		b.Finished = m.summary()
	}
	return b
}

// addWait lengthens the path by the wait of a probe as it would be now, and
// returns the answer until that call.
func (m *Model) addWait(w *waiter) (Answer, bool) {
	waits := &m.hall.Probes[w.id]
	for f := range walk.Futures {
		m.path[f] += waits[f]
	}
	a := m.summary()
	if a.Known {
		m.addVisit(w.class)
	}
	return a, a.Known
}

// both answers until called and until finished from the waits of the walk.
func (m *Model) both(class int, waits *[walk.Futures]float64, rest []string) (b Both) {
	f := m.features(class, &m.tally)
	f.VQ10, f.VQ50, f.VQ90 = m.quantiles(waits, m.limit(class))
	if math.IsNaN(f.VQ50) {
		return b
	}
	said, ok := m.mem.Blend.Predict(m.classAt(class).Name, f)
	if !ok {
		return b
	}
	b.Called = answerOf(said)
	for i := range walk.Futures {
		m.path[i] = mapped(min(waits[i], m.limit(class)), [3]float64{f.VQ10, f.VQ50, f.VQ90}, said.Q)
	}
	m.addVisit(class)
	m.addRest(rest)
	b.Finished = m.summary()
	return b
}

// mapped moves a wait of the walk to where the second stage has moved the
// quantiles around it.
func mapped(x float64, from, to [3]float64) float64 {
	switch {
	case x <= from[0]:
		return max(0, to[0]+x-from[0])
	case x >= from[2]:
		return to[2] + x - from[2]
	case x < from[1]:
		return to[0] + (x-from[0])/(from[1]-from[0])*(to[1]-to[0])
	case from[2] > from[1]:
		return to[1] + (x-from[1])/(from[2]-from[1])*(to[2]-to[1])
	}
	return to[1]
}

// backOffice ends the names of classes that wait in no line.
const backOffice = "/processing"

// addRest lengthens the path by what still comes: the usual wait of each class
// and its visit.
func (m *Model) addRest(rest []string) {
	for k, name := range rest {
		class := m.classIn(name)
		c := m.classAt(class)
		if n := c.Waits.n(); n > 0 && !strings.HasSuffix(name, backOffice) {
			for f := range walk.Futures {
				m.path[f] += c.Waits.quantile(walk.Uniform(k*3+17, f))
			}
		}
		m.addVisit(class)
	}
}

// addVisit lengthens the path by a visit of a class.
func (m *Model) addVisit(class int) {
	t := m.hall.Kinds[class].Service
	for f := range walk.Futures {
		m.path[f] += t.At(class*7+29, f)
	}
}

// summary is the distribution of the path.
func (m *Model) summary() Answer {
	p10, p50, p90 := m.quantiles(&m.path, math.MaxFloat64)
	if math.IsNaN(p50) {
		return Answer{}
	}
	return Answer{Known: true, P10: p10, P50: p50, P80: max(p50, quantileOf(m.order, 0.8)), P90: p90}
}

// raise keeps whoever is later in a line from being told less: neither figure
// falls below the greatest so far in the class.
func (m *Model) raise(class int, b *Both) {
	top := &m.raised[class]
	for _, pair := range [][2]*Answer{{&b.Called, &top.Called}, {&b.Finished, &top.Finished}} {
		now, most := pair[0], pair[1]
		if !now.Known {
			continue
		}
		now.P10, now.P50 = max(now.P10, most.P10), max(now.P50, most.P50)
		now.P80, now.P90 = max(now.P80, most.P80), max(now.P90, most.P90)
		*most = *now
	}
}

// Talk is how long a counter is still kept by a visit of a class that has
// lasted some time, on average; the changeover is included.
func (m *Model) Talk(name string, spent time.Duration) time.Duration {
	m.scratch = m.scratch[:0]
	c := m.classAt(m.classIn(name))
	m.kinds()
	gap, _ := m.gaps()
	sum := 0.0
	for i := range walk.Futures {
		sum += m.remaining(c, max(0, spent.Seconds()), (float64(i)+0.5)/walk.Futures)
	}
	m.scratch = m.scratch[:0]
	return time.Duration((sum/walk.Futures + gap.Mean()) * float64(time.Second))
}
