package office

import (
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/planted"
	"machi/internal/queue"
)

// This file holds the bugs that a tagged build can plant in the core, to prove
// that the simulated world finds them. In an ordinary build each is a constant
// false, and the compiler removes it.

// shownFirst returns the history that a core without patience would show.
func (c *Core) shownFirst() (*day.Day, bool) {
	if planted.On(planted.ShowFirst) && c.batch != nil {
		return c.batch.next, true
	}
	return nil, false
}

// answerFirst gives a batch's answers before its append.
func (c *Core) answerFirst(b *batch) {
	if !planted.On(planted.AnswerFirst) {
		return
	}
	for _, a := range b.answers {
		c.answer(a.Job, a.Reply, a.Err)
	}
	b.answers, b.jobs = nil, nil
}

// forgets takes the store's word for everything: what it lost is lost.
func (c *Core) forgets() bool {
	if !planted.On(planted.NoRegressCheck) {
		return false
	}
	c.day, c.extra, c.stand = day.New(), nil, behind
	return true
}

// decidesAgain makes commands of a lost tail instead of facts.
func (c *Core) decidesAgain() bool {
	if !planted.On(planted.DecideAgain) {
		return false
	}
	for _, raw := range c.known(c.merge.day) {
		body, err := eventlog.DecodeBody(raw)
		if err != nil {
			continue
		}
		entry, err := day.Entry(body, true)
		if err != nil {
			continue
		}
		c.issueAgain(entry)
	}
	return true
}

func (c *Core) issueAgain(entry queue.Entry) {
	for _, e := range entry.Events {
		if issued, is := e.(queue.TicketIssued); is {
			j := c.ownJob(queue.IssueTicket{Ticket: issued.Ticket, Service: issued.Service, Channel: issued.Channel})
			j.Request.ID = entry.Command
			c.waiting = append(c.waiting, j)
		}
	}
}

// blind puts a fact back as if it had been decided where it is put.
func blind(r eventlog.Record) eventlog.Record {
	if planted.On(planted.BlindPutBack) {
		r.Fact = false
	}
	return r
}

// forgotten says that a command of an earlier life may happen once more.
func (c *Core) forgotten(o *queue.Outcome) bool {
	return planted.On(planted.DedupeForgets) && o.Meta.Origin != c.origin
}
