package forecast

import "math"

// median returns the middle of what may come where so many are expected. Where few
// are, that is a whole number, as of a Poisson law.
func median(n float64) float64 {
	if n >= 8 {
		return n
	}
	return math.Floor(n + 1.0/3)
}

// likeliest returns which of the four quarters that quartiles part, 1 to 4, is the
// likeliest to hold what comes: n is expected, and 80 % of what may come lie between
// n-low and n+high.
func likeliest(q [3]float64, n, low, high float64) int {
	best, level, last := -1.0, 1, 0.0
	for i := range 4 {
		upTo := 1.0
		if i < len(q) {
			upTo = below(math.Floor(q[i])+.5, n, low, high)
		}
		if upTo-last > best+1e-9 {
			best, level = upTo-last, i+1
		}
		last = upTo
	}
	return level
}

// below returns how much of two half normal laws lies below x.
func below(x, n, low, high float64) float64 {
	const tenth = 1.2816 // standard deviations beyond which a tenth lies
	sd := high / tenth
	if x < n {
		sd = low / tenth
	}
	return .5 * math.Erfc(-(x-n)/math.Max(sd, 1e-3)/math.Sqrt2)
}
