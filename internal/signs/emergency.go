package signs

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// Kinds of emergencies, the gravest first: the one that stands above the others where
// several are in force.
var EmergencyKinds = []string{"earthquake", "fire", "evacuation", "typhoon", "outage", "closing", "other"}

// MaxEmergency bounds how long a message stays without anybody ending it.
const MaxEmergency = 72 * time.Hour

// MaxDetail bounds the words that staff add, in characters.
const MaxDetail = 200

// Emergency is a message that stands above everything else.
type Emergency struct {
	ID     string         `json:"id"`
	Office queue.OfficeID `json:"office,omitempty"` // empty: all offices
	Kind   string         `json:"kind"`
	Detail board.Text     `json:"detail,omitempty"`
	Since  time.Time      `json:"since"`
	Until  time.Time      `json:"until,omitzero"` // zero: until somebody ends it
	By     Person         `json:"by"`
	Ended  *time.Time     `json:"ended,omitempty"`
	EndBy  *Person        `json:"end_by,omitempty"`
}

// InForce reports whether an emergency stands at a moment.
func (e Emergency) InForce(at time.Time) bool {
	return e.Ended == nil && (e.Until.IsZero() || at.Before(e.Until))
}

func (e *Emergency) check() error {
	e.Detail = trimmed(e.Detail)
	if !slices.Contains(EmergencyKinds, e.Kind) {
		return fault("kind", "unknown kind")
	}
	if !e.Until.IsZero() && (!e.Until.After(e.Since) || e.Until.Sub(e.Since) > MaxEmergency) {
		return fault("minutes", "1 to %d", int(MaxEmergency/time.Minute))
	}
	return checkText("detail", e.Detail, MaxDetail, e.Kind == "other")
}

// Emergency returns what an office must show at a moment, or nil: the gravest that is
// in force there, of equal ones the newest.
func (b *Book) Emergency(office queue.OfficeID, at time.Time) *board.Emergency {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found *Emergency
	for i := range b.emergencies {
		e := &b.emergencies[i]
		if !e.InForce(at) || e.Office != "" && e.Office != office {
			continue
		}
		if found == nil || graver(*e, *found) {
			found = e
		}
	}
	if found == nil {
		return nil
	}
	return &board.Emergency{ID: found.ID, Kind: found.Kind, Text: b.o.Prepared(found.Kind), Detail: found.Detail, Since: found.Since, Until: found.Until}
}

func graver(a, b Emergency) bool {
	rank := func(e Emergency) int { return slices.Index(EmergencyKinds, e.Kind) }
	return cmp.Or(cmp.Compare(rank(b), rank(a)), a.Since.Compare(b.Since)) > 0
}

// Emergencies lists all that are remembered, the newest first.
func (b *Book) Emergencies() []Emergency {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.emergencies)
	slices.Reverse(list)
	return list
}
