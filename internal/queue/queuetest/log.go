package queuetest

import (
	"fmt"
	"time"

	"machi/internal/queue"
)

// Opening is when the days of this package begin.
var Opening = time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)

// Settings returns an office with two services, three counters and two kiosks.
// Its ranges are short, so that tests reach the next band and the overflow.
func Settings() queue.Settings {
	rule := queue.DefaultRule()
	rule.MaxOvertaken, rule.RecallGap, rule.MaxWaiting = 6, 0, 200
	rule.CheckIn = true
	all := []queue.Stage{queue.StageReception, queue.StageDelivery}
	both := []queue.ServiceID{"moving", "cert"}
	return queue.Settings{
		Office: "km-test", Date: "2026-04-01", Version: "1", Rule: rule,
		Services: []queue.ServiceSettings{
			{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}, Expected: 15 * time.Minute},
			{ID: "cert", Series: "B", Stages: []queue.Stage{queue.StageReception}, Expected: 5 * time.Minute},
		},
		Series: []queue.SeriesSettings{
			{
				ID: "A", Main: queue.Range{First: 1, Last: 12}, Next: queue.Range{First: 101, Last: 106}, Desk: queue.Range{First: 901, Last: 903},
				Kiosks: map[queue.KioskID][]queue.Range{"K1": {{First: 801, Last: 803}, {First: 811, Last: 813}}, "K2": {{First: 821, Last: 823}}},
			},
			{ID: "B", Main: queue.Range{First: 1, Last: 799}},
		},
		Counters: []queue.CounterSettings{
			{ID: "1", Services: both, Stages: all},
			{ID: "2", Services: both, Own: []queue.ServiceID{"cert"}, Stages: all},
			{ID: "3", Services: []queue.ServiceID{"cert"}, Stages: []queue.Stage{queue.StageReception}},
		},
		Kiosks: []queue.KioskSettings{{ID: "K1"}, {ID: "K2"}},
	}
}

// Log is a day under test. Every entry goes through its stored form before it is
// applied, as it does on a server.
type Log struct {
	State   *queue.State
	Entries []queue.Entry
	At      time.Time
	Origin  string
	serial  int
}

// New returns a log whose day is open.
func New(settings queue.Settings, origin string) *Log {
	l := &Log{State: queue.New(), At: Opening, Origin: origin}
	if _, err := l.Do(Staff("boss"), queue.OpenDay{Settings: settings}); err != nil {
		panic(err) // the settings of a test are wrong
	}
	return l
}

// Fork returns a log that goes on from the same state under another origin, as a
// second server does that knows nothing of what the first writes from now on.
func (l *Log) Fork(origin string) *Log {
	return &Log{State: l.State.Clone(), At: l.At, Origin: origin}
}

// Staff returns a member of staff.
func Staff(id string) queue.Actor { return queue.Actor{Role: queue.RoleStaff, ID: id} }

// Meta returns what the next command carries.
func (l *Log) Meta(by queue.Actor) queue.Meta {
	l.serial++
	return queue.Meta{Command: queue.CommandID(fmt.Sprintf("%s-%d", l.Origin, l.serial)), At: l.At, Actor: by, Origin: l.Origin}
}

// Do decides a command at the log's moment and applies what it causes. It returns
// the entry, or the refusal.
func (l *Log) Do(by queue.Actor, c queue.Command) (queue.Entry, error) { return l.DoAs("", by, c) }

// DoAs is Do under a command id of its own, unless that is empty: the same press
// that reaches two machines has one id.
func (l *Log) DoAs(id queue.CommandID, by queue.Actor, c queue.Command) (queue.Entry, error) {
	m := l.Meta(by)
	if id != "" {
		m.Command = id
	}
	events, err := queue.Decide(l.State, m, c)
	if err != nil || len(events) == 0 {
		return queue.Entry{}, err
	}
	e := queue.Entry{Meta: m, Events: stored(events), OriginNumber: int64(len(l.Entries)) + 1}
	if err := l.State.Apply(e); err != nil {
		return e, err
	}
	l.Entries = append(l.Entries, e)
	return e, nil
}

// Ticket returns a ticket id that the log has not used.
func (l *Log) Ticket() queue.TicketID {
	l.serial++
	return queue.TicketID(fmt.Sprintf("%s-%06d", l.Origin, l.serial))
}

// Facts returns entries as another history sees them.
func Facts(entries []queue.Entry) []queue.Entry {
	facts := make([]queue.Entry, len(entries))
	for i, e := range entries {
		e.Fact = true
		facts[i] = e
	}
	return facts
}

func stored(events []queue.Event) []queue.Event {
	raw, err := queue.EncodeEvents(events)
	if err != nil {
		panic(err) // decided events always have a stored form
	}
	back, err := queue.DecodeEvents(raw)
	if err != nil {
		panic(err)
	}
	return back
}
