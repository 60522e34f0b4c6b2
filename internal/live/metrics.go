package live

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	frames   prometheus.Counter
	watchers prometheus.Gauge
	refused  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		frames:   prometheus.NewCounter(prometheus.CounterOpts{Name: "machi_live_frames_total", Help: "Frames made, of all offices."}),
		watchers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "machi_live_watchers", Help: "Watchers that are connected."}),
		refused:  prometheus.NewCounter(prometheus.CounterOpts{Name: "machi_live_refused_total", Help: "Watchers refused because the limit was reached."}),
	}
	if r != nil {
		r.MustRegister(m.frames, m.watchers, m.refused)
	}
	return m
}
