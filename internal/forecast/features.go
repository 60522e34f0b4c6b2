package forecast

import (
	"math"
	"time"
)

// A day is described to the regressions by a vector. The first weekly entries say
// which day of the week it is; the others are zero on a day about which nothing
// is special.
const weekly = 9 // level, seven weekdays, first day after any closed one

// feature is one entry of the vector: how far its factor may be from one (in
// logarithms, one standard deviation), and what it is called when it raises a day.
type feature struct {
	sd     float64
	reason Reason
	japan  bool // only in places that keep Japan's calendar
	half   bool // half as strong in others
	value  func(c *daily) float64
}

// daily is what features are made of.
type daily struct {
	d             date
	weekday       int
	month         time.Month
	dom           int
	holiday       bool
	start, end    int // working day of the month from both ends
	before, after int // gap days right before and after
	first, last   bool
}

func (a *almanac) daily(d date) *daily {
	day := d.day()
	c := &daily{d: d, weekday: d.weekday(), month: day.Month, dom: day.Day, holiday: a.holiday(d)}
	c.start, c.end = a.ofMonth(d)
	c.before, c.first = a.before(d)
	c.after, c.last = a.after(d)
	return c
}

func when(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (c *daily) between(m1 time.Month, d1 int, m2 time.Month, d2 int) bool {
	x := int(c.month)*100 + c.dom
	return x >= int(m1)*100+d1 && x <= int(m2)*100+d2
}

// season is a smooth bump of the year, one every two weeks.
const seasons = 26

func (c *daily) season(i int) float64 {
	year := float64(time.Date(c.d.day().Year, c.month, c.dom, 0, 0, 0, 0, time.UTC).YearDay()) / 365.25
	off := math.Abs(year - float64(i)/seasons)
	off = math.Min(off, 1-off) * seasons
	if off >= 2 {
		return 0
	}
	return (1 + math.Cos(math.Pi*off/2)) / 2
}

var features = func() []feature {
	list := []feature{{sd: 30, value: func(*daily) float64 { return 1 }}}
	for w := range 7 {
		reason := ReasonWeekday
		if w == 1 {
			reason = ReasonMonday
		}
		list = append(list, feature{sd: .3, reason: reason, value: func(c *daily) float64 { return when(c.weekday == w) }})
	}
	list = append(
		list, feature{sd: .3, reason: ReasonAfterHoliday, value: func(c *daily) float64 { return when(c.first) }},

		feature{sd: .15, reason: ReasonAfterHoliday, value: func(c *daily) float64 { return when(c.before > 0) }},
		feature{sd: .15, reason: ReasonAfterHoliday, value: func(c *daily) float64 { return when(c.before > 2) }},
		feature{sd: .1, reason: ReasonBefore, value: func(c *daily) float64 { return when(c.after > 0) }},
		feature{sd: .1, reason: ReasonBefore, value: func(c *daily) float64 { return when(c.after > 2) }},
		feature{sd: .4, reason: ReasonSeason, value: func(c *daily) float64 { return when(c.holiday) }},
	)
	for n := 1; n <= 3; n++ {
		list = append(list, feature{sd: .08, reason: ReasonMonthStart, value: func(c *daily) float64 { return when(c.start == n) }},
			feature{sd: .08, reason: ReasonMonthEnd, value: func(c *daily) float64 { return when(c.end == n) }})
	}
	list = append(
		list,
		feature{sd: .06, reason: ReasonMonthStart, value: func(c *daily) float64 { return when(c.start <= 5) }},
		feature{sd: .06, reason: ReasonMonthEnd, value: func(c *daily) float64 { return when(c.end <= 5) }},
		feature{sd: .04, value: func(c *daily) float64 { return when(c.dom >= 8 && c.dom <= 14) }},
		feature{sd: .04, value: func(c *daily) float64 { return when(c.dom >= 15 && c.dom <= 20) }},
		feature{sd: .04, value: func(c *daily) float64 { return when(c.dom == 25) }},
		feature{sd: .04, value: func(c *daily) float64 { return when(c.dom%5 == 0) }},
		feature{sd: .15, reason: ReasonSeason, value: func(c *daily) float64 { return when(c.between(12, 20, 12, 31)) }},
	)
	list = append(list, japanese...)
	for i := range seasons {
		list = append(list, feature{sd: .15, reason: ReasonSeason, value: func(c *daily) float64 { return c.season(i) }})
	}
	return list
}()

// plain is how many features there are without the seasons.
var plain = len(features) - seasons

// vector describes a day; yearly with the seasons.
func (a *almanac) vector(d date) []float64 {
	c := a.daily(d)
	x := make([]float64, len(features))
	for i, f := range features {
		switch {
		case a.Japan || !f.japan:
			x[i] = f.value(c)
		case f.half:
			x[i] = f.value(c) / 2
		}
	}
	return x
}

func deviations(n int) []float64 {
	sd := make([]float64, n)
	for i := range sd {
		sd[i] = features[i].sd
	}
	return sd
}
