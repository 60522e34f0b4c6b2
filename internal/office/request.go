package office

import (
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Request is a command with the id under which it happens at most once.
type Request struct {
	ID          queue.CommandID
	Actor       queue.Actor
	Personal    bool   // the actor is a person who acts for nobody else
	Fingerprint string // of the request behind the id; empty: not compared
	Command     queue.Command
	// OnlyRepeat asks what became of the command, and does it no more where it did
	// not happen: [ErrTooLate].
	OnlyRepeat bool
}

// Result is what a request came to.
type Result struct {
	// Outcome is nil for a command that caused nothing.
	Outcome *queue.Outcome
	View    View
	// Repeated says that the command had happened before this request.
	Repeated bool
	// Unconfirmed says that the command is in the log, but that a failover, or the
	// loss of one disk, could still take it away.
	Unconfirmed bool
}

// View is what a server knows of an office-day.
type View struct {
	Office queue.OfficeID
	Date   queue.Date
	State  *queue.State // immutable, never nil; not opened before the day's first record
	Head   eventlog.Head
	// Day is the day with its records up to Head, for whoever follows them; nil: not at hand.
	Day *day.Day
	// At is when the store was last seen to stand at Head; zero: not yet.
	At time.Time
	// Doubt says that the store does not answer, or is being repaired.
	Doubt bool
}

// Job is one thing that a [Core] is asked to do: a request, or facts to merge. It
// is answered exactly once, unless it is cancelled. Nobody changes it meanwhile.
type Job struct {
	Request Request
	// Facts are encoded bodies of one origin, in its order. With them there is no
	// request.
	Facts [][]byte
	// Allow, where set, may refuse a fact; then none of the job's facts is merged.
	Allow func(queue.Entry) error

	tried  bool // its outcome was unclear before
	looked bool // the store was read after it came
}

// Reply is the answer to a job.
type Reply struct {
	Outcome     *queue.Outcome // of a request
	Origin      day.Origin     // of facts: how far their origin has come
	Repeated    bool
	Unconfirmed bool
}
