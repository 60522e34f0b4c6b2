package outlook

import (
	"math"
	"math/bits"

	"machi/internal/estimate/walk"
)

// play lets the counters call until none calls any more.
//
//go:norace
func (h *hall) play(f int) {
	h.begin(f)
	for {
		k, at := -1, never
		for i := range h.seats {
			if t := h.seats[i].free; t < at {
				k, at = i, t
			}
		}
		if k < 0 {
			return
		}
		s := &h.seats[k]
		p := s.open(at)
		if p == nil {
			s.free, s.idle = never, math.NaN()
			continue
		}
		if p.from > at {
			s.free, s.idle = p.from, math.NaN()
			continue
		}
		line, soon := h.choose(p, at)
		if line < 0 {
			if !(s.idle <= at) {
				s.idle = at
			}
			s.free = min(soon, p.to)
			continue
		}
		s.idle = math.NaN()
		h.call(f, k, line, at)
	}
}

// open returns the spell that is under way or comes next; nil: none does.
//
//go:norace
func (s *seat) open(at float64) *spell {
	for s.at < len(s.spells) && s.spells[s.at].to <= at {
		s.at++
	}
	if s.at == len(s.spells) {
		return nil
	}
	return &s.spells[s.at]
}

// choose asks the calling rule whom a counter calls (see [queue.Next]); -1: nobody,
// and when somebody can be.
//
//go:norace
func (h *hall) choose(p *spell, at float64) (chosen int, soon float64) {
	soon = never
	mine, own := [2]int{-1, -1}, [2]int{-1, -1} // ordinary, urgent
	var key, ownKey [2]float64
	for mask := p.lines; mask != 0; mask &= mask - 1 {
		i := bits.TrailingZeros64(mask)
		joined, ok := h.first(i, at)
		if !ok {
			continue
		}
		if joined > at {
			soon = min(soon, joined)
			continue
		}
		class := i & 1
		if mine[class] < 0 || joined < key[class] {
			mine[class], key[class] = i, joined
		}
		if p.own&(1<<i) != 0 && (own[class] < 0 || joined < ownKey[class]) {
			own[class], ownKey[class] = i, joined
		}
	}
	first := mine[0]
	if first < 0 || mine[1] >= 0 && key[1] < key[0] {
		first = mine[1]
	}
	if first < 0 {
		return -1, soon
	}
	if limit := h.in.Rule.MaxWait.Seconds(); limit > 0 && at-key[first&1] >= limit {
		return first, soon
	}
	if own[0] >= 0 || own[1] >= 0 {
		mine = own
	}
	switch ratio := h.in.Rule.Ratio; {
	case mine[1] < 0:
		return mine[0], soon
	case mine[0] < 0:
		return mine[1], soon
	case ratio > 0 && h.run >= ratio:
		return mine[0], soon
	}
	return mine[1], soon
}

// first returns when the first of a line joined it; those who have left are let go.
//
//go:norace
func (h *hall) first(i int, at float64) (joined float64, ok bool) {
	l := &h.lines[i]
	for l.head < len(l.wait) {
		v := &h.visits[l.wait[l.head]]
		if v.leaves > at {
			return v.joined, true
		}
		v.left = true
		l.head++
	}
	return 0, false
}

// call lets a counter call the first of a line, who may not come.
//
//go:norace
func (h *hall) call(f, k, i int, at float64) {
	l := &h.lines[i]
	n := l.wait[l.head]
	l.head++
	v := &h.visits[n]
	s := &h.services[v.service]
	if h.run++; i&1 == 0 {
		h.run = 0
	}
	if i&2 != 0 {
		talk := draw(s.delivery, uniform(h.in.Seed, f, v.key, drawDelivery))
		h.uses(k, at, at+talk)
		h.seats[k].free = at + talk + draw(h.gap, uniform(h.in.Seed, f, v.key, drawDeliveryGap))
		h.goesOn(f, n, true, at+talk)
		return
	}
	v.called = at
	gap := draw(h.gap, uniform(h.in.Seed, f, v.key, drawGap))
	if s.Absent != nil && uniform(h.in.Seed, f, v.key, drawAbsent) < s.Absent[walk.Bucket(at-v.came)] {
		v.absent = true
		h.seats[k].free = at + s.missing + gap
		return
	}
	talk := v.talk
	if talk <= 0 {
		talk = s.pace[f] * draw(s.talk, uniform(h.in.Seed, f, v.key, drawTalk))
	}
	h.uses(k, at, at+talk)
	h.seats[k].free = at + talk + gap
	h.goesOn(f, n, false, at+talk)
}
