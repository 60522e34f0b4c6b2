package place

import "machi/internal/estimate/walk"

// How well it is known whether free counters are kept for a class.
const (
	keptAtOnce = 5.0   // seconds until the call
	keptFade   = 0.995 // per newcomer: half after 140
	keptDoubt  = 10    // newcomers that were not taken, to begin with
)

// kept tells whether a newcomer of a class may find a counter that is free
// although others wait: it lets them wait, and might be there for the class.
func (m *Model) kept(v *view, class int) bool {
	if len(v.waiters) == 0 || at(m.inLine, class) > 0 {
		return false
	}
	for i := range v.seats {
		if s := &v.seats[i]; s.busy < 0 && (s.open || s.gone) && s.contested > keptAtOnce && m.chance(s, class) > 0.5 {
			return true
		}
	}
	return false
}

// learnKept takes what came of such a newcomer.
func (c *class) learnKept(waited float64) {
	c.Kept, c.Taken = c.Kept*keptFade+1, c.Taken*keptFade
	if waited <= keptAtOnce {
		c.Taken++
	}
}

// keptSeat adds that counter to the hall, in as many futures as it was there
// before.
func (m *Model) keptSeat(class int) {
	c := m.mem.Classes[class]
	chance := c.Taken / (c.Kept + keptDoubt)
	h := &m.hall
	h.Seats = resize(h.Seats, len(h.Seats)+1)
	s := &h.Seats[len(h.Seats)-1]
	*s = walk.Seat{}
	for i, l := range m.lines {
		for f := range walk.Futures {
			if l.class == class && walk.Uniform(class*13+7, f) < chance {
				s.Lines[f] |= 1 << i
			}
		}
	}
}
