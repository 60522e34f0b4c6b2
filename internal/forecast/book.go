package forecast

import "math"

// buckets of how many days ahead a forecast looks; each has its own book.
const buckets = 6

var ahead = [...]int{1, 2, 4, 7, 14, 21, 28, 35, 49, 70, 91}

// typical is how many days ahead a bucket looks.
var typical = [buckets]int{2, 7, 15, 28, 48, 80}

func bucket(days int) int {
	for i, most := range [...]int{3, 10, 20, 35, 60} {
		if days <= most {
			return i
		}
	}
	return buckets - 1
}

// book keeps how far off forecasts were.
type book struct {
	Days  float64          // that count, the older the less
	Loss  [experts]float64 // people missed
	Came  [experts]float64 // people who came while the way had something to say
	Slots misses
	Whole misses

	Low, High           float64 // ends of the range of a slot, in units
	WholeLow, WholeHigh float64 // of a day
	Last                date
}

// misses are errors in units of what is usual, newest last.
type misses struct {
	Days []date
	X    [][]float64
}

const (
	memory   = 45.0 // days in which what a way was off loses half of its weight
	mostKept = 120  // days of errors
)

// weights say how much each way counts: the better it was the more, all equal
// while little is known.
func (b *book) weights(all [experts][]float64) (w [experts]float64) {
	best := math.Inf(1)
	var rate [experts]float64
	for e := range w {
		rate[e] = (b.Loss[e] + .1) / (b.Came[e] + 1)
		if all[e] != nil && b.Came[e] > 0 {
			best = math.Min(best, rate[e])
		}
	}
	if math.IsInf(best, 1) {
		for e := range w {
			w[e] = when(all[e] != nil)
		}
		return normal(w)
	}
	sharp := 25 * b.Days / (b.Days + 10)
	for e := range w {
		if all[e] != nil && b.Came[e] > 0 {
			w[e] = math.Exp(-sharp * (rate[e]/best - 1))
		}
	}
	return normal(w)
}

func normal(w [experts]float64) [experts]float64 {
	sum := 0.0
	for _, x := range w {
		sum += x
	}
	for e := range w {
		w[e] /= math.Max(sum, 1e-300)
	}
	return w
}

// mix returns the forecast of all ways together.
func (b *book) mix(all [experts][]float64, slots int) []float64 {
	out := make([]float64, slots)
	for e, w := range b.weights(all) {
		if w == 0 {
			continue
		}
		for i, x := range all[e] {
			out[i] += w * x
		}
	}
	return out
}

// settle takes what came after forecasts of it.
func (b *book) settle(d date, all [experts][]float64, mixed, counts []float64, spread float64) {
	if b.Days > 0 {
		f := keep(float64(d-b.Last), memory)
		b.Days *= f
		for e := range b.Loss {
			b.Loss[e] *= f
			b.Came[e] *= f
		}
	}
	b.Last = d
	b.Days++
	came := total(counts)
	for e, f := range all {
		if f == nil {
			continue
		}
		off := 0.0
		for i, n := range counts {
			if known(n) {
				off += math.Abs(n - f[i])
			}
		}
		b.Loss[e] += off
		b.Came[e] += came
	}
	var list []float64
	whole := 0.0
	for i, n := range counts {
		if !known(n) {
			continue
		}
		whole += mixed[i]
		if mixed[i] > .05 {
			list = append(list, (n-mixed[i])/usualError(mixed[i], spread))
		}
	}
	b.Slots.add(d, list)
	b.Whole.add(d, []float64{(came - whole) / usualError(whole, spread)})
}

// usualError is the unit of errors: chance, and what days differ.
func usualError(n, spread float64) float64 { return math.Sqrt(math.Max(n, .3) + spread*n*n) }

func (m *misses) add(d date, x []float64) {
	m.Days, m.X = append(m.Days, d), append(m.X, x)
	if n := len(m.Days); n > 2*mostKept {
		m.Days = append([]date(nil), m.Days[n-mostKept:]...)
		m.X = append([][]float64(nil), m.X[n-mostKept:]...)
	}
}

// ends returns how many units below and above the middle the 80 % range ends. Where few days say so, or many that are much
// alike because they lie close together compared with how far ahead they looked,
// it leans to a symmetric range of some width.
func (m *misses) ends(ahead int, width float64) (low, high float64) {
	n := len(m.Days)
	var list []weighted
	days := 0.0
	for i := max(0, n-mostKept); i < n; i++ {
		w := keep(float64(m.Days[n-1]-m.Days[i]), 120)
		days += w
		for _, x := range m.X[i] {
			list = append(list, weighted{x, w})
		}
	}
	if len(list) == 0 {
		return -width, width
	}
	const weight, wider = 6, .004
	days /= 1 + float64(ahead)/5
	own := days / (days + weight)
	low, high = quantile(list, .1-wider), quantile(list, .9+wider)
	return math.Min(own*low-(1-own)*width, 0), math.Max(own*high+(1-own)*width, 0)
}

// close reads the ends of all ranges, near ones first: what is farther away is not surer.
func closeBooks(books *[buckets]book) {
	slot, whole := 1.5, 1.5
	for i := range books {
		b := &books[i]
		b.Low, b.High = b.Slots.ends(typical[i], slot)
		b.WholeLow, b.WholeHigh = b.Whole.ends(typical[i], whole)
		slot, whole = 1.05*(b.High-b.Low)/2, 1.05*(b.WholeHigh-b.WholeLow)/2
		b.Slots, b.Whole = misses{}, misses{}
	}
}
