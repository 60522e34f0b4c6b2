package report

import (
	"fmt"
	"strconv"
	"time"

	"machi/internal/queue"
)

// Kind is what a report is of.
type Kind string

// The kinds.
const (
	Day   Kind = "day"   // 日報
	Month Kind = "month" // 月報
	Year  Kind = "year"  // 年報, of a fiscal year
)

// Kinds lists them, the shortest first.
var Kinds = []Kind{Day, Month, Year}

// Period is the days of a report, both ends included.
type Period struct {
	Kind     Kind       `json:"kind"`
	From, To queue.Date `json:"-"`
}

// ParsePeriod reads a period's key: 2026-04-01, 2026-04, or 2026 for the fiscal year
// that begins in April 2026.
func ParsePeriod(kind Kind, key string) (Period, error) {
	layout, ok := map[Kind]string{Day: time.DateOnly, Month: "2006-01", Year: "2006"}[kind]
	if !ok {
		return Period{}, fmt.Errorf("report: no kind %q", kind)
	}
	at, err := time.Parse(layout, key)
	if err != nil || at.Year() < 1990 || at.Year() > 2200 {
		return Period{}, fmt.Errorf("report: %q is no %s", key, kind)
	}
	return periodAt(kind, at), nil
}

// PeriodOf returns the period of a kind in which a day lies.
func PeriodOf(kind Kind, d queue.Date) Period {
	at := timeOf(d)
	if kind == Year && at.Month() < time.April {
		at = at.AddDate(-1, 0, 0)
	}
	return periodAt(kind, at)
}

func periodAt(kind Kind, at time.Time) Period {
	from, to := at, at
	switch kind {
	case Month:
		from = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		to = from.AddDate(0, 1, -1)
	case Year:
		from = time.Date(at.Year(), time.April, 1, 0, 0, 0, 0, time.UTC)
		to = from.AddDate(1, 0, -1)
	}
	return Period{kind, dateOf(from), dateOf(to)}
}

func timeOf(d queue.Date) time.Time {
	at, _ := time.Parse(time.DateOnly, string(d))
	return at
}

func dateOf(at time.Time) queue.Date { return queue.Date(at.Format(time.DateOnly)) }

// Key returns what [ParsePeriod] reads.
func (p Period) Key() string {
	return string(p.From)[:map[Kind]int{Day: 10, Month: 7, Year: 4}[p.Kind]]
}

// Over reports whether all days of the period were before a day.
func (p Period) Over(today queue.Date) bool { return p.To < today }

// Before returns what a period is compared with first: the same weekday of the week
// before, the month before, or the year before.
func (p Period) Before() Period {
	switch p.Kind {
	case Day:
		return periodAt(Day, timeOf(p.From).AddDate(0, 0, -7))
	case Month:
		return periodAt(Month, timeOf(p.From).AddDate(0, -1, 0))
	}
	return periodAt(Year, timeOf(p.From).AddDate(-1, 0, 0))
}

// YearAgo returns the same weekday of the year before, or the same month; false for a
// year, of which [Period.Before] is that.
func (p Period) YearAgo() (Period, bool) {
	switch p.Kind {
	case Day:
		return periodAt(Day, timeOf(p.From).AddDate(0, 0, -364)), true
	case Month:
		return periodAt(Month, timeOf(p.From).AddDate(-1, 0, 0)), true
	}
	return Period{}, false
}

// Words says a period, Japanese by the era.
func (p Period) Words() Words {
	at := timeOf(p.From)
	switch p.Kind {
	case Day:
		return DayWords(p.From)
	case Month:
		return Words{Era(p.From) + strconv.Itoa(int(at.Month())) + "月", at.Format("January 2006")}
	}
	return Words{FiscalWords(at.Year()), fmt.Sprintf("Fiscal year %d", at.Year())}
}

// Span says the first and the last day.
func (p Period) Span() Words {
	if p.From == p.To {
		return DayWords(p.From)
	}
	from, to := DayWords(p.From), DayWords(p.To)
	return Words{from.JA + "から" + to.JA + "まで", from.EN + " to " + to.EN}
}

var weekdays = [7]string{"日", "月", "火", "水", "木", "金", "土"}

// DayWords says a date with its weekday.
func DayWords(d queue.Date) Words {
	at := timeOf(d)
	return Words{
		fmt.Sprintf("%s%d月%d日（%s）", Era(d), at.Month(), at.Day(), weekdays[at.Weekday()]),
		at.Format("Mon 2 January 2006"),
	}
}

// Weekday says a weekday from 1, Monday, to 7.
func Weekday(n int) Words {
	day := time.Weekday(n % 7)
	return Words{weekdays[day] + "曜日", day.String()}
}

// The first days of the eras that dates are written in.
const (
	reiwa  queue.Date = "2019-05-01"
	heisei queue.Date = "1989-01-08"
)

// Era says the year in which a day lies by its era, such as 令和8年.
func Era(d queue.Date) string {
	year := timeOf(d).Year()
	switch {
	case d >= reiwa:
		return "令和" + eraYear(year-2018) + "年"
	case d >= heisei:
		return "平成" + eraYear(year-1988) + "年"
	}
	return strconv.Itoa(year) + "年"
}

// FiscalWords says a fiscal year by the era of its first day, such as 令和8年度. That
// of 2019 is counted as 令和元年度, as offices do.
func FiscalWords(year int) string {
	if year == 2019 {
		return "令和元年度"
	}
	return Era(queue.Date(fmt.Sprintf("%04d-04-01", year))) + "度"
}

func eraYear(n int) string {
	if n == 1 {
		return "元"
	}
	return strconv.Itoa(n)
}
