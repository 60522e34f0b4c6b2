package yearly

import (
	"math"
	"time"

	"machi/internal/calendar"
	"machi/internal/queue"
)

// matter is a kind of business whose demand moves together through the year.
type matter int

const (
	plain   matter = iota
	moves          // 引越し and what comes with it
	papers         // certificates
	family         // notifications of family matters
	cards          // My Number cards
	sorrow         // after a death: no season
	welfare        // insurance and pension
)

// season returns how many times as many people as on an ordinary day come for a matter.
func season(d calendar.Day, m matter) float64 {
	f := weekday(d, m) * monthly(d, m)
	switch m {
	case moves:
		f *= 1 + 1.15*moving(d)
	case welfare:
		f *= 1 + 0.7*moving(d)
	case papers:
		f *= (1 + 0.45*moving(d)) * taxes(d) * campaign(d)
	case cards:
		f *= (1 + 0.3*moving(d)) * autumn(d, 1.18)
	case family:
		f *= marriage(d)
	case plain:
		f *= 1 + 0.2*moving(d)
	}
	return f
}

// weekday is the week, and what holidays do to it.
func weekday(d calendar.Day, m matter) float64 {
	f := 1.0
	switch d.Weekday() {
	case time.Monday:
		f = 1.17
	case time.Tuesday:
		f = 1.02
	case time.Wednesday:
		f = 0.93
	case time.Thursday:
		f = 0.92
	case time.Friday:
		f = 1.01
	case time.Saturday, time.Sunday:
		f = 0.9
	}
	if m == sorrow {
		return 1 + (f-1)/2
	}
	away := 0
	for back := d.Add(-1); away < 9 && !calendar.BusinessDay(back); back = back.Add(-1) {
		away++
	}
	switch {
	case away >= 5: // behind the new year and the golden week
		f *= 1.28
	case away >= 3, away > 0 && d.Weekday() != time.Monday:
		f *= 1.13
	}
	if !calendar.BusinessDay(d.Add(1)) && d.Weekday() != time.Friday && d.Weekday() != time.Saturday {
		f *= 1.05
	}
	return f
}

// monthly is the beginning and the end of a month.
func monthly(d calendar.Day, m matter) float64 {
	if m == sorrow || m == family {
		return 1
	}
	last := calendar.Day{Year: d.Year, Month: d.Month + 1, Day: 1}.Add(-1)
	switch {
	case d.Day <= 3:
		return 1.1
	case d.Day >= last.Day-2:
		return 1.09
	case d.Day >= 10 && d.Day <= 18:
		return 0.96
	}
	return 1
}

// moving is the moving season: 0 outside, 1 at its height around 1 April.
func moving(d calendar.Day) float64 {
	day := yearDay(d)
	height := yearDay(calendar.Day{Year: d.Year, Month: time.April, Day: 1})
	at := float64(day - height)
	f := math.Exp(-at * at / (2 * 9 * 9))
	if at > 0 {
		f = math.Exp(-at * at / (2 * 14 * 14))
	}
	// A smaller one in autumn.
	autumn := float64(day - yearDay(calendar.Day{Year: d.Year, Month: time.September, Day: 28}))
	return f + 0.12*math.Exp(-autumn*autumn/(2*10*10))
}

// taxes is when certificates of the new year's taxes are asked for.
func taxes(d calendar.Day) float64 {
	switch {
	case d.Month == time.June && d.Day >= 5, d.Month == time.July && d.Day <= 15:
		return 1.3
	case d.Month == time.February && d.Day >= 16, d.Month == time.March && d.Day <= 15:
		return 1.07
	}
	return 1
}

// campaign is the months in which convenience stores sold certificates for 10 yen.
func campaign(d calendar.Day) float64 {
	switch {
	case d.Year == 2024 && (d.Month == time.March || d.Month == time.April), d.Year == 2025 && d.Month >= time.February && d.Month <= time.May:
		return 0.84
	}
	return 1
}

func autumn(d calendar.Day, f float64) float64 {
	if d.Month == time.October || d.Month == time.November {
		return f
	}
	return 1
}

// weddings are the dates that couples choose.
var weddings = map[[2]int]float64{
	{11, 22}: 3.4, {7, 7}: 2.9, {10, 10}: 2.3, {12, 25}: 1.9, {2, 14}: 1.9, {2, 22}: 2.4, {11, 11}: 2.2, {12, 12}: 1.7, {8, 8}: 1.9,
	{3, 3}: 1.8, {5, 5}: 2, {6, 6}: 1.7, {9, 9}: 1.9, {4, 4}: 1.4, {1, 1}: 2, {1, 11}: 1.6, {12, 24}: 1.8, {3, 9}: 1.4, {8, 31}: 1.3,
}

// marriage is what the date does to notifications of marriage and with them to others.
func marriage(d calendar.Day) float64 {
	if f, ok := weddings[[2]int{int(d.Month), d.Day}]; ok {
		return f
	}
	return 1
}

// trend is the slow change over the years: fewer certificates, more cards.
func trend(d calendar.Day, m matter) float64 {
	years := float64(d.Year-2025) + float64(yearDay(d))/365
	switch m {
	case papers:
		return math.Pow(0.96, years)
	case cards:
		return math.Pow(1.05, years)
	}
	return 1
}

func yearDay(d calendar.Day) int {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).YearDay()
}

// course is how many come in a half hour of the clock, against others of the day.
func course(d calendar.Day, half int, m matter) float64 {
	f := 0.5
	switch at := float64(half) / 2; {
	case at < 9:
		f = 1.25
	case at < 10:
		f = 0.98
	case at < 11.5:
		f = 1.22
	case at < 12:
		f = 1.1
	case at < 13.5:
		f = 1.15
	case at < 14.5:
		f = 1.05
	case at < 15.5:
		f = 0.9
	case at < 16.5:
		f = 0.78
	case at < 17:
		f = 0.62
	}
	if m == papers && half >= 24 && half < 27 {
		f *= 1.3 // those who come in their own lunch hour
	}
	if half >= 31 && (d.Weekday() == time.Friday || !calendar.BusinessDay(d.Add(1))) {
		f *= 1.2
	}
	return f
}

// habit is how people come for a service, and what becomes of them.
type habit struct {
	matter  matter
	weight  float64 // of a clerk's time, against other services of the same counters
	booked  float64 // share that come with an appointment
	onward  queue.ServiceID
	forward float64 // share that are sent on to onward
}

var habits = map[queue.ServiceID]habit{
	"moving":             {matter: moves, weight: 10, booked: 0.04, onward: "insurance", forward: 0.07},
	"certificate":        {matter: papers, weight: 10},
	"seal":               {matter: papers, weight: 1.6, onward: "certificate", forward: 0.05},
	"koseki-certificate": {matter: papers, weight: 3.5, onward: "koseki-records", forward: 0.03},
	"koseki-records":     {matter: sorrow, weight: 3, booked: 0.1},
	"koseki":             {matter: family, weight: 7, onward: "moving", forward: 0.05},
	"mynumber":           {matter: cards, weight: 7, booked: 0.15},
	"insurance":          {matter: welfare, weight: 6},
	"bereavement":        {matter: sorrow, weight: 6, booked: 0.6, onward: "insurance", forward: 0.1},
	"residence":          {matter: plain, weight: 0.6},
	"other":              {matter: plain, weight: 1.2, onward: "certificate", forward: 0.06},
	"card-issue":         {matter: cards, weight: 8, booked: 0.75},
	"card-apply":         {matter: cards, weight: 3, booked: 0.3},
	"card-pin":           {matter: cards, weight: 5, onward: "card-issue", forward: 0.03},
	"consultation":       {matter: plain, weight: 3},
	"video":              {matter: plain, weight: 1, booked: 0.8},
}

func habitOf(s queue.ServiceID) habit {
	if h, ok := habits[s]; ok {
		return h
	}
	return habit{matter: plain, weight: 3}
}
