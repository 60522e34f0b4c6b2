package forecast

import "math"

// The ways in which a series forecasts.
const (
	quick = iota
	slow
	slowNear
	year
	yearNear
	fourWeeks
	eightWeeks
	share
	experts
)

// forecasts returns what each way says of the slots of a day so many days after the
// last one that was learnt; nil where a way has nothing to say. of is what is
// expected at the whole place, 0 if that is what is asked.
func (s *series) forecasts(d date, x []float64, of float64, campaigns []Campaign) (all [experts][]float64) {
	ahead := float64(d - s.Last)
	weekday := d.weekday()
	narrow, broad := s.Narrow.share(weekday), s.Broad.share(weekday)
	m := s.mean()
	far := s.Far.lean(1, 5*m)
	near := blendOf(far, s.Near.lean(far, 3*m), math.Exp2(-ahead/20))
	push := s.push(campaigns)
	base := push * math.Exp(clamp(dot(x[:plain], s.Slow.Coef), -5, 15))
	all[quick] = scaled(narrow, push*math.Exp(clamp(s.effect(x)+dot(x[:weekly], s.Quick.Coef), -5, 15)))
	all[slow] = scaled(broad, base*far)
	all[slowNear] = scaled(narrow, base*near)
	if s.yearly() {
		base := push * math.Exp(clamp(dot(x, s.Year.Coef), -5, 15))
		all[year] = scaled(broad, base)
		all[yearNear] = scaled(narrow, base*blendOf(1, s.YearNear.lean(1, 3*m), math.Exp2(-ahead/60)))
	}
	effect := s.effect(x) + math.Log(push)
	all[fourWeeks] = s.recent(weekday, 4, effect)
	all[eightWeeks] = s.recent(weekday, 8, effect)
	if of > 0 {
		all[share] = scaled(narrow, of*s.Share[weekday].lean(s.Share[7].lean(0, 1e-9), 3*of))
	}
	return all
}

// blendOf moves from one positive number towards another by a share, in logarithms.
func blendOf(from, to, share float64) float64 {
	if from <= 0 || to <= 0 {
		return from
	}
	return math.Exp((1-share)*math.Log(from) + share*math.Log(to))
}

func scaled(list []float64, by float64) []float64 {
	out := make([]float64, len(list))
	for i, x := range list {
		out[i] = x * by
	}
	return out
}

// recent is the mean of the last days of a weekday, without what was special about
// them, and with what is special about the day in question.
func (s *series) recent(weekday, days int, effect float64) []float64 {
	list := s.Recent[weekday]
	if len(list) == 0 {
		return nil
	}
	list = list[max(0, len(list)-days):]
	out := make([]float64, len(list[0].Counts))
	for _, p := range list {
		f := math.Exp(effect-p.Effect) / float64(len(list))
		for i, n := range p.Counts {
			out[i] += n * f
		}
	}
	return out
}
