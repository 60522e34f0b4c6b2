package live

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	frames   prometheus.Counter
	watchers prometheus.Gauge
	refused  prometheus.Counter
	again    prometheus.Counter
	failed   prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		frames:   prometheus.NewCounter(prometheus.CounterOpts{Name: "machi_live_frames_total", Help: "Frames made, of all offices."}),
		watchers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "machi_live_watchers", Help: "Watchers that are connected."}),
		refused:  prometheus.NewCounter(prometheus.CounterOpts{Name: "machi_live_refused_total", Help: "Watchers refused because the limit was reached."}),
		again:    prometheus.NewCounter(prometheus.CounterOpts{Name: "machi_live_estimator_rebuilt_total", Help: "Times that an estimator began its day again: the log had another past, or other lessons came."}),
		failed:   prometheus.NewCounter(prometheus.CounterOpts{Name: "machi_live_estimator_failures_total", Help: "Frames whose waits are unknown because the estimator failed."}),
	}
	if r != nil {
		r.MustRegister(m.frames, m.watchers, m.refused, m.again, m.failed)
	}
	return m
}
