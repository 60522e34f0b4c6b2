package memlog

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"machi/internal/eventlog"
	"machi/internal/eventlog/bell"
)

// Store is one process's view of logs in memory.
type Store struct {
	disk *disk

	mu     sync.Mutex
	closed bool
	faults func(Op, string) Fault
}

// disk is what survives the stores that were opened on it.
type disk struct {
	bell bell.Bell

	mu      sync.Mutex
	streams map[string][]entry
}

// entry is a record with its head, which is computed once, and whether its
// stored bytes count as damaged.
type entry struct {
	record  eventlog.Record
	head    eventlog.Head
	damaged bool
}

// New returns a store with nothing in it.
func New() *Store {
	return &Store{disk: &disk{streams: map[string][]entry{}}}
}

// Peer returns another store on the same data, as a second process would open
// it. It has no faults of its own yet, and lives on when s is closed.
func (s *Store) Peer() *Store { return &Store{disk: s.disk} }

// Open returns the log of a stream.
func (s *Store) Open(stream string) (eventlog.Log, error) {
	if err := eventlog.CheckStream(stream); err != nil {
		return nil, err
	}
	if err := s.live(); err != nil {
		return nil, err
	}
	return &log{store: s, stream: stream}, nil
}

// Streams lists all streams with at least one record.
func (s *Store) Streams(ctx context.Context) ([]string, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	var names []string
	for name, entries := range s.disk.streams {
		if len(entries) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Remove forgets a stream.
func (s *Store) Remove(ctx context.Context, stream string) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	delete(s.disk.streams, stream)
	return nil
}

// Close ends this store; others on the same data go on.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.disk.bell.Ring()
	return nil
}

func (s *Store) live() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return eventlog.ErrClosed
	}
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	if err := s.live(); err != nil {
		return err
	}
	return ctx.Err()
}

// log is one stream as one store sees it.
type log struct {
	store  *Store
	stream string
}

// Head returns the newest record's position.
func (l *log) Head(ctx context.Context) (eventlog.Head, error) {
	if err := l.store.enter(ctx, OpHead, l.stream); err != nil {
		return eventlog.Head{}, err
	}
	l.store.disk.mu.Lock()
	defer l.store.disk.mu.Unlock()
	return l.store.disk.head(l.stream), nil
}

// Append adds records, or does what the fault of the hour says.
func (l *log) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	if err := l.store.usable(ctx); err != nil {
		return err
	}
	if _, err := eventlog.CheckBatch(after, records); err != nil || len(records) == 0 {
		return err
	}
	before, behind := l.store.appendFault(ctx, l.stream)
	if before != nil {
		return before
	}
	if err := l.store.disk.add(l.stream, after, records); err != nil {
		return err
	}
	return behind
}

// Read returns copies of the records, so that no caller can change the log.
func (l *log) Read(ctx context.Context, after int64, limit int) ([]eventlog.Record, error) {
	if err := l.store.enter(ctx, OpRead, l.stream); err != nil {
		return nil, err
	}
	l.store.disk.mu.Lock()
	defer l.store.disk.mu.Unlock()
	entries := l.store.disk.streams[l.stream]
	var out []eventlog.Record
	for i := max(after, 0); i < int64(len(entries)) && len(out) < limit; i++ {
		if entries[i].damaged {
			return out, fmt.Errorf("%w: record %d", eventlog.ErrCorrupt, i+1)
		}
		out = append(out, clone(entries[i].record))
	}
	return out, nil
}

// Wait blocks until the stream is longer than after.
func (l *log) Wait(ctx context.Context, after int64) error {
	if err := l.store.enter(ctx, OpWait, l.stream); err != nil {
		return err
	}
	return l.store.disk.bell.Wait(ctx, 0, func() (bool, error) {
		if err := l.store.live(); err != nil {
			return false, err
		}
		l.store.disk.mu.Lock()
		defer l.store.disk.mu.Unlock()
		return int64(len(l.store.disk.streams[l.stream])) > after, nil
	})
}

// head is called with the lock held.
func (d *disk) head(stream string) eventlog.Head {
	entries := d.streams[stream]
	if len(entries) == 0 {
		return eventlog.Head{}
	}
	return entries[len(entries)-1].head
}

func (d *disk) add(stream string, after eventlog.Head, records []eventlog.Record) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if head := d.head(stream); head != after {
		return fmt.Errorf("%w: it is %d, not %d", eventlog.ErrConflict, head.Number, after.Number)
	}
	d.streams[stream] = append(d.streams[stream], entriesOf(records)...)
	d.bell.Ring()
	return nil
}

func entriesOf(records []eventlog.Record) []entry {
	out := make([]entry, 0, len(records))
	for _, r := range records {
		out = append(out, entry{record: clone(r), head: r.Head()})
	}
	return out
}

func clone(r eventlog.Record) eventlog.Record {
	r.Body = bytes.Clone(r.Body)
	return r
}
