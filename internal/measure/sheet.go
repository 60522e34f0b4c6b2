package measure

import (
	"cmp"
	"math"
	"slices"
	"time"

	"machi/internal/history/profile"
	"machi/internal/queue"
)

// Sheet is one office's closed day, counted: in cells, each of one service or line and
// one half hour. It is not changed once it is made.
type Sheet struct {
	Office queue.OfficeID
	Date   queue.Date
	tables
	extra    Extra
	services []queue.ServiceID // those of the cells, sorted
	open     [profile.Slots]uint32
	visits   slab
	lines    slab
}

// tables are the days that a sheet is made of: how many, how many of them tell what
// became of calls and what was counted beside the log, and what they have in common.
type tables struct {
	days, logged, counted int
	day                   Key
}

// The counters of a cell. Those of a line come first.
const (
	nArrivals = iota
	nCalled
	nServed
	nNoShow
	nLeft
	nUnseen
	nWithin15
	nWithin30
	nPriority
	nKiosk
	nReception
	nWeb
	nAppointment
	nPostponed
	nAbsent
	nRestored
	nRecalls
	nTransfers
	nAlone
	nBooked
	nKept
	nMissed
	nToldKept
	nToldEarly
	nToldLate
	visitCounters

	lineCounters = nWithin30 + 1
)

// The distributions of a visit and of a line. What a line's time is, is said by its
// stage.
const (
	ofWait, ofTime, lineDists   = 0, 1, 2
	ofStay, ofError, visitDists = 1, 2, 3
)

// place is where a cell belongs: to a service, by its index; for a line also to a stage.
type place struct {
	service uint16
	stage   uint8 // index in stages
	half    uint8
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.service, o.service), cmp.Compare(p.stage, o.stage), cmp.Compare(p.half, o.half))
}

// stages are the stages of a visit, in its order.
var stages = []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}

// hours is how many hours of the day are told apart.
const hours = 24

// form is what the cells of a slab consist of. Cells that are of no half hour keep
// Arrivals by hour beside them.
type form struct {
	counters, dists int
	hours           bool
}

var visitForm, lineForm = form{visitCounters, visitDists, false}, form{lineCounters, lineDists, false}

// slab is a list of cells in columns, sorted by place. A place may have several cells,
// which add up.
type slab struct {
	form
	at     []place
	counts []uint16 // counters of each cell
	hourly []uint16 // Arrivals by hour of each cell, where the form says so
	more   []int32  // milliseconds: of a visit the bias of what was told, of a line how long the counter was kept
	// Of each cell's distributions: where its bins end, and their exact sum and maximum
	// in milliseconds.
	ends, sums, tops []uint32
	bins             []bin
}

// tally is a cell in the making.
type tally struct {
	counts [visitCounters]int
	hourly [hours]int // where the form says so
	more   int64
	piles  [visitDists]pile
}

func (t *tally) took(dist int, d time.Duration) {
	d = max(0, d).Truncate(time.Millisecond)
	p := &t.piles[dist]
	p.sum += d
	p.top = max(p.top, d)
	p.add([]bin{binOf(d)})
}

// slabOf packs tallies. What one cell cannot hold goes to another.
func slabOf(all map[place]*tally, f form) slab {
	places := make([]place, 0, len(all))
	for at := range all {
		places = append(places, at)
	}
	slices.SortFunc(places, place.compare)
	s, b := slab{form: f}, new(bench)
	for _, at := range places {
		t := all[at]
		for first := true; first || t.left(); first = false {
			s.pack(at, t, b)
		}
	}
	return s.exact()
}

// exact returns the slab without room for more.
func (s slab) exact() slab {
	s.at, s.counts, s.hourly, s.more = tight(s.at), tight(s.counts), tight(s.hourly), tight(s.more)
	s.ends, s.sums, s.tops, s.bins = tight(s.ends), tight(s.sums), tight(s.tops), tight(s.bins)
	return s
}

func tight[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	exact := make([]T, len(list))
	copy(exact, list)
	return exact
}

// left reports whether there is more than a cell could hold.
func (t *tally) left() bool {
	some := func(n int) bool { return n != 0 }
	return slices.ContainsFunc(t.counts[:], some) || slices.ContainsFunc(t.hourly[:], some) || t.more != 0 ||
		slices.ContainsFunc(t.piles[:], func(p pile) bool { return p.sum != 0 })
}

// pack adds a cell of as much as it holds, and takes that from the tally.
func (s *slab) pack(at place, t *tally, b *bench) {
	s.at = append(s.at, at)
	s.counts = take(s.counts, t.counts[:s.counters])
	if s.form.hours {
		s.hourly = take(s.hourly, t.hourly[:])
	}
	more := min(max(t.more, math.MinInt32), math.MaxInt32)
	t.more -= more
	s.more = append(s.more, int32(more))
	for i := range s.dists {
		p := &t.piles[i]
		sum := min(p.sum.Milliseconds(), math.MaxUint32)
		s.bins = append(s.bins, p.sorted(b)...)
		s.ends, s.sums, s.tops = append(s.ends, uint32(len(s.bins))), append(s.sums, uint32(sum)), append(s.tops, uint32(p.top.Milliseconds()))
		*p = pile{sum: p.sum - time.Duration(sum)*time.Millisecond, top: p.top}
	}
}

// take appends as much of some counts as fits, and takes that from them.
func take(to []uint16, counts []int) []uint16 {
	for i := range counts {
		n := min(counts[i], math.MaxUint16)
		counts[i] -= n
		to = append(to, uint16(n))
	}
	return to
}

// addHours adds Arrivals of a cell by hour.
func (s *slab) addHours(to *[hours]int, cell int) {
	if !s.form.hours {
		to[s.at[cell].half/2] += int(s.counts[cell*s.counters+nArrivals])
		return
	}
	for hour, n := range s.hourly[cell*hours : (cell+1)*hours] {
		to[hour] += int(n)
	}
}

// counted returns the counters of a cell.
func (s *slab) counted(cell int) []uint16 { return s.counts[cell*s.counters : (cell+1)*s.counters] }

// into adds a distribution of a cell to a pile.
func (s *slab) into(p *pile, cell, dist int) {
	i := cell*s.dists + dist
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	p.sum += time.Duration(s.sums[i]) * time.Millisecond
	if from < s.ends[i] {
		p.top = max(p.top, time.Duration(s.tops[i])*time.Millisecond)
		p.add(s.bins[from:s.ends[i]])
	}
}

// of returns the cells of a service: from, and before which one they end.
func (s *slab) of(service uint16) (from, to int) {
	find := func(service uint16) int {
		i, _ := slices.BinarySearchFunc(s.at, place{service: service}, place.compare)
		return i
	}
	return find(service), find(service + 1)
}
