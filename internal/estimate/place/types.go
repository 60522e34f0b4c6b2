package place

import "time"

// Kind says what happened.
type Kind uint8

// The kinds of event.
const (
	Issue  Kind = iota // a ticket joins the line of its class
	Call               // a counter calls it
	Finish             // its service at the counter is over
	NoShow             // called, and nobody came
	Cancel             // left before the call
	Open               // a counter begins to work
	Close              // a counter stops: closed or paused
	Return             // a call undone: the ticket waits again
)

// Event is one thing that happened at an office. Counter and Visit may be empty.
type Event struct {
	At       time.Time
	Kind     Kind
	Ticket   string
	Class    string // the line: "service", or "service/delivery" for a later stage
	Priority bool
	Counter  string
	Visit    string // the same for all tickets of one visit
	// Unmeasured says that it teaches nothing: the service time of a Finish, the
	// leaving of a Cancel or a NoShow.
	Unmeasured bool
	Classes    []string // on Open: what the counter serves from now on; empty: as before
}

// Options are what is known of an office before its first event.
type Options struct {
	Skills  map[string][]string      // counter to the classes it serves; nil: learn them
	Prior   map[string]time.Duration // class to the expected service time; may be empty
	Lessons *Lessons                 // of the days before; nil: none
}

// Answer is the distribution of one wait in seconds: finite, never negative,
// ascending. The zero Answer is "unknown".
type Answer struct {
	Known              bool // otherwise the figures are a guess that people are not told
	P10, P50, P80, P90 float64
}

// Both are the answers for one ticket: until called and until finished.
type Both struct{ Called, Finished Answer }

// Answers are in the order of the Scene that was asked.
type Answers struct{ Waiting, Ask []Both }

// SeatState is what a counter is doing.
type SeatState uint8

// The states of a counter. The zero state is Closed.
const (
	Closed SeatState = iota
	Paused
	Opened
)

// Seat is one counter of a Scene.
type Seat struct {
	Counter string
	State   SeatState
	Classes []string  // what it serves; empty: what has been learnt of it
	Busy    string    // class of the ticket in service; empty: none
	Since   time.Time // when that ticket was called
	Idle    time.Time // when it became free, if it is
}

// Place is one ticket that waits, or a newcomer.
type Place struct {
	Ticket    string
	Class     string
	Priority  bool
	Issued    time.Time // when it joined; zero: now
	Only      string    // the one counter that may call it; empty: any that serves the class
	NotBefore time.Time // it is not called earlier: an appointment, somebody on the way
	Rest      []string  // classes still to come in this visit, in order: "finished" ends with them done
	// After says of one in Ask how many of Waiting are called before it.
	After int
	// Doing is the class of what one in Ask has to have behind it first, at a counter
	// or in the back office, and Since when that began; empty: nothing. Class may then
	// be empty too, and only "finished" is answered.
	Doing string
	Since time.Time
}

// Scene is an office at one moment, for Look.
type Scene struct {
	At      time.Time
	Seats   []Seat             // closed and paused ones too, so that learnt hours can bring them back
	Waiting []Place            // in the order of the calls
	Ask     []Place            // newcomers and whoever is being served, each alone; see After
	Unseen  map[string]float64 // class to the tickets that a machine without link has probably given
}
