package notify

import "github.com/prometheus/client_golang/prometheus"

// metrics count what was sent. No label says to whom.
type metrics struct{ notices *prometheus.CounterVec }

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "machi_notify_tries_total", Help: "Tries to tell somebody, by channel and how they ended: sent, again, refused, gone, unclear.",
	}, []string{"channel", "result"})}
	if r != nil {
		r.MustRegister(m.notices)
	}
	return m
}

func (m *metrics) count(c Channel, result string) { m.notices.WithLabelValues(string(c), result).Inc() }
