package forecast

import (
	"math"
	"slices"

	"machi/internal/calendar"
)

// Scores say how good forecasts were that looked so many days ahead.
type Scores struct {
	Ahead int // days
	Days  int // that were forecast
	Slots int // of them, of all services
	Seen  float64

	Error     float64 // share of the people who came by which P50 was off, slot by slot
	LastWeek  float64 // the same of what came on the last such weekday that was known
	FourWeeks float64 // of the mean of the last four

	Below, Above float64 // share of slots outside of the range
	Level        float64 // share of slots whose level was hit
}

// Inside returns the share of slots within the range.
func (s Scores) Inside() float64 { return 1 - s.Below - s.Above }

// Backtest forecasts days of the last part of a history as if nothing from so many
// days before them on were known: each day of that part, or as many as most allows,
// evenly. Each forecast is a fit of its own.
func Backtest(history []Count, special Special, part float64, most int, ahead ...int) []Scores {
	t := newTrial(history)
	list := make([]Scores, 0, len(ahead))
	begin := int(float64(len(t.days)) * (1 - part))
	step := max(1, (len(t.days)-begin+most-1)/max(1, most))
	for _, h := range ahead {
		s := Scores{Ahead: h}
		for i := begin; i < len(t.days); i += step {
			t.forecast(&s, special, t.days[i], t.days[i].Add(-h))
		}
		s.divide()
		list = append(list, s)
	}
	return list
}

// trial is a history, laid out to be asked what came.
type trial struct {
	history []Count // by day
	days    []calendar.Day
	came    map[place]float64
}

type place struct {
	day     calendar.Day
	service string
	minute  int
}

func newTrial(history []Count) *trial {
	t := &trial{history: slices.Clone(history), came: map[place]float64{}}
	slices.SortStableFunc(t.history, func(a, b Count) int { return int(dateOf(a.Day) - dateOf(b.Day)) })
	for _, c := range t.history {
		t.came[place{c.Day, c.Service, c.Minute}] += float64(c.N)
		if n := len(t.days); c.N > 0 && (n == 0 || t.days[n-1] != c.Day) {
			t.days = append(t.days, c.Day)
		}
	}
	return t
}

// until returns what was known at the end of a day.
func (t *trial) until(day calendar.Day) []Count {
	n, _ := slices.BinarySearchFunc(t.history, day.Add(1), func(c Count, d calendar.Day) int { return int(dateOf(c.Day) - dateOf(d)) })
	return t.history[:n]
}

// forecast adds the forecast of a day, made from what was known at the end of another.
func (t *trial) forecast(s *Scores, special Special, day, known calendar.Day) {
	history := t.until(known)
	if len(history) == 0 {
		return
	}
	forecast := map[place]Slot{}
	for _, slot := range Fit(history, special, nil).Day(day) {
		forecast[place{day, slot.Service, slot.Minute}] = slot
	}
	weeks := t.weeks(day, known)
	levels := levelsOf(history)
	s.Days++
	for _, p := range t.places(day, forecast) {
		n := t.came[p]
		slot := forecast[p]
		s.Slots++
		s.Seen += n
		s.Error += math.Abs(n - slot.P50)
		mean := 0.0
		for _, w := range weeks {
			mean += t.came[place{w, p.service, p.minute}] / float64(len(weeks))
		}
		s.FourWeeks += math.Abs(n - mean)
		if len(weeks) > 0 {
			mean = t.came[place{weeks[0], p.service, p.minute}]
		}
		s.LastWeek += math.Abs(n - mean)
		s.Below += when(n < slot.P10)
		s.Above += when(n > slot.P90)
		s.Level += when(levelOf(n, levels[p.service]) == slot.Level)
	}
}

// weeks returns up to four last known days of a day's weekday, newest first.
func (t *trial) weeks(day, known calendar.Day) (list []calendar.Day) {
	for i := len(t.days) - 1; i >= 0 && len(list) < 4; i-- {
		if d := t.days[i]; dateOf(d) <= dateOf(known) && d.Weekday() == day.Weekday() {
			list = append(list, d)
		}
	}
	return list
}

// places returns the slots of a day in which anybody was counted or expected.
func (t *trial) places(day calendar.Day, forecast map[place]Slot) []place {
	var list []place
	for p := range forecast {
		list = append(list, p)
	}
	from := t.until(day.Add(-1))
	for _, c := range t.until(day)[len(from):] {
		p := place{day, c.Service, c.Minute}
		if _, is := forecast[p]; !is && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// levelsOf returns the quartiles of every service.
func levelsOf(history []Count) map[string][3]float64 {
	counts := map[string][]float64{}
	for _, c := range history {
		counts[c.Service] = append(counts[c.Service], float64(c.N))
	}
	levels := map[string][3]float64{}
	for service, list := range counts {
		levels[service] = quartilesOf(list)
	}
	return levels
}

func levelOf(n float64, q [3]float64) int {
	level := 1
	for _, edge := range q {
		level += int(when(n > edge))
	}
	return level
}

func (s *Scores) divide() {
	people, slots := math.Max(s.Seen, 1), math.Max(float64(s.Slots), 1)
	for _, x := range []*float64{&s.Error, &s.LastWeek, &s.FourWeeks} {
		*x /= people
	}
	for _, x := range []*float64{&s.Below, &s.Above, &s.Level} {
		*x /= slots
	}
}
