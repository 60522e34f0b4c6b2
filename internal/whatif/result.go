package whatif

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"machi/internal/queue"
)

// MaxEntries bounds the log of a day that is played again: ten times a busy one.
const MaxEntries = 30_000

var (
	// ErrTooLong says that a day has more than [MaxEntries] entries.
	ErrTooLong = errors.New("whatif: the day is too long")
	// ErrEmpty says that nobody was called on the day.
	ErrEmpty = errors.New("whatif: nobody was called")
)

// The classes of visitors, in the order in which they are told.
const (
	Ordinary    = "ordinary"
	Priority    = "priority"
	Appointment = "appointment"
)

// Classes lists them.
var Classes = []string{Ordinary, Priority, Appointment}

// Result compares the day as it was with the day under a rule. A wait is from the
// ticket, or from the slot of an appointment that came before it, to the first
// call; for somebody who is called in one of the two only, the other wait lasts
// until the ticket was given up or the comparison ends. All times are whole seconds.
type Result struct {
	Visitors int   `json:"visitors"` // who were called in either
	Calls    int   `json:"calls"`    // of the day
	Running  bool  `json:"running"`  // the day goes on: compared up to now
	Before   Side  `json:"before"`
	After    Side  `json:"after"`
	Classes  []Row `json:"classes"`
	Services []Row `json:"services"`
	Moved    Moved `json:"moved"`
	// Later and Sooner are the visitors whose wait changes most, the worst first.
	Later  []Visitor `json:"later"`
	Sooner []Visitor `json:"sooner"`
	// Reproduced counts the day's calls that the replay makes again, at the same
	// counter and within a minute, when it is given the day's own rule.
	Reproduced int `json:"reproduced"`
	Guessed    int `json:"guessed"` // talks whose length the day does not tell
	Overtime   int `json:"overtime"`
}

// Side is one of the two days.
type Side struct {
	Wait Spread `json:"wait"`
	Late Spread `json:"late"` // appointments behind their slot
	// OnTime counts the appointments that were called at most five minutes late.
	OnTime     int `json:"on_time"`
	NotCalled  int `json:"not_called"`
	Overtaken  int `json:"overtaken"` // pairs of one service of whom the later ticket was called first
	MostBefore int `json:"most_overtaken"`
	// MostNumber is the number before which MostBefore later ones were called.
	MostNumber queue.Number `json:"most_overtaken_number,omitempty"`
}

// Row is a class or a service.
type Row struct {
	Key    string `json:"key"`
	Before Spread `json:"before"`
	After  Spread `json:"after"`
}

// Spread sums up some times, in seconds.
type Spread struct {
	N      int          `json:"n"`
	Median int          `json:"median_seconds"`
	P90    int          `json:"p90_seconds"`
	Max    int          `json:"max_seconds"`
	Number queue.Number `json:"max_number,omitempty"` // whose the longest was
}

// Moved says how many visitors would have been called at another time. Less than a
// minute is the same.
type Moved struct {
	Earlier   int `json:"earlier"`
	Same      int `json:"same"`
	Later     int `json:"later"`
	EarlierBy int `json:"earlier_median_seconds"`
	LaterBy   int `json:"later_median_seconds"`
	LaterMax  int `json:"later_max_seconds"`
}

// Visitor is one number in both days.
type Visitor struct {
	Number  queue.Number    `json:"number"`
	Service queue.ServiceID `json:"service"`
	Class   string          `json:"class"`
	Before  int             `json:"before_seconds"`
	After   int             `json:"after_seconds"`
}

// Replay plays a day's whole log again under a rule, up to a moment for a day that
// still runs. It returns [ErrTooLong] and [ErrEmpty], and whatever a log that does
// not fold comes to.
func Replay(entries []queue.Entry, rule queue.Rule, now time.Time) (Result, error) {
	if len(entries) > MaxEntries {
		return Result{}, ErrTooLong
	}
	s, err := read(entries)
	if err != nil {
		return Result{}, err
	}
	if len(s.calls) == 0 {
		return Result{}, ErrEmpty
	}
	if _, end, err := s.state.Settings().Date.Bounds(); s.end.IsZero() && err == nil && !now.Before(end) {
		s.end = end // nobody closed it
	}
	until := s.end
	if until.IsZero() {
		until = now
	}
	own, err := s.play(nil, until)
	if err != nil {
		return Result{}, err
	}
	other, err := s.play(&rule, until)
	if err != nil {
		return Result{}, err
	}
	return compare(s, own, other), nil
}

// span is the wait of one visitor in both days.
type span struct {
	ticket        *queue.Ticket // as the day ended
	class         string
	service       queue.ServiceID
	from          time.Time
	before, after time.Time
	in            [2]bool // called in the day, in the replay
}

const (
	soon    = time.Minute     // is the same time
	onTime  = 5 * time.Minute // is not late
	listed  = 8
	samePer = time.Minute
)

func compare(s *story, own, other *play) Result {
	r := Result{
		Calls: len(s.calls), Running: s.end.IsZero(), Guessed: other.guessed, Overtime: other.late,
		Reproduced: reproduced(s.calls, own.calls), Later: []Visitor{}, Sooner: []Visitor{},
	}
	spans := s.spans(other)
	r.Visitors = len(spans)
	r.Before = side(spans, func(x span) (time.Time, bool) { return x.before, x.in[0] })
	r.After = side(spans, func(x span) (time.Time, bool) { return x.after, x.in[1] })
	for _, class := range Classes {
		r.Classes = addRow(r.Classes, class, spans, func(x span) bool { return x.class == class })
	}
	for _, v := range s.state.Settings().Services {
		r.Services = addRow(r.Services, string(v.ID), spans, func(x span) bool { return x.service == v.ID })
	}
	r.move(spans)
	return r
}

// reproduced counts the calls of the day that a replay makes again.
func reproduced(day, replay []call) int {
	type key struct {
		ticket queue.TicketID
		line   queue.Line
	}
	made := map[key][]call{}
	for _, c := range replay {
		k := key{c.ticket, c.line}
		made[k] = append(made[k], c)
	}
	n := 0
	for _, c := range day {
		k := key{c.ticket, c.line}
		if len(made[k]) == 0 {
			continue
		}
		again := made[k][0]
		made[k] = made[k][1:]
		if again.counter == c.counter && again.at.Sub(c.at).Abs() <= samePer {
			n++
		}
	}
	return n
}

// spans pairs the first calls of both days.
func (s *story) spans(p *play) []span {
	first := func(calls []call) map[queue.TicketID]call {
		m := map[queue.TicketID]call{}
		for _, c := range calls {
			if _, known := m[c.ticket]; !known {
				m[c.ticket] = c
			}
		}
		return m
	}
	day, replay := first(s.calls), first(p.calls)
	end := s.last
	if s.end.IsZero() {
		end = p.until
	}
	var out []span
	for _, id := range s.order {
		a, inDay := day[id]
		b, inReplay := replay[id]
		t, ok := s.state.Ticket(id)
		if !ok || !inDay && !inReplay {
			continue
		}
		given := end
		if t.Status.Final() && !t.EndedAt.IsZero() && t.EndedAt.Before(end) {
			given = t.EndedAt
		}
		x := span{ticket: t, class: classOf(t), service: a.line.Service, from: latest(t.IssuedAt, t.Appointment), before: a.at, after: b.at, in: [2]bool{inDay, inReplay}}
		if t.Appointment.IsZero() || x.class != Appointment {
			x.from = t.IssuedAt
		}
		if !inDay {
			x.before, x.service = latest(given, x.from), b.line.Service
		}
		if !inReplay {
			x.after = latest(latest(given, x.from), a.at)
		}
		out = append(out, x)
	}
	return out
}

func classOf(t *queue.Ticket) string {
	switch {
	case !t.Appointment.IsZero():
		return Appointment
	case t.Priority:
		return Priority
	}
	return Ordinary
}

func side(spans []span, called func(span) (time.Time, bool)) Side {
	var out Side
	var wait, late []timed
	for _, x := range spans {
		at, in := called(x)
		wait = append(wait, timed{at.Sub(x.from), x.ticket.Number})
		if !in {
			out.NotCalled++
		}
		if x.class == Appointment {
			behind := max(0, at.Sub(latest(x.ticket.Appointment, x.ticket.IssuedAt)))
			late = append(late, timed{behind, x.ticket.Number})
			if in && behind <= onTime {
				out.OnTime++
			}
		}
	}
	out.Wait, out.Late = spread(wait), spread(late)
	out.overtakings(spans, called)
	return out
}

// overtakings counts, within each service, the pairs of whom the later ticket was
// called first.
func (s *Side) overtakings(spans []span, called func(span) (time.Time, bool)) {
	for _, x := range spans {
		mine, _ := called(x)
		n := 0
		for _, y := range spans {
			theirs, in := called(y)
			if in && y.service == x.service && y.ticket.IssuedAt.After(x.ticket.IssuedAt) && theirs.Before(mine) {
				n++
			}
		}
		s.Overtaken += n
		if n > s.MostBefore {
			s.MostBefore, s.MostNumber = n, x.ticket.Number
		}
	}
}

func addRow(rows []Row, key string, spans []span, of func(span) bool) []Row {
	var before, after []timed
	for _, x := range spans {
		if of(x) {
			before = append(before, timed{x.before.Sub(x.from), x.ticket.Number})
			after = append(after, timed{x.after.Sub(x.from), x.ticket.Number})
		}
	}
	if len(before) == 0 {
		return rows
	}
	return append(rows, Row{key, spread(before), spread(after)})
}

type timed struct {
	d      time.Duration
	number queue.Number
}

func spread(all []timed) Spread {
	if len(all) == 0 {
		return Spread{}
	}
	slices.SortFunc(all, func(a, b timed) int { return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(b.number, a.number)) })
	at := func(share int) int { return whole(all[(len(all)-1)*share/100].d) }
	last := all[len(all)-1]
	return Spread{N: len(all), Median: at(50), P90: at(90), Max: whole(last.d), Number: last.number}
}

func whole(d time.Duration) int { return int(max(0, d) / time.Second) }

// move sorts the visitors by how much earlier or later they are called.
func (r *Result) move(spans []span) {
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Compare(b.after.Sub(b.before), a.after.Sub(a.before))
	})
	var earlier, later []timed
	for _, x := range spans {
		by := x.after.Sub(x.before)
		switch {
		case by >= soon:
			later = append(later, timed{by, x.ticket.Number})
		case by <= -soon:
			earlier = append(earlier, timed{-by, x.ticket.Number})
		}
	}
	r.Moved = Moved{Earlier: len(earlier), Later: len(later), Same: len(spans) - len(earlier) - len(later)}
	for i := range min(listed, len(later)) {
		r.Later = append(r.Later, visitorOf(spans[i]))
	}
	for i := range min(listed, len(earlier)) {
		r.Sooner = append(r.Sooner, visitorOf(spans[len(spans)-1-i]))
	}
	late := spread(later)
	r.Moved.EarlierBy, r.Moved.LaterBy, r.Moved.LaterMax = spread(earlier).Median, late.Median, late.Max
}

func visitorOf(x span) Visitor {
	return Visitor{x.ticket.Number, x.service, x.class, whole(x.before.Sub(x.from)), whole(x.after.Sub(x.from))}
}
