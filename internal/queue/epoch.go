package queue

import (
	"cmp"
	"slices"
	"time"
)

// stamped is an event with what its entry says about it.
type stamped struct {
	meta   Meta
	number int64 // of the entry in its origin's own chain
	seq    int   // within the entry
	late   bool  // a fact that came after the day was closed
	event  Event
}

// epoch is the part of a ticket's, or of a counter's, story within which facts
// and decided events did not know of one another. What it tells is a pure
// function of the epoch, and facts are a set, so they may arrive in any order
// and by any number of paths. The first decided event after a fact knew the
// merged story: it begins a new epoch. Epochs are replaced, never changed.
type epoch[T any] struct {
	base    *T // as it stood when the epoch began; nil for what did not exist
	decided []stamped
	facts   []stamped // sorted by compareStamped
}

// with returns the epoch with one more fact, or false when it knows the fact.
func (e *epoch[T]) with(f stamped) (*epoch[T], bool) {
	at, known := slices.BinarySearchFunc(e.facts, f, compareStamped)
	if known {
		return e, false
	}
	return &epoch[T]{e.base, e.decided, slices.Insert(slices.Clone(e.facts), at, f)}, true
}

// and returns the epoch with one more decided event.
func (e *epoch[T]) and(d stamped) *epoch[T] {
	return &epoch[T]{e.base, append(slices.Clip(e.decided), d), e.facts}
}

// has reports whether a command had a part in the epoch.
func (e *epoch[T]) has(id CommandID) bool {
	of := func(x stamped) bool { return x.meta.Command == id }
	return slices.ContainsFunc(e.decided, of) || slices.ContainsFunc(e.facts, of)
}

// told returns the whole story in one order: decided events in the order of the
// log, facts between them by their moments.
func (e *epoch[T]) told() []stamped {
	facts := e.chronicle()
	all := make([]stamped, 0, len(e.decided)+len(facts))
	for _, d := range e.decided {
		for len(facts) > 0 && facts[0].at.Before(d.meta.At) {
			all, facts = append(all, facts[0].stamped), facts[1:]
		}
		all = append(all, d)
	}
	for _, f := range facts {
		all = append(all, f.stamped)
	}
	return all
}

// placed is a fact with the moment that gives it its place.
type placed struct {
	stamped
	at time.Time
}

// chronicle orders the facts by moment, but never against the order of their own
// origin: where an origin's clock stepped back, its later fact counts from the
// moment of the earlier one. A second duplicate of a command is left out, since
// a command has one effect by however many paths it came.
func (e *epoch[T]) chronicle() []placed {
	newest := map[string]time.Time{}
	for _, d := range e.decided {
		newest[d.meta.Origin] = laterOf(newest[d.meta.Origin], d.meta.At)
	}
	list := make([]placed, 0, len(e.facts))
	for _, f := range e.facts {
		at := laterOf(newest[f.meta.Origin], f.meta.At)
		newest[f.meta.Origin] = at
		list = append(list, placed{f, at})
	}
	slices.SortStableFunc(list, func(a, b placed) int { return a.at.Compare(b.at) })
	return slices.DeleteFunc(list, repeats())
}

// repeats returns a filter that reports the second and later effects of one
// command. Issues pass: a second number of a ticket must be seen.
func repeats() func(placed) bool {
	type effect struct {
		command CommandID
		kind    string
	}
	seen := map[effect]bool{}
	return func(f placed) bool {
		key := effect{f.meta.Command, f.event.kind()}
		_, issue := f.event.(TicketIssued)
		again := seen[key] && !issue
		seen[key] = true
		return again
	}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// compareStamped orders the facts of an epoch as a set: by origin, and each
// origin's in the order in which it wrote them.
func compareStamped(a, b stamped) int {
	return cmp.Or(cmp.Compare(a.meta.Origin, b.meta.Origin), cmp.Compare(a.number, b.number),
		a.meta.At.Compare(b.meta.At), compare(a.meta.Command, b.meta.Command), cmp.Compare(a.seq, b.seq))
}

// decided notes a decided event in the ticket's epoch, or begins a new one. A
// ticket of which only facts were known keeps them: they waited for its issue.
func (s *State) decided(id TicketID, e stamped) {
	now := s.epochs[id]
	_, lost := s.demoted[id]
	switch {
	case now == nil, s.tickets[id] != nil && (len(now.facts) > 0 || lost):
		now = &epoch[Ticket]{base: s.tickets[id]}
		delete(s.demoted, id)
	}
	s.epochs[id] = now.and(e)
}

// settle begins a new epoch at the ticket as it stands.
func (s *State) settle(id TicketID) {
	delete(s.epochs, id)
	delete(s.demoted, id)
}

// settleAt settles the tickets that lost a counter to another one: what is
// decided at the counter now was decided by somebody who saw how it ended.
func (s *State) settleAt(counter CounterID) {
	for id, lost := range s.demoted {
		if lost == counter && counter != "" {
			s.settle(id)
		}
	}
}
