package office

import (
	"errors"
	"fmt"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// batch is what is decided together: on a clone of the newest state, to be
// appended in one call. Its answers are given when the append has come out.
type batch struct {
	jobs    []*Job
	answers []Answer
	next    *day.Day
	records []eventlog.Record
	// refused says that an answer rests on the state alone: it must not be given
	// before the store has shown that the state is the newest.
	refused  bool
	unsafe   bool
	restored int // records that come from the journal
}

func (c *Core) submit(jobs []*Job) {
	c.rest = false
	for _, j := range jobs {
		switch reply, err, done := c.repeated(c.day, j); {
		case done:
			c.answer(j, reply, err)
		case len(c.waiting) >= maxWaiting:
			c.answer(j, Reply{}, unavailable(Overloaded, nil))
		default:
			c.waiting = append(c.waiting, j)
		}
	}
}

func (c *Core) cancel(job *Job) {
	for i, j := range c.waiting {
		if j == job {
			c.waiting = append(c.waiting[:i:i], c.waiting[i+1:]...)
			return
		}
	}
}

// repeated answers a request whose command is in the log already.
func (c *Core) repeated(d *day.Day, j *Job) (Reply, error, bool) {
	if j.Facts != nil {
		return Reply{}, nil, false
	}
	o, known := d.State().Outcome(j.Request.ID)
	if !known || c.forgotten(o) {
		return Reply{}, nil, false
	}
	given := j.Request.Fingerprint
	if given != "" && o.Meta.Fingerprint != "" && given != o.Meta.Fingerprint {
		return Reply{}, ErrKeyReused, true
	}
	if c.o.Replicated && (j.tried || c.onlyFollowed(o)) {
		c.unsafe[j.Request.ID] = true // found, but nobody said on how many data nodes
	}
	reply, err := reply(o, c.unsafe[j.Request.ID])
	reply.Repeated = !j.tried && err == nil
	return reply, err, true
}

// onlyFollowed reports whether a command is in the log, and nothing behind it was
// appended here to every data node: the store that was read may be the losing side
// of a split, whatever server wrote there.
func (c *Core) onlyFollowed(o *queue.Outcome) bool {
	_, inLog := c.day.State().Outcome(o.Meta.Command)
	return inLog && o.Meta.At.After(c.safe)
}

// reply tells the outcome of a command, unless it is a number that is not safe.
func reply(o *queue.Outcome, unsafe bool) (Reply, error) {
	if unsafe && givesNumber(o.Events) {
		return Reply{}, unavailable(NumberNotSafe, nil)
	}
	return Reply{Outcome: o, Unconfirmed: unsafe}, nil
}

// givesNumber reports whether events give a number, or a machine a range of them:
// what the losing side of a split gave would be given once more.
func givesNumber(events []queue.Event) bool {
	for _, e := range events {
		switch e.(type) {
		case queue.TicketIssued, queue.RangeBound:
			return true
		}
	}
	return false
}

// decide makes a batch of all that waits and has it appended.
func (c *Core) decide() bool {
	b := &batch{next: c.day.Clone()}
	jobs := c.waiting
	c.waiting = nil
	if err := c.prepare(b); err != nil {
		c.waiting = jobs
		c.trouble("the day cannot be opened", err)
		c.settings, c.rest = nil, true
		return c.failAll(err)
	}
	for i, j := range jobs {
		b.jobs = append(b.jobs, j)
		if err := c.settle(b, j); err != nil {
			// A decision that does not fit its own state is a bug of the rules. It
			// costs this job only: the others are decided again without it.
			c.notice("a decision does not fit", 0, err)
			c.answer(j, Reply{}, err)
			c.waiting = append(append(c.waiting, b.jobs[:i]...), jobs[i+1:]...)
			return true
		}
	}
	return c.send(b)
}

// prepare puts into the batch what comes before all jobs: the day's opening, and
// what the journal holds that the log does not.
func (c *Core) prepare(b *batch) error {
	if !b.next.State().Opened() {
		open := c.ownJob(queue.OpenDay{Settings: *c.settings})
		if _, err := c.record(b, open); err != nil {
			return err
		}
	}
	found, lost := missing(b.next, c.extra, putBackSize)
	b.records, b.restored = append(b.records, found...), len(found)
	if len(found) == 0 {
		c.extra = nil
		c.lose(lost)
	}
	return nil
}

// send appends a batch, or, where it changes nothing, makes sure that what it says
// is still so.
func (c *Core) send(b *batch) bool {
	switch {
	case len(b.records) > 0:
		c.batch = b
		c.answerFirst(b)
		return c.request(Append{c.day.Head(), b.records})
	case b.refused:
		c.batch = b
		return c.request(AskHead{})
	}
	c.finish(b)
	return true
}

// settle decides one job on the batch's state. The error is that of a batch that
// cannot be used; refusals are answers.
func (c *Core) settle(b *batch, j *Job) error {
	if j.Facts != nil {
		return c.settleFacts(b, j)
	}
	if reply, err, done := c.repeated(b.next, j); done {
		if reply.Outcome != nil && c.fresh(b, j.Request.ID) {
			reply.Repeated = true
		}
		b.answers = append(b.answers, Answer{j, reply, err})
		return nil
	}
	if j.Request.OnlyRepeat {
		b.refused = b.refused || !j.looked
		b.answers = append(b.answers, Answer{j, Reply{}, ErrTooLate})
		return nil
	}
	o, err := c.record(b, j)
	var refusal *queue.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	b.refused = b.refused || err != nil && !j.looked
	b.answers = append(b.answers, Answer{j, Reply{Outcome: o}, err})
	return nil
}

// fresh reports whether a command is of this batch, not of the log.
func (c *Core) fresh(b *batch, id queue.CommandID) bool {
	_, old := c.day.State().Outcome(id)
	return !old
}

// record decides a command and adds its record to the batch.
func (c *Core) record(b *batch, j *Job) (*queue.Outcome, error) {
	m := queue.Meta{
		Command: j.Request.ID, At: c.now, Actor: j.Request.Actor,
		Origin: c.origin, Fingerprint: j.Request.Fingerprint, Personal: j.Request.Personal,
	}
	if o, known := b.next.State().Outcome(m.Command); known && c.forgotten(o) {
		m.Command += "'"
	}
	// Clocks step back, and servers' clocks differ. Within one log time only goes
	// on, so that no wait is negative and nobody overtakes by a clock.
	if least := b.next.State().Moment().Add(leastStep); m.At.Before(least) {
		m.At = least
	}
	r, err := b.next.Decide(m, j.Request.Command, c.o.Random())
	if err != nil || r == nil {
		return nil, err
	}
	if err := b.next.Apply(*r); err != nil {
		return nil, fmt.Errorf("office: decide %T: %w", j.Request.Command, err)
	}
	b.records = append(b.records, *r)
	o, _ := b.next.State().Outcome(m.Command)
	return o, nil
}

// settleFacts merges a job's facts: all of them or none.
func (c *Core) settleFacts(b *batch, j *Job) error {
	origin, err := checkFacts(j)
	if err != nil {
		b.answers = append(b.answers, Answer{j, Reply{}, err})
		return nil
	}
	scratch := b.next.Clone()
	records, err := mergeFacts(scratch, j.Facts)
	switch {
	case errors.Is(err, day.ErrGap), errors.Is(err, day.ErrFork):
		b.refused = b.refused || !j.looked
		b.answers = append(b.answers, Answer{j, Reply{Origin: b.next.Origin(origin)}, err})
		return nil
	case err != nil:
		return err
	}
	b.next, b.records = scratch, append(b.records, records...)
	b.answers = append(b.answers, Answer{j, Reply{Origin: b.next.Origin(origin)}, nil})
	return nil
}

// checkFacts reads a job's facts and asks whether they are allowed.
func checkFacts(j *Job) (origin string, err error) {
	for i, raw := range j.Facts {
		body, err := eventlog.DecodeBody(raw)
		if err != nil {
			return "", fmt.Errorf("%w: record %d: %w", ErrBadPush, i, err)
		}
		if i > 0 && body.Origin != origin {
			return "", fmt.Errorf("%w: it is of %s and of %s", ErrBadPush, origin, body.Origin)
		}
		origin = body.Origin
		entry, err := day.Entry(body, true)
		if err != nil {
			return "", fmt.Errorf("%w: record %d: %w", ErrBadPush, i, err)
		}
		if j.Allow == nil {
			continue
		}
		if err := j.Allow(entry); err != nil {
			return "", err
		}
	}
	return origin, nil
}

// mergeFacts applies bodies that the day does not hold and returns their records.
func mergeFacts(d *day.Day, bodies [][]byte) ([]eventlog.Record, error) {
	var records []eventlog.Record
	for _, raw := range bodies {
		r, err := d.Fact(raw)
		if errors.Is(err, day.ErrKnown) {
			continue
		}
		if err == nil {
			err = d.Apply(r)
		}
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}
