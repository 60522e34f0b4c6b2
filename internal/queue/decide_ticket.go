package queue

import (
	"slices"
	"time"
)

// ticketIn returns a ticket that stands in one of the statuses.
func ticketIn(s *State, id TicketID, in ...Status) (*Ticket, error) {
	t, ok := s.tickets[id]
	switch {
	case !ok:
		return nil, refuse(UnknownTicket, "ticket")
	case !slices.Contains(in, t.Status):
		return nil, refuseStatus(t)
	}
	return t, nil
}

// ticketAt is ticketIn for a counter that acts on its own ticket. Acting on
// another counter's ticket needs a take-over first.
func ticketAt(s *State, id TicketID, counter CounterID, in ...Status) (*Ticket, error) {
	t, err := ticketIn(s, id, in...)
	if err != nil {
		return nil, err
	}
	if counter != "" && t.Status.AtCounter() && t.Counter != counter {
		return nil, &Refusal{Code: OtherCounter, Field: "counter", Have: string(t.Counter)}
	}
	return t, nil
}

func decideRecall(s *State, m Meta, c Recall) ([]Event, error) {
	t, err := ticketAt(s, c.Ticket, c.Counter, Called)
	if err != nil {
		return nil, err
	}
	if m.At.Before(t.CalledAt.Add(s.settings.Rule.RecallGap)) {
		return nil, refuse(TooSoon, "at")
	}
	return one(TicketRecalled{t.ID, t.Number, t.Counter})
}

func decideStart(s *State, m Meta, c Start) ([]Event, error) {
	t, err := ticketAt(s, c.Ticket, c.Counter, Called)
	if err != nil {
		return nil, err
	}
	at, err := pressed(m, c.Clicked, "clicked_at", t.newestMoment())
	if err != nil {
		return nil, err
	}
	return one(ServiceStarted{t.ID, t.Counter, at})
}

// decideFinish also takes a ticket that was called and never started: a clerk
// who forgets the start key must not be stuck with the visitor.
func decideFinish(s *State, m Meta, c Finish) ([]Event, error) {
	t, err := ticketAt(s, c.Ticket, c.Counter, Called, Serving)
	if err != nil {
		return nil, err
	}
	at, err := pressed(m, c.Clicked, "clicked_at", t.newestMoment())
	if err != nil {
		return nil, err
	}
	if c.Quantity < 0 || c.Quantity > maxQuantity {
		return nil, refuse(OutOfRange, "quantity")
	}
	if err := checkText("outcome", c.Outcome, false); err != nil {
		return nil, err
	}
	if err := checkServed(s, c.Served); err != nil {
		return nil, err
	}
	if c.Processing && !s.processes(t) {
		return nil, refuse(NoSuchStage, "processing")
	}
	event := ServiceFinished{
		Ticket: t.ID, Counter: t.Counter, Outcome: c.Outcome, Quantity: c.Quantity, Unmeasured: c.Unmeasured, Served: c.Served, At: at,
	}
	event.Status, event.To = t.goesOn(c.Processing, c.Served)
	return one(event)
}

// processes reports whether a ticket can go into the back office from its line.
func (s *State) processes(t *Ticket) bool {
	service, _ := s.settings.Service(t.Line.Service)
	return t.Line.Stage == StageReception && service.HasStage(StageProcessing)
}

// goesOn returns where a ticket goes when a talk ends.
func (t *Ticket) goesOn(processing bool, served []ServedService) (Status, Line) {
	further := without(t.Further, served)
	switch {
	case processing:
		return Processing, Line{}
	case len(further) > 0:
		return Waiting, Line{further[0], StageReception}
	}
	return Done, Line{}
}

// without returns the services that are still to come once some were served.
func without(further []ServiceID, served []ServedService) []ServiceID {
	if len(served) == 0 {
		return further
	}
	return slices.DeleteFunc(slices.Clone(further), func(id ServiceID) bool {
		return slices.ContainsFunc(served, func(v ServedService) bool { return v.Service == id })
	})
}

func checkServed(s *State, served []ServedService) error {
	if len(served) > maxFurther {
		return refuse(OutOfRange, "served")
	}
	for _, v := range served {
		if _, ok := s.settings.Service(v.Service); !ok {
			return refuse(UnknownService, "served")
		}
		if v.Quantity < 0 || v.Quantity > maxQuantity {
			return refuse(OutOfRange, "served")
		}
	}
	return nil
}

func decideFinishAndCallNext(s *State, m Meta, c FinishAndCallNext) ([]Event, error) {
	counter, err := openCounter(s, c.Counter)
	if err != nil {
		return nil, err
	}
	if counter.Ticket == "" {
		return nil, refuse(CounterFree, "counter")
	}
	if t := s.tickets[counter.Ticket]; c.Number != "" && t.Number != c.Number && !slices.Contains(t.Former, c.Number) {
		return nil, &Refusal{Code: CounterBusy, Field: "number", Have: string(t.Number)}
	}
	events, err := decideFinish(s, m, Finish{
		Ticket: counter.Ticket, Processing: c.Processing, Outcome: c.Outcome, Quantity: c.Quantity, Unmeasured: c.Unmeasured,
		Served: c.Served,
	})
	if err != nil {
		return nil, err
	}
	next, err := callNext(afterFinish(s, m, events), m, CallNext{c.Counter, c.Service})
	if refusal, is := err.(*Refusal); is && refusal.Code == NobodyWaits {
		return events, nil // the visit is finished all the same
	}
	if err != nil {
		return nil, err
	}
	return append(events, next...), nil
}

// afterFinish returns the state in which the next call is decided. Only a visit
// that goes on to another line changes who waits.
func afterFinish(s *State, m Meta, events []Event) *State {
	if finished, is := events[0].(ServiceFinished); !is || finished.Status != Waiting {
		return s
	}
	after := s.Clone()
	if err := after.Apply(Entry{Meta: m, Events: events}); err != nil {
		return s // the events were decided on this very state, so they fit
	}
	return after
}

func decideReady(s *State, c MarkReady) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Processing)
	if err != nil {
		return nil, err
	}
	if service, _ := s.settings.Service(t.Line.Service); !service.HasStage(StageDelivery) {
		return nil, refuse(NoSuchStage, "ticket")
	}
	return one(TicketReady{t.ID})
}

func decideNoShow(s *State, m Meta, c MarkNoShow) ([]Event, error) {
	t, err := ticketAt(s, c.Ticket, c.Counter, Called)
	if err != nil {
		return nil, err
	}
	at, err := pressed(m, c.Clicked, "clicked_at", t.newestMoment())
	if err != nil {
		return nil, err
	}
	if t.Calls < s.settings.Rule.NoShowCalls {
		return nil, refuse(MoreCallsFirst, "ticket")
	}
	return one(TicketMissed{t.ID, t.Number, t.Counter, at})
}

func decideRestore(s *State, m Meta, c Restore) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, NoShow)
	if err != nil {
		return nil, err
	}
	if c.Back < 0 {
		return nil, refuse(OutOfRange, "back")
	}
	arrival, err := restoredArrival(s, m, c, t)
	if err != nil {
		return nil, err
	}
	return one(TicketRestored{t.ID, arrival})
}

// restoredArrival returns the arrival that gives a restored ticket its place.
// One nanosecond behind another ticket is behind it and before everyone else.
func restoredArrival(s *State, m Meta, c Restore, t *Ticket) (time.Time, error) {
	switch c.Place {
	case "", PlaceKeep:
		return t.Arrival, nil
	case PlaceEnd:
		return m.At, nil
	case PlaceBack:
		back := c.Back
		if back == 0 {
			back = s.settings.Rule.RestoreBack
		}
		line := s.lines[t.Line]
		if back = min(back, len(line)); back == 0 {
			return t.Arrival, nil
		}
		behind := line[back-1].Arrival.Add(time.Nanosecond)
		if behind.Before(t.Arrival) {
			return t.Arrival, nil
		}
		return behind, nil
	}
	return time.Time{}, refuse(UnknownPlace, "place")
}

func decideHold(s *State, m Meta, c Hold) ([]Event, error) {
	t, err := ticketAt(s, c.Ticket, c.Counter, Waiting, Called, Serving, Processing)
	if err != nil {
		return nil, err
	}
	at, err := pressed(m, c.Clicked, "clicked_at", t.newestMoment())
	if err != nil {
		return nil, err
	}
	if err := checkText("reason", c.Reason, true); err != nil {
		return nil, err
	}
	if err := checkText("room", c.Room, false); err != nil {
		return nil, err
	}
	return one(TicketHeld{t.ID, c.Reason, m.Actor.ID, c.Room, at})
}

func decideResume(s *State, c Resume) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Held)
	if err != nil {
		return nil, err
	}
	return one(TicketResumed{t.ID})
}

func decideTransfer(s *State, m Meta, c Transfer) ([]Event, error) {
	t, err := ticketAt(s, c.Ticket, c.Counter, Waiting, Called, Serving, Held, NoShow)
	if err != nil {
		return nil, err
	}
	if err := checkText("note", c.Note, false); err != nil {
		return nil, err
	}
	var events []Event
	if c.Note != "" {
		events = append(events, NoteAdded{t.ID, Note{m.At, m.Actor.ID, c.Note}})
	}
	if c.Office != "" {
		return append(events, TicketSentAway{t.ID, c.Office}), nil
	}
	to, err := transferLine(s, t, c)
	if err != nil {
		return nil, err
	}
	return append(events, TicketTransferred{t.ID, to, c.To}), nil
}

func transferLine(s *State, t *Ticket, c Transfer) (Line, error) {
	if c.Service == "" && c.To == "" {
		return Line{}, refuse(MissingField, "service")
	}
	to := t.Line
	if c.Service != "" && c.Service != t.Line.Service {
		if _, ok := s.settings.Service(c.Service); !ok {
			return Line{}, refuse(UnknownService, "service")
		}
		to = Line{c.Service, StageReception}
	}
	if c.To != "" {
		if _, ok := s.settings.Counter(c.To); !ok {
			return Line{}, refuse(UnknownCounter, "to")
		}
	}
	return to, nil
}

func decideAddService(s *State, c AddService) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Waiting, Called, Serving, Processing, Held, NoShow)
	if err != nil {
		return nil, err
	}
	if _, ok := s.settings.Service(c.Service); !ok {
		return nil, refuse(UnknownService, "service")
	}
	if len(t.Further) >= maxFurther {
		return nil, refuse(OutOfRange, "service")
	}
	return one(ServiceAdded{t.ID, c.Service})
}

func decideChangeService(s *State, c ChangeService) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Waiting, Held, NoShow)
	if err != nil {
		return nil, err
	}
	if _, ok := s.settings.Service(c.Service); !ok {
		return nil, refuse(UnknownService, "service")
	}
	return one(TicketTransferred{Ticket: t.ID, To: Line{c.Service, StageReception}})
}

func decideSetPriority(s *State, c SetPriority) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Waiting, Held, NoShow)
	if err != nil {
		return nil, err
	}
	return one(PrioritySet{t.ID, c.Priority})
}

func decideDefer(s *State, m Meta, c Defer) ([]Event, error) {
	t, err := ticketIn(s, c.Ticket, Waiting)
	if err != nil {
		return nil, err
	}
	if c.For <= 0 || c.For > maxDefer {
		return nil, refuse(OutOfRange, "for")
	}
	if m.Actor.visits() && t.Later >= maxLater {
		return nil, refuse(TooOften, "ticket")
	}
	return one(TicketDeferred{Ticket: t.ID, Until: m.At.Add(c.For)})
}

// decideWithdraw lets a visitor give up until the number is called; from then on
// the clerk is waiting for an answer, and only staff may who see the counter.
func decideWithdraw(s *State, m Meta, c Withdraw) ([]Event, error) {
	in := []Status{Waiting, Held, NoShow, Processing}
	if m.Actor.Role != RoleHolder && !m.Actor.atMachine() {
		in = append(in, Called)
	}
	t, err := ticketIn(s, c.Ticket, in...)
	if err != nil {
		return nil, err
	}
	return one(TicketWithdrawn{t.ID})
}

func decideNote(s *State, m Meta, c AddNote) ([]Event, error) {
	t, ok := s.tickets[c.Ticket]
	if !ok {
		return nil, refuse(UnknownTicket, "ticket")
	}
	at, err := pressed(m, c.Clicked, "clicked_at", t.IssuedAt)
	if err != nil {
		return nil, err
	}
	if err := checkText("text", c.Text, true); err != nil {
		return nil, err
	}
	return one(NoteAdded{c.Ticket, Note{orNow(at, m), m.Actor.ID, c.Text}})
}

func decideFlag(s *State, c FlagTicket) ([]Event, error) {
	if _, ok := s.tickets[c.Ticket]; !ok {
		return nil, refuse(UnknownTicket, "ticket")
	}
	if c.Flag == "" {
		return nil, refuse(MissingField, "flag")
	}
	return one(TicketFlagged(c))
}
