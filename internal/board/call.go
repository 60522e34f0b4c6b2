package board

import (
	"slices"
	"time"

	"machi/internal/queue"
)

// Announce says how walls announce the office's calls.
type Announce struct {
	// Times is how often a call is announced while its visitor has not come.
	Times     int      `json:"times"`
	Gap       int      `json:"gap_seconds"`  // least, between two announcements of one call
	Show      int      `json:"show_seconds"` // least, that an announcement has the wall to itself
	Languages []string `json:"languages"`    // spoken after Japanese where a ticket has them
	Sound     bool     `json:"sound"`
	Voice     bool     `json:"voice"`
}

// CounterInfo is what the catalogue knows of the way to a counter.
type CounterInfo struct {
	Direction string // left, right, straight, back, up, down; may be empty
	Place     Text   // such as a floor; may be empty
}

// Call is a number that was called.
type Call struct {
	Number  queue.Number    `json:"number"`
	Counter queue.CounterID `json:"counter"`
	Stage   queue.Stage     `json:"stage"`
	At      time.Time       `json:"at"`
	Times   int             `json:"times"`
	// Current calls are those whose visitor has not come yet.
	Current bool `json:"current,omitempty"`
	// Language is that of the ticket where a call can be spoken in it: en, zh or ko.
	Language string `json:"language,omitempty"`
}

// publicCalls bounds the calls in a public view.
const publicCalls = 20

// projectCalls lists the newest calls, the newest first.
func projectCalls(s *queue.State) []Call {
	list := []Call{}
	seen := map[queue.TicketID]bool{}
	for _, c := range slices.Backward(s.Calls()) {
		if len(list) == publicCalls {
			break
		}
		call := Call{Number: c.Number, Counter: c.Counter, Stage: c.Line.Stage, At: c.At, Times: c.Times}
		if t, ok := s.Ticket(c.Ticket); ok {
			call.Current = !seen[c.Ticket] && current(s, t, c)
			call.Language = spokenIn(t.Language)
		}
		seen[c.Ticket] = true
		list = append(list, call)
	}
	return list
}

// current reports whether the newest call of a ticket still waits for its visitor.
func current(s *queue.State, t *queue.Ticket, c queue.Call) bool {
	if t.Status == queue.Called {
		return t.Counter == c.Counter
	}
	counter, ok := announcedTo(s, t)
	return ok && counter == c.Counter
}

// spokenIn lets nothing through but a language that calls are spoken in.
func spokenIn(language string) string {
	switch language {
	case "en", "zh", "ko":
		return language
	}
	return ""
}
