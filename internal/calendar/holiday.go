package calendar

import (
	"time"
)

// Day is a date without a time of day.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDay reads "2026-04-01".
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Day{}, err
	}
	return DayOf(t), nil
}

// DayOf returns the date that a moment's clock shows.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// String returns "2026-04-01".
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Add returns the day n days later.
func (d Day) Add(n int) Day { return DayOf(d.utc().AddDate(0, 0, n)) }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// Holiday returns the name of the national holiday on a day, or "". The rules
// are those of the Act on National Holidays (国民の祝日に関する法律) as in force
// since 2022; they are right for 2022 to 2099 as long as the Act stays as it is.
func Holiday(d Day) string {
	if name := named(d); name != "" {
		return name
	}
	switch {
	case substitute(d):
		return "振替休日"
	case named(d.Add(-1)) != "" && named(d.Add(1)) != "":
		return "国民の休日" // article 3, paragraph 3: a day between two holidays
	}
	return ""
}

// substitute applies article 3, paragraph 2: a holiday on a Sunday moves to the
// next day that is no holiday itself.
func substitute(d Day) bool {
	for back := d.Add(-1); named(back) != ""; back = back.Add(-1) {
		if back.Weekday() == time.Sunday {
			return true
		}
	}
	return false
}

// named returns the holidays that the Act names.
func named(d Day) string {
	if name, ok := fixed[monthDay{d.Month, d.Day}]; ok {
		return name
	}
	switch monday := d.Weekday() == time.Monday; {
	case monday && d.Month == time.January && nth(d) == 2:
		return "成人の日"
	case monday && d.Month == time.July && nth(d) == 3:
		return "海の日"
	case monday && d.Month == time.September && nth(d) == 3:
		return "敬老の日"
	case monday && d.Month == time.October && nth(d) == 2:
		return "スポーツの日"
	case d.Month == time.March && d.Day == equinox(d.Year, 20.8431):
		return "春分の日"
	case d.Month == time.September && d.Day == equinox(d.Year, 23.2488):
		return "秋分の日"
	}
	return ""
}

type monthDay struct {
	month time.Month
	day   int
}

var fixed = map[monthDay]string{
	{time.January, 1}: "元日", {time.February, 11}: "建国記念の日", {time.February, 23}: "天皇誕生日",
	{time.April, 29}: "昭和の日", {time.May, 3}: "憲法記念日", {time.May, 4}: "みどりの日", {time.May, 5}: "こどもの日",
	{time.August, 11}: "山の日", {time.November, 3}: "文化の日", {time.November, 23}: "勤労感謝の日",
}

// nth says which one of its weekday in the month a day is.
func nth(d Day) int { return (d.Day-1)/7 + 1 }

// equinox is the usual approximation for 1980 to 2099: the day in 1980 and a
// fraction, moved by the length of the year less the leap days.
func equinox(year int, in1980 float64) int {
	years := year - 1980
	return int(in1980+0.242194*float64(years)) - years/4
}

// NewYearClosure reports whether municipal offices are closed over the new year:
// from 29 December to 3 January.
func NewYearClosure(d Day) bool {
	return d.Month == time.December && d.Day >= 29 || d.Month == time.January && d.Day <= 3
}

// BusinessDay reports whether offices work: a weekday that is no holiday and not
// within the closure over the new year.
func BusinessDay(d Day) bool {
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	return !weekend && Holiday(d) == "" && !NewYearClosure(d)
}

// BusinessDayOfFiscalYear says which business day of its fiscal year, which
// begins on 1 April, a day is, counted from 1; 0 for a day that is none.
func BusinessDayOfFiscalYear(d Day) int {
	if !BusinessDay(d) {
		return 0
	}
	first := Day{d.Year, time.April, 1}
	if d.Month < time.April {
		first.Year--
	}
	n := 0
	for day := first; !d.utc().Before(day.utc()); day = day.Add(1) {
		if BusinessDay(day) {
			n++
		}
	}
	return n
}
