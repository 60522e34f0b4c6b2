package promise

import (
	"slices"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/told"
)

// Fate is what became of a promise.
type Fate uint8

// The fates. Only Kept, Early and Late are compared.
const (
	Kept      Fate = iota // called within the range
	Early                 // called before it
	Late                  // called after it
	Gone                  // left, or was sent elsewhere, before a call
	Untold                // no range was given: the wait was not known
	Endless               // a range without an upper end was given
	Postponed             // the visitor asked to be called later
	Uncertain             // a moment had to be guessed
)

// Told is one promise: what a visitor was told, and what became of it.
type Told struct {
	Service   queue.ServiceID
	At        time.Time     // when it was said
	Low, High time.Duration // as it was shown
	Middle    time.Duration // of the estimate: as likely too long as too short
	Fate      Fate
	// Waited is the time until the first call; of who left before, until then.
	Waited time.Duration
	Came   bool // to the first call
}

// Compared reports whether the promise was kept or broken, rather than counted
// apart.
func (t Told) Compared() bool { return t.Fate <= Late }

// Of returns the promise that a visit began with.
func Of(v history.Visit) Told {
	t := Told{Service: v.Service, At: v.Issued}
	if len(v.Legs) > 0 {
		t.Service = v.Legs[0].Service
		t.Came = v.Legs[0].Outcome != history.NoShow
	}
	if v.Told == nil || v.Told.High <= 0 {
		t.Fate = Untold
		return t
	}
	shown := told.Of(v.Told.Low, v.Told.High)
	t.Low, t.High = time.Duration(shown.Low)*time.Minute, time.Duration(shown.High)*time.Minute
	t.Middle = v.Told.P50
	t.Fate, t.Waited = fate(v, t, shown.Words().Kind)
	return t
}

func fate(v history.Visit, t Told, said told.Kind) (Fate, time.Duration) {
	waited, called := v.Waited()
	if !called {
		waited = max(0, v.Ended.Sub(v.Issued))
	}
	switch {
	case said == told.Unknown:
		return Untold, waited
	case said == told.OrMore:
		return Endless, waited
	case uncertain(v):
		return Uncertain, waited
	case v.Later > 0:
		return Postponed, waited
	case !called:
		return Gone, waited
	case waited < t.Low:
		return Early, waited
	case waited > t.High:
		return Late, waited
	}
	return Kept, waited
}

// uncertain reports whether the wait until the first call was not measured: the
// ticket's own moment was guessed, or a clerk without link noted the visit
// afterwards by its number alone.
func uncertain(v history.Visit) bool {
	if slices.Contains(v.Flags, queue.FlagClock) || v.Issued.IsZero() {
		return true
	}
	if len(v.Legs) == 0 {
		return false
	}
	first := v.Legs[0]
	return first.Unmeasured && !first.Called.IsZero() && first.Called.Equal(first.Finished)
}
