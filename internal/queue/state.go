package queue

import (
	"maps"
	"slices"
	"time"
)

// Entry is one record of the log as the domain sees it.
type Entry struct {
	Meta
	// Fact says that the entry was not decided on the state before it.
	Fact   bool
	Events []Event
	// OriginNumber is the entry's place in its origin's own chain, from 1. Facts
	// of one origin are merged in this order, whatever its clock said; 0 where
	// the chain is not known, and then their moments order them.
	OriginNumber int64
}

// Outcome is what a command came to. A command that is sent again is answered
// with it.
type Outcome struct {
	Meta   Meta
	Events []Event
	fact   bool
}

// State is one office's day as far as it is known. The zero State is a day that
// has not been opened; [New] makes one that can be applied to.
type State struct {
	settings  Settings
	opened    bool
	closed    bool
	moment    time.Time // of the newest decided entry
	office    ServiceStatus
	services  map[ServiceID]ServiceStatus
	counters  map[CounterID]*Counter
	tickets   map[TicketID]*Ticket
	order     []TicketID            // in order of appearance
	lines     map[Line][]*Ticket    // waiting tickets, sorted by arrival
	numbers   map[Number][]TicketID // one ticket each, but for twins
	used      map[string]int        // newest number per owner, see ownerKey
	bindings  map[KioskID][]Binding
	kiosks    map[KioskID]KioskReport
	outcomes  map[CommandID]*Outcome
	overtaken map[TicketID]int
	run       int    // priority tickets called in a row
	turns     []turn // the calls by the rule
	calls     []Call
	undo      []action
	history   map[string][]Action // newest actions of staff, by counter or actor
	epochs    map[TicketID]*epoch[Ticket]
	sessions  map[CounterID]*epoch[Counter]
	merged    map[factMark]bool      // the facts of the day
	undone    map[CommandID]bool     // undos that arrived as facts
	demoted   map[TicketID]CounterID // tickets that lost a counter to another one
	opening   *stamped               // the fact that opened the day, while nothing was decided
	shut      bool                   // closed by decision: what comes now is late
	now       *action                // the entry being applied
}

// maxCalls bounds the calls that are remembered for the wall.
const maxCalls = 60

// New returns the state of a day before its first entry.
func New() *State {
	return &State{
		office:    ServiceStatus{State: Accepting},
		services:  map[ServiceID]ServiceStatus{},
		counters:  map[CounterID]*Counter{},
		tickets:   map[TicketID]*Ticket{},
		lines:     map[Line][]*Ticket{},
		numbers:   map[Number][]TicketID{},
		used:      map[string]int{},
		bindings:  map[KioskID][]Binding{},
		kiosks:    map[KioskID]KioskReport{},
		outcomes:  map[CommandID]*Outcome{},
		overtaken: map[TicketID]int{},
		history:   map[string][]Action{},
		epochs:    map[TicketID]*epoch[Ticket]{},
		sessions:  map[CounterID]*epoch[Counter]{},
		merged:    map[factMark]bool{},
		undone:    map[CommandID]bool{},
		demoted:   map[TicketID]CounterID{},
	}
}

// Clone returns a state that can be applied to without touching this one.
func (s *State) Clone() *State {
	c := *s
	c.services = maps.Clone(s.services)
	c.counters = maps.Clone(s.counters)
	c.tickets = maps.Clone(s.tickets)
	c.order = slices.Clip(s.order)
	c.lines = make(map[Line][]*Ticket, len(s.lines))
	for line, waiting := range s.lines {
		c.lines[line] = slices.Clone(waiting)
	}
	c.numbers = maps.Clone(s.numbers)
	c.used = maps.Clone(s.used)
	c.bindings = maps.Clone(s.bindings)
	c.kiosks = maps.Clone(s.kiosks)
	c.outcomes = maps.Clone(s.outcomes)
	c.overtaken = maps.Clone(s.overtaken)
	c.calls = slices.Clip(s.calls)
	c.undo = slices.Clone(s.undo)
	c.turns = slices.Clip(s.turns)
	c.history = maps.Clone(s.history)
	c.undone = maps.Clone(s.undone)
	c.demoted = maps.Clone(s.demoted)
	c.epochs = maps.Clone(s.epochs)
	c.sessions = maps.Clone(s.sessions)
	c.merged = maps.Clone(s.merged)
	return &c
}

// Settings returns what the day is run with. The caller must not change it.
func (s *State) Settings() *Settings { return &s.settings }

// Opened reports whether the day has begun.
func (s *State) Opened() bool { return s.opened }

// Closed reports whether the day has ended.
func (s *State) Closed() bool { return s.closed }

// Moment returns the moment of the newest decided entry.
func (s *State) Moment() time.Time { return s.moment }

// Office says whether the office takes tickets.
func (s *State) Office() ServiceStatus { return s.office }

// ServiceStatus says whether a service takes tickets, reception hours apart.
func (s *State) ServiceStatus(id ServiceID) ServiceStatus {
	if status, ok := s.services[id]; ok {
		return status
	}
	return ServiceStatus{State: Accepting}
}

// Ticket returns a ticket by its identity.
func (s *State) Ticket(id TicketID) (*Ticket, bool) {
	t, ok := s.tickets[id]
	return t, ok
}

// ByNumber returns the tickets that bear a number: one, or several where a merge
// brought twins together, in the order of their ids.
func (s *State) ByNumber(n Number) []*Ticket {
	ids := slices.Sorted(slices.Values(s.numbers[n]))
	found := make([]*Ticket, 0, len(ids))
	for _, id := range ids {
		if t := s.tickets[id]; t.Number == n {
			found = append(found, t)
		}
	}
	return found
}

// Tickets returns all tickets in order of their appearance in the log.
func (s *State) Tickets() []*Ticket {
	all := make([]*Ticket, 0, len(s.order))
	for _, id := range s.order {
		if t, ok := s.tickets[id]; ok {
			all = append(all, t)
		}
	}
	return all
}

// Line returns the waiting tickets of a line in order of arrival. The caller
// must not change the slice, nor keep it beyond the next Apply.
func (s *State) Line(l Line) []*Ticket { return s.lines[l] }

// Lines returns the lines in which somebody waits, sorted.
func (s *State) Lines() []Line {
	lines := make([]Line, 0, len(s.lines))
	for line, waiting := range s.lines {
		if len(waiting) > 0 {
			lines = append(lines, line)
		}
	}
	slices.SortFunc(lines, compareLines)
	return lines
}

// WaitingCount returns how many tickets wait in all lines.
func (s *State) WaitingCount() int {
	n := 0
	for _, waiting := range s.lines {
		n += len(waiting)
	}
	return n
}

// Ahead returns how many tickets of its line wait in front of a waiting ticket,
// by order of arrival; 0 for one that does not wait.
func (s *State) Ahead(t *Ticket) int {
	if t.Status != Waiting {
		return 0
	}
	at, _ := slices.BinarySearchFunc(s.lines[t.Line], t, compareTickets)
	return at
}

// Counter returns a counter as it stands. A counter of the settings that was
// never opened is closed.
func (s *State) Counter(id CounterID) (*Counter, bool) {
	if c, ok := s.counters[id]; ok {
		return c, true
	}
	if _, planned := s.settings.Counter(id); planned {
		return s.unopened(id), true
	}
	return nil, false
}

// Counters returns all counters: those of the settings in their order, then any
// others that facts speak of, by id.
func (s *State) Counters() []*Counter {
	var all []*Counter
	for _, plan := range s.settings.Counters {
		c, _ := s.Counter(plan.ID)
		all = append(all, c)
	}
	for _, id := range slices.Sorted(maps.Keys(s.counters)) {
		if _, planned := s.settings.Counter(id); !planned {
			all = append(all, s.counters[id])
		}
	}
	return all
}

// Calls returns the newest calls and recalls, oldest first, at most 60.
func (s *State) Calls() []Call { return s.calls }

// Outcome returns what a command came to, if it is in the log.
func (s *State) Outcome(id CommandID) (*Outcome, bool) {
	o, ok := s.outcomes[id]
	return o, ok
}

// Bindings returns which stores own the slots of a kiosk's offline ranges.
func (s *State) Bindings(k KioskID) []Binding { return s.bindings[k] }

// Overtaken returns how many later arrivals of its line were called, by rule,
// while the ticket waited.
func (s *State) Overtaken(id TicketID) int { return s.overtaken[id] }

// PriorityRun returns how many priority tickets the rule has called in a row.
func (s *State) PriorityRun() int { return s.run }

// Accepts reports whether a service would take a ticket at a moment, or the code
// of the refusal.
func (s *State) Accepts(id ServiceID, at time.Time) (Code, bool) {
	service, ok := s.settings.Service(id)
	switch {
	case !s.opened:
		return DayNotOpen, false
	case s.closed:
		return DayIsClosed, false
	case !ok:
		return UnknownService, false
	case s.office.State != Accepting:
		return OfficeNotOpen, false
	case s.ServiceStatus(id).State != Accepting:
		return ServiceNotOpen, false
	case !withinHours(service, at):
		return OutsideHours, false
	}
	return "", true
}

func withinHours(v ServiceSettings, at time.Time) bool {
	return (v.Opens.IsZero() || !at.Before(v.Opens.Add(-v.Early))) && (v.Closes.IsZero() || at.Before(v.Closes))
}

func compareLines(a, b Line) int {
	switch {
	case a.Service != b.Service:
		return compare(a.Service, b.Service)
	default:
		return compare(a.Stage, b.Stage)
	}
}

func compare[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareTickets(a, b *Ticket) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}
