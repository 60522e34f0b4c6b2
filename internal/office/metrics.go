package office

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/queue"
)

// metrics describe the ward. Labels hold kinds, codes and offices, never ids.
type metrics struct {
	commands  *prometheus.CounterVec
	seconds   prometheus.Histogram
	append    prometheus.Histogram
	pushed    *prometheus.CounterVec
	conflicts prometheus.Counter
	healed    *prometheus.CounterVec
	forks     prometheus.Counter
	restarts  prometheus.Counter
	waiting   *prometheus.GaugeVec
	tickets   *prometheus.GaugeVec
	doubt     *prometheus.GaugeVec
	told      promises
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		commands:  vec("commands_total", "Commands, by kind and outcome.", "kind", "outcome"),
		seconds:   histogram("command_seconds", "From a command's arrival to its answer."),
		append:    histogram("append_seconds", "One append to the store."),
		pushed:    vec("pushed_records_total", "Records of machines that worked alone, by outcome.", "outcome"),
		conflicts: counter("conflicts_total", "Appends that lost a race with another server."),
		healed:    vec("healed_records_total", "Records that were put back, by way (in place, as fact) or lost.", "way"),
		forks:     counter("forks_total", "Times that the store showed another history."),
		restarts:  counter("restarts_total", "Times that an office began again after a failure."),
		waiting:   gauge("waiting_requests", "Requests that wait for an office."),
		tickets:   gauge("waiting_tickets", "Tickets that wait in an office."),
		doubt:     gauge("in_doubt", "1 while an office's position in its log is in doubt."),
		told:      newPromises(),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.commands, m.seconds, m.append, m.pushed, m.conflicts, m.healed,
		m.forks, m.restarts, m.waiting, m.tickets, m.doubt, m.told.called, m.told.late, m.told.waited,
	} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

func opts(name, help string) prometheus.Opts {
	return prometheus.Opts{Namespace: "machi", Subsystem: "office", Name: name, Help: help}
}

func vec(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts(opts(name, help)), labels)
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts(opts(name, help)))
}

func gauge(name, help string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts(opts(name, help)), []string{"office"})
}

func histogram(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "machi", Subsystem: "office", Name: name, Help: help,
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
	})
}

func (m *metrics) command(c queue.Command, r Result, err error, took time.Duration) {
	kind := strings.TrimPrefix(fmt.Sprintf("%T", c), "queue.")
	m.commands.WithLabelValues(kind, outcome(r, err)).Inc()
	m.seconds.Observe(took.Seconds())
}

func outcome(r Result, err error) string {
	var refusal *queue.Refusal
	var none *Unavailable
	switch {
	case errors.As(err, &refusal):
		return string(refusal.Code)
	case errors.As(err, &none):
		return none.Code
	case errors.Is(err, ErrKeyReused):
		return "key_reused"
	case errors.Is(err, ErrTooLate):
		return "too_late"
	case err != nil:
		return "error"
	case r.Repeated:
		return "repeated"
	case r.Unconfirmed:
		return "unconfirmed"
	}
	return "done"
}

func (m *metrics) push(records int, err error) {
	m.pushed.WithLabelValues(outcome(Result{}, err)).Add(float64(records))
}

// met counts what a core met between two moments. The gauges are today's alone.
func (m *metrics) met(d *run, before, now Stats, c *Core) {
	m.conflicts.Add(float64(now.Conflicts - before.Conflicts))
	m.healed.WithLabelValues("in_place").Add(float64(now.PutBack - before.PutBack))
	m.healed.WithLabelValues("as_fact").Add(float64(now.Facts - before.Facts))
	m.healed.WithLabelValues("lost").Add(float64(now.Lost - before.Lost))
	m.forks.Add(float64(now.Forks - before.Forks))
	d.room.mu.Lock()
	today := d.date == d.room.today
	d.room.mu.Unlock()
	if !today {
		return
	}
	office := string(d.room.id)
	m.waiting.WithLabelValues(office).Set(float64(len(d.jobs)))
	m.tickets.WithLabelValues(office).Set(float64(c.Day().State().WaitingCount()))
	m.doubt.WithLabelValues(office).Set(0)
	if c.Doubt() {
		m.doubt.WithLabelValues(office).Set(1)
	}
}
