package history

import (
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Source is where a table comes from.
type Source string

// The sources.
const (
	FromLog    Source = "log"    // of the day's own records
	FromImport Source = "import" // of the log of another system
)

// Day is the table of one office's closed business day. Its moments are whole
// milliseconds in JST.
type Day struct {
	Office queue.OfficeID
	Date   queue.Date
	Source Source
	// Made is the version of the rules by which the table was made of a log, see
	// [Making]; 0 for imports.
	Made int
	// Head is the position of the log that the table was made of; zero for imports.
	Head eventlog.Head
	// Revision counts how often the table was made again: 0 for the first.
	Revision int
	// Late are the dates whose lessons were fixed before the table was as it is, the
	// first and the last; empty when none was.
	Late   [2]queue.Date
	Visits []Visit // by Issued, then Number
	Spells []Spell // by From, then Counter
}

// Visit is one ticket on its way through the office.
type Visit struct {
	Number      queue.Number // on the paper; tables have no other name for a ticket
	Service     queue.ServiceID
	Channel     queue.Channel
	Priority    bool // as it was at the end
	Issued      time.Time
	Appointment time.Time // zero for a walk-in
	Told        *Told     // nil: nothing, or "unknown"
	FirstCall   time.Time // that the visitor heard; zero: that of the legs, if any
	Legs        []Leg     // in time order, at least one
	Outcome     Outcome   // of the last leg
	Ended       time.Time // when the visit was over
	Flags       []queue.Flag
	Later       int // how often the visitor asked for more time
	// Arrived is when the holder of a ticket from home checked in; zero: never, or came
	// before the issue. It and the counts behind it are of tables of [Making] 2 or newer.
	Arrived  time.Time
	Restored int // how often the visit went on after a call that nobody answered
	Recalled int // how often a call was repeated
	Moved    int // how often it was sent to another line
}

// Told is what the visitor was told at the issue: the wait until the first call.
type Told struct {
	Ahead          int
	Low, P50, High time.Duration
}

// Leg is one time in one line: from joining it to leaving the counter, or the line.
// Moments that never came are zero.
type Leg struct {
	Service    queue.ServiceID
	Stage      queue.Stage
	Joined     time.Time
	Called     time.Time // the call that led to the end; the first, where it was repeated
	Started    time.Time
	Finished   time.Time // also when nobody came, or who waited left
	Counter    queue.CounterID
	Outcome    Outcome
	Unmeasured bool // the service time teaches nothing
}

// Outcome is how a leg or a visit ended.
type Outcome string

// The outcomes.
const (
	Served  Outcome = "served"
	NoShow  Outcome = "no_show" // called, and nobody came
	Left    Outcome = "left"    // withdrawn, or sent to another line, before a call led to service
	Expired Outcome = "expired" // the day ended first
)

// Spell is one stretch of time in which a counter was open.
type Spell struct {
	Counter  queue.CounterID
	Services []queue.ServiceID // that it served; may be empty
	Stages   []queue.Stage     // of them; empty: the reception
	From, To time.Time
}

// FlagNeverCame marks a visit whose number was taken from home by somebody who never
// checked in, until it lapsed. Only tables have it.
const FlagNeverCame queue.Flag = "never_came"

// NeverCame reports whether the number lapsed because nobody came with it: such a visit
// was not left waiting.
func (v Visit) NeverCame() bool { return slices.Contains(v.Flags, FlagNeverCame) }

// Came returns when the visitor came: of who took a number at home, the check-in.
func (v Visit) Came() time.Time {
	if v.Arrived.After(v.Issued) {
		return v.Arrived
	}
	return v.Issued
}

// Stood returns the time from coming to the first call; false: never called, or only
// later because the visitor asked for it.
func (v Visit) Stood() (time.Duration, bool) {
	called, ok := v.Called()
	if !ok || v.Later > 0 {
		return 0, false
	}
	return max(0, called.Sub(v.Came())), true
}

// Called returns the moment of the first call; false: never called.
func (v Visit) Called() (time.Time, bool) {
	if !v.FirstCall.IsZero() {
		return v.FirstCall, true
	}
	for _, l := range v.Legs {
		if !l.Called.IsZero() {
			return l.Called, true
		}
	}
	return time.Time{}, false
}

// Waited returns the time from the issue to the first call; false: never called.
func (v Visit) Waited() (time.Duration, bool) {
	called, ok := v.Called()
	if !ok {
		return 0, false
	}
	return max(0, called.Sub(v.Issued)), true
}
