package forecast

import (
	"slices"

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
	Tables   []timetable  // of the services, and last of the place
	Series   []*series    // as Tables
	Levels   [][3]float64 // quartiles of slots, of the services
	DayLevel [][3]float64 // quartiles of days, as Tables
}

// Fit learns from a history, in any order. What a model of a similar place says
// stands in, with the weight of some days, where the own history is silent; it may be nil.
// Without history the prior stands for the place; without both, nothing is forecast.
func Fit(history []Count, special Special, prior *Model) *Model {
	g := gridOf(history)
	m := &Model{Width: g.width, First: g.first, Slots: g.slots, Services: g.services, Almanac: &almanac{}}
	if len(history) == 0 {
		return m.inherit(special, prior)
	}
	m.Until = g.to.day()
	m.Almanac = newAlmanac(g, special)
	m.Tables = timetables(g, m.Almanac)
	m.Tables[len(g.services)].borrow(g, prior, "")
	for i, service := range g.services {
		m.Tables[i].borrow(g, prior, service)
	}
	f := &fitting{g: g, a: m.Almanac, vectors: map[date][]float64{}, closed: g.never(), pending: map[date][]guess{}}
	for i := range len(g.services) + 1 {
		name := ""
		if i < len(g.services) {
			name = g.services[i]
			m.Levels = append(m.Levels, g.quartiles(i))
		}
		m.DayLevel = append(m.DayLevel, g.dayQuartiles(i))
		f.series = append(f.series, newSeries(name, g.slots, prior.named(name)))
	}
	f.run()
	m.Series = f.series
	for _, s := range m.Series {
		s.forget()
	}
	m.Days = m.Series[len(g.services)].Seen
	return m
}

// inherit makes a model of nothing but another.
func (m *Model) inherit(special Special, prior *Model) *Model {
	if prior == nil || len(prior.Series) == 0 {
		return m
	}
	own := *prior
	own.Days = 0
	a := *prior.Almanac
	a.Holidays, a.Shut, a.Open, a.Campaigns = dates(special.Holidays), dates(special.Closed), dates(special.Open), special.Campaigns
	a.Japan = a.Japan || special.Country == Japan
	own.Almanac = &a
	return &own
}

// named returns what was learnt of a service, nil if nothing; "" is the whole place.
func (m *Model) named(service string) *series {
	if m == nil {
		return nil
	}
	for _, s := range m.Series {
		if s.Service == service {
			return s
		}
	}
	return nil
}

// expected is the forecast for one service on one day, as far as slots share it.
type expected struct {
	series  int
	book    *book
	slots   []float64
	open    []bool
	reasons []Reason
}

// expect returns what is expected of each service that is there on a day.
func (m *Model) expect(d date) []expected {
	if len(m.Series) == 0 || !m.open(d) {
		return nil
	}
	x, last, ahead := m.Almanac.vector(d), len(m.Services), bucket(int(d-dateOf(m.Until)))
	place := m.Series[last]
	of := total(place.Books[ahead].mix(place.forecasts(d, x, 0, m.Almanac.campaigns(d, "")), m.Slots))
	var list []expected
	for i, s := range m.Series[:last] {
		open := m.Tables[i].slots(d)
		if s.Seen == 0 || !m.serves(i, d) || !slices.Contains(open, true) {
			continue
		}
		e := expected{series: i, book: &s.Books[ahead], open: open}
		campaigns := m.Almanac.campaigns(d, s.Service)
		e.slots = e.book.mix(s.forecasts(d, x, of, campaigns), m.Slots)
		e.reasons = m.reasons(s, d, x, campaigns)
		list = append(list, e)
	}
	return list
}

// Day returns the slots of a day in order of service and time; none where the
// place is closed, or was never seen open on such a day.
func (m *Model) Day(day calendar.Day) []Slot {
	var slots []Slot
	for _, e := range m.expect(dateOf(day)) {
		s := m.Series[e.series]
		for j, n := range e.slots {
			if !e.open[j] {
				continue
			}
			unit := usualError(n, s.Spread)
			low, high := -e.book.Low*unit, e.book.High*unit
			slot := Slot{Minute: m.First + j*m.Width, Service: s.Service, Mean: n, P10: max(0, n-low), P90: n + high, Reasons: e.reasons}
			slot.P50 = clamp(median(n), slot.P10, slot.P90)
			slot.Level = likeliest(m.Levels[e.series], n, low, high)
			slots = append(slots, slot)
		}
	}
	return slots
}

// Whole returns the forecast for a day's totals: the whole place first, then each
// service in order; none where Day returns none.
func (m *Model) Whole(day calendar.Day) []Whole {
	d := dateOf(day)
	all := m.expect(d)
	if len(all) == 0 {
		return nil
	}
	sum := 0.0
	list := make([]Whole, 1, len(all)+1)
	for _, e := range all {
		n := 0.0
		for j, x := range e.slots {
			if e.open[j] {
				n += x
			}
		}
		sum += n
		list = append(list, m.whole(e.series, n, e.book, e.reasons))
	}
	last := len(m.Services)
	place := m.Series[last]
	list[0] = m.whole(last, sum, &place.Books[bucket(int(d-dateOf(m.Until)))], m.reasons(place, d, m.Almanac.vector(d), m.Almanac.campaigns(d, "")))
	return list
}

func (m *Model) whole(i int, n float64, b *book, reasons []Reason) Whole {
	unit := usualError(n, m.Series[i].Spread)
	low, high := -b.WholeLow*unit, b.WholeHigh*unit
	w := Whole{Service: m.Series[i].Service, P10: max(0, n-low), P50: n, P90: n + high, Reasons: reasons}
	w.Level = likeliest(m.DayLevel[i], n, low, high)
	return w
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

// forget drops what only learning needs.
func (s *series) forget() {
	for _, r := range []*regression{s.Quick, s.Slow, s.Year} {
		r.A, r.B = nil, nil
	}
	closeBooks(&s.Books)
}
