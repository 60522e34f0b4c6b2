package estimate

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/planted"
	"machi/internal/queue"
)

// horizon is beyond any business day: a wait that long is not one that anybody can
// be told.
const horizon = 12 * time.Hour

// errNoNumber says that the model answered with what is no time.
var errNoNumber = errors.New("estimate: an answer is no number")

// unknown is the answer where nothing can be said: who is ahead, and no times.
func unknown(s *queue.State, at time.Time, why error) Office {
	o := Office{At: at, Services: map[queue.ServiceID]Wait{}, Tickets: map[queue.TicketID]Wait{}, Failed: why}
	for _, v := range s.Settings().Services {
		o.Services[v.ID] = Wait{Ahead: len(s.Line(queue.Line{Service: v.ID, Stage: queue.StageReception}))}
	}
	for _, line := range s.Lines() {
		for i, t := range s.Line(line) {
			o.Tickets[t.ID] = Wait{Ahead: i}
		}
	}
	return o
}

// office asks the model and puts its answers to those whom they belong to.
func (v *scene) office() Office {
	o := unknown(v.state, v.at, nil)
	got := v.follower.model.Look(v.model)
	if len(got.Waiting) != len(v.waiting) || len(got.Ask) != len(v.asked) {
		o.Failed = errors.New("estimate: an answer is missing")
		return o
	}
	lines := map[queue.Line]*floor{}
	next := 0
	until := func(after int) { // the line up to a place
		for ; next < after; next++ {
			v.answerWaiting(&o, lines, next, got.Waiting[next])
		}
	}
	for _, i := range v.byPlace() {
		until(v.model.Ask[i].After)
		v.answerAsked(&o, lines, i, got.Ask[i])
	}
	until(len(v.waiting))
	return o
}

// byPlace lists those asked about alone in the order of their calls.
func (v *scene) byPlace() []int {
	order := make([]int, len(v.asked))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v.model.Ask[a].After, v.model.Ask[b].After) })
	return order
}

// floor is what the last one of a line was told: who comes later is told no less.
type floor struct {
	called, finished Range
	ahead            int
	blocked          bool // the last one was told nothing: nobody behind is told more
}

func floorOf(lines map[queue.Line]*floor, l queue.Line) *floor {
	f := lines[l]
	if f == nil {
		f = &floor{}
		lines[l] = f
	}
	return f
}

// answerWaiting answers for a ticket in its line.
func (v *scene) answerWaiting(o *Office, lines map[queue.Line]*floor, i int, got place.Both) {
	t := v.waiting[i]
	f := floorOf(lines, t.Line)
	w := Wait{Ahead: f.ahead, Called: o.rangeOf(got.Called), Finished: o.rangeOf(got.Finished)}
	if planted.On(planted.LaterToldLess) && i%3 == 2 {
		w.Called.Low, w.Called.P50, w.Called.P80, w.Called.High = w.Called.Low/3, w.Called.P50/3, w.Called.P80/3, w.Called.High/3
	} else {
		w = f.raise(w, len(t.Further) == 0)
	}
	f.ahead++
	if t.Only == "" {
		f.keep(w, len(t.Further) == 0)
	}
	o.Tickets[t.ID] = w
}

// answerAsked answers for a newcomer, or for a ticket that does not wait.
func (v *scene) answerAsked(o *Office, lines map[queue.Line]*floor, i int, got place.Both) {
	a, p := v.asked[i], &v.model.Ask[i]
	w := Wait{Called: o.rangeOf(got.Called), Finished: o.rangeOf(got.Finished)}
	switch {
	case a.guest:
		f := floorOf(lines, queue.Line{Service: a.service, Stage: queue.StageReception})
		v.guest = f.raise(w, true)
		v.guest.Ahead = f.ahead
		return
	case a.ticket == nil:
		w = floorOf(lines, queue.Line{Service: a.service, Stage: queue.StageReception}).raise(w, true)
		w.Ahead = o.Services[a.service].Ahead
		o.Services[a.service] = w
		return
	case p.Class == "":
		w.Called = Range{Known: true}
	}
	w.Finished = w.Called.raise(w.Finished)
	o.Tickets[a.ticket.ID] = w
}

// raise returns a wait with no figure below the floor's. The time until finished
// counts only between visits that have the same still before them.
func (f *floor) raise(w Wait, plain bool) Wait {
	if f.blocked || !w.Called.Known {
		w.Called, w.Finished = Range{}, Range{}
		return w
	}
	w.Called = f.called.raise(w.Called)
	w.Finished = w.Called.raise(w.Finished)
	if plain && w.Finished.Known {
		w.Finished = f.finished.raise(w.Finished)
	}
	return w
}

func (f *floor) keep(w Wait, plain bool) {
	f.called, f.blocked = w.Called, !w.Called.Known
	if plain && w.Finished.Known {
		f.finished = w.Finished
	}
}

// rangeOf returns an answer as a range, in whole seconds. One that lies beyond the
// day is unknown, and so is one that is no time; that is noted.
func (o *Office) rangeOf(a place.Answer) Range {
	switch {
	case !a.Known && planted.On(planted.EstimateBlank):
		return Range{Known: true, P50: time.Duration(math.NaN())}
	case !a.Known:
		return Range{}
	case !(a.P10 >= 0 && a.P10 <= a.P50 && a.P50 <= a.P80 && a.P80 <= a.P90 && a.P90 < math.MaxInt32):
		o.Failed = errNoNumber
		return Range{}
	}
	if a.P50 > horizon.Seconds() {
		return Range{}
	}
	return Range{Known: true, P50: seconds(a.P50), P80: seconds(a.P80), Low: seconds(a.P10), High: seconds(a.P90)}
}

// raise returns o with no figure below r's.
func (r Range) raise(o Range) Range {
	if !o.Known || !r.Known {
		return o
	}
	o.P50, o.P80, o.Low, o.High = max(r.P50, o.P50), max(r.P80, o.P80), max(r.Low, o.Low), max(r.High, o.High)
	return o
}

func seconds(x float64) time.Duration { return time.Duration(x) * time.Second }
