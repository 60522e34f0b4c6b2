package alert

import (
	"slices"
	"time"
)

// Kind is what an alert is about.
type Kind string

// The kinds.
const (
	Nobody  Kind = "nobody"  // people wait and no counter is open for them
	Help    Kind = "help"    // a counter asks for help and nobody answers
	Machine Kind = "machine" // a ticket machine cannot do its work
	Screen  Kind = "screen"  // a wall screen is dark, or shows what is old
	Long    Kind = "long"    // the wait is too long
	Growing Kind = "growing" // a line grows so that the wait will be too long soon
	Slow    Kind = "slow"    // visits suddenly take longer than they did today
	Ahead   Kind = "ahead"   // the wait is expected to be too long within hours
	Care    Kind = "care"    // a ticket machine works on, but somebody should look
	Unknown Kind = "unknown" // nobody can say how long the wait is
)

// Kinds are all kinds, the most urgent first.
var Kinds = []Kind{Nobody, Help, Machine, Long, Screen, Slow, Growing, Ahead, Care, Unknown}

// Urgent reports whether somebody should act now; otherwise soon.
func (k Kind) Urgent() bool {
	switch k {
	case Nobody, Help, Machine, Screen, Long:
		return true
	}
	return false
}

// Escalation is whom an urgent alert is told that nobody has taken over.
type Escalation struct {
	After time.Duration // since it began, or was put off until
	Mail  []string      // addresses; none: the page and webhooks alone
}

// Rules say when an office's alerts begin.
type Rules struct {
	Off []Kind // that do not begin
	// Longest is the wait from which it is too long; zero: the calling rule's guarantee,
	// or an hour where it has none.
	Longest time.Duration
	Nobody  time.Duration // for which nobody may call a line
	Help    time.Duration // for which a call for help may stand
	Growth  int           // people more within a quarter of an hour make a line that grows
	Slow    float64       // visits so many times as long as before are a shock
	Steps   []Escalation  // in the order of their times
}

// Usual are the rules of an office that has none of its own.
func Usual() Rules {
	return Rules{Nobody: 2 * time.Minute, Help: time.Minute, Growth: 5, Slow: 1.6, Steps: []Escalation{{After: 10 * time.Minute}}}
}

// On reports whether alerts of a kind begin.
func (r Rules) On(k Kind) bool { return !slices.Contains(r.Off, k) }

// longest returns the wait that is too long.
func (r Rules) longest(guarantee time.Duration) time.Duration {
	switch {
	case r.Longest > 0:
		return r.Longest
	case guarantee > 0:
		return guarantee
	}
	return time.Hour
}
