package office

import (
	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/queue"
	"machi/internal/told"
)

// promises measure the waits of the visitors that this server called, and count them
// against the upper end of the wait that they were shown with their ticket. Who was
// shown none, or asked for more time, is not counted.
type promises struct {
	called *prometheus.CounterVec
	late   *prometheus.CounterVec
	waited *prometheus.HistogramVec
}

func newPromises() promises {
	return promises{
		called: vec("told_calls_total", "Visitors called who had been shown an upper end of their wait.", "office", "service"),
		late:   vec("told_calls_late_total", "Visitors called later than the upper end that they had been shown.", "office", "service"),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "machi", Subsystem: "office", Name: "until_called_seconds", Help: "From the number to the visitor's first call.",
			// A minute, the levels' thresholds, and the four hours of a day in April.
			Buckets:                     []float64{60, 300, 600, 900, 1800, 2700, 3600, 5400, 7200, 10800, 14400},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}, []string{"office", "service"}),
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
		if t, ok := r.View.State.Ticket(call.Ticket); ok && t.FirstCall.Equal(r.Outcome.Meta.At) {
			p.call(t, string(id), string(t.Line.Service))
		}
	}
}

// call measures a visitor's first call.
func (p promises) call(t *queue.Ticket, labels ...string) {
	waited := max(0, t.FirstCall.Sub(t.IssuedAt))
	p.waited.WithLabelValues(labels...).Observe(waited.Seconds())
	if !promised(t) {
		return
	}
	p.called.WithLabelValues(labels...).Inc()
	if waited > t.Quote.High {
		p.late.WithLabelValues(labels...).Inc()
	}
}

func promised(t *queue.Ticket) bool {
	if t.Quote == nil || t.Later > 0 {
		return false
	}
	s := told.Of(t.Quote.Low, t.Quote.High)
	return t.Quote.High > 0 && !s.Open()
}
