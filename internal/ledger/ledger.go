package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"machi/internal/eventlog"
)

const (
	tries = 10 // against other writers, who all succeed in their turn
	page  = 500
)

// ErrDone is what the function of [Ledger.Append] returns when there is nothing
// to write: what was wanted is so already.
var ErrDone = errors.New("ledger: nothing to write")

// Stamp says when an event was written, by whom and under which id.
type Stamp struct {
	Number  int64 // of the record, from 1
	Command string
	At      time.Time
	Actor   string
}

// Reader is told what the stream holds, in its order, never twice at once. Reset
// says that the stream was replaced by another one, which follows from its
// beginning.
type Reader[E any] interface {
	Apply(E, Stamp)
	Reset()
}

// Ledger is a stream of events E, which are kept as JSON for ever.
type Ledger[E any] struct {
	name   string
	log    eventlog.Log
	reader Reader[E]

	reading sync.Mutex // held while the log is read or appended to; taken before mu

	mu      sync.Mutex
	head    eventlog.Head
	records []eventlog.Record // all of them, to put back what the store forgets
}

// Open returns a ledger that has been read to its end.
func Open[E any](ctx context.Context, name string, log eventlog.Log, reader Reader[E]) (*Ledger[E], error) {
	l := &Ledger[E]{name: name, log: log, reader: reader}
	return l, l.Refresh(ctx)
}

// Run follows the log until the context ends.
func (l *Ledger[E]) Run(ctx context.Context) {
	for ctx.Err() == nil {
		// A log that was emptied does not wake anybody: look at least once a second.
		turn, cancel := context.WithTimeout(ctx, time.Second)
		err := l.log.Wait(turn, l.position().Number)
		cancel()
		if (err == nil || errors.Is(err, context.DeadlineExceeded)) && l.Refresh(ctx) == nil {
			continue
		}
		select { // the store is away: what is known still holds
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// Refresh reads what is new in the log. What the store has forgotten of it is put
// back.
func (l *Ledger[E]) Refresh(ctx context.Context) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	return l.read(ctx)
}

// Append writes what next answers on the newest state, and asks it again after
// every conflict with another writer. It returns the error of next as it is, but
// nil for [ErrDone].
func (l *Ledger[E]) Append(ctx context.Context, s Stamp, next func() (E, error)) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	for range tries {
		if err := l.read(ctx); err != nil {
			return err
		}
		done, err := l.tryAppend(ctx, s, next)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("write %s log: %w, %d times", l.name, eventlog.ErrConflict, tries)
}

func (l *Ledger[E]) position() eventlog.Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

func (l *Ledger[E]) read(ctx context.Context) error {
	newest, err := l.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read %s log: %w", l.name, err)
	}
	l.mu.Lock()
	head, known := l.head, l.records
	l.mu.Unlock()
	switch {
	case head.Number == 0 || newest == head || newest.Number > head.Number && newest.Incarnation == head.Incarnation:
	case newest.Number < head.Number && newest == headAt(known, newest.Number):
		return l.putBack(ctx, newest, known[newest.Number:])
	default:
		l.forget()
	}
	return l.catchUp(ctx, newest.Number)
}

func (l *Ledger[E]) catchUp(ctx context.Context, to int64) error {
	for head := l.position(); head.Number < to; head = l.position() {
		records, err := l.log.Read(ctx, head.Number, page)
		if err != nil {
			return fmt.Errorf("read %s log: %w", l.name, err)
		}
		if len(records) == 0 {
			return nil
		}
		if err := l.fold(head, records); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger[E]) forget() {
	l.mu.Lock()
	l.head, l.records = eventlog.Head{}, nil
	l.mu.Unlock()
	l.reader.Reset()
}

// headAt returns the position behind the first n records.
func headAt(records []eventlog.Record, n int64) eventlog.Head {
	if n == 0 {
		return eventlog.Head{}
	}
	return records[n-1].Head()
}

// putBack appends what the store has lost, as it was. Another server may be faster.
func (l *Ledger[E]) putBack(ctx context.Context, after eventlog.Head, lost []eventlog.Record) error {
	err := l.log.Append(ctx, after, lost)
	if err == nil || errors.Is(err, eventlog.ErrConflict) || errors.Is(err, eventlog.ErrUnsafe) {
		return nil
	}
	return fmt.Errorf("put the %s log back: %w", l.name, err)
}

func (l *Ledger[E]) fold(head eventlog.Head, records []eventlog.Record) error {
	for _, r := range records {
		if err := head.Follows(r); err != nil {
			return fmt.Errorf("read %s log: %w", l.name, err)
		}
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			return fmt.Errorf("read %s log: %w", l.name, err)
		}
		var events []E
		if err := json.Unmarshal(body.Events, &events); err != nil {
			return fmt.Errorf("%w: %s record %d: %v", eventlog.ErrCorrupt, l.name, r.Number, err)
		}
		for _, e := range events {
			l.reader.Apply(e, Stamp{r.Number, body.Command, body.At, body.Actor})
		}
		head = r.Head()
		l.mu.Lock()
		l.head, l.records = head, append(l.records, r)
		l.mu.Unlock()
	}
	return nil
}

func (l *Ledger[E]) tryAppend(ctx context.Context, s Stamp, next func() (E, error)) (bool, error) {
	e, err := next()
	if errors.Is(err, ErrDone) {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	head := l.position()
	r, err := l.record(head, e, s)
	if err != nil {
		return true, err
	}
	switch err := l.log.Append(ctx, head, []eventlog.Record{r}); {
	case errors.Is(err, eventlog.ErrConflict):
		return false, nil
	case errors.Is(err, eventlog.ErrUnclear):
		return l.wrote(ctx, r)
	case err != nil && !errors.Is(err, eventlog.ErrUnsafe):
		return true, fmt.Errorf("write %s log: %w", l.name, err)
	}
	return true, l.fold(head, []eventlog.Record{r})
}

func (l *Ledger[E]) record(head eventlog.Head, e E, s Stamp) (eventlog.Record, error) {
	raw, err := json.Marshal([]E{e})
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("encode %s event: %w", l.name, err)
	}
	body, err := eventlog.Body{
		Schema: eventlog.SchemaVersion, Command: s.Command, Origin: l.name, OriginNumber: head.Number + 1,
		At: s.At, Actor: s.Actor, Events: raw,
	}.Encode()
	if err != nil {
		return eventlog.Record{}, err
	}
	incarnation := head.Incarnation
	if head.Number == 0 {
		_, _ = rand.Read(incarnation[:]) // never fails
	}
	return eventlog.Record{Number: head.Number + 1, Prev: head.Hash, Incarnation: incarnation, Body: body}, nil
}

// wrote looks whether a record whose fate is unclear is in the log.
func (l *Ledger[E]) wrote(ctx context.Context, r eventlog.Record) (bool, error) {
	if err := l.read(ctx); err != nil {
		return true, err
	}
	found, err := l.log.Read(ctx, r.Number-1, 1)
	if err != nil {
		return true, fmt.Errorf("read %s log: %w", l.name, err)
	}
	return len(found) == 1 && found[0].Hash() == r.Hash(), nil
}
