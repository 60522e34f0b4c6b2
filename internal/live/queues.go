package live

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/board"
	"machi/internal/queue"
)

// queues tells Prometheus how the lines and counters of all offices stand, from the
// newest snapshots: no scrape asks the store. Labels are offices, services and counters,
// never a ticket, a machine's visitor or a person.
type queues struct{ hub *Hub }

var (
	byOffice  = []string{"office"}
	byService = []string{"office", "service"}
	byCounter = []string{"office", "counter"}

	boardAt     = prometheus.NewDesc("machi_board_timestamp_seconds", "When the office's newest board was made, by the machine's clock.", byOffice, nil)
	officeOpen  = prometheus.NewDesc("machi_office_open", "1 while the office gives numbers for any service.", byOffice, nil)
	accepting   = prometheus.NewDesc("machi_queue_accepting", "1 while numbers are given for the service.", byService, nil)
	attended    = prometheus.NewDesc("machi_queue_attended", "1 while a counter is open that calls the service's visitors for the first time.", byService, nil)
	queued      = prometheus.NewDesc("machi_queue_waiting", "Visitors in the office who wait for their first counter.", byService, nil)
	working     = prometheus.NewDesc("machi_queue_processing", "Visits whose papers are at work behind the counters.", byService, nil)
	longest     = prometheus.NewDesc("machi_queue_longest_wait_seconds", "How long the one has waited who waits longest for the first counter; 0: nobody waits.", byService, nil)
	toldLow     = prometheus.NewDesc("machi_queue_told_low_seconds", "Lower end of the wait until called that a newcomer is told; absent: unknown.", byService, nil)
	toldHigh    = prometheus.NewDesc("machi_queue_told_high_seconds", "Upper end of the wait until called that a newcomer is told; absent: unknown.", byService, nil)
	issuedToday = prometheus.NewDesc("machi_queue_issued_today", "Numbers given today.", byService, nil)
	doneToday   = prometheus.NewDesc("machi_queue_done_today", "Visits that were served to their end today.", byService, nil)
	absentToday = prometheus.NewDesc("machi_queue_no_shows_today", "Visitors called today who did not come.", byService, nil)
	leftToday   = prometheus.NewDesc("machi_queue_withdrawn_today", "Visitors who gave their number back today.", byService, nil)
	counterOpen = prometheus.NewDesc("machi_counter_open", "1 while the counter is open.", byCounter, nil)
	counterBusy = prometheus.NewDesc("machi_counter_serving", "1 while a visitor is called to the counter or served at it.", byCounter, nil)
)

// Describe names the metrics of lines and counters.
func (q queues) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		boardAt, officeOpen, accepting, attended, queued, working, longest, toldLow, toldHigh,
		issuedToday, doneToday, absentToday, leftToday, counterOpen, counterBusy,
	} {
		to <- d
	}
}

// Collect tells how the offices stood when their newest boards were made.
func (q queues) Collect(to chan<- prometheus.Metric) {
	q.hub.mu.Lock()
	desks := make(map[queue.OfficeID]*desk, len(q.hub.desks))
	for id, d := range q.hub.desks {
		desks[id] = d
	}
	q.hub.mu.Unlock()
	for id, d := range desks {
		if s := d.current(); s != nil && s.View.State != nil && s.View.State.Opened() {
			report{to, string(id)}.snapshot(s)
		}
	}
}

// report is what one scrape is told of one office.
type report struct {
	to     chan<- prometheus.Metric
	office string
}

func (r report) gauge(d *prometheus.Desc, value float64, more ...string) {
	r.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append([]string{r.office}, more...)...)
}

func (r report) flag(d *prometheus.Desc, so bool, more ...string) {
	value := 0.0
	if so {
		value = 1
	}
	r.gauge(d, value, more...)
}

func (r report) snapshot(s *Snapshot) {
	r.gauge(boardAt, float64(s.computed.Unix()))
	open := false
	today := countToday(s.View.State, s.Estimate.At)
	for _, v := range s.Frame.Board.Services {
		open = open || v.Accepting
		r.service(v, today[v.ID], board.Attended(s.View.State, v.ID))
	}
	r.flag(officeOpen, open)
	for _, c := range s.View.State.Counters() {
		r.flag(counterOpen, c.State == queue.CounterOpen, string(c.ID))
		r.flag(counterBusy, c.Ticket != "", string(c.ID))
	}
}

func (r report) service(v board.Service, t tally, served bool) {
	id := string(v.ID)
	r.flag(accepting, v.Accepting, id)
	r.flag(attended, served, id)
	r.gauge(queued, float64(v.Waiting), id)
	r.gauge(working, float64(v.Processing), id)
	r.gauge(longest, t.longest.Seconds(), id)
	if e := v.UntilCalled; e != nil {
		r.gauge(toldLow, float64(e.Low), id)
		r.gauge(toldHigh, float64(e.High), id)
	}
	r.gauge(issuedToday, float64(t.issued), id)
	r.gauge(doneToday, float64(t.done), id)
	r.gauge(absentToday, float64(t.absent), id)
	r.gauge(leftToday, float64(t.left), id)
}

// tally is what became of a service's tickets of today.
type tally struct {
	issued, done, absent, left int
	longest                    time.Duration
}

func countToday(s *queue.State, at time.Time) map[queue.ServiceID]tally {
	all := map[queue.ServiceID]tally{}
	for _, ticket := range s.Tickets() {
		t := all[ticket.Line.Service]
		if ticket.Number != "" {
			t.issued++
		}
		switch ticket.Status {
		case queue.Done:
			t.done++
		case queue.NoShow, queue.Closed:
			t.absent++
		case queue.Withdrawn:
			t.left++
		case queue.Waiting:
			if !ticket.Away && ticket.Line.Stage == queue.StageReception {
				t.longest = max(t.longest, at.Sub(ticket.Arrival))
			}
		}
		all[ticket.Line.Service] = t
	}
	return all
}
