package forecast

// shape is how a day's arrivals spread over its slots: counts per weekday that fade,
// leaning to those of all weekdays with the weight of Lean people.
type shape struct {
	Half, Lean float64
	Sum        [7][]float64
	All        []float64
	Last       date
}

func newShape(half, lean float64, slots int) *shape {
	s := &shape{Half: half, Lean: lean, All: make([]float64, slots)}
	for w := range s.Sum {
		s.Sum[w] = make([]float64, slots)
	}
	return s
}

func (s *shape) fade(days float64) {
	f := keep(days, s.Half)
	for i := range s.All {
		s.All[i] *= f
	}
	for w := range s.Sum {
		for i := range s.Sum[w] {
			s.Sum[w][i] *= f
		}
	}
}

// learn takes a day's counts, unknown ones as expected.
func (s *shape) learn(weekday int, counts []float64) {
	missing, seen := s.part(weekday, counts), total(counts)
	share := s.share(weekday)
	for i, n := range counts {
		if !known(n) {
			if missing <= .2 {
				continue
			}
			n = share[i] * seen / missing
		}
		s.All[i] += n
		s.Sum[weekday][i] += n
	}
}

// part returns the share of a usual day in the slots whose counts are known.
func (s *shape) part(weekday int, counts []float64) float64 {
	part := 0.0
	share := s.share(weekday)
	whole := true
	for i, n := range counts {
		if known(n) {
			part += share[i]
		} else {
			whole = false
		}
	}
	if whole || total(share) == 0 {
		return 1
	}
	return part
}

// share returns the spread, which adds up to one, or to zero while nothing is known.
func (s *shape) share(weekday int) []float64 {
	all, own := total(s.All), total(s.Sum[weekday])
	share := make([]float64, len(s.All))
	if all == 0 {
		return share
	}
	for i := range share {
		share[i] = (s.Sum[weekday][i] + s.Lean*s.All[i]/all) / (own + s.Lean)
	}
	return share
}

func total(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		if known(x) {
			sum += x
		}
	}
	return sum
}
