package queue

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// epoch is the part of a ticket's story within which facts and decided events
// did not know of one another. The ticket is a pure function of the epoch, a set,
// so facts may arrive in any order and by any number of paths. The first decided
// event after a fact knew the merged ticket: it begins a new epoch.
type epoch struct {
	base    *Ticket // as it stood when the epoch began; nil for a new ticket
	decided []stamped
	facts   []stamped // sorted by moment, command and place in the entry
}

func (e *epoch) clone() *epoch {
	return &epoch{e.base, slices.Clip(e.decided), slices.Clip(e.facts)}
}

// decided notes a decided event in the ticket's epoch, or begins a new one.
func (s *State) decided(id TicketID, e stamped) {
	now := s.epochs[id]
	if now == nil || len(now.facts) > 0 {
		now = &epoch{base: s.tickets[id]}
		delete(s.demoted, id)
	}
	s.epochs[id] = &epoch{now.base, append(slices.Clip(now.decided), e), now.facts}
}

// settle begins a new epoch at the ticket as it stands.
func (s *State) settle(id TicketID) {
	s.epochs[id] = &epoch{base: s.tickets[id]}
	delete(s.demoted, id)
}

// absorb merges a fact: something that happened elsewhere and cannot be refused.
func (s *State) absorb(e Entry) {
	for i, event := range e.Events {
		f := stamped{e.Meta, i, event}
		if id := event.ticket(); id != "" {
			s.absorbTicket(id, f)
		} else {
			s.absorbDay(f)
		}
	}
	if _, known := s.outcomes[e.Command]; !known {
		s.outcomes[e.Command] = &Outcome{e.Meta, e.Events}
	}
}

func (s *State) absorbTicket(id TicketID, f stamped) {
	now := s.epochs[id]
	if now == nil {
		now = &epoch{base: s.tickets[id]}
	}
	at, known := slices.BinarySearchFunc(now.facts, f, compareStamped)
	if known {
		return
	}
	s.epochs[id] = &epoch{now.base, now.decided, slices.Insert(slices.Clone(now.facts), at, f)}
	if issue, is := f.event.(TicketIssued); is {
		s.spend(issue)
	}
	s.refold(id)
	if t := s.tickets[id]; len(s.demoted) > 0 || t != nil && t.Status.AtCounter() {
		s.settleCounters()
	}
}

// refold puts the ticket that its epoch tells, if it tells one yet: a call may
// arrive before the issue that it belongs to.
func (s *State) refold(id TicketID) {
	t := s.fold(s.epochs[id])
	if t == nil {
		return
	}
	t = s.expireLate(t)
	if s.twin(t) {
		t = withFlag(t, FlagTwinNumber)
	}
	delete(s.demoted, id)
	s.put(t)
}

// expireLate ends a visit that a merge brings into a day that is over.
func (s *State) expireLate(t *Ticket) *Ticket {
	if !s.closed || t.Status.Final() {
		return t
	}
	late := *t
	late.end(Expired, t.Arrival)
	late.Flags = flagged(t.Flags, FlagLate)
	return &late
}

// twin marks every other bearer of a ticket's number and reports whether there is one.
func (s *State) twin(t *Ticket) bool {
	found := false
	for _, other := range s.ByNumber(t.Number) {
		if other.ID == t.ID {
			continue
		}
		found = true
		if !other.Has(FlagTwinNumber) {
			s.put(withFlag(other, FlagTwinNumber))
		}
	}
	return found
}

func compareStamped(a, b stamped) int {
	return cmp.Or(a.meta.At.Compare(b.meta.At), compare(a.meta.Command, b.meta.Command),
		cmp.Compare(a.meta.Origin, b.meta.Origin), cmp.Compare(a.seq, b.seq))
}

// fold tells the ticket's story: the decided events in the order of the log, the
// facts between them by their moments, and last the paper, which wins.
func (s *State) fold(e *epoch) *Ticket {
	t, rest := e.begin()
	if t == nil {
		return nil
	}
	for _, ev := range rest {
		if !s.undone[ev.meta.Command] {
			t = merge(t, ev)
		}
	}
	for _, f := range e.facts {
		if paper, is := f.event.(TicketIssued); is && paper.Pool == PoolKiosk && paper.Number != t.Number {
			t = renumber(t, paper)
		}
	}
	return t
}

// begin returns the ticket at the beginning of the epoch and what happened then.
// A number that the server gave comes before the paper's.
func (e *epoch) begin() (*Ticket, []stamped) {
	all := interleave(e.decided, e.facts)
	if e.base != nil {
		return e.base, all
	}
	var birth *stamped
	for i := range all {
		switch issue := all[i].event.(type) {
		case TicketIssued:
			if birth == nil || issue.Pool != PoolKiosk {
				birth = &all[i]
			}
		case QuickServed:
			birth = &all[i]
		}
	}
	if birth == nil {
		return nil, nil
	}
	return advance(nil, *birth), all
}

// interleave merges two stories by moment and keeps the order within each: a
// server's clock may step back, its log does not.
func interleave(decided, facts []stamped) []stamped {
	all := make([]stamped, 0, len(decided)+len(facts))
	for len(decided) > 0 && len(facts) > 0 {
		if facts[0].meta.At.Before(decided[0].meta.At) {
			all, facts = append(all, facts[0]), facts[1:]
		} else {
			all, decided = append(all, decided[0]), decided[1:]
		}
	}
	return append(append(all, decided...), facts...)
}

// merge is advance for a story in which an event may not fit the one before it.
func merge(t *Ticket, e stamped) *Ticket {
	if fits(t, e.event) == "" {
		return advance(t, e)
	}
	switch ev := e.event.(type) {
	case TicketCalled:
		if t.Status == Withdrawn {
			return advance(t, e) // the visitor gave up, but came to the call
		}
		return withFlag(t, FlagDoubleCall)
	case ServiceStarted:
		return mergeStart(t, ev, e)
	case ServiceFinished:
		return mergeFinish(t, ev, e)
	}
	return t // what a stale screen wanted of a ticket that has moved on
}

func withFlag(t *Ticket, f Flag) *Ticket {
	marked := *t
	marked.Flags = flagged(t.Flags, f)
	return &marked
}

// mergeStart believes a talk that took place: the first start decides between
// two calls, and of two talks both are kept.
func mergeStart(t *Ticket, ev ServiceStarted, e stamped) *Ticket {
	if t.Status == Serving || t.Status.Final() && t.Status != Withdrawn {
		if t.Counter == ev.Counter && t.Status == Serving {
			return t
		}
		return withFlag(t, FlagDoubleServe)
	}
	if t.Status == Called {
		t = withFlag(t, FlagDoubleCall)
	}
	return advance(t, e)
}

// mergeFinish believes a visit that was served, wherever the ticket is now.
func mergeFinish(t *Ticket, ev ServiceFinished, e stamped) *Ticket {
	if t.Status == Serving || t.Status == Done || t.Status == Processing {
		next := *t
		next.Visited = append(slices.Clip(t.Visited), Visit{
			Line: t.Line, Counter: ev.Counter, Finished: e.meta.At, Started: e.meta.At, Unmeasured: true,
		})
		return withFlag(&next, FlagDoubleServe)
	}
	return advance(t, e)
}

// renumber gives the ticket the number that is on its paper. A call or no-show
// under the other number is void unless the visitor was served: nobody held it.
func renumber(t *Ticket, paper TicketIssued) *Ticket {
	next := *t
	next.Former = append(slices.Clip(t.Former), t.Number)
	next.Number = paper.Number
	next.Flags = flagged(t.Flags, FlagRenumbered)
	if next.Secret == "" {
		next.Secret = paper.Secret
	}
	unheard := t.CalledAs != "" && t.CalledAs != paper.Number
	switch {
	case !unheard:
	case t.Status == Called || t.Status == NoShow || t.Status == Closed:
		next.wait(t.Line)
		next.CalledAs, next.EndedAt = "", time.Time{}
		if len(t.Visited) == 0 {
			next.FirstCall = time.Time{}
		}
	case t.Status == Serving || len(t.Visited) > 0:
		next.Flags = flagged(next.Flags, FlagServedBeforeMerge)
	}
	return &next
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
	for counter, list := range rivals {
		slices.SortFunc(list, newestAct)
		for _, loser := range list[1:] {
			s.demote(loser, counter, list[0])
		}
		s.occupy(counter, list[0].ID)
	}
}

func newestAct(a, b *Ticket) int {
	return cmp.Or(b.lastAct().Compare(a.lastAct()), compare(a.ID, b.ID))
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

// absorbDay merges a fact about the day or a counter: the later moment wins,
// whatever the order of arrival.
func (s *State) absorbDay(f stamped) {
	at := f.meta.At
	switch ev := f.event.(type) {
	case DayOpened:
		if !s.opened {
			s.openDay(ev)
		}
	case SettingsChanged: // the settings of the log that lives on stay
	case DayClosed:
		s.closed = true
		for _, t := range s.Tickets() {
			if late := s.expireLate(t); late != t {
				s.put(late)
			}
		}
	case RangeBound:
		s.bind(ev)
	case ServiceSet:
		now := s.services[ev.Service]
		s.services[ev.Service] = now.later(ServiceStatus{ev.State, ev.Message, at})
	case OfficeSet:
		s.office = s.office.later(ServiceStatus{ev.State, ev.Message, at})
	case ActionUndone:
		s.absorbUndo(ev.Command)
	default:
		s.absorbCounter(f)
	}
}

// later returns the newer of two statuses.
func (v ServiceStatus) later(o ServiceStatus) ServiceStatus {
	if o.Since.After(v.Since) || o.Since.Equal(v.Since) && o.State > v.State {
		return o
	}
	return v
}

func (s *State) absorbUndo(id CommandID) {
	s.undone[id] = true
	for _, ticket := range slices.Sorted(maps.Keys(s.epochs)) {
		e := s.epochs[ticket]
		if slices.ContainsFunc(slices.Concat(e.decided, e.facts), func(x stamped) bool { return x.meta.Command == id }) {
			s.refold(ticket)
		}
	}
	s.settleCounters()
}

// absorbCounter merges what another history says of a counter. Its ticket is not
// touched: whom a counter has is what the tickets say.
func (s *State) absorbCounter(f stamped) {
	now, ok := s.Counter(counterOf(f.event))
	if ok && (now.Since.After(f.meta.At) || now.Since.Equal(f.meta.At) && now.State != CounterClosed) {
		return
	}
	if _, shut := f.event.(CounterShut); shut && ok && now.Ticket != "" {
		return
	}
	s.applyCounter(f)
}
