package forecast

import (
	"machi/internal/calendar"
)

// Model is what the history of one place taught. Its fields are public only so
// that it can be stored, as JSON or gob.
type Model struct {
	Until    calendar.Day // the last day of the history
	Days     int          // open days seen
	Width    int          // minutes of a slot
	First    int          // minute at which the first slot of a day begins
	Slots    int          // of a day
	Services []string
	Almanac  *almanac
	Tables   []timetable // of the services, and last of the place
	Series   []*series   // as Tables
	Levels   [][3]float64
	DayLevel [][3]float64
}

// Fit learns from a history, in any order. What a model of a similar place says
// stands in, with the weight of a few weeks, where the own history is silent; it may be nil.
// Without history and without prior, the model forecasts nothing.
func Fit(history []Count, special Special, prior *Model) *Model {
	_ = prior
	g := gridOf(history)
	m := &Model{Width: g.width, First: g.first, Slots: g.slots, Services: g.services, Almanac: &almanac{}}
	if len(history) == 0 {
		return m
	}
	m.Until = g.to.day()
	m.Almanac = newAlmanac(g, special)
	m.Tables = timetables(g, m.Almanac)
	f := &fitting{g: g, a: m.Almanac, vectors: map[date][]float64{}, closed: g.never(), pending: map[date][]guess{}}
	for i := range len(g.services) + 1 {
		name := ""
		if i < len(g.services) {
			name = g.services[i]
			m.Levels = append(m.Levels, g.quartiles(i))
		}
		f.series = append(f.series, newSeries(name, g.slots))
	}
	f.run()
	m.Series = f.series
	for _, s := range m.Series {
		s.forget()
	}
	m.Days = m.Series[len(g.services)].Seen
	return m
}

// Day returns the slots of a day in order of service and time; none where the
// place is closed, or was never seen open on such a day.
func (m *Model) Day(day calendar.Day) []Slot {
	d := dateOf(day)
	if len(m.Series) == 0 || !m.open(d) {
		return nil
	}
	var slots []Slot
	x := m.Almanac.vector(d)
	last := len(m.Services)
	h := int(d - dateOf(m.Until))
	place := m.Series[last]
	of := total(place.Books[bucket(h)].mix(place.forecasts(d, x, 0), m.Slots))
	for i, s := range m.Series[:last] {
		if s.Seen == 0 || !m.serves(i, d) {
			continue
		}
		b := &s.Books[bucket(h)]
		mixed := b.mix(s.forecasts(d, x, of), m.Slots)
		for j, n := range mixed {
			if !m.Tables[i].Slots[m.like(i, d)][j] {
				continue
			}
			unit := usualError(n, s.Spread)
			slot := Slot{Minute: m.First + j*m.Width, Service: s.Service, Mean: n, P10: max(0, n+b.Low*unit), P90: n + b.High*unit}
			slot.P50 = clamp(median(n), slot.P10, slot.P90)
			slot.Level = likeliest(m.Levels[i], n, -b.Low*unit, b.High*unit)
			slots = append(slots, slot)
		}
	}
	return slots
}

// open reports whether the place works on a day.
func (m *Model) open(d date) bool {
	a := m.Almanac
	switch {
	case in(a.Open, d):
		return true
	case in(a.Shut, d), a.holiday(d) && !a.HolidaysWork:
		return false
	}
	return m.Tables[len(m.Services)].Days[d.weekday()].open(d)
}

func (m *Model) serves(i int, d date) bool {
	return in(m.Almanac.Open, d) || m.Tables[i].Days[d.weekday()].open(d)
}

// like returns the weekday whose hours a service keeps on a day.
func (m *Model) like(i int, d date) int {
	_ = i
	return d.weekday()
}

// Whole returns the forecast for a day's totals: the whole place first, then each
// service in order; none where Day returns none.
func (m *Model) Whole(day calendar.Day) []Whole {
	all := Whole{Level: 2}
	var list []Whole
	for _, s := range m.Day(day) {
		if n := len(list); n == 0 || list[n-1].Service != s.Service {
			list = append(list, Whole{Service: s.Service, Level: 2})
		}
		last := &list[len(list)-1]
		last.P10, last.P50, last.P90 = last.P10+s.P10, last.P50+s.P50, last.P90+s.P90
		all.P10, all.P50, all.P90 = all.P10+s.P10, all.P50+s.P50, all.P90+s.P90
	}
	if len(list) == 0 {
		return nil
	}
	return append([]Whole{all}, list...)
}

// forget drops what only learning needs.
func (s *series) forget() {
	for _, r := range []*regression{s.Quick, s.Slow, s.Year} {
		r.A, r.B = nil, nil
	}
	closeBooks(&s.Books)
}
