package place

import (
	"encoding/json"
	"math"
	"slices"

	"machi/internal/estimate/walk"
)

// sample keeps the newest values of a quantity, in the order they came and
// sorted. Values are kept to a tenth.
type sample struct {
	recent []float64
	sorted []float64
}

func (s *sample) add(x float64, size int) {
	x = math.Round(x*10) / 10
	if len(s.recent) >= size {
		old := s.recent[0]
		s.recent = append(s.recent[:0], s.recent[1:]...)
		i, _ := slices.BinarySearch(s.sorted, old)
		s.sorted = slices.Delete(s.sorted, i, i+1)
	}
	s.recent = append(s.recent, x)
	i, _ := slices.BinarySearch(s.sorted, x)
	s.sorted = slices.Insert(s.sorted, i, x)
}

func (s *sample) n() int { return len(s.sorted) }

// mean is summed in the order of time, so that a restored sample has the same
// mean to the bit.
func (s *sample) mean() float64 {
	sum := 0.0
	for _, x := range s.recent {
		sum += x
	}
	return sum / float64(max(1, len(s.recent)))
}

// quantile interpolates between the values; p in 0..1. The sample is not empty.
func (s *sample) quantile(p float64) float64 { return quantileOf(s.sorted, p) }

func quantileOf(sorted []float64, p float64) float64 {
	x := p*float64(len(sorted)) - 0.5
	i := int(math.Floor(x))
	if i < 0 {
		return sorted[0]
	}
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (x-float64(i))*(sorted[i+1]-sorted[i])
}

// table is the sample as a table for the walk.
func (s *sample) table() (t walk.Table) {
	for i := range t {
		t[i] = s.quantile((float64(i) + 0.5) / walk.Futures)
	}
	return t
}

// beyond draws from the sample given that it is above x: what is left of it. u
// is in 0..1. Past all experience the rest is exponential with the mean excess
// of the largest tenth.
func (s *sample) beyond(x, u float64) float64 {
	i, _ := slices.BinarySearch(s.sorted, math.Nextafter(x, math.Inf(1)))
	if left := s.sorted[i:]; len(left) >= 8 {
		return max(0, quantileOf(left, u)-x)
	}
	return -math.Log(1-u) * max(s.excess(), 0.3*x)
}

// excess is the mean excess of the largest tenth over where it begins.
func (s *sample) excess() float64 {
	if len(s.sorted) == 0 {
		return 60
	}
	top := s.sorted[len(s.sorted)*9/10:]
	sum := 0.0
	for _, x := range top {
		sum += x - top[0]
	}
	return max(1, sum/float64(len(top)))
}

// MarshalJSON writes the values in the order of time.
func (s sample) MarshalJSON() ([]byte, error) { return json.Marshal(append([]float64{}, s.recent...)) }

// UnmarshalJSON reads them.
func (s *sample) UnmarshalJSON(data []byte) error {
	s.recent = nil
	if err := json.Unmarshal(data, &s.recent); err != nil {
		return err
	}
	s.sorted = slices.Sorted(slices.Values(s.recent))
	return nil
}
