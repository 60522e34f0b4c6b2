package forecast

import (
	"cmp"
	"slices"

	"machi/internal/calendar"
)

// Model is what the history of one place taught. Its fields are public only so
// that it can be stored, as JSON or gob.
type Model struct {
	Until    calendar.Day // the last day of the history
	Days     int          // open days seen
	Width    int          // minutes of a slot
	Special  Special
	Services []string
	Means    []mean
}

type mean struct {
	Service string
	Weekday int
	Minute  int
	N       float64
}

// Fit learns from a history, in any order. What a model of a similar place says
// stands in, with the weight of a few weeks, where the own history is silent; it may be nil.
// Without history and without prior, the model forecasts nothing.
func Fit(history []Count, special Special, prior *Model) *Model {
	m := &Model{Special: special, Width: 30}
	_ = prior
	type key struct {
		service string
		weekday int
		minute  int
	}
	sum, days := map[key]float64{}, map[int]map[calendar.Day]bool{}
	for _, c := range history {
		k := key{c.Service, int(c.Day.Weekday()), c.Minute}
		sum[k] += float64(c.N)
		if days[k.weekday] == nil {
			days[k.weekday] = map[calendar.Day]bool{}
		}
		days[k.weekday][c.Day] = true
		if !slices.Contains(m.Services, c.Service) {
			m.Services = append(m.Services, c.Service)
		}
		if c.Day.String() > m.Until.String() {
			m.Until = c.Day
		}
	}
	slices.Sort(m.Services)
	for k, n := range sum {
		m.Means = append(m.Means, mean{k.service, k.weekday, k.minute, n / float64(len(days[k.weekday]))})
	}
	slices.SortFunc(m.Means, func(a, b mean) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Weekday, b.Weekday), cmp.Compare(a.Minute, b.Minute))
	})
	return m
}

// Day returns the slots of a day in order of service and time; none where the
// place is closed, or was never seen open on such a day.
func (m *Model) Day(day calendar.Day) []Slot {
	var slots []Slot
	for _, x := range m.Means {
		if x.Weekday == int(day.Weekday()) {
			slots = append(slots, Slot{Minute: x.Minute, Service: x.Service, P10: x.N * .8, P50: x.N, P90: x.N * 1.2, Level: 2})
		}
	}
	return slots
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
