package score

import (
	"strings"
	"time"

	"machi/internal/estimate/place"
)

// Plain is what methods of one line each would have told, seconds until called.
// All of them know only what was before.
type Plain struct {
	Mean float64 `json:"mean"` // mean of all waits so far
	LES  float64 `json:"les"`  // wait of the last of the service that was called
	HOL  float64 `json:"hol"`  // age of the head of the service's line
	QL   float64 `json:"ql"`   // people ahead and oneself, times the recent service time, shared by the counters at work
	VQ   float64 `json:"vq"`   // the line played out once with mean service times
}

// Names of the plain methods, in the order of their values.
var plainNames = [...]string{"mean", "les", "hol", "ql", "vq"}

func (p Plain) values() [len(plainNames)]float64 {
	return [...]float64{p.Mean, p.LES, p.HOL, p.QL, p.VQ}
}

// recent is how many service times the plain methods look back.
const recent = 200

// forgotten is when a ticket that nobody called has gone home.
const forgotten = 12 * time.Hour

// Methods plays the plain methods over a stream of events.
type Methods struct {
	waits  meanOf
	last   map[string]float64         // class to the wait of the last one called
	line   []standing                 // all who wait, in order of issue
	desks  map[string]*desk           // by counter
	served map[string]*times          // service times by class
	all    times                      // of all classes
	skills map[string]map[string]bool // given; nil: whoever has served a class can
	told   bool                       // open and close events exist
	date   string
}

type standing struct {
	ticket, class string
	at            time.Time
}

type desk struct {
	open, seen bool // by events; by activity today
	busy       string
	ticket     string
	since      time.Time
	classes    map[string]bool
}

type meanOf struct {
	sum float64
	n   int
}

func (m *meanOf) add(x float64) { m.sum, m.n = m.sum+x, m.n+1 }

func (m *meanOf) mean() float64 {
	if m.n == 0 {
		return 0
	}
	return m.sum / float64(m.n)
}

// times are the last service times in seconds, in a ring.
type times struct {
	ring []float64
	next int
	sum  float64
}

func (t *times) add(x float64) {
	if len(t.ring) < recent {
		t.ring, t.sum = append(t.ring, x), t.sum+x
		return
	}
	t.sum += x - t.ring[t.next]
	t.ring[t.next] = x
	t.next = (t.next + 1) % recent
}

func (t *times) mean() float64 {
	if t == nil || len(t.ring) == 0 {
		return 0
	}
	return t.sum / float64(len(t.ring))
}

// NewMethods takes the classes of each counter, or nil to learn them.
func NewMethods(skills map[string][]string) *Methods {
	m := &Methods{last: map[string]float64{}, desks: map[string]*desk{}, served: map[string]*times{}}
	if skills == nil {
		return m
	}
	m.skills = map[string]map[string]bool{}
	for counter, classes := range skills {
		m.skills[counter] = map[string]bool{}
		for _, class := range classes {
			m.skills[counter][class] = true
		}
	}
	return m
}

// Observe takes the next event. For an Issue it returns what the methods tell,
// before the ticket joins the line.
func (m *Methods) Observe(e place.Event) (p Plain) {
	m.newDay(e.At)
	switch e.Kind {
	case place.Issue:
		p = m.tell(e)
		m.line = append(m.line, standing{e.Ticket, e.Class, e.At})
	case place.Call:
		m.call(e)
	case place.Finish, place.NoShow:
		m.finish(e)
	case place.Cancel:
		m.leave(e.Ticket)
	case place.Open:
		m.told = true
		m.desk(e.Counter).open = true
	case place.Close:
		m.told = true
		m.desk(e.Counter).open = false
	case place.Return:
	}
	return p
}

func (m *Methods) newDay(at time.Time) {
	date := at.Format(time.DateOnly)
	if date == m.date {
		return
	}
	m.date = date
	kept := m.line[:0]
	for _, s := range m.line {
		if at.Sub(s.at) < forgotten {
			kept = append(kept, s)
		}
	}
	m.line = kept
	for name, d := range m.desks {
		if at.Sub(d.since) >= forgotten {
			d.busy, d.ticket = "", ""
			if strings.HasPrefix(name, nameless) {
				delete(m.desks, name)
			}
		}
		d.open, d.seen = false, false
	}
}

func (m *Methods) desk(counter string) *desk {
	d := m.desks[counter]
	if d == nil {
		d = &desk{classes: map[string]bool{}}
		m.desks[counter] = d
	}
	return d
}

func (m *Methods) call(e place.Event) {
	s, ok := m.leave(e.Ticket)
	if ok {
		wait := e.At.Sub(s.at).Seconds()
		m.waits.add(wait)
		m.last[s.class] = wait
	} else {
		s = standing{e.Ticket, e.Class, e.At}
	}
	d := m.desk(where(e))
	d.seen, d.busy, d.ticket, d.since = true, s.class, e.Ticket, e.At
	d.classes[s.class] = true
}

func (m *Methods) finish(e place.Event) {
	d := m.desk(where(e))
	if d.ticket != e.Ticket || d.busy == "" {
		return
	}
	if e.Kind == place.Finish && !e.Unmeasured {
		took := e.At.Sub(d.since).Seconds()
		if m.served[d.busy] == nil {
			m.served[d.busy] = &times{}
		}
		m.served[d.busy].add(took)
		m.all.add(took)
	}
	d.busy, d.ticket = "", ""
	if e.Counter == "" {
		delete(m.desks, where(e))
	}
}

// nameless begins the names of counters that the log does not tell.
const nameless = "\x00"

// where is the counter of an event. A log without counters has one for each
// ticket in service.
func where(e place.Event) string {
	if e.Counter == "" {
		return nameless + e.Ticket
	}
	return e.Counter
}

// leave takes a ticket out of the line.
func (m *Methods) leave(ticket string) (standing, bool) {
	for i, s := range m.line {
		if s.ticket == ticket {
			m.line = append(m.line[:i], m.line[i+1:]...)
			return s, true
		}
	}
	return standing{}, false
}

// serves reports whether a counter serves a class.
func (m *Methods) serves(counter string, d *desk, class string) bool {
	if m.skills != nil && !strings.HasPrefix(counter, nameless) {
		return m.skills[counter][class]
	}
	return d.classes[class]
}

// works reports whether a counter is open now.
func (m *Methods) works(d *desk) bool { return d.busy != "" || d.open || !m.told && d.seen }

// expected is the recent mean service time of a class, seconds.
func (m *Methods) expected(class string) float64 {
	if t := m.served[class]; t != nil {
		return t.mean()
	}
	return m.all.mean()
}

func (m *Methods) tell(e place.Event) Plain {
	p := Plain{Mean: m.waits.mean(), LES: m.last[e.Class]}
	ahead := 0
	for _, s := range m.line {
		if s.class != e.Class {
			continue
		}
		if ahead == 0 {
			p.HOL = e.At.Sub(s.at).Seconds()
		}
		ahead++
	}
	atWork, idle := 0, false
	for counter, d := range m.desks {
		if m.works(d) && m.serves(counter, d, e.Class) {
			atWork++
			idle = idle || d.busy == ""
		}
	}
	if ahead > 0 || !idle {
		p.QL = float64(ahead+1) * m.expected(e.Class) / float64(max(1, atWork))
	}
	p.VQ = m.virtual(e)
	return p
}
