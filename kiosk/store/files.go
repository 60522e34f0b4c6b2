package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/journal"
)

const (
	stream   = "kiosk"
	boltName = "marks.bolt"
	sideName = "journal"
	// preallocate is the journal's room on the disk ahead of its end. Half of it is
	// always there: enough for a thousand tickets on a disk that is full.
	preallocate = 12 << 20
	// checkWithin bounds the check of the bbolt file at the start, and checkRate how
	// many bytes of a long-lived file it may take a second more for.
	checkWithin = 5 * time.Second
	checkRate   = 16 << 20
	// page is how many records are read or copied at once.
	page = 1000
	// keepAside is how many damaged files of a name are left for a person to see.
	keepAside = 2
)

// openFiles opens both files, lets the one that has less catch up, and returns the
// records. Nothing of an earlier opening is left when it is called.
func (s *Store) openFiles(ctx context.Context) ([]eventlog.Record, error) {
	s.bolt, s.side = nil, nil
	s.keep()
	if err := dropNext(s.o.Dir); err != nil {
		// A disk that takes no change: what is on it can still be read.
		s.o.Logger.Error("kiosk store: a rotation that did not end is in the way", "error", err)
	}
	bolt, err := s.openBolt(ctx)
	if err != nil {
		return nil, err
	}
	side, err := s.openSide(ctx)
	if err != nil {
		return nil, err
	}
	return s.reconcile(ctx, bolt, side)
}

// openBolt opens the bbolt file, or puts a damaged one aside and begins a new one.
func (s *Store) openBolt(ctx context.Context) ([]eventlog.Record, error) {
	path := filepath.Join(s.o.Dir, boltName)
	if err := s.checkBolt(ctx, path); err != nil {
		return nil, err
	}
	bolt, err := boltlog.Open(path, boltlog.Options{})
	if errors.Is(err, boltlog.ErrLocked) {
		return nil, ErrInUse
	}
	if err != nil {
		// The disk does not take a bbolt file: go on with the journal alone.
		s.o.Logger.Error("kiosk store: no bbolt file", "error", err)
		s.join(&half{name: boltName, err: err})
		return nil, nil
	}
	s.bolt = bolt
	return s.add(ctx, boltName, bolt)
}

// checkBolt puts a bbolt file aside that the check does not find in order.
func (s *Store) checkBolt(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // there is none to check; opening says what else is wrong
	}
	check, cancel := context.WithTimeout(ctx, checkWithin+time.Duration(info.Size()/checkRate)*time.Second)
	defer cancel()
	if err := s.o.Check(check, path); err != nil {
		return putAside(s.o.Logger, path, err)
	}
	return nil
}

// openSide opens the journal, or puts a damaged one aside and begins a new one.
func (s *Store) openSide(ctx context.Context) ([]eventlog.Record, error) {
	dir := filepath.Join(s.o.Dir, sideName)
	for attempt := range 2 {
		side, err := journal.OpenStore(dir, journal.Options{Preallocate: preallocate})
		if err != nil {
			s.o.Logger.Error("kiosk store: no journal", "error", err)
			s.join(&half{name: sideName, err: err})
			return nil, nil
		}
		records, err := s.add(ctx, sideName, side)
		if err == nil || attempt > 0 {
			s.side = side
			return records, err
		}
		if err := errors.Join(side.Close(), putAside(s.o.Logger, dir, err)); err != nil {
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
	s.join(&half{name: name, log: log})
	return records, nil
}

// keep says which files are written; join adds one.
func (s *Store) keep(files ...*half) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = files
}

func (s *Store) join(h *half) { s.keep(append(s.files, h)...) }

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

// putAside renames a damaged file, so that a person can look at it later, and
// deletes the oldest of those that lie there already.
func putAside(log *slog.Logger, path string, why error) error {
	old, err := filepath.Glob(path + ".damaged-*")
	slices.Sort(old)
	for len(old) >= keepAside && err == nil {
		err = os.RemoveAll(old[0])
		old = old[1:]
	}
	aside := fmt.Sprintf("%s.damaged-%020d", path, time.Now().UnixNano())
	log.Error("kiosk store: damaged, put aside", "path", path, "aside", aside, "error", why)
	if err := errors.Join(err, os.Rename(path, aside)); err != nil {
		return fmt.Errorf("kiosk store: put a damaged file aside: %w", err)
	}
	return nil
}

// reconcile fills up the file that has less. A file of an older generation missed
// a rotation and is begun anew. Two files of one generation that contradict each
// other cannot come from one machine's crashes; then the journal, which is only
// ever appended to, is believed.
func (s *Store) reconcile(ctx context.Context, bolt, side []eventlog.Record) ([]eventlog.Record, error) {
	inBolt, err := headerOf(bolt)
	if err != nil {
		return nil, err
	}
	inSide, err := headerOf(side)
	if err != nil {
		return nil, err
	}
	both := len(bolt) > 0 && len(side) > 0
	switch {
	case both && inSide.Generation < inBolt.Generation:
		side, err = s.renewSide(ctx, errors.New("it is of an older generation than the bbolt file"))
	case both && inSide.Generation > inBolt.Generation:
		bolt, err = s.renewBolt(ctx, errors.New("it is of an older generation than the journal"))
	case !beginsAlike(bolt, side):
		bolt, err = s.renewBolt(ctx, errors.New("it contradicts the journal"))
	}
	if err != nil {
		return nil, err
	}
	longest := bolt
	if len(side) > len(bolt) {
		longest = side
	}
	for i, have := range [][]eventlog.Record{bolt, side} {
		s.fill(ctx, s.files[i], have, longest)
	}
	return longest, nil
}

func beginsAlike(a, b []eventlog.Record) bool {
	n := min(len(a), len(b))
	return n == 0 || a[n-1].Hash() == b[n-1].Hash()
}

// renewBolt puts the bbolt file aside and begins another.
func (s *Store) renewBolt(ctx context.Context, why error) ([]eventlog.Record, error) {
	if err := errors.Join(s.bolt.Close(), putAside(s.o.Logger, filepath.Join(s.o.Dir, boltName), why)); err != nil {
		return nil, err
	}
	side := s.files[1]
	s.keep()
	records, err := s.openBolt(ctx)
	s.join(side)
	return records, err
}

// renewSide puts the journal aside and begins another.
func (s *Store) renewSide(ctx context.Context, why error) ([]eventlog.Record, error) {
	if err := errors.Join(s.side.Close(), putAside(s.o.Logger, filepath.Join(s.o.Dir, sideName), why)); err != nil {
		return nil, err
	}
	s.keep(s.files[0])
	return s.openSide(ctx)
}

func (s *Store) fill(ctx context.Context, h *half, have, all []eventlog.Record) {
	for h.err == nil && len(have) < len(all) {
		var after eventlog.Head
		if n := len(have); n > 0 {
			after = have[n-1].Head()
		}
		more := all[len(have):min(len(all), len(have)+page)]
		if err := h.log.Append(ctx, after, more); err != nil {
			s.o.Logger.Error("kiosk store: a file cannot be filled up", "file", h.name, "error", err)
			s.mu.Lock()
			h.err = err
			s.mu.Unlock()
		}
		have = all[:len(have)+len(more)]
	}
}
