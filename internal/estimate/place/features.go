package place

import (
	"math"

	"machi/internal/estimate/blend"
)

// features are what the second stage looks at, without the virtual queue.
func (m *Model) features(v *view, t *ticket) blend.Features {
	c := m.mem.Classes[t.class]
	f := blend.Features{SameLength: math.NaN(), Profile: math.NaN(), LES: math.NaN(), Waiting: len(v.waiters)}
	if c.Waits.n() > 0 {
		f.LES = c.Called
	}
	for _, o := range m.line {
		if o.class == t.class {
			f.Ahead++
			f.HOL = max(f.HOL, m.now-o.joined)
		}
	}
	for i := range v.seats {
		if s := &v.seats[i]; s.open && m.serves(s.name, s.memory, t.class) > 0.5 {
			f.Open++
			if s.busy < 0 {
				f.Idle++
			}
		}
	}
	mean := c.table.Mean()
	f.QL = float64(f.Ahead+1) * mean / float64(max(1, f.Open))
	f.Rate = math.NaN()
	f.SinceOpen = m.now - m.began
	f.Slot = int(m.now / 1800)
	return f
}
