package board

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

// Live is what a manager sees of one office in full: its lines and its counters. Nobody's
// name is in it.
type Live struct {
	Dashboard
	Lines []LiveLine `json:"lines"`
	Seats []Seat     `json:"seats"`
}

// LiveLine is a service of the office as it stands.
type LiveLine struct {
	Service
	Longest   int `json:"longest_wait_seconds"` // of those who wait for the reception
	Delivery  int `json:"delivery"`             // who wait for papers that are ready
	LongestIn int `json:"longest_delivery_seconds"`
	Open      int `json:"open_counters"` // that call its reception
	Came      int `json:"came"`          // today
	LastHour  int `json:"came_last_hour"`
	Done      int `json:"done"`
	// Within is how many of those called today were called within half an hour.
	Called int `json:"called"`
	Within int `json:"called_within_30"`
}

// Seat is a counter as managers see it.
type Seat struct {
	ID       queue.CounterID    `json:"id"`
	State    queue.CounterState `json:"state"`
	Services []queue.ServiceID  `json:"services"`
	Number   queue.Number       `json:"number,omitempty"`
	Service  queue.ServiceID    `json:"service,omitempty"` // of the number
	Delivery bool               `json:"delivery,omitempty"`
	// Since is when the number was called or served, or the counter became free, paused
	// or closed.
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"` // of the pause
	Help   string    `json:"help,omitempty"`
	HelpAt time.Time `json:"help_at,omitzero"`
	Remote bool      `json:"remote,omitempty"`
}

// Idle reports whether a counter is open and has nobody.
func (s Seat) Idle() bool { return s.State == queue.CounterOpen && s.Number == "" }

// Idle counts the counters that are open and have nobody.
func (l Live) Idle() (n int) {
	for _, s := range l.Seats {
		if s.Idle() {
			n++
		}
	}
	return n
}

// ProjectLive returns an office as its manager sees it.
func ProjectLive(info Info, s *queue.State, est estimate.Office) Live {
	l := Live{Dashboard: ProjectDashboard(info, s, est)}
	lines := map[queue.ServiceID]*LiveLine{}
	for _, v := range l.Office.Services {
		lines[v.ID] = &LiveLine{Service: v}
	}
	freed := map[queue.CounterID]time.Time{}
	for _, t := range s.Tickets() {
		for _, v := range t.Visited {
			if v.Finished.After(freed[v.Counter]) {
				freed[v.Counter] = v.Finished
			}
		}
		if line := lines[t.Line.Service]; line != nil && t.Number != "" {
			line.count(t, est.At)
		}
	}
	for _, c := range s.Counters() {
		l.Seats = append(l.Seats, seat(s, c, freed[c.ID]))
		if c.State != queue.CounterOpen || !slices.Contains(c.Stages, queue.StageReception) {
			continue
		}
		for _, id := range c.Services {
			if line := lines[id]; line != nil {
				line.Open++
			}
		}
	}
	for _, v := range l.Office.Services {
		l.Lines = append(l.Lines, *lines[v.ID])
	}
	return l
}

// soon is the wait within which a call is counted as soon.
const soon = 30 * time.Minute

func (l *LiveLine) count(t *queue.Ticket, at time.Time) {
	l.Came++
	if at.Sub(t.IssuedAt) <= time.Hour {
		l.LastHour++
	}
	if t.Status == queue.Done {
		l.Done++
	}
	if !t.FirstCall.IsZero() {
		l.Called++
		if t.FirstCall.Sub(t.IssuedAt) <= soon {
			l.Within++
		}
	}
	if t.Status != queue.Waiting || t.Away {
		return
	}
	waited := int(max(0, at.Sub(t.Arrival)) / time.Second)
	if t.Line.Stage == queue.StageDelivery {
		l.Delivery++
		l.LongestIn = max(l.LongestIn, waited)
		return
	}
	l.Longest = max(l.Longest, waited)
}

func seat(s *queue.State, c *queue.Counter, freed time.Time) Seat {
	out := Seat{ID: c.ID, State: c.State, Services: c.Services, Since: c.Since, Reason: c.Reason, Help: c.Help, HelpAt: c.HelpAt, Remote: c.Remote}
	if freed.After(out.Since) && c.State == queue.CounterOpen {
		out.Since = freed
	}
	if t, ok := s.Ticket(c.Ticket); ok {
		out.Number, out.Service, out.Delivery, out.Since = t.Number, t.Line.Service, t.Line.Stage == queue.StageDelivery, cmp.Or(t.StartedAt, t.CalledAt)
		if t.Status == queue.Called {
			out.Since = t.CalledAt
		}
	}
	return out
}
