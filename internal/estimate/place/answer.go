package place

import (
	"math"

	"machi/internal/estimate/blend"
	"machi/internal/estimate/walk"
)

// answer estimates the wait of a ticket that is about to join the line.
func (m *Model) answer(t *ticket) Answer {
	v := m.own()
	v.coming = m.overtakers(v.coming[:0], t.group.Head, m.now)
	v.asks = append(v.asks[:0], waiter{class: t.class, key: m.now - t.group.Head})
	m.tally.reset(len(m.mem.Classes))
	for i := range v.waiters {
		m.tally.add(&v.waiters[i])
	}
	m.build(v)
	if t.kept = m.kept(v, t.class); t.kept {
		m.keptSeat(t.class)
	}
	m.hall.ProbesOnly = true
	m.hall.Walk()
	m.survey(v)
	f := m.features(t.class, &m.tally)
	f.VQ10, f.VQ50, f.VQ90 = m.quantiles(&m.hall.Probes[v.asks[0].id], m.limit(t.class))
	said, ok := m.mem.Blend.Predict(m.mem.Classes[t.class].Name, f)
	t.features, t.said, t.answered = f, said, true
	a := answerOf(said)
	a.Known = ok
	return a
}

func answerOf(said blend.Said) Answer {
	return Answer{Known: true, P10: said.Q[0], P50: said.Q[1], P80: blend.P80(said.Q[1], said.Q[2]), P90: said.Q[2]}
}

// own is the view of the model's own line.
func (m *Model) own() *view {
	v := &m.view
	m.clocks = m.clocks[:0]
	v.clock, v.seats, v.waiters = m.now, v.seats[:0], v.waiters[:0]
	for _, s := range m.seats {
		sv := s.view(m.now)
		sv.open = s.diary.open
		if sv.open && !s.explicit && s.contested > leftAfter {
			m.gone(&sv, s)
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

// leftAfter is how long somebody has waited for a free counter, in seconds, when
// one without open and close events is taken to have been left.
const leftAfter = 300

// gone shows a counter as closed since it did something.
func (m *Model) gone(v *seatView, s *seat) {
	begin := len(m.clocks)
	m.clocks = append(append(m.clocks, s.diary.spells...), s.last, farAway)
	v.open, v.gone, v.spells = false, true, m.clocks[begin:]
}

// view is what is remembered of a counter, at a moment.
func (s *seat) view(now float64) seatView {
	v := seatView{name: s.name, memory: s.memory, busy: -1, spells: s.diary.spells, idle: now - s.idle, explicit: s.explicit, contested: s.contested, fresh: s.fresh, age: s.age}
	if !s.diary.seen {
		v.spells = allDay
	}
	if s.contested == 0 {
		v.age = ageOf(v.idle)
	}
	return v
}

// enough is how many futures must call somebody for their quantiles to count.
const enough = 6

// quantiles are the 10, 50 and 90 % points of a wait; NaN when too few futures
// know of a call.
func (m *Model) quantiles(waits *[walk.Futures]float64, limit float64) (p10, p50, p90 float64) {
	m.sort(waits)
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

// sort puts waits into m.order. Neighbours in a line wait alike, so it begins
// with the order that the waits sorted before had.
//
//go:norace
func (m *Model) sort(waits *[walk.Futures]float64) {
	if len(m.order) != walk.Futures {
		m.order = make([]float64, walk.Futures)
		for i := range m.ranks {
			m.ranks[i] = uint8(i)
		}
	}
	for i, r := range m.ranks {
		x := waits[r]
		j := i
		for ; j > 0 && m.order[j-1] > x; j-- {
			m.order[j], m.ranks[j] = m.order[j-1], m.ranks[j-1]
		}
		m.order[j], m.ranks[j] = x, r
	}
}

// limit is the longest wait that is believed: three times a long one of the class
// and half an hour more.
func (m *Model) limit(class int) float64 {
	c := m.classAt(class)
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
func (m *Model) overtakers(out []coming, head, now float64) []coming {
	for _, g := range m.groups {
		if r := g.rate.perSecond(now); g.Head > head+headMargin && r > 1e-6 {
			out = append(out, coming{group: g.index, class: g.class, key: now - g.Head, rate: r})
		}
	}
	return out
}
