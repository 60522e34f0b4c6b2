package promise

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
)

// Recent is how many of the newest promises residents are told of.
const Recent = 200

// Weeks is how far back promises are compared.
const Weeks = 8

// Record is how far the people of an office can rely on what it tells them.
type Record struct {
	Office   queue.OfficeID
	From, To queue.Date // the first and the last day that are in it
	Days     int
	All      Sample // of every day
	Newest   Sample // of the newest [Recent]
	Bands    []Band
	Ranges   []Range // that at least [Enough] people were told lately, the shortest first
	Apart    Apart
}

// Band is the people who were told about as long a wait: an upper end from From to
// To, both included. To is zero where there is no bound.
type Band struct {
	From, To time.Duration
	Sample
}

// Range is the newest people who were told exactly the same.
type Range struct {
	Low, High time.Duration
	Sample
}

// Apart is who is not compared, or more than that, on the days of a record.
type Apart struct {
	NoShow    int // called, compared, and did not come
	Gone      int // left before a call
	GoneLate  int // of these, later than the upper end
	Untold    int
	Endless   int
	Postponed int
	Uncertain int
}

// bounds are the upper ends of the bands.
var bounds = []time.Duration{10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 45 * time.Minute, 60 * time.Minute, 0}

// Book gathers the promises of an office, day by day.
type Book struct {
	office queue.OfficeID
	dates  []queue.Date
	told   []Told
}

// NewBook returns an empty book.
func NewBook(office queue.OfficeID) *Book { return &Book{office: office} }

// Add adds a day. The days come in order, each once.
func (b *Book) Add(d history.Day) {
	said := len(b.told)
	for _, v := range d.Visits {
		b.told = append(b.told, Of(v))
	}
	if slices.ContainsFunc(b.told[said:], func(t Told) bool { return t.Fate != Untold }) {
		b.dates = append(b.dates, d.Date)
	}
}

// Record returns what residents are told.
func (b *Book) Record() Record {
	r := Record{Office: b.office, Days: len(b.dates), All: sampleOf(b.told), Apart: apartOf(b.told)}
	if len(b.dates) > 0 {
		r.From, r.To = b.dates[0], b.dates[len(b.dates)-1]
	}
	compared := slices.DeleteFunc(slices.Clone(b.told), func(t Told) bool { return !t.Compared() })
	slices.SortStableFunc(compared, func(a, b Told) int { return b.At.Compare(a.At) }) // the newest first
	r.Newest = sampleOf(newest(compared))
	r.Bands, r.Ranges = bandsOf(compared), rangesOf(compared)
	return r
}

func newest(list []Told) []Told { return list[:min(Recent, len(list))] }

// bandsOf returns all bands, the empty ones too.
func bandsOf(compared []Told) []Band {
	var list []Band
	below := time.Duration(0)
	for _, bound := range bounds {
		in := slices.DeleteFunc(slices.Clone(compared), func(t Told) bool {
			return t.High <= below || bound > 0 && t.High > bound
		})
		list = append(list, Band{below + 5*time.Minute, bound, sampleOf(newest(in))})
		below = bound
	}
	return list
}

func rangesOf(compared []Told) []Range {
	type ends struct{ low, high time.Duration }
	by := map[ends][]Told{}
	for _, t := range compared {
		key := ends{t.Low, t.High}
		by[key] = append(by[key], t)
	}
	var list []Range
	for key, in := range by {
		if s := sampleOf(newest(in)); s.Enough() {
			list = append(list, Range{key.low, key.high, s})
		}
	}
	slices.SortFunc(list, func(a, b Range) int { return cmp.Or(cmp.Compare(a.High, b.High), cmp.Compare(a.Low, b.Low)) })
	return list
}

func apartOf(list []Told) Apart {
	var a Apart
	for _, t := range list {
		switch t.Fate {
		case Kept, Early, Late:
			if !t.Came {
				a.NoShow++
			}
		case Gone:
			a.Gone++
			if t.Waited > t.High {
				a.GoneLate++
			}
		case Untold:
			a.Untold++
		case Endless:
			a.Endless++
		case Postponed:
			a.Postponed++
		case Uncertain:
			a.Uncertain++
		}
	}
	return a
}

// About returns the newest people who were told the same as somebody, or about the
// same where that were too few; false where there are too few of those as well.
func (r Record) About(low, high time.Duration) (Sample, bool) {
	for _, same := range r.Ranges {
		if same.Low == low && same.High == high {
			return same.Sample, true
		}
	}
	for _, band := range r.Bands {
		if band.From <= high && (band.To == 0 || high <= band.To) {
			return band.Sample, band.Enough()
		}
	}
	return Sample{}, false
}

// Usual returns the range that most people were told lately; of several the shorter.
func (r Record) Usual() (Range, bool) {
	best := Range{}
	for _, one := range r.Ranges {
		if one.People > best.People {
			best = one
		}
	}
	return best, best.People > 0
}

// Sum adds up samples of several offices, for a total that needs no quantiles.
func Sum(list ...Sample) Sample {
	var s Sample
	for _, one := range list {
		s.People += one.People
		s.Kept += one.Kept
		s.Early += one.Early
		s.Late += one.Late
	}
	return s
}
