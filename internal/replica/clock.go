package replica

import (
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Now is what a machine's own clocks say at one instant.
type Now struct {
	Wall      time.Time
	Monotonic time.Duration // since the boot; keeps step with Wall, also in a rehearsal
	Boot      string        // id of the boot
	// Timer measures pauses and deadlines. It is Monotonic, but for a rehearsal
	// with a faster clock: people and networks stay as slow as they are.
	Timer time.Duration
}

const (
	// maxJump is how far a clock may be ahead of the last known moment when the
	// machine starts without a contact; beyond it nobody knows what day it is.
	maxJump = 26 * time.Hour
	// slack forgives a clock that starts a little behind the last known moment.
	slack = 2 * time.Minute
	// rebootError bounds the error of a battery clock since the last contact.
	rebootError = 30 * time.Second
	// drift bounds how fast a quartz goes wrong: 200 ppm, 5.8 s in 8 hours.
	driftPer = 5000
)

// Contact is a measurement of the server's clock. It is kept on disk.
type Contact struct {
	Boot      string        `json:"boot"`
	Monotonic time.Duration `json:"monotonic"` // when it was measured
	Moment    time.Time     `json:"moment"`    // the server's clock then
	Offset    time.Duration `json:"offset"`    // server's clock minus the own one
	Error     time.Duration `json:"error"`     // half the round trip
}

// Clock is what a machine believes about the time: the server's clock as of the
// last contact, carried on by its own monotonic clock, or by its battery clock
// across a restart. Its moments and its business day never go back.
type Clock struct {
	contact *Contact
	anchor  *anchor // ties this boot's monotonic clock to a believed moment
	last    time.Time
	day     queue.Date
}

type anchor struct {
	boot   string
	mono   time.Duration
	moment time.Time
	err    time.Duration
}

// Resume tells a new Clock what an earlier run kept: the last contact, if any,
// the last moment that was used and the business day.
func (c *Clock) Resume(contact *Contact, last time.Time, day queue.Date) {
	if contact != nil {
		c.contact = contact
		c.last = later(c.last, contact.Moment)
		c.day = max(c.day, queue.BusinessDay(contact.Moment))
	}
	c.last = later(c.last, last)
	c.day = max(c.day, day)
}

// Meet takes the server's clock, which an exchange that began at sent and ended
// at now brought, and returns the measurement.
func (c *Clock) Meet(sent, now Now, server time.Time) Contact {
	half := max(0, now.Monotonic-sent.Monotonic) / 2
	moment := server.Add(half).Round(0)
	c.contact = &Contact{
		Boot: now.Boot, Monotonic: now.Monotonic, Moment: moment,
		Offset: moment.Sub(now.Wall.Round(0)), Error: half,
	}
	c.anchor = &anchor{now.Boot, now.Monotonic, moment, half}
	return *c.contact
}

// Reading is one look at a [Clock].
type Reading struct {
	At  time.Time  // never before an earlier reading's that was used
	Day queue.Date // business day; never goes back
	// Guessed says that nothing supports the clock: At is only a place in the
	// order, and neither At nor Day may be printed.
	Guessed bool
	Error   time.Duration
	Block   *eventlog.Clock // for the body
}

// Read reads the clock.
func (c *Clock) Read(now Now) Reading {
	r := Reading{At: c.last, Day: c.day, Guessed: true, Error: maxJump, Block: c.block(now)}
	if at, err, ok := c.believe(now); ok {
		r.At, r.Error, r.Guessed = later(at, c.last), err, false
		r.Day = max(c.day, queue.BusinessDay(r.At))
	}
	if r.Day == "" {
		r.Day = queue.BusinessDay(now.Wall)
	}
	if r.At.IsZero() {
		r.At = now.Wall
	}
	r.At = r.At.In(queue.JST).Round(0)
	return r
}

// Use says that a reading went into a record: no later one may lie before it.
func (c *Clock) Use(r Reading) {
	c.last = later(c.last, r.At)
	c.day = max(c.day, r.Day)
}

// believe returns the moment that the evidence supports, with its error.
func (c *Clock) believe(now Now) (time.Time, time.Duration, bool) {
	if c.anchor == nil || c.anchor.boot != now.Boot {
		c.anchor = c.plausible(now)
	}
	if c.anchor == nil {
		return time.Time{}, 0, false
	}
	elapsed := max(0, now.Monotonic-c.anchor.mono)
	return c.anchor.moment.Add(elapsed), c.anchor.err + elapsed/driftPer, true
}

// plausible ties this boot to the wall clock, corrected as it was at the last
// contact, if it is neither behind the last known moment nor far ahead of it.
func (c *Clock) plausible(now Now) *anchor {
	if c.contact == nil {
		return nil
	}
	wall := now.Wall.Add(c.contact.Offset).Round(0)
	if wall.Before(c.last.Add(-slack)) || wall.After(c.last.Add(maxJump)) {
		return nil
	}
	return &anchor{now.Boot, now.Monotonic, wall, rebootError}
}

func (c *Clock) block(now Now) *eventlog.Clock {
	b := &eventlog.Clock{Boot: now.Boot, Monotonic: now.Monotonic}
	if c.contact != nil {
		b.Offset, b.OffsetError = c.contact.Offset, c.contact.Error
		if c.contact.Boot == now.Boot {
			b.OffsetMonotonic = c.contact.Monotonic
		}
	}
	return b
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
