package invariant

import (
	"slices"

	"machi/internal/queue"
)

// move is one row of the transition table: from which statuses an event takes a
// ticket to which one. An empty To keeps the status.
type move struct {
	from []queue.Status
	to   []queue.Status
}

func of(s ...queue.Status) []queue.Status { return s }

// open lists every status that is not final.
var open = of(queue.Waiting, queue.Called, queue.Serving, queue.Processing, queue.Held, queue.NoShow)

// table is the state table, written down a second time so that a mistake in the
// first is seen.
var table = map[string]move{
	"ticket_called":      {of(queue.Waiting, queue.NoShow, queue.Held), of(queue.Called)},
	"ticket_recalled":    {of(queue.Called), nil},
	"service_started":    {of(queue.Called), of(queue.Serving)},
	"service_finished":   {of(queue.Called, queue.Serving), of(queue.Done, queue.Processing, queue.Waiting)},
	"ticket_ready":       {of(queue.Processing), of(queue.Waiting)},
	"ticket_missed":      {of(queue.Called), of(queue.NoShow)},
	"ticket_restored":    {of(queue.NoShow), of(queue.Waiting)},
	"ticket_held":        {of(queue.Waiting, queue.Called, queue.Serving, queue.Processing), of(queue.Held)},
	"ticket_resumed":     {of(queue.Held), of(queue.Waiting, queue.Processing)},
	"ticket_transferred": {of(queue.Waiting, queue.Called, queue.Serving, queue.Held, queue.NoShow), of(queue.Waiting)},
	"ticket_sent_away":   {of(queue.Waiting, queue.Called, queue.Serving, queue.Held, queue.NoShow), of(queue.Done)},
	"ticket_withdrawn":   {of(queue.Waiting, queue.Called, queue.Held, queue.NoShow, queue.Processing), of(queue.Withdrawn)},
	"ticket_closed":      {of(queue.NoShow), of(queue.Closed)},
	"ticket_expired":     {open, of(queue.Expired)},
	"ticket_deferred":    {of(queue.Waiting), nil},
	"ticket_arrived":     {of(queue.Waiting, queue.Held), nil},
	"priority_set":       {of(queue.Waiting, queue.Held, queue.NoShow), nil},
	"service_added":      {open, nil},
	"note_added":         {nil, nil},
	"ticket_flagged":     {nil, nil},
	"ticket_announced":   {of(queue.Waiting), nil},
	"ticket_merged":      {open, nil},
	"ticket_served": {
		of(queue.Waiting, queue.Called, queue.Processing, queue.Held, queue.NoShow, queue.Closed),
		of(queue.Done, queue.Processing, queue.Waiting),
	},
}

// checkMoves is T1 and T9 for what was decided, and T2 for what was merged.
func (c *Checker) checkMoves(before *queue.State, e queue.Entry, after *queue.State) {
	if e.Fact {
		c.checkDoubleCalls(before, e, after)
		for _, event := range e.Events {
			c.foretold[queue.TicketOf(event)] = true
		}
		return
	}
	reached := map[queue.TicketID][]queue.Status{}
	undone := false
	for _, event := range e.Events {
		id := queue.TicketOf(event)
		if _, is := event.(queue.ActionUndone); is {
			undone = true
		}
		if id == "" {
			continue
		}
		now, ok := reached[id]
		if t, known := before.Ticket(id); !ok && known {
			now = of(t.Status)
		}
		reached[id] = c.follow(now, id, event)
		c.checkMissed(before, event)
	}
	for _, t := range after.Tickets() {
		old, existed := before.Ticket(t.ID)
		want, named := reached[t.ID]
		switch {
		case named && !slices.Contains(want, t.Status) && !t.Has(queue.FlagLate):
			c.report("T1", "ticket %s is %s, which its events do not lead to", t.ID, t.Status)
		case !named && !undone && (!existed || old.Status != t.Status):
			c.report("T1", "ticket %s became %s without an event", t.ID, t.Status)
		}
	}
}

// follow returns the statuses that an event may lead to.
func (c *Checker) follow(now []queue.Status, id queue.TicketID, event queue.Event) []queue.Status {
	kind := queue.Kind(event)
	switch kind {
	case "ticket_issued":
		if c.foretold[id] {
			return queue.Statuses // facts were waiting for the issue
		}
		return of(queue.Waiting)
	case "quick_served":
		return of(queue.Done)
	}
	row, known := table[kind]
	if !known {
		c.report("T1", "event %s of ticket %s is not in the table", kind, id)
		return queue.Statuses
	}
	if row.from != nil && !slices.ContainsFunc(now, func(s queue.Status) bool { return slices.Contains(row.from, s) }) {
		c.report("T1", "event %s happened to ticket %s, which was %v", kind, id, now)
	}
	if row.to == nil {
		return now
	}
	return row.to
}

// checkMissed is T9: a no-show is for the number that was called, after a call.
func (c *Checker) checkMissed(before *queue.State, event queue.Event) {
	missed, is := event.(queue.TicketMissed)
	if !is {
		return
	}
	t, ok := before.Ticket(missed.Ticket)
	enough := max(1, before.Settings().Rule.NoShowCalls)
	if !ok || t.CalledAt.IsZero() || t.Calls < enough || t.Counter != missed.Counter {
		c.report("T9", "ticket %s was marked as no-show without %d call(s) to counter %s", missed.Ticket, enough, missed.Counter)
	}
}

// checkDoubleCalls is T2 across histories.
func (c *Checker) checkDoubleCalls(before *queue.State, e queue.Entry, after *queue.State) {
	if _, repeated := before.Outcome(e.Command); repeated {
		return
	}
	for _, event := range e.Events {
		called, is := event.(queue.TicketCalled)
		if !is {
			continue
		}
		old, existed := before.Ticket(called.Ticket)
		t, _ := after.Ticket(called.Ticket)
		if existed && old.Status.AtCounter() && t.Status.AtCounter() && old.Counter != called.Counter &&
			!t.Has(queue.FlagDoubleCall) && !t.Has(queue.FlagDoubleServe) && !e.At.Before(old.CalledAt) {
			c.report("T2", "ticket %s was called by %s and by %s, and nothing says so", t.ID, old.Counter, called.Counter)
		}
	}
}
