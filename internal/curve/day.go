package curve

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
)

// The grain of a curve.
const (
	Step = 5 * time.Minute
	Slot = 30 * time.Minute
	// Recent is how long what people were told counts as how long the wait is.
	Recent = 15 * time.Minute
	// After is how long past its closing an office's day is followed.
	After = 2 * time.Hour
)

// All names the line of all services together.
const All queue.ServiceID = ""

// Point is how a line stood at a moment.
type Point struct {
	At      time.Time
	Waiting int // for their first counter
	// Told is the middle of what those were told who took a number within [Recent]
	// before; Known is false where nobody was told anything.
	Told  time.Duration
	Known bool
}

// Follower folds a day's log. It keeps how many waited when each step was over.
type Follower struct {
	state *queue.State
	from  time.Time // of the first mark; zero: the day is not open
	until time.Time // of the last one that may be
	marks []map[queue.ServiceID]int
	told  []quote // in the order of the log
}

// quote is what somebody was told with a number.
type quote struct {
	at      time.Time
	service queue.ServiceID
	middle  time.Duration
}

// New returns a follower that has seen nothing.
func New() *Follower { return &Follower{state: queue.New()} }

// Apply folds the next entry of the log. What came late (a fact) is counted from then
// on: how many waited before is not rewritten.
func (f *Follower) Apply(e queue.Entry) error {
	if !e.Fact {
		f.mark(e.At)
	}
	if err := f.state.Apply(e); err != nil {
		return err
	}
	for _, event := range e.Events {
		if issued, is := event.(queue.TicketIssued); is && issued.Quote != nil && issued.Quote.High > 0 {
			f.told = append(f.told, quote{issued.IssuedAt, issued.Service, issued.Quote.P50})
		}
	}
	first, last := hours(*f.state.Settings())
	if f.from.IsZero() && f.state.Opened() {
		f.from = ceil(later(first, e.At))
	}
	f.until = later(f.until, last.Add(After)) // settings that change do not cut off what was seen
	return nil
}

// Opened reports whether the day has begun.
func (f *Follower) Opened() bool { return f.state.Opened() }

// mark notes how many wait, for each step that was over before a moment.
func (f *Follower) mark(before time.Time) {
	for at := f.next(); !f.from.IsZero() && at.Before(before) && !at.After(f.until); at = f.next() {
		f.marks = append(f.marks, f.waiting())
	}
}

func (f *Follower) next() time.Time { return f.from.Add(time.Duration(len(f.marks)) * Step) }

// waiting counts those who wait for their first counter, per service.
func (f *Follower) waiting() map[queue.ServiceID]int {
	count := map[queue.ServiceID]int{}
	for _, v := range f.state.Settings().Services {
		if n := len(f.state.Line(queue.Line{Service: v.ID, Stage: queue.StageReception})); n > 0 {
			count[v.ID] = n
			count[All] += n
		}
	}
	return count
}

// Points returns the course of a service, or of [All], up to a moment. Steps since the
// newest entry are as it left them.
func (f *Follower) Points(service queue.ServiceID, until time.Time) []Point {
	if f.from.IsZero() || !f.Opened() {
		return nil
	}
	var points []Point
	now := f.waiting()[service]
	told := f.toldOf(service)
	for at := f.from; !at.After(until) && !at.After(f.until); at = at.Add(Step) {
		p := Point{At: at, Waiting: now}
		if i := len(points); i < len(f.marks) {
			p.Waiting = f.marks[i][service]
		}
		p.Told, p.Known = middle(told, at)
		points = append(points, p)
	}
	return points
}

// toldOf returns what was told for a service, by moment.
func (f *Follower) toldOf(service queue.ServiceID) []quote {
	list := slices.DeleteFunc(slices.Clone(f.told), func(q quote) bool { return service != All && q.service != service })
	slices.SortStableFunc(list, func(a, b quote) int { return a.at.Compare(b.at) })
	return list
}

// middle returns the middle of what was told within [Recent] before a moment.
func middle(told []quote, at time.Time) (time.Duration, bool) {
	after := func(moment time.Time) int {
		i, _ := slices.BinarySearchFunc(told, moment, func(q quote, m time.Time) int {
			return cmp.Or(q.at.Compare(m), -1)
		})
		return i
	}
	var waits []time.Duration
	for _, q := range told[after(at.Add(-Recent)):after(at)] {
		waits = append(waits, q.middle)
	}
	return quantile(waits, 50)
}

// quantile returns the value that so many percent of a list do not exceed, by nearest
// rank; false: it is empty.
func quantile(list []time.Duration, percent int) (time.Duration, bool) {
	if len(list) == 0 {
		return 0, false
	}
	slices.Sort(list)
	return list[(len(list)*percent+99)/100-1], true
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ceil returns the first step that does not lie before a moment.
func ceil(t time.Time) time.Time {
	if down := t.Truncate(Step); down.Before(t) {
		return down.Add(Step)
	}
	return t
}
