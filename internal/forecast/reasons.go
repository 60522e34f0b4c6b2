package forecast

import (
	"cmp"
	"math"
	"slices"
)

// worth is how much more people, as a logarithm, something must bring to be a reason.
const worth = .05

// reasons returns why a day is busier than the usual day of a series, the strongest first.
func (m *Model) reasons(s *series, d date, x []float64, campaigns []Campaign) []Reason {
	coef := s.Slow.Coef
	if s.yearly() {
		coef = s.Year.Coef
	}
	size := map[Reason]float64{m.weekReason(x): dot(x[1:weekly], coef[1:weekly]) - m.usualWeek(coef)}
	for i := weekly; i < len(coef); i++ {
		if r := features[i].reason; r != "" && x[i] != 0 {
			size[r] += x[i] * coef[i]
		}
	}
	if len(campaigns) > 0 {
		size[ReasonCampaign] = math.Max(worth, math.Log(s.push(campaigns)))
	}
	var list []Reason
	for r, n := range size {
		if n >= worth {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b Reason) int { return cmp.Or(cmp.Compare(size[b], size[a]), cmp.Compare(a, b)) })
	return list
}

// weekReason names what the week does to a day.
func (m *Model) weekReason(x []float64) Reason {
	const monday, first, afterGap = 2, 8, 9
	switch {
	case x[afterGap] > 0 && x[first] > 0:
		return ReasonAfterHoliday
	case x[monday] > 0:
		return ReasonMonday
	}
	return ReasonWeekday
}

// usualWeek is the mean over the weekdays of the place of what a week does.
func (m *Model) usualWeek(coef []float64) float64 {
	sum, days := 0.0, 0.0
	for w, open := range m.Almanac.Usual {
		if !open {
			continue
		}
		days++
		sum += coef[1+w]
		if !m.Almanac.Usual[(w+6)%7] {
			sum += coef[weekly-1]
		}
	}
	return sum / math.Max(days, 1)
}
