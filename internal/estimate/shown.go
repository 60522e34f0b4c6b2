package estimate

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
	"machi/internal/told"
)

// Span returns the range as people are shown it; the zero Span where nothing is known.
func (r Range) Span() told.Span {
	switch {
	case !r.Known:
		return told.Span{}
	case r.Told.Known():
		return r.Told
	}
	return told.Of(r.Low, r.High)
}

// Shown returns the ends of the range as people are shown it (see [told.Of]). Of an
// [Range.Open] range only the low end is said.
func (r Range) Shown() (low, high time.Duration) {
	s := r.Span()
	return time.Duration(s.Low) * time.Minute, time.Duration(s.High) * time.Minute
}

// Open reports whether people are told "or more", and no upper end.
func (r Range) Open() bool { return r.Span().Open() }

// Quote returns what a visitor who takes a ticket now is told, to be kept with the
// ticket: the ends as they are shown. A high end of 0 says that nothing is known.
func (w Wait) Quote() queue.Quote {
	low, high := w.Called.Shown()
	return queue.Quote{Ahead: w.Ahead, Low: low, P50: min(max(w.Called.P50, low), high), High: high}
}

// Steady remembers what one office's screens show, so that a figure does not flicker
// while somebody looks at it and is the same after a reload (see [told.Span.Next]).
// The zero value remembers nothing; one goroutine at a time may use it.
type Steady struct {
	services map[queue.ServiceID]held
	tickets  map[queue.TicketID]held
}

// held is what is shown of one wait.
type held struct{ called, finished told.Span }

// Show returns an estimate of a state with what is shown of it, and remembers that. The
// estimate itself is not changed. Nobody is shown less than somebody before them in
// their line, or to be finished before they are called, though one figure may be held
// and the other be new. A ticket begins with what its visitor was told.
func (m *Steady) Show(o Office, s *queue.State) Office {
	m.services, o.Services = steady(m.services, o.Services, func(queue.ServiceID) held { return held{} })
	m.tickets, o.Tickets = steady(m.tickets, o.Tickets, func(id queue.TicketID) held { return promised(s, id) })
	for _, line := range s.Lines() {
		m.order(o, line, s.Line(line))
	}
	calledFirst(m.services, o.Services)
	calledFirst(m.tickets, o.Tickets)
	return o
}

// promised is what the visitor was told when the ticket was issued.
func promised(s *queue.State, id queue.TicketID) held {
	t, ok := s.Ticket(id)
	if !ok || t.Quote == nil || t.Quote.High <= 0 {
		return held{}
	}
	return held{called: told.Of(t.Quote.Low, t.Quote.High)}
}

// calledFirst raises what is shown until finished to what is shown until called.
func calledFirst[K comparable](kept map[K]held, waits map[K]Wait) {
	for id, w := range waits {
		if !w.Called.Known || !w.Finished.Known {
			continue
		}
		w.Finished.Told = w.Finished.Told.AtLeast(w.Called.Told, told.Of(w.Finished.Low, w.Finished.High))
		kept[id], waits[id] = held{w.Called.Told, w.Finished.Told}, w
	}
}

// order raises what is held of a line's tickets to what those before them are shown,
// and what a newcomer is told to what the last of them is.
func (m *Steady) order(o Office, line queue.Line, tickets []*queue.Ticket) {
	classes := map[[2]bool][]queue.TicketID{}
	for _, t := range tickets {
		class := [2]bool{t.Priority, !t.Appointment.IsZero()}
		classes[class] = append(classes[class], t.ID)
	}
	for class, ids := range classes {
		last := ordered(o.Tickets, ids, called)
		ordered(o.Tickets, ids, finished)
		if w := o.Services[line.Service]; class == [2]bool{} && line.Stage == queue.StageReception && w.Called.Known && w.Called.High >= last.High {
			w.Called.Told = w.Called.Told.AtLeast(last.Told, told.Of(w.Called.Low, w.Called.High))
			o.Services[line.Service] = w
		}
		for _, id := range ids {
			m.tickets[id] = held{o.Tickets[id].Called.Told, o.Tickets[id].Finished.Told}
		}
	}
	if w, ok := o.Services[line.Service]; ok {
		m.services[line.Service] = held{w.Called.Told, w.Finished.Told}
	}
}

func called(w *Wait) *Range   { return &w.Called }
func finished(w *Wait) *Range { return &w.Finished }

// ordered goes through the waits of a class from the shortest to the longest, raises
// what each is shown to what the one before is, and returns the last range.
func ordered(waits map[queue.TicketID]Wait, ids []queue.TicketID, part func(*Wait) *Range) Range {
	byLength := slices.Clone(ids)
	slices.SortStableFunc(byLength, func(a, b queue.TicketID) int {
		wa, wb := waits[a], waits[b]
		ra, rb := part(&wa), part(&wb)
		return cmp.Or(cmp.Compare(ra.High, rb.High), cmp.Compare(ra.Low, rb.Low))
	})
	var last Range
	for _, id := range byLength {
		w := waits[id]
		r := part(&w)
		if !r.Known {
			continue
		}
		r.Told = r.Told.AtLeast(last.Told, told.Of(r.Low, r.High))
		waits[id], last = w, *r
	}
	return last
}

// steady forgets what the estimate no longer holds; what is new begins with first.
func steady[K comparable](was map[K]held, waits map[K]Wait, first func(K) held) (map[K]held, map[K]Wait) {
	now, shown := make(map[K]held, len(waits)), make(map[K]Wait, len(waits))
	for id, w := range waits {
		h, seen := was[id]
		if !seen {
			h = first(id)
		}
		w.Called.Told, w.Finished.Told = next(h.called, w.Called), next(h.finished, w.Finished)
		now[id], shown[id] = held{w.Called.Told, w.Finished.Told}, w
	}
	return now, shown
}

func next(shown told.Span, r Range) told.Span {
	if !r.Known {
		return told.Span{}
	}
	return shown.Next(r.Low, r.High)
}
