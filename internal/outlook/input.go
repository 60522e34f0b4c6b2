package outlook

import (
	"time"

	"machi/internal/estimate/walk"
	"machi/internal/queue"
)

// Slots is the number of half hours of a day; slot 17 begins at 8:30.
const Slots = 48

// SlotLength is how long one is.
const SlotLength = 30 * time.Minute

// SlotOf returns the half hour that a time of day falls into, within the day.
func SlotOf(at time.Duration) int { return min(max(0, int(at/SlotLength)), Slots-1) }

// Limits of what is played.
const (
	MostFutures  = 1024
	MostVisitors = 6000 // of one future; who comes beyond is left out, and [Result.Cut] says so
	MostSpells   = 2000
	MostServices = 16 // whose lines fit a walk
	MostCounters = 64
)

// Input is a day of one office, or the rest of one, as it is expected.
type Input struct {
	From     time.Duration // when the play begins; nobody comes or is called before
	Opens    time.Duration // before which no advice opens a counter; 0: From
	Close    time.Duration // the end of the reception: nobody comes after
	Services []Service
	Spells   []Spell // when which counter is open
	Rule     queue.Rule
	Gap      *walk.Table // seconds from the end of a visit to the next call; nil: [DefaultGap]
	Swing    float64     // how unsure the day as a whole is: the coefficient of variation of a factor common to all services
	Now      *Now        // what is there at From; nil: nobody
	Futures  int         // 1 to [MostFutures]; 0: [DefaultFutures]
	Seed     uint64
	Share    float64 // of the visitors who are to be called within the target, for [Result.Kept]; 0: [DefaultShare]
}

// What holds where nobody says.
const (
	DefaultFutures = 48
	DefaultShare   = 0.8
)

// Service is what is expected of one service.
type Service struct {
	ID     queue.ServiceID
	Target time.Duration // until called; 0: no target, its visitors count as within it
	// Mean is how many come in each half hour.
	Mean  [Slots]float64
	Swing float64 // as [Input.Swing], of this service alone
	// Rough and Pace are how unsure Mean of each half hour and all times at the counter
	// are by themselves: coefficients of variation.
	Rough [Slots]float64
	Pace  float64
	// Known are visitors who come at known times, instead of Mean: those of a past day.
	Known []Visitor
	// Less is the share of those expected who do something else and do not come.
	Less float64
	// Priority is the share of visitors with priority.
	Priority   float64
	Talk       *walk.Table   // seconds at the counter; nil: eight minutes or so
	Processing *walk.Table   // seconds in the back office, where the service has a delivery
	Delivery   *walk.Table   // seconds at the delivery counter; nil: the service has none
	Absent     *walk.Shares  // called and not there, by waited time; nil: nobody
	Leave      *walk.Hazard  // leaving before the call; nil: nobody
	Missing    time.Duration // how long a counter calls for somebody who is not there; 0: a minute
}

// Visitor is one of a past day.
type Visitor struct {
	At       time.Duration
	Priority bool
	Talk     time.Duration // 0: drawn
}

// Spell is a stretch of time in which a counter is open.
type Spell struct {
	Counter  queue.CounterID
	Services []queue.ServiceID
	Own      []queue.ServiceID // that it serves before its others
	Stages   []queue.Stage     // of them; empty: the reception
	From, To time.Duration
}

// Now is what is there when the play begins.
type Now struct {
	Waiting    []Waiting
	Busy       []Busy
	Processing []Processing
	Run        int // priority tickets called in a row
}

// Waiting is somebody in a line.
type Waiting struct {
	Service  queue.ServiceID
	Stage    queue.Stage // empty: the reception
	Priority bool
	Since    time.Duration // may lie before [Input.From]
}

// Busy is a counter with somebody.
type Busy struct {
	Counter queue.CounterID
	Service queue.ServiceID
	Stage   queue.Stage
	Since   time.Duration
}

// Processing is somebody whose papers are in the back office.
type Processing struct {
	Service queue.ServiceID
	Since   time.Duration
}
