package queue

import (
	"cmp"
	"maps"
	"slices"
)

// absorbDay merges a fact about the day or a counter: the later moment wins,
// whatever the order of arrival.
func (s *State) absorbDay(f stamped) {
	at := f.meta.At
	switch ev := f.event.(type) {
	case DayOpened:
		s.absorbOpening(f, ev)
	case SettingsChanged: // the settings of the log that lives on stay
	case DayClosed:
		s.absorbClosing()
	case RangeBound:
		s.bind(ev)
	case ServiceSet:
		s.services[ev.Service] = s.services[ev.Service].later(ServiceStatus{ev.State, ev.Message, at})
	case OfficeSet:
		s.office = s.office.later(ServiceStatus{ev.State, ev.Message, at})
	case KioskReported:
		ev.Report.At = at
		s.kiosks[ev.Kiosk] = s.kiosks[ev.Kiosk].later(ev.Report)
	case KioskActed: // an audit changes nothing
	case ActionUndone:
		s.absorbUndo(ev.Command)
	default:
		s.absorbCounter(f)
	}
}

// absorbOpening opens a day that is known only from elsewhere. Of two openings
// the earlier one holds, until something was decided under it.
func (s *State) absorbOpening(f stamped, ev DayOpened) {
	s.bindAll(ev.Settings)
	if s.opened && (s.opening == nil || compareOpenings(*s.opening, f) <= 0) {
		return
	}
	s.opening = &f
	s.openDay(ev)
	// Numbers that came before the settings could not be told apart by owner.
	s.used = map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(s.epochs)) {
		for _, x := range s.epochs[id].facts {
			if issue, is := x.event.(TicketIssued); is {
				s.spend(issue)
			}
		}
	}
}

func compareOpenings(a, b stamped) int {
	return cmp.Or(a.meta.At.Compare(b.meta.At), compareStamped(a, b))
}

// absorbClosing ends a day that was closed in a history that was lost.
func (s *State) absorbClosing() {
	s.closed = true
	for _, t := range s.Tickets() {
		if late := s.expireLate(t); late != t {
			s.put(late)
		}
	}
	s.settleCounters()
}

// later returns the newer of two statuses.
func (v ServiceStatus) later(o ServiceStatus) ServiceStatus {
	if cmp.Or(v.Since.Compare(o.Since), cmp.Compare(v.State, o.State), cmp.Compare(v.Message, o.Message)) < 0 {
		return o
	}
	return v
}

func (s *State) absorbUndo(id CommandID) {
	s.undone[id] = true
	if s.settings.Rule.Reading >= 1 {
		s.giveBackTurn(id)
	}
	for _, ticket := range slices.Sorted(maps.Keys(s.epochs)) {
		if s.epochs[ticket].has(id) {
			s.refold(ticket)
		}
	}
	for _, counter := range slices.Sorted(maps.Keys(s.sessions)) {
		if s.sessions[counter].has(id) {
			s.refoldCounter(counter)
		}
	}
	s.settleCounters()
}

// absorbCounter merges what another history says of a counter. Its ticket is not
// touched: whom a counter has is what the tickets say.
func (s *State) absorbCounter(f stamped) {
	id := counterOf(f.event)
	if id == "" {
		return
	}
	now := s.sessions[id]
	if now == nil {
		now = &epoch[Counter]{base: s.counters[id]}
	}
	next, _ := now.with(f)
	s.sessions[id] = next
	s.refoldCounter(id)
}

func (s *State) refoldCounter(id CounterID) {
	e := s.sessions[id]
	c := e.base
	if c == nil {
		c = s.unopened(id)
	}
	for _, ev := range e.told() {
		if !s.undone[ev.meta.Command] {
			c = advanceCounter(c, ev)
		}
	}
	next := *c
	next.Ticket = ""
	if now, ok := s.counters[id]; ok {
		next.Ticket = now.Ticket
	}
	s.putCounter(&next)
}
