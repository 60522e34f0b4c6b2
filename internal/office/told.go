package office

import (
	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/queue"
	"machi/internal/told"
)

// promises count the visitors that this server called, against the upper end of the
// wait that they were shown with their ticket. Who was shown none, or asked for more
// time, is not counted.
type promises struct {
	called *prometheus.CounterVec
	late   *prometheus.CounterVec
}

func newPromises() promises {
	return promises{
		called: vec("told_calls_total", "Visitors called who had been shown an upper end of their wait.", "office", "service"),
		late:   vec("told_calls_late_total", "Visitors called later than the upper end that they had been shown.", "office", "service"),
	}
}

// heed looks at what a command did. A repeated one was counted the first time.
func (p promises) heed(id queue.OfficeID, r Result) {
	if r.Outcome == nil || r.Repeated || r.View.State == nil {
		return
	}
	for _, e := range r.Outcome.Events {
		call, ok := e.(queue.TicketCalled)
		if !ok {
			continue
		}
		if t, ok := r.View.State.Ticket(call.Ticket); ok && promised(t) && t.FirstCall.Equal(r.Outcome.Meta.At) {
			p.called.WithLabelValues(string(id), string(t.Line.Service)).Inc()
			if t.FirstCall.Sub(t.IssuedAt) > t.Quote.High {
				p.late.WithLabelValues(string(id), string(t.Line.Service)).Inc()
			}
		}
	}
}

func promised(t *queue.Ticket) bool {
	if t.Quote == nil || t.Later > 0 {
		return false
	}
	s := told.Of(t.Quote.Low, t.Quote.High)
	return t.Quote.High > 0 && !s.Open()
}
