package queue

import (
	"slices"
	"time"
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
	s.begin(e.Meta)
	for i, event := range e.Events {
		if why := s.apply(stamped{meta: e.Meta, seq: i, event: event}); why != "" {
			return &CorruptError{e.Command, event.kind(), why}
		}
	}
	s.finish()
	s.outcomes[e.Command] = &Outcome{e.Meta, e.Events}
	s.moment = e.At
	return nil
}

// stamped is an event with what its entry says about it.
type stamped struct {
	meta  Meta
	seq   int // within the entry
	event Event
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
	for _, k := range e.Settings.Kiosks {
		s.bindings[k.ID] = slices.Clone(k.Bindings)
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
		s.closed = true
	case RangeBound:
		s.bind(ev)
	case ServiceSet:
		s.services[ev.Service] = ServiceStatus{ev.State, ev.Message, at}
	case OfficeSet:
		s.office = ServiceStatus{ev.State, ev.Message, at}
	case ActionUndone:
		return s.takeBack(ev.Command)
	default:
		return s.applyCounter(e)
	}
	return ""
}

func (s *State) bind(e RangeBound) {
	taken := s.bindings[e.Kiosk]
	if slices.ContainsFunc(taken, func(b Binding) bool { return b.Slot == e.Slot || b.Store == e.Store }) {
		return
	}
	s.bindings[e.Kiosk] = append(slices.Clip(taken), Binding{e.Slot, e.Store})
}

// applyCounter folds the events of a counter.
func (s *State) applyCounter(e stamped) string {
	id := counterOf(e.event)
	now, ok := s.Counter(id)
	if !ok {
		now = &Counter{ID: id}
	}
	next := *now
	at := e.meta.At
	switch ev := e.event.(type) {
	case CounterOpened:
		next.State, next.Staff, next.Reason, next.Since = CounterOpen, ev.Staff, "", at
		next.Services, next.Own, next.Stages, next.Remote = ev.Services, ev.Own, ev.Stages, ev.Remote
	case CounterSuspended:
		next.State, next.Reason, next.Since = CounterPaused, ev.Reason, at
	case CounterShut:
		if now.Ticket != "" {
			return "the counter has a ticket"
		}
		next.State, next.Staff, next.Reason, next.Help, next.Since = CounterClosed, "", "", "", at
	case HelpAsked:
		next.Help, next.HelpAt = ev.Text, at
	case HelpAnswered:
		next.Help, next.HelpAt = "", time.Time{}
	default:
		return "an event without an effect"
	}
	s.putCounter(&next)
	return ""
}

func counterOf(e Event) CounterID {
	switch e := e.(type) {
	case CounterOpened:
		return e.Counter
	case CounterSuspended:
		return e.Counter
	case CounterShut:
		return e.Counter
	case HelpAsked:
		return e.Counter
	case HelpAnswered:
		return e.Counter
	}
	return ""
}

// applyTicket folds a decided event of a ticket, which must be one of the moves
// that the table of transitions allows.
func (s *State) applyTicket(e stamped) string {
	id := e.event.ticket()
	old := s.tickets[id]
	if why := s.misfit(old, e.event); why != "" {
		return why
	}
	s.decided(id, e)
	s.account(old, e)
	s.put(advance(old, e))
	return ""
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
			s.countTurn(old)
		}
	case TicketRecalled:
		s.showCall(Call{ev.Ticket, ev.Number, ev.Counter, old.Line, e.meta.At, old.Calls + 1})
	}
}

func (s *State) showCall(c Call) {
	keep := s.calls
	if len(keep) >= maxCalls {
		keep = keep[len(keep)-maxCalls+1:]
	}
	s.calls = append(slices.Clip(keep), c)
}

func (s *State) countTurn(called *Ticket) {
	if called.Priority {
		s.run++
	} else {
		s.run = 0
	}
	if called.Status != Waiting {
		return
	}
	for _, t := range s.lines[called.Line] {
		if !t.before(called) {
			break
		}
		s.overtaken[t.ID]++
		s.now.overtaken = append(s.now.overtaken, t.ID)
	}
}
