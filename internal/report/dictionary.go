package report

import (
	"math"
	"slices"
	"time"

	"machi/internal/measure"
)

// Definition is one figure: its name, what it means, and how it is read.
type Definition struct {
	Key     string `json:"key"`
	Name    Words  `json:"name"`
	Unit    Unit   `json:"unit"`
	Meaning Words  `json:"meaning"`
	// Better is -1 where less is better, 1 where more is, 0 where neither.
	Better int `json:"better"`
	of     func(measure.Figures) (value float64, behind int, known bool)
}

// Enough is how many visits a share or a quantile should have behind it: those of fewer
// are marked.
const Enough = 20

// Value is a figure as it came out. Nil: there is none.
type Value struct {
	Number *float64 `json:"value"`
	// Behind is how many visits, times or days it is made of.
	Behind int `json:"behind,omitempty"`
	// Few says that a share or a quantile is made of fewer than [Enough].
	Few bool `json:"few,omitempty"`
}

// Read returns the definition's figure of some figures, rounded as it is shown.
func (d Definition) Read(f measure.Figures) Value {
	n, behind, known := d.of(f)
	if !known {
		return Value{Behind: behind}
	}
	n = d.Unit.round(n)
	return Value{Number: &n, Behind: behind, Few: d.Unit != Count && d.Unit != Hours && behind < Enough}
}

func (u Unit) round(n float64) float64 {
	scale := map[Unit]float64{Minutes: 10, Hours: 10, Share: 1000, Ratio: 100}[u]
	if scale == 0 {
		return math.Round(n)
	}
	return math.Round(n*scale) / scale
}

// Look returns a figure's definition; false: there is none.
func Look(key string) (Definition, bool) {
	i := slices.IndexFunc(Dictionary, func(d Definition) bool { return d.Key == key })
	if i < 0 {
		return Definition{}, false
	}
	return Dictionary[i], true
}

// Known reports whether a figure is in the dictionary.
func Known(key string) bool { _, ok := Look(key); return ok }

type reading = func(measure.Figures) (float64, int, bool)

// counted reads a number of those who came.
func counted(of func(measure.Figures) int) reading {
	return func(f measure.Figures) (float64, int, bool) { return float64(of(f)), f.Arrivals, f.Days > 0 }
}

// logged reads what only the office's own log tells.
func logged(of func(measure.Figures) int) reading {
	return func(f measure.Figures) (float64, int, bool) { return float64(of(f)), f.Logged, f.Logged > 0 }
}

// part reads a share.
func part(of func(measure.Figures) (part, whole int)) reading {
	return func(f measure.Figures) (float64, int, bool) {
		n, all := of(f)
		share, ok := measure.Share(n, all)
		return share, all, ok
	}
}

// took reads minutes of a distribution.
func took(dist func(measure.Figures) measure.Dist, of func(measure.Dist) time.Duration) reading {
	return func(f measure.Figures) (float64, int, bool) {
		d := dist(f)
		return of(d).Minutes(), d.Count, d.Count > 0
	}
}

func spent(of func(measure.Figures) time.Duration, known func(measure.Figures) bool) reading {
	return func(f measure.Figures) (float64, int, bool) { return of(f).Hours(), f.Days, known(f) }
}

func middle(d measure.Dist) time.Duration { return d.P50 }
func ninth(d measure.Dist) time.Duration  { return d.P90 }
func most(d measure.Dist) time.Duration   { return d.Max }

func visit(f measure.Figures) measure.Dist      { return f.Visit }
func wait(f measure.Figures) measure.Dist       { return f.UntilCalled }
func talk(f measure.Figures) measure.Dist       { return f.Service }
func processing(f measure.Figures) measure.Dist { return f.Processing }
func delivery(f measure.Figures) measure.Dist   { return f.Delivery }
func toldError(f measure.Figures) measure.Dist  { return f.ToldError }
