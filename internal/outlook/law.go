package outlook

import (
	"math"

	"machi/internal/estimate/walk"
)

// LogNormal is a law of times as visits to counters follow it: a mean in seconds and
// a coefficient of variation.
func LogNormal(mean, cv float64) *walk.Table {
	t := new(walk.Table)
	sigma := math.Sqrt(math.Log(1 + cv*cv))
	for i := range t {
		z := normal((float64(i) + 0.5) / walk.Futures)
		t[i] = math.Exp(sigma*z - sigma*sigma/2)
	}
	by := mean / t.Mean() // the middles of the slices miss the ends
	for i := range t {
		t[i] *= by
	}
	return t
}

// Sample is the law of a sorted sample of seconds; nil of an empty one. Each part of it
// is the mean of that part of the sample, so that the law has the sample's mean.
func Sample(sorted []float64) *walk.Table {
	if len(sorted) == 0 {
		return nil
	}
	t := new(walk.Table)
	width := float64(len(sorted)) / walk.Futures // values of a part
	for i := range t {
		from, to := float64(i)*width, float64(i+1)*width
		for k := int(from); k < len(sorted) && float64(k) < to; k++ {
			t[i] += sorted[k] * (min(to, float64(k+1)) - max(from, float64(k))) / width
		}
	}
	return t
}

// Where nothing is known.
var (
	defaultTalk = LogNormal(480, 0.7)
	defaultBack = LogNormal(480, 0.7)
	// DefaultGap is the time between two visitors of a counter.
	DefaultGap = LogNormal(20, 0.5)
)

const defaultMissing = 60.0

// draw takes the u-th part of a law; u in 0..1.
//
//go:norace
func draw(t *walk.Table, u float64) float64 { return t[int(u*walk.Futures)] }

// rest draws what is left of a time of which so much is over.
//
//go:norace
func rest(t *walk.Table, spent, u float64) float64 {
	i := 0
	for i < walk.Futures && t[i] <= spent {
		i++
	}
	if i > walk.Futures-4 {
		return -math.Log(1-u) * max(60, 0.3*spent)
	}
	return t[i+int(u*float64(walk.Futures-i))] - spent
}

// normal is the quantile of the normal distribution.
func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// What a draw of a visitor is for.
const (
	drawCount = iota
	drawTime
	drawPriority
	drawLess
	drawLeave
	drawAbsent
	drawTalk
	drawGap
	drawBack
	drawDelivery
	drawDeliveryGap
	drawLevel
	drawShuffle
	drawRough
)

// uniform is a number in [0,1) that belongs to one thing of one future and to nothing
// else: the finisher of splitmix64 (Steele, Lea and Flood 2014) over its name.
//
//go:norace
func uniform(seed uint64, future int, key uint64, what uint64) float64 {
	z := seed ^ uint64(future)*0x9e3779b97f4a7c15 ^ key*0xd1342543de82ef95 ^ what*0xaf251af3b0f025b5
	for range 2 {
		z += 0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
	}
	return float64(z>>11) / (1 << 53)
}

// poisson is the quantile u of the Poisson distribution: more for a greater mean.
//
//go:norace
func poisson(mean, u float64) int {
	if mean <= 0 {
		return 0
	}
	if mean > 200 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*normal(min(max(u, 1e-9), 1-1e-9)))))
	}
	p := math.Exp(-mean)
	sum, n := p, 0
	for sum < u && n < 400 {
		n++
		p *= mean / float64(n)
		sum += p
	}
	return n
}

// about is a factor of mean 1 that is unsure by cv, where u is even: log-normal.
func about(cv, u float64) float64 {
	if cv <= 0 {
		return 1
	}
	sigma := math.Sqrt(math.Log(1 + cv*cv))
	return math.Exp(sigma*normal(min(max(u, 1e-6), 1-1e-6)) - sigma*sigma/2)
}

// levels are the factors of a level that is unsure by cv, one for each future, with
// mean 1: log-normal, one draw from each equal part of its probability.
func levels(seed uint64, futures int, key uint64, cv float64) []float64 {
	out := make([]float64, futures)
	sum := 0.0
	for f := range out {
		out[f] = about(cv, (float64(f)+uniform(seed, f, key, drawLevel))/float64(futures))
		sum += out[f]
	}
	for f := futures - 1; f > 0; f-- {
		j := int(uniform(seed, f, key, drawShuffle) * float64(f+1))
		out[f], out[j] = out[j], out[f]
	}
	for f := range out {
		out[f] *= float64(futures) / sum
	}
	return out
}
