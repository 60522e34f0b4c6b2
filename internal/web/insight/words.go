package insight

import (
	"math"
	"strconv"
	"strings"
	"time"

	"machi/internal/chart"
	"machi/internal/queue"
	"machi/internal/ui"
)

// view is a view that can put figures into words.
type view struct{ ui.View }

// Count says a number, thousands apart.
func (view) Count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// number says a value: whole, or to a tenth where it is small.
func (v view) number(n float64) string {
	if math.Abs(n) < 10 && n != math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return v.Count(int(math.Round(n)))
}

// Length says how long something takes: in minutes, from two hours on in hours.
func (v view) Length(d time.Duration) string {
	if d < 0 {
		return "−" + v.Length(-d)
	}
	minutes := d.Minutes()
	switch whole := int(math.Round(minutes)); {
	case whole >= 120:
		return v.T("insight.hours", "h", whole/60, "m", whole%60)
	case minutes < 9.95:
		return v.T("insight.minutes", "m", strconv.FormatFloat(minutes, 'f', 1, 64))
	default:
		return v.T("insight.minutes", "m", whole)
	}
}

// minutes says a value of a chart in minutes.
func (v view) minutes(m float64) string { return v.Length(time.Duration(m * float64(time.Minute))) }

// tick says a line of the grid in minutes.
func (v view) tick(m float64) string { return v.T("insight.minutes", "m", v.number(m)) }

func (v view) people(n float64) string { return v.T("insight.people", "n", v.number(n)) }

// Percent says a share.
func (v view) Percent(share float64) string {
	return strconv.FormatFloat(share*100, 'f', 1, 64) + "%"
}

func (v view) percentTick(share float64) string { return v.number(share*100) + "%" }

// staffTime says working hours.
func (v view) staffTime(d time.Duration) string {
	return v.T("insight.staffhours", "h", v.number(d.Hours()))
}

// startOf returns the beginning of a business day; zero: it is none.
func startOf(d queue.Date) time.Time {
	at, _, err := d.Bounds()
	if err != nil {
		return time.Time{}
	}
	return at.In(queue.JST)
}

func dateOf(t time.Time) queue.Date { return queue.Date(t.Format(time.DateOnly)) }

// addDays returns the date so many days later.
func addDays(d queue.Date, n int) queue.Date { return dateOf(startOf(d).AddDate(0, 0, n)) }

// Day says a date in full.
func (v view) Day(d queue.Date) string { return v.date(startOf(d)) }

func (v view) date(at time.Time) string {
	return v.T("insight.date", "y", at.Year(), "d", at.Day(), "w", v.weekday(at.Weekday()), "month", v.month(at.Month()))
}

// short says a date without its year.
func (v view) short(at time.Time) string { return at.Format("1/2") }

func (v view) weekday(w time.Weekday) string { return strings.Fields(v.T("insight.weekdays"))[w] }

// weekdays are named from Monday.
func (v view) weekdays() (names [7]string) {
	for i := range names {
		names[i] = v.weekday(time.Weekday((i + 1) % 7))
	}
	return names
}

func (v view) month(m time.Month) string { return strings.Fields(v.T("insight.months"))[m-1] }

func (v view) months() (names [12]string) {
	for i := range names {
		names[i] = v.month(time.Month(i + 1))
	}
	return names
}

// chart begins what a chart says of itself.
func (v view) chart(id, first string) chart.Words {
	return chart.Words{
		ID: id, Title: v.T("insight." + id), Desc: v.T("insight." + id + ".desc"), Table: v.T("insight.table"), First: first, None: v.T("insight.unknown"),
	}
}

// inMinutes is a length as charts take it.
func inMinutes(d time.Duration) float64 { return d.Minutes() }
