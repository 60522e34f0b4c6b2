package estimate

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/queue"
)

// Estimate answers for a state whose log is not at hand, with what its tickets tell
// of the day and nothing of the days before. Who follows a log uses a [Follower].
func Estimate(s *queue.State, at time.Time) Office {
	return Retold(s).Office(at, Conditions{})
}

// Retold returns a [Follower] of a state whose log is not at hand. It can be asked,
// and follows nothing more.
func Retold(s *queue.State) *Follower {
	f := NewFollower(nil)
	f.state = s
	if !s.Opened() {
		return f
	}
	f.failed = guard(func() {
		f.model = place.New(optionsOf(s.Settings(), nil))
		f.retell()
	})
	return f
}

// Unknown answers where nothing can be said yet: who is ahead, and no times.
func Unknown(s *queue.State, at time.Time) Office { return unknown(s, at, nil) }

// retell tells the memory what the counters and tickets of a state have been through.
func (f *Follower) retell() {
	var told []tale
	for _, c := range f.state.Counters() {
		if c.State == queue.CounterOpen {
			told = append(told, tale{place.Event{At: c.Since, Kind: place.Open, Counter: string(c.ID), Classes: classesOf(c)}, 1})
		}
	}
	for _, t := range f.state.Tickets() {
		told = append(told, past(f.state, t)...)
	}
	slices.SortStableFunc(told, func(a, b tale) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.rank, b.rank)) })
	for _, e := range told {
		f.observe(e.Event)
	}
}

// tale is an event and its place among those of its moment: who ends is told before
// who begins, unless both are one.
type tale struct {
	place.Event
	rank int
}

// past is what a ticket has been through.
func past(s *queue.State, t *queue.Ticket) []tale {
	var told []tale
	e := place.Event{Ticket: string(t.ID), Visit: string(t.ID), Priority: t.Priority}
	add := func(kind place.Kind, at time.Time, rank int) {
		e.Kind, e.At = kind, at
		told = append(told, tale{e, rank})
	}
	joined := t.IssuedAt
	for i := range t.Visited {
		v := &t.Visited[i]
		e.Class, e.Counter = Class(v.Line), string(v.Counter)
		add(place.Issue, joined, 2)
		add(place.Call, v.Called, 3)
		e.Unmeasured = unmeasured(v)
		rank := 0
		if !v.Finished.After(v.Called) {
			rank = 4
		}
		add(place.Finish, v.Finished, rank)
		e.Unmeasured, e.Ticket, joined = false, e.Ticket+"+", v.Finished
	}
	e.Class, e.Counter = Class(t.Line), ""
	if !t.ReadyAt.IsZero() && t.Line.Stage == queue.StageDelivery {
		joined = t.ReadyAt
	}
	switch standingOf(s, t) {
	case inLine:
		add(place.Issue, joined, 2)
	case atSeat:
		add(place.Issue, joined, 2)
		e.Counter = string(t.Counter)
		add(place.Call, t.CalledAt, 3)
	}
	return told
}
