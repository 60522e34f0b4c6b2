package walk

import "math"

// Edges are the waited times, in seconds, between which leaving is told apart:
// fine where a telephone caller gives up, coarse where a visitor does.
var Edges = [...]float64{0, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960, 1440, 1920, 2880, 3840, 5400, 7200, 9600, 12800, 17000}

// Buckets is how many of them there are.
const Buckets = len(Edges)

// Bucket returns the bucket of a waited time.
//
//go:norace
func Bucket(waited float64) int {
	lo, hi := 0, Buckets
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; Edges[mid] <= waited {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// Hazard is the rate of leaving per second, constant within a bucket, with its
// sum up to each edge.
type Hazard struct{ Rate, Sum [Buckets]float64 }

// Add fills the sums from the rates.
func (h *Hazard) Add() {
	for i := 1; i < Buckets; i++ {
		h.Sum[i] = h.Sum[i-1] + h.Rate[i-1]*(Edges[i]-Edges[i-1])
	}
}

// At is the cumulative hazard after a wait.
//
//go:norace
func (h *Hazard) At(waited float64) float64 { return h.in(Bucket(waited), waited) }

//go:norace
func (h *Hazard) in(bucket int, waited float64) float64 {
	return h.Sum[bucket] + h.Rate[bucket]*(waited-Edges[bucket])
}

// After draws the moment of the event, given that it has not come until waited:
// what is left till then. u is in 0..1.
//
//go:norace
func (h *Hazard) After(waited, u float64) float64 {
	want := h.At(waited) - math.Log(1-u)
	b := Bucket(waited)
	for b+1 < Buckets && h.Sum[b+1] < want {
		b++
	}
	t := Edges[b] + (want-h.Sum[b])/h.Rate[b] - waited
	if t < Edges[1] {
		return 0 // logs tell whole seconds: as good as at once
	}
	return t
}

// Shares is the probability of not being there when called, by waited time.
type Shares [Buckets]float64
