package foresee

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/board"
	"machi/internal/expect"
	"machi/internal/queue"
	"machi/internal/ui"
)

// view is a page's view that can put a forecast into words.
type view struct {
	ui.View
	today queue.Date
}

// Sign is a level as it is drawn: shape, tone and word.
type Sign struct {
	Level       board.Level
	Word, Icons string
}

// Sign returns how an expected level is drawn, with the whole word.
func (v view) Sign(l board.Level) Sign { return Sign{l, v.T("fc.level." + string(l)), v.Icons()} }

// Short returns how it is drawn where there is little room.
func (v view) Short(l board.Level) Sign { return Sign{l, v.T("fc.short." + string(l)), v.Icons()} }

// Signs lists the levels with their words, the calmest first.
func (v view) Signs() []Sign {
	var list []Sign
	for _, l := range append(slices.Clone(expect.Levels), board.LevelClosed) {
		list = append(list, v.Sign(l))
	}
	return list
}

// Date says a day with its weekday.
func (v view) Date(d queue.Date) string {
	day := dayOf(d)
	return v.T("fc.day", "m", v.T("month."+strconv.Itoa(int(day.Month))), "d", day.Day, "w", v.Weekday(d))
}

// Label says a cell of a month to who does not see it.
func (v view) Label(c cell) string {
	text := v.Date(c.Date) + " " + v.Sign(c.Day.Level).Word
	if c.Today {
		text = v.T("fc.today") + " " + text
	}
	if c.Day.Override != nil {
		text += " " + v.T("fc.edited")
	}
	if len(c.Day.Events) > 0 {
		text += " " + v.T("fc.event")
	}
	return text
}

// Weekday says the weekday of a day in short.
func (v view) Weekday(d queue.Date) string {
	return v.T("weekday." + strconv.Itoa(int(dayOf(d).Weekday())))
}

// Number returns the day of the month.
func (view) Number(d queue.Date) int { return dayOf(d).Day }

// The grain of waits that are told, the longest, and the longest upper end of a range.
const (
	grain   = 5 * time.Minute
	longest = 90 * time.Minute
	widest  = 2 * time.Hour
)

// Waits says how long those wait who come then; empty: not known.
func (v view) Waits(w expect.Waits) string {
	if !w.Known {
		return ""
	}
	low, high := w.P50.Truncate(grain), (w.P90 + grain - 1).Truncate(grain)
	minutes := func(d time.Duration) int { return int(d / time.Minute) }
	switch {
	case low >= longest:
		return v.T("fc.over", "low", minutes(longest))
	case low == 0:
		return v.T("fc.under", "high", max(5, minutes(high)))
	case high > widest:
		return v.T("fc.over", "low", minutes(low))
	}
	return v.T("fc.range", "low", minutes(low), "high", minutes(max(high, low+grain)))
}

// People says how many come, as a range.
func (v view) People(r expect.Range) string { return v.T("fc.persons", pairs(r)...) }

// Comes says it as a sentence, rounded as far as it is sure.
func (v view) Comes(r expect.Range) string {
	by := 1.0
	if r.P50 >= 50 {
		by = 10
	}
	return v.T("fc.comes", pairs(expect.Range{P10: math.Floor(r.P10/by) * by, P50: r.P50, P90: math.Ceil(r.P90/by) * by})...)
}

func pairs(r expect.Range) []any {
	return []any{"low", int(math.Floor(r.P10)), "high", int(math.Ceil(r.P90))}
}

// Reasons says why a day is as it is, each reason by itself; what only staff or the
// calendar of events say stands elsewhere.
func (v view) Reasons(d expect.Day) []string {
	var list []string
	for _, r := range d.Reasons {
		if r != expect.ByStaff && r != expect.EventDay {
			list = append(list, v.Or("fc.reason."+string(r), "fc.reason.other"))
		}
	}
	return list
}

// run is a part of a day.
type run struct {
	From, To time.Time
	Cost     time.Duration // how long people wait who come then; of arrivals alone, a stand-in
	Waits    expect.Waits
	Level    board.Level
}

// Span says a part of a day.
func (v view) Part(r run) string {
	return v.T("label.range", "from", clock(r.From), "to", clock(r.To))
}

// cost is what a half hour is compared by: four in five wait no longer.
func cost(h expect.Half) time.Duration {
	if h.Waits.Known {
		return h.Waits.P80
	}
	return time.Duration(h.Arrivals.P50 * float64(time.Minute)) // more people, more wait
}

// known are the half hours of a day that can be compared. Nobody is sent to the last
// minutes.
func known(d expect.Day) []expect.Half {
	var list []expect.Half
	for _, h := range d.Halves {
		if expect.Rank(h.Level) > 0 && h.From.Before(d.Closes.Add(-expect.Slot)) && !h.From.Before(d.Opens) {
			list = append(list, h)
		}
	}
	return list
}

// worth is by how much a part of a day must be better than another to be named.
const worth = 5 * time.Minute

// Calm returns up to two parts of a day in which people wait clearly less than at other
// times, in their order.
func Calm(d expect.Day) []run {
	halves := known(d)
	costs := sorted(halves)
	if len(costs) < 4 || costs[len(costs)-1]-costs[0] < worth {
		return nil
	}
	limit := costs[len(costs)/3]
	runs := join(halves, func(h expect.Half) bool { return cost(h) <= limit })
	slices.SortStableFunc(runs, func(a, b run) int { return int(b.To.Sub(b.From) - a.To.Sub(a.From)) })
	runs = runs[:min(2, len(runs))]
	slices.SortFunc(runs, func(a, b run) int { return a.From.Compare(b.From) })
	return runs
}

// Peak returns the part of a day in which people wait longest, where it is busy.
func Peak(d expect.Day) []run {
	halves := known(d)
	costs := sorted(halves)
	if len(costs) < 4 || costs[len(costs)-1]-costs[0] < worth {
		return nil
	}
	most := costs[len(costs)-1]
	runs := join(halves, func(h expect.Half) bool { return cost(h) >= most*4/5 && expect.Rank(h.Level) > 1 })
	slices.SortStableFunc(runs, func(a, b run) int { return int(b.Cost - a.Cost) })
	return runs[:min(1, len(runs))]
}

func sorted(halves []expect.Half) []time.Duration {
	var costs []time.Duration
	for _, h := range halves {
		costs = append(costs, cost(h))
	}
	slices.Sort(costs)
	return costs
}

// join puts neighbouring half hours together that are of a kind. A run costs what its
// dearest half hour does.
func join(halves []expect.Half, is func(expect.Half) bool) []run {
	var runs []run
	for _, h := range halves {
		if !is(h) {
			continue
		}
		if n := len(runs); n > 0 && runs[n-1].To.Equal(h.From) {
			runs[n-1].To, runs[n-1].Cost, runs[n-1].Waits = h.To, max(runs[n-1].Cost, cost(h)), longer(runs[n-1].Waits, h.Waits)
			if expect.Rank(h.Level) > expect.Rank(runs[n-1].Level) {
				runs[n-1].Level = h.Level
			}
			continue
		}
		runs = append(runs, run{h.From, h.To, cost(h), h.Waits, h.Level})
	}
	return runs
}

// longer is the longest of two waits, figure by figure.
func longer(a, b expect.Waits) expect.Waits {
	return expect.Waits{Known: a.Known && b.Known, P50: max(a.P50, b.P50), P80: max(a.P80, b.P80), P90: max(a.P90, b.P90)}
}

// calmer puts the part of a day first in which it is less busy, then that with the
// shorter wait.
func calmer(a, b run) int {
	return cmp.Or(cmp.Compare(expect.Rank(a.Level), expect.Rank(b.Level)), cmp.Compare(a.Waits.P90, b.Waits.P90), cmp.Compare(a.Cost, b.Cost))
}

// Parts says several parts of a day.
func (v view) Parts(runs []run) string {
	var names []string
	for _, r := range runs {
		names = append(names, v.Part(r))
	}
	return strings.Join(names, v.T("fc.and"))
}
