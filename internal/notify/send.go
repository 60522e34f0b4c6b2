package notify

import (
	"context"
	"time"
)

// Contact is whom to tell. It is kept sealed only, and is never logged.
type Contact struct {
	Push *Subscription `json:"push,omitempty"`
	Mail string        `json:"mail,omitempty"`
	Line string        `json:"line,omitempty"` // the user's id; empty until the code came
	// Code is what the user sends to the LINE account.
	Code   string `json:"code,omitempty"`
	Secret string `json:"secret"` // of the ticket, for the link to its page
	Lang   string `json:"lang"`
}

// Message is what somebody is told. Nothing in it is about the person.
type Message struct {
	Kind    Kind   `json:"kind"`
	Number  string `json:"number"`
	Office  string `json:"office"`
	Counter string `json:"counter,omitempty"`
	Ahead   *int   `json:"ahead,omitempty"`
	Told    string `json:"told,omitempty"` // the range in words, as pages show it
	Title   string `json:"title"`
	Body    string `json:"body"`
	Lang    string `json:"lang"`
	URL     string `json:"url"` // path of the ticket's page
	Tag     string `json:"tag"` // a newer message of the same tag takes this one's place
}

// Notice is one message to one person.
type Notice struct {
	// ID is the same at every try; whoever carries the message can tell twins by it.
	ID      string
	Contact Contact
	Message Message
	Page    string        // address of the ticket's page; empty where none is known
	Stop    string        // address that ends all messages to this e-mail address
	For     time.Duration // how long it is worth reading
	Staff   bool          // it is for those on duty, not for a visitor
}

// Sender carries notices of one channel.
type Sender interface {
	// Send returns nil when the notice was taken over, or a [*Failure].
	Send(ctx context.Context, n Notice) error
}

// Verdict says what a failure means.
type Verdict string

// The verdicts.
const (
	Again   Verdict = "again"   // certainly not delivered; may work later
	Refused Verdict = "refused" // certainly not delivered, and never will be
	Gone    Verdict = "gone"    // the address is no more
	Unclear Verdict = "unclear" // may have been delivered
)

// Failure says why a notice was not sent. Reason is a short word for logs and metrics,
// never the text of another program: that may hold the address.
type Failure struct {
	Verdict Verdict
	Reason  string
	After   time.Duration // when to try again, if the other side said so
}

// Error returns the verdict with the reason.
func (f *Failure) Error() string { return "notify: " + string(f.Verdict) + ": " + f.Reason }

// The least and the longest pause between two tries.
const (
	firstPause = 2 * time.Second
	mostPause  = 5 * time.Minute
	mostAfter  = 15 * time.Minute
)

// Pause returns how long to wait after a number of tries: twice as long each time.
// Share, from 0 to 1, spreads those who failed together.
func Pause(tries int, after time.Duration, share float64) time.Duration {
	p := min(mostPause, firstPause<<min(max(tries-1, 0), 10))
	p = p/2 + time.Duration(float64(p/2)*share)
	return max(p, min(after, mostAfter))
}
