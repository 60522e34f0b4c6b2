package score

import (
	"math"
	"slices"
)

// Point is how far single figures were off, in seconds.
type Point struct {
	MAE    float64 `json:"mae_s"`
	RMSE   float64 `json:"rmse_s"`
	Median float64 `json:"median_s"` // median of the absolute errors
	Bias   float64 `json:"bias_s"`   // mean of told minus waited
	Within float64 `json:"within"`   // share within 5 minutes or 20 % of the truth
}

// Interval is how well the range from p10 to p90 did.
type Interval struct {
	Tickets  int     `json:"tickets"`
	Coverage float64 `json:"coverage"`
	Above    float64 `json:"above"`   // share that waited longer than p90
	Width    float64 `json:"width_s"` // mean
	Score    float64 `json:"score_s"` // width, and ten times what is outside; lower is better
}

// Day are the sums of one service day, from which other reports are made.
type Day struct {
	Date    string             `json:"date"`
	Tickets int                `json:"tickets"`
	Abs     map[string]float64 `json:"abs_s"` // sum of absolute errors by method; "told" is the estimates'
	Told    Interval           `json:"interval"`
}

// Report is the score of one file of estimates.
type Report struct {
	Days      int              `json:"days"`
	From      string           `json:"from"` // first day that counts
	Tickets   int              `json:"tickets"`
	Left      int              `json:"left"` // of all days: issued and never called
	Wait      float64          `json:"wait_s"`
	Told      Point            `json:"told"`
	Waiting   Interval         `json:"waiting"` // tickets with somebody waiting at their issue
	InLine    Interval         `json:"in_line"` // of those, with somebody of their own class
	Baselines map[string]Point `json:"baselines"`
	ByDay     []Day            `json:"by_day"`
}

// outside is what a second outside of an 80 % range costs in its score.
const outside = 2 / 0.2

// Report counts the last share of the service days, such as 0.4: days with an
// issue, and of them the tickets that were called.
func (m *Meter) Report(share float64) Report {
	first := int(float64(len(m.dates))*(1-share) + 1e-9)
	r := Report{Days: len(m.dates), Left: m.left + len(m.open), Baselines: map[string]Point{}}
	if first < len(m.dates) {
		r.From = m.dates[first]
	}
	counted := m.sorted(first)
	r.Tickets = len(counted)
	r.Told = points(counted, func(s sample) float64 { return s.told.P50 })
	for i, name := range plainNames {
		r.Baselines[name] = points(counted, func(s sample) float64 { return s.plain.values()[i] })
	}
	for _, s := range counted {
		r.Wait += s.waited / float64(len(counted))
	}
	r.Waiting = intervals(counted, func(s sample) bool { return s.crowd })
	r.InLine = intervals(counted, func(s sample) bool { return s.inLine })
	r.ByDay = m.byDay()
	return r
}

// sorted are the samples from a day on.
func (m *Meter) sorted(first int) []sample {
	var some []sample
	for _, s := range m.samples {
		if s.day >= first {
			some = append(some, s)
		}
	}
	return some
}

func points(samples []sample, of func(sample) float64) Point {
	if len(samples) == 0 {
		return Point{}
	}
	var p Point
	off := make([]float64, len(samples))
	for i, s := range samples {
		d := of(s) - s.waited
		off[i] = math.Abs(d)
		p.MAE += off[i]
		p.RMSE += d * d
		p.Bias += d
		if off[i] <= max(300, s.waited/5) {
			p.Within++
		}
	}
	n := float64(len(samples))
	slices.Sort(off)
	return Point{
		MAE: p.MAE / n, RMSE: math.Sqrt(p.RMSE / n), Median: (off[(len(off)-1)/2] + off[len(off)/2]) / 2,
		Bias: p.Bias / n, Within: p.Within / n,
	}
}

func intervals(samples []sample, counts func(sample) bool) Interval {
	var v Interval
	for _, s := range samples {
		if !counts(s) {
			continue
		}
		v.Tickets++
		width := s.told.P90 - s.told.P10
		v.Width += width
		v.Score += width
		switch {
		case s.waited > s.told.P90:
			v.Above++
			v.Score += outside * (s.waited - s.told.P90)
		case s.waited < s.told.P10:
			v.Score += outside * (s.told.P10 - s.waited)
		default:
			v.Coverage++
		}
	}
	if n := float64(v.Tickets); n > 0 {
		v.Coverage, v.Above, v.Width, v.Score = v.Coverage/n, v.Above/n, v.Width/n, v.Score/n
	}
	return v
}

func (m *Meter) byDay() []Day {
	of := make([][]sample, len(m.dates))
	for _, s := range m.samples {
		of[s.day] = append(of[s.day], s)
	}
	days := make([]Day, len(m.dates))
	for i, samples := range of {
		d := Day{Date: m.dates[i], Tickets: len(samples), Abs: map[string]float64{}}
		for _, s := range samples {
			d.Abs["told"] += math.Abs(s.told.P50 - s.waited)
			for j, guess := range s.plain.values() {
				d.Abs[plainNames[j]] += math.Abs(guess - s.waited)
			}
		}
		d.Told = intervals(samples, func(s sample) bool { return s.crowd })
		days[i] = d
	}
	return days
}
