package forecast

import (
	"math"

	"machi/internal/calendar"
)

// japanese are the features of places that keep Japan's calendar. Which day couples
// choose is a reason only under one name, whatever made them choose it.
var japanese = []feature{
	{sd: .2, reason: ReasonMoving, japan: true, half: true, value: func(c *daily) float64 { return when(c.between(3, 15, 4, 15)) }},
	{sd: .2, reason: ReasonMoving, japan: true, half: true, value: func(c *daily) float64 { return when(c.between(3, 25, 4, 5)) }},
	{sd: .2, reason: ReasonFiscalYear, japan: true, half: true, value: func(c *daily) float64 { return when(c.between(4, 1, 4, 3)) }},
	{sd: .1, reason: ReasonSeason, japan: true, value: func(c *daily) float64 { return when(c.between(6, 1, 7, 15)) }},
	{sd: .6, reason: ReasonMarriage, japan: true, value: func(c *daily) float64 { return calendar.MarriageDate(c.d.day()) }},
	{sd: .3, reason: ReasonMarriage, japan: true, value: func(c *daily) float64 { return when(calendar.Tensha(c.d.day())) }},
	{sd: .1, reason: ReasonMarriage, japan: true, value: func(c *daily) float64 { return when(calendar.Ichiryumanbai(c.d.day())) }},
	rokuyo(calendar.Taian), rokuyo(calendar.Tomobiki), rokuyo(calendar.Butsumetsu), rokuyo(calendar.Shakko),
	{sd: .1, reason: ReasonExpiry, japan: true, value: func(c *daily) float64 { return expiries(c.d) }},
}

func rokuyo(which calendar.Rokuyo) feature {
	return feature{sd: .1, reason: ReasonMarriage, japan: true, value: func(c *daily) float64 {
		return when(calendar.RokuyoOf(c.d.day()) == which)
	}}
}

// issued says how many My Number cards had been handed out in Japan by the start
// of a month, in millions: published figures, in between in proportion.
var issued = []struct {
	year, month int
	millions    float64
}{
	{2016, 1, 0},
	{2017, 3, 10.7},
	{2018, 7, 14.7},
	{2019, 4, 16.6},
	{2019, 11, 18.2},
	{2020, 3, 19.7},
	{2020, 9, 24.7},
	{2021, 1, 31.0},
	{2021, 5, 38.1},
	{2021, 9, 47.6},
	{2022, 4, 54.9},
	{2022, 9, 60.0},
	{2023, 1, 72.0},
	{2023, 4, 84.0},
	{2023, 7, 90.0},
	{2024, 4, 97.0},
	{2026, 4, 110.0},
}

// expiries is the logarithm of how many certificates on cards run out about a month
// and a half after a day, when people come for new ones: those of cards handed out four
// to five years before, as they end on a birthday, and nine to ten years before, when
// the second ones end with the card itself.
func expiries(d date) float64 {
	end := d + 45
	within := func(years date) float64 { return handedOut(end-(years-1)*365) - handedOut(end-years*365) }
	return math.Log((within(5) + within(10) + 1) / 10)
}

func handedOut(d date) float64 {
	for i, to := range issued[1:] {
		from := issued[i]
		a, b := monthStart(from.year, from.month), monthStart(to.year, to.month)
		if d < b {
			return from.millions + (to.millions-from.millions)*math.Max(0, float64(d-a)/float64(b-a))
		}
	}
	return issued[len(issued)-1].millions
}

func monthStart(year, month int) date {
	return dateOf(calendar.Day{Year: year, Month: 1, Day: 1}) + date(365*(month-1)/12)
}
