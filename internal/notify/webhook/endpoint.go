package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"machi/internal/queue"
)

// The types of events.
const (
	TicketNear      = "ticket.near"
	TicketCalled    = "ticket.called"
	OfficeThreshold = "office.threshold"
	Test            = "webhook.test" // what an administrator asks for; nobody subscribes to it
)

// Types are the types that can be subscribed to.
var Types = []string{TicketNear, TicketCalled, OfficeThreshold, OfficeAlert}

// The limits of endpoints.
const (
	MaxEndpoints = 20
	maxURL       = 500
	maxNote      = 200
	// RotateFor is how long the old secret signs beside a new one.
	RotateFor = 24 * time.Hour
)

// Endpoint is an address that events are sent to.
type Endpoint struct {
	ID     string         `json:"id"`
	URL    string         `json:"url"`
	Events []string       `json:"events"`
	Office queue.OfficeID `json:"office,omitempty"` // empty: all offices
	// Near is how many people may be ahead of a ticket whose turn is near.
	Near int `json:"near,omitempty"`
	// Level is the congestion from which a service is told of: busy or very_busy.
	Level string    `json:"level,omitempty"`
	Note  string    `json:"note,omitempty"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// ErrUnknown says that there is no such endpoint or delivery.
var ErrUnknown = errors.New("webhook: unknown")

// ErrTooMany says that there are as many endpoints as there may be.
var ErrTooMany = errors.New("webhook: too many endpoints")

// Fault says what is wrong with an endpoint.
type Fault struct{ Field, Text string }

// Error returns the field with the reason.
func (f *Fault) Error() string { return "webhook: " + f.Field + ": " + f.Text }

// complete fills in what was left out, or returns a [*Fault].
func (e *Endpoint) complete(g *Guard) error {
	u, err := url.Parse(e.URL)
	switch {
	case err != nil || len(e.URL) > maxURL || u.Host == "" || u.User != nil || u.Fragment != "":
		return &Fault{"url", "want an address such as https://example.jp/hook"}
	case u.Scheme != "https" && (u.Scheme != "http" || !g.inside(u.Hostname())):
		return &Fault{"url", "want https"}
	case !g.mayName(u.Hostname()):
		return &Fault{"url", "this address is inside a network that is not allowed"}
	case len(e.Note) > maxNote:
		return &Fault{"note", "at most 200 bytes"}
	case len(e.Events) == 0:
		return &Fault{"events", "want one at least of " + strings.Join(Types, ", ")}
	case e.Near < 0 || e.Near > 50:
		return &Fault{"near", "want 1 to 50"}
	case e.Level != "" && e.Level != "busy" && e.Level != "very_busy":
		return &Fault{"level", "want busy or very_busy"}
	}
	for _, t := range e.Events {
		if !slices.Contains(Types, t) {
			return &Fault{"events", "want some of " + strings.Join(Types, ", ")}
		}
	}
	slices.Sort(e.Events)
	e.Events = slices.Compact(e.Events)
	if e.Near == 0 {
		e.Near = 3
	}
	if e.Level == "" {
		e.Level = "busy"
	}
	return nil
}

// wants reports whether events of a type at an office go to an endpoint.
func (e *Endpoint) wants(kind string, office queue.OfficeID) bool {
	return (e.Office == "" || e.Office == office) && slices.Contains(e.Events, kind)
}

// newSecret makes a signing secret in the form that libraries take.
func newSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}
