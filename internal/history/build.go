package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Build makes the table of a day of its records, which must chain from the first.
// Undo and late records have corrected the day by then; what was undone does not show.
func Build(office queue.OfficeID, date queue.Date, records []eventlog.Record) (Day, error) {
	if _, _, err := date.Bounds(); err != nil {
		return Day{}, err
	}
	folded, err := day.Replay(records)
	if err != nil {
		return Day{}, fmt.Errorf("history: table of %s on %s: %w", office, date, err)
	}
	said, err := tell(records)
	if err != nil {
		return Day{}, fmt.Errorf("history: table of %s on %s: %w", office, date, err)
	}
	d := Day{Office: office, Date: date, Source: FromLog, Made: Making, Head: folded.Head(), Spells: said.spells()}
	for _, t := range folded.State().Tickets() {
		d.Visits = append(d.Visits, visitOf(t, said.tickets[t.ID]))
	}
	return d.tidy(), nil
}

// said is what a day's records say that its state does not keep: when a line was
// joined, calls before the newest, and the hours of counters.
type said struct {
	tickets  map[queue.TicketID]*saidOf
	counters []saidCounter
	last     time.Time // when somebody last did something
}

// saidOf is what is said of one ticket, each list in the order of the log.
type saidOf struct {
	arrived time.Time // the holder of a ticket from home checked in; zero: never, or was there
	away    bool      // taken from home, and its holder has not checked in
	asked   queue.ServiceID
	calls   []saidCall
	again   int // calls repeated
	back    int // restored
	misses  []saidCall
	joins   []time.Time // it came back into a line
	moves   []time.Time // it was sent to another line
}

type saidCall struct {
	at      time.Time
	counter queue.CounterID
	number  queue.Number
}

type saidCounter struct {
	at       time.Time
	counter  queue.CounterID
	open     bool
	services []queue.ServiceID
	stages   []queue.Stage
}

// tell reads what the records say, without what was undone.
func tell(records []eventlog.Record) (*said, error) {
	entries := make([]queue.Entry, len(records))
	undone := map[queue.CommandID]bool{}
	for i, r := range records {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			return nil, err
		}
		if entries[i], err = day.Entry(body, r.Fact); err != nil {
			return nil, err
		}
		for _, e := range entries[i].Events {
			if undo, is := e.(queue.ActionUndone); is {
				undone[undo.Command] = true
			}
		}
	}
	s := &said{tickets: map[queue.TicketID]*saidOf{}}
	for _, entry := range entries {
		if entry.Actor.Role != queue.RoleSystem {
			s.last = later(s.last, entry.At)
		}
		if undone[entry.Command] {
			continue
		}
		for _, e := range entry.Events {
			s.hear(e, entry.At)
		}
	}
	return s, nil
}

func (s *said) of(id queue.TicketID) *saidOf {
	if s.tickets[id] == nil {
		s.tickets[id] = &saidOf{}
	}
	return s.tickets[id]
}

func (s *said) hear(e queue.Event, at time.Time) {
	switch e := e.(type) {
	case queue.TicketIssued:
		s.of(e.Ticket).asked, s.of(e.Ticket).away = e.Service, e.Away
	case queue.TicketCalled:
		t := s.of(e.Ticket)
		t.calls = append(t.calls, saidCall{at, e.Counter, e.Number})
	case queue.TicketRecalled:
		s.of(e.Ticket).again++
	case queue.TicketMissed:
		t := s.of(e.Ticket)
		t.misses = append(t.misses, saidCall{pressed(e.At, at), e.Counter, e.Number})
	case queue.TicketReady:
		s.of(e.Ticket).join(at)
	case queue.TicketRestored:
		s.of(e.Ticket).join(at)
		s.of(e.Ticket).back++
	case queue.TicketResumed:
		s.of(e.Ticket).join(at)
	case queue.TicketArrived:
		s.of(e.Ticket).join(at)
		s.of(e.Ticket).arrived, s.of(e.Ticket).away = at, false
	case queue.TicketTransferred:
		s.of(e.Ticket).join(at)
		s.of(e.Ticket).moves = append(s.of(e.Ticket).moves, at)
	case queue.CounterOpened:
		s.counters = append(s.counters, saidCounter{at, e.Counter, true, e.Services, e.Stages})
	case queue.CounterSuspended:
		s.counters = append(s.counters, saidCounter{at: at, counter: e.Counter})
	case queue.CounterShut:
		s.counters = append(s.counters, saidCounter{at: at, counter: e.Counter})
	}
}

func (t *saidOf) join(at time.Time) { t.joins = append(t.joins, at) }

// pressed returns the moment that an event carries itself, or else its record's.
func pressed(own, record time.Time) time.Time {
	if own.IsZero() {
		return record
	}
	return own
}

// spells returns when counters were open. Of two presses at one moment the later
// record counts.
func (s *said) spells() []Spell {
	slices.SortStableFunc(s.counters, func(a, b saidCounter) int { return a.at.Compare(b.at) })
	open := map[queue.CounterID]Spell{}
	var all []Spell
	end := func(c queue.CounterID, at time.Time) {
		if spell, is := open[c]; is {
			spell.To = at
			all = append(all, spell)
			delete(open, c)
		}
	}
	for _, c := range s.counters {
		next := Spell{
			Counter: c.counter, Services: slices.Sorted(slices.Values(c.services)), Stages: slices.Sorted(slices.Values(c.stages)), From: c.at,
		}
		before, is := open[c.counter]
		if is && c.open && slices.Equal(before.Services, next.Services) && slices.Equal(before.Stages, next.Stages) {
			continue // somebody else took over
		}
		end(c.counter, c.at)
		if c.open {
			open[c.counter] = next
		}
	}
	for _, spell := range open { // sorted below, by tidy
		end(spell.Counter, later(s.last, spell.From))
	}
	return all
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// visitOf makes the row of a ticket as it stands at the end of its day.
func visitOf(t *queue.Ticket, s *saidOf) Visit {
	if s == nil {
		s = &saidOf{}
	}
	v := Visit{
		Number: t.Number, Service: cmp.Or(s.asked, t.Line.Service), Channel: t.Channel, Priority: t.Priority,
		Issued: t.IssuedAt, Appointment: t.Appointment, FirstCall: t.FirstCall, Ended: t.EndedAt, Flags: slices.Clone(t.Flags),
		Later: t.Later, Restored: s.back, Recalled: s.again, Moved: len(s.moves),
	}
	if s.arrived.After(t.IssuedAt) {
		v.Arrived = s.arrived
	}
	if len(s.asked) == 0 && len(t.Visited) > 0 {
		v.Service = t.Visited[0].Line.Service
	}
	if t.Quote != nil {
		v.Told = &Told{Ahead: t.Quote.Ahead, Low: t.Quote.Low, P50: t.Quote.P50, High: t.Quote.High}
		if t.Quote.High > 0 && s.arrived.After(t.IssuedAt.Add(t.Quote.High)) {
			v.Later++ // who comes from home after the time that was told has asked for more of it
		}
	}
	v.Legs = legsOf(t, s, v.Service)
	v.Outcome = v.Legs[len(v.Legs)-1].Outcome
	if s.away && v.Outcome == Expired && v.FirstCall.IsZero() {
		v.Flags = append(v.Flags, FlagNeverCame)
	}
	if v.Ended.IsZero() {
		v.Ended = v.Legs[len(v.Legs)-1].Finished
	}
	return v
}
