package forecast_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/forecast"
)

// world is the law by which a place's counts are made.
type world struct {
	days       int                // calendar days
	width      int                // minutes of a slot
	services   map[string]float64 // mean arrivals of a day
	begins     map[string]int     // day on which a service starts
	week       [7]float64         // Sunday first; 0 is closed
	japan      bool
	seasonal   bool
	noise      float64 // of a day, one standard deviation
	wander     float64 // of the level, a day
	lost       float64 // share of days that are missing
	monthEnd   float64
	afterClose float64
	sparse     bool // zeros are not written
	holidays   int  // per year, of its own
	second     bool // Saturday only the second of a month
}

var office = [7]float64{0, 1.25, 1.0, .92, .95, 1.08, 0}

// worlds are places of different kinds: what a forecast must be good for.
var worlds = map[string]world{
	"ward":        {days: 250, width: 60, services: map[string]float64{"all": 420}, week: office, japan: true, seasonal: true, noise: .1, monthEnd: .1, afterClose: .15},
	"half hours":  {days: 140, width: 30, services: map[string]float64{"A": 120, "B": 60}, week: office, japan: true, noise: .1, monthEnd: .1, afterClose: .2, sparse: true},
	"short":       {days: 75, width: 60, services: map[string]float64{"A": 150, "B": 60}, week: office, noise: .08},
	"gaps":        {days: 200, width: 60, services: map[string]float64{"A": 150, "B": 60}, week: office, noise: .08, lost: .15, monthEnd: .1},
	"new service": {days: 150, width: 60, services: map[string]float64{"A": 150, "B": 60}, begins: map[string]int{"B": 60}, week: office, noise: .08},
	"bank":        {days: 150, width: 60, services: map[string]float64{"calls": 30000}, week: [7]float64{0, 1.15, 1.02, .97, .96, 1, 0}, noise: .03, wander: .006, monthEnd: .06, afterClose: .15, holidays: 10},
	"tiny":        {days: 150, width: 60, services: map[string]float64{"A": 12}, week: office, noise: .1, sparse: true},
	"every day":   {days: 150, width: 60, services: map[string]float64{"A": 300}, week: [7]float64{1.4, .9, .9, .9, .95, 1.1, 1.5}, noise: .1, wander: .01},
}

func (w world) play(seed uint64) ([]forecast.Count, forecast.Special) {
	r := rand.New(rand.NewPCG(seed, 7))
	first := calendar.Day{Year: 2023, Month: time.October, Day: 2}.Add(int(seed * 53 % 360))
	closed := map[calendar.Day]bool{}
	var sp forecast.Special
	for range w.holidays * (w.days + 400) / 365 {
		d := first.Add(r.IntN(w.days + 100))
		closed[d] = true
		sp.Holidays = append(sp.Holidays, d)
	}
	var list []forecast.Count
	level := map[string]float64{}
	wasClosed := false
	for i := range w.days {
		d := first.Add(i)
		f := w.week[d.Weekday()]
		if d.Weekday() == time.Saturday && w.second && (d.Day < 8 || d.Day > 14) {
			f = 0
		}
		if w.japan && (calendar.Holiday(d) != "" || calendar.NewYearClosure(d)) || closed[d] {
			wasClosed = wasClosed || f > 0
			f = 0
		}
		if f == 0 {
			continue
		}
		if wasClosed {
			f *= 1 + w.afterClose
		}
		wasClosed = false
		if d.Add(3).Month != d.Month || d.Day <= 2 {
			f *= 1 + w.monthEnd
		}
		if w.seasonal {
			doy := float64(time.Date(2001, d.Month, d.Day, 0, 0, 0, 0, time.UTC).YearDay())
			f *= 1 + .8*math.Exp(-math.Pow((doy-90)/12, 2)) + .1*math.Sin(doy/58)
		}
		common := math.Exp(w.noise * r.NormFloat64())
		lost := r.Float64() < w.lost
		for _, s := range slices.Sorted(maps.Keys(w.services)) {
			level[s] += w.wander * r.NormFloat64()
			own := math.Exp(level[s] + w.noise/2*r.NormFloat64())
			if lost || i < w.begins[s] {
				continue
			}
			list = w.slots(r, list, d, s, w.services[s]*f*common*own)
		}
	}
	return list, sp
}

func (w world) slots(r *rand.Rand, list []forecast.Count, d calendar.Day, s string, mean float64) []forecast.Count {
	var shape []float64
	sum := 0.0
	closes := 17 * 60
	if d.Weekday() == time.Saturday && w.second {
		closes = 12 * 60
	}
	for m := 8*60 + 30; m < closes; m += w.width {
		x := float64(m) / 60
		y := 1 + .8*math.Exp(-math.Pow((x-10.5)/1.3, 2)) + .6*math.Exp(-math.Pow((x-14)/1.5, 2)) - .25*when(x > 12 && x < 13)
		if s == "B" {
			y = 1 + .5*math.Exp(-math.Pow((x-15)/2, 2))
		}
		shape = append(shape, y)
		sum += y
	}
	for i, y := range shape {
		n := poisson(r, mean*y/sum)
		if n > 0 || !w.sparse {
			list = append(list, forecast.Count{Day: d, Minute: 8*60 + 30 + i*w.width, Service: s, N: n})
		}
	}
	return list
}

func when(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func poisson(r *rand.Rand, mean float64) int {
	if mean > 100 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	n := 0
	for p := r.Float64(); p > math.Exp(-mean); n++ {
		p *= r.Float64()
	}
	return n
}
