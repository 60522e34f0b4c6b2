package walk

import "math"

// Futures is how many futures are played.
const Futures = 96

// rows is how many different orders of the strata there are; a prime, so that
// walking it in any stride meets them all.
const rows = 1021

// strata holds in each row a shuffle of 0..Futures-1.
var strata = shuffles()

// shuffles makes the table with a fixed seed.
func shuffles() *[rows][Futures]uint8 {
	var t [rows][Futures]uint8
	seed := uint64(0x6d61636869) // any fixed number does
	next := func() uint64 {      // splitmix64 (Steele, Lea and Flood 2014)
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	for i := range t {
		for f := range t[i] {
			j := next() % uint64(f+1)
			t[i][f] = t[i][j]
			t[i][j] = uint8(f)
		}
	}
	return &t
}

// Stratum returns which of the Futures equal slices of probability thing row
// falls into in future f. Over all futures each slice is met once.
//
//go:norace
func Stratum(row, f int) int { return int(strata[row%rows][f]) }

// Uniform is the middle of that slice, a number between 0 and 1.
//
//go:norace
func Uniform(row, f int) float64 { return (float64(Stratum(row, f)) + 0.5) / Futures }

// Table is a distribution as the quantiles in the middles of the slices.
type Table [Futures]float64

// At draws from the table.
//
//go:norace
func (t *Table) At(row, f int) float64 { return t[Stratum(row, f)] }

// unit is the exponential distribution with mean 1.
var unit = exponential()

func exponential() (t Table) {
	for i := range t {
		t[i] = -math.Log(1 - (float64(i)+0.5)/Futures)
	}
	return t
}

// Mean is the mean of the distribution.
//
//go:norace
func (t *Table) Mean() float64 {
	sum := 0.0
	for _, x := range t {
		sum += x
	}
	return sum / Futures
}
