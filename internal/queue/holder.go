package queue

import "time"

// checkHolder refuses a person who acts at a counter that another member of staff
// holds: after a take-over, a page that does not know of it must not go on calling
// there. Nobody is above it: whoever wants to act takes the counter over, which is
// recorded. What was pressed before the other came still counts.
func (s *State) checkHolder(m Meta, c Command) error {
	if !m.Personal {
		return nil
	}
	id, clicked := s.actsAt(m, c)
	counter, known := s.Counter(id)
	if !known || counter.State == CounterClosed || counter.Staff == m.Actor.ID {
		return nil
	}
	if !clicked.IsZero() && clicked.Before(counter.Since) {
		return nil
	}
	return &Refusal{Code: CounterTaken, Field: "counter", Have: counter.Staff}
}

// actsAt returns the counter that only its holder uses with a command, if there is
// one, and when the key was pressed; zero: now. A visit by number happened, whoever
// has the counter since; a call for help is answered by others.
func (s *State) actsAt(m Meta, c Command) (CounterID, time.Time) {
	switch c := c.(type) {
	case PauseCounter:
		return c.Counter, time.Time{}
	case CloseCounter:
		return c.Counter, time.Time{}
	case CallNext:
		return c.Counter, time.Time{}
	case CallTicket:
		return c.Counter, time.Time{}
	case QuickServe:
		return c.Counter, time.Time{}
	case FinishAndCallNext:
		return c.Counter, time.Time{}
	case AskHelp:
		return c.Counter, time.Time{}
	case Undo:
		return s.undoneAt(m, c), time.Time{}
	case Announce:
		return c.Counter, time.Time{}
	case HandOver:
		return c.Counter, time.Time{}
	case Skip:
		return c.Counter, time.Time{}
	case Recall:
		return s.ownCounter(c.Counter, c.Ticket), time.Time{}
	case Transfer:
		return s.ownCounter(c.Counter, c.Ticket), time.Time{}
	case Start:
		return s.ownCounter(c.Counter, c.Ticket), c.Clicked
	case Finish:
		return s.ownCounter(c.Counter, c.Ticket), c.Clicked
	case MarkNoShow:
		return s.ownCounter(c.Counter, c.Ticket), c.Clicked
	case Hold:
		return s.ownCounter(c.Counter, c.Ticket), c.Clicked
	}
	return "", time.Time{}
}

// ownCounter returns the counter that has a ticket and is meant: the one that is
// named, or any. Of a ticket that is at no counter, no counter is used.
func (s *State) ownCounter(named CounterID, id TicketID) CounterID {
	if t, ok := s.tickets[id]; ok && t.Status.AtCounter() && (named == "" || named == t.Counter) {
		return t.Counter
	}
	return ""
}

// undoneAt returns the counter whose action an undo takes back.
func (s *State) undoneAt(m Meta, c Undo) CounterID {
	if a, ok := s.undoable(m, c); c.Counter == "" && ok {
		return a.counter
	}
	return c.Counter
}
