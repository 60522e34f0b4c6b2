package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"machi/internal/eventlog"
)

const (
	tries     = 10 // against other writers, who all succeed in their turn
	page      = 500
	lookAgain = 200 * time.Millisecond
)

// ErrDone is what the function of [Ledger.Append] returns when there is nothing
// to write: what was wanted is so already.
var ErrDone = errors.New("ledger: nothing to write")

// Options say what a ledger keeps, and who is told what it holds.
type Options[E any] struct {
	Log  eventlog.Log
	Name string // of the stream, in errors and as the records' origin
	Now  func() time.Time
	// Apply is told every event in the stream's order, never twice at once.
	Apply func(e E, at time.Time)
	// Reset says that the stream was replaced by another one, which follows from
	// its beginning.
	Reset func()
}

// Ledger is a stream of events E, which are kept as JSON for ever.
type Ledger[E any] struct {
	o Options[E]

	looking sync.Mutex // held by who looks for all; taken before reading
	looked  time.Time  // guarded by looking
	reading sync.Mutex // held while the log is read or appended to; taken before mu

	mu      sync.Mutex
	head    eventlog.Head
	records []eventlog.Record // all of them, to put back what the store forgets
}

// Open returns a ledger that has been read to its end.
func Open[E any](ctx context.Context, o Options[E]) (*Ledger[E], error) {
	l := &Ledger[E]{o: o}
	return l, l.Refresh(ctx)
}

// Run follows the log until the context ends; it returns nil.
func (l *Ledger[E]) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		// A log that was emptied does not wake anybody: look at least once a second.
		turn, cancel := context.WithTimeout(ctx, time.Second)
		err := l.o.Log.Wait(turn, l.position().Number)
		cancel()
		if (err == nil || errors.Is(err, context.DeadlineExceeded)) && l.Refresh(ctx) == nil {
			continue
		}
		select { // the store is away: what is known still holds
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

// Records returns all records that are known, the oldest first.
func (l *Ledger[E]) Records() []eventlog.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}

// Look reads what is new, but not more often than a few times a second: questions
// about what nobody knows must not become load. What was written before the call is
// known after it; everybody who asks meanwhile waits for the same reading. It measures
// with the process's own clock: a rehearsal clock may stand still.
func (l *Ledger[E]) Look(ctx context.Context) error {
	asked := time.Now()
	l.looking.Lock()
	defer l.looking.Unlock()
	if l.looked.After(asked) {
		return nil
	}
	if rest := lookAgain - time.Since(l.looked); rest > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest):
		}
	}
	began := time.Now()
	err := l.Refresh(ctx)
	if err == nil {
		l.looked = began
	}
	return err
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
func (l *Ledger[E]) Append(ctx context.Context, next func() ([]E, error)) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	command := rand.Text()
	for range tries {
		if err := l.read(ctx); err != nil {
			return err
		}
		done, err := l.tryAppend(ctx, command, next)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("write %s log: %w, %d times", l.o.Name, eventlog.ErrConflict, tries)
}

func (l *Ledger[E]) position() eventlog.Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

func (l *Ledger[E]) read(ctx context.Context) error {
	newest, err := l.o.Log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read %s log: %w", l.o.Name, err)
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
		records, err := l.o.Log.Read(ctx, head.Number, page)
		if err != nil {
			return fmt.Errorf("read %s log: %w", l.o.Name, err)
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
	if l.o.Reset != nil {
		l.o.Reset()
	}
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
	err := l.o.Log.Append(ctx, after, lost)
	if err == nil || errors.Is(err, eventlog.ErrConflict) || errors.Is(err, eventlog.ErrUnsafe) {
		return nil
	}
	return fmt.Errorf("put the %s log back: %w", l.o.Name, err)
}

func (l *Ledger[E]) fold(head eventlog.Head, records []eventlog.Record) error {
	for _, r := range records {
		if err := head.Follows(r); err != nil {
			return fmt.Errorf("read %s log: %w", l.o.Name, err)
		}
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			return fmt.Errorf("read %s log: %w", l.o.Name, err)
		}
		var events []E
		if err := json.Unmarshal(body.Events, &events); err != nil {
			return fmt.Errorf("%w: %s record %d: %v", eventlog.ErrCorrupt, l.o.Name, r.Number, err)
		}
		for _, e := range events {
			l.o.Apply(e, body.At)
		}
		head = r.Head()
		l.mu.Lock()
		l.head, l.records = head, append(l.records, r)
		l.mu.Unlock()
	}
	return nil
}

func (l *Ledger[E]) tryAppend(ctx context.Context, command string, next func() ([]E, error)) (bool, error) {
	events, err := next()
	if errors.Is(err, ErrDone) {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	head := l.position()
	r, err := l.record(head, events, command)
	if err != nil {
		return true, err
	}
	switch err := l.o.Log.Append(ctx, head, []eventlog.Record{r}); {
	case errors.Is(err, eventlog.ErrConflict):
		return false, nil
	case errors.Is(err, eventlog.ErrUnclear):
		return l.wrote(ctx, r)
	case err != nil && !errors.Is(err, eventlog.ErrUnsafe):
		return true, fmt.Errorf("write %s log: %w", l.o.Name, err)
	}
	return true, l.fold(head, []eventlog.Record{r})
}

func (l *Ledger[E]) record(head eventlog.Head, events []E, command string) (eventlog.Record, error) {
	raw, err := json.Marshal(events)
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("encode %s event: %w", l.o.Name, err)
	}
	body, err := eventlog.Body{
		Schema: eventlog.SchemaVersion, Command: command, Origin: l.o.Name, OriginNumber: head.Number + 1,
		At: l.o.Now(), Actor: "system:" + l.o.Name, Events: raw,
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
	found, err := l.o.Log.Read(ctx, r.Number-1, 1)
	if err != nil {
		return true, fmt.Errorf("read %s log: %w", l.o.Name, err)
	}
	return len(found) == 1 && found[0].Hash() == r.Hash(), nil
}
