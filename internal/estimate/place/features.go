package place

import (
	"math"

	"machi/internal/estimate/blend"
)

// How long ago counters and calls still say something about the next minutes,
// in seconds.
const (
	quarter   = 900.0
	passed    = 10.0 // a counter free for longer while somebody waited for it was passed over
	pulseKept = 512
)

// pulse are the calls of the last quarter of an hour.
type pulse struct {
	calls []float64 // times, the newest last
	last  float64   // wait of the newest
}

func (p *pulse) reset() { p.calls, p.last = p.calls[:0], math.NaN() }

func (p *pulse) called(now, waited float64) {
	if len(p.calls) == pulseKept {
		p.calls = append(p.calls[:0], p.calls[1:]...)
	}
	p.calls = append(p.calls, now)
	p.last = waited
}

// count is how many calls lie within the span before now.
func (p *pulse) count(now, span float64) int {
	n := 0
	for i := len(p.calls) - 1; i >= 0 && now-p.calls[i] <= span; i-- {
		n++
	}
	return n
}

// since is how long ago the newest call was.
func (p *pulse) since(now float64) float64 {
	if len(p.calls) == 0 {
		return math.NaN()
	}
	return now - p.calls[len(p.calls)-1]
}

// tally are the tickets before one, while the line is gone through.
type tally struct {
	waiting int
	hol     float64   // longest wait of any
	ahead   []int     // by class
	longest []float64 // wait, by class
}

func (t *tally) reset(classes int) {
	t.waiting, t.hol = 0, 0
	t.ahead, t.longest = resize(t.ahead, classes), resize(t.longest, classes)
	clear(t.ahead)
	clear(t.longest)
}

func (t *tally) add(w *waiter) {
	t.waiting++
	t.hol = max(t.hol, w.age)
	t.ahead[w.class]++
	t.longest[w.class] = max(t.longest[w.class], w.age)
}

// features are what the second stage looks at, without the virtual queue, for
// one of a class who comes after those in the tally.
func (m *Model) features(class int, t *tally) blend.Features {
	f := m.floor[class]
	f.Waiting, f.LineHOL, f.Ahead, f.HOL = t.waiting, t.hol, t.ahead[class], t.longest[class]
	f.QL = float64(f.Ahead+1) * f.Mean / float64(max(1, f.Open))
	if f.Idle > 0 && f.Waiting == 0 {
		f.QL = 0
	}
	return f
}

// survey fills the features that are the same for all of a class.
func (m *Model) survey(v *view) {
	m.floor = resize(m.floor, len(m.hall.Kinds))
	nan := math.NaN()
	for class := range m.floor {
		f := &m.floor[class]
		c := m.classAt(class)
		*f = blend.Features{
			LES: nan, IdleAge: nan, Mean: c.table.Mean(),
			LESAny: m.pulse.last, SinceCall: m.pulse.since(v.clock), Calls15: m.pulse.count(v.clock, quarter),
			SinceOpen: v.clock - m.began, Slot: int(v.clock/1800) % 48,
		}
		if c.Waits.n() > 0 {
			f.LES = c.Called
		}
		for i := range v.seats {
			m.watch(f, &v.seats[i], class)
		}
	}
}

// watch adds one counter to the features.
//
//go:norace
func (m *Model) watch(f *blend.Features, s *seatView, class int) {
	serves := m.chance(s, class) > 0.5
	if s.busy >= 0 {
		f.Busy++
		f.Active++
		if serves {
			f.Open++
		}
		return
	}
	if s.explicit && !s.open {
		return
	}
	if s.idle <= quarter {
		f.Active++
	}
	for _, fresh := range []struct {
		n    *int
		span float64
	}{{&f.Fresh1, 60}, {&f.Fresh3, 180}, {&f.Fresh10, 600}} {
		if s.idle <= fresh.span {
			*fresh.n++
		}
	}
	if s.idle <= 3600 && !(f.IdleAge <= s.idle) {
		f.IdleAge = s.idle
	}
	if !serves || !s.explicit && s.idle > quarter {
		return
	}
	f.Open++
	if s.contested <= passed {
		f.Idle++
	}
}
