package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/journal"
	"machi/internal/replica"
)

var (
	// ErrInUse says that another agent works on the store.
	ErrInUse = errors.New("kiosk store: another ticket machine agent is running on this data folder")
	// ErrOther says that the store belongs to another machine.
	ErrOther = errors.New("kiosk store: the data folder belongs to another ticket machine")
)

// Options say where a store is and whose it is.
type Options struct {
	Dir    string
	Office string
	Kiosk  string
	// NewID makes the id of a new store.
	NewID func() string
	// Incarnation makes the random name of a new log.
	Incarnation func() eventlog.Incarnation
	// Check verifies the bbolt file at a path before it is opened. A damaged one can
	// end or hang the process that opens it, so the check runs in a child process.
	Check  func(ctx context.Context, path string) error
	Logger *slog.Logger

	// at is called at the points of a rotation where a test cuts the power, and gain
	// is how many marks a rotation must drop at least; zero means worthwhile.
	at   func(point string)
	gain int
}

// header is the first record of the log. A store that was never rotated is of
// generation zero.
type header struct {
	Store      string `json:"store"`
	Office     string `json:"office"`
	Kiosk      string `json:"kiosk"`
	Generation int    `json:"generation,omitempty"`
}

// Store is an open store.
type Store struct {
	o      Options
	header header
	head   eventlog.Head
	lock   *os.File
	bolt   *boltlog.Store
	side   *journal.Store

	mu    sync.Mutex // guards files and their errors
	files []*half    // the bbolt file, then the journal
}

// half is one of the two files.
type half struct {
	name string
	log  eventlog.Log
	err  error // why it is not written to any more
}

// Open opens or makes the store in a folder and returns the marks that it holds.
// It returns [ErrInUse] and [ErrOther] where the folder must not be touched.
func Open(ctx context.Context, o Options) (*Store, []replica.Mark, error) {
	if o.at == nil {
		o.at = func(string) {}
	}
	if o.gain == 0 {
		o.gain = worthwhile
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("kiosk store: %w", err)
	}
	lock, err := lockFile(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, nil, err
	}
	s := &Store{o: o, lock: lock}
	marks, err := s.open(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, marks, nil
}

// Broken returns a store that keeps nothing, for a machine that is to say so: every
// Save fails with the reason why the real one could not be opened.
func Broken(o Options, why error) *Store {
	s := &Store{o: o, header: header{Store: o.NewID(), Office: o.Office, Kiosk: o.Kiosk}}
	s.breakDown(why)
	return s
}

func (s *Store) open(ctx context.Context) ([]replica.Mark, error) {
	records, err := s.openFiles(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(records); n > 0 {
		s.head = records[n-1].Head()
		return s.resume(records)
	}
	s.header = header{Store: s.o.NewID(), Office: s.o.Office, Kiosk: s.o.Kiosk}
	s.head.Incarnation = s.o.Incarnation()
	return nil, s.append(s.header)
}

// resume reads the header and the marks.
func (s *Store) resume(records []eventlog.Record) ([]replica.Mark, error) {
	h, err := headerOf(records)
	if err != nil {
		return nil, err
	}
	if h.Office != s.o.Office || h.Kiosk != s.o.Kiosk {
		return nil, fmt.Errorf("%w: %s of %s, not %s of %s", ErrOther, h.Kiosk, h.Office, s.o.Kiosk, s.o.Office)
	}
	s.header = h
	marks := make([]replica.Mark, len(records)-1)
	for i, r := range records[1:] {
		if err := json.Unmarshal(r.Body, &marks[i]); err != nil {
			return nil, fmt.Errorf("kiosk store: mark %d: %w", i+1, err)
		}
	}
	return marks, nil
}

// headerOf reads the header of a log; that of an empty one is the zero header.
func headerOf(records []eventlog.Record) (h header, err error) {
	if len(records) == 0 {
		return h, nil
	}
	if err := json.Unmarshal(records[0].Body, &h); err != nil {
		return h, fmt.Errorf("kiosk store: header: %w", err)
	}
	return h, nil
}

// ID returns the store's id.
func (s *Store) ID() string { return s.header.Store }

// Save makes a mark safe. It returns an error when neither file took it; what is
// on the disk is then unknown, and the store must be opened again.
func (s *Store) Save(m replica.Mark) error { return s.append(m) }

func (s *Store) append(v any) error {
	r, err := record(s.head, v)
	if err != nil {
		return err
	}
	if err := s.write(before(r, s.head), r); err != nil {
		return err
	}
	s.head = r.Head()
	return nil
}

// record makes the next record behind a head, whose incarnation it takes.
func record(head eventlog.Head, v any) (eventlog.Record, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("kiosk store: encode: %w", err)
	}
	return eventlog.Record{Number: head.Number + 1, Prev: head.Hash, Incarnation: head.Incarnation, Body: body}, nil
}

// before is the head that a log must have to take a record: an empty log has none.
func before(r eventlog.Record, head eventlog.Head) eventlog.Head {
	if r.Number == 1 {
		return eventlog.Head{}
	}
	return head
}

// write appends to both files at the same time: two disks, or two places of one,
// need not wait for each other.
func (s *Store) write(after eventlog.Head, r eventlog.Record) error {
	errs := make([]error, len(s.files))
	var wait sync.WaitGroup
	for i, h := range s.files {
		if errs[i] = h.err; h.err != nil {
			continue
		}
		wait.Go(func() { errs[i] = h.log.Append(context.Background(), after, []eventlog.Record{r}) })
	}
	wait.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	safe := false
	for i, h := range s.files {
		h.err = errs[i]
		safe = safe || errs[i] == nil
	}
	if safe {
		return nil
	}
	return fmt.Errorf("kiosk store: record %d is on neither file: %w", r.Number, errors.Join(errs...))
}

// Health returns what is wrong with each of the two files, by name; it is empty
// while both are written.
func (s *Store) Health() map[string]error {
	s.mu.Lock()
	defer s.mu.Unlock()
	bad := map[string]error{}
	for _, h := range s.files {
		if h.err != nil {
			bad[h.name] = h.err
		}
	}
	return bad
}

// Close releases the folder.
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	return errors.Join(s.closeFiles(), s.lock.Close())
}

func (s *Store) closeFiles() error {
	var errs []error
	if s.bolt != nil {
		errs = append(errs, s.bolt.Close())
	}
	if s.side != nil {
		errs = append(errs, s.side.Close())
	}
	return errors.Join(errs...)
}
