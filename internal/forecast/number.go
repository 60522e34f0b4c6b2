package forecast

import (
	"cmp"
	"math"
	"slices"
)

// unknown stands for a count that was not taken.
var unknown = math.NaN()

func known(x float64) bool { return !math.IsNaN(x) }

func clamp(x, low, high float64) float64 { return math.Max(low, math.Min(high, x)) }

// keep is the share that is left after some days when half is left after half of them.
func keep(days, half float64) float64 { return math.Exp2(-days / half) }

// weighted is a number with a weight.
type weighted struct{ X, W float64 }

// quantile returns the q-quantile of numbers with weights, 0 for none; it sorts them.
func quantile(list []weighted, q float64) float64 {
	slices.SortFunc(list, func(a, b weighted) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.W, b.W)) })
	total := 0.0
	for _, x := range list {
		total += x.W
	}
	below := 0.0
	for _, x := range list {
		if below += x.W; below >= q*total {
			return x.X
		}
	}
	return 0
}

// quartilesOf returns the three quartiles, between neighbours in proportion; it sorts the list.
func quartilesOf(list []float64) (q [3]float64) {
	if len(list) == 0 {
		return q
	}
	slices.Sort(list)
	for i := range q {
		at := float64(len(list)-1) * float64(i+1) / 4
		low := int(at)
		high := min(low+1, len(list)-1)
		q[i] = list[low] + (at-float64(low))*(list[high]-list[low])
	}
	return q
}
