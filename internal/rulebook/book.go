package rulebook

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Stream is the name of the book's log in a store.
const Stream = "rules"

// ErrVersion says that another rule was set since the version that a change
// names.
var ErrVersion = errors.New("rulebook: the rule was changed meanwhile")

// Entry is one change of an office's rule.
type Entry struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Before  Rule      `json:"before"`
	After   Rule      `json:"after"`
	// Catalogue says that the office went back to the catalogue's rule, whatever
	// that becomes.
	Catalogue bool   `json:"catalogue,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Change is what a manager asks for.
type Change struct {
	Office  queue.OfficeID
	Command string // the same one sent again changes nothing more
	By      string
	Version string // that the manager looked at
	Rule    Rule
	// Catalogue goes back to the catalogue's rule; Rule is then not looked at.
	Catalogue bool
	Reason    string
}

// MaxReason bounds a reason, in bytes.
const MaxReason = 500

// keep bounds the history of an office that is held in memory.
const keep = 200

// event is one record of the stream.
type event struct {
	Office    queue.OfficeID `json:"office"`
	Command   string         `json:"command"`
	At        time.Time      `json:"at"` // by the offices' clock
	By        string         `json:"by"`
	Before    Rule           `json:"before"`
	After     Rule           `json:"after"`
	Catalogue bool           `json:"catalogue,omitempty"`
	Reason    string         `json:"reason,omitempty"`
}

// Book holds the rules as far as the stream has been read.
type Book struct {
	ledger *ledger.Ledger[event]
	base   func(queue.OfficeID) (queue.Rule, error)
	now    func() time.Time

	mu      sync.Mutex
	offices map[queue.OfficeID]*chapter
	changed chan struct{} // closed at the next change
}

// chapter is one office.
type chapter struct {
	history []Entry // the newest last
	changes int     // all there ever were
	command string  // of the newest
}

// Open returns a book that has been read. base tells the catalogue's rule of an
// office.
func Open(ctx context.Context, log eventlog.Log, base func(queue.OfficeID) (queue.Rule, error), now func() time.Time) (*Book, error) {
	b := &Book{base: base, now: now, offices: map[queue.OfficeID]*chapter{}, changed: make(chan struct{})}
	var err error
	b.ledger, err = ledger.Open(ctx, ledger.Options[event]{Log: log, Name: Stream, Now: now, Apply: b.apply, Reset: b.forget})
	return b, err
}

// Run follows the stream until the context ends.
func (b *Book) Run(ctx context.Context) error { return b.ledger.Run(ctx) }

// Changed returns a channel that is closed when any office's rule changes.
func (b *Book) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// Over lays an office's rule over the catalogue's.
func (b *Book) Over(office queue.OfficeID, base queue.Rule) queue.Rule {
	if newest, ok := b.newest(office); ok && !newest.Catalogue {
		return newest.After.Over(base)
	}
	return base
}

// Current returns the rule that an office is to be run by, and its version. The
// version of an office whose rule was never set is "0".
func (b *Book) Current(office queue.OfficeID) (Rule, string, error) {
	base, err := b.base(office)
	if err != nil {
		return Rule{}, "", err
	}
	return Of(b.Over(office, base)), b.version(office), nil
}

// Catalogue returns the rule that an office has where no manager set one.
func (b *Book) Catalogue(office queue.OfficeID) (Rule, error) {
	base, err := b.base(office)
	return Of(base), err
}

func (b *Book) version(office queue.OfficeID) string {
	newest, ok := b.newest(office)
	if !ok {
		return "0"
	}
	return newest.Version
}

func (b *Book) newest(office queue.OfficeID) (Entry, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.offices[office]
	if c == nil {
		return Entry{}, false
	}
	return c.history[len(c.history)-1], true
}

// History returns the newest changes of an office's rule, the newest first.
func (b *Book) History(office queue.OfficeID) []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.offices[office]
	if c == nil {
		return nil
	}
	list := slices.Clone(c.history)
	slices.Reverse(list)
	return list
}

// Set writes a change. It returns a *[Fault] for a rule that cannot be,
// [ErrVersion] where another manager was faster, and the errors of the store. A
// change that makes no difference is not written.
func (b *Book) Set(ctx context.Context, c Change) error {
	if len(c.Reason) > MaxReason {
		return &Fault{"reason", "want at most 500 bytes"}
	}
	return b.ledger.Append(ctx, func() ([]event, error) { return b.decide(c) })
}

// decide answers a change on the newest state.
func (b *Book) decide(c Change) ([]event, error) {
	base, err := b.base(c.Office)
	if err != nil {
		return nil, err
	}
	if b.lastCommand(c.Office) == c.Command {
		return nil, ledger.ErrDone
	}
	if b.version(c.Office) != c.Version {
		return nil, ErrVersion
	}
	before := Of(b.Over(c.Office, base))
	after := c.Rule
	if c.Catalogue {
		after = Of(base)
	} else if err := after.Check(before); err != nil {
		return nil, err
	}
	if newest, set := b.newest(c.Office); after == before && (!c.Catalogue || !set || newest.Catalogue) {
		return nil, ledger.ErrDone
	}
	return []event{{
		Office: c.Office, Command: c.Command, At: b.now().In(queue.JST), By: c.By,
		Before: before, After: after, Catalogue: c.Catalogue, Reason: c.Reason,
	}}, nil
}

func (b *Book) lastCommand(office queue.OfficeID) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.offices[office]; c != nil {
		return c.command
	}
	return ""
}

// apply takes one change in.
func (b *Book) apply(e event, _ time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.offices[e.Office]
	if c == nil {
		c = &chapter{}
		b.offices[e.Office] = c
	}
	c.changes, c.command = c.changes+1, e.Command
	c.history = append(c.history, Entry{
		Version: strconv.Itoa(c.changes), At: e.At, By: e.By,
		Before: e.Before, After: e.After, Catalogue: e.Catalogue, Reason: e.Reason,
	})
	if len(c.history) > keep {
		c.history = slices.Clone(c.history[len(c.history)-keep:])
	}
	b.ring()
}

// forget drops everything: another stream took the place of this one.
func (b *Book) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offices = map[queue.OfficeID]*chapter{}
	b.ring()
}

// ring wakes all who wait for a change. The caller holds mu.
func (b *Book) ring() {
	close(b.changed)
	b.changed = make(chan struct{})
}
