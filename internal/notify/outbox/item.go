package outbox

import (
	"encoding/json"
	"time"
)

// State is where an item stands.
type State string

// The states. Sent, Failed and Dropped are final.
const (
	Waiting State = "waiting"
	Claimed State = "claimed"
	Sent    State = "sent"
	Failed  State = "failed"
	Dropped State = "dropped"
)

// Final reports whether nothing more is to be done.
func (s State) Final() bool { return s == Sent || s == Failed || s == Dropped }

// Item is one thing to send.
type Item[D any] struct {
	ID    string
	Data  D
	Added time.Time
	State State
	// Reason says why an item failed or was dropped, or what the newest try met.
	Reason string
	Tries  int
	// Unclear counts the tries of which nobody knows whether they succeeded.
	Unclear int
	// Due is when it may be tried again, and Ended when it came to its final state.
	Due, Ended time.Time

	by   string    // who has claimed it
	seen time.Time // when this process learnt of the claim
}

// The kinds of events.
const (
	kindAdd   = "add"
	kindData  = "data"
	kindClaim = "claim"
	kindEnd   = "end"
	kindAgain = "again"
	kindNote  = "note"
)

// Event is one change of an outbox. The functions of this package make them.
type Event[D any] struct {
	Kind    string          `json:"kind"`
	ID      string          `json:"id,omitempty"`
	Data    *D              `json:"data,omitempty"`
	By      string          `json:"by,omitempty"`
	State   State           `json:"state,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Unclear bool            `json:"unclear,omitempty"`
	Wait    int             `json:"wait,omitempty"` // seconds
	Note    json.RawMessage `json:"note,omitempty"`
}

// Add puts a new item in.
func Add[D any](id string, data D) Event[D] { return Event[D]{Kind: kindAdd, ID: id, Data: &data} }

// Change replaces an item's data.
func Change[D any](id string, data D) Event[D] { return Event[D]{Kind: kindData, ID: id, Data: &data} }

// End brings an item to a final state.
func End[D any](id string, state State, reason string) Event[D] {
	return Event[D]{Kind: kindEnd, ID: id, State: state, Reason: reason}
}

// Note keeps something of the owner's between the items.
func Note[D any](note json.RawMessage) Event[D] { return Event[D]{Kind: kindNote, Note: note} }

// Outcome is what became of a try.
type Outcome struct {
	ID string
	// State is Sent, Failed, or Waiting for another try after Wait.
	State   State
	Wait    time.Duration
	Unclear bool
	Reason  string
}

// event returns the record of an outcome. What is unclear for the second time is over.
func event[D any](o Outcome, unclear int) Event[D] {
	switch {
	case o.State != Waiting:
		return End[D](o.ID, o.State, o.Reason)
	case o.Unclear && unclear > 0:
		return End[D](o.ID, Failed, "unclear")
	}
	return Event[D]{Kind: kindAgain, ID: o.ID, Unclear: o.Unclear, Reason: o.Reason, Wait: int((o.Wait + time.Second - 1) / time.Second)}
}
