package queue

import (
	"slices"
	"time"
)

// moves is the table of transitions: from which statuses an event may happen.
// An event that is not in it (a note, a flag) may happen to any ticket.
func moves(e Event) []Status {
	switch e.(type) {
	case TicketCalled:
		return []Status{Waiting, NoShow, Held}
	case TicketRecalled, TicketMissed, ServiceStarted:
		return []Status{Called}
	case ServiceFinished:
		return []Status{Called, Serving}
	case TicketReady:
		return []Status{Processing}
	case TicketRestored, TicketClosed:
		return []Status{NoShow}
	case TicketHeld:
		return []Status{Waiting, Called, Serving, Processing}
	case TicketResumed:
		return []Status{Held}
	case TicketTransferred, TicketSentAway:
		return []Status{Waiting, Called, Serving, Held, NoShow}
	case TicketDeferred:
		return []Status{Waiting}
	case TicketArrived:
		return []Status{Waiting, Held}
	case TicketServed:
		return []Status{Waiting, Called, Processing, Held, NoShow, Closed}
	case TicketAnnounced:
		return []Status{Waiting}
	case PrioritySet:
		return []Status{Waiting, Held, NoShow}
	case TicketWithdrawn:
		return []Status{Waiting, Called, Held, NoShow, Processing}
	case ServiceAdded, TicketMerged, TicketExpired:
		return []Status{Waiting, Called, Serving, Processing, Held, NoShow}
	}
	return Statuses
}

// fits says why an event cannot happen to a ticket, or "". The ticket is nil
// where none of that id is known.
func fits(t *Ticket, e Event) string {
	switch e.(type) {
	case TicketIssued, QuickServed:
		if t != nil {
			return "the ticket exists"
		}
		return ""
	}
	switch {
	case t == nil:
		return "no such ticket"
	case !slices.Contains(moves(e), t.Status):
		return "the ticket is " + string(t.Status)
	}
	if _, arrived := e.(TicketArrived); arrived && !t.Away {
		return "the visitor is here"
	}
	if _, announced := e.(TicketAnnounced); announced && t.Line.Stage != StageDelivery {
		return "the ticket does not wait for delivery"
	}
	if counter := actingCounter(e); counter != "" && t.Status.AtCounter() && counter != t.Counter {
		return "the ticket is at counter " + string(t.Counter)
	}
	return ""
}

// actingCounter returns the counter that must own the ticket for the event.
func actingCounter(e Event) CounterID {
	switch e := e.(type) {
	case TicketRecalled:
		return e.Counter
	case TicketMissed:
		return e.Counter
	case ServiceStarted:
		return e.Counter
	case ServiceFinished:
		return e.Counter
	}
	return ""
}

// advance returns the ticket after an event. The old ticket is not touched.
func advance(old *Ticket, e stamped) *Ticket {
	switch ev := e.event.(type) {
	case TicketIssued:
		return issued(ev)
	case QuickServed:
		return quickServed(ev, e.meta.At)
	}
	t := *old
	switch ev := e.event.(type) {
	case TicketCalled:
		t.call(ev, e.meta.At)
	case TicketRecalled:
		t.CalledAt, t.Calls = e.meta.At, t.Calls+1
	case ServiceStarted:
		t.Status, t.Counter, t.StartedAt, t.EndedAt = Serving, ev.Counter, old.pressed(ev.At, e.meta), time.Time{}
	case ServiceFinished:
		t.finish(ev, old.pressed(ev.At, e.meta))
	case TicketServed:
		t.serve(ev, e.meta)
	case TicketReady:
		t.wait(Line{t.Line.Service, StageDelivery})
		t.Only, t.Arrival, t.ReadyAt = "", e.meta.At, e.meta.At
	case TicketMissed:
		t.Status, t.Counter, t.MissedAt = NoShow, "", old.pressed(ev.At, e.meta)
	case TicketRestored: // somebody who did not come has come
		t.wait(t.Line)
		t.SlotPassed = t.SlotPassed || ev.Arrival.After(t.Arrival)
		t.Arrival = ev.Arrival
	case TicketHeld:
		t.leaveCounter(old.pressed(ev.At, e.meta))
		t.HeldFrom = t.Status
		t.Status, t.HoldReason, t.HeldBy, t.Room = Held, ev.Reason, ev.By, ev.Room
	case TicketResumed:
		t.resume()
	case TicketTransferred:
		t.leaveCounter(e.meta.At)
		t.wait(ev.To)
		t.Only = ev.Only
	default:
		t.adjust(e)
	}
	t.Away = t.Away && (t.Status == Waiting || t.Status == Held)
	if t.Status != Waiting {
		t.Announced, t.AnnouncedAt = "", time.Time{}
	}
	return &t
}

// adjust is the part of advance for events that end a visit or only mark it.
func (t *Ticket) adjust(e stamped) {
	switch ev := e.event.(type) {
	case TicketSentAway:
		t.leaveCounter(e.meta.At)
		t.end(Done, e.meta.At)
		t.Notes = append(slices.Clip(t.Notes), Note{e.meta.At, e.meta.Actor.ID, "→ " + string(ev.Office)})
	case ServiceAdded:
		t.Further = append(slices.Clip(t.Further), ev.Service)
	case PrioritySet:
		t.Priority = ev.Priority
	case TicketDeferred:
		t.NotBefore = ev.Until
		if ev.Counter != "" {
			t.Skips++
		}
		if e.meta.Actor.visits() {
			t.Later++
		}
	case TicketArrived:
		t.Away = false
		if !ev.Arrival.IsZero() {
			t.Arrival = ev.Arrival
		}
		t.arriveNow(e.meta.At)
	case TicketAnnounced:
		t.announce(ev, e.meta.At)
	case TicketMerged:
		t.takeOver(ev)
	case TicketWithdrawn:
		t.end(Withdrawn, e.meta.At)
	case NoteAdded:
		t.Notes = append(slices.Clip(t.Notes), ev.Note)
	case TicketFlagged:
		t.Flags = flagged(t.Flags, ev.Flag)
	case TicketClosed:
		t.end(Closed, e.meta.At)
	case TicketExpired:
		t.leaveCounter(e.meta.At) // who was being served at the end was served
		t.end(Expired, e.meta.At)
	}
}

func issued(e TicketIssued) *Ticket {
	t := &Ticket{
		ID: e.Ticket, Number: e.Number, Status: Waiting, Line: Line{e.Service, StageReception},
		Channel: e.Channel, Language: e.Language, Priority: e.Priority, IssuedAt: e.IssuedAt, Arrival: e.Arrival,
		Appointment: e.Appointment, Further: e.Further, Secret: e.Secret, Quote: e.Quote,
		Away: e.Away, KeepUntil: e.KeepUntil, Marks: e.Marks,
	}
	for _, f := range e.Flags {
		t.Flags = flagged(t.Flags, f)
	}
	return t
}

func quickServed(e QuickServed, at time.Time) *Ticket {
	line := Line{e.Service, StageReception}
	return &Ticket{
		ID: e.Ticket, Status: Done, Line: line, Channel: ChannelReception, IssuedAt: at, Arrival: at, EndedAt: at,
		Visited: []Visit{{Line: line, Counter: e.Counter, Called: at, Started: at, Finished: at, Quantity: e.Quantity, Unmeasured: true}},
	}
}

func (t *Ticket) call(e TicketCalled, at time.Time) {
	t.Status, t.Counter, t.CalledAt, t.CalledAs = Called, e.Counter, at, e.Number
	t.Calls, t.StartedAt, t.EndedAt = 1, time.Time{}, time.Time{}
	t.HoldReason, t.HeldBy, t.HeldFrom, t.Room = "", "", "", ""
	if t.FirstCall.IsZero() {
		t.FirstCall = at
	}
}

// wait puts the ticket into a line with its arrival as it is.
func (t *Ticket) wait(l Line) {
	t.Status, t.Line, t.Counter, t.Calls = Waiting, l, "", 0
	t.HoldReason, t.HeldBy, t.HeldFrom, t.Room, t.NotBefore = "", "", "", "", time.Time{}
	t.Announced, t.AnnouncedAt = "", time.Time{}
	t.CalledAt, t.StartedAt, t.MissedAt = time.Time{}, time.Time{}, time.Time{}
}

// resume puts a held ticket back: into the back office if that had it, else into
// its line.
func (t *Ticket) resume() {
	from := t.HeldFrom
	t.wait(t.Line)
	if from == Processing {
		t.Status = Processing
	}
}

// newestMoment returns when the newest thing happened to the ticket.
func (t *Ticket) newestMoment() time.Time {
	at := t.IssuedAt
	for _, m := range []time.Time{t.CalledAt, t.StartedAt, t.ReadyAt, t.MissedAt, t.AnnouncedAt} {
		at = laterOf(at, m)
	}
	return at
}

func (t *Ticket) end(s Status, at time.Time) {
	t.Status, t.Counter, t.EndedAt, t.Away = s, "", at, false
}

// visit notes what was served at the counter that the ticket is leaving.
func (t *Ticket) visit(v Visit) {
	v.Line, v.Called, v.Started = t.Line, t.CalledAt, t.StartedAt
	if v.Started.IsZero() {
		v.Started = v.Called
		v.Unmeasured = true // nobody pressed start, so the time says nothing
	}
	t.Visited = append(slices.Clip(t.Visited), v)
}

// leaveCounter notes a talk that ends without being finished.
func (t *Ticket) leaveCounter(at time.Time) {
	if t.Status == Serving {
		t.visit(Visit{Counter: t.Counter, Finished: at, Unmeasured: true})
	}
	t.Counter = ""
}

func (t *Ticket) finish(e ServiceFinished, at time.Time) {
	t.visit(Visit{Counter: e.Counter, Finished: at, Quantity: e.Quantity, Outcome: e.Outcome, Unmeasured: e.Unmeasured, Served: e.Served})
	t.Further = without(t.Further, e.Served)
	t.moveOn(e.Status, e.To, at)
}

// moveOn takes the ticket from a talk that is over to where it goes.
func (t *Ticket) moveOn(to Status, line Line, at time.Time) {
	switch to {
	case Waiting:
		t.wait(line)
		t.Only = ""
		if len(t.Further) > 0 {
			t.Further = t.Further[1:]
		}
	case Processing:
		t.Status, t.Counter = Processing, ""
	default:
		t.end(Done, at)
	}
}
