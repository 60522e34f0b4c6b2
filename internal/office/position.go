package office

import (
	"errors"
	"fmt"

	"machi/internal/day"
	"machi/internal/eventlog"
)

// headSeen compares the store's head with the own one.
func (c *Core) headSeen(in HeadSeen) {
	switch {
	case errors.Is(in.Err, eventlog.ErrCorrupt):
		c.damage(in.Err)
	case in.Err != nil:
		c.loseContact(in.Err)
	case in.Head == c.day.Head():
		c.arrive()
		if b := c.batch; b != nil {
			c.finish(b)
		}
	default:
		c.differs(in.Head)
	}
}

// arrive notes that the store stands at the own head.
func (c *Core) arrive() {
	c.stand, c.at = sure, c.now
	if c.told != "" && len(c.keep) == 0 {
		c.notice("the store answers again", 0, nil)
		c.told = ""
	}
}

// differs says how the store's head and the own one differ.
func (c *Core) differs(head eventlog.Head) {
	if c.batch != nil { // it was decided on a state that is not the newest
		c.requeue(c.batch)
	}
	own := c.day.Head()
	switch {
	case own.Number == 0 || head.Number > own.Number && head.Incarnation == own.Incarnation:
		c.stand = behind
	case c.forgets():
	case passed(c.day, head):
		c.stand, c.seen = short, head
		c.notice("the store has lost its tail", int(own.Number-head.Number), nil)
	default:
		c.fork(fmt.Errorf("%w: the store stands at %d of %s, the server at %d of %s", errOtherHistory,
			head.Number, head.Incarnation, own.Number, own.Incarnation))
	}
}

var errOtherHistory = errors.New("office: another history")

// passed reports whether the day has stood at a head before.
func passed(d *day.Day, head eventlog.Head) bool {
	if head.Number == 0 {
		return head == eventlog.Head{}
	}
	at := d.Records(head.Number-1, 1)
	return len(at) == 1 && at[0].Head() == head
}

// followed takes a page that was read.
func (c *Core) followed(in Followed) {
	if c.stand == forked {
		c.rebuildRead(in)
		return
	}
	if !c.fold(in.Records) {
		return
	}
	switch {
	case errors.Is(in.Err, eventlog.ErrCorrupt):
		c.damage(in.Err)
	case in.Err != nil:
		c.loseContact(in.Err)
	case len(in.Records) == 0 && c.stand == behind:
		// The head promised more than can be read. The next second looks again.
		c.loseContact(fmt.Errorf("%w: nothing behind record %d", eventlog.ErrCorrupt, c.day.Head().Number))
	case len(in.Records) < pageSize:
		c.arrive()
	default:
		c.stand = behind
	}
}

// fold adds records of the log to the day. It reports false when they are of
// another history, or damaged; the day is unchanged then.
func (c *Core) fold(records []eventlog.Record) bool {
	if len(records) == 0 {
		return true
	}
	if err := c.day.Head().Follows(records[0]); err != nil {
		c.fork(err)
		return false
	}
	next := c.day.Clone()
	for _, r := range records {
		if err := next.Apply(r); err != nil {
			c.damage(err)
			return false
		}
	}
	c.day = next
	c.keep = append(c.keep, records...)
	return true
}

// damage stops the office-day: the log has to be repaired by an operator.
func (c *Core) damage(err error) {
	c.stand, c.merge, c.cause = damaged, nil, err
	c.trouble("the log is damaged: nothing is decided until it is repaired", err)
	c.refuseAll(InDoubt, err)
}
