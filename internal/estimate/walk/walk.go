package walk

import "math/bits"

// horizon is where a future ends, in seconds: nobody is promised a call later.
const horizon = 16 * 3600

// Walk plays all futures. Waits has to have room for every Job.
func (h *Hall) Walk() {
	for f := range Futures {
		h.begin(f)
		h.play(f)
	}
}

// begin puts one future to its first moment.
//
//go:norace
func (h *Hall) begin(f int) {
	h.free, h.next = h.free[:0], h.next[:0]
	for i := range h.Seats {
		h.free = append(h.free, h.Seats[i].Free[f])
		h.next = append(h.next, 0)
	}
	h.alive = 0
	for i := range h.Lines {
		l := &h.Lines[i]
		h.head[i], h.nth[i], h.late[i] = 0, 0, Never
		if l.Rate > 0 {
			h.late[i] = 0
			h.arrive(i, f)
		}
		if l.Probe {
			h.Probes[i][f] = Never
		}
		for j := range l.Jobs {
			h.Waits[l.Jobs[j].ID][f] = Never
		}
		h.stepUp(i)
	}
}

// stepUp notes who is first in a line now.
//
//go:norace
func (h *Hall) stepUp(line int) {
	l := &h.Lines[line]
	switch i := h.head[line]; {
	case i < len(l.Jobs):
		h.key[line], h.release[line] = l.Jobs[i].Key, l.Jobs[i].Release
	case l.Rate > 0:
		h.key[line], h.release[line] = l.Key+h.late[line], h.late[line]
	default:
		h.alive &^= 1 << line
		return
	}
	h.alive |= 1 << line
}

// arrive draws the moment of the next newcomer of a line: exponential times
// between them.
//
//go:norace
func (h *Hall) arrive(line, f int) {
	h.nth[line]++
	h.late[line] += unit.At(h.nth[line]*7+line*131, f) / h.Lines[line].Rate
}

// play lets the counters call until nobody is left who was asked about.
//
//go:norace
func (h *Hall) play(f int) {
	left, probes := 0, uint64(0)
	for i := range h.Lines {
		if !h.ProbesOnly {
			left += len(h.Lines[i].Jobs)
		}
		if h.Lines[i].Probe {
			probes |= 1 << i
		}
	}
	for left != 0 || probes != 0 {
		seat, at := h.first()
		if seat < 0 || at > horizon {
			return
		}
		if open := h.open(seat, f, at); open > at {
			h.free[seat] = open
			continue
		}
		line, soon := h.pick(h.Seats[seat].Lines[f], at)
		probes &^= h.answer(h.Seats[seat].Lines[f]&probes, line, at, f)
		switch {
		case line < 0:
			h.free[seat] = soon
		case h.head[line] < len(h.Lines[line].Jobs):
			if !h.ProbesOnly {
				left--
			}
			h.call(seat, line, at, f)
		default:
			h.callNewcomer(seat, line, at, f)
		}
	}
}

// first returns the counter that is free first.
//
//go:norace
func (h *Hall) first() (seat int, at float64) {
	seat, at = -1, Never
	for i, t := range h.free {
		if t < at {
			seat, at = i, t
		}
	}
	return seat, at
}

// open returns when the counter, free at a moment, can really call: a break that
// has come is taken first.
//
//go:norace
func (h *Hall) open(seat, f int, at float64) float64 {
	spells := h.Seats[seat].Hours[f]
	i := h.next[seat]
	for i < len(spells) && spells[i].To <= at {
		i++
	}
	h.next[seat] = i
	if i < len(spells) && spells[i].From <= at {
		return spells[i].To
	}
	return at
}

// pick chooses among some lines the one whose first is to be called now, or says
// when somebody can be.
//
//go:norace
func (h *Hall) pick(mask uint64, at float64) (line int, soon float64) {
	line, soon = -1, Never
	best := Never
	for mask &= h.alive; mask != 0; mask &= mask - 1 {
		i := bits.TrailingZeros64(mask)
		if h.release[i] > at {
			soon = min(soon, h.release[i])
		} else if h.key[i] < best {
			line, best = i, h.key[i]
		}
	}
	return line, soon
}

// answer notes for the probes in mask that come before the first of the chosen
// line (-1: nobody) that they would be called now, and returns which.
//
//go:norace
func (h *Hall) answer(mask uint64, line int, at float64, f int) (done uint64) {
	best := Never
	if line >= 0 {
		best = h.key[line]
	}
	for ; mask != 0; mask &= mask - 1 {
		if i := bits.TrailingZeros64(mask); h.Lines[i].ProbeKey <= best {
			h.Probes[i][f] = at
			done |= 1 << i
		}
	}
	return done
}

// call lets a counter call the first of a line, who may have left or not come.
//
//go:norace
func (h *Hall) call(seat, line int, at float64, f int) {
	j := &h.Lines[line].Jobs[h.head[line]]
	h.head[line]++
	h.stepUp(line)
	h.Waits[j.ID][f] = at
	k := &h.Kinds[j.Kind]
	id := int(j.ID)
	if j.Chance > 0 && Uniform(id*3+5, f) > j.Chance {
		return
	}
	waited := Bucket(j.Age + at)
	if k.Leave != nil && k.Leave.in(waited, j.Age+at)-j.Stayed > unit.At(id*3+2, f) {
		return // it has left: the counter is still free and calls the next
	}
	if k.Absent != nil && Uniform(id*3+4, f) < k.Absent[waited] {
		h.free[seat] = at + h.Missing.At(id*3, f) + h.Gap.At(id*3+1, f)
		return
	}
	h.free[seat] = at + h.pace(seat)*k.Service.At(id*3, f) + h.Gap.At(id*3+1, f)
}

// callNewcomer lets a counter call somebody who came after now.
//
//go:norace
func (h *Hall) callNewcomer(seat, line int, at float64, f int) {
	row := h.nth[line]*5 + line*97
	h.arrive(line, f)
	h.stepUp(line)
	service := h.Kinds[h.Lines[line].Kind].Service.At(row, f)
	h.free[seat] = at + h.pace(seat)*service + h.Gap.At(row+1, f)
}

//go:norace
func (h *Hall) pace(seat int) float64 {
	if p := h.Seats[seat].Pace; p > 0 {
		return p
	}
	return 1
}
