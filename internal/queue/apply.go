package queue

import (
	"cmp"
	"slices"
)

// Replay folds entries into a new state.
func Replay(entries []Entry) (*State, error) {
	s := New()
	for _, e := range entries {
		if err := s.Apply(e); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Apply folds one entry into the state. It returns a *[CorruptError] when a
// decided entry does not fit; the state is then unusable and must be dropped.
// Facts always fit.
func (s *State) Apply(e Entry) error {
	if e.Fact {
		s.absorb(e)
		return nil
	}
	s.opening = nil
	s.begin(e.Meta)
	for i, event := range e.Events {
		if why := s.apply(stamped{meta: e.Meta, number: e.OriginNumber, seq: i, event: event}); why != "" {
			return &CorruptError{e.Command, event.kind(), why}
		}
	}
	s.chronicle(e, s.finish())
	s.outcomes[e.Command] = &Outcome{Meta: e.Meta, Events: e.Events}
	s.moment = e.At
	return nil
}

// apply folds one decided event. It answers with what does not fit, or "".
func (s *State) apply(e stamped) string {
	if !s.opened {
		opened, is := e.event.(DayOpened)
		if !is {
			return "the day is not open"
		}
		s.openDay(opened)
		return ""
	}
	if e.event.ticket() != "" {
		return s.applyTicket(e)
	}
	return s.applyDay(e)
}

func (s *State) openDay(e DayOpened) {
	s.opened = true
	s.settings = e.Settings
	s.bindAll(e.Settings)
}

// bindAll takes over the bindings that were carried into the day.
func (s *State) bindAll(settings Settings) {
	for _, k := range settings.Kiosks {
		for _, b := range k.Bindings {
			s.bind(RangeBound{k.ID, b.Slot, b.Store})
		}
	}
}

// applyDay folds the events that are about no ticket.
func (s *State) applyDay(e stamped) string {
	at := e.meta.At
	switch ev := e.event.(type) {
	case DayOpened:
		return "the day is already open"
	case SettingsChanged:
		s.settings = ev.Settings
	case DayClosed:
		s.closed, s.shut = true, true
		s.now.possible = false // the day is over for everybody, screens too
	case RangeBound:
		s.bind(ev)
	case ServiceSet:
		s.services[ev.Service] = ServiceStatus{ev.State, ev.Message, at}
	case OfficeSet:
		s.office = ServiceStatus{ev.State, ev.Message, at}
	case KioskReported:
		ev.Report.At = at
		s.kiosks[ev.Kiosk] = ev.Report
	case KioskActed: // an audit changes nothing
	case ActionUndone:
		return s.takeBack(ev.Command)
	default:
		return s.applyCounter(e)
	}
	return ""
}

// bind ties a slot to a store. Two histories may have bound one slot to two
// stores; both stay, sorted, because both may have printed from its range.
func (s *State) bind(e RangeBound) {
	taken, b := s.bindings[e.Kiosk], Binding{e.Slot, e.Store}
	at, known := slices.BinarySearchFunc(taken, b, compareBindings)
	if !known {
		s.bindings[e.Kiosk] = slices.Insert(slices.Clone(taken), at, b)
	}
}

func compareBindings(a, b Binding) int {
	return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Store, b.Store))
}

// applyTicket folds a decided event of a ticket, which must be one of the moves
// that the table of transitions allows.
func (s *State) applyTicket(e stamped) string {
	id := e.event.ticket()
	old := s.tickets[id]
	if why := s.misfit(old, e.event); why != "" {
		return why
	}
	s.settleAround(old, e.event)
	s.decided(id, e)
	s.account(old, e)
	s.put(advance(old, e))
	s.insertRecalled(e)
	if old == nil && len(s.epochs[id].facts) > 0 {
		s.refold(id)
		s.settleCounters()
	}
	return ""
}

// settleAround settles what was merged at the counters of an event.
func (s *State) settleAround(old *Ticket, e Event) {
	if len(s.demoted) == 0 {
		return
	}
	if old != nil {
		s.settleAt(old.Counter)
	}
	if called, is := e.(TicketCalled); is {
		s.settleAt(called.Counter)
	}
}

// misfit says why an event cannot happen to a ticket, or "".
func (s *State) misfit(t *Ticket, e Event) string {
	if why := fits(t, e); why != "" {
		return why
	}
	if called, is := e.(TicketCalled); is {
		c, ok := s.Counter(called.Counter)
		if !ok || c.Ticket != "" {
			return "the counter is not free"
		}
	}
	if issued, is := e.(TicketIssued); is && len(s.numbers[issued.Number]) > 0 {
		return "the number was given before"
	}
	return ""
}

// account keeps the books that span several tickets: numbers given, the turn of
// the classes, who was overtaken, and the calls for the wall.
func (s *State) account(old *Ticket, e stamped) {
	switch ev := e.event.(type) {
	case TicketIssued:
		s.spend(ev)
	case TicketCalled:
		s.showCall(Call{ev.Ticket, ev.Number, ev.Counter, old.Line, e.meta.At, 1})
		if ev.Reason.ByRule() {
			s.countTurn(old, ev, e.meta)
		}
	case TicketRecalled:
		s.showCall(Call{ev.Ticket, ev.Number, ev.Counter, old.Line, e.meta.At, old.Calls + 1})
	case TicketAnnounced:
		s.showCall(Call{ev.Ticket, ev.Number, ev.Counter, old.Line, e.meta.At, old.Calls + 1})
		s.now.by = ev.Counter
	case TicketServed:
		s.now.by = ev.Counter
	case TicketDeferred:
		s.now.by = ev.Counter
	}
}

// showCall keeps the newest calls, in the order of their moments.
func (s *State) showCall(c Call) {
	at := len(s.calls)
	for at > 0 && s.calls[at-1].At.After(c.At) {
		at--
	}
	calls := make([]Call, 0, len(s.calls)+1)
	calls = append(append(append(calls, s.calls[:at]...), c), s.calls[at:]...)
	s.calls = calls[max(0, len(calls)-maxCalls):]
}
