package queue

import (
	"maps"
	"slices"
	"time"
)

// absorb merges a fact: something that happened elsewhere and cannot be refused.
func (s *State) absorb(e Entry) {
	mark := factMark{e.Command, e.Origin, e.OriginNumber, e.At.UnixNano()}
	if s.merged[mark] {
		return
	}
	s.merged[mark] = true
	for i, event := range e.Events {
		f := stamped{meta: e.Meta, number: e.OriginNumber, seq: i, late: s.shut, event: event}
		if s.hadEffect(f) {
			continue
		}
		if id := event.ticket(); id != "" {
			s.absorbTicket(id, f)
		} else {
			s.absorbDay(f)
		}
	}
	s.answerFact(e)
}

// factMark identifies a fact, so that one that comes twice is merged once.
type factMark struct {
	command CommandID
	origin  string
	number  int64
	at      int64
}

// hadEffect reports whether the fact's command has been decided in this log with
// the same kind of effect on the same ticket: a command that was sent again after
// the tail was lost. Issues are not left out: the paper may say another number.
func (s *State) hadEffect(f stamped) bool {
	known, ok := s.outcomes[f.meta.Command]
	if _, issue := f.event.(TicketIssued); issue || !ok || known.fact {
		return false
	}
	return slices.ContainsFunc(known.Events, func(e Event) bool {
		return e.kind() == f.event.kind() && e.ticket() == f.event.ticket()
	})
}

// answerFact keeps what a fact's command came to. A decided outcome stays; of
// two facts the same one is kept whichever came first.
func (s *State) answerFact(e Entry) {
	known, ok := s.outcomes[e.Command]
	if ok && (!known.fact || compareMeta(known.Meta, e.Meta) <= 0) {
		return
	}
	s.outcomes[e.Command] = &Outcome{Meta: e.Meta, Events: e.Events, fact: true}
}

func compareMeta(a, b Meta) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return compare(Number(a.Origin), Number(b.Origin))
}

func (s *State) absorbTicket(id TicketID, f stamped) {
	now := s.epochs[id]
	if now == nil {
		now = &epoch[Ticket]{base: s.tickets[id]}
	}
	next, added := now.with(s.byReceipt(f))
	if !added {
		return
	}
	s.epochs[id] = next
	if issue, is := f.event.(TicketIssued); is {
		s.spend(issue)
	}
	s.refold(id)
	s.showFact(f)
	if t := s.tickets[id]; len(s.demoted) > 0 || t != nil && t.Status.AtCounter() {
		s.settleCounters()
	}
}

// showFact puts a call that a fact tells of among the calls for the wall.
func (s *State) showFact(f stamped) {
	t, ok := s.tickets[f.event.ticket()]
	if !ok {
		return
	}
	call := Call{Ticket: t.ID, Line: t.Line, At: f.meta.At, Times: 1}
	switch e := f.event.(type) {
	case TicketCalled:
		call.Number, call.Counter = e.Number, e.Counter
	case TicketRecalled:
		call.Number, call.Counter, call.Times = e.Number, e.Counter, max(2, t.Calls)
	case TicketAnnounced:
		call.Number, call.Counter, call.Times = e.Number, e.Counter, max(1, t.Calls)
	default:
		return
	}
	s.showCall(call)
}

// refold puts the ticket that its epoch tells, if it tells one yet: a call may
// arrive before the issue that it belongs to.
func (s *State) refold(id TicketID) {
	e := s.epochs[id]
	if e == nil {
		return
	}
	t := s.fold(e)
	if t == nil {
		return
	}
	delete(s.demoted, id)
	old := s.tickets[id]
	s.put(s.expireLate(t))
	s.markTwins(t.Number)
	if old != nil && old.Number != t.Number {
		s.markTwins(old.Number)
	}
}

// expireLate ends a visit that a merge brings into a day that is over.
func (s *State) expireLate(t *Ticket) *Ticket {
	if !s.closed || t.Status.Final() {
		return t
	}
	late := *t
	late.end(Expired, t.newestMoment())
	late.Flags = flagged(t.Flags, FlagLate)
	return &late
}

// markTwins flags every bearer of a number when there are several, and only then.
func (s *State) markTwins(n Number) {
	bearers := s.ByNumber(n)
	for _, t := range bearers {
		switch several := len(bearers) > 1; {
		case several && !t.Has(FlagTwinNumber):
			s.put(withFlag(t, FlagTwinNumber))
		case !several && t.Has(FlagTwinNumber):
			s.put(withoutFlag(t, FlagTwinNumber))
		}
	}
}

// settleCounters makes every counter own one ticket at most. Where two histories
// put two tickets at one counter, the clerk's last act says whom he has; a ticket
// that was only called waits again, one that was being served is done.
func (s *State) settleCounters() {
	for _, id := range slices.Sorted(maps.Keys(s.demoted)) {
		s.refold(id)
	}
	rivals := map[CounterID][]*Ticket{}
	for _, t := range s.tickets {
		if t.Status.AtCounter() {
			rivals[t.Counter] = append(rivals[t.Counter], t)
		}
	}
	for _, counter := range slices.Sorted(maps.Keys(rivals)) {
		list := rivals[counter]
		slices.SortFunc(list, newestAct)
		for _, loser := range list[1:] {
			s.demote(loser, counter, list[0])
		}
		s.occupy(counter, list[0].ID)
	}
}

func newestAct(a, b *Ticket) int {
	if c := b.lastAct().Compare(a.lastAct()); c != 0 {
		return c
	}
	return compare(a.ID, b.ID)
}

func (s *State) demote(t *Ticket, counter CounterID, by *Ticket) {
	next := *t
	if t.Status == Serving {
		next.leaveCounter(by.lastAct())
		next.end(Done, by.lastAct())
		next.Flags = flagged(next.Flags, FlagDoubleServe)
	} else {
		next.wait(t.Line)
		next.Flags = flagged(next.Flags, FlagDoubleCall)
	}
	s.put(&next)
	s.demoted[t.ID] = counter
}

// lastAct returns when the ticket's counter last did something with it.
func (t *Ticket) lastAct() time.Time {
	if t.Status == Serving && !t.StartedAt.IsZero() {
		return t.StartedAt
	}
	return t.CalledAt
}
