package office

import (
	"errors"

	"machi/internal/day"
	"machi/internal/eventlog"
)

// rebuild is the work on a store that shows another history: first it is read as a
// whole, then what it lacks is added as facts.
type rebuild struct {
	day    *day.Day // what the store holds
	loaded bool
	next   *day.Day // with the facts that are being appended
	count  int
}

// putBack appends the next of the records that the store has lost. They still
// chain there, so they go in as they were.
func (c *Core) putBack() bool {
	return c.request(Append{c.seen, c.day.Records(c.seen.Number, putBackSize)})
}

func (c *Core) putBackDone(err error) {
	switch {
	case err == nil, errors.Is(err, eventlog.ErrUnsafe):
		records := c.day.Records(c.seen.Number, putBackSize)
		c.stats.PutBack += len(records)
		c.seen = records[len(records)-1].Head()
		if c.seen == c.day.Head() {
			c.arrive()
			c.repaired(0)
		}
	case errors.Is(err, eventlog.ErrConflict), errors.Is(err, eventlog.ErrUnclear):
		c.lookAgain(err)
	default:
		c.loseContact(err)
	}
}

// lookAgain compares the heads anew, after a repair that somebody disturbed.
func (c *Core) lookAgain(err error) {
	c.stand, c.merge, c.ask = unsure, nil, true
	if c.attempts++; c.attempts > maxAttempts {
		c.attempts = 0
		c.loseContact(err)
	}
}

// repaired holds decisions back for a while: other servers may have seen more of
// the lost tail, and what they put back in its place needs no merging.
func (c *Core) repaired(facts int) {
	c.attempts = 0
	c.hold = c.now.Add(holdOff)
	c.notice("the store is repaired", facts, nil)
}

// fork begins to read a store that shows another history.
func (c *Core) fork(why error) {
	c.stand, c.merge = forked, &rebuild{day: day.New()}
	c.stats.Forks++
	c.notice("the store shows another history", 0, why)
}

// rebuild does the next step of it.
func (c *Core) rebuild() bool {
	m := c.merge
	if !m.loaded {
		return c.request(Read{m.day.Head().Number, pageSize})
	}
	if c.decidesAgain() {
		c.adopt()
		return true
	}
	m.next = m.day.Clone()
	records, lost := missing(m.next, c.known(m.day), putBackSize)
	if len(records) == 0 {
		c.lose(lost)
		c.adopt()
		return true
	}
	m.count = len(records)
	return c.request(Append{m.day.Head(), records})
}

// known returns the bodies of everything that this server knows of the day beyond
// the records that it has in common with d.
func (c *Core) known(d *day.Day) [][]byte {
	var bodies [][]byte
	for _, r := range c.day.Records(common(c.day, d), 0) {
		bodies = append(bodies, r.Body)
	}
	return append(bodies, c.extra...)
}

// common returns the number of the last record that two histories share.
func common(a, b *day.Day) int64 {
	n := int64(0)
	for ; n < a.Head().Number && n < b.Head().Number; n++ {
		if a.Records(n, 1)[0].Hash() != b.Records(n, 1)[0].Hash() {
			break
		}
	}
	return n
}

// rebuildRead adds a page to the other history.
func (c *Core) rebuildRead(in Followed) {
	for _, r := range in.Records {
		if err := c.merge.day.Head().Follows(r); err != nil { // it changed again while it was read
			c.lookAgain(err)
			return
		}
		if err := c.merge.day.Apply(r); err != nil {
			c.damage(err)
			return
		}
	}
	switch {
	case errors.Is(in.Err, eventlog.ErrCorrupt):
		c.damage(in.Err)
	case in.Err != nil:
		c.loseContact(in.Err)
	default:
		c.merge.loaded = len(in.Records) < pageSize
	}
}

// rebuildDone takes the outcome of an append of facts.
func (c *Core) rebuildDone(err error) {
	m := c.merge
	switch {
	case err == nil, errors.Is(err, eventlog.ErrUnsafe):
		c.stats.Facts += m.count
		m.day = m.next
	case errors.Is(err, eventlog.ErrConflict), errors.Is(err, eventlog.ErrUnclear):
		c.lookAgain(err)
	default:
		c.loseContact(err)
	}
}

// adopt goes on from the merged history. The own origin begins a new session: the
// merged log may lack records of the old one that were never known to be in.
func (c *Core) adopt() {
	m := c.merge
	c.keep = append(c.keep, m.day.Records(common(c.day, m.day), 0)...)
	c.day, c.merge, c.extra = m.day, nil, nil
	c.beginSession()
	c.arrive()
	c.ask = true // others may have appended since it was read
	c.repaired(c.stats.Facts)
}

// lose reports records that only the journal has now.
func (c *Core) lose(count int) {
	if count > 0 {
		c.stats.Lost += count
		c.notice("records of a forked or broken origin stay in the journal alone", count, day.ErrFork)
	}
}

// missing applies the bodies that a day lacks, up to limit, as facts and returns
// their records. It counts those that cannot be put back because their origin has
// forked: it wrote something else under the same number, which is in.
func missing(d *day.Day, bodies [][]byte, limit int) (records []eventlog.Record, lost int) {
	for _, raw := range bodies {
		if len(records) == limit {
			return records, 0 // the rest is looked at again behind these
		}
		r, err := d.Fact(raw)
		if err == nil {
			r = blind(r)
			err = d.Apply(r)
		}
		switch {
		case err == nil:
			records = append(records, r)
		case !errors.Is(err, day.ErrKnown):
			lost++
		}
	}
	return records, lost
}
