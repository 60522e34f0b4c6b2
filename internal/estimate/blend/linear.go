package blend

import "math"

// linear is a quantile regression for each level (Koenker and Bassett 1978),
// learned by AdaGrad (Duchi, Hazan and Singer 2011) on the pinball loss.
type linear struct {
	W [3][inputs]float64 `json:"w"`
	G [3][inputs]float64 `json:"g"` // sums of squared slopes
}

const (
	linearStep  = 0.02
	linearBound = 50.0
	slopeBound  = 1e12
)

func (l *linear) at(in *[inputs]float64) (out [3]float64) {
	for level := range out {
		for i, x := range in {
			out[level] += l.W[level][i] * x
		}
	}
	return out
}

func (l *linear) learn(in *[inputs]float64, y float64) {
	out := l.at(in)
	size := 1.0 // a long wait teaches no more than a short one
	for _, x := range in {
		size = max(size, x)
	}
	for level := range out {
		if y == 0 && out[level] <= 0 {
			continue // what is said is not negative: it was right
		}
		s := slope(level, y, out[level])
		for i, x := range in {
			g := s * x / size
			l.G[level][i] = min(l.G[level][i]+g*g, slopeBound)
			w := l.W[level][i] + linearStep*g/math.Sqrt(1+l.G[level][i])
			l.W[level][i] = max(-linearBound, min(w, linearBound))
		}
	}
}

func (l *linear) sound() bool {
	for level := range l.W {
		for i := range l.W[level] {
			if !within(l.W[level][i], linearBound) || !within(l.G[level][i], slopeBound) || l.G[level][i] < 0 {
				return false
			}
		}
	}
	return true
}

// slope is how the pinball loss of a level falls as the estimate grows.
func slope(level int, y, at float64) float64 {
	if y < at {
		return levels[level] - 1
	}
	return levels[level]
}
