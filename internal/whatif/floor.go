package whatif

import (
	"slices"
	"time"

	"machi/internal/queue"
)

// floor watches the counters of a state: since when each is free, and since when
// somebody waits for it while it is. The day and its replay are watched at the same
// moments, so that a clerk's pace means the same in both.
type floor struct {
	state *queue.State
	desks map[queue.CounterID]*desk
	order []*desk
	wakes []time.Time // moments at which somebody may be called who could not before; sorted
}

// desk is one counter.
type desk struct {
	id    queue.CounterID
	free  time.Time // zero: busy, or not open
	since time.Time // zero: not free, or nobody waits for it
	// witness waits for the counter: as long as it does, nobody else need be found.
	witness *queue.Ticket
	seen    *queue.Counter // as it was when the witness was found

	pressed  bool   // a call is about to end since
	absences []away // when nobody pressed

	next    int // the press that comes next
	pending int // counts the presses that were put off: one that is out of date is void
	due     bool
	shut    *step // closes once it is free
}

func newFloor(s *queue.State) *floor {
	return &floor{state: s, desks: map[queue.CounterID]*desk{}}
}

func (f *floor) desk(id queue.CounterID) *desk {
	d := f.desks[id]
	if d == nil {
		d = &desk{id: id}
		f.desks[id] = d
		f.order = append(f.order, d)
	}
	return d
}

// look brings all desks in step with the state.
func (f *floor) look(at time.Time) {
	for _, c := range f.state.Counters() {
		f.desk(c.ID).look(f.state, c, at)
	}
}

func (d *desk) look(s *queue.State, c *queue.Counter, at time.Time) {
	was := d.since
	d.see(s, c, at)
	if !was.IsZero() && d.since.IsZero() && !d.pressed {
		d.absences = append(d.absences, away{was, at})
	}
	d.pressed = false
}

func (d *desk) see(s *queue.State, c *queue.Counter, at time.Time) {
	if c.State != queue.CounterOpen || c.Ticket != "" {
		d.free, d.since, d.witness = time.Time{}, time.Time{}, nil
		return
	}
	if d.free.IsZero() {
		d.free = at
	}
	switch {
	case !d.waitedFor(s, c, at):
		d.since = time.Time{}
	case d.since.IsZero():
		d.since = at
	}
}

func (d *desk) waitedFor(s *queue.State, c *queue.Counter, at time.Time) bool {
	if d.witness != nil && d.seen == c {
		if t, ok := s.Ticket(d.witness.ID); ok && t == d.witness {
			return true
		}
	}
	next, ok := queue.Next(s, c.ID, "", at)
	d.witness, d.seen = next.Ticket, c
	return ok
}

// expect notes the moments at which time alone lets somebody be called.
func (f *floor) expect(events []queue.Event, s *queue.State) {
	for _, e := range events {
		switch e := e.(type) {
		case queue.TicketDeferred:
			f.wake(e.Until)
		case queue.TicketIssued:
			if !e.Appointment.IsZero() {
				f.wake(e.Appointment.Add(-s.Settings().Rule.AppointmentEarly))
				f.wake(e.Appointment)
			}
		}
	}
}

func (f *floor) wake(at time.Time) {
	i, _ := slices.BinarySearchFunc(f.wakes, at, time.Time.Compare)
	f.wakes = slices.Insert(f.wakes, i, at)
}

// pass looks at the moments that pass before another.
func (f *floor) pass(until time.Time) {
	for len(f.wakes) > 0 && f.wakes[0].Before(until) {
		at := f.wakes[0]
		f.wakes = f.wakes[1:]
		f.look(at)
	}
}
