package place

import (
	"math"
	"slices"

	"machi/internal/estimate/blend"
	"machi/internal/estimate/walk"
)

// answer estimates the wait of a ticket that is about to join the line.
func (m *Model) answer(t *ticket) Answer {
	v := m.own()
	v.asks = append(v.asks[:0], waiter{class: t.class, key: m.now - t.group.Head})
	m.build(v)
	m.hall.Walk()
	f := m.features(v, t)
	f.VQ10, f.VQ50, f.VQ90 = m.quantiles(&m.hall.Probes[v.asks[0].id])
	said, ok := m.mem.Blend.Predict(m.mem.Classes[t.class].Name, f)
	if !ok {
		return Answer{}
	}
	t.features, t.said, t.answered = f, said, true
	return Answer{Known: true, P10: said[0], P50: said[1], P80: blend.P80(said[1], said[2]), P90: said[2]}
}

// own is the view of the model's own line.
func (m *Model) own() *view {
	v := &m.view
	v.clock, v.seats, v.waiters = m.now, v.seats[:0], v.waiters[:0]
	for _, s := range m.seats {
		sv := seatView{name: s.name, memory: s.memory, open: s.diary.open, busy: -1, contested: s.contested, fresh: s.fresh}
		if s.ticket != nil {
			sv.busy, sv.elapsed = s.ticket.class, m.now-s.ticket.called
		}
		v.seats = append(v.seats, sv)
	}
	for _, t := range m.line {
		v.waiters = append(v.waiters, waiter{class: t.class, key: t.joined - t.group.Head, age: m.now - t.joined})
	}
	return v
}

// enough is how many futures must call somebody for their quantiles to count.
const enough = 6

// quantiles are the 10, 50 and 90 % points of a wait; NaN when too few futures
// know of a call.
func (m *Model) quantiles(waits *[walk.Futures]float64) (p10, p50, p90 float64) {
	m.order = append(m.order[:0], waits[:]...)
	slices.Sort(m.order)
	n := 0
	for n < len(m.order) && m.order[n] < walk.Never {
		n++
	}
	if n < enough {
		return math.NaN(), math.NaN(), math.NaN()
	}
	for i := n; i < len(m.order); i++ {
		m.order[i] = m.order[n-1]
	}
	return quantileOf(m.order, 0.1), quantileOf(m.order, 0.5), quantileOf(m.order, 0.9)
}
