package estimatetest

import (
	"math"
	"math/rand/v2"
)

// Shape is the form of a distribution of durations.
type Shape uint8

// The shapes.
const (
	Lognormal   Shape = iota // skewed, as most talks are
	Exponential              // memoryless
	Mixture                  // mostly short, one in five four times as long
	Even                     // between half and one and a half of the mean
)

// Law is a distribution of durations, seconds.
type Law struct {
	Shape  Shape
	Mean   float64
	Spread float64 // standard deviation over mean, of Lognormal
}

func (l Law) draw(r *rand.Rand) float64 {
	switch l.Shape {
	case Exponential:
		return r.ExpFloat64() * l.Mean
	case Mixture:
		short := Law{Lognormal, l.Mean / 1.6, 0.5}
		if r.Float64() < 0.2 {
			return 4 * short.draw(r)
		}
		return short.draw(r)
	case Even:
		return l.Mean * (0.5 + r.Float64())
	case Lognormal:
	}
	v := math.Log1p(l.Spread * l.Spread)
	return l.Mean * math.Exp(math.Sqrt(v)*r.NormFloat64()-v/2)
}

// span is part of a day, seconds from midnight.
type span struct{ from, to float64 }

const (
	minute = 60.0
	hour   = 3600.0
)
