package webhook

import (
	"strconv"
	"time"

	"machi/internal/queue"
)

// OfficeAlert is the type of events about what managers should act on.
const OfficeAlert = "office.alert"

// The phases of an alert.
const (
	AlertBegan    = "began"
	AlertPassedOn = "passed_on" // nobody has taken it over for long enough
	AlertEnded    = "ended"
)

// Alert is what a manager should act on, as far as events tell of it.
type Alert struct {
	ID      string
	Kind    string
	Urgent  bool
	Service queue.ServiceID // empty where it is private
	Counter queue.CounterID
	Kiosk   queue.KioskID
	Waiting int
	Step    string
	Level   int // of the escalation; 0: nobody was told yet
	Times   int // it came back

	Began, PassedOn, Ended time.Time // zero: it was not
}

// AlertData is what an event tells of an alert.
type AlertData struct {
	ID     string        `json:"id"`
	Kind   string        `json:"kind"`
	Phase  string        `json:"phase"`
	Urgent bool          `json:"urgent"`
	Kiosk  queue.KioskID `json:"kiosk,omitempty"`
	Step   string        `json:"step,omitempty"`
	Level  int           `json:"level,omitempty"`
}

// alerts returns what an endpoint is to be told of the alerts of a scene: when one
// begins, when it goes to the next step of the escalation, and when it ends.
func (m *maker) alerts(e Endpoint, s Scene) (list []happening) {
	if !e.wants(OfficeAlert, s.Office) {
		return nil
	}
	add := func(a Alert, phase string, at time.Time, parts ...string) {
		if at.IsZero() || s.At.Sub(at) >= recent {
			return
		}
		d := Data{Office: s.Office, Service: a.Service, Counter: a.Counter, Alert: &AlertData{a.ID, a.Kind, phase, a.Urgent, a.Kiosk, a.Step, a.Level}}
		if a.Waiting > 0 {
			d.Waiting = &a.Waiting
		}
		list = append(list, m.happening(e, OfficeAlert, at, d, append([]string{a.ID, phase}, parts...)...))
	}
	for _, a := range s.Alerts {
		add(a, AlertBegan, a.Began)
		add(a, AlertPassedOn, a.PassedOn, strconv.Itoa(a.Level))
		add(a, AlertEnded, a.Ended, strconv.Itoa(a.Times))
	}
	return list
}
