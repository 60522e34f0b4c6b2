package estimate

import (
	"time"

	"machi/internal/estimate/place"
	"machi/internal/planted"
	"machi/internal/queue"
)

// scene is an office at one moment as the model is asked about it, and who the
// answers belong to.
type scene struct {
	follower *Follower
	state    *queue.State
	at       time.Time
	model    place.Scene
	guest    Wait            // of the guest
	waiting  []*queue.Ticket // in the order of the calls
	asked    []asked         // beside the model's Ask
}

// asked is one who is asked about alone: a newcomer for a service, or a ticket that
// does not wait.
type asked struct {
	service queue.ServiceID
	ticket  *queue.Ticket
	guest   bool // the one newcomer of [Follower.Ask], not everybody
}

// see gathers the scene of a moment, with one more newcomer if there is a guest.
func (f *Follower) see(s *queue.State, at time.Time, c Conditions, guest *Newcomer) *scene {
	v := &scene{follower: f, state: s, at: at, model: place.Scene{At: at, Unseen: f.unseen(at, c)}}
	for _, counter := range s.Counters() {
		v.model.Seats = append(v.model.Seats, v.seat(counter))
	}
	o := v.line()
	v.newcomers(o)
	if guest != nil && v.takes(guest.Service) {
		v.newcomer(asked{service: guest.Service, guest: true}, *guest, o)
	}
	for _, t := range s.Tickets() {
		v.elsewhere(t)
	}
	return v
}

var seatStates = map[queue.CounterState]place.SeatState{
	queue.CounterOpen: place.Opened, queue.CounterPaused: place.Paused, queue.CounterClosed: place.Closed,
}

func (v *scene) seat(c *queue.Counter) place.Seat {
	seat := place.Seat{Counter: string(c.ID), State: seatStates[c.State], Classes: classesOf(c), Idle: v.follower.idle[c.ID]}
	if seat.Idle.IsZero() {
		seat.Idle = c.Since
	}
	if t, ok := v.state.Ticket(c.Ticket); ok {
		seat.Busy, seat.Since, seat.Idle = Class(t.Line), v.since(t), time.Time{}
	}
	return seat
}

// since is when a ticket was called to where it is.
func (v *scene) since(t *queue.Ticket) time.Time {
	at := t.CalledAt
	if s := v.follower.stints[t.ID]; s != nil && s.at == atSeat && s.counter == t.Counter {
		at = s.called // a recall is no new beginning
	}
	if planted.On(planted.SpentForgotten) {
		return v.at
	}
	return at
}

// joined is when a ticket joined the line in which it waits.
func (v *scene) joined(t *queue.Ticket) time.Time {
	if s := v.follower.stints[t.ID]; s != nil && s.at == inLine && s.class == Class(t.Line) {
		return s.joined
	}
	switch {
	case t.Line.Stage == queue.StageDelivery:
		return t.ReadyAt
	case len(t.Visited) > 0:
		return t.Visited[len(t.Visited)-1].Finished
	}
	return t.IssuedAt
}

// line puts those who wait into the order of the calls. Behind them come, in the
// order in which the counters that are not open would call them, those whom no open
// counter serves.
func (v *scene) line() *order {
	called := map[queue.TicketID]bool{}
	open := func(c *queue.Counter) bool { return c.State == queue.CounterOpen }
	o := newOrder(v.state, v.at, v.talk, func(*queue.Ticket) bool { return true }, open)
	v.append(o, called)
	if len(called) == len(o.places) {
		return o
	}
	left := newOrder(v.state, v.at, v.talk, func(t *queue.Ticket) bool { return !called[t.ID] }, func(c *queue.Counter) bool { return !open(c) })
	v.append(left, called)
	for _, p := range left.places {
		if !called[p.id] {
			v.wait(p.ticket) // no counter serves the line
		}
	}
	return o
}

func (v *scene) append(o *order, called map[queue.TicketID]bool) {
	for _, c := range o.calls() {
		p := &o.places[c.place]
		called[p.id] = true
		v.wait(p.ticket)
	}
}

func (v *scene) wait(t *queue.Ticket) {
	v.waiting = append(v.waiting, t)
	v.model.Waiting = append(v.model.Waiting, place.Place{
		Ticket: string(t.ID), Class: Class(t.Line), Priority: t.Priority, Issued: v.joined(t), Only: string(sentTo(v.state, t)),
		NotBefore: t.NotBefore, Rest: v.rest(t.Line, t.Further),
	})
}

// talk is how long a counter is still kept, as the office has shown it.
func (v *scene) talk(line queue.Line, spent time.Duration) time.Duration {
	return v.follower.model.Talk(Class(line), spent)
}

// newcomers asks for everybody who may take a ticket now. When the reception hours
// are over nobody can.
func (v *scene) newcomers(o *order) {
	for _, service := range v.state.Settings().Services {
		if !v.takes(service.ID) {
			continue
		}
		v.newcomer(asked{service: service.ID}, Newcomer{Service: service.ID}, o)
	}
}

// takes reports whether a service is still to be had today.
func (v *scene) takes(id queue.ServiceID) bool {
	service, ok := v.state.Settings().Service(id)
	return ok && !v.state.Closed() && (service.Closes.IsZero() || v.at.Before(service.Closes))
}

func (v *scene) newcomer(a asked, n Newcomer, o *order) {
	after := len(v.waiting)
	if !n.Walks() || !o.plain() {
		after = o.after(n)
	}
	line := queue.Line{Service: n.Service, Stage: queue.StageReception}
	v.ask(a, place.Place{Class: Class(line), Priority: n.Priority, After: after, Rest: v.rest(line, nil)})
}

// elsewhere asks for a ticket that does not wait, and is not over.
func (v *scene) elsewhere(t *queue.Ticket) {
	at := standingOf(v.state, t)
	p := place.Place{Ticket: string(t.ID), Priority: t.Priority, After: len(v.waiting), Doing: classOf(t, at), Rest: v.rest(t.Line, t.Further)}
	switch at {
	case atSeat:
		p.Since = v.since(t)
	case atDesk:
		p.Since = t.AnnouncedAt
	case inBack:
		p.Since = t.IssuedAt
		if n := len(t.Visited); n > 0 {
			p.Since = t.Visited[n-1].Finished
		}
		delivery := queue.Line{Service: t.Line.Service, Stage: queue.StageDelivery}
		if settings, _ := v.state.Settings().Service(t.Line.Service); settings.HasStage(queue.StageDelivery) {
			p.Class = Class(delivery)
		}
		p.Rest = v.rest(delivery, t.Further)
	default:
		return
	}
	v.ask(asked{ticket: t}, p)
}

func (v *scene) ask(a asked, p place.Place) {
	v.asked = append(v.asked, a)
	v.model.Ask = append(v.model.Ask, p)
}

// rest lists what still comes in a visit after a line: the later stages of its
// service, then the further services with all of theirs.
func (v *scene) rest(line queue.Line, further []queue.ServiceID) []string {
	var rest []string
	add := func(id queue.ServiceID, after queue.Stage) {
		settings, _ := v.state.Settings().Service(id)
		for _, stage := range settings.Stages {
			if rank(stage) > rank(after) {
				rest = append(rest, Class(queue.Line{Service: id, Stage: stage}))
			}
		}
	}
	add(line.Service, line.Stage)
	for _, id := range further {
		add(id, "")
	}
	return rest
}

// rank is a stage's place in a visit.
func rank(s queue.Stage) int {
	switch s {
	case queue.StageReception:
		return 1
	case queue.StageProcessing:
		return 2
	case queue.StageDelivery:
		return 3
	}
	return 0
}
