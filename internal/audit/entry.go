package audit

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Prefix begins the name of every stream of entries; the month follows.
const Prefix = "audit:"

// OK is the result of an act that was done.
const OK = "ok"

// Entry is one act. Texts are cut to their bounds and made harmless when noted.
type Entry struct {
	At     time.Time      `json:"at"`
	Who    string         `json:"who"`
	Role   string         `json:"role,omitempty"`
	Action string         `json:"action"`
	Office queue.OfficeID `json:"office,omitempty"` // empty: none, or all
	Target string         `json:"target,omitempty"`
	Result string         `json:"result"` // [OK] or a problem's code
	Detail string         `json:"detail,omitempty"`
}

// The bounds of an entry's texts, in bytes.
const (
	maxWord   = 80
	maxTarget = 200
	maxDetail = 600
)

func (e Entry) clean() Entry {
	e.Who, e.Role, e.Action = harmless(e.Who, maxWord), harmless(e.Role, maxWord), harmless(e.Action, maxWord)
	e.Office = queue.OfficeID(harmless(string(e.Office), maxWord))
	e.Target, e.Result, e.Detail = harmless(e.Target, maxTarget), harmless(e.Result, maxWord), harmless(e.Detail, maxDetail)
	e.At = e.At.In(queue.JST).Round(0)
	return e
}

// harmless writes out what could forge a line of a log or turn its text around, such
// as "\u000a" for a line feed, and cuts what is too long.
func harmless(text string, most int) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		piece := string(r)
		if r == '\\' || !unicode.IsPrint(r) {
			piece = fmt.Sprintf(`\u%04x`, r)
		}
		if r == '\u3000' { // a space that Japanese text is written with
			piece = string(r)
		}
		if b.Len()+len(piece) > most-utf8.RuneLen('…') {
			b.WriteRune('…')
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}

// event is what a record holds: one of its fields is set.
type event struct {
	Entry *Entry `json:"entry,omitempty"`
	// Opened begins a month. It names where the month before ended.
	Opened *link `json:"opened,omitempty"`
	// Lost says that the store no longer has what this server wrote and could not
	// put back: what the chain looked like before.
	Lost *link `json:"lost,omitempty"`
	// Dropped counts entries that could not be kept until the store came back.
	Dropped int `json:"dropped,omitempty"`
}

// link names a head of a stream; the zero link: there was none.
type link struct {
	Stream string        `json:"stream,omitempty"`
	Head   eventlog.Head `json:"head,omitzero"`
}

// monthOf returns the stream that takes entries at a moment.
func monthOf(at time.Time) string { return Prefix + at.In(queue.JST).Format("2006-01") }

// record wraps an event as the record after a head.
func record(after eventlog.Head, life eventlog.Incarnation, e event, command string, at time.Time) (eventlog.Record, error) {
	raw, err := json.Marshal([]event{e})
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("audit: encode: %w", err)
	}
	body, err := eventlog.Body{
		Schema: eventlog.SchemaVersion, Command: command, Origin: "audit", OriginNumber: after.Number + 1,
		At: at.In(queue.JST).Round(0), Actor: "system:audit", Events: raw,
	}.Encode()
	if err != nil {
		return eventlog.Record{}, err
	}
	if after.Number > 0 {
		life = after.Incarnation
	}
	return eventlog.Record{Number: after.Number + 1, Prev: after.Hash, Incarnation: life, Body: body}, nil
}

// events reads what a record holds, and when it was written.
func events(r eventlog.Record) ([]event, time.Time, error) {
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return nil, time.Time{}, err
	}
	var list []event
	if err := json.Unmarshal(body.Events, &list); err != nil {
		return nil, time.Time{}, fmt.Errorf("%w: audit record %d: %v", eventlog.ErrCorrupt, r.Number, err)
	}
	return list, body.At, nil
}
