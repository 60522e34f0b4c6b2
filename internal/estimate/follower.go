package estimate

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/planted"
	"machi/internal/queue"
)

// Follower estimates one office-day. It follows the day's records in the order of
// the log, compares every ticket and counter before and after each, and tells the
// office's memory what changed: an undo, a merge or a late fact is a change like any
// other. So what it answers is a function of the lessons, the records, the moment
// and the conditions, and of nothing else: whoever follows the same log, at a
// server, a machine or in a file, answers with the same to the last bit.
//
// It is not safe for concurrent use.
type Follower struct {
	lessons  *place.Lessons
	model    *place.Model // nil until the day is open
	state    *queue.State
	stints   map[queue.TicketID]*stint
	counters map[queue.CounterID]*queue.Counter
	idle     map[queue.CounterID]time.Time // since when a counter is free
	given    map[queue.KioskID]*given
	mixed    bool  // facts were merged: an entry may change more than it names
	failed   error // the model could not take an entry
	tap      func(place.Event)
}

// NewFollower returns a Follower of a day of which nothing is known but what the
// days before have taught; nil for nothing.
func NewFollower(lessons *place.Lessons) *Follower {
	return &Follower{
		lessons: lessons, state: queue.New(), stints: map[queue.TicketID]*stint{}, counters: map[queue.CounterID]*queue.Counter{},
		idle: map[queue.CounterID]time.Time{}, given: map[queue.KioskID]*given{},
	}
}

// State returns the day as far as it was followed. The caller must not change it,
// nor keep it beyond the next Apply.
func (f *Follower) State() *queue.State { return f.state }

// Apply takes the next entry of the log. It returns a *[queue.CorruptError] where
// that does not fit; the Follower is then of no use. What the memory of the office
// cannot take is no error: from then on its answers are unknown, and
// [Office.Failed] says why.
func (f *Follower) Apply(e queue.Entry) error {
	if err := f.state.Apply(e); err != nil {
		return err
	}
	f.mixed = f.mixed || e.Fact
	if !f.state.Opened() || f.failed != nil {
		return nil
	}
	f.failed = guard(func() { f.follow(e) })
	return nil
}

// guard runs what must not bring a server down; a panic is its error.
func guard(do func()) (err error) {
	defer func() {
		if bad := recover(); bad != nil {
			err = fmt.Errorf("estimate: %v", bad)
		}
	}()
	do()
	return nil
}

// follow tells the memory what an entry changed.
func (f *Follower) follow(e queue.Entry) {
	all := f.mixed
	if f.model == nil {
		f.model = place.New(optionsOf(f.state.Settings(), f.lessons))
		all = true // facts may have come before the day was opened
	}
	f.note(e)
	counters := all
	for _, event := range e.Events {
		if _, undone := event.(queue.ActionUndone); undone {
			all = true
		}
		counters = counters || queue.TicketOf(event) == ""
	}
	if counters {
		f.seats(e.At)
	}
	if all {
		for _, t := range f.state.Tickets() {
			f.look(t, e.At)
		}
		return
	}
	for _, event := range e.Events {
		if t, ok := f.state.Ticket(queue.TicketOf(event)); ok {
			f.look(t, e.At)
		}
	}
}

// look takes in what became of a ticket.
func (f *Follower) look(t *queue.Ticket, at time.Time) {
	s := f.stints[t.ID]
	if s == nil {
		s = &stint{ticket: t}
		f.stints[t.ID] = s
	} else if s.ticket == t && (s.at != atDesk && (s.at != inLine || t.Announced == "")) {
		return // an announced one may be everybody's again though it did not change
	}
	f.turn(s, t, at)
}

// seats takes in what became of the counters.
func (f *Follower) seats(at time.Time) {
	for _, c := range f.state.Counters() {
		was, is := f.counters[c.ID], c
		f.counters[c.ID] = is
		opened := was != nil && was.State == queue.CounterOpen
		switch {
		case is.State != queue.CounterOpen && opened:
			f.observe(place.Event{At: at, Kind: place.Close, Counter: string(c.ID)})
		case is.State == queue.CounterOpen && (!opened || !slices.Equal(was.Services, is.Services) || !slices.Equal(was.Stages, is.Stages)):
			f.observe(place.Event{At: at, Kind: place.Open, Counter: string(c.ID), Classes: classesOf(is)})
			if !opened {
				f.idle[c.ID] = at
			}
		}
	}
}

func (f *Follower) observe(e place.Event) {
	if f.tap != nil {
		f.tap(e)
	}
	f.model.Observe(e)
}

// classesOf lists the classes that a counter serves now.
func classesOf(c *queue.Counter) []string {
	var classes []string
	for _, service := range c.Services {
		for _, stage := range c.Stages {
			classes = append(classes, Class(queue.Line{Service: service, Stage: stage}))
		}
	}
	return classes
}

// Office answers for all of the office at a moment. It changes nothing: asking, or
// not asking, makes no later answer another one.
func (f *Follower) Office(at time.Time, c Conditions) Office { return f.OfficeOf(f.state, at, c) }

// OfficeOf is [Follower.Office] for a state that knows more than the log that was
// followed, such as what a machine has not sent yet.
func (f *Follower) OfficeOf(s *queue.State, at time.Time, c Conditions) Office {
	o, _ := f.answer(s, at, c, nil)
	return o
}

// Ask answers for one newcomer whom the rule may let pass others, which a walk-in is
// not; for all else it is [Follower.OfficeOf]. Unknown is the zero Wait.
func (f *Follower) Ask(s *queue.State, at time.Time, c Conditions, n Newcomer) Wait {
	_, w := f.answer(s, at, c, &n)
	return w
}

func (f *Follower) answer(s *queue.State, at time.Time, c Conditions, guest *Newcomer) (Office, Wait) {
	if f.failed != nil || f.model == nil {
		return unknown(s, at, f.failed), Wait{}
	}
	if planted.On(planted.LooksTeach) {
		f.observe(place.Event{At: at, Kind: place.Call, Ticket: at.String(), Class: string(s.Settings().Services[0].ID), Counter: "1"})
		f.observe(place.Event{At: at.Add(time.Minute), Kind: place.Finish, Ticket: at.String()})
	}
	var o Office
	var v *scene
	if err := guard(func() { v = f.see(s, at, c, guest); o = v.office() }); err != nil {
		return unknown(s, at, err), Wait{}
	}
	return o, v.guest
}

// Lessons returns what the day so far has taught, with what the days before did.
func (f *Follower) Lessons() *place.Lessons {
	if f.model == nil || f.failed != nil {
		return f.lessons
	}
	return f.model.Lessons()
}

// optionsOf returns what the settings say of an office.
func optionsOf(s *queue.Settings, lessons *place.Lessons) place.Options {
	o := place.Options{Lessons: lessons, Skills: map[string][]string{}, Prior: map[string]time.Duration{}}
	for _, c := range s.Counters {
		o.Skills[string(c.ID)] = classesOf(&queue.Counter{Services: c.Services, Stages: c.Stages})
	}
	for _, v := range s.Services {
		for _, stage := range v.Stages {
			o.Prior[Class(queue.Line{Service: v.ID, Stage: stage})] = prior(v, stage)
		}
	}
	return o
}

// defaultTime is what a visit takes where not even an expectation is configured.
const defaultTime = 8 * time.Minute

// prior is the ward's own figure for a stage. Handing over what is ready takes a
// fraction of the talk, and the back office about as long as it.
func prior(v queue.ServiceSettings, stage queue.Stage) time.Duration {
	d := v.Expected
	if d <= 0 {
		d = defaultTime
	}
	if stage == queue.StageDelivery {
		d /= 3
	}
	return d
}
