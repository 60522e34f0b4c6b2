package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

const (
	tries      = 20              // against other writers, who all succeed in their turn
	page       = 500             // records read at once
	maxRecent  = 2000            // records that are kept to put back
	maxPending = 1000            // entries that wait for the store
	restFor    = 2 * time.Second // after a failure, before an entry tries again
)

// Options say what a book is kept in. Store and Now are required.
type Options struct {
	Store eventlog.Store
	Now   func() time.Time
	// Heads is a file that remembers the newest head of each month, apart from the
	// store; empty: none.
	Heads  string
	Logger *slog.Logger
}

// Book is the trail, as one process writes and reads it.
type Book struct {
	o Options

	searching chan struct{} // one search at a time

	mu      sync.Mutex
	stream  string // the month that was written last
	log     eventlog.Log
	head    eventlog.Head // as far as this process knows
	recent  []eventlog.Record
	pending []Entry
	dropped int
	why     error // the newest attempt to write failed
	failed  time.Time
	day     string // the day of the newest record written
}

// NewBook returns a book. It reads nothing yet: a server starts without its store.
func NewBook(o Options) *Book {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Book{o: o, searching: make(chan struct{}, 1)}
}

// Note writes an entry. Result is [OK] and At is now where they are not given. While
// the store is away entries wait in memory, in order, and go with the next one: the
// error says that this one is not safe yet.
func (b *Book) Note(ctx context.Context, e Entry) error {
	if e.At.IsZero() {
		e.At = b.o.Now()
	}
	if e.Result == "" {
		e.Result = OK
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == maxPending {
		b.pending, b.dropped = b.pending[1:], b.dropped+1
	}
	b.pending = append(b.pending, e.clean())
	if now := b.o.Now(); b.why != nil && now.Sub(b.failed) < restFor && !now.Before(b.failed) {
		return b.why // who signs in must not wait in a row for a store that is away
	}
	return b.flush(ctx)
}

// Flush writes what waits for the store.
func (b *Book) Flush(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flush(ctx)
}

// flush writes all that waits. The caller holds mu.
func (b *Book) flush(ctx context.Context) error {
	for b.dropped > 0 || len(b.pending) > 0 {
		e := event{Dropped: b.dropped}
		if b.dropped == 0 {
			e.Entry = &b.pending[0]
		}
		if err := b.append(ctx, e); err != nil {
			b.why, b.failed = fmt.Errorf("audit: %w", err), b.o.Now()
			return b.why
		}
		b.why = nil
		if b.dropped > 0 {
			b.dropped = 0
		} else {
			b.pending = b.pending[1:]
		}
	}
	return nil
}

// Look follows what others write, so that this process too can put back what the
// store loses. It begins no month, and leaves another history to who writes.
func (b *Book) Look(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.look(ctx, monthOf(b.o.Now())); err != nil {
		b.why, b.failed = fmt.Errorf("audit: %w", err), b.o.Now()
		return b.why
	}
	return nil
}

func (b *Book) look(ctx context.Context, stream string) error {
	log := b.log
	if stream != b.stream {
		var err error
		if log, err = b.o.Store.Open(stream); err != nil {
			return err
		}
	}
	newest, err := log.Head(ctx)
	switch known, ok := b.known(newest.Number); {
	case err != nil:
		return err
	case stream != b.stream && newest.Number == 0:
		return nil
	case stream != b.stream:
		return b.open(ctx, stream)
	case newest.Number < b.head.Number && ok && known == newest:
		return b.putBack(ctx, newest)
	case newest.Number > b.head.Number:
		_, err = b.readOn(ctx, b.head)
	}
	return err
}

// append writes one event behind the newest record, whoever wrote that.
func (b *Book) append(ctx context.Context, e event) error {
	command := rand.Text()
	for range tries {
		if err := b.follow(ctx); err != nil {
			return err
		}
		done, err := b.tryAppend(ctx, e, command)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("%w, %d times", eventlog.ErrConflict, tries)
}

func (b *Book) tryAppend(ctx context.Context, e event, command string) (bool, error) {
	now := b.o.Now()
	var life eventlog.Incarnation
	_, _ = rand.Read(life[:]) // it never fails
	r, err := record(b.head, life, e, command, now)
	if err != nil {
		return true, err
	}
	switch err := b.log.Append(ctx, b.head, []eventlog.Record{r}); {
	case errors.Is(err, eventlog.ErrConflict):
		return false, nil
	case errors.Is(err, eventlog.ErrUnclear):
		return b.wrote(ctx, r)
	case err != nil && !errors.Is(err, eventlog.ErrUnsafe):
		return true, err
	}
	b.took(r)
	b.remember(now)
	return true, nil
}

// wrote looks whether a record whose fate is unclear is in the log.
func (b *Book) wrote(ctx context.Context, r eventlog.Record) (bool, error) {
	found, err := b.log.Read(ctx, r.Number-1, 1)
	if err != nil {
		return true, err
	}
	if len(found) != 1 || found[0].Hash() != r.Hash() {
		return false, nil
	}
	b.took(r)
	b.remember(b.o.Now())
	return true, nil
}

func (b *Book) took(records ...eventlog.Record) {
	b.recent = append(b.recent, records...)
	b.head = records[len(records)-1].Head()
	if over := len(b.recent) - maxRecent; over > 0 {
		b.recent = slices.Clone(b.recent[over:])
	}
}

// follow goes to the newest record of the month: it opens a new month, reads what
// others wrote, and puts back what the store has lost.
func (b *Book) follow(ctx context.Context) error {
	if stream := monthOf(b.o.Now()); stream != b.stream {
		if err := b.open(ctx, stream); err != nil {
			return err
		}
	}
	newest, err := b.log.Head(ctx)
	if err != nil {
		return err
	}
	switch known, ok := b.known(newest.Number); {
	case newest == b.head:
		return nil
	case newest.Number < b.head.Number && ok && known == newest:
		return b.putBack(ctx, newest)
	case newest.Number > b.head.Number:
		if more, err := b.readOn(ctx, b.head); err != nil || more {
			return err
		}
	}
	return b.replaced(ctx)
}

// readOn takes what others have written; false: it does not follow what is known.
func (b *Book) readOn(ctx context.Context, head eventlog.Head) (bool, error) {
	for {
		records, err := b.log.Read(ctx, head.Number, page)
		if err != nil {
			return true, err
		}
		if len(records) == 0 {
			return true, nil
		}
		next, err := head.Chain(records)
		if err != nil {
			return false, nil
		}
		head = next
		b.took(records...)
	}
}

// known returns the head behind a record number, as far as it is remembered.
func (b *Book) known(number int64) (eventlog.Head, bool) {
	if number == 0 {
		return eventlog.Head{}, len(b.recent) > 0 && b.recent[0].Number == 1
	}
	if len(b.recent) == 0 {
		return eventlog.Head{}, false
	}
	at := number - b.recent[0].Number
	if at < 0 || at >= int64(len(b.recent)) {
		return eventlog.Head{}, false
	}
	return b.recent[at].Head(), true
}

// putBack appends what the store has lost, as it was. Another server may be faster.
func (b *Book) putBack(ctx context.Context, after eventlog.Head) error {
	lost := b.recent[after.Number-b.recent[0].Number+1:]
	b.o.Logger.Warn("the store had lost entries of the audit trail; they are put back", "stream", b.stream, "entries", len(lost))
	err := b.log.Append(ctx, after, lost)
	if err == nil || errors.Is(err, eventlog.ErrConflict) || errors.Is(err, eventlog.ErrUnsafe) {
		return nil // the next look shows what is there
	}
	return err
}

// replaced goes on behind another history than the one that is known, and says so in
// the trail itself. The entries that are missing there are noted again.
func (b *Book) replaced(ctx context.Context) error {
	lost, old := link{b.stream, b.head}, b.recent
	b.o.Logger.Error("the audit trail is not the one that this server wrote", "stream", b.stream, "number", b.head.Number, "hash", b.head.Hash.String())
	b.head, b.recent = eventlog.Head{}, nil
	if err := b.whole(ctx); err != nil {
		return err
	}
	there := map[eventlog.Hash]bool{}
	for _, r := range b.recent {
		there[r.Hash()] = true
	}
	var missing []Entry
	for _, r := range old {
		list, _, err := events(r)
		if there[r.Hash()] || err != nil {
			continue
		}
		for _, e := range list {
			if e.Entry != nil {
				missing = append(missing, *e.Entry)
			}
		}
	}
	if err := b.lost(ctx, lost); err != nil {
		return err
	}
	for _, e := range missing { // each stands alone: what follows it may have been written since
		if err := b.append(ctx, event{Entry: &e}); err != nil {
			return err
		}
	}
	return nil
}

// lost writes down that what was remembered is not there.
func (b *Book) lost(ctx context.Context, what link) error {
	for range tries {
		done, err := b.tryAppend(ctx, event{Lost: &what}, rand.Text())
		if done || err != nil {
			return err
		}
		if err := b.whole(ctx); err != nil {
			return err
		}
	}
	return eventlog.ErrConflict
}

// whole reads what is behind the known head, which must chain.
func (b *Book) whole(ctx context.Context) error {
	ok, err := b.readOn(ctx, b.head)
	if err == nil && !ok {
		err = fmt.Errorf("%s: %w", b.stream, eventlog.ErrCorrupt)
	}
	return err
}

// open goes to a month. Its first record names where the month before ended.
func (b *Book) open(ctx context.Context, stream string) error {
	log, err := b.o.Store.Open(stream)
	if err != nil {
		return err
	}
	newest, err := log.Head(ctx)
	if err != nil {
		return err
	}
	if newest.Number == 0 {
		before, err := b.before(ctx, stream)
		if err != nil {
			return err
		}
		var life eventlog.Incarnation
		_, _ = rand.Read(life[:])
		first, err := record(eventlog.Head{}, life, event{Opened: &before}, rand.Text(), b.o.Now())
		if err != nil {
			return err
		}
		err = log.Append(ctx, eventlog.Head{}, []eventlog.Record{first})
		if err != nil && !errors.Is(err, eventlog.ErrConflict) && !errors.Is(err, eventlog.ErrUnsafe) && !errors.Is(err, eventlog.ErrUnclear) {
			return err
		}
	}
	b.stream, b.log, b.head, b.recent = stream, log, eventlog.Head{}, nil
	err = b.whole(ctx)
	if err == nil {
		err = b.compare(ctx)
	}
	if err != nil {
		b.stream = "" // the next one opens it anew
	}
	return err
}

// compare holds the month against the head that was remembered before this process
// began. A file that cannot be read does not stop the trail.
func (b *Book) compare(ctx context.Context) error {
	if b.o.Heads == "" {
		return nil
	}
	heads, err := ReadHeads(b.o.Heads)
	if err != nil {
		b.o.Logger.Error("the audit trail is not held against what was remembered", "error", err)
		return nil
	}
	remembered := heads[b.stream]
	if known, ok := b.known(remembered.Number); remembered.Number == 0 || remembered.Number <= b.head.Number && (!ok || known == remembered) {
		return nil
	}
	b.o.Logger.Error("the audit trail is not the one that was remembered", "stream", b.stream, "number", remembered.Number, "hash", remembered.Hash.String())
	return b.lost(ctx, link{b.stream, remembered})
}

// before returns where the newest month before a stream's ended.
func (b *Book) before(ctx context.Context, stream string) (link, error) {
	names, err := streams(ctx, b.o.Store)
	if err != nil {
		return link{}, err
	}
	var last string
	for _, name := range names {
		if name < stream {
			last = name
		}
	}
	if last == "" {
		return link{}, nil
	}
	log, err := b.o.Store.Open(last)
	if err != nil {
		return link{}, err
	}
	head, err := log.Head(ctx)
	return link{last, head}, err
}

// streams returns the months of a store, in order.
func streams(ctx context.Context, store eventlog.Store) ([]string, error) {
	names, err := store.Streams(ctx)
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, Prefix) }), err
}

// remember keeps the newest head apart from the store: in the file at once, and once
// a day in the server's log. What is written is written, also where this fails.
func (b *Book) remember(now time.Time) {
	today := now.In(queue.JST).Format(time.DateOnly)
	if b.day != today {
		b.o.Logger.Info("head of the audit trail", "stream", b.stream, "number", b.head.Number, "hash", b.head.Hash.String())
		b.day = today
	}
	if b.o.Heads == "" {
		return
	}
	if err := saveHead(b.o.Heads, b.stream, b.head); err != nil {
		b.o.Logger.Error("the head of the audit trail is not remembered", "error", err)
	}
}
