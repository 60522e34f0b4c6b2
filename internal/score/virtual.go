package score

import (
	"slices"
	"strings"

	"machi/internal/estimate/place"
)

// seat is a counter of the virtual queue.
type seat struct {
	counter string
	desk    *desk
	free    float64 // seconds from now
}

// virtual plays the line out once, first come first served, with the mean
// service time of each class, and returns when the newcomer is called. With no
// counter at work for a class, people of that class are passed over.
func (m *Methods) virtual(e place.Event) float64 {
	seats := m.seats(e)
	for _, s := range m.line {
		if at := m.soonest(seats, s.class); at >= 0 {
			seats[at].free += m.expected(s.class)
		}
	}
	if at := m.soonest(seats, e.Class); at >= 0 {
		return seats[at].free
	}
	return m.last[e.Class]
}

// seats are the counters at work, and when each will be free: the mean rest of a
// service is not below a third of the whole.
func (m *Methods) seats(e place.Event) []seat {
	var seats []seat
	for counter, d := range m.desks {
		if !m.works(d) {
			continue
		}
		s := seat{counter: counter, desk: d}
		if d.busy != "" {
			mean := m.expected(d.busy)
			s.free = max(mean-e.At.Sub(d.since).Seconds(), mean/3)
		}
		seats = append(seats, s)
	}
	slices.SortFunc(seats, func(a, b seat) int { return strings.Compare(a.counter, b.counter) })
	return seats
}

// soonest is the index of the counter for a class that is free first, or -1.
func (m *Methods) soonest(seats []seat, class string) int {
	best := -1
	for i, s := range seats {
		if m.serves(s.counter, s.desk, class) && (best < 0 || s.free < seats[best].free) {
			best = i
		}
	}
	return best
}
