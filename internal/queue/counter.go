package queue

import "time"

// CounterState is whether a counter serves.
type CounterState string

// The states of a counter.
const (
	CounterClosed CounterState = "closed"
	CounterOpen   CounterState = "open"
	CounterPaused CounterState = "paused"
)

// Counter is a numbered place where one member of staff serves. Like tickets,
// counters are replaced, never changed in place.
type Counter struct {
	ID       CounterID
	State    CounterState
	Services []ServiceID // that it serves now
	Own      []ServiceID
	Stages   []Stage
	Remote   bool
	Staff    string // who opened it
	Ticket   TicketID
	Reason   string // of the pause
	Since    time.Time
	Help     string // what help it asks for; empty when none
	HelpAt   time.Time
}

// ServiceStatus is whether a service takes tickets.
type ServiceStatus struct {
	State   string // accepting, paused or closed
	Message string
	Since   time.Time
}

// The states of a service and of an office.
const (
	Accepting = "accepting"
	Paused    = "paused"
	Stopped   = "closed"
)

// Call is a number that was called, for the wall.
type Call struct {
	Ticket  TicketID
	Number  Number
	Counter CounterID
	Line    Line
	At      time.Time
	Times   int // 1 for the call, 2 for the first recall, ...
}
