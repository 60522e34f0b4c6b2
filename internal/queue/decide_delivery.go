package queue

import (
	"slices"
	"time"
)

// decideAnnounce calls all the numbers or, where one of them cannot be, none.
func decideAnnounce(s *State, m Meta, c Announce) ([]Event, error) {
	counter, err := openCounter(s, c.Counter)
	switch {
	case err != nil:
		return nil, err
	case len(c.Tickets) == 0:
		return nil, refuse(MissingField, "tickets")
	case len(c.Tickets) > maxAnnounce:
		return nil, refuse(OutOfRange, "tickets")
	}
	var events []Event
	for i, id := range c.Tickets {
		if slices.Contains(c.Tickets[:i], id) {
			continue
		}
		t, err := s.announceable(counter, id, m.At)
		if err != nil {
			return nil, err
		}
		events = append(events, TicketAnnounced{t.ID, t.Number, counter.ID})
	}
	return events, nil
}

// announceable returns a ticket that a counter may announce; the refusal names
// the number that is in the way.
func (s *State) announceable(c *Counter, id TicketID, at time.Time) (*Ticket, error) {
	t, ok := s.tickets[id]
	if !ok {
		return nil, refuse(UnknownTicket, "tickets")
	}
	blame := func(code Code) error { return &Refusal{Code: code, Field: "tickets", Have: string(t.Number)} }
	serves := slices.Contains(c.Services, t.Line.Service) && slices.Contains(c.Stages, t.Line.Stage)
	switch {
	case t.Status != Waiting:
		return nil, blame(WrongStatus)
	case t.Line.Stage != StageDelivery, !s.mayCall(c, t, serves, ""):
		return nil, blame(NotServedHere)
	case t.Announced != c.ID && s.announced(t):
		return nil, blame(OtherCounter)
	case t.Announced == c.ID && at.Before(t.AnnouncedAt.Add(s.settings.Rule.RecallGap)):
		return nil, blame(TooSoon)
	}
	return t, nil
}

// announced reports whether a ticket was called to a delivery desk that is still
// there: the rule leaves it alone. When the counter closes it is everybody's again.
func (s *State) announced(t *Ticket) bool {
	if t.Announced == "" {
		return false
	}
	c, ok := s.Counter(t.Announced)
	return ok && c.State != CounterClosed
}

// announce notes a call to a delivery desk.
func (t *Ticket) announce(e TicketAnnounced, at time.Time) {
	t.Announced, t.AnnouncedAt, t.CalledAs = e.Counter, at, e.Number
	t.Calls++
	if t.FirstCall.IsZero() {
		t.FirstCall = at
	}
}

func decideHandOver(s *State, c HandOver) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Waiting)
	if err != nil {
		return nil, err
	}
	if _, err := openCounter(s, c.Counter); err != nil {
		return nil, err
	}
	switch {
	case t.Line.Stage != StageDelivery:
		return nil, refuse(NoSuchStage, "ticket")
	case t.Announced != c.Counter && s.announced(t):
		return nil, &Refusal{Code: OtherCounter, Field: "counter", Have: string(t.Announced)}
	}
	event := TicketServed{Ticket: t.ID, Number: t.Number, Counter: c.Counter, Started: time.Time{}}
	event.Status, event.To = t.goesOn(false, nil)
	return one(event)
}

// decideMerge joins two tickets of one visitor. Only a ticket that has not been
// served is given up for the other: what a counter did with it would be lost.
func decideMerge(s *State, m Meta, c Merge) ([]Event, error) {
	from, err := ticketIn(s, c.Ticket, Waiting, Held, NoShow)
	if err != nil {
		return nil, err
	}
	into, ok := s.tickets[c.Into]
	switch {
	case !ok:
		return nil, refuse(UnknownTicket, "into")
	case into == from:
		return nil, refuse(OutOfRange, "into")
	case into.Status.Final():
		return nil, &Refusal{Code: WrongStatus, Field: "into", Have: string(into.Status)}
	case from.Line.Stage != StageReception:
		return nil, refuse(NoSuchStage, "ticket")
	}
	event := TicketMerged{
		Ticket: into.ID, From: from.ID, Arrival: into.Arrival, Further: into.lacks(append([]ServiceID{from.Line.Service}, from.Further...)),
		Priority: from.Priority, Here: !from.Away,
	}
	if len(into.Further)+len(event.Further) > maxFurther {
		return nil, refuse(OutOfRange, "ticket")
	}
	if into.Line.Stage == StageReception && from.Arrival.Before(into.Arrival) {
		event.Arrival = from.Arrival
	}
	if into.Appointment.IsZero() && !from.SlotPassed {
		event.Appointment = from.Appointment
	}
	note := Note{m.At, m.Actor.ID, "→ " + string(into.Number)}
	return []Event{NoteAdded{from.ID, note}, TicketWithdrawn{from.ID}, event}, nil
}

// lacks returns those of some services that the ticket is not for.
func (t *Ticket) lacks(services []ServiceID) []ServiceID {
	has := append([]ServiceID{t.Line.Service}, t.Further...)
	for _, v := range t.Visited {
		has = append(has, v.Line.Service)
	}
	var lacking []ServiceID
	for _, id := range services {
		if !slices.Contains(has, id) {
			lacking, has = append(lacking, id), append(has, id)
		}
	}
	return lacking
}

// takeOver gives the ticket what the visitor's other one had. Another history may
// have joined the two as well: a service is wanted once.
func (t *Ticket) takeOver(e TicketMerged) {
	t.Arrival = e.Arrival
	t.Further = append(slices.Clip(t.Further), t.lacks(e.Further)...)
	t.Priority = t.Priority || e.Priority
	t.Away = t.Away && !e.Here
	if t.Appointment.IsZero() {
		t.Appointment = e.Appointment
	}
}

func decideSkip(s *State, m Meta, c Skip) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Waiting)
	if err != nil {
		return nil, err
	}
	counter, err := openCounter(s, c.Counter)
	if err != nil {
		return nil, err
	}
	serves := slices.Contains(counter.Services, t.Line.Service) && slices.Contains(counter.Stages, t.Line.Stage)
	switch {
	case s.settings.Rule.SkipFor <= 0:
		return nil, refuse(NotAllowed, "ticket")
	case !s.mayCall(counter, t, serves, ""):
		return nil, refuse(NotServedHere, "ticket")
	case t.Skips >= maxSkips:
		return nil, refuse(TooOften, "ticket")
	}
	return one(TicketDeferred{Ticket: t.ID, Until: m.At.Add(s.settings.Rule.SkipFor), Counter: c.Counter})
}
