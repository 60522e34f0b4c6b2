package sim

import (
	"strings"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
)

// observer follows one log as the store has it and judges every record when it is
// appended. A store that goes back takes the observer back with it.
type observer struct {
	day     *day.Day
	checker *invariant.Checker
}

// appended is told of every commit to a data node.
func (a *auditor) appended(node *dataNode, stream string) {
	r := a.world.redis
	if node != r.nodes[r.newest] {
		return // the log that lives on is judged
	}
	a.observe(stream, node.streams[stream])
}

// observe follows a log from where the observer is, or from the beginning where
// the log has become another one.
func (a *auditor) observe(stream string, list []stored) {
	o := a.logs[stream]
	if o == nil || !o.before(list) {
		o = &observer{day.New(), invariant.New()}
		a.logs[stream] = o
	}
	for _, s := range list[o.day.Head().Number:] {
		a.judge(stream, o, s.record)
	}
}

// before reports whether a log goes on from where the observer is.
func (o *observer) before(list []stored) bool {
	head := o.day.Head()
	return head.Number == 0 || head.Number <= int64(len(list)) && list[head.Number-1].head == head
}

// judge folds one record and holds it against the promises of a day.
func (a *auditor) judge(stream string, o *observer, r eventlog.Record) {
	next := o.day.Clone()
	if err := next.Apply(r); err != nil {
		a.fail("the log %s does not fold at record %d: %v", stream, r.Number, err)
		return
	}
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return // Apply has read it
	}
	entry, err := day.Entry(body, r.Fact)
	if err != nil {
		return
	}
	before := o.day.State()
	for _, v := range o.checker.Step(before, entry, next.State()) {
		if !a.excused(v, next.State()) {
			a.fail("%s: %v", stream, v)
		}
	}
	for _, event := range entry.Events {
		switch e := event.(type) {
		case queue.RangeBound:
			a.bound(stream, e, next.State())
		case queue.TicketIssued:
			a.paperWins(before, entry, e, next.State())
		case queue.TicketRestored:
			a.shifted[e.Ticket] = true
		case queue.TicketReady: // the line for delivery has an order of its own
			a.shifted[e.Ticket] = true
		case queue.TicketMerged:
			a.shifted[e.Ticket] = true
		}
	}
	a.world.rare.merged(before, entry, next.State())
	o.day = next
}

// bound checks that no two stores own one slot of a kiosk's ranges.
func (a *auditor) bound(stream string, e queue.RangeBound, s *queue.State) {
	for _, b := range s.Bindings(e.Kiosk) {
		if b.Slot == e.Slot && b.Store != e.Store {
			a.fail("%s: slot %d of %s is bound to two stores", stream, e.Slot, e.Kiosk)
		}
	}
}

// paperWins checks that nobody stays a no-show who was called by a number that is
// not on any paper.
func (a *auditor) paperWins(before *queue.State, e queue.Entry, paper queue.TicketIssued, after *queue.State) {
	old, known := before.Ticket(paper.Ticket)
	now, ok := after.Ticket(paper.Ticket)
	if !known || !ok || !e.Fact || paper.Pool != queue.PoolKiosk || old.CalledAs == "" || old.CalledAs == paper.Number || len(old.Visited) > 0 {
		return
	}
	if now.CalledAs == old.CalledAs && (now.Status == queue.NoShow || now.Status == queue.Closed) {
		a.fail("ticket %s stays %s by number %s, and its paper says %s", now.ID, now.Status, now.CalledAs, now.Number)
	}
}

// excused reports whether what looks like a breach in the log alone is none in
// the world: a number that was given twice on two histories of the store, and
// confirmed on one of them at most, is a twin that the log itself flags; paper is
// judged where it is printed.
func (a *auditor) excused(v invariant.Violation, s *queue.State) bool {
	if v.ID != "N1" && v.ID != "N4" {
		return false
	}
	for _, t := range s.Tickets() {
		if t.Has(queue.FlagTwinNumber) {
			return true
		}
	}
	return false
}

// merged counts what a record came upon.
func (r rare) merged(before *queue.State, e queue.Entry, after *queue.State) {
	for _, event := range e.Events {
		r.atMachine(before, e, event, after)
		r.visits(before, event, after)
		t, ok := after.Ticket(queue.TicketOf(event))
		if !ok {
			continue
		}
		if issued, is := event.(queue.TicketIssued); is {
			r.issued(before, e, issued)
		}
		for flag, state := range map[queue.Flag]rareState{
			queue.FlagDoubleCall: rareDoubleCall, queue.FlagDoubleServe: rareDoubleServe,
			queue.FlagPrintUnknown: rarePrintUnknown, queue.FlagLate: rareLate,
		} {
			if t.Has(flag) {
				r.reached(state)
			}
		}
	}
}

// atMachine counts what people at machines came upon.
func (r rare) atMachine(before *queue.State, e queue.Entry, event queue.Event, after *queue.State) {
	switch ev := event.(type) {
	case queue.KioskActed:
		if e.Fact {
			r.reached(rareActAlone)
		}
	case queue.TicketWithdrawn:
		old, ok := before.Ticket(ev.Ticket)
		now, _ := after.Ticket(ev.Ticket)
		if e.Fact && ok && old.Status.AtCounter() && now.Status.AtCounter() && strings.Contains(e.Actor.ID, "/") {
			r.reached(rareCallWon)
		}
	case queue.TicketArrived:
		if t, ok := before.Ticket(ev.Ticket); ok && before.Ahead(t) == 0 && before.Awaited(t) {
			r.reached(rarePassed)
		}
	}
}

func (r rare) issued(before *queue.State, e queue.Entry, issued queue.TicketIssued) {
	series, value, overflow := splitNumber(issued.Number)
	settings, _ := before.Settings().SeriesOf(queue.SeriesID(series))
	switch {
	case overflow && issued.Pool == queue.PoolKiosk:
		r.reached(rareOverflow)
	case !overflow && settings.Next.Contains(value):
		r.reached(rareNextBand)
	}
	old, known := before.Ticket(issued.Ticket)
	if !e.Fact || !known || old.Number == issued.Number || issued.Pool != queue.PoolKiosk {
		return
	}
	switch old.Status {
	case queue.Waiting:
		r.reached(rarePaperWaiting)
	case queue.Called:
		r.reached(rarePaperCalled)
	case queue.NoShow, queue.Closed:
		r.reached(rarePaperNoShow)
	case queue.Serving, queue.Done, queue.Processing:
		r.reached(rarePaperServed)
	}
}

// splitNumber reads a number without asking the code that wrote it.
func splitNumber(n queue.Number) (label string, value int, overflow bool) {
	for i, c := range string(n) {
		switch {
		case c == '-':
			overflow = true
			label = string(n)[:i]
			value = 0
		case c >= '0' && c <= '9':
			if value == 0 && !overflow {
				label = string(n)[:max(1, i)]
			}
			value = value*10 + int(c-'0')
		}
	}
	if !overflow {
		label = string(n)[:1] // the series of this world have one letter
	}
	return label, value, overflow
}
