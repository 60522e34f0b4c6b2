package almanac

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Stream is the name of the book's log in a store.
const Stream = "almanac"

// keep bounds the history of an office that is held in memory, and the commands that
// are remembered.
const keep = 200

// Remark is what staff say of one day of an office.
type Remark struct {
	Date queue.Date `json:"date"`
	// Level is one of quiet, moderate, busy and very_busy; empty: as the arrivals make it.
	Level string `json:"level,omitempty"`
	// Percent is how many people come, of a hundred that are expected; 0: as many.
	Percent int       `json:"percent,omitempty"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Event is something that takes place at an office, from one date to another.
type Event struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	From queue.Date `json:"from"`
	To   queue.Date `json:"to"`
	// Percent is how many people come, of a hundred on another day; 0: not known.
	Percent  int               `json:"percent,omitempty"`
	Services []queue.ServiceID `json:"services,omitempty"` // empty: all
	By       string            `json:"by"`
	At       time.Time         `json:"at"`
}

// On reports whether an event takes place on a day.
func (e Event) On(date queue.Date) bool { return e.From <= date && date <= e.To }

// Entry is one change, as the stream keeps it: exactly one of the four is set.
type Entry struct {
	Office  queue.OfficeID `json:"office"`
	Command string         `json:"command"`
	By      string         `json:"by"`
	At      time.Time      `json:"at"` // by the offices' clock
	Said    *Remark        `json:"said,omitempty"`
	Unsaid  queue.Date     `json:"unsaid,omitempty"`
	Added   *Event         `json:"added,omitempty"`
	Removed *Event         `json:"removed,omitempty"`
}

// Book holds what was said as far as the stream has been read.
type Book struct {
	ledger *ledger.Ledger[Entry]
	now    func() time.Time

	mu      sync.Mutex
	offices map[queue.OfficeID]*chapter
	changed chan struct{} // closed at the next change
}

// chapter is one office.
type chapter struct {
	remarks map[queue.Date]Remark
	events  map[string]Event
	history []Entry // the newest last
}

// Open returns a book that has been read.
func Open(ctx context.Context, log eventlog.Log, now func() time.Time) (*Book, error) {
	b := &Book{now: now, offices: map[queue.OfficeID]*chapter{}, changed: make(chan struct{})}
	var err error
	b.ledger, err = ledger.Open(ctx, ledger.Options[Entry]{Log: log, Name: Stream, Now: now, Apply: b.apply, Reset: b.forget})
	return b, err
}

// Run follows the stream until the context ends.
func (b *Book) Run(ctx context.Context) error { return b.ledger.Run(ctx) }

// Changed returns a channel that is closed when anything is said.
func (b *Book) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// Remark returns what was said of a day; false: nothing.
func (b *Book) Remark(office queue.OfficeID, date queue.Date) (Remark, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.chapter(office).remarks[date]
	return r, ok
}

// Remarks lists what was said of an office's days from a date on, by date.
func (b *Book) Remarks(office queue.OfficeID, from queue.Date) []Remark {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []Remark{}
	for _, date := range slices.Sorted(maps.Keys(b.chapter(office).remarks)) {
		if date >= from {
			list = append(list, b.chapter(office).remarks[date])
		}
	}
	return list
}

// Events lists what takes place at an office, past and to come, by its first day.
func (b *Book) Events(office queue.OfficeID) []Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []Event{}
	for _, e := range b.chapter(office).events {
		list = append(list, e)
	}
	slices.SortFunc(list, byDate)
	return list
}

// History returns the newest changes of an office, the newest first.
func (b *Book) History(office queue.OfficeID) []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.chapter(office).history)
	slices.Reverse(list)
	return list
}

// chapter returns an office's part, which may be empty. The caller holds mu.
func (b *Book) chapter(office queue.OfficeID) *chapter {
	if c := b.offices[office]; c != nil {
		return c
	}
	c := &chapter{remarks: map[queue.Date]Remark{}, events: map[string]Event{}}
	b.offices[office] = c
	return c
}

// apply takes one change in.
func (b *Book) apply(e Entry, _ time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.chapter(e.Office)
	switch {
	case e.Said != nil:
		c.remarks[e.Said.Date] = *e.Said
	case e.Unsaid != "":
		delete(c.remarks, e.Unsaid)
	case e.Added != nil:
		c.events[e.Added.ID] = *e.Added
	case e.Removed != nil:
		delete(c.events, e.Removed.ID)
	}
	c.history = append(c.history, e)
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
