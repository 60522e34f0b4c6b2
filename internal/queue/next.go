package queue

import (
	"cmp"
	"slices"
	"time"
)

// Reason says why a ticket was called before the others.
type Reason struct {
	Code ReasonCode `json:"code"`
	Slot time.Time  `json:"slot,omitzero"` // of the appointment that is due
	// Service is the one that staff asked for; empty when they took whoever is next.
	Service ServiceID `json:"service,omitempty"`
}

// ReasonCode is a reason's kind.
type ReasonCode string

// The reasons, in the order in which the rule asks for them.
const (
	ReasonOvertaken   ReasonCode = "overtaken"       // the starvation bound was reached
	ReasonAppointment ReasonCode = "appointment_due" // its slot has come
	ReasonMaxWait     ReasonCode = "max_wait"        // it waited longer than the guarantee
	ReasonOwnService  ReasonCode = "own_service"     // the counter's own services first
	ReasonPriority    ReasonCode = "priority"        // the class's turn by the ratio
	ReasonTurn        ReasonCode = "ordinary_turn"   // the ratio gives the ordinary class its turn
	ReasonLongest     ReasonCode = "longest_wait"    // first in order of arrival
	ReasonChosen      ReasonCode = "chosen"          // a person chose it
)

// ByRule reports whether the rule, not a person, made the choice.
func (r Reason) ByRule() bool { return r.Code != ReasonChosen }

// Candidate is a ticket that a counter would call, and why.
type Candidate struct {
	Ticket *Ticket
	Reason Reason
}

// Next returns the ticket that a counter calls next at a moment, of one service
// if that is named. It reports false when nobody waits for the counter. A ticket
// at the starvation bound comes next whatever service is named: to be kept from a
// service, a counter is opened without it.
//
// The rule asks, in this order: a ticket at the starvation bound; an appointment
// whose slot has come; a ticket beyond the maximum wait; then the counter's own
// services before others, and between the classes the ratio. Within whatever is
// left, the earliest arrival goes first.
func Next(s *State, counter CounterID, service ServiceID, at time.Time) (Candidate, bool) {
	c, ok := s.Counter(counter)
	if !ok {
		return Candidate{}, false
	}
	pool := s.callable(c, service, at)
	if service != "" && s.settings.Rule.Reading >= 1 {
		if t := s.starving(s.callable(c, "", at)); t != nil && slices.Contains(c.Services, service) {
			return Candidate{t, Reason{Code: ReasonOvertaken, Service: service}}, true
		}
	}
	if len(pool) == 0 {
		return Candidate{}, false
	}
	next := s.choose(c, pool, at)
	next.Reason.Service = service
	return next, true
}

// starving returns the first ticket that may not be overtaken once more.
func (s *State) starving(pool []*Ticket) *Ticket {
	limit := s.settings.Rule.MaxOvertaken
	return first(pool, func(t *Ticket) bool { return limit > 0 && s.overtaken[t.ID] >= limit })
}

// choose asks the rule's questions of a pool that is not empty.
func (s *State) choose(c *Counter, pool []*Ticket, at time.Time) Candidate {
	rule := &s.settings.Rule
	if t := s.starving(pool); t != nil {
		return Candidate{t, Reason{Code: ReasonOvertaken}}
	}
	if t := dueAppointment(rule, pool, at); t != nil {
		return Candidate{t, Reason{Code: ReasonAppointment, Slot: t.Appointment}}
	}
	if t := first(pool, func(t *Ticket) bool { return rule.MaxWait > 0 && at.Sub(rule.effective(t, at)) >= rule.MaxWait }); t != nil {
		return Candidate{t, Reason{Code: ReasonMaxWait}}
	}
	return s.byClass(c, pool)
}

// callable returns the waiting tickets that a counter may call, in order of
// their effective arrival.
func (s *State) callable(c *Counter, service ServiceID, at time.Time) []*Ticket {
	served := s.servedBy(c, service)
	var pool []*Ticket
	for line, waiting := range s.lines {
		serves := slices.Contains(served, line.Service) && slices.Contains(c.Stages, line.Stage)
		for _, t := range waiting {
			if !at.Before(t.NotBefore) && (!s.Awaited(t) || callsAway()) && !s.announced(t) && s.mayCall(c, t, serves, service) {
				pool = append(pool, t)
			}
		}
	}
	rule := &s.settings.Rule
	slices.SortFunc(pool, func(a, b *Ticket) int {
		return cmp.Or(rule.effective(a, at).Compare(rule.effective(b, at)), compare(a.ID, b.ID))
	})
	return pool
}

// mayCall reports whether a counter may call a ticket. One that was sent to this
// counter may be called whatever the counter serves; one that was sent to a
// counter that has closed is everybody's again, or it would wait for ever.
func (s *State) mayCall(c *Counter, t *Ticket, serves bool, service ServiceID) bool {
	switch t.Only {
	case "":
		return serves
	case c.ID:
		return service == "" || service == t.Line.Service
	}
	only, ok := s.Counter(t.Only)
	return serves && (!ok || only.State == CounterClosed)
}

// servedBy returns the services whose lines a counter looks at.
func (s *State) servedBy(c *Counter, service ServiceID) []ServiceID {
	switch {
	case service == "":
		return c.Services
	case slices.Contains(c.Services, service):
		return []ServiceID{service}
	}
	return nil
}

// effective returns the arrival by which a ticket is ordered at a moment. An
// appointment that came in its window enters the line at its slot; one that came
// too early waits as a walk-in until then, so it is never worse off for its slot.
func (r *Rule) effective(t *Ticket, at time.Time) time.Time {
	early := t.Appointment.Sub(t.Arrival)
	if !r.appointment(t) || early <= 0 || !at.Before(t.Appointment) || r.Reading >= 1 && early > r.AppointmentEarly {
		return t.Arrival
	}
	return t.Appointment
}

// appointment reports whether a ticket still counts as an appointment: it must
// have checked in before the late end of its window and not lost its place since,
// and this must be the first part of the visit: later ones have no slot.
func (r *Rule) appointment(t *Ticket) bool {
	return !t.Appointment.IsZero() && !t.SlotPassed && t.Line.Stage == StageReception && len(t.Visited) == 0 &&
		!t.IssuedAt.After(t.Appointment.Add(r.AppointmentLate))
}

func dueAppointment(r *Rule, pool []*Ticket, at time.Time) *Ticket {
	var due *Ticket
	for _, t := range pool {
		if r.appointment(t) && !at.Before(t.Appointment) && (due == nil || t.Appointment.Before(due.Appointment)) {
			due = t
		}
	}
	return due
}

// byClass chooses between own and other services, and between the classes.
func (s *State) byClass(c *Counter, pool []*Ticket) Candidate {
	own := slices.DeleteFunc(slices.Clone(pool), func(t *Ticket) bool { return !slices.Contains(c.Own, t.Line.Service) })
	longest := ReasonLongest
	if len(own) > 0 && len(own) < len(pool) {
		if own[0] != pool[0] {
			longest = ReasonOwnService
		}
		pool = own
	}
	priority := first(pool, func(t *Ticket) bool { return t.Priority })
	ordinary := first(pool, func(t *Ticket) bool { return !t.Priority })
	switch {
	case priority == nil:
		return Candidate{ordinary, Reason{Code: longest}}
	case ordinary == nil:
		return Candidate{priority, Reason{Code: longest}}
	case s.settings.Rule.Ratio > 0 && s.run >= s.settings.Rule.Ratio:
		return Candidate{ordinary, Reason{Code: ReasonTurn}}
	}
	return Candidate{priority, Reason{Code: ReasonPriority}}
}

func first(pool []*Ticket, match func(*Ticket) bool) *Ticket {
	if i := slices.IndexFunc(pool, match); i >= 0 {
		return pool[i]
	}
	return nil
}
