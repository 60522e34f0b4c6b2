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
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/journal"
	"machi/internal/replica"
)

const (
	stream   = "kiosk"
	boltName = "marks.bolt"
	sideName = "journal"
	// preallocate is room for about two thousand tickets on a full disk.
	preallocate = 8 << 20
	// checkWithin bounds the check of the bbolt file at the start, and checkRate how
	// many bytes of a long-lived file it may take a second more for.
	checkWithin = 5 * time.Second
	checkRate   = 16 << 20
	// page is how many records are read at once.
	page = 1000
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
}

// header is the first record of the log.
type header struct {
	Store  string `json:"store"`
	Office string `json:"office"`
	Kiosk  string `json:"kiosk"`
}

// Store is an open store.
type Store struct {
	id    string
	head  eventlog.Head
	lock  *os.File
	bolt  *boltlog.Store
	side  *journal.Store
	files []*half

	mu sync.Mutex // guards err of the halves
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
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("kiosk store: %w", err)
	}
	lock, err := lockFile(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, nil, err
	}
	s := &Store{lock: lock}
	marks, err := s.open(ctx, o)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, marks, nil
}

func (s *Store) open(ctx context.Context, o Options) ([]replica.Mark, error) {
	bolt, err := s.openBolt(ctx, o)
	if err != nil {
		return nil, err
	}
	side, err := s.openSide(ctx, o)
	if err != nil {
		return nil, err
	}
	records, err := s.reconcile(ctx, o, bolt, side)
	if err != nil {
		return nil, err
	}
	return s.begin(o, records)
}

// openBolt opens the bbolt file, or puts a damaged one aside and begins a new one.
func (s *Store) openBolt(ctx context.Context, o Options) ([]eventlog.Record, error) {
	path := filepath.Join(o.Dir, boltName)
	if err := checkBolt(ctx, o, path); err != nil {
		return nil, err
	}
	bolt, err := boltlog.Open(path, boltlog.Options{})
	if errors.Is(err, boltlog.ErrLocked) {
		return nil, ErrInUse
	}
	if err != nil {
		// The disk does not take a bbolt file: go on with the journal alone.
		o.Logger.Error("kiosk store: no bbolt file", "error", err)
		s.files = append(s.files, &half{name: boltName, err: err})
		return nil, nil
	}
	s.bolt = bolt
	return s.add(ctx, boltName, bolt)
}

// checkBolt puts a bbolt file aside that the check does not find in order.
func checkBolt(ctx context.Context, o Options, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // there is none to check; opening says what else is wrong
	}
	check, cancel := context.WithTimeout(ctx, checkWithin+time.Duration(info.Size()/checkRate)*time.Second)
	defer cancel()
	if err := o.Check(check, path); err != nil {
		return putAside(o.Logger, path, err)
	}
	return nil
}

// openSide opens the journal, or puts a damaged one aside and begins a new one.
func (s *Store) openSide(ctx context.Context, o Options) ([]eventlog.Record, error) {
	dir := filepath.Join(o.Dir, sideName)
	for attempt := range 2 {
		side, err := journal.OpenStore(dir, journal.Options{Preallocate: preallocate})
		if err != nil {
			o.Logger.Error("kiosk store: no journal", "error", err)
			s.files = append(s.files, &half{name: sideName, err: err})
			return nil, nil
		}
		records, err := s.add(ctx, sideName, side)
		if err == nil || attempt > 0 {
			s.side = side
			return records, err
		}
		if err := errors.Join(side.Close(), putAside(o.Logger, dir, err)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// add reads a file's records and takes it among the files that are written.
func (s *Store) add(ctx context.Context, name string, from eventlog.Store) ([]eventlog.Record, error) {
	log, err := from.Open(stream)
	if err != nil {
		return nil, fmt.Errorf("kiosk store: %s: %w", name, err)
	}
	records, err := readAll(ctx, log)
	if err != nil {
		return nil, fmt.Errorf("kiosk store: %s: %w", name, err)
	}
	s.files = append(s.files, &half{name: name, log: log})
	return records, nil
}

func readAll(ctx context.Context, log eventlog.Log) ([]eventlog.Record, error) {
	var all []eventlog.Record
	for {
		more, err := log.Read(ctx, int64(len(all)), page)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			return all, nil
		}
		all = append(all, more...)
	}
}

// putAside renames a damaged file, so that a person can look at it later.
func putAside(log *slog.Logger, path string, why error) error {
	aside := fmt.Sprintf("%s.damaged-%d", path, time.Now().UnixNano())
	log.Error("kiosk store: damaged, put aside", "path", path, "aside", aside, "error", why)
	if err := os.Rename(path, aside); err != nil {
		return fmt.Errorf("kiosk store: put a damaged file aside: %w", err)
	}
	return nil
}

// reconcile fills up the file that has less. Two files that contradict each other
// cannot come from one machine's crashes; then the journal, which is only ever
// appended to, is believed.
func (s *Store) reconcile(ctx context.Context, o Options, bolt, side []eventlog.Record) ([]eventlog.Record, error) {
	if !beginsAlike(bolt, side) {
		path := filepath.Join(o.Dir, boltName)
		if err := errors.Join(s.bolt.Close(), putAside(o.Logger, path, errors.New("it contradicts the journal"))); err != nil {
			return nil, err
		}
		s.files = s.files[1:]
		var err error
		if bolt, err = s.openBolt(ctx, o); err != nil {
			return nil, err
		}
		s.files[0], s.files[1] = s.files[1], s.files[0]
	}
	longest := bolt
	if len(side) > len(bolt) {
		longest = side
	}
	for i, have := range [][]eventlog.Record{bolt, side} {
		s.fill(ctx, o, s.files[i], have, longest)
	}
	if n := len(longest); n > 0 {
		s.head = longest[n-1].Head()
	}
	return longest, nil
}

func beginsAlike(a, b []eventlog.Record) bool {
	n := min(len(a), len(b))
	return n == 0 || a[n-1].Hash() == b[n-1].Hash()
}

func (s *Store) fill(ctx context.Context, o Options, h *half, have, all []eventlog.Record) {
	for h.err == nil && len(have) < len(all) {
		var after eventlog.Head
		if n := len(have); n > 0 {
			after = have[n-1].Head()
		}
		more := all[len(have):min(len(all), len(have)+page)]
		if h.err = h.log.Append(ctx, after, more); h.err != nil {
			o.Logger.Error("kiosk store: a file cannot be filled up", "file", h.name, "error", h.err)
		}
		have = all[:len(have)+len(more)]
	}
}

// begin reads the header and the marks, or writes the header of a new store.
func (s *Store) begin(o Options, records []eventlog.Record) ([]replica.Mark, error) {
	if len(records) == 0 {
		h := header{Store: o.NewID(), Office: o.Office, Kiosk: o.Kiosk}
		s.id, s.head.Incarnation = h.Store, o.Incarnation()
		return nil, s.append(h)
	}
	var h header
	if err := json.Unmarshal(records[0].Body, &h); err != nil {
		return nil, fmt.Errorf("kiosk store: header: %w", err)
	}
	if h.Office != o.Office || h.Kiosk != o.Kiosk {
		return nil, fmt.Errorf("%w: %s of %s, not %s of %s", ErrOther, h.Kiosk, h.Office, o.Kiosk, o.Office)
	}
	s.id = h.Store
	marks := make([]replica.Mark, len(records)-1)
	for i, r := range records[1:] {
		if err := json.Unmarshal(r.Body, &marks[i]); err != nil {
			return nil, fmt.Errorf("kiosk store: mark %d: %w", i+1, err)
		}
	}
	return marks, nil
}

// ID returns the store's id.
func (s *Store) ID() string { return s.id }

// Save makes a mark safe. It returns an error when neither file took it; what is
// on the disk is then unknown, and the store must be opened again.
func (s *Store) Save(m replica.Mark) error { return s.append(m) }

func (s *Store) append(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("kiosk store: encode: %w", err)
	}
	after := s.head
	if after.Number == 0 {
		after.Incarnation = eventlog.Incarnation{}
	}
	r := eventlog.Record{Number: after.Number + 1, Prev: after.Hash, Incarnation: s.head.Incarnation, Body: body}
	if err := s.write(after, r); err != nil {
		return err
	}
	s.head = r.Head()
	return nil
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
	var errs []error
	if s.bolt != nil {
		errs = append(errs, s.bolt.Close())
	}
	if s.side != nil {
		errs = append(errs, s.side.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}
