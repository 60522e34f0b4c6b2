package measure

import (
	"math"
	"time"

	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// Accuracy bounds how far a quantile may lie from the exact one, relatively.
const Accuracy = 0.005

var scale = func() *mapping.LogarithmicMapping {
	m, err := mapping.NewLogarithmicMapping(Accuracy)
	if err != nil {
		panic(err) // a constant that the library takes
	}
	return m
}()

// Dist is how long something took, over a number of times. The zero Dist has seen
// none. It is not changed by reading: what [Dist.Plus] returns is another one.
type Dist struct {
	Count          int
	Mean, P50, P90 time.Duration
	Max            time.Duration

	sum  time.Duration
	bins *store.BufferedPaginatedStore // of milliseconds; nil: all are zero
	zero int                           // how many took less than a millisecond
}

// DistOf returns the distribution of some durations, exact but for quantiles.
func DistOf(all ...time.Duration) Dist {
	var d Dist
	for _, one := range all {
		d.add(binOf(one), one, 1)
	}
	return d.told()
}

// bin is where a duration is counted: 0 for less than a millisecond, then one more
// than the sketch's index.
type bin uint16

func binOf(d time.Duration) bin {
	ms := float64(d / time.Millisecond)
	if ms < 1 {
		return 0
	}
	return bin(scale.Index(ms)) + 1
}

// add counts a duration n times.
func (d *Dist) add(at bin, each time.Duration, n int) {
	d.Count += n
	d.sum += each * time.Duration(n)
	d.Max = max(d.Max, each)
	d.count(at, n)
}

func (d *Dist) count(at bin, n int) {
	if at == 0 {
		d.zero += n
		return
	}
	if d.bins == nil {
		d.bins = store.NewBufferedPaginatedStore()
	}
	d.bins.AddWithCount(int(at)-1, float64(n))
}

// told fills in what is derived.
func (d Dist) told() Dist {
	if d.Count > 0 {
		d.Mean = d.sum / time.Duration(d.Count)
		d.P50, _ = d.Quantile(0.5)
		d.P90, _ = d.Quantile(0.9)
	}
	return d
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
	switch {
	case rank == d.Count:
		return d.Max, true
	case rank <= d.zero || d.bins == nil:
		return 0, true
	}
	ms := scale.Value(d.bins.KeyAtRank(float64(rank - d.zero - 1)))
	return min(time.Duration(ms*float64(time.Millisecond)), d.Max), true
}

// Plus returns the distribution of both together.
func (d Dist) Plus(o Dist) Dist {
	if o.Count == 0 {
		return d
	}
	sum := Dist{Count: d.Count + o.Count, Max: max(d.Max, o.Max), sum: d.sum + o.sum, zero: d.zero + o.zero}
	for _, from := range []*store.BufferedPaginatedStore{d.bins, o.bins} {
		if from == nil {
			continue
		}
		if sum.bins == nil {
			sum.bins = store.NewBufferedPaginatedStore()
		}
		sum.bins.MergeWith(from)
	}
	return sum.told()
}
