package office

import (
	"fmt"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// The limits of a core, each with its policy.
const (
	maxWaiting  = 256              // jobs that may wait; more are answered Overloaded
	maxAttempts = 5                // lost races of one batch; then Overloaded
	pageSize    = 500              // records per Read
	putBackSize = 200              // records per Append while repairing
	holdOff     = 2 * time.Second  // after a repair: other servers put back what they have
	leastStep   = time.Microsecond // between two moments of one log
	sessionSize = 6                // random bytes that name an origin's session
)

// CoreOptions say what a [Core] runs.
type CoreOptions struct {
	Office queue.OfficeID
	Date   queue.Date
	Server string          // origins are Server + "." + session
	Random func() [16]byte // for sessions, incarnations and ids of own commands
	// Journal is what the own disk remembers of this day, in the order it was seen.
	Journal []eventlog.Record
	// Replicated says that being in the log is not yet being safe: there are further
	// data nodes, and only an append that returns nil is on all of them.
	Replicated bool
	// OpenNow opens an empty day without waiting for a job, as soon as it is today.
	OpenNow bool
}

// stand is how the own head relates to the store's, as far as is known.
type stand int

const (
	unsure  stand = iota // the heads must be compared before anything is decided
	sure                 // the store stood at the own head when it was last seen
	behind               // the store has more of the same chain
	short                // the store has less of it
	forked               // the store has another history
	damaged              // the store has records that cannot be folded
)

// Core is the step machine of one office-day. It has one owner.
type Core struct {
	o      CoreOptions
	origin string
	now    time.Time
	out    []Output
	busy   bool // an output waits for its input

	// day is the newest known history. It is never applied to: what follows is
	// built on a clone, so that readers may keep what they were given.
	day  *day.Day
	at   time.Time // when the store was last seen at the day's head
	keep []eventlog.Record
	// extra are bodies that the journal holds beside the day's own chain.
	extra    [][]byte
	settings *queue.Settings

	stand  stand
	ask    bool          // compare the heads at the next chance
	follow bool          // read on at the next chance
	cause  error         // while damaged: why
	seen   eventlog.Head // while short: how far the store has come
	merge  *rebuild      // while forked
	hold   time.Time     // nothing is decided before
	rest   bool          // the journal or the settings failed: no further try before the next second or job
	told   string        // the newest notice of trouble, so that it is given once

	waiting  []*Job
	batch    *batch
	attempts int
	unsafe   map[queue.CommandID]bool // in the log, but not on every data node
	safe     time.Time                // of the newest entry that was appended here to every data node
	stats    Stats
}

// NewCore returns a core that knows what its journal knows. It decides nothing
// before it has seen the store.
func NewCore(o CoreOptions) *Core {
	c := &Core{o: o, ask: true, unsafe: map[queue.CommandID]bool{}}
	c.day, c.extra = recall(o.Journal)
	c.beginSession()
	return c
}

// beginSession names a new origin, whose chain begins at 1: what this server wrote
// before may continue in a history that it has not seen.
func (c *Core) beginSession() {
	random := c.o.Random()
	c.origin = fmt.Sprintf("%s.%x", c.o.Server, random[:sessionSize])
}

// Day returns the newest history that is safe to show. It is never changed.
func (c *Core) Day() *day.Day {
	if d, bug := c.shownFirst(); bug {
		return d
	}
	return c.day
}

// At returns when the store was last seen to stand at the day's head.
func (c *Core) At() time.Time { return c.at }

// Doubt reports whether the position is in doubt, so that nothing is decided.
func (c *Core) Doubt() bool {
	return c.stand != sure || c.now.Before(c.hold)
}

// Waiting returns how many jobs wait for their answers.
func (c *Core) Waiting() int {
	if c.batch == nil {
		return len(c.waiting)
	}
	return len(c.waiting) + len(c.batch.jobs)
}

// Stats returns what the core has met.
func (c *Core) Stats() Stats { return c.stats }

// Step tells the core what happened at a moment and returns what is to be done.
func (c *Core) Step(now time.Time, in Input) []Output {
	c.now, c.out = now, nil
	c.take(in)
	for !c.busy && c.advance() {
	}
	return c.out
}

func (c *Core) take(in Input) {
	switch in := in.(type) {
	case Submit:
		c.submit(in.Jobs)
	case Cancel:
		c.cancel(in.Job)
	case Second:
		c.second()
	case Rung:
		c.follow = c.follow || in.After >= c.day.Head().Number
	case HeadSeen:
		c.busy = false
		c.headSeen(in)
	case Followed:
		c.busy = false
		c.followed(in)
	case Appended:
		c.busy = false
		c.appended(in.Err)
	case Kept:
		c.busy = false
		c.kept(in.Err)
	case Settings:
		c.busy = false
		c.opening(in)
	}
}

// advance does the next thing that can be done without waiting. It reports false
// when there is none. The order is the rule of the package: what is known is kept,
// the position is cleared up, and only then is anything decided.
func (c *Core) advance() bool {
	switch {
	case len(c.keep) > 0 && !c.rest:
		return c.request(Keep{c.keep})
	case c.stand == behind:
		return c.request(Read{c.day.Head().Number, pageSize})
	case c.stand == short:
		return c.putBack()
	case c.stand == forked:
		return c.rebuild()
	case c.ask || c.stand == unsure && len(c.waiting) > 0:
		c.ask = false
		return c.request(AskHead{})
	case c.stand != sure:
		return c.refuseAll(InDoubt, c.cause)
	case c.follow:
		c.follow = false
		return c.request(Read{c.day.Head().Number, pageSize})
	}
	return c.work()
}

// work decides, now that the position is clear.
func (c *Core) work() bool {
	wanted := len(c.waiting) > 0 || len(c.extra) > 0
	switch {
	case c.now.Before(c.hold):
		return c.refuseAll(InDoubt, nil)
	case len(c.keep) > 0:
		return c.refuseAll(StoreUnreachable, nil)
	case c.day.State().Opened():
		return wanted && c.decide()
	case !wanted && !(c.o.OpenNow && queue.BusinessDay(c.now) == c.o.Date):
		return false
	case c.settings != nil:
		return c.decide()
	}
	return !c.rest && c.request(BringSettings{})
}

// request puts out what will be answered by an input.
func (c *Core) request(o Output) bool {
	c.busy = true
	c.out = append(c.out, o)
	return true
}

func (c *Core) notice(what string, records int, err error) {
	c.out = append(c.out, Notice{what, records, err})
}

// trouble gives a notice once, until things are well again.
func (c *Core) trouble(what string, err error) {
	if c.told != what {
		c.notice(what, 0, err)
	}
	c.told = what
}

func (c *Core) second() {
	c.ask, c.rest = true, false
	c.lapse()
}

// lapse submits a tick when something lapses with time.
func (c *Core) lapse() {
	next, ok := c.day.State().NextTick()
	if !ok || c.now.Before(next) || c.stand != sure || c.Waiting() > 0 {
		return
	}
	c.waiting = append(c.waiting, c.ownJob(queue.Tick{}))
}

// ownJob wraps a command of the core's own.
func (c *Core) ownJob(command queue.Command) *Job {
	return &Job{Request: Request{
		ID:      queue.CommandID(fmt.Sprintf("%x", c.o.Random())),
		Actor:   queue.Actor{Role: queue.RoleSystem, ID: c.o.Server},
		Command: command,
	}}
}

// refuseAll answers every waiting job that the office is unavailable.
func (c *Core) refuseAll(code string, cause error) bool {
	jobs := c.waiting
	if c.batch != nil {
		jobs = append(c.batch.jobs, jobs...)
	}
	c.waiting, c.batch, c.attempts = nil, nil, 0
	for _, j := range jobs {
		c.answer(j, Reply{}, unavailable(code, cause))
	}
	return false
}

func (c *Core) answer(j *Job, r Reply, err error) {
	c.out = append(c.out, Answer{j, r, err})
}
