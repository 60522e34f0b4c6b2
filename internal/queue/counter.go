package queue

import "time"

// CounterState is whether a counter serves.
type CounterState string

// The states of a counter.
const (
	CounterClosed CounterState = "closed"
	CounterOpen   CounterState = "open"
	CounterPaused CounterState = "paused"
)

// Counter is a numbered place where one member of staff serves. Like tickets,
// counters are replaced, never changed in place.
type Counter struct {
	ID       CounterID
	State    CounterState
	Services []ServiceID // that it serves now
	Own      []ServiceID
	Stages   []Stage
	Remote   bool
	Staff    string // who opened it
	Ticket   TicketID
	Reason   string // of the pause
	Since    time.Time
	Help     string // what help it asks for; empty when none
	HelpAt   time.Time
}

// ServiceStatus is whether a service takes tickets.
type ServiceStatus struct {
	State   string // accepting, paused or closed
	Message string
	Since   time.Time
}

// The states of a service and of an office.
const (
	Accepting = "accepting"
	Paused    = "paused"
	Stopped   = "closed"
)

// Call is a number that was called, for the wall.
type Call struct {
	Ticket  TicketID
	Number  Number
	Counter CounterID
	Line    Line
	At      time.Time
	Times   int // 1 for the call, 2 for the first recall, ...
}

// applyCounter folds a decided event of a counter.
func (s *State) applyCounter(e stamped) string {
	id := counterOf(e.event)
	if id == "" {
		return "an event without an effect"
	}
	now, ok := s.Counter(id)
	if !ok {
		now = s.unopened(id)
	}
	if _, shut := e.event.(CounterShut); shut && now.Ticket != "" {
		return "the counter has a ticket"
	}
	story := s.sessions[id]
	if story == nil || len(story.facts) > 0 {
		story = &epoch[Counter]{base: s.counters[id]}
	}
	s.sessions[id] = story.and(e)
	s.putCounter(advanceCounter(now, e))
	return ""
}

// advanceCounter returns the counter after an event. The old one is not touched.
func advanceCounter(old *Counter, e stamped) *Counter {
	next, at := *old, e.meta.At
	switch ev := e.event.(type) {
	case CounterOpened:
		next.State, next.Staff, next.Reason, next.Since = CounterOpen, ev.Staff, "", at
		next.Services, next.Own, next.Stages, next.Remote = ev.Services, ev.Own, ev.Stages, ev.Remote
	case CounterSuspended:
		if old.State != CounterClosed { // a stale console pauses what is shut
			next.State, next.Reason, next.Since = CounterPaused, ev.Reason, at
		}
	case CounterShut:
		next.State, next.Staff, next.Reason, next.Help, next.Since = CounterClosed, "", "", "", at
	case HelpAsked:
		next.Help, next.HelpAt = ev.Text, at
	case HelpAnswered:
		next.Help, next.HelpAt = "", time.Time{}
	}
	return &next
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
