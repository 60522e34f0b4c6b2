package forecast

import "slices"

// timetable says on which days a service is usually there, and in which slots.
type timetable struct {
	Days  [7]pattern
	Slots [7][]bool
}

// pattern is what is known of one weekday: open or not, or by which one of its
// month it is (a counter that works on the second and fourth Saturday).
type pattern struct {
	Open bool
	Nth  [5]int // 1 open, -1 closed, 0 unknown
}

func (p pattern) open(d date) bool {
	if nth := p.Nth[(d.day().Day-1)/7]; nth != 0 {
		return nth > 0
	}
	return p.Open
}

// patternOf reads a pattern from the days of one weekday, oldest first, and whether
// anybody came on each.
func patternOf(days []date, came []bool) (p pattern) {
	if len(days) == 0 {
		return p
	}
	recent := came[max(0, len(came)-6):]
	opened, all := 0, 0
	var yes, no [5]int
	for i, is := range came[max(0, len(came)-26):] {
		nth := (days[max(0, len(came)-26)+i].day().Day - 1) / 7
		all++
		if is {
			opened++
			yes[nth]++
		} else {
			no[nth]++
		}
	}
	p.Open = count(recent)*2 >= len(recent) || len(came) > 1 && came[len(came)-1] && came[len(came)-2]
	if 8*opened < all || 8*(all-opened) < all {
		return p
	}
	for n := range p.Nth {
		if (yes[n] > 0) == (no[n] > 0) && n < 4 {
			return pattern{Open: p.Open} // one kind of day is both: there is no rule
		}
		switch {
		case yes[n] >= 2 && no[n] == 0:
			p.Nth[n] = 1
		case no[n] >= 2 && yes[n] == 0:
			p.Nth[n] = -1
		}
	}
	return p
}

// slots returns the open slots of a day: those of its weekday, or where that is
// usually closed and nothing is known, of the weekday with the most.
func (t *timetable) slots(d date) []bool {
	own := t.Slots[d.weekday()]
	if slices.Contains(own, true) {
		return own
	}
	for _, other := range t.Slots {
		if count(other) > count(own) {
			own = other
		}
	}
	return own
}

func count(list []bool) (n int) {
	for _, is := range list {
		if is {
			n++
		}
	}
	return n
}

// timetables learns the place's timetable (last) and that of each service.
func timetables(g *grid, a *almanac) []timetable {
	n := len(g.services)
	tables := make([]timetable, n+1)
	begins, seen := g.begins(), make([][7]int, n+1)
	for w := range 7 {
		var days []date
		for d := g.from; d <= g.to; d++ {
			if d.weekday() == w && (g.open(d) || !a.excused(d) && g.near(d)) {
				days = append(days, d)
			}
		}
		for s := range tables {
			first := slices.IndexFunc(days, func(d date) bool { return d >= begins[s] })
			if first < 0 {
				continue
			}
			came := make([]bool, len(days)-first)
			for i, d := range days[first:] {
				came[i] = g.came(d, s)
			}
			tables[s].Days[w] = patternOf(days[first:], came)
			seen[s][w] = len(came)
		}
	}
	hours(g, tables)
	for s := range tables[:n] {
		tables[s].guess(&tables[n], seen[s])
	}
	return tables
}

// guess opens a service that is new, and was not yet there to be seen on a weekday,
// on the days of the place with the same hours as a day on which it was.
func (t *timetable) guess(place *timetable, seen [7]int) {
	for w := range t.Days {
		if seen[w] > 0 || !place.Days[w].Open {
			continue
		}
		for other := range t.Days {
			if t.Days[other].Open && slices.Equal(place.Slots[w], place.Slots[other]) {
				t.Days[w] = place.Days[w]
			}
		}
	}
}

// borrow opens the weekdays that a history is too short to hold as a similar place
// does, the same service if it has it.
func (t *timetable) borrow(g *grid, prior *Model, service string) {
	if prior == nil || g.to-g.from >= 6 || len(prior.Tables) == 0 {
		return
	}
	other := &prior.Tables[len(prior.Tables)-1]
	if i := slices.Index(prior.Services, service); i >= 0 {
		other = &prior.Tables[i]
	}
	for n := date(1); n <= 7; n++ {
		if g.to-g.from < n {
			t.Days[(g.from + n).weekday()] = other.Days[(g.from + n).weekday()]
		}
	}
}

// begins returns the first day on which anybody came, of each service and of the place.
func (g *grid) begins() []date {
	list := make([]date, len(g.services)+1)
	for s := range list {
		list[s] = g.from
		for list[s] < g.to && !g.came(list[s], s) {
			list[s]++
		}
	}
	return list
}

// near reports whether anybody came within three days of a day: in the midst of
// weeks of which nothing is known, a day without anybody says nothing.
func (g *grid) near(d date) bool {
	for n := d - 3; n <= d+3; n++ {
		if g.open(n) {
			return true
		}
	}
	return false
}

// excused reports whether there is a reason for the place to be closed.
func (a *almanac) excused(d date) bool { return in(a.Shut, d) || a.holiday(d) }

// came reports whether anybody came to a service, or to the place if s is past the last one.
func (g *grid) came(d date, s int) bool {
	if s == len(g.services) {
		return g.open(d)
	}
	return g.rows[d] != nil && came(g.rows[d][s])
}

// hours finds the open slots: those of the place are where anybody came on that
// weekday lately; a service has those between its first and its last on any weekday
// with the same hours.
func hours(g *grid, tables []timetable) {
	place := &tables[len(g.services)]
	for w := range 7 {
		place.Slots[w] = g.busy(len(g.services), func(d date) bool { return d.weekday() == w })
	}
	for s := range g.services {
		for w := range 7 {
			own := g.busy(s, func(d date) bool { return slices.Equal(place.Slots[d.weekday()], place.Slots[w]) })
			first, last := slices.Index(own, true), -1
			for i, is := range own {
				if is {
					last = i
				}
			}
			for i := range own {
				own[i] = first >= 0 && i >= first && i <= last && place.Slots[w][i]
			}
			tables[s].Slots[w] = own
		}
	}
}

// busy returns the slots in which anybody came on the last ten days of a kind.
func (g *grid) busy(s int, kind func(date) bool) []bool {
	slots := make([]bool, g.slots)
	seen := 0
	for d := g.to; d >= g.from && seen < 10; d-- {
		if !kind(d) || !g.came(d, s) {
			continue
		}
		seen++
		for i, row := range g.rows[d] {
			if s != len(g.services) && i != s {
				continue
			}
			for j, n := range row {
				slots[j] = slots[j] || n > 0
			}
		}
	}
	return slots
}
