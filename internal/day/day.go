package day

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

var (
	// ErrKnown says that a body is in the day already.
	ErrKnown = errors.New("day: the record is in the log already")
	// ErrGap says that records of the body's origin before it are missing.
	ErrGap = errors.New("day: an earlier record of the origin is missing")
	// ErrFork says that the origin wrote two different records with one number:
	// its store was copied, and two machines believe to be it.
	ErrFork = errors.New("day: the origin has forked")
)

// Origin is how far one machine's own chain has come within a day.
type Origin struct {
	Number int64         `json:"number"`
	Hash   eventlog.Hash `json:"hash"`
}

// Day is a business day folded from its records.
type Day struct {
	state   *queue.State
	head    eventlog.Head
	records []eventlog.Record
	origins map[string][]eventlog.Hash // hashes of an origin's bodies, in order
}

// New returns a day without records.
func New() *Day {
	return &Day{state: queue.New(), origins: map[string][]eventlog.Hash{}}
}

// Replay folds records, which must chain from the beginning.
func Replay(records []eventlog.Record) (*Day, error) {
	d := New()
	for _, r := range records {
		if err := d.Apply(r); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Clone returns a copy that can be applied to without touching this one.
func (d *Day) Clone() *Day {
	c := &Day{state: d.state.Clone(), head: d.head, records: slices.Clip(d.records), origins: maps.Clone(d.origins)}
	for name, hashes := range c.origins {
		c.origins[name] = slices.Clip(hashes)
	}
	return c
}

// State returns the state. It belongs to the day: clone it to keep it.
func (d *Day) State() *queue.State { return d.state }

// Head returns the position of the newest record.
func (d *Day) Head() eventlog.Head { return d.head }

// Records returns up to limit records with numbers above after; limit 0 is no
// limit. The caller must not change them.
func (d *Day) Records(after int64, limit int) []eventlog.Record {
	if after < 0 {
		after = 0
	}
	if after >= int64(len(d.records)) {
		return nil
	}
	rest := d.records[after:]
	if limit > 0 && len(rest) > limit {
		rest = rest[:limit]
	}
	return slices.Clip(rest)
}

// Origin returns how far an origin's chain has come.
func (d *Day) Origin(name string) Origin {
	hashes := d.origins[name]
	if len(hashes) == 0 {
		return Origin{}
	}
	return Origin{int64(len(hashes)), hashes[len(hashes)-1]}
}

// Origins returns the names of all origins, sorted.
func (d *Day) Origins() []string { return slices.Sorted(maps.Keys(d.origins)) }

// Apply folds the next record. It returns an error that wraps
// [eventlog.ErrCorrupt], or a *[queue.CorruptError], when the record does not
// follow; the day is then unchanged in the first case, unusable in the second.
func (d *Day) Apply(r eventlog.Record) error {
	if err := d.head.Follows(r); err != nil {
		return err
	}
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return fmt.Errorf("record %d: %w", r.Number, err)
	}
	if err := d.chains(body, r.Body); err != nil {
		return fmt.Errorf("record %d: %w: %w", r.Number, eventlog.ErrCorrupt, err)
	}
	entry, err := Entry(body, r.Fact)
	if err != nil {
		return fmt.Errorf("record %d: %w: %w", r.Number, eventlog.ErrCorrupt, err)
	}
	if err := d.state.Apply(entry); err != nil {
		return fmt.Errorf("record %d: %w", r.Number, err)
	}
	d.head = r.Head()
	d.records = append(d.records, r)
	d.origins[body.Origin] = append(d.origins[body.Origin], eventlog.BodyHash(r.Body))
	return nil
}

// chains checks a body's place in its origin's own chain.
func (d *Day) chains(body eventlog.Body, raw []byte) error {
	known := d.origins[body.Origin]
	switch n := body.OriginNumber; {
	case n < 1:
		return fmt.Errorf("origin number %d", n)
	case n <= int64(len(known)):
		if known[n-1] == eventlog.BodyHash(raw) {
			return ErrKnown
		}
		return ErrFork
	case n > int64(len(known))+1:
		return ErrGap
	}
	if body.OriginPrev != d.Origin(body.Origin).Hash {
		return ErrFork
	}
	return nil
}

// Decide decides a command on the day and returns the record that would follow.
// The day is not changed: append the record to the log, then Apply it. The
// incarnation is used for a day's first record only. A command that causes
// nothing (a tick at which nothing lapses) returns no record and no error.
func (d *Day) Decide(m queue.Meta, c queue.Command, first eventlog.Incarnation) (*eventlog.Record, error) {
	m.At = m.At.In(queue.JST).Round(0)
	events, err := queue.Decide(d.state, m, c)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	raw, err := Body(m, events, d.Origin(m.Origin), nil)
	if err != nil {
		return nil, err
	}
	r := d.envelope(raw, first)
	return &r, nil
}

// Fact returns the record that puts a body from elsewhere behind the day's head.
// It returns ErrKnown, ErrGap or ErrFork where the body's origin does not chain,
// and an error that wraps [eventlog.ErrCorrupt] for bytes that are no body.
func (d *Day) Fact(raw []byte) (eventlog.Record, error) {
	body, err := eventlog.DecodeBody(raw)
	if err != nil {
		return eventlog.Record{}, err
	}
	if _, err := Entry(body, true); err != nil {
		return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrCorrupt, err)
	}
	if err := d.chains(body, raw); err != nil {
		return eventlog.Record{}, err
	}
	r := d.envelope(raw, eventlog.Incarnation{})
	r.Fact = true
	return r, nil
}

func (d *Day) envelope(raw []byte, first eventlog.Incarnation) eventlog.Record {
	incarnation := d.head.Incarnation
	if d.head.Number == 0 {
		incarnation = first
	}
	return eventlog.Record{Number: d.head.Number + 1, Prev: d.head.Hash, Incarnation: incarnation, Body: raw}
}

// Hash returns the hash of the state in its canonical form.
func (d *Day) Hash() (eventlog.Hash, error) {
	raw, err := d.state.Canonical()
	if err != nil {
		return eventlog.Hash{}, fmt.Errorf("canonical state: %w", err)
	}
	return eventlog.BodyHash(raw), nil
}

// Body encodes what an origin writes about one command, as the next of its chain.
func Body(m queue.Meta, events []queue.Event, after Origin, clock *eventlog.Clock) ([]byte, error) {
	raw, err := queue.EncodeEvents(events)
	if err != nil {
		return nil, err
	}
	return eventlog.Body{
		Schema: queue.Schema(events), Command: string(m.Command), Origin: m.Origin,
		OriginNumber: after.Number + 1, OriginPrev: after.Hash, At: m.At, Clock: clock,
		Actor: m.Actor.String(), Fingerprint: m.Fingerprint, Events: raw,
	}.Encode()
}

// Entry returns a body as the domain sees it.
func Entry(b eventlog.Body, fact bool) (queue.Entry, error) {
	events, err := queue.DecodeEvents(b.Events)
	if err != nil {
		return queue.Entry{}, err
	}
	role, id, _ := strings.Cut(b.Actor, ":")
	return queue.Entry{
		Meta: queue.Meta{
			Command: queue.CommandID(b.Command), At: b.At.In(queue.JST), Actor: queue.Actor{Role: role, ID: id},
			Origin: b.Origin, Fingerprint: b.Fingerprint,
		},
		Fact: fact, Events: events, OriginNumber: b.OriginNumber,
	}, nil
}

// Stream returns the name of an office-day's stream.
func Stream(office queue.OfficeID, date queue.Date) string {
	return string(office) + ":" + string(date)
}

// SplitStream returns the office and the date of a stream's name.
func SplitStream(stream string) (queue.OfficeID, queue.Date, bool) {
	office, date, ok := strings.Cut(stream, ":")
	return queue.OfficeID(office), queue.Date(date), ok
}
