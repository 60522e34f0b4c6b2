package whatif

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
)

// kind is what part of a visit a step is.
type kind int

const (
	came   kind = iota // the ticket was made
	waited             // something happened to it while no counter had it
	called             // to a counter, alone
	talked             // something happened while a counter had it
	passed             // called and served in one record, or merged as a fact
)

// step is what one entry of the day did to one ticket.
type step struct {
	kind   kind
	at     time.Time // when the office knew
	seq    int       // of the entry
	sub    int       // within the entry
	fact   bool
	line   queue.Line // of a call
	meta   queue.Meta
	events []queue.Event
}

// press is one call of a counter, with how long the clerk took for it.
type press struct {
	seq     int
	sub     int
	at      time.Time
	gap     time.Duration // after the counter was free and somebody waited
	idle    bool          // nobody did: a number was chosen, or the talk before ended with it
	ticket  queue.TicketID
	chosen  bool // the ticket was named
	service queue.ServiceID
	by      queue.Actor
}

// away is when a clerk did not press at an open counter though somebody waited.
type away struct{ from, to time.Time }

// longGap is the pace of a clerk who was away.
const longGap = 10 * time.Minute

// call is a number that was called.
type call struct {
	ticket  queue.TicketID
	counter queue.CounterID
	line    queue.Line
	at      time.Time
}

// story is a day taken apart.
type story struct {
	opening  queue.Entry
	days     []step // events of the day and of counters
	tickets  map[queue.TicketID][]step
	order    []queue.TicketID
	presses  map[queue.CounterID][]press
	absences map[queue.CounterID][]away
	calls    []call
	state    *queue.State // as the day ended
	end      time.Time    // of the day; zero while it runs
	last     time.Time    // when the last thing happened before that
	talks    map[queue.Line]time.Duration
}

// read takes a day apart. Entries must be the day's whole log.
func read(entries []queue.Entry) (*story, error) {
	s := &story{
		tickets: map[queue.TicketID][]step{}, presses: map[queue.CounterID][]press{}, absences: map[queue.CounterID][]away{},
		state: queue.New(), talks: map[queue.Line]time.Duration{},
	}
	floor := newFloor(s.state)
	at := time.Time{}
	for seq, e := range kept(entries) {
		at = latest(at, e.At)
		floor.pass(at)
		s.take(floor, e, at, seq)
		if err := s.state.Apply(e); err != nil {
			return nil, err
		}
		floor.expect(e.Events, s.state)
		floor.look(at)
	}
	for _, d := range floor.order {
		if !d.since.IsZero() {
			d.absences = append(d.absences, away{d.since, at.AddDate(1, 0, 0)})
		}
		s.absences[d.id] = append(s.absences[d.id], d.absences...)
	}
	s.measure()
	return s, nil
}

// kept drops what was undone, with its undoing. A call that was taken back stays:
// meanwhile nobody else could call the ticket.
func kept(entries []queue.Entry) []queue.Entry {
	undone := map[queue.CommandID]queue.CommandID{} // by what it undoes
	for _, e := range entries {
		for _, event := range e.Events {
			if u, is := event.(queue.ActionUndone); is {
				undone[u.Command] = e.Command
			}
		}
	}
	drop := map[queue.CommandID]bool{}
	for _, e := range entries {
		if undoing, is := undone[e.Command]; is && !(len(e.Events) == 1 && calls(e.Events[0]) && !e.Fact) {
			drop[e.Command], drop[undoing] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e queue.Entry) bool { return drop[e.Command] })
}

func calls(e queue.Event) bool {
	_, is := e.(queue.TicketCalled)
	return is
}

// take notes what an entry did, before it is applied.
func (s *story) take(f *floor, e queue.Entry, at time.Time, seq int) {
	if s.opening.Command == "" {
		s.opening = e
		return
	}
	if slices.ContainsFunc(e.Events, func(x queue.Event) bool { _, is := x.(queue.DayClosed); return is }) {
		s.end = at
		return
	}
	s.last = at
	for sub, part := range parts(e.Events) {
		p := step{at: at, seq: seq, sub: 2 * sub, fact: e.Fact, meta: e.Meta, events: part}
		undone, _ := find[queue.ActionUndone](part)
		switch id := queue.TicketOf(part[0]); {
		case undone.Command != "":
			s.takeBack(undone.Command, p)
		case id != "":
			s.takeTicket(f, id, p, lineAfter(e.Events, id))
		default:
			s.days = append(s.days, p)
		}
	}
}

// parts splits events by the ticket that they are about, in their order. A call
// begins a part of its own: a talk may end and the same ticket be called at once.
func parts(events []queue.Event) [][]queue.Event {
	var all [][]queue.Event
	for _, e := range events {
		id, last := queue.TicketOf(e), len(all)-1
		_, invited := e.(queue.TicketCalled)
		if invited || last < 0 || queue.TicketOf(all[last][0]) != id {
			all = append(all, nil)
			last++
		}
		all[last] = append(all[last], e)
	}
	return all
}

// takeBack notes that a call was undone.
func (s *story) takeBack(command queue.CommandID, p step) {
	outcome, ok := s.state.Outcome(command)
	if !ok {
		return
	}
	undone, at := find[queue.TicketCalled](outcome.Events)
	if at < 0 {
		return
	}
	i := len(s.calls) - 1
	for i >= 0 && s.calls[i].ticket != undone.Ticket {
		i--
	}
	if i >= 0 {
		s.calls = slices.Delete(s.calls, i, i+1)
		p.kind = talked
		s.tickets[undone.Ticket] = append(s.tickets[undone.Ticket], p)
	}
}

// lineAfter returns the line that a talk sends a ticket to in an entry, if it does.
func lineAfter(events []queue.Event, id queue.TicketID) queue.Line {
	for _, e := range events {
		if done, is := e.(queue.ServiceFinished); is && done.Ticket == id && done.Status == queue.Waiting {
			return done.To
		}
	}
	return queue.Line{}
}

func (s *story) takeTicket(f *floor, id queue.TicketID, p step, to queue.Line) {
	t, known := s.state.Ticket(id)
	invited, at := find[queue.TicketCalled](p.events)
	served, _ := find[queue.TicketServed](p.events)
	switch {
	case !known:
		p.kind = came
		s.order = append(s.order, id)
	case !t.Status.AtCounter() && served.Ticket != "":
		p.kind = passed
		s.calls = append(s.calls, call{id, served.Counter, t.Line, p.at})
	case at >= 0 && (p.fact || at < len(p.events)-1 && leaves(p.events[at+1:])):
		p.kind = passed
		s.calls = append(s.calls, call{id, invited.Counter, t.Line, p.at})
	case at >= 0:
		p.kind, p.line = called, cmp.Or(to, t.Line)
		s.calls = append(s.calls, call{id, invited.Counter, p.line, p.at})
		if t.Status != queue.Waiting && to == (queue.Line{}) { // it waits again just before
			s.tickets[id] = append(s.tickets[id], step{kind: waited, at: p.at, seq: p.seq, sub: p.sub - 1, meta: p.meta})
		}
		s.press(f, invited, p)
	case t.Status.AtCounter():
		p.kind = talked
	default:
		p.kind = waited
	}
	s.tickets[id] = append(s.tickets[id], p)
}

func (s *story) press(f *floor, e queue.TicketCalled, p step) {
	d := f.desk(e.Counter)
	d.pressed = true
	out := press{seq: p.seq, sub: p.sub, at: p.at, ticket: e.Ticket, chosen: !e.Reason.ByRule(), service: e.Reason.Service, by: p.meta.Actor}
	if d.since.IsZero() {
		out.idle = true
	} else {
		out.gap = p.at.Sub(d.since)
	}
	if out.gap >= longGap {
		s.absences[e.Counter] = append(s.absences[e.Counter], away{d.since, p.at})
		out.gap = 0
	}
	s.presses[e.Counter] = append(s.presses[e.Counter], out)
}

// leaves reports whether a ticket leaves its counter with one of the events.
func leaves(events []queue.Event) bool {
	return slices.ContainsFunc(events, func(e queue.Event) bool {
		switch e.(type) {
		case queue.ServiceFinished, queue.TicketServed, queue.TicketMissed, queue.TicketHeld, queue.TicketTransferred, queue.TicketSentAway, queue.TicketWithdrawn:
			return true
		}
		return false
	})
}

func find[E queue.Event](events []queue.Event) (E, int) {
	for i, e := range events {
		if found, is := e.(E); is {
			return found, i
		}
	}
	var none E
	return none, -1
}

// measure learns how long the middle talk of each line kept its counter.
func (s *story) measure() {
	seen := map[queue.Line][]time.Duration{}
	for _, steps := range s.tickets {
		for i, p := range steps {
			if p.kind != called {
				continue
			}
			if end, ok := talkEnd(steps[i+1:]); ok {
				seen[p.line] = append(seen[p.line], end.Sub(p.at))
			}
		}
	}
	for line, all := range seen {
		slices.Sort(all)
		s.talks[line] = all[len(all)/2]
	}
}

// talkEnd returns when a talk that was finished ended.
func talkEnd(steps []step) (time.Time, bool) {
	for _, p := range steps {
		if p.kind != talked {
			break
		}
		if _, at := find[queue.ServiceFinished](p.events); at >= 0 {
			return p.at, true
		}
	}
	return time.Time{}, false
}

// talk returns how long a talk of a line is taken to be that the day does not tell.
func (s *story) talk(line queue.Line) time.Duration {
	if d, ok := s.talks[line]; ok {
		return d
	}
	service, _ := s.state.Settings().Service(line.Service)
	d := service.Expected
	if d <= 0 {
		d = 8 * time.Minute
	}
	if line.Stage == queue.StageDelivery {
		d /= 3
	}
	return d
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
