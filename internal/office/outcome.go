package office

import (
	"errors"

	"machi/internal/eventlog"
)

// appended takes the outcome of an Append, whatever it was for.
func (c *Core) appended(err error) {
	if errors.Is(err, eventlog.ErrConflict) {
		c.stats.Conflicts++
	}
	switch {
	case c.stand == short:
		c.putBackDone(err)
	case c.stand == forked:
		c.rebuildDone(err)
	case c.batch != nil:
		c.batchDone(err)
	}
}

// batchDone takes the outcome of a batch's append.
func (c *Core) batchDone(err error) {
	b := c.batch
	switch {
	case err == nil, errors.Is(err, eventlog.ErrUnsafe):
		b.unsafe = err != nil
		c.keep = append(c.keep, b.records...)
		c.at = c.now
		c.request(Keep{c.keep}) // the batch is finished behind it
	case errors.Is(err, eventlog.ErrConflict):
		c.again(b)
	case errors.Is(err, eventlog.ErrUnclear):
		for _, j := range b.jobs {
			j.tried = true
		}
		// A data node that this server will not see again may have the records: what
		// is decided in their place must not bear their numbers in one chain.
		c.beginSession()
		c.again(b)
	default:
		c.loseContact(err)
	}
}

// again puts a batch's jobs back in front: they are decided anew on the state that
// the log has by now. Those whose record is in the log are found by their ids.
func (c *Core) again(b *batch) {
	c.requeue(b)
	c.stand, c.ask = unsure, true
	if c.attempts++; c.attempts > maxAttempts {
		c.refuseAll(Overloaded, eventlog.ErrConflict)
	}
}

// requeue puts a batch's jobs back in front. The store is read before they are
// decided, so what they are refused for then is no old news.
func (c *Core) requeue(b *batch) {
	c.batch = nil
	for _, j := range b.jobs {
		j.looked = true
	}
	c.waiting = append(b.jobs[:len(b.jobs):len(b.jobs)], c.waiting...)
}

// kept takes the outcome of a Keep.
func (c *Core) kept(err error) {
	if err == nil {
		c.keep = nil
	} else {
		c.rest = true
		c.trouble("the journal fails", err)
	}
	if b := c.batch; b != nil {
		// One disk has the record. That is not the safety that was promised, so it
		// counts like a data node that did not confirm.
		b.unsafe = b.unsafe || err != nil
		c.finish(b)
	}
}

// finish moves the day on and gives the batch's answers.
func (c *Core) finish(b *batch) {
	c.day, c.batch, c.attempts = b.next, nil, 0
	c.stats.Facts += b.restored
	if len(b.records) > 0 && !b.unsafe {
		clear(c.unsafe) // data nodes copy in order: what is behind a safe record is safe
		c.safe = c.day.State().Moment()
	}
	for _, a := range b.answers {
		if o := a.Reply.Outcome; o != nil && b.unsafe {
			c.unsafe[o.Meta.Command] = true
			repeated := a.Reply.Repeated
			a.Reply, a.Err = reply(o, true)
			a.Reply.Repeated = repeated && a.Err == nil
		}
		c.out = append(c.out, a)
	}
	if len(b.records) > 0 && c.told != "" && !b.unsafe {
		c.notice("works again", 0, nil)
		c.told = ""
	}
}

// loseContact answers everybody that the store does not answer. The next second,
// or the next job, tries again.
func (c *Core) loseContact(err error) {
	c.stand, c.merge = unsure, nil
	c.ask, c.follow = false, false
	c.trouble("the store does not answer", err)
	c.refuseAll(StoreUnreachable, err)
}

// failAll answers every waiting job with one error.
func (c *Core) failAll(err error) bool {
	jobs := c.waiting
	c.waiting = nil
	for _, j := range jobs {
		c.answer(j, Reply{}, err)
	}
	return false
}

// opening takes the settings for a day that is to be opened.
func (c *Core) opening(in Settings) {
	if in.Err == nil {
		c.settings = &in.Settings
		return
	}
	c.rest = true
	c.trouble("there are no settings for the day", in.Err)
	c.refuseAll(StoreUnreachable, in.Err)
}
