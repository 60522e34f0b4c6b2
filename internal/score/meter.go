package score

import (
	"time"

	"machi/internal/estimate/place"
)

// Told is what an estimator answered at an issue, seconds until called.
type Told struct{ P10, P50, P90 float64 }

// Meter collects what was told and what happened. It keeps some 100 bytes for
// each ticket that was called, and forgets those that never are.
type Meter struct {
	methods *Methods
	dates   []string
	open    map[string]sample
	line    map[string]int // waiting by class
	waiting int
	samples []sample
	left    int
}

// sample is one ticket: what was told, and in the end how long it waited.
type sample struct {
	at     time.Time
	class  string
	day    int
	told   Told
	plain  Plain
	crowd  bool // somebody waited at the issue
	inLine bool // somebody of the same class did
	waited float64
}

// NewMeter takes the classes of each counter for the plain methods, or nil.
func NewMeter(skills map[string][]string) *Meter {
	return &Meter{methods: NewMethods(skills), open: map[string]sample{}, line: map[string]int{}}
}

// Issued takes an Issue and what was told at it.
func (m *Meter) Issued(e place.Event, told Told) {
	m.newDay(e.At)
	if _, again := m.open[e.Ticket]; again {
		m.leave(e.Ticket)
	}
	m.open[e.Ticket] = sample{
		at: e.At, class: e.Class, day: len(m.dates) - 1, told: told, plain: m.methods.Observe(e),
		crowd: m.waiting > 0, inLine: m.line[e.Class] > 0,
	}
	m.line[e.Class]++
	m.waiting++
}

// Observe takes any other event.
func (m *Meter) Observe(e place.Event) {
	m.methods.Observe(e)
	switch e.Kind {
	case place.Call:
		if s, ok := m.leave(e.Ticket); ok {
			s.waited = e.At.Sub(s.at).Seconds()
			m.samples = append(m.samples, s)
		}
	case place.Cancel:
		if _, ok := m.leave(e.Ticket); ok {
			m.left++
		}
	case place.Issue, place.Finish, place.NoShow, place.Open, place.Close, place.Return:
	}
}

// newDay begins a day with its first issue. Who waits since yesterday morning
// waits no more.
func (m *Meter) newDay(at time.Time) {
	date := at.Format(time.DateOnly)
	if len(m.dates) > 0 && m.dates[len(m.dates)-1] == date {
		return
	}
	m.dates = append(m.dates, date)
	for ticket, s := range m.open {
		if at.Sub(s.at) >= forgotten {
			m.leave(ticket)
			m.left++
		}
	}
}

func (m *Meter) leave(ticket string) (sample, bool) {
	s, ok := m.open[ticket]
	if ok {
		delete(m.open, ticket)
		m.line[s.class]--
		m.waiting--
	}
	return s, ok
}
