package history

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
)

// legsOf takes a visit apart: the services received, the calls that nobody answered,
// and how it ended where that was neither.
func legsOf(t *queue.Ticket, s *saidOf, asked queue.ServiceID) []Leg {
	var legs []Leg
	for _, v := range t.Visited {
		legs = append(legs, Leg{
			Service: v.Line.Service, Stage: v.Line.Stage, Called: s.firstCall(v.Called, v.Counter), Started: v.Started, Finished: v.Finished,
			Counter: v.Counter, Outcome: Served, Unmeasured: unmeasured(v),
		})
	}
	legs = append(legs, missed(t, s, legs)...)
	if last, is := ending(t, s); is {
		legs = append(legs, last)
	}
	slices.SortStableFunc(legs, func(a, b Leg) int { return a.Finished.Compare(b.Finished) })
	legs = joined(legs, t, s)
	if first := legs[0]; first.Service != asked && first.Stage == queue.StageReception {
		legs = slices.Insert(legs, 0, beforeMove(asked, t.IssuedAt, first, s))
		legs[1].Joined = legs[0].Finished
	}
	return legs
}

// longest is the longest talk that teaches anything.
const longest = 4 * time.Hour

// unmeasured reports whether a visit's time at the counter teaches nothing. Where
// nobody pressed the start key the counter was kept all the same, from the call on.
func unmeasured(v queue.Visit) bool {
	kept := v.Finished.Sub(v.Called)
	unpressed := v.Started.Equal(v.Called)
	return v.Unmeasured && !unpressed || kept <= 0 || kept > longest
}

// missed returns the calls that nobody answered. One under a number that is not on
// the paper was heard by nobody.
func missed(t *queue.Ticket, s *saidOf, served []Leg) []Leg {
	var legs []Leg
	for _, m := range s.misses {
		if m.number != t.Number && t.Has(queue.FlagRenumbered) {
			continue
		}
		line := t.Line
		for _, l := range served {
			if !l.Finished.Before(m.at) {
				line = queue.Line{Service: l.Service, Stage: l.Stage}
				break
			}
		}
		legs = append(legs, Leg{
			Service: line.Service, Stage: line.Stage, Called: s.firstCall(m.at, m.counter), Finished: m.at, Counter: m.counter, Outcome: NoShow,
		})
	}
	return legs
}

// ending returns the leg that led to neither a service nor a no-show.
func ending(t *queue.Ticket, s *saidOf) (Leg, bool) {
	outcome := Expired
	switch {
	case t.Status == queue.Done && len(t.Visited) > 0:
		return Leg{}, false
	case t.Status == queue.NoShow || t.Status == queue.Closed:
		if len(s.misses) > 0 {
			return Leg{}, false
		}
		outcome = NoShow
	case t.Status == queue.Withdrawn || t.Status == queue.Done: // also: went to another office
		outcome = Left
	case t.Status == queue.Expired && len(t.Visited) > 0 && !t.Visited[len(t.Visited)-1].Finished.Before(t.EndedAt):
		return Leg{}, false // was being served when the day ended
	}
	if !t.MissedAt.IsZero() && len(s.misses) > 0 {
		return Leg{}, false // nobody had come before it ended
	}
	leg := Leg{Service: t.Line.Service, Stage: t.Line.Stage, Called: t.CalledAt, Finished: t.EndedAt, Outcome: outcome}
	if leg.Finished.IsZero() {
		leg.Finished = later(s.newest(), t.IssuedAt)
	}
	if !leg.Called.IsZero() {
		if at := len(s.calls) - 1; at >= 0 {
			leg.Counter = s.calls[at].counter
		}
		leg.Called = s.firstCall(leg.Called, leg.Counter)
	}
	return leg, true
}

// joined says when each leg's line was joined. A ticket that was called out of no
// line, such as one that had missed its call, has no such moment.
func joined(legs []Leg, t *queue.Ticket, s *saidOf) []Leg {
	from, moved := t.IssuedAt, true
	for i := range legs {
		until := cmp.Or(legs[i].Called, legs[i].Finished)
		back := s.newestJoin(from, until)
		switch {
		case !back.IsZero():
			legs[i].Joined = back
		case moved:
			legs[i].Joined = from
		}
		if legs[i].Joined.After(until) {
			legs[i].Joined = until
		}
		from, moved = legs[i].Finished, legs[i].Outcome == Served
	}
	return legs
}

// beforeMove is the time in the line that was asked for, when the ticket was sent to
// another one before any call.
func beforeMove(asked queue.ServiceID, issued time.Time, first Leg, s *saidOf) Leg {
	at := first.Joined
	for _, m := range s.moves {
		if !m.After(cmp.Or(first.Called, first.Finished)) {
			at = m
			break
		}
	}
	return Leg{
		Service: asked, Stage: queue.StageReception, Joined: issued, Finished: later(at, issued), Outcome: Left, Unmeasured: true,
	}
}

// firstCall returns the call, of those repeated, that brought a ticket to a counter
// where it was last called at a moment.
func (s *saidOf) firstCall(last time.Time, counter queue.CounterID) time.Time {
	at := last
	for _, c := range s.calls {
		if c.counter == counter && !c.at.After(last) {
			at = c.at
		}
	}
	return at
}

func (s *saidOf) newestJoin(from, until time.Time) time.Time {
	var newest time.Time
	for _, at := range s.joins {
		if !at.Before(from) && !at.After(until) {
			newest = later(newest, at)
		}
	}
	return newest
}

// newest returns the last moment that anything is said of the ticket.
func (s *saidOf) newest() time.Time {
	var newest time.Time
	for _, c := range slices.Concat(s.calls, s.misses) {
		newest = later(newest, c.at)
	}
	for _, at := range s.joins {
		newest = later(newest, at)
	}
	return newest
}
