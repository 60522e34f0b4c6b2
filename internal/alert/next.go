package alert

import (
	"errors"
	"slices"
	"time"

	"machi/internal/queue"
)

const (
	// Reopen is for how long after its end a trouble that comes back is the same alert:
	// nobody is told of it anew.
	Reopen = 10 * time.Minute
	// most bounds the alerts of one office's day; more troubles are not written down.
	most = 500
	// Calm is for how long a trouble must be gone until its alert ends.
	Calm = time.Minute
)

// The reasons why alerts end.
const (
	Gone   = "gone"
	Closed = "closed"
	DayEnd = "day"
)

// Gones remembers since when troubles are not seen any more, by key: of one server's own
// looks. One that starts waits for [Calm] first.
type Gones map[string]time.Time

// Next returns what a look changes of an office's alerts: which begin, come back, end or
// go to the next step of the escalation. Name makes an id for a new alert. Closed says
// that the office is.
func (b *Book) Next(l Look, r Rules, gones Gones, closed bool, name func() string) []Event {
	var events []Event
	seen := map[string]bool{}
	count := b.count(l.Office)
	for _, f := range l.Findings {
		k := key(l.Office, f.Key())
		if seen[k] || l.Unsure(f) {
			continue
		}
		seen[k] = true
		delete(gones, k)
		a := b.byKey[k]
		switch {
		case a != nil && a.Open():
			events = append(events, escalate(*a, r, l.At)...)
		case a != nil && l.At.Sub(a.Ended) < Reopen:
			events = append(events, Event{Kind: evAgain, ID: a.ID, At: l.At, Finding: &f})
		case count < most:
			count++
			events = append(events, Event{Kind: evRaise, ID: name(), At: l.At, Finding: &f})
		}
	}
	return append(events, b.ends(l, r, gones, closed, seen)...)
}

// ends ends the alerts whose trouble is gone for long enough.
func (b *Book) ends(l Look, r Rules, gones Gones, closed bool, seen map[string]bool) []Event {
	var events []Event
	for _, a := range b.alerts {
		k := key(a.Office, a.Key())
		if a.Office != l.Office || !a.Open() || seen[k] {
			continue
		}
		if l.Unsure(a.Finding) {
			events = append(events, escalate(*a, r, l.At)...)
			continue
		}
		if _, known := gones[k]; !known {
			gones[k] = l.At
		}
		if l.At.Sub(gones[k]) < Calm && !closed {
			continue
		}
		why := Gone
		if closed {
			why = Closed
		}
		delete(gones, k)
		events = append(events, Event{Kind: evEnd, ID: a.ID, At: l.At, Why: why})
	}
	return events
}

// escalate returns the step that is due of an alert that nobody has taken over.
func escalate(a Alert, r Rules, at time.Time) []Event {
	if !a.Kind.Urgent() || !a.Waits(at) {
		return nil
	}
	since := a.Raised
	if a.Until.After(since) {
		since = a.Until
	}
	level := a.Level
	for level < len(r.Steps) && at.Sub(since) >= r.Steps[level].After {
		level++
	}
	if level == a.Level {
		return nil
	}
	return []Event{{Kind: evEscalate, ID: a.ID, At: at, Level: level}}
}

func (b *Book) count(office queue.OfficeID) (n int) {
	for _, a := range b.alerts {
		if a.Office == office {
			n++
		}
	}
	return n
}

// EndAll ends what still goes on when the business day is over.
func (b *Book) EndAll(at time.Time) []Event {
	var events []Event
	for _, a := range b.alerts {
		if a.Open() {
			events = append(events, Event{Kind: evEnd, ID: a.ID, At: at, Why: DayEnd})
		}
	}
	return events
}

// Verb is what a person does with an alert.
type Verb string

// The verbs.
const (
	Take    Verb = "take"    // I see to it: it is not told further
	Release Verb = "release" // I cannot: it waits for somebody again
	Snooze  Verb = "snooze"  // not now
)

// Verbs are all verbs.
var Verbs = []Verb{Take, Release, Snooze}

// The bounds of a snooze.
const (
	LeastSnooze = 5 * time.Minute
	MostSnooze  = 4 * time.Hour
)

// The refusals of [Book.Act], and of alerts of a day that are asked for in vain.
var (
	ErrNotKept = errors.New("alert: none are kept of this day")
	ErrUnknown = errors.New("alert: there is none of this id")
	ErrOver    = errors.New("alert: it is over")
	ErrTaken   = errors.New("alert: somebody else has taken it over")
)

// Act returns what a person changes; nothing where it is so already. It returns
// [ErrUnknown], [ErrOver] or, where somebody else has it who did not release it, [ErrTaken].
func (b *Book) Act(id string, v Verb, by string, until, at time.Time) ([]Event, error) {
	a := b.byID[id]
	switch {
	case a == nil:
		return nil, ErrUnknown
	case !a.Open():
		return nil, ErrOver
	case v == Take && a.By == by, v == Release && a.By == "", v == Snooze && a.Until.Equal(until):
		return nil, nil
	case v == Take && a.By != "":
		return nil, ErrTaken
	}
	kind := map[Verb]string{Take: evTake, Release: evRelease, Snooze: evSnooze}[v]
	return []Event{{Kind: kind, ID: id, At: at, By: by, Until: until}}, nil
}

// Refresh lays what a look found over alerts that are open, so that pages show the
// newest figures.
func Refresh(list []Alert, looks map[queue.OfficeID]Look) {
	for i, a := range list {
		l := looks[a.Office]
		at := slices.IndexFunc(l.Findings, func(f Finding) bool { return f.Key() == a.Key() })
		if at >= 0 && a.Open() {
			since := list[i].Since
			list[i].Finding = l.Findings[at]
			if since.Before(list[i].Since) {
				list[i].Since = since
			}
		}
	}
}
