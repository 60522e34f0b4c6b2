package place

import "math"

// tempo notices when visits suddenly take longer or shorter than they used to,
// of all classes alike: a computer that hangs, a new form. It is forgotten at
// the end of the day.
type tempo struct {
	sum, weight, squares float64 // of visits in terms of their class, fading
}

// How quickly a change is believed.
const (
	tempoFade  = 0.93 // per visit: the newest 14 count
	tempoDoubt = 3.0  // standard errors that may be chance
	tempoLeast = 40   // visits of a class that must be known

	leastDeviation = 0.2 // of the logarithms: no visits are all alike
)

// learn takes one visit: how many standard deviations its logarithm lies from
// the mean of its class.
func (t *tempo) learn(c *class, spent float64) {
	if c.Service.n() < tempoLeast {
		return
	}
	z := min(max((math.Log(max(spent, 5))-c.mean)/c.deviation, -3), 3)
	t.sum = t.sum*tempoFade + z
	t.weight = t.weight*tempoFade + 1
	t.squares = t.squares*tempoFade*tempoFade + 1
}

// factor is by how much the visits of a class take longer now. Only what can
// hardly be chance counts.
func (t *tempo) factor(c *class) float64 {
	if t.weight < 4 || c.Service.n() < tempoLeast {
		return 1
	}
	mean := t.sum / t.weight
	excess := max(0, math.Abs(mean)-tempoDoubt*math.Sqrt(t.squares)/t.weight)
	return math.Exp(math.Copysign(excess, mean) * c.deviation)
}

// logarithms are the mean and the standard deviation of the logarithm of the
// service times.
func (c *class) logarithms() (mean, deviation float64) {
	n := float64(c.Service.n())
	squares := 0.0
	for _, x := range c.Service.sorted {
		l := math.Log(max(x, 5))
		mean += l / n
		squares += l * l / n
	}
	return mean, max(leastDeviation, math.Sqrt(max(0, squares-mean*mean)))
}
