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
	v.coming = m.overtakers(v.coming[:0], t.group.Head)
	v.asks = append(v.asks[:0], waiter{class: t.class, key: m.now - t.group.Head})
	m.build(v)
	m.hall.Walk()
	f := m.features(v, t.class, len(v.waiters))
	f.VQ10, f.VQ50, f.VQ90 = m.quantiles(&m.hall.Probes[v.asks[0].id], m.cap(t.class))
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
		sv := seatView{name: s.name, memory: s.memory, open: s.diary.open, busy: -1,
			idle: m.now - s.idle, explicit: s.explicit, contested: s.contested, fresh: s.fresh, age: s.age}
		if s.contested == 0 {
			sv.age = ageOf(m.now - s.idle)
		}
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
func (m *Model) quantiles(waits *[walk.Futures]float64, limit float64) (p10, p50, p90 float64) {
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
	return min(limit, quantileOf(m.order, 0.1)), min(limit, quantileOf(m.order, 0.5)), min(limit, quantileOf(m.order, 0.9))
}

// cap is the longest wait that is believed: three times a long one of the class
// and half an hour more.
func (m *Model) cap(class int) float64 {
	c := m.mem.Classes[class]
	if c.Waits.n() < 100 {
		return 8 * 3600
	}
	return 3*c.Waits.quantile(0.95) + 1800
}

// headMargin is how much a head start must exceed another's, in seconds, before
// its newcomers are played out.
const headMargin = 15

// overtakers are the groups whose newcomers are called before one who comes now
// with a head start.
func (m *Model) overtakers(out []coming, head float64) []coming {
	for _, g := range m.groups {
		if r := g.rate.perSecond(m.now); g.Head > head+headMargin && r > 1e-6 {
			out = append(out, coming{group: g.index, class: g.class, key: m.now - g.Head, rate: r})
		}
	}
	return out
}
