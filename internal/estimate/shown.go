package estimate

import (
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

// Show returns an estimate with what is shown of it, and remembers that. The estimate
// itself is not changed.
func (m *Steady) Show(o Office) Office {
	m.services, o.Services = steady(m.services, o.Services)
	m.tickets, o.Tickets = steady(m.tickets, o.Tickets)
	return o
}

// steady forgets what the estimate no longer holds.
func steady[K comparable](was map[K]held, waits map[K]Wait) (map[K]held, map[K]Wait) {
	now, shown := make(map[K]held, len(waits)), make(map[K]Wait, len(waits))
	for id, w := range waits {
		h := was[id]
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
