package alert

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
)

// Alert is one trouble from its beginning to its end.
type Alert struct {
	ID string `json:"id"`
	Finding
	Raised time.Time `json:"raised"`
	Ended  time.Time `json:"ended,omitzero"` // zero: it goes on
	// Why says how it ended: gone, closed (the office), day (the business day).
	Why string `json:"why,omitempty"`
	// Times counts how often it came back soon after its end; it is one alert all the same.
	Times int `json:"times,omitempty"`
	// By has taken it over, at Taken; empty: nobody.
	By    string    `json:"by,omitempty"`
	Taken time.Time `json:"taken,omitzero"`
	// Until it was put off by PutBy; zero: it was not.
	Until time.Time `json:"until,omitzero"`
	PutBy string    `json:"put_by,omitempty"`
	// Level is how many of the escalation's steps have been taken, the newest at Told.
	Level int       `json:"level"`
	Told  time.Time `json:"told,omitzero"`
}

// Open reports whether the trouble goes on.
func (a Alert) Open() bool { return a.Ended.IsZero() }

// Asleep reports whether an alert was put off at a moment.
func (a Alert) Asleep(at time.Time) bool { return at.Before(a.Until) }

// Waits reports whether an alert waits for somebody to take it over.
func (a Alert) Waits(at time.Time) bool { return a.Open() && a.By == "" && !a.Asleep(at) }

// The kinds of events.
const (
	evRaise    = "raise"
	evAgain    = "again"
	evEnd      = "end"
	evTake     = "take"
	evRelease  = "release"
	evSnooze   = "snooze"
	evEscalate = "escalate"
)

// Event is one change of an alert, as it is written down. The functions of a [Book]
// make them.
type Event struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Finding *Finding  `json:"finding,omitempty"` // of raise, again, and of end as it was last
	Why     string    `json:"why,omitempty"`
	By      string    `json:"by,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Level   int       `json:"level,omitempty"`
}

// Book is the alerts of a business day. The zero Book is an empty one.
type Book struct {
	alerts []*Alert // in the order in which they began
	byKey  map[string]*Alert
	byID   map[string]*Alert
}

// key names a trouble among all offices.
func key(office queue.OfficeID, k string) string { return string(office) + " " + k }

// Apply folds an event in. One that does not fit, because another server was faster,
// changes nothing.
func (b *Book) Apply(e Event) {
	if b.byKey == nil {
		b.byKey, b.byID = map[string]*Alert{}, map[string]*Alert{}
	}
	a := b.byID[e.ID]
	if e.Kind == evRaise && a == nil && e.Finding != nil {
		a = &Alert{ID: e.ID, Finding: *e.Finding, Raised: e.At}
		b.alerts, b.byID[e.ID] = append(b.alerts, a), a
		b.byKey[key(a.Office, a.Key())] = a
		return
	}
	if a != nil && a.Open() == (e.Kind != evAgain) {
		next := *a // what was handed out is not changed
		next.apply(e)
		*b.slot(a) = &next
		b.byID[next.ID], b.byKey[key(next.Office, next.Key())] = &next, &next
	}
}

func (b *Book) slot(a *Alert) **Alert { return &b.alerts[slices.Index(b.alerts, a)] }

func (a *Alert) apply(e Event) {
	switch e.Kind {
	case evAgain:
		a.Ended, a.Why, a.Times = time.Time{}, "", a.Times+1
		if e.Finding != nil {
			a.Finding = *e.Finding
		}
	case evEnd:
		a.Ended, a.Why = e.At, e.Why
		if e.Finding != nil {
			a.Finding = *e.Finding
		}
	case evTake:
		a.By, a.Taken, a.Until, a.PutBy = e.By, e.At, time.Time{}, ""
	case evRelease:
		a.By, a.Taken, a.Level, a.Until = "", time.Time{}, 0, e.At
	case evSnooze:
		a.Until, a.PutBy, a.By, a.Taken, a.Level = e.Until, e.By, "", time.Time{}, 0
	case evEscalate:
		a.Level, a.Told = max(a.Level, e.Level), e.At
	}
}

// Get returns an alert; false: there is none of the id.
func (b *Book) Get(id string) (Alert, bool) {
	if a := b.byID[id]; a != nil {
		return *a, true
	}
	return Alert{}, false
}

// Going reports whether there is an open alert of a trouble.
func (b *Book) Going(office queue.OfficeID, k string) bool {
	a := b.byKey[key(office, k)]
	return a != nil && a.Open()
}

// All returns all alerts of the day, in the order in which they began.
func (b *Book) All() []Alert {
	list := make([]Alert, 0, len(b.alerts))
	for _, a := range b.alerts {
		list = append(list, *a)
	}
	return list
}

// Open returns the alerts that go on, the most urgent first: those that wait for
// somebody, then those that somebody has, then those that were put off.
func (b *Book) Open(at time.Time) []Alert {
	list := slices.DeleteFunc(b.All(), func(a Alert) bool { return !a.Open() })
	Sort(list, at)
	return list
}

// Sort puts open alerts in the order in which they are to be acted on at a moment.
func Sort(list []Alert, at time.Time) {
	rank := func(a Alert) int {
		switch {
		case a.Asleep(at):
			return 2
		case a.By != "":
			return 1
		}
		return 0
	}
	urgent := func(a Alert) int {
		if a.Kind.Urgent() {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(x, y Alert) int {
		return cmp.Or(
			cmp.Compare(rank(x), rank(y)), cmp.Compare(urgent(x), urgent(y)), cmp.Compare(y.Level, x.Level),
			cmp.Compare(slices.Index(Kinds, x.Kind), slices.Index(Kinds, y.Kind)), x.Raised.Compare(y.Raised), cmp.Compare(x.ID, y.ID),
		)
	})
}
