package forecast

import (
	"slices"

	"machi/internal/calendar"
)

// almanac knows which days a place works, and what is special about them.
type almanac struct {
	Japan        bool
	HolidaysWork bool    // the place has been open on most of its holidays
	Usual        [7]bool // the weekdays of the place
	Holidays     []date
	Shut         []date // known to be closed, or found closed for no reason that is known
	Open         []date
	Campaigns    []Campaign
}

// newAlmanac reads the week and the holidays out of a history.
func newAlmanac(g *grid, s Special) *almanac {
	a := &almanac{Campaigns: s.Campaigns, Holidays: dates(s.Holidays), Shut: dates(s.Closed), Open: dates(s.Open), Japan: s.Country == Japan}
	a.Usual = usual(g)
	if s.Country == Learnt {
		a.Japan = a.japanese(g)
	}
	worked, seen := 0, 0
	for d := g.from; d <= g.to; d++ {
		if a.holiday(d) && a.Usual[d.weekday()] {
			seen++
			if g.open(d) {
				worked++
			}
		}
	}
	a.HolidaysWork = 2*worked > seen
	if len(a.Holidays) == 0 && !a.Japan { // no list explains a closed day, so the day does
		for d := g.from; d <= g.to; d++ {
			if a.Usual[d.weekday()] && !g.open(d) {
				a.Shut = append(a.Shut, d)
			}
		}
		slices.Sort(a.Shut)
	}
	return a
}

func dates(days []calendar.Day) []date {
	list := make([]date, 0, len(days))
	for _, d := range days {
		list = append(list, dateOf(d))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// usual finds the weekdays on which a place was mostly open, in the last half year.
func usual(g *grid) (week [7]bool) {
	var open, all [7]int
	for d := max(g.from, g.to-182); d <= g.to; d++ {
		all[d.weekday()]++
		if g.open(d) {
			open[d.weekday()]++
		}
	}
	for w := range week {
		week[w] = 2*open[w] >= all[w] && open[w] > 0
	}
	return week
}

// japanese reports whether the place was closed on most of Japan's holidays that
// fell on its weekdays. Two are needed, and it was open on most other days.
func (a *almanac) japanese(g *grid) bool {
	closed, seen := 0, 0
	for d := g.from; d <= g.to; d++ {
		if !a.Usual[d.weekday()] || calendar.Holiday(d.day()) == "" {
			continue
		}
		seen++
		if !g.open(d) {
			closed++
		}
	}
	return closed >= 2 && 3*closed >= 2*seen
}

func in(list []date, d date) bool {
	_, is := slices.BinarySearch(list, d)
	return is
}

// holiday reports whether a day is a holiday of the place, open or not.
func (a *almanac) holiday(d date) bool {
	if in(a.Holidays, d) {
		return true
	}
	day := d.day()
	return a.Japan && (calendar.Holiday(day) != "" || calendar.NewYearClosure(day))
}

// gap reports whether the place is closed on a day on which it usually works.
func (a *almanac) gap(d date) bool {
	return a.Usual[d.weekday()] && !a.works(d)
}

// works reports whether the place is open, as far as the calendar goes.
func (a *almanac) works(d date) bool {
	switch {
	case in(a.Open, d):
		return true
	case in(a.Shut, d):
		return false
	case a.holiday(d) && !a.HolidaysWork:
		return false
	}
	return a.Usual[d.weekday()]
}

// before returns how many gap days lie right before a day, and whether the day
// before was closed at all; weekends and gaps of up to two weeks are looked through.
func (a *almanac) before(d date) (gaps int, first bool) { return a.look(d, -1) }

// after is before, in the other direction.
func (a *almanac) after(d date) (gaps int, last bool) { return a.look(d, 1) }

func (a *almanac) look(d, step date) (gaps int, edge bool) {
	for n := date(1); n <= 14; n++ {
		if a.works(d + n*step) {
			return gaps, n > 1
		}
		if a.gap(d + n*step) {
			gaps++
		}
	}
	return gaps, true
}

// ofMonth returns which working day of its month a day is, from its start and from
// its end, both counted from 1.
func (a *almanac) ofMonth(d date) (start, end int) {
	month := d.day().Month
	for x := d; x.day().Month == month; x-- {
		if x == d || a.works(x) {
			start++
		}
	}
	for x := d; x.day().Month == month; x++ {
		if x == d || a.works(x) {
			end++
		}
	}
	return start, end
}

// campaigns returns those that touch a service on a day; "" is the whole place.
func (a *almanac) campaigns(d date, service string) []Campaign {
	var list []Campaign
	for _, c := range a.Campaigns {
		if d >= dateOf(c.From) && d <= dateOf(c.To) && (len(c.Services) == 0 || service == "" || slices.Contains(c.Services, service)) {
			list = append(list, c)
		}
	}
	return list
}
