package walk

import "math"

// Lines is how many lines a hall can have.
const Lines = 64

// Never is the moment of what does not happen.
var Never = math.Inf(1)

// Spell is a time in which a counter is closed, in seconds from now.
type Spell struct{ From, To float64 }

// Seat is a counter.
type Seat struct {
	Lines [Futures]uint64  // bit i: it calls from line i
	Free  [Futures]float64 // when it can call next, in seconds from now; Never if it does not
	Hours [Futures][]Spell // when it is closed, ascending
	Pace  float64          // its service times in those of others; 0 means 1
}

// Kind is what is known of the visits of one class.
type Kind struct {
	Service *Table
	Leave   *Hazard // leaving before the call; nil: nobody does
	Absent  *Shares // called and not there; nil: nobody
}

// Job is one ticket that waits.
type Job struct {
	Key     float64 // whoever has the least is called first
	Release float64 // it is not called before, in seconds from now
	Age     float64 // how long it has waited, in seconds
	Stayed  float64 // the hazard of leaving that it has stood already: Hazard.At(Age)
	Chance  float64 // that it is there at all; 0: it is
	Kind    int32   // index into Hall.Kinds
	ID      int32   // row of Hall.Waits
}

// Line is a line of tickets that are called in this order.
type Line struct {
	Jobs []Job
	// Newcomers that will be called before others who wait already: their rate
	// per second (0: none), the least Key they can have at once, and their Kind.
	Rate float64
	Key  float64
	Kind int32
	// Probe asks when somebody with ProbeKey, who takes no counter from the
	// others, would be called from this line.
	Probe    bool
	ProbeKey float64
}

// Hall is one moment of an office in numbers, with the buffers of its walk.
type Hall struct {
	Seats []Seat
	Lines []Line
	Kinds []Kind
	Gap   Table // from the end of one visit to the next call, while people wait
	// ProbesOnly ends a future as soon as all probes are answered.
	ProbesOnly bool
	Missing    Table // how long a counter calls for somebody who is not there

	Waits  [][Futures]float64      // by job: when it is called, in seconds from now, or would be if it stayed
	Probes [Lines][Futures]float64 // by line, if it has a probe

	free []float64
	next []int // by seat: the first spell not over yet
	// By line, in one future: how many have been called, the key of the first and
	// when it can be, which lines have one, and the newcomers.
	head    [Lines]int
	key     [Lines]float64
	release [Lines]float64
	alive   uint64
	late    [Lines]float64 // when the next newcomer comes
	nth     [Lines]int     // how many have come
}
