package queue

import (
	"slices"
	"time"
)

// Action is something that staff did, as a console lists it: what one command did
// to one ticket, or to the counter.
type Action struct {
	Command CommandID
	At      time.Time
	By      string
	What    string   // the kind of the event, such as ticket_called
	Ticket  TicketID // empty: the counter itself
	Number  Number
	Undone  bool
	// Until is until when it can be undone; zero: it cannot.
	Until time.Time
}

// maxHistory bounds the actions that are remembered for each counter.
const maxHistory = 10

// History returns the newest actions of a counter and of whoever holds it, the
// newest first, at most ten.
func (s *State) History(counter CounterID, at time.Time) []Action {
	list := slices.Clone(s.history[string(counter)])
	if c, ok := s.counters[counter]; ok && c.Staff != "" {
		list = append(list, s.history[byActor(c.Staff)]...)
	}
	slices.Reverse(list) // within one moment, too, the newest is first
	slices.SortStableFunc(list, func(a, b Action) int { return b.At.Compare(a.At) })
	list = list[:min(maxHistory, len(list))]
	for i := range list {
		list[i].Until = s.undoableUntil(list[i].Command, at)
	}
	return list
}

func (s *State) undoableUntil(id CommandID, at time.Time) time.Time {
	a, ok := s.undoable(Meta{}, Undo{Command: id})
	if s.closed || !ok || !s.unchangedSince(a) {
		return time.Time{}
	}
	until := a.meta.At.Add(s.settings.Rule.UndoWithin)
	if at.After(until) {
		return time.Time{}
	}
	return until
}

// HelpAnswered returns who answered a counter's newest call for help, and when.
func (s *State) HelpAnswered(counter CounterID) (by string, at time.Time, ok bool) {
	for _, a := range slices.Backward(s.history[string(counter)]) {
		if a.What == (HelpAnswered{}).kind() && !a.Undone {
			return a.By, a.At, true
		}
	}
	return "", time.Time{}, false
}

// byActor is where the actions are kept that were done at no counter, such as
// bringing a held ticket back.
func byActor(id string) string { return "by " + id }

// chronicle keeps what an entry did for the counter's list. An undo is no action
// of its own: it marks the one that it took back.
func (s *State) chronicle(e Entry, counter CounterID) {
	if !byStaff(e.Actor) {
		return
	}
	key := string(counter)
	if key == "" {
		key = byActor(e.Actor.ID)
	}
	list := slices.Clone(s.history[key])
	for _, event := range e.Events {
		if undo, is := event.(ActionUndone); is {
			s.markUndone(undo.Command)
			return
		}
		list = s.told(list, e.Meta, event)
	}
	if len(list) > 0 {
		s.history[key] = list[max(0, len(list)-maxHistory):]
	}
}

// told adds one event. Of several events of one command about one ticket the last
// says what was done.
func (s *State) told(list []Action, m Meta, event Event) []Action {
	id := event.ticket()
	if id == "" && counterOf(event) == "" {
		return list
	}
	next := Action{Command: m.Command, At: m.At, By: m.Actor.ID, What: event.kind(), Ticket: id}
	if t, ok := s.tickets[id]; ok {
		next.Number = t.Number
	}
	same := func(a Action) bool { return a.Command == m.Command && a.Ticket == id }
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = next
		return list
	}
	return append(list, next)
}

func (s *State) markUndone(id CommandID) {
	for key, list := range s.history {
		same := func(a Action) bool { return a.Command == id }
		if !slices.ContainsFunc(list, same) {
			continue
		}
		list = slices.Clone(list)
		for i := range list {
			list[i].Undone = list[i].Undone || same(list[i])
		}
		s.history[key] = list
	}
}

// IssuedBy returns the command that issued a ticket, where it is known.
func (s *State) IssuedBy(id TicketID) (CommandID, bool) {
	for command, outcome := range s.outcomes {
		for _, e := range outcome.Events {
			if issued, is := e.(TicketIssued); is && issued.Ticket == id {
				return command, true
			}
		}
	}
	return "", false
}
