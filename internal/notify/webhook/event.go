package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"machi/internal/queue"
)

// Event is a CloudEvent 1.0 in its structured form.
type Event struct {
	Version string    `json:"specversion"`
	ID      string    `json:"id"`
	Source  string    `json:"source"`
	Type    string    `json:"type"`
	Subject string    `json:"subject,omitempty"` // the office
	Time    time.Time `json:"time"`
	Kind    string    `json:"datacontenttype"`
	Data    Data      `json:"data"`
}

// Data is what an event tells. Fields that do not belong to its type are left out.
type Data struct {
	Office queue.OfficeID `json:"office,omitempty"`
	// Ticket names a ticket among the events of a day, and opens nothing.
	Ticket  string          `json:"ticket,omitempty"`
	Number  queue.Number    `json:"number,omitempty"`
	Service queue.ServiceID `json:"service,omitempty"` // not of services that are private
	Stage   queue.Stage     `json:"stage,omitempty"`
	Counter queue.CounterID `json:"counter,omitempty"`
	Calls   int             `json:"calls,omitempty"` // 2 and more: called again
	Ahead   *int            `json:"ahead,omitempty"`
	Level   string          `json:"level,omitempty"`
	// Over says whether the level has reached the endpoint's, or fallen below it.
	Over    *bool      `json:"over,omitempty"`
	Waiting *int       `json:"waiting,omitempty"`
	Alert   *AlertData `json:"alert,omitempty"`
}

// Turn is a ticket, as far as events tell of it.
type Turn struct {
	ID       queue.TicketID
	Number   queue.Number
	Service  queue.ServiceID // empty where it is private
	Stage    queue.Stage
	Waits    bool
	Ahead    int
	Counter  queue.CounterID
	CalledAt time.Time
	Calls    int
}

// Line is a service, as far as events tell of it.
type Line struct {
	Service queue.ServiceID
	Level   string
	Waiting int
}

// Scene is an office at a moment.
type Scene struct {
	Office queue.OfficeID
	At     time.Time
	Turns  []Turn
	Lines  []Line  // without private services
	Alerts []Alert // of the day
}

// recent is how long ago a call may have been to be told still: a server that starts
// tells what happened while none ran, and not of the whole day.
const recent = 10 * time.Minute

// happening is one event for one endpoint. Key says which it is: all servers find the
// same.
type happening struct {
	Endpoint string `json:"endpoint"`
	Event    Event  `json:"event"`
	// Line names what a threshold is about, and Over what was told of it last.
	Line string `json:"line,omitempty"`
	Over bool   `json:"over,omitempty"`
	// Name is the webhook-id; a delivery that an administrator repeats keeps it.
	Name string `json:"name"`
}

// maker makes the events of scenes.
type maker struct {
	key    []byte // of the installation, for names that nobody can count
	source string
}

func (m *maker) name(parts ...string) string {
	mac := hmac.New(sha256.New, m.key)
	for _, p := range parts {
		mac.Write([]byte(p + "\x00"))
	}
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

func (m *maker) event(id, kind string, at time.Time, d Data) Event {
	return Event{
		Version: "1.0", ID: id, Source: m.source, Type: kind, Subject: string(d.Office), Time: at.In(queue.JST).Truncate(time.Millisecond),
		Kind: "application/json", Data: d,
	}
}

// calls returns what an endpoint is to be told of the tickets of a scene.
func (m *maker) calls(e Endpoint, s Scene) (list []happening) {
	nears, calls := e.wants(TicketNear, s.Office), e.wants(TicketCalled, s.Office)
	for _, t := range s.Turns {
		if nears && t.Waits && t.Ahead <= e.Near {
			d := m.data(s.Office, t)
			d.Ahead = &t.Ahead
			list = append(list, m.happening(e, TicketNear, s.At, d, string(t.ID), string(t.Stage)))
		}
		if calls && !t.CalledAt.IsZero() && s.At.Sub(t.CalledAt) < recent {
			d := m.data(s.Office, t)
			d.Counter, d.Calls = t.Counter, t.Calls
			list = append(list, m.happening(e, TicketCalled, t.CalledAt, d, string(t.ID), t.CalledAt.UTC().Format(time.RFC3339Nano)))
		}
	}
	return list
}

func (m *maker) data(office queue.OfficeID, t Turn) Data {
	return Data{Office: office, Ticket: m.name("ticket", string(t.ID)), Number: t.Number, Service: t.Service, Stage: t.Stage}
}

// levels returns what an endpoint could be told of the services of a scene: only what
// differs from what it was told last is news.
func (m *maker) levels(e Endpoint, s Scene) (list []happening) {
	if !e.wants(OfficeThreshold, s.Office) {
		return nil
	}
	for _, l := range s.Lines {
		rank := map[string]int{"quiet": 1, "moderate": 2, "busy": 3, "very_busy": 4}
		if rank[l.Level] == 0 {
			continue // closed, or unknown: nothing can be said
		}
		over := rank[l.Level] >= rank[e.Level]
		h := m.happening(e, OfficeThreshold, s.At, Data{Office: s.Office, Service: l.Service, Level: l.Level, Over: &over, Waiting: &l.Waiting}, random())
		h.Line, h.Over = string(s.Office)+"/"+string(l.Service), over
		list = append(list, h)
	}
	return list
}

func (m *maker) happening(e Endpoint, kind string, at time.Time, d Data, parts ...string) happening {
	id := m.name(append([]string{e.ID, kind}, parts...)...)
	return happening{Endpoint: e.ID, Event: m.event(id, kind, at, d), Name: "msg_" + id}
}

// body returns the event as it is sent.
func (h happening) body() ([]byte, error) { return json.Marshal(h.Event) }
