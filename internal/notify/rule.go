package notify

import (
	"encoding/json"

	"machi/internal/queue"
	"machi/internal/told"
)

// Channel is a way to tell somebody.
type Channel string

// The channels.
const (
	Push Channel = "push"
	Mail Channel = "mail"
	Line Channel = "line"
)

// When says when somebody wants to be told; exactly one field is set. Whoever is
// called before that is told then.
type When struct {
	People  int  `json:"people,omitempty"`  // at most so many are still ahead
	Minutes int  `json:"minutes,omitempty"` // the shown wait begins at so many minutes, or less
	Called  bool `json:"called,omitempty"`
	Ready   bool `json:"ready,omitempty"` // the papers are ready, or the delivery desk calls
}

// The limits of a rule.
const (
	MaxPeople  = 50
	MinMinutes = 5
	MaxMinutes = 120
	// PerTicket bounds the rules of a ticket, PerAddress those of an address on one
	// day, and PerDay all that one installation keeps on one day.
	PerTicket  = 3
	PerAddress = 10
	PerDay     = 50_000
)

// fault returns the field that is wrong, or "".
func (w When) fault() string {
	set := 0
	for _, is := range []bool{w.People != 0, w.Minutes != 0, w.Called, w.Ready} {
		if is {
			set++
		}
	}
	switch {
	case w.People < 0 || w.People > MaxPeople:
		return "people"
	case w.Minutes != 0 && (w.Minutes < MinMinutes || w.Minutes > MaxMinutes):
		return "minutes"
	case set != 1:
		return "when"
	}
	return ""
}

// Told is a When as it is sent: {"people": 3}, {"minutes": 10}, "called" or "ready".
type Told When

// MarshalJSON writes the form that is sent.
func (t Told) MarshalJSON() ([]byte, error) {
	switch {
	case t.Called:
		return []byte(`"called"`), nil
	case t.Ready:
		return []byte(`"ready"`), nil
	}
	return json.Marshal(When(t))
}

// State is what became of a rule.
type State string

// The states. Ended says that the visit was over before there was anything to tell.
const (
	Pending State = "pending"
	Sent    State = "sent"
	Failed  State = "failed"
	Ended   State = "ended"
)

// View is a rule as the holder of its ticket sees it.
type View struct {
	ID      string  `json:"id"`
	Channel Channel `json:"channel"`
	When    Told    `json:"when"`
	State   State   `json:"state"`
	// Hint is the address with most of it hidden, such as a••••@example.jp.
	Hint string `json:"hint,omitempty"`
	// Code is what the holder still has to send to the LINE account; empty where that
	// was done, and on other channels.
	Code string `json:"code,omitempty"`
}

// Channels are the ways in which residents can be told here.
type Channels struct {
	Push *PushChannel `json:"push"` // null: off
	Mail bool         `json:"mail"`
	Line *LineChannel `json:"line"` // null: off
}

// PushChannel is what a browser needs to subscribe.
type PushChannel struct {
	Key string `json:"key"` // the VAPID public key, base64url
}

// LineChannel is what somebody needs to be told by LINE.
type LineChannel struct {
	AddURL string `json:"add_url"` // of the account that codes are sent to
}

// Limits are the limits of rules, for forms.
type Limits struct {
	Rules      int    `json:"rules"` // of a ticket
	People     [2]int `json:"people"`
	Minutes    [2]int `json:"minutes"`
	PerAddress int    `json:"per_address"` // of an address on one day
}

// TheLimits are the limits in force.
var TheLimits = Limits{PerTicket, [2]int{1, MaxPeople}, [2]int{MinMinutes, MaxMinutes}, PerAddress}

// Subscription is what a browser's push subscription says of itself.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	// Expires is what browsers write of it, in milliseconds; a day is never that long.
	Expires *float64 `json:"expirationTime,omitempty"`
	Keys    struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// Request asks to be told.
type Request struct {
	Key     string // of the request: the same one again changes nothing more
	Office  queue.OfficeID
	Ticket  string // the hash of the ticket's secret
	Secret  string // the secret itself; it is kept sealed only
	Channel Channel
	When    When
	Lang    string // of the message: ja, ja-x-easy, en, zh or ko
	Push    *Subscription
	Mail    string
}

// Standing is how a ticket stands now.
type Standing struct {
	Office  queue.OfficeID
	Name    map[string]string // of the office, by language
	Number  queue.Number
	Status  queue.Status
	Stage   queue.Stage
	Ahead   int
	Span    told.Span // the wait until called, as pages show it
	Called  bool      // to a counter, or announced at the delivery desk
	Counter queue.CounterID
}

// Kind says what a message tells.
type Kind string

// The kinds.
const (
	Near   Kind = "near"
	Called Kind = "called"
	Ready  Kind = "ready"
)
