package board

import (
	"slices"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

// Dashboard is what a manager sees of one office at a glance.
type Dashboard struct {
	Office       Office    `json:"office"`
	Issued       int       `json:"issued"`
	Done         int       `json:"done"`
	NoShows      int       `json:"no_shows"`
	Withdrawn    int       `json:"withdrawn"`
	Serving      int       `json:"serving"`
	Processing   int       `json:"processing"`
	Held         int       `json:"held"`
	OpenCounters int       `json:"open_counters"`
	AllCounters  int       `json:"all_counters"`
	LongestWait  int       `json:"longest_wait_seconds"`
	MeanWait     int       `json:"mean_wait_seconds"`  // until the first call, of those called so far
	MeanVisit    int       `json:"mean_visit_seconds"` // from issue to done
	Flagged      []Flagged `json:"flagged"`            // tickets that need a person's eye
	Help         []Help    `json:"help"`               // counters that ask for help
	Alarms       []Alarm   `json:"alarms"`
	Machines     []Machine `json:"machines"`
	Offers       []Offer   `json:"offers"` // ways not to wait, and what became of them today
}

// Flagged is a ticket whose story needs a person's eye.
type Flagged struct {
	Number queue.Number `json:"number"`
	Flags  []queue.Flag `json:"flags"`
	State  queue.Status `json:"state"`
}

// Help is a counter that asks for help.
type Help struct {
	Counter queue.CounterID `json:"counter"`
	Text    string          `json:"text"`
	Since   time.Time       `json:"since"`
}

// Alarm is something that a manager should act on, with what to do.
type Alarm struct {
	Code    string          `json:"code"` // no_counter, estimate_failed, long_wait, line_growing
	Service queue.ServiceID `json:"service,omitempty"`
	Waiting int             `json:"waiting,omitempty"`
	Seconds int             `json:"seconds,omitempty"`
}

// needsEye are the flags a manager is shown.
var needsEye = []queue.Flag{
	queue.FlagDoubleCall, queue.FlagDoubleServe, queue.FlagTwinNumber, queue.FlagServedBeforeMerge,
	queue.FlagLate, queue.FlagPrintUnknown, queue.FlagClock,
}

// ProjectDashboard returns a manager's view of an office.
func ProjectDashboard(info Info, s *queue.State, est estimate.Office) Dashboard {
	d := Dashboard{Office: Project(info, s, est), Flagged: []Flagged{}, Help: []Help{}, Alarms: []Alarm{}, Machines: []Machine{}, Offers: []Offer{}}
	var waits, visits []time.Duration
	for _, t := range s.Tickets() {
		d.count(t, est.At)
		if !t.FirstCall.IsZero() {
			waits = append(waits, max(0, t.FirstCall.Sub(t.IssuedAt)))
		}
		if t.Status == queue.Done && t.Number != "" {
			visits = append(visits, max(0, t.EndedAt.Sub(t.IssuedAt)))
		}
	}
	d.MeanWait, d.MeanVisit = mean(waits), mean(visits)
	for _, c := range s.Counters() {
		d.AllCounters++
		if c.State == queue.CounterOpen {
			d.OpenCounters++
		}
		if c.Help != "" {
			d.Help = append(d.Help, Help{c.ID, c.Help, c.HelpAt})
		}
	}
	d.Alarms = alarms(s, est, d.Office.Services)
	return d
}

func (d *Dashboard) count(t *queue.Ticket, at time.Time) {
	if t.Number != "" {
		d.Issued++
	}
	switch t.Status {
	case queue.Done:
		d.Done++
	case queue.NoShow, queue.Closed:
		d.NoShows++
	case queue.Withdrawn:
		d.Withdrawn++
	case queue.Called, queue.Serving:
		d.Serving++
	case queue.Processing:
		d.Processing++
	case queue.Held:
		d.Held++
	case queue.Waiting:
		if !t.Away { // who is at home does not wait here
			d.LongestWait = max(d.LongestWait, int(at.Sub(t.Arrival)/time.Second))
		}
	}
	if slices.ContainsFunc(needsEye, t.Has) {
		d.Flagged = append(d.Flagged, Flagged{t.Number, t.Flags, t.Status})
	}
}

// alarms names what is wrong now: people wait and nobody serves them, or they
// wait beyond the office's own guarantee, or nobody can say how long they will.
func alarms(s *queue.State, est estimate.Office, services []Service) []Alarm {
	list := []Alarm{}
	for _, v := range services {
		wait := est.Services[v.ID].Called
		switch limit := s.Settings().Rule.MaxWait; {
		case v.Waiting == 0:
		case !Attended(s, v.ID):
			list = append(list, Alarm{Code: "no_counter", Service: v.ID, Waiting: v.Waiting})
		case est.Failed != nil && !wait.Known:
			list = append(list, Alarm{Code: "estimate_failed", Service: v.ID, Waiting: v.Waiting})
		case limit > 0 && wait.Known && wait.P50 > limit:
			list = append(list, Alarm{Code: "long_wait", Service: v.ID, Waiting: v.Waiting, Seconds: int(wait.P50 / time.Second)})
		}
	}
	return list
}

// Attended reports whether a counter is open for those who wait for a service.
func Attended(s *queue.State, id queue.ServiceID) bool {
	return slices.ContainsFunc(s.Counters(), func(c *queue.Counter) bool {
		return c.State == queue.CounterOpen && slices.Contains(c.Services, id) && slices.Contains(c.Stages, queue.StageReception)
	})
}

func mean(list []time.Duration) int {
	if len(list) == 0 {
		return 0
	}
	sum := time.Duration(0)
	for _, d := range list {
		sum += d
	}
	return int(sum / time.Duration(len(list)) / time.Second)
}

func sortByArrival(rows []ConsoleTicket) {
	slices.SortStableFunc(rows, func(a, b ConsoleTicket) int { return a.Arrival.Compare(b.Arrival) })
}
