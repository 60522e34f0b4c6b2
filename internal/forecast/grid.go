package forecast

import (
	"slices"
	"time"

	"machi/internal/calendar"
)

// date is a day as a number: 1 January 1970 is 0.
type date int

func dateOf(d calendar.Day) date {
	return date(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d date) day() calendar.Day {
	return calendar.DayOf(time.Unix(int64(d)*86400, 0).UTC())
}

func (d date) weekday() int { return int(d+4) % 7 } // 0 is Sunday

// most bounds what one history may span, so that a wrong year in a file cannot
// ask for centuries.
const (
	mostDays  = 30 * 366
	mostSlots = 1440
)

// grid is a history in order: counts by day, service and slot.
type grid struct {
	first, width, slots int // minutes of the first slot and of a slot's length; slots of a day
	from, to            date
	services            []string
	rows                map[date][][]float64 // per service the counts of its slots, unknown ones NaN; nil where the service has no row
	explicit            bool                 // zeros are written, so that what is missing is unknown
}

func gridOf(history []Count) *grid {
	g := &grid{rows: map[date][][]float64{}}
	minutes := map[int]bool{}
	var last date
	for i, c := range history {
		d := dateOf(c.Day)
		if i == 0 || d > last {
			last = d
		}
		minutes[c.Minute] = true
		g.explicit = g.explicit || c.N == 0
		if _, is := slices.BinarySearch(g.services, c.Service); !is {
			g.services = append(g.services, c.Service)
			slices.Sort(g.services)
		}
	}
	g.from, g.to = last, last
	g.slice(minutes)
	for _, c := range history {
		d := dateOf(c.Day)
		if d <= last-mostDays {
			continue
		}
		g.from = min(g.from, d)
		g.add(d, c)
	}
	return g
}

// slice finds the slots of the day from the minutes at which some begin.
func (g *grid) slice(minutes map[int]bool) {
	g.first, g.width = 0, 0
	starts := make([]int, 0, len(minutes))
	for m := range minutes {
		starts = append(starts, m)
	}
	slices.Sort(starts)
	for i, m := range starts {
		if i > 0 {
			g.width = common(g.width, m-starts[0])
		}
	}
	if len(starts) == 0 {
		return
	}
	if g.width == 0 {
		g.width = 60
	}
	g.first = starts[0]
	g.slots = (starts[len(starts)-1]-g.first)/g.width + 1
}

func common(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (g *grid) add(d date, c Count) {
	row := g.rows[d]
	if row == nil {
		row = make([][]float64, len(g.services))
		g.rows[d] = row
	}
	s, _ := slices.BinarySearch(g.services, c.Service)
	if row[s] == nil {
		row[s] = make([]float64, g.slots)
		for i := range row[s] {
			row[s][i] = unknown
		}
	}
	i := (c.Minute - g.first) / g.width
	if known(row[s][i]) {
		row[s][i] += float64(c.N)
	} else {
		row[s][i] = float64(c.N)
	}
}

// open reports whether anybody came on a day.
func (g *grid) open(d date) bool {
	for _, counts := range g.rows[d] {
		if came(counts) {
			return true
		}
	}
	return false
}

func came(counts []float64) bool {
	return slices.ContainsFunc(counts, func(n float64) bool { return n > 0 })
}
