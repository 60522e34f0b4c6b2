package promise

import (
	"slices"
	"time"
)

// Enough is how many promises a share is said of. Of fewer only the counts are
// told: one person more would change the share by more than five in a hundred.
const Enough = 20

// Sample is what became of a number of promises that were compared.
type Sample struct {
	People, Kept, Early, Late int
	// Half and Most say how much longer than the upper end those waited who were
	// called late: half of them at most Half, nine in ten at most Most. Zero where
	// nobody was.
	Half, Most time.Duration
}

// Enough reports whether shares of the sample may be told.
func (s Sample) Enough() bool { return s.People >= Enough }

// Percent returns the shares in percent. They add up to 100 and are rounded against
// the one who made the promises: what was kept down, what was late up.
func (s Sample) Percent() (kept, early, late int) {
	if s.People == 0 {
		return 0, 0, 0
	}
	kept = s.Kept * 100 / s.People
	late = (s.Late*100 + s.People - 1) / s.People
	return kept, 100 - kept - late, late
}

// sampleOf counts promises; those that are not compared are passed over.
func sampleOf(list []Told) Sample {
	var s Sample
	var over []time.Duration
	for _, t := range list {
		switch t.Fate {
		case Kept:
			s.Kept++
		case Early:
			s.Early++
		case Late:
			s.Late++
			over = append(over, t.Waited-t.High)
		case Gone, Untold, Endless, Postponed, Uncertain:
			continue
		}
		s.People++
	}
	slices.Sort(over)
	s.Half, s.Most = atMost(over, 1, 2), atMost(over, 9, 10)
	return s
}

// atMost returns the smallest value that n of every of do not exceed, in a sorted
// list; zero for an empty one.
func atMost(sorted []time.Duration, n, of int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*n+of-1)/of-1]
}
