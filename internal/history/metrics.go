package history

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics say whether days are closed.
type metrics struct {
	closed prometheus.Counter
	faults prometheus.Gauge
	last   prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		closed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "machi_history_days_closed_total", Help: "Closed days that this server looked through, first closings and corrections.",
		}),
		faults: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "machi_history_faults", Help: "Days that cannot be closed, and lessons that cannot be made: see the log.",
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "machi_history_round_timestamp_seconds", Help: "When all days were last found closed, by the offices' clock.",
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.closed, m.faults, m.last} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) round(at time.Time, err error) {
	if err == nil {
		m.last.Set(float64(at.Unix()))
	}
}
