package chart

import (
	"math"
	"slices"
)

// Minutes are steps between lines of the grid for lengths of time in minutes.
var Minutes = []float64{1, 2, 5, 10, 15, 30, 60, 120, 240}

// scale turns values into heights.
type scale struct {
	from, to    float64 // values
	top, bottom float64 // units
	ticks       []float64
}

// mostTicks bounds the lines of a grid.
const mostTicks = 5

// scaleOf makes a scale from zero that holds all values. Steps are those that may lie
// between two lines; none: 1, 2 and 5 in any power of ten.
func scaleOf(values, steps []float64, top, bottom float64) scale {
	peak := 0.0
	for _, v := range values {
		if known(v) {
			peak = max(peak, v)
		}
	}
	step := stepFor(peak, steps)
	s := scale{to: step * max(1, math.Ceil(peak/step-1e-9)), top: top, bottom: bottom}
	for i := 0; float64(i)*step <= s.to+1e-9; i++ {
		s.ticks = append(s.ticks, float64(i)*step)
	}
	return s
}

func stepFor(peak float64, steps []float64) float64 {
	for _, s := range steps {
		if s*mostTicks >= peak {
			return s
		}
	}
	for power := 1e-3; power < 1e12; power *= 10 {
		for _, n := range []float64{1, 2, 5} {
			if s := n * power; s*mostTicks >= peak && (len(steps) == 0 || s > steps[len(steps)-1]) {
				return s
			}
		}
	}
	return max(1, peak)
}

func (s scale) y(v float64) float64 {
	v = min(max(v, s.from), s.to)
	return s.bottom - (v-s.from)/(s.to-s.from)*(s.bottom-s.top)
}

// along places positions side by side.
type along struct {
	left, right float64
	n           int
}

// step is how wide a position is.
func (a along) step() float64 { return (a.right - a.left) / float64(max(1, a.n)) }

// x is the middle of a position; half positions lie between two.
func (a along) x(i float64) float64 { return a.left + (i+0.5)*a.step() }

// Mark is a position with something to say.
type Mark struct {
	At    float64
	Label string
}

// thin leaves out marks so that their labels do not touch: each second, third and so on.
func thin(marks []Mark, a along) []Mark {
	need := 0.0
	for _, m := range marks {
		need = max(need, room(m.Label)+10)
	}
	gap := a.right - a.left
	for i := 1; i < len(marks); i++ {
		gap = min(gap, math.Abs(marks[i].At-marks[i-1].At)*a.step())
	}
	if gap <= 0 {
		return marks[:min(1, len(marks))]
	}
	every := max(1, int(math.Ceil(need/gap)))
	var kept []Mark
	for i := 0; i < len(marks); i += every {
		kept = append(kept, marks[i])
	}
	return kept
}

// marksOf are all labels as marks.
func marksOf(labels []string) []Mark {
	var list []Mark
	for i, l := range labels {
		list = append(list, Mark{float64(i), l})
	}
	return list
}

// Steps returns limits between so many classes of values, about as far apart from one
// another between what is little and what is much, rounded to what reads well. It may
// return fewer.
func Steps(values []float64, classes int, nice []float64) []float64 {
	sorted := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !known(v) || v <= 0 })
	slices.Sort(sorted)
	var limits []float64
	if len(sorted) == 0 {
		return limits
	}
	little, much := sorted[len(sorted)/20], sorted[len(sorted)-1-len(sorted)/50]
	for i := 1; i < classes; i++ {
		v := rounded(little+(much-little)*float64(i)/float64(classes), nice)
		if len(limits) == 0 && v > 0 || len(limits) > 0 && v > limits[len(limits)-1] {
			limits = append(limits, v)
		}
	}
	return limits
}

// rounded returns the nearest of what reads well.
func rounded(v float64, nice []float64) float64 {
	if len(nice) == 0 {
		power := math.Pow(10, math.Floor(math.Log10(v)))
		for _, n := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
			nice = append(nice, n*power)
		}
		if v <= 10 {
			return math.Max(1, math.Round(v))
		}
	}
	best := nice[0]
	for _, n := range nice {
		if math.Abs(n-v) < math.Abs(best-v) {
			best = n
		}
	}
	return best
}

// class says in which class a value lies: 0 is below the first limit.
func class(v float64, limits []float64) int {
	n := 0
	for n < len(limits) && v >= limits[n] {
		n++
	}
	return n
}
