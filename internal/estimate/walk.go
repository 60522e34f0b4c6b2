package estimate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"machi/internal/queue"
)

// z10 is the 10 % point of the normal distribution, z30 the 20 % point: low and
// high cut off a tenth each, P80 a fifth.
const (
	z10 = 1.2816
	z30 = 0.8416
)

// oldEstimate answers for all of an office at a moment. It walks the line in the
// order of the calling rule, putting each ticket at the counter that is free
// first, with mean times; the spread is that of the talks which stand before.
func oldEstimate(s *queue.State, at time.Time) Office {
	w := walk{state: s, at: at, times: learn(s)}
	w.seat()
	out := Office{At: at, Services: map[queue.ServiceID]Wait{}, Tickets: map[queue.TicketID]Wait{}}
	w.atCounters(out.Tickets)
	w.waiting(out.Tickets)
	for _, service := range s.Settings().Services {
		out.Services[service.ID] = w.newcomer(service)
	}
	return out
}

// walk is the virtual queue: counters with the moments at which they are free.
type walk struct {
	state *queue.State
	at    time.Time
	times lines
	seats []*seat
}

// seat is one counter of the walk.
type seat struct {
	counter *queue.Counter
	free    float64 // seconds from now
	spread  float64 // variance of that
}

// seat puts every counter that works into the walk, busy ones until the talk
// that they are in is over.
func (w *walk) seat() {
	for _, c := range w.state.Counters() {
		if c.State != queue.CounterOpen {
			continue
		}
		seat := &seat{counter: c}
		if t, ok := w.state.Ticket(c.Ticket); ok {
			seat.free, seat.spread = w.remaining(t)
		}
		w.seats = append(w.seats, seat)
	}
}

// remaining is how long a called or served ticket still keeps its counter. A talk
// that has lasted beyond its mean is taken to last a while longer, the longer the
// more it has lasted: long talks have long tails.
func (w *walk) remaining(t *queue.Ticket) (mean, variance float64) {
	talk := w.times.of(t.Line)
	spent := 0.0
	if !t.StartedAt.IsZero() {
		spent = max(0, w.at.Sub(t.StartedAt).Seconds())
	}
	left := max(talk.mean-spent, talk.sd*0.5+spent*0.1)
	return left, talk.sd * talk.sd
}

// atCounters answers for the tickets that are called, served, or in the back office.
func (w *walk) atCounters(out map[queue.TicketID]Wait) {
	for _, t := range w.state.Tickets() {
		switch t.Status {
		case queue.Called, queue.Serving:
			mean, variance := w.remaining(t)
			out[t.ID] = Wait{Called: Range{Known: true}, Finished: w.finished(t, mean, variance)}
		case queue.Processing:
			talk := w.times.of(queue.Line{Service: t.Line.Service, Stage: queue.StageProcessing})
			out[t.ID] = Wait{Called: spread(talk.mean, talk.sd*talk.sd), Finished: w.finished(t, talk.mean, talk.sd*talk.sd)}
		}
	}
}

// waiting answers for the lines. Tickets are taken in the order of their
// classes and arrivals, which within a line is the order of the calls.
func (w *walk) waiting(out map[queue.TicketID]Wait) {
	ahead := map[queue.Line]int{}
	floor := map[queue.Line]Range{} // who is later in a line is never told less
	for _, t := range w.ordered() {
		seat := w.firstFree(t.Line, t.Only)
		wait := Wait{Ahead: ahead[t.Line]}
		ahead[t.Line]++
		if seat != nil {
			floor[t.Line] = floor[t.Line].oldRaise(spread(seat.free, seat.spread))
			wait.Called = floor[t.Line]
			w.place(seat, t.Line)
			wait.Finished = w.finished(t, seat.free, seat.spread)
		}
		out[t.ID] = wait
	}
}

// ordered lists the waiting tickets in the order in which the rule will take
// them, as nearly as that is known before it is asked: priority tickets go
// between the ordinary ones by the office's ratio.
func (w *walk) ordered() []*queue.Ticket {
	var priority, ordinary []*queue.Ticket
	for _, line := range w.state.Lines() {
		for _, t := range w.state.Line(line) {
			if t.Priority {
				priority = append(priority, t)
			} else {
				ordinary = append(ordinary, t)
			}
		}
	}
	byArrival := func(a, b *queue.Ticket) int { return cmp.Or(a.Arrival.Compare(b.Arrival), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(priority, byArrival)
	slices.SortFunc(ordinary, byArrival)
	return mix(priority, ordinary, w.state.Settings().Rule.Ratio)
}

// mix takes ratio of the first list for each of the second; all of the first
// where the ratio is 0.
func mix(priority, ordinary []*queue.Ticket, ratio int) []*queue.Ticket {
	var out []*queue.Ticket
	for len(priority) > 0 || len(ordinary) > 0 {
		n := len(priority)
		if ratio > 0 && len(ordinary) > 0 {
			n = min(n, ratio)
		}
		out, priority = append(out, priority[:n]...), priority[n:]
		if len(ordinary) > 0 {
			out, ordinary = append(out, ordinary[0]), ordinary[1:]
		}
	}
	return out
}

// firstFree returns the counter that takes a line and is free first, or nil.
func (w *walk) firstFree(line queue.Line, only queue.CounterID) *seat {
	var best *seat
	for _, seat := range w.seats {
		c := seat.counter
		serves := slices.Contains(c.Services, line.Service) && slices.Contains(c.Stages, line.Stage)
		if serves && (only == "" || only == c.ID) && (best == nil || seat.free < best.free) {
			best = seat
		}
	}
	return best
}

func (w *walk) place(seat *seat, line queue.Line) {
	talk := w.times.of(line)
	seat.free += talk.mean + turnover.Seconds()
	seat.spread += talk.sd * talk.sd
}

// newcomer answers for somebody who takes a ticket now: behind everybody.
func (w *walk) newcomer(service queue.ServiceSettings) Wait {
	line := queue.Line{Service: service.ID, Stage: queue.StageReception}
	wait := Wait{Ahead: len(w.state.Line(line))}
	seat := w.firstFree(line, "")
	if seat == nil {
		return wait
	}
	wait.Called = spread(seat.free, seat.spread)
	talk := w.times.of(line)
	ticket := &queue.Ticket{Line: line}
	wait.Finished = w.finished(ticket, seat.free+talk.mean, seat.spread+talk.sd*talk.sd)
	return wait
}

// finished adds the stages that come after the one which a ticket is in.
func (w *walk) finished(t *queue.Ticket, mean, variance float64) Range {
	service, _ := w.state.Settings().Service(t.Line.Service)
	for _, stage := range service.Stages {
		after := t.Line.Stage == queue.StageReception && stage != queue.StageReception && t.Status != queue.Processing ||
			t.Status == queue.Processing && stage == queue.StageDelivery
		if after {
			talk := w.times.of(queue.Line{Service: service.ID, Stage: stage})
			mean, variance = mean+talk.mean, variance+talk.sd*talk.sd
		}
	}
	return spread(mean, variance)
}

// oldHorizon is beyond any business day: a wait that long is not one that anybody
// can be told.
const oldHorizon = 12 * time.Hour

// spread turns a mean and a variance into a range, as of a normal distribution
// cut at zero; a wait of nothing is certain, and one beyond the day is unknown.
func spread(mean, variance float64) Range {
	if mean > oldHorizon.Seconds() {
		return Range{}
	}
	sd := math.Sqrt(max(0, variance))
	return Range{
		Known: true,
		P50:   oldSeconds(mean),
		P80:   oldSeconds(mean + z30*sd),
		Low:   oldSeconds(mean - z10*sd),
		High:  oldSeconds(mean + z10*sd),
	}
}

// oldRaise returns o with no figure below r's. Behind somebody whose wait is beyond
// the day, everybody's is.
func (r Range) oldRaise(o Range) Range {
	if !o.Known {
		return o
	}
	return Range{Known: true, P50: max(r.P50, o.P50), P80: max(r.P80, o.P80), Low: max(r.Low, o.Low), High: max(r.High, o.High)}
}

func oldSeconds(x float64) time.Duration {
	if math.IsNaN(x) || x < 0 {
		return 0
	}
	return time.Duration(min(x, longest.Seconds()*6) * float64(time.Second)).Truncate(time.Second)
}
