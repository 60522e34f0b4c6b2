package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "machi_http_requests_total", Help: "Requests by route pattern, method and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "machi_http_seconds", Help: "Time to answer by route pattern.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"route"}),
	}
	if r != nil {
		r.MustRegister(m.requests, m.seconds)
	}
	return m
}

// methods bounds a label: a stranger may send any word as a method.
var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "DELETE": true, "OPTIONS": true}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	if !methods[method] {
		method = "other"
	}
	if route == "" || status == http.StatusNotFound && route == "/*" {
		route = "none"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	if route != base+"/live" && route != base+"/live/sse" && route != base+"/offices/:office/records" {
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
	}
}

// exposition serves the metrics of a registry.
func exposition(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{})
}
