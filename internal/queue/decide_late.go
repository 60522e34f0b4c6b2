package queue

import "time"

// Limits on the moment of a press that a console tells of afterwards.
const (
	maxPressAge = 24 * time.Hour
	pressSlack  = 2 * time.Second // by which a console's clock may be ahead
)

// pressed returns the moment of a press for the event that tells of it, or zero
// where it is the entry's own moment. A press cannot have come before what the
// person at the console saw: one that says so counts from then.
func pressed(m Meta, clicked time.Time, field string, notBefore time.Time) (time.Time, error) {
	switch {
	case clicked.IsZero():
		return time.Time{}, nil
	case clicked.After(m.At.Add(pressSlack)), m.At.Sub(clicked) > maxPressAge:
		return time.Time{}, refuse(OutOfRange, field)
	}
	if at := laterOf(clicked, notBefore); at.Before(m.At) {
		return at, nil
	}
	return time.Time{}, nil
}

func orNow(at time.Time, m Meta) time.Time {
	if at.IsZero() {
		return m.At
	}
	return at
}

// pressed returns when the thing happened that an event tells of. In a merge, a
// press may turn out to be older than what another history says of the ticket.
func (t *Ticket) pressed(at time.Time, m Meta) time.Time {
	if at.IsZero() || forgetsPress() {
		return m.At
	}
	return laterOf(at, t.newestMoment())
}

// decideServe believes a clerk who served a paper by its number. What the ticket
// was meanwhile does not undo it; where the ticket has been served or given up, a
// person must find out which of the two was a slip.
func decideServe(s *State, m Meta, c Serve) ([]Event, error) {
	t, ok := s.tickets[c.Ticket]
	if !ok {
		return nil, refuse(UnknownTicket, "ticket")
	}
	if refusesServed(t) {
		return nil, refuseStatus(t)
	}
	if c.Counter == "" {
		return nil, refuse(MissingField, "counter")
	}
	if _, ok := s.Counter(c.Counter); !ok {
		return nil, refuse(UnknownCounter, "counter")
	}
	own := t.Status.AtCounter() && t.Counter == c.Counter
	notBefore := t.IssuedAt
	if own {
		notBefore = t.newestMoment()
	}
	started, at, err := c.presses(m, notBefore)
	switch {
	case err != nil:
		return nil, err
	case own && s.settings.Rule.Reading >= 1:
		return serveOwn(s, t, c, started, at), nil
	case s.settings.Rule.Reading < 1, t.Status == Serving, t.Status == Done, t.Status == Withdrawn, t.Status == Expired:
		text := "✓ " + string(c.Counter) + " " + orNow(at, m).In(JST).Format("15:04")
		return []Event{TicketFlagged{t.ID, FlagServedTwice}, NoteAdded{t.ID, Note{orNow(at, m), m.Actor.ID, text}}}, nil
	}
	event := TicketServed{Ticket: t.ID, Number: t.Number, Counter: c.Counter, Started: started, At: at}
	event.Status, event.To = t.goesOn(c.Processing && s.processes(t), nil)
	return one(event)
}

// presses returns when the talk began, or zero where nobody measured it, and when
// it ended, or zero for now.
func (c Serve) presses(m Meta, notBefore time.Time) (started, at time.Time, err error) {
	if at, err = pressed(m, c.Clicked, "clicked_at", notBefore); err != nil || c.Started.IsZero() {
		return started, at, err
	}
	if started, err = pressed(m, c.Started, "started_at", notBefore); err != nil {
		return started, at, err
	}
	if started = orNow(started, m); started.After(orNow(at, m)) {
		err = refuse(OutOfRange, "started_at")
	}
	return started, at, err
}

// serveOwn ends the talk with the ticket that the counter has.
func serveOwn(s *State, t *Ticket, c Serve, started, at time.Time) []Event {
	var events []Event
	if t.Status == Called && !started.IsZero() {
		events = append(events, ServiceStarted{t.ID, t.Counter, started})
	}
	event := ServiceFinished{Ticket: t.ID, Counter: t.Counter, At: at}
	event.Status, event.To = t.goesOn(c.Processing && s.processes(t), nil)
	return append(events, event)
}

// serve notes the visit of a ticket that the counter never had. A ticket that the
// back office had was handed over: that is a delivery.
func (t *Ticket) serve(e TicketServed, m Meta) {
	at := orNow(e.At, m)
	v := Visit{Line: t.Line, Counter: e.Counter, Called: e.Started, Started: e.Started, Finished: at}
	if e.Started.IsZero() {
		v.Called, v.Started, v.Unmeasured = at, at, true
	}
	if !t.AnnouncedAt.IsZero() {
		v.Called = t.AnnouncedAt
	}
	if t.Status == Processing {
		v.Line.Stage = StageDelivery
		t.Line = v.Line
	}
	if t.FirstCall.IsZero() {
		t.FirstCall = v.Called
	}
	t.CalledAs = e.Number
	t.HoldReason, t.HeldBy, t.HeldFrom, t.Room = "", "", "", ""
	t.Visited = append(t.Visited[:len(t.Visited):len(t.Visited)], v)
	t.moveOn(e.Status, e.To, at)
}
