package measure

import (
	"math"
	"slices"
	"time"

	"github.com/DataDog/sketches-go/ddsketch/mapping"
)

// Accuracy bounds how far a quantile may lie from the exact one, relatively.
const Accuracy = 0.005

// scale is the mapping of a DDSketch: which durations, in milliseconds, are counted
// together.
var scale = func() *mapping.LogarithmicMapping {
	m, err := mapping.NewLogarithmicMapping(Accuracy)
	if err != nil {
		panic(err) // a constant that the library takes
	}
	return m
}()

// bin is a sketch's bin with how often it was hit: the index in the upper bits. Index 0
// is less than a millisecond, the others are one more than those of scale.
type bin uint32

const (
	countBits = 21
	mostCount = 1<<countBits - 1
	indexes   = 1 << (32 - countBits)
)

func (b bin) index() int { return int(b >> countBits) }
func (b bin) count() int { return int(b & mostCount) }

// binOf returns the bin of one duration.
func binOf(d time.Duration) bin {
	ms := float64(d / time.Millisecond)
	if ms < 1 {
		return 1
	}
	return bin(min(scale.Index(ms)+1, indexes-1))<<countBits | 1
}

// Dist is how long something took, over a number of times. The zero Dist has seen
// none. It is never changed.
type Dist struct {
	Count          int
	Mean, P50, P90 time.Duration
	Max            time.Duration

	sum  time.Duration
	bins []bin // sorted; a bin that was hit too often for one stands there several times
}

// DistOf returns the distribution of some durations; those below zero count as zero.
func DistOf(all ...time.Duration) Dist {
	var p pile
	for _, one := range all {
		one = max(0, one)
		p.sum += one
		p.top = max(p.top, one)
		p.add([]bin{binOf(one)})
	}
	return p.dist(new(bench))
}

// Sum returns all durations added up.
func (d Dist) Sum() time.Duration { return d.sum }

// Quantile returns what a share q of all times did not exceed, by nearest rank; false:
// there are none.
func (d Dist) Quantile(q float64) (time.Duration, bool) {
	if d.Count == 0 || math.IsNaN(q) {
		return 0, false
	}
	rank := min(max(int(math.Ceil(q*float64(d.Count)-1e-9)), 1), d.Count)
	if rank == d.Count {
		return d.Max, true
	}
	seen := 0
	for _, b := range d.bins {
		if seen += b.count(); seen < rank {
			continue
		}
		if b.index() == 0 {
			return 0, true
		}
		return min(time.Duration(scale.Value(b.index()-1)*float64(time.Millisecond)), d.Max), true
	}
	return d.Max, true
}

// Plus returns the distribution of both together.
func (d Dist) Plus(o Dist) Dist {
	switch {
	case o.Count == 0:
		return d
	case d.Count == 0:
		return o
	}
	p := pile{sum: d.sum + o.sum, top: max(d.Max, o.Max)}
	p.add(d.bins)
	p.add(o.bins)
	return p.dist(new(bench))
}

// pile is a distribution in the making. What is added is copied as soon as there is
// more of it, and counted in place once it is much.
type pile struct {
	sum, top time.Duration
	heap     []bin
	parts    int
	dense    *[indexes]uint32
}

// much is how many bins are worth a place for each.
const much = 1024

// bench is where piles are sorted: all zero between two.
type bench [indexes]uint32

func (p *pile) add(bins []bin) {
	if len(bins) == 0 {
		return
	}
	p.parts++
	if p.dense == nil && len(p.heap)+len(bins) > much {
		p.dense = new([indexes]uint32)
		pour(p.dense, p.heap)
		p.heap = nil
	}
	switch {
	case p.dense != nil:
		pour(p.dense, bins)
	case p.heap == nil:
		p.heap = slices.Clip(bins) // shared: the next append copies
	default:
		p.heap = append(p.heap, bins...)
	}
}

func pour(into *[indexes]uint32, bins []bin) {
	for _, b := range bins {
		into[b>>countBits] += uint32(b & mostCount)
	}
}

// dist returns the distribution of all that was added.
func (p *pile) dist(b *bench) Dist {
	d := Dist{sum: p.sum, Max: p.top, bins: p.sorted(b)}
	for _, one := range d.bins {
		d.Count += one.count()
	}
	if d.Count > 0 {
		d.Mean = d.sum / time.Duration(d.Count)
		d.P50, _ = d.Quantile(0.5)
		d.P90, _ = d.Quantile(0.9)
	}
	return d
}

// sorted returns the bins of all that was added, in order and each once.
func (p *pile) sorted(b *bench) []bin {
	if p.dense != nil {
		return collect(p.dense, 0, indexes-1)
	}
	if p.parts <= 1 {
		return p.heap
	}
	low, high := indexes-1, 0
	for _, one := range p.heap {
		low, high = min(low, one.index()), max(high, one.index())
	}
	pour((*[indexes]uint32)(b), p.heap)
	all := collect((*[indexes]uint32)(b), low, high)
	clear(b[low : high+1])
	return all
}

func collect(from *[indexes]uint32, low, high int) []bin {
	n := 0
	for _, count := range from[low : high+1] {
		if count > 0 {
			n += int((count-1)/mostCount) + 1
		}
	}
	all := make([]bin, 0, n)
	for i := low; i <= high; i++ {
		for left := from[i]; left > 0; {
			part := min(left, mostCount)
			all = append(all, bin(i)<<countBits|bin(part))
			left -= part
		}
	}
	return all
}
