package expect

import (
	"maps"
	"math"
	"slices"

	"machi/internal/board"
	"machi/internal/queue"
)

// Fewest is how many days must have been compared before a record is told, Month how
// far back they are looked for, and FewestDays how many closed days make usual counters.
const (
	Fewest     = 5
	Month      = 30 // days
	FewestDays = 3
)

// Told is what was said of a day, as far as it can be compared with what became of it.
type Told struct {
	Date     queue.Date
	Level    board.Level
	Arrivals Range
	Waits    Waits
	Halves   map[int]Range // by half hour of the day
	ByStaff  bool
}

// ToldOf returns what a day that is expected says.
func ToldOf(d Day) Told {
	t := Told{Date: d.Date, Level: d.Level, Arrivals: d.Arrivals, Waits: d.Waits, Halves: map[int]Range{}, ByStaff: d.Override != nil}
	for _, h := range d.Halves {
		at := h.From.In(queue.JST)
		t.Halves[at.Hour()*2+at.Minute()/30] = h.Arrivals
	}
	return t
}

// Record is how good the forecasts of the last month were that were told so many days
// ahead.
type Record struct {
	Ahead    int // days
	From, To queue.Date
	Days     int // compared; fewer than [Fewest]: too few to say
	// Rehearsed says that nothing was told on those days: the forecasts were made
	// afterwards of what was known so many days before.
	Rehearsed bool
	// Hits are the days whose level was as told, and Near those that were off by one.
	Hits, Near int
	// Error is by how much the half hours' arrivals were missed, as a share of all who
	// came, and Bias how many more were expected than came, as a share.
	Error, Bias float64
	// Within is the share of half hours in whose range the arrivals lay; it should be 0.8.
	Within float64
	List   []Compared // by date
}

// Enough reports whether the record may be told.
func (r Record) Enough() bool { return r.Days >= Fewest }

// Compared is one day of a record.
type Compared struct {
	Date        queue.Date
	Told, Was   board.Level
	Expected    Range // arrivals
	Came        int
	Meant, Took Waits // until called: as they were told, and as they were
	ByStaff     bool  // staff had said so
}

// Outcome is what became of the days that had one level told.
type Outcome struct {
	Level                board.Level
	Days                 int
	Hits, Calmer, Busier int // as told, less busy than told, busier than told
}

// ByLevel returns what became of the days of each level that was told, the calmest
// level first. Levels that were never told are left out.
func (r Record) ByLevel() []Outcome {
	var list []Outcome
	for _, l := range Levels {
		o := Outcome{Level: l}
		for _, c := range r.List {
			if c.Told != l {
				continue
			}
			o.Days++
			switch off := Rank(c.Was) - Rank(l); {
			case off == 0:
				o.Hits++
			case off < 0:
				o.Calmer++
			default:
				o.Busier++
			}
		}
		if o.Days > 0 {
			list = append(list, o)
		}
	}
	return list
}

// during is how many came in a half hour of those from first to last; who came outside
// of them counts at their ends, as is expected of them.
func (w Was) during(slot, first, last int) int {
	n := w.Halves[slot]
	for other, outside := range w.Halves {
		if slot == first && other < first || slot == last && other > last {
			n += outside
		}
	}
	return n
}

// Compare makes the record of days, told so many days ahead. Days on which nobody came,
// or of which no level was told, do not count.
func Compare(ahead int, told []Told, was map[queue.Date]Was) Record {
	r := Record{Ahead: ahead}
	var missed, more, came float64
	inside, halves := 0, 0
	for _, t := range told {
		w, closed := was[t.Date]
		if !closed || w.Came == 0 || Rank(t.Level) == 0 || Rank(w.Level) == 0 {
			continue
		}
		r.List = append(r.List, Compared{t.Date, t.Level, w.Level, t.Arrivals, w.Came, t.Waits, w.Waits, t.ByStaff})
		switch Rank(t.Level) - Rank(w.Level) {
		case 0:
			r.Hits++
		case 1, -1:
			r.Near++
		}
		slots := slices.Sorted(maps.Keys(t.Halves))
		for _, slot := range slots {
			expected := t.Halves[slot]
			n := float64(w.during(slot, slots[0], slots[len(slots)-1]))
			missed, more, came = missed+math.Abs(expected.P50-n), more+expected.P50-n, came+n
			halves++
			if math.Floor(expected.P10) <= n && n <= math.Ceil(expected.P90) {
				inside++
			}
		}
	}
	if r.Days = len(r.List); r.Days > 0 {
		r.From, r.To = r.List[0].Date, r.List[r.Days-1].Date
	}
	if came > 0 && halves > 0 {
		r.Error, r.Bias, r.Within = missed/came, more/came, float64(inside)/float64(halves)
	}
	return r
}
