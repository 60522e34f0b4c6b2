package server

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"machi/internal/queue"
	"machi/internal/signs"
)

// openMetrics adds what no package of its own tells: the program, its memory, and the
// wall screens.
func (s *Server) openMetrics() error {
	var failed []error
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector(), walls{s.signs},
	} {
		failed = append(failed, s.registry.Register(c))
	}
	return errors.Join(failed...)
}

// Metrics returns what the server can tell Prometheus, whether or not there is a value
// of it yet.
func (s *Server) Metrics() []*prometheus.Desc {
	all := make(chan *prometheus.Desc)
	go func() {
		defer close(all)
		s.registry.Describe(all)
	}()
	var list []*prometheus.Desc
	for d := range all {
		list = append(list, d)
	}
	return list
}

// walls counts the registered wall screens of each office. This server hears those that
// report to it.
type walls struct{ kit *signs.Kit }

var (
	screensKnown  = prometheus.NewDesc("machi_screens", "Registered wall screens.", []string{"office"}, nil)
	screensSilent = prometheus.NewDesc("machi_screens_silent", "Registered wall screens that do not report to this server.", []string{"office"}, nil)
	screensWrong  = prometheus.NewDesc("machi_screens_in_trouble", "Wall screens that report, and have lost their link or cannot show an item.", []string{"office"}, nil)
)

// Describe names the metrics.
func (w walls) Describe(to chan<- *prometheus.Desc) {
	to <- screensKnown
	to <- screensSilent
	to <- screensWrong
}

// Collect counts the screens.
func (w walls) Collect(to chan<- prometheus.Metric) {
	type count struct{ known, silent, wrong int }
	offices := map[queue.OfficeID]count{}
	for _, s := range w.kit.Roll.Standings(w.kit.Book.Screens()) {
		n := offices[s.Office]
		n.known++
		switch {
		case s.Silent:
			n.silent++
		case s.Troubled():
			n.wrong++
		}
		offices[s.Office] = n
	}
	for id, n := range offices {
		for d, value := range map[*prometheus.Desc]int{screensKnown: n.known, screensSilent: n.silent, screensWrong: n.wrong} {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), string(id))
		}
	}
}
