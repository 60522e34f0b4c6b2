package place

import (
	"math"
	"slices"

	"machi/internal/estimate/walk"
)

// How the hours of counters are remembered.
const (
	daysKept  = 20
	farAway   = 7 * 86400.0 // a spell without an end
	quietLong = 40 * 60.0   // without open and close events: as long without a visit is an absence
	earlyEnd  = 45 * 60.0   // a last closing so long before that of the office is part of the plan
)

// diary is how a counter's day went so far: closed spells, from and to in
// seconds of the day, the last one without an end if it is closed now.
type diary struct {
	spells []float64
	open   bool
	seen   bool // it has been open today
	forced bool // its last closing left people waiting
}

// opened notes that the counter begins to work. One that was open all the time,
// but with the same visitor since early, had a break that its visitor took up:
// it was due somewhere in between.
func (d *diary) opened(at, since float64) {
	if d.open && since < at {
		d.spells = append(d.spells, max((since+at)/2, d.end()), at)
	}
	if d.open {
		return
	}
	if !d.seen {
		d.spells = append(d.spells[:0], 0, at)
	} else if n := len(d.spells); n > 0 {
		d.spells[n-1] = at
	}
	d.open, d.seen = true, true
}

// end is when its last spell was over.
func (d *diary) end() float64 {
	if n := len(d.spells); n > 0 {
		return d.spells[n-1]
	}
	return 0
}

// closed notes that the counter stops. It was due somewhere after since, when
// its last visitor was called, if it stopped at the end of that visit.
func (d *diary) closed(at, since float64, waiting bool) {
	if !d.open {
		return
	}
	at = max((at+since)/2, d.end())
	d.spells = append(d.spells, at, farAway)
	d.open, d.forced = false, waiting
}

// endDay files the hours of the day that ends.
func (m *Model) endDay() {
	for _, s := range m.seats {
		m.learnGap(s, false)
	}
	defer m.mem.dropCounters()
	record := dayHours{Day: m.day, Hours: map[string][]float64{}}
	last := 0.0
	for _, s := range m.seats {
		if n := len(s.diary.spells); s.diary.seen && !s.diary.open && n >= 2 {
			last = max(last, s.diary.spells[n-2])
		}
	}
	for _, s := range m.seats {
		d := &s.diary
		if !d.seen {
			continue
		}
		spells := slices.Clone(d.spells)
		if n := len(spells); !d.open && n >= 2 && !d.forced && spells[n-2] > last-earlyEnd {
			spells = spells[:n-2] // it closed because nobody waited
		}
		record.Hours[s.name] = spells
	}
	if len(record.Hours) == 0 {
		return
	}
	m.mem.Days = append(m.mem.Days, record)
	if n := len(m.mem.Days); n > daysKept {
		m.mem.Days = slices.Delete(m.mem.Days, 0, n-daysKept)
	}
}

// closedAt tells whether a counter with these spells was closed at a time of the day.
func closedAt(spells []float64, at float64) bool {
	for i := 0; i+1 < len(spells); i += 2 {
		if spells[i] <= at && at < spells[i+1] {
			return true
		}
	}
	return false
}

// How past days are chosen.
const (
	daysUsed = 12
	alike    = 30 * 60.0 // more of a difference than the day most alike, in seconds of the day so far
)

// candidate is a past day on which a counter was as it is now.
type candidate struct {
	day    int     // index into memory.Days
	differ float64 // seconds of the day so far in which it was not as today
}

// plan gives a seat the hours of past days that went for it as today has so
// far, one for each future. Those on which it is not now as it is are left out.
func (m *Model) plan(out *walk.Seat, s *seatView, row int, clock float64) (planned bool) {
	m.candidates = m.candidates[:0]
	least := math.Inf(1)
	for i := len(m.mem.Days) - 1; i >= 0; i-- {
		spells, there := m.mem.Days[i].Hours[s.name]
		if closed := !there || closedAt(spells, clock); closed == s.open {
			continue
		}
		if !there {
			spells = allDay
		}
		differ := differing(spells, s.spells, clock)
		least = min(least, differ)
		m.candidates = append(m.candidates, candidate{i, differ})
	}
	days := m.days[:0]
	for _, c := range m.candidates {
		if c.differ <= least+alike && len(days) < daysUsed {
			spells, there := m.mem.Days[c.day].Hours[s.name]
			days = append(days, m.ahead(spells, there, clock))
		}
	}
	m.days = days
	for f := range walk.Futures {
		out.Hours[f] = nil
		if len(days) > 0 {
			out.Hours[f] = days[walk.Stratum(row, f)*len(days)/walk.Futures]
		}
	}
	return len(days) > 0
}

// allDay is the hours of a counter that is away.
var allDay = []float64{0, farAway}

// differing is for how long until a time of the day one of two counters was
// closed and the other was not.
func differing(a, b []float64, until float64) (differ float64) {
	for at := 0.0; at < until; {
		inA, endA := stateAt(a, at)
		inB, endB := stateAt(b, at)
		end := min(endA, endB, until)
		if inA != inB {
			differ += end - at
		}
		at = end
	}
	return differ
}

// stateAt tells whether a counter is closed at a time of the day, and until
// when that lasts.
func stateAt(spells []float64, at float64) (closed bool, until float64) {
	for i := 0; i+1 < len(spells); i += 2 {
		if at < spells[i] {
			return false, spells[i]
		}
		if at < spells[i+1] {
			return true, spells[i+1]
		}
	}
	return false, farAway
}

// ahead is what of a day's spells is still to come, in seconds from a time of the day.
func (m *Model) ahead(spells []float64, there bool, clock float64) []walk.Spell {
	begin := len(m.spells)
	if !there {
		m.spells = append(m.spells, walk.Spell{From: 0, To: farAway})
	}
	for i := 0; i+1 < len(spells); i += 2 {
		if spells[i+1] > clock {
			m.spells = append(m.spells, walk.Spell{From: spells[i] - clock, To: spells[i+1] - clock})
		}
	}
	return m.spells[begin:len(m.spells):len(m.spells)]
}
