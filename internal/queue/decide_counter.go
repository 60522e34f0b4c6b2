package queue

import "slices"

func decideOpenCounter(s *State, m Meta, c OpenCounter) ([]Event, error) {
	plan, ok := s.settings.Counter(c.Counter)
	if !ok {
		return nil, refuse(UnknownCounter, "counter")
	}
	staff := c.Staff
	if staff == "" {
		staff = m.Actor.ID
	}
	now, _ := s.Counter(c.Counter)
	held := now.State != CounterClosed && now.Staff != staff
	if held && !c.TakeOver {
		return nil, &Refusal{Code: CounterTaken, Field: "counter", Have: now.Staff}
	}
	services := c.Services
	if len(services) == 0 {
		services = plan.Services
	}
	for _, id := range services {
		if _, ok := s.settings.Service(id); !ok {
			return nil, refuse(UnknownService, "services")
		}
	}
	event := CounterOpened{Counter: c.Counter, Staff: staff, Services: services, Own: plan.Own, Stages: plan.Stages, Remote: plan.Remote}
	if held {
		event.From = now.Staff
	}
	return one(event)
}

func decidePauseCounter(s *State, c PauseCounter) ([]Event, error) {
	if _, err := openCounter(s, c.Counter); err != nil {
		return nil, err
	}
	if err := checkText("reason", c.Reason, true); err != nil {
		return nil, err
	}
	return one(CounterSuspended(c))
}

func decideCloseCounter(s *State, c CloseCounter) ([]Event, error) {
	counter, ok := s.Counter(c.Counter)
	switch {
	case !ok:
		return nil, refuse(UnknownCounter, "counter")
	case counter.State == CounterClosed:
		return nil, refuse(CounterNotOpen, "counter")
	case counter.Ticket != "":
		return nil, &Refusal{Code: CounterBusy, Field: "counter", Have: string(s.tickets[counter.Ticket].Number)}
	}
	return one(CounterShut(c))
}

// openCounter returns a counter that is open, not paused.
func openCounter(s *State, id CounterID) (*Counter, error) {
	c, ok := s.Counter(id)
	switch {
	case id == "":
		return nil, refuse(MissingField, "counter")
	case !ok:
		return nil, refuse(UnknownCounter, "counter")
	case c.State != CounterOpen:
		return nil, &Refusal{Code: CounterNotOpen, Field: "counter", Have: string(c.State)}
	}
	return c, nil
}

// freeCounter returns an open counter that has no ticket.
func freeCounter(s *State, id CounterID) (*Counter, error) {
	c, err := openCounter(s, id)
	if err != nil {
		return nil, err
	}
	if c.Ticket != "" {
		return nil, &Refusal{Code: CounterBusy, Field: "counter", Have: string(s.tickets[c.Ticket].Number)}
	}
	return c, nil
}

func decideCallNext(s *State, m Meta, c CallNext) ([]Event, error) {
	if _, err := freeCounter(s, c.Counter); err != nil {
		return nil, err
	}
	return callNext(s, m, c)
}

// callNext is shared with finishing: there the counter is about to be free.
func callNext(s *State, m Meta, c CallNext) ([]Event, error) {
	counter, _ := s.Counter(c.Counter)
	if c.Service != "" && !slices.Contains(counter.Services, c.Service) {
		return nil, refuse(NotServedHere, "service")
	}
	if c.Service != "" && !s.MayChoose(m.Actor) {
		return nil, refuse(NotAllowed, "service")
	}
	next, ok := Next(s, c.Counter, c.Service, m.At)
	if !ok {
		return nil, refuse(NobodyWaits, "")
	}
	return one(TicketCalled{next.Ticket.ID, next.Ticket.Number, c.Counter, next.Reason})
}

// decideCallTicket lets a person choose. A no-show who turns up and a ticket
// that was held may be called without being restored first.
func decideCallTicket(s *State, m Meta, c CallTicket) ([]Event, error) {
	if !s.MayChoose(m.Actor) {
		return nil, refuse(NotAllowed, "ticket")
	}
	t, err := ticketIn(s, c.Ticket, Waiting, NoShow, Held)
	if err != nil {
		return nil, err
	}
	if _, err := freeCounter(s, c.Counter); err != nil {
		return nil, err
	}
	return one(TicketCalled{t.ID, t.Number, c.Counter, Reason{Code: ReasonChosen}})
}

// MayChoose reports whether the office's rule lets somebody call a chosen number,
// or the next of one service.
func (s *State) MayChoose(a Actor) bool {
	switch s.settings.Rule.Choose {
	case ChooseManager:
		return a.Role == RoleManager
	case ChooseNobody:
		return false
	}
	return true
}

func decideQuickServe(s *State, c QuickServe) ([]Event, error) {
	if c.Ticket == "" {
		return nil, refuse(MissingField, "ticket")
	}
	if _, exists := s.tickets[c.Ticket]; exists {
		return nil, refuse(TicketExists, "ticket")
	}
	if _, err := openCounter(s, c.Counter); err != nil {
		return nil, err
	}
	if _, ok := s.settings.Service(c.Service); !ok {
		return nil, refuse(UnknownService, "service")
	}
	if c.Quantity < 0 || c.Quantity > maxQuantity {
		return nil, refuse(OutOfRange, "quantity")
	}
	return one(QuickServed{c.Ticket, c.Counter, c.Service, max(1, c.Quantity)})
}

func decideAskHelp(s *State, c AskHelp) ([]Event, error) {
	if _, err := openCounter(s, c.Counter); err != nil {
		return nil, err
	}
	if err := checkText("text", c.Text, true); err != nil {
		return nil, err
	}
	return one(HelpAsked(c))
}

func decideAnswerHelp(s *State, c AnswerHelp) ([]Event, error) {
	counter, ok := s.Counter(c.Counter)
	switch {
	case !ok:
		return nil, refuse(UnknownCounter, "counter")
	case counter.Help == "":
		return nil, refuse(NoHelpAsked, "counter")
	}
	return one(HelpAnswered(c))
}
