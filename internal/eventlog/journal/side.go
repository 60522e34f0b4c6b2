package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"machi/internal/eventlog"
)

// SideOptions are the choices for a side journal; the zero value is good.
type SideOptions struct {
	// Now dates the segments; nil means time.Now.
	Now func() time.Time
	// SegmentBytes is the length at which a new segment begins; zero means 64 MiB. A
	// new day begins one as well.
	SegmentBytes int64
	// Preallocate is the disk space in bytes that each segment takes at once.
	Preallocate int64
}

// Entry is what was seen of one stream.
type Entry struct {
	Stream  string
	Records []eventlog.Record
}

// Side is a side journal: all records that one server has seen, of any number and
// history. One process owns the directory.
type Side struct {
	dir     string
	options SideOptions
	guard   *os.File // holds the lock on the directory

	mu     sync.Mutex
	closed bool
	next   *batch // gathers what the next write brings to disk
	seen   map[string]map[fingerprint]*segment
	all    []*segment // oldest first
	damage []error    // found at the opening

	// writing is held by whoever writes or reads segments. It is taken before mu.
	writing sync.Mutex
	current *segment // nil until the first write, and after a failed one
}

// fingerprint is the first half of a record's hash: enough to tell records apart.
type fingerprint [16]byte

// batch is what several callers bring to disk with one fsync.
type batch struct {
	frames  []byte
	content map[string]map[fingerprint]bool
	written bool
	err     error
}

// OpenSide opens or creates the side journal in dir and reads what it holds. It
// returns [ErrLocked] while another process has it open. Damage is no reason not
// to open: see [Side.Damage].
func OpenSide(dir string, options SideOptions) (*Side, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.SegmentBytes == 0 {
		options.SegmentBytes = 64 << 20
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	guard, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	s := &Side{dir: dir, options: options, guard: guard, seen: map[string]map[fingerprint]*segment{}, next: &batch{}}
	if err := errors.Join(tryLock(guard), s.load()); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", dir, err), guard.Close())
	}
	return s, nil
}

// Add makes records of one stream safe that are not in the journal yet.
func (s *Side) Add(stream string, records ...eventlog.Record) error {
	return s.AddAll(Entry{Stream: stream, Records: records})
}

// AddAll makes all records safe that are not in the journal yet, with one fsync
// that it shares with other callers. After an error any part of them may be in the
// journal; adding them again does no harm.
func (s *Side) AddAll(entries ...Entry) error {
	if err := checkEntries(entries); err != nil {
		return err
	}
	b, err := s.gather(entries)
	if err != nil || b == nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if !b.written { // no caller before us in the line has written it
		s.flush(b)
	}
	return b.err
}

func checkEntries(entries []Entry) error {
	for _, e := range entries {
		if err := eventlog.CheckStream(e.Stream); err != nil {
			return err
		}
		for _, r := range e.Records {
			if size := eventlog.StoredSize(r); size > eventlog.MaxRecordBytes {
				return fmt.Errorf("%w: record %d of %s has %d bytes", eventlog.ErrTooLarge, r.Number, e.Stream, size)
			}
		}
	}
	return nil
}

// gather adds what is new to the next batch, or returns nil if nothing is.
func (s *Side) gather(entries []Entry) (*batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, eventlog.ErrClosed
	}
	wanted := false
	for _, e := range entries {
		for _, r := range e.Records {
			f := fingerprintOf(r)
			if s.seen[e.Stream][f] == nil {
				s.next.add(e.Stream, f, r)
				wanted = true
			}
		}
	}
	if !wanted {
		return nil, nil
	}
	return s.next, nil
}

func fingerprintOf(r eventlog.Record) fingerprint {
	h := r.Hash()
	return fingerprint(h[:16])
}

func (b *batch) add(stream string, f fingerprint, r eventlog.Record) {
	if b.content == nil {
		b.content = map[string]map[fingerprint]bool{}
	}
	if b.content[stream] == nil {
		b.content[stream] = map[fingerprint]bool{}
	}
	if b.content[stream][f] {
		return
	}
	b.content[stream][f] = true
	b.frames = appendFrame(b.frames, sideContent(stream, r))
}

// flush writes a batch; writing is held. A file whose sync failed is never written
// to again: the next batch begins another segment.
func (s *Side) flush(b *batch) {
	s.mu.Lock()
	if s.next == b {
		s.next = &batch{}
	}
	s.mu.Unlock()
	b.written = true
	if b.err = s.rotate(); b.err != nil {
		return
	}
	broken, err := write(s.current.file, s.current.end, b.frames)
	if err != nil {
		b.err = err
		if broken {
			_ = s.retire() // the write's error says what matters
		}
		return
	}
	s.current.end += int64(len(b.frames))
	s.mu.Lock()
	defer s.mu.Unlock()
	for stream, prints := range b.content {
		for f := range prints {
			s.mark(stream, f, s.current)
		}
	}
}

// mark is called with mu held, or before the journal is shared.
func (s *Side) mark(stream string, f fingerprint, in *segment) {
	if s.seen[stream] == nil {
		s.seen[stream] = map[fingerprint]*segment{}
	}
	s.seen[stream][f] = in
}

// Damage returns one [eventlog.ErrCorrupt] for each place that could not be read
// when the journal was opened. What lies behind such a place is read all the same.
func (s *Side) Damage() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.damage)
}

// Streams lists the streams of which the journal holds records, sorted.
func (s *Side) Streams() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name, prints := range s.seen {
		if len(prints) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Close closes the files and lets another process have the directory.
func (s *Side) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.retire(), s.guard.Close())
}

func tryLock(f file) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // one attempt, no waiting
	if err := lock(ctx, f, true); err != nil {
		return ErrLocked
	}
	return nil
}
