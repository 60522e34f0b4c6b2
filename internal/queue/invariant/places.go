package invariant

import (
	"reflect"

	"machi/internal/queue"
)

// checkPlaces is T2, T3, T6, S3 and D1: where each ticket is, and that the lines and
// the counters agree.
func (c *Checker) checkPlaces(after *queue.State) {
	at := map[queue.CounterID]queue.TicketID{}
	waiting := map[queue.TicketID]queue.Line{}
	count := 0
	for _, t := range after.Tickets() {
		c.checkAnnounced(t)
		switch {
		case t.Status == queue.Waiting:
			count++
			waiting[t.ID] = t.Line
		case t.Status.AtCounter():
			c.checkCounterOf(t, at, after)
		case t.Counter != "":
			c.report("T3", "ticket %s is %s and still at counter %s", t.ID, t.Status, t.Counter)
		}
	}
	for _, counter := range after.Counters() {
		if counter.Ticket != at[counter.ID] {
			c.report("T3", "counter %s has ticket %q, but %q is there", counter.ID, counter.Ticket, at[counter.ID])
		}
	}
	c.checkLines(after, waiting, count)
}

func (c *Checker) checkCounterOf(t *queue.Ticket, at map[queue.CounterID]queue.TicketID, after *queue.State) {
	if other, taken := at[t.Counter]; taken {
		c.report("T3", "tickets %s and %s are both at counter %s", other, t.ID, t.Counter)
	}
	at[t.Counter] = t.ID
	if counter, ok := after.Counter(t.Counter); !ok || counter.Ticket != t.ID {
		c.report("T2", "ticket %s is at counter %s, which does not have it", t.ID, t.Counter)
	}
}

func (c *Checker) checkLines(after *queue.State, waiting map[queue.TicketID]queue.Line, count int) {
	sum, seen := 0, map[queue.TicketID]bool{}
	for _, line := range after.Lines() {
		for place, t := range after.Line(line) {
			sum++
			if want, waits := waiting[t.ID]; !waits || want != line || seen[t.ID] {
				c.report("T6", "ticket %s stands in line %v, where it does not belong", t.ID, line)
			}
			seen[t.ID] = true
			if after.Ahead(t) != place {
				c.report("S3", "ticket %s has %d ahead, but stands at place %d", t.ID, after.Ahead(t), place)
			}
		}
	}
	if len(seen) != len(waiting) {
		c.report("T6", "%d tickets wait, %d stand in a line", len(waiting), len(seen))
	}
	if sum != count || after.WaitingCount() != count {
		c.report("S3", "%d tickets wait, the lines hold %d, the count says %d", count, sum, after.WaitingCount())
	}
}

// checkSessions is T4: nobody takes an open counter from a colleague without a
// word in the log.
func (c *Checker) checkSessions(before *queue.State, e queue.Entry) {
	for _, event := range e.Events {
		opened, is := event.(queue.CounterOpened)
		if !is || e.Fact {
			continue
		}
		now, ok := before.Counter(opened.Counter)
		if ok && now.State != queue.CounterClosed && now.Staff != opened.Staff && opened.From != now.Staff {
			c.report("T4", "counter %s went from %s to %s without a take-over", opened.Counter, now.Staff, opened.Staff)
		}
	}
}

// checkArrivals is T7.
func (c *Checker) checkArrivals(before *queue.State, e queue.Entry, after *queue.State) {
	if e.Fact {
		return
	}
	for _, event := range e.Events {
		id := queue.TicketOf(event)
		old, ok := before.Ticket(id)
		t, still := after.Ticket(id)
		if !ok || !still {
			continue
		}
		want := old.Arrival
		switch ev := event.(type) {
		case queue.TicketHeld, queue.TicketResumed, queue.TicketTransferred, queue.TicketCalled, queue.ServiceFinished,
			queue.TicketDeferred, queue.TicketServed, queue.TicketAnnounced:
		case queue.TicketRestored:
			want = ev.Arrival
		case queue.TicketArrived:
			if late := !old.KeepUntil.IsZero() && e.At.After(old.KeepUntil); late {
				want = e.At
			}
		default:
			continue
		}
		if !t.Arrival.Equal(want) {
			c.report("T7", "%s moved the arrival of ticket %s", queue.Kind(event), id)
		}
	}
}

// checkEnds is T5.
func (c *Checker) checkEnds(before, after *queue.State) {
	for _, t := range before.Tickets() {
		if _, ok := after.Ticket(t.ID); !ok {
			c.report("T5", "ticket %s has vanished", t.ID)
		}
	}
	if !after.Closed() {
		return
	}
	for _, t := range after.Tickets() {
		if !t.Status.Final() {
			c.report("T5", "the day is closed and ticket %s is %s", t.ID, t.Status)
		}
	}
}

// change is what one command did, for the undo that may follow.
type change struct {
	tickets  map[queue.TicketID]*queue.Ticket // before; nil for a new one
	counters map[queue.CounterID]queue.Counter
}

// checkUndo is T8. What a command changed is kept until it is undone.
func (c *Checker) checkUndo(before *queue.State, e queue.Entry, after *queue.State) {
	if e.Fact {
		return
	}
	for _, event := range e.Events {
		if undone, is := event.(queue.ActionUndone); is {
			c.checkTakenBack(undone.Command, after)
			return
		}
	}
	c.changes[e.Command] = changeOf(before, after)
}

func (c *Checker) checkTakenBack(id queue.CommandID, after *queue.State) {
	was, known := c.changes[id]
	if !known {
		c.report("T8", "command %s was undone and is not in the log", id)
		return
	}
	for ticket, old := range was.tickets {
		if t, _ := after.Ticket(ticket); old == nil || !reflect.DeepEqual(old, t) {
			c.report("T8", "ticket %s is not what it was before %s", ticket, id)
		}
	}
	for counter, old := range was.counters {
		if now, _ := after.Counter(counter); now == nil || !reflect.DeepEqual(old, *now) {
			c.report("T8", "counter %s is not what it was before %s", counter, id)
		}
	}
	delete(c.changes, id)
}

func changeOf(before, after *queue.State) change {
	was := change{map[queue.TicketID]*queue.Ticket{}, map[queue.CounterID]queue.Counter{}}
	for _, t := range after.Tickets() {
		if old, _ := before.Ticket(t.ID); old != t {
			was.tickets[t.ID] = old
		}
	}
	for _, now := range after.Counters() {
		if old, ok := before.Counter(now.ID); ok && !reflect.DeepEqual(*old, *now) {
			was.counters[now.ID] = *old
		}
	}
	return was
}
