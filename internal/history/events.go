package history

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/queue"
)

// Class is what the estimator calls a line: the service, and behind a stroke the
// stage where that is not the reception.
func Class(service queue.ServiceID, stage queue.Stage) string {
	if stage == queue.StageReception || stage == "" {
		return string(service)
	}
	return string(service) + "/" + string(stage)
}

// Events tells a day as the estimator learns it, in time order. Visits are named by
// their row, their further legs by "row/leg".
func Events(d Day) []place.Event {
	var told []tale
	for i, v := range d.Visits {
		told = append(told, talesOf(strconv.Itoa(i+1), v)...)
	}
	for _, s := range d.Spells {
		told = append(told,
			tale{place.Event{At: s.From, Kind: place.Open, Counter: string(s.Counter), Classes: s.classes()}, rankOpen},
			tale{place.Event{At: s.To, Kind: place.Close, Counter: string(s.Counter)}, rankClose})
	}
	slices.SortStableFunc(told, func(a, b tale) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.rank, b.rank)) })
	events := make([]place.Event, len(told))
	for i, t := range told {
		events[i] = t.Event
	}
	return events
}

// classes returns the lines that a counter served; nil: not known.
func (s Spell) classes() []string {
	stages := s.Stages
	if len(stages) == 0 {
		stages = []queue.Stage{queue.StageReception}
	}
	var classes []string
	for _, service := range s.Services {
		for _, stage := range stages {
			classes = append(classes, Class(service, stage))
		}
	}
	return classes
}

// tale is an event and where it stands among those of its moment.
type tale struct {
	place.Event
	rank int
}

// The order within one moment: who ends before who begins. What follows its own
// issue in the same moment comes last.
const (
	rankEnd = iota
	rankCancel
	rankOpen
	rankCall
	rankClose
	rankIssue
	rankAfter // of the leg that was joined at this moment
)

func talesOf(row string, v Visit) []tale {
	var told []tale
	for i, l := range v.Legs {
		if l.Unmeasured && l.Joined.Equal(l.Finished) {
			continue // counted, not waited for
		}
		ticket := row
		if i > 0 {
			ticket = row + "/" + strconv.Itoa(i+1)
			told = append(told, processing(row, v.Legs[i-1], l)...)
		}
		told = append(told, leg(place.Event{Ticket: ticket, Visit: row, Class: Class(l.Service, l.Stage), Priority: v.Priority}, l)...)
	}
	return told
}

// leg tells of one line: joined, called, over.
func leg(e place.Event, l Leg) []tale {
	var told []tale
	add := func(kind place.Kind, at time.Time, rank int, more func(*place.Event)) {
		event := e
		event.Kind, event.At = kind, at
		if more != nil {
			more(&event)
		}
		if len(told) > 0 && at.Equal(told[0].At) {
			rank = rankAfter // stable: in the order in which they are told
		}
		told = append(told, tale{event, rank})
	}
	if !l.Joined.IsZero() {
		add(place.Issue, l.Joined, rankIssue, nil)
	}
	if l.Called.IsZero() {
		add(place.Cancel, l.Finished, rankCancel, func(e *place.Event) { e.Unmeasured = l.Outcome != Left || l.Unmeasured })
		return told
	}
	at := func(e *place.Event) { e.Counter = string(l.Counter) }
	add(place.Call, l.Called, rankCall, at)
	end := place.Finish
	if l.Outcome == NoShow {
		end = place.NoShow
	}
	add(end, l.Finished, rankEnd, func(e *place.Event) {
		at(e)
		e.Unmeasured = l.Unmeasured || l.Outcome == Left || l.Outcome == Expired
	})
	return told
}

// processing tells of the back office between a talk and its delivery.
func processing(row string, before, delivery Leg) []tale {
	if delivery.Stage != queue.StageDelivery || before.Outcome != Served || before.Stage != queue.StageReception ||
		before.Service != delivery.Service || !before.Finished.Before(delivery.Joined) {
		return nil
	}
	e := place.Event{Ticket: row + "/p", Visit: row, Class: Class(delivery.Service, queue.StageProcessing)}
	begun, ready := e, e
	begun.Kind, begun.At = place.Call, before.Finished
	ready.Kind, ready.At = place.Finish, delivery.Joined
	return []tale{{begun, rankCall}, {ready, rankEnd}}
}
