package estimate

import (
	"strconv"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/queue"
)

// standing is where a ticket stands, as far as a wait is concerned.
type standing uint8

const (
	gone   standing = iota // not here: over, held, a no-show, never seen
	inLine                 // waits to be called
	atDesk                 // called by a delivery desk, at which others may stand
	atSeat                 // at a counter
	inBack                 // in the back office
)

// stint is one ticket as the model sees it: each time in a line is a ticket of its
// own there.
type stint struct {
	ticket   *queue.Ticket // as it was seen last
	n        int           // stints so far
	at       standing
	class    string
	priority bool
	counter  queue.CounterID
	joined   time.Time // the line
	called   time.Time // to where it is, or into the back office
	visits   int       // that were over then
}

// name is the stint's in the model.
func (s *stint) name() string {
	if s.n < 2 {
		return string(s.ticket.ID)
	}
	return string(s.ticket.ID) + "/" + strconv.Itoa(s.n)
}

// Class names a line for the model: the service, and behind a stroke the stage
// where that is not the reception.
func Class(l queue.Line) string {
	if l.Stage == queue.StageReception {
		return string(l.Service)
	}
	return string(l.Service) + "/" + string(l.Stage)
}

// standingOf returns where a ticket stands now.
func standingOf(s *queue.State, t *queue.Ticket) standing {
	switch {
	case t.Status == queue.Waiting && announced(s, t):
		return atDesk
	case t.Status == queue.Waiting:
		return inLine
	case t.Status.AtCounter():
		return atSeat
	case t.Status == queue.Processing:
		return inBack
	}
	return gone
}

// classOf returns the class of a ticket where it stands.
func classOf(t *queue.Ticket, at standing) string {
	if at == inBack {
		return Class(queue.Line{Service: t.Line.Service, Stage: queue.StageProcessing})
	}
	return Class(t.Line)
}

// turn brings a stint to where its ticket is now, and tells the model what that
// means for it.
func (f *Follower) turn(s *stint, t *queue.Ticket, at time.Time) {
	to := standingOf(f.state, t)
	same := to == s.at && classOf(t, to) == s.class && len(t.Visited) == s.visits
	switch {
	case to == gone && s.at == gone:
		s.visits = len(t.Visited)
	case same && to == inLine && t.Priority == s.priority, same && to == inBack, same && to == atDesk, same && to == atSeat && t.Counter == s.counter:
	case s.at == inLine && (to == atSeat || to == atDesk) && Class(t.Line) == s.class && len(t.Visited) == s.visits:
		f.call(s, t, to, at)
	case (s.at == atSeat || s.at == atDesk) && to == inLine && len(t.Visited) == s.visits && Class(t.Line) == s.class:
		f.tell(s, place.Return, at, false)
		f.left(s, at)
		s.at = inLine
	default:
		f.leave(s, t, at)
		f.enter(s, t, to, at)
	}
	s.ticket = t
}

// call brings a stint from its line to a counter.
func (f *Follower) call(s *stint, t *queue.Ticket, to standing, at time.Time) {
	s.at, s.counter, s.called = to, t.Counter, or(t.CalledAt, at)
	if to == atDesk {
		s.counter, s.called = "desk/"+t.Announced, or(t.AnnouncedAt, at) // not a counter that is kept
	}
	f.tell(s, place.Call, s.called, false)
}

// enter begins a stint.
func (f *Follower) enter(s *stint, t *queue.Ticket, to standing, at time.Time) {
	s.ticket, s.at, s.class, s.priority, s.visits = t, to, classOf(t, to), t.Priority, len(t.Visited)
	s.counter, s.called = "", time.Time{}
	if to == gone {
		return
	}
	s.n++
	s.joined = at
	if s.n == 1 {
		s.joined = t.IssuedAt
	}
	if to == inLine {
		f.tell(s, place.Issue, s.joined, false)
		return
	}
	f.call(s, t, to, at)
}

// leave ends a stint where it stands.
func (f *Follower) leave(s *stint, t *queue.Ticket, at time.Time) {
	var visit *queue.Visit
	if len(t.Visited) > s.visits {
		visit = &t.Visited[len(t.Visited)-1]
	}
	switch s.at {
	case inLine:
		if visit == nil {
			f.tell(s, place.Cancel, at, t.Status != queue.Withdrawn)
			return
		}
		s.counter = "desk/" + visit.Counter
		f.tell(s, place.Call, or(visit.Called, visit.Finished), false)
		f.tell(s, place.Finish, visit.Finished, unmeasured(visit))
	case atDesk:
		f.tell(s, place.Finish, at, true)
	case atSeat:
		switch {
		case visit != nil:
			f.tell(s, place.Finish, visit.Finished, unmeasured(visit))
			at = visit.Finished
		case t.Status == queue.NoShow || t.Status == queue.Closed || t.Status == queue.Withdrawn:
			at = or(t.MissedAt, at)
			f.tell(s, place.NoShow, at, false)
		default:
			f.tell(s, place.Finish, at, true)
		}
		f.left(s, at)
	case inBack:
		f.tell(s, place.Finish, at, t.Status != queue.Waiting)
	}
}

// left notes since when the counter of a stint is free.
func (f *Follower) left(s *stint, at time.Time) {
	if s.at == atSeat {
		f.idle[s.counter] = at
	}
}

// forgotten is a talk so long that it was none: somebody forgot the key.
const forgotten = 4 * time.Hour

// unmeasured reports whether a visit's time is not to be learnt from. Where only
// the start key was not pressed, the counter was kept from the call to the end.
func unmeasured(v *queue.Visit) bool {
	kept := v.Finished.Sub(v.Called)
	return kept <= 0 || kept > forgotten || v.Unmeasured && !v.Started.Equal(v.Called)
}

// tell tells the model one thing about a stint.
func (f *Follower) tell(s *stint, kind place.Kind, at time.Time, unmeasured bool) {
	e := place.Event{
		At: at, Kind: kind, Ticket: s.name(), Class: s.class, Priority: s.priority, Visit: string(s.ticket.ID),
		Unmeasured: unmeasured,
	}
	if s.at != inBack {
		e.Counter = string(s.counter)
	}
	f.observe(e)
}

func or(at, otherwise time.Time) time.Time {
	if at.IsZero() {
		return otherwise
	}
	return at
}
