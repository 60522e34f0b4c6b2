package invariant

import (
	"slices"
	"sort"
	"time"

	"machi/internal/queue"
)

// turn is one call by the rule, remembered so that an undo can take it back.
type turn struct {
	command  queue.CommandID
	priority bool
	passed   []queue.TicketID
}

// checkRule is O1 and O4: each call by the rule is held against the slow and
// obvious reading of the rule below.
func (c *Checker) checkRule(before *queue.State, e queue.Entry) {
	if e.Fact {
		c.takeBackFact(before, e)
		return
	}
	for i, event := range e.Events {
		switch ev := event.(type) {
		case queue.ActionUndone:
			c.takeBackTurn(ev.Command)
		case queue.TicketCalled:
			if ev.Reason.ByRule() {
				c.checkCall(momentBefore(before, e, i), e, ev)
			}
		}
	}
}

// momentBefore returns the state in which event i of an entry was decided.
func momentBefore(before *queue.State, e queue.Entry, i int) *queue.State {
	if i == 0 {
		return before
	}
	s := before.Clone()
	if err := s.Apply(queue.Entry{Meta: e.Meta, Events: e.Events[:i]}); err != nil {
		return before // the entry did not fold either, which is reported as L3
	}
	return s
}

func (c *Checker) checkCall(s *queue.State, e queue.Entry, ev queue.TicketCalled) {
	pool := candidates(s, ev.Counter, ev.Reason.Service, e.At)
	all := pool
	if s.Settings().Rule.Reading >= 1 {
		all = candidates(s, ev.Counter, "", e.At)
	}
	want, reason := c.rule(s, all, pool, ev.Counter, e.At)
	if want == nil || want.ID != ev.Ticket || reason != ev.Reason.Code {
		c.report("O1", "counter %s called %s (%s), the rule says %s (%s)", ev.Counter, ev.Ticket, ev.Reason.Code, idOf(want), reason)
	}
	called, ok := s.Ticket(ev.Ticket)
	if !ok {
		return
	}
	done := turn{command: e.Command, priority: called.Priority}
	for _, t := range all {
		if t.ID == called.ID {
			break
		}
		done.passed = append(done.passed, t.ID)
		c.passed[t.ID]++
		if limit := s.Settings().Rule.MaxOvertaken; limit > 0 && c.passed[t.ID] > limit {
			c.report("O4", "ticket %s was overtaken %d times, the bound is %d", t.ID, c.passed[t.ID], limit)
		}
	}
	c.turns = append(c.turns, done)
}

// takeBackFact takes back the calls that were undone in another history.
func (c *Checker) takeBackFact(before *queue.State, e queue.Entry) {
	for _, event := range e.Events {
		if undone, is := event.(queue.ActionUndone); is && before.Settings().Rule.Reading >= 1 {
			c.takeBackTurn(undone.Command)
		}
	}
}

func (c *Checker) takeBackTurn(id queue.CommandID) {
	for i, t := range c.turns {
		if t.command == id {
			for _, ticket := range t.passed {
				c.passed[ticket]--
			}
			c.turns = slices.Delete(c.turns, i, i+1)
			return
		}
	}
}

func idOf(t *queue.Ticket) queue.TicketID {
	if t == nil {
		return "nobody"
	}
	return t.ID
}

// candidates returns who could be called, by effective arrival: the reference
// goes through all tickets and knows nothing of lines.
func candidates(s *queue.State, id queue.CounterID, service queue.ServiceID, at time.Time) []*queue.Ticket {
	counter, ok := s.Counter(id)
	if !ok {
		return nil
	}
	var pool []*queue.Ticket
	for _, t := range s.Tickets() {
		if t.Status != queue.Waiting || awaited(s, t) || announced(s, t) || at.Before(t.NotBefore) || service != "" && t.Line.Service != service {
			continue
		}
		serves := slices.Contains(counter.Services, t.Line.Service) && slices.Contains(counter.Stages, t.Line.Stage)
		sentHere := t.Only == id
		reserved := false
		if only, known := s.Counter(t.Only); known && !sentHere {
			reserved = only.State != queue.CounterClosed
		}
		if sentHere || serves && !reserved {
			pool = append(pool, t)
		}
	}
	rule := s.Settings().Rule
	sort.Slice(pool, func(i, j int) bool {
		a, b := enters(rule, pool[i], at), enters(rule, pool[j], at)
		return a.Before(b) || a.Equal(b) && pool[i].ID < pool[j].ID
	})
	return pool
}

// announced reports whether a delivery desk that is not closed has called a ticket.
func announced(s *queue.State, t *queue.Ticket) bool {
	desk, known := s.Counter(t.Announced)
	return known && desk.State != queue.CounterClosed
}

// hasSlot reports whether a ticket is an appointment that still counts.
func hasSlot(rule queue.Rule, t *queue.Ticket) bool {
	return !t.Appointment.IsZero() && len(t.Visited) == 0 && !t.SlotPassed &&
		t.Line.Stage == queue.StageReception && !t.IssuedAt.After(t.Appointment.Add(rule.AppointmentLate))
}

// enters returns when a ticket enters the order: an appointment before its slot
// stands at its slot if it came in time, everybody else at their arrival.
func enters(rule queue.Rule, t *queue.Ticket, at time.Time) time.Time {
	tooEarly := rule.Reading >= 1 && t.Arrival.Add(rule.AppointmentEarly).Before(t.Appointment)
	if hasSlot(rule, t) && at.Before(t.Appointment) && t.Arrival.Before(t.Appointment) && !tooEarly {
		return t.Appointment
	}
	return t.Arrival
}

// rule says who is next and why: all could be called, the pool was asked for.
func (c *Checker) rule(s *queue.State, all, pool []*queue.Ticket, id queue.CounterID, at time.Time) (*queue.Ticket, queue.ReasonCode) {
	rule := s.Settings().Rule
	for _, t := range all {
		if rule.MaxOvertaken > 0 && c.passed[t.ID] >= rule.MaxOvertaken {
			return t, queue.ReasonOvertaken
		}
	}
	if len(pool) == 0 {
		return nil, ""
	}
	var due *queue.Ticket
	for _, t := range pool {
		if hasSlot(rule, t) && !t.Appointment.After(at) && (due == nil || t.Appointment.Before(due.Appointment)) {
			due = t
		}
	}
	if due != nil {
		return due, queue.ReasonAppointment
	}
	for _, t := range pool {
		if rule.MaxWait > 0 && at.Sub(enters(rule, t, at)) >= rule.MaxWait {
			return t, queue.ReasonMaxWait
		}
	}
	return c.classes(s, pool, id)
}

// classes chooses between own services and others, then between the classes.
func (c *Checker) classes(s *queue.State, pool []*queue.Ticket, id queue.CounterID) (*queue.Ticket, queue.ReasonCode) {
	counter, _ := s.Counter(id)
	var own []*queue.Ticket
	for _, t := range pool {
		if slices.Contains(counter.Own, t.Line.Service) {
			own = append(own, t)
		}
	}
	reason := queue.ReasonLongest
	if len(own) > 0 {
		if own[0] != pool[0] {
			reason = queue.ReasonOwnService
		}
		pool = own
	}
	var classes [2]*queue.Ticket // ordinary, priority
	for _, t := range slices.Backward(pool) {
		if t.Priority {
			classes[1] = t
		} else {
			classes[0] = t
		}
	}
	ratio := s.Settings().Rule.Ratio
	switch {
	case classes[0] == nil || classes[1] == nil:
		return pool[0], reason
	case ratio > 0 && c.run() >= ratio:
		return classes[0], queue.ReasonTurn
	}
	return classes[1], queue.ReasonPriority
}

// run counts the priority tickets that were called in a row.
func (c *Checker) run() int {
	n := 0
	for _, t := range slices.Backward(c.turns) {
		if !t.priority {
			break
		}
		n++
	}
	return n
}
