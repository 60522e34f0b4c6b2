package blend

import "math"

// spans keep the stated range at 80 %: the distances from the median to either
// end are multiplied by factors that grow a little when an end was missed and
// shrink a very little when it was not, so that in the long run one in ten
// misses it whatever the place does (adaptive conformal inference, Gibbs and
// Candès 2021; Angelopoulos, Candès and Tibshirani 2023). A factor is a product
// of parts, so that the shares are right for the crowd, for short and long
// estimates, and for each class.
type spans struct {
	Hall   [halls]halves           `json:"hall"`
	Bucket [crowds][buckets]halves `json:"bucket"`
}

// halves are the logarithms of the factors for the lower and the upper end.
type halves [2]float64

const (
	crowds    = 4
	halls     = 8
	buckets   = 6
	spanStep  = 0.006
	spanBurst = 10.0 // waiting people at which the step is half
	spanBound = 1.5
	spanMiss  = 0.1
	slack     = 0.05 // of the spread: a range without width can grow too
)

// crowdOf tells apart who finds a free counter, nobody, others, and others of
// the same class.
func crowdOf(f *Features) int {
	switch {
	case f.Ahead > 0:
		return 3
	case f.Waiting > 0:
		return 2
	case f.Idle > 0:
		return 0
	}
	return 1
}

// bucketOf tells short from long estimates, by octaves of the mean visit.
func bucketOf(p50, visit float64) int {
	return max(0, min(buckets-1, 3+int(octave(p50, 1.4*visit))))
}

// hallOf tells a free counter, an empty place and crowds apart, those by
// doublings.
func hallOf(f *Features) int {
	switch {
	case f.Waiting > 0:
		return min(2+int(octave(float64(f.Waiting), 1)), halls-1)
	case f.Idle > 0:
		return 0
	}
	return 1
}

func (h *halves) move(end int, miss bool, step float64) {
	e := -spanMiss
	if miss {
		e++
	}
	h[end] = max(-spanBound, min(h[end]+step*e, spanBound))
}

func (h *halves) sound() bool { return within(h[0], spanBound) && within(h[1], spanBound) }

// correct widens or narrows the range around its median; all in units.
func (s *spans) correct(q *question, p [3]float64) [3]float64 {
	k := crowdOf(q.f)
	part := s.Bucket[k][bucketOf(p[1], q.visit)]
	for end := range part {
		part[end] += s.Hall[hallOf(q.f)][end]
		if q.class != nil {
			part[end] += q.class.Spans[end]
		}
	}
	more := slack * q.spread
	low := p[1] - math.Exp(part[0])*(p[1]-p[0]+more)
	return [3]float64{max(0, low), p[1], p[1] + math.Exp(part[1])*(p[2]-p[1]+more)}
}

// learn takes whether the ends that were said were missed. Outcomes come late,
// and those of a crowd come in bursts that share their luck: a quick step would
// overshoot.
func (s *spans) learn(q *question, said *Said, wait float64) {
	k := crowdOf(q.f)
	step := spanStep / (1 + float64(max(q.f.Waiting, 0))/spanBurst)
	bucket := &s.Bucket[k][bucketOf(said.Q[1]/q.unit, q.visit)]
	for end, miss := range [2]bool{wait < said.Q[0], wait > said.Q[2]} {
		s.Hall[hallOf(q.f)].move(end, miss, step)
		bucket.move(end, miss, step)
		if q.class != nil && q.regime == crowd {
			q.class.Spans.move(end, miss, step)
		}
	}
}

func (s *spans) sound() bool {
	ok := true
	for k := range s.Hall {
		ok = ok && s.Hall[k].sound()
	}
	for k := range s.Bucket {
		for i := range s.Bucket[k] {
			ok = ok && s.Bucket[k][i].sound()
		}
	}
	return ok
}
