package queue

import (
	"slices"
	"time"
)

// fold tells the ticket's story, and last what the paper says, which wins. It
// returns nil while no issue of the ticket is known.
func (s *State) fold(e *epoch[Ticket]) *Ticket {
	story := e.told()
	t := e.base
	if t == nil {
		// Two histories may have given one command two numbers. The one that the log
		// itself decided was told to the visitor; the other was never confirmed.
		t = birth(slices.Concat(e.decided, story))
	}
	if t == nil {
		return nil
	}
	late := false
	for _, ev := range story {
		late = late || ev.late
		if !s.undone[ev.meta.Command] {
			t = merge(t, ev)
		}
	}
	t = believePaper(t, story)
	if late {
		t = withFlag(t, FlagLate)
	}
	return t
}

// birth returns the new ticket. A number that the server gave comes before the
// paper's, which then takes its place.
func birth(story []stamped) *Ticket {
	var first *stamped
	for i := range story {
		switch issue := story[i].event.(type) {
		case QuickServed:
			return advance(nil, story[i])
		case TicketIssued:
			if issue.Pool != PoolKiosk {
				return advance(nil, story[i])
			}
			if first == nil {
				first = &story[i]
			}
		}
	}
	if first == nil {
		return nil
	}
	return advance(nil, *first)
}

// merge is advance for a story in which an event may not fit the one before it.
func merge(t *Ticket, e stamped) *Ticket {
	if withdrawn, is := e.event.(TicketWithdrawn); is && callWins(t, withdrawn, e.meta) {
		return t
	}
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
	case TicketServed:
		return mergeServed(t, ev, e)
	}
	return t // what a stale screen wanted of a ticket that has moved on
}

// callWins reports whether a ticket was given up, by its visitor or by staff at a
// machine, without knowing that it had been called: the clerk waits for the
// visitor, so the call stands.
func callWins(t *Ticket, _ TicketWithdrawn, m Meta) bool {
	return (m.Actor.Role == RoleHolder || m.Actor.atMachine() && !forgetsCall()) && t.Status == Called
}

func withFlag(t *Ticket, f Flag) *Ticket {
	marked := *t
	marked.Flags = flagged(t.Flags, f)
	return &marked
}

func withoutFlag(t *Ticket, f Flag) *Ticket {
	marked := *t
	marked.Flags = slices.DeleteFunc(slices.Clone(t.Flags), func(x Flag) bool { return x == f })
	return &marked
}

// mergeStart believes a talk that took place: the first start decides between
// two calls, and of two talks both are kept.
func mergeStart(t *Ticket, ev ServiceStarted, e stamped) *Ticket {
	switch t.Status {
	case Serving:
		if t.Counter == ev.Counter {
			return t
		}
		return withFlag(t, FlagDoubleServe)
	case Processing, Done:
		return withFlag(t, FlagDoubleServe)
	case Called:
		t = withFlag(t, FlagDoubleCall)
	}
	return advance(t, e)
}

// mergeFinish believes a visit that was served, wherever the ticket is now.
func mergeFinish(t *Ticket, ev ServiceFinished, e stamped) *Ticket {
	if t.Status == Serving || t.Status == Done || t.Status == Processing {
		next := *t
		next.Visited = append(slices.Clip(t.Visited), Visit{
			Line: t.Line, Counter: ev.Counter, Finished: e.meta.At, Started: e.meta.At,
			Quantity: ev.Quantity, Outcome: ev.Outcome, Unmeasured: true,
		})
		return withFlag(&next, FlagDoubleServe)
	}
	return advance(t, e)
}

// mergeServed believes a visit by number; where the ticket is at a counter or was
// served there, both are kept.
func mergeServed(t *Ticket, ev TicketServed, e stamped) *Ticket {
	if t.Status != Serving && t.Status != Done {
		return advance(t, e)
	}
	next := *t
	at := orNow(ev.At, e.meta)
	next.Visited = append(slices.Clip(t.Visited), Visit{Line: t.Line, Counter: ev.Counter, Called: at, Started: at, Finished: at, Unmeasured: true})
	return withFlag(&next, FlagServedTwice)
}

// believePaper goes through the numbers that the story gave the ticket. What a
// kiosk printed is its number; any other one is spent.
func believePaper(t *Ticket, story []stamped) *Ticket {
	for _, ev := range story {
		issue, is := ev.event.(TicketIssued)
		switch {
		case !is || issue.Number == t.Number:
		case issue.Pool == PoolKiosk:
			t = renumber(t, issue)
		default:
			t = spent(t, issue.Number)
		}
	}
	return t
}

// spent notes a number that was given to the ticket and is not on its paper.
func spent(t *Ticket, n Number) *Ticket {
	next := *t
	if !slices.Contains(t.Former, n) {
		next.Former = append(slices.Clip(t.Former), n)
	}
	return &next
}

// renumber gives the ticket the number that is on its paper. A call or no-show
// under the other number is void unless the visitor was served: nobody held it.
func renumber(t *Ticket, paper TicketIssued) *Ticket {
	next := *spent(t, t.Number)
	next.Number = paper.Number
	next.Former = slices.DeleteFunc(slices.Clone(next.Former), func(n Number) bool { return n == paper.Number })
	next.Flags = flagged(t.Flags, FlagRenumbered)
	if next.Secret == "" {
		next.Secret = paper.Secret
	}
	next.arrive(paper)
	unheard := t.CalledAs != "" && t.CalledAs != paper.Number && !keepsNoShow()
	switch {
	case !unheard:
	case t.Announced != "":
		next.wait(t.Line)
		next.CalledAs = ""
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

// arrive believes the moment on the paper: the server may have heard of the press
// long after it, from a network that kept the question. A place that a restore or
// another stage gave the ticket since stays, and so does the server's moment where
// the machine could only guess.
func (t *Ticket) arrive(paper TicketIssued) {
	if slices.Contains(paper.Flags, FlagClock) || !paper.IssuedAt.Before(t.IssuedAt) {
		return
	}
	if t.Arrival.Equal(t.IssuedAt) {
		t.Arrival = paper.Arrival
	}
	t.IssuedAt = paper.IssuedAt
}
