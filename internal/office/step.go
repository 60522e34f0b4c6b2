package office

import (
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Input is something that happened to a [Core]. The set is sealed.
type Input interface{ input() }

// The inputs. Those with an Err answer the output of the matching name, and only
// then may they come.
type (
	// Submit brings jobs; those that come together are decided together.
	Submit struct{ Jobs []*Job }
	// Cancel takes a job back, unless it is being decided. It is not answered.
	Cancel struct{ Job *Job }
	// Second says that time went on: the heads are to be compared, and what lapses
	// with time lapses. It comes about once a second.
	Second struct{}
	// Rung says that the log may be longer than After.
	Rung struct{ After int64 }
	// HeadSeen answers AskHead.
	HeadSeen struct {
		Head eventlog.Head
		Err  error
	}
	// Followed answers Read. Records before the damage come with an ErrCorrupt.
	Followed struct {
		Records []eventlog.Record
		Err     error
	}
	// Appended answers Append.
	Appended struct{ Err error }
	// Kept answers Keep.
	Kept struct{ Err error }
	// Settings answers BringSettings.
	Settings struct {
		Settings queue.Settings
		Err      error
	}
)

// Output is something that a [Core] wants done. The set is sealed. Of AskHead,
// Read, Append, Keep and BringSettings at most one is under way at a time; answer
// it before, or together with, whatever else happens.
type Output interface{ output() }

// The outputs.
type (
	// AskHead asks for the store's head.
	AskHead struct{}
	// Read asks for up to Limit records with numbers above After.
	Read struct {
		After int64
		Limit int
	}
	// Append is to be passed to the log as it is.
	Append struct {
		After   eventlog.Head
		Records []eventlog.Record
	}
	// Keep is to be made safe in the server's own journal.
	Keep struct{ Records []eventlog.Record }
	// BringSettings asks for the settings with which the day is to be opened.
	BringSettings struct{}
	// Answer is the end of a job.
	Answer struct {
		Job   *Job
		Reply Reply
		Err   error
	}
	// Notice is for the operator's log.
	Notice struct {
		What    string
		Records int
		Err     error
	}
)

func (Submit) input()   {}
func (Cancel) input()   {}
func (Second) input()   {}
func (Rung) input()     {}
func (HeadSeen) input() {}
func (Followed) input() {}
func (Appended) input() {}
func (Kept) input()     {}
func (Settings) input() {}

func (AskHead) output()       {}
func (Read) output()          {}
func (Append) output()        {}
func (Keep) output()          {}
func (BringSettings) output() {}
func (Answer) output()        {}
func (Notice) output()        {}

// Stats count what a [Core] met since it was made.
type Stats struct {
	Conflicts int // appends that lost a race
	PutBack   int // records of a lost tail that were put back in their places
	Facts     int // records that went into another history as facts
	Forks     int // times that the store showed another history
	Lost      int // records that could not be put back: their origin has forked
}
