package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/journal"
	"machi/internal/replica"
)

const (
	// next ends the names of files that a rotation is writing.
	next = ".next"
	// worthwhile is how many marks a rotation must drop at least; it must drop a
	// quarter of them too, so that a long outage is not copied every hour.
	worthwhile = 500
)

// Tidy keeps a store small that works for years, and heals it: a file that could
// not be written is opened again, and when enough of the marks are not needed any
// more, both files are written anew with those that keep returns, in order. The
// caller must not have a mark on its way.
//
// A crash at any point leaves the old marks, the new ones, or one file of each, of
// which the newer is believed. An error leaves a store that works, unless Health
// or the next Save says otherwise.
func (s *Store) Tidy(ctx context.Context, keep func([]replica.Mark) []replica.Mark) error {
	if s.lock == nil {
		return nil
	}
	if len(s.Health()) > 0 {
		if err := s.reopen(ctx, s.head); err != nil {
			return err
		}
	}
	if len(s.Health()) > 0 {
		return nil // with one file alone nothing is thrown away
	}
	records, err := readAll(ctx, s.files[1].log)
	if err != nil {
		return fmt.Errorf("kiosk store: %w", err)
	}
	marks, err := s.resume(records)
	if err != nil {
		return err
	}
	kept := keep(marks)
	if gone := len(marks) - len(kept); gone < s.o.gain || gone < len(marks)/4 {
		return nil
	}
	return s.rotate(ctx, kept)
}

// rotate writes the next generation beside the files and puts it in their place.
func (s *Store) rotate(ctx context.Context, kept []replica.Mark) error {
	records, err := s.generation(kept)
	if err != nil {
		return err
	}
	err = errors.Join(dropNext(s.o.Dir), s.writeNext(ctx, records))
	if err != nil {
		return errors.Join(fmt.Errorf("kiosk store: rotation: %w", err), dropNext(s.o.Dir))
	}
	s.o.at("written")
	// From here on the files are closed: what follows must end with reopening them.
	err = errors.Join(s.closeFiles(), s.swap())
	if err = errors.Join(err, s.reopen(ctx, records[len(records)-1].Head())); err != nil {
		return err
	}
	s.o.Logger.Info("kiosk store: rotated", "generation", s.header.Generation, "marks", len(kept))
	return nil
}

// generation makes the records of the next generation.
func (s *Store) generation(kept []replica.Mark) ([]eventlog.Record, error) {
	h := s.header
	h.Generation++
	head := eventlog.Head{Incarnation: s.head.Incarnation}
	r, err := record(head, h)
	records := []eventlog.Record{r}
	for _, m := range kept {
		if err != nil {
			return nil, err
		}
		r, err = record(r.Head(), m)
		records = append(records, r)
	}
	return records, err
}

// writeNext makes both files of the next generation safe under other names.
func (s *Store) writeNext(ctx context.Context, records []eventlog.Record) error {
	bolt, err := boltlog.Open(filepath.Join(s.o.Dir, boltName+next), boltlog.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(copyInto(ctx, bolt, records), bolt.Close()); err != nil {
		return err
	}
	s.o.at("bolt written")
	side, err := journal.OpenStore(filepath.Join(s.o.Dir, sideName+next), journal.Options{Preallocate: preallocate})
	if err != nil {
		return err
	}
	return errors.Join(copyInto(ctx, side, records), side.Close())
}

func copyInto(ctx context.Context, to eventlog.Store, records []eventlog.Record) error {
	log, err := to.Open(stream)
	if err != nil {
		return err
	}
	var after eventlog.Head
	for len(records) > 0 {
		some := records[:min(len(records), page)]
		if err := log.Append(ctx, after, some); err != nil {
			return err
		}
		after, records = some[len(some)-1].Head(), records[len(some):]
	}
	return nil
}

// swap puts the next generation's files in place, each in one step.
func (s *Store) swap() error {
	name := filepath.Join(s.o.Dir, boltName)
	if err := errors.Join(os.Rename(name+next, name), syncDir(s.o.Dir)); err != nil {
		return err
	}
	s.o.at("bolt swapped")
	file, dir := stream+".log", filepath.Join(s.o.Dir, sideName)
	if err := errors.Join(os.Rename(filepath.Join(dir+next, file), filepath.Join(dir, file)), syncDir(dir), syncDir(dir+next)); err != nil {
		return err
	}
	s.o.at("swapped")
	return dropNext(s.o.Dir)
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// dropNext removes what a rotation left that did not end. All of its marks are in
// the files that it was to replace.
func dropNext(dir string) error {
	return errors.Join(os.RemoveAll(filepath.Join(dir, boltName+next)), os.RemoveAll(filepath.Join(dir, sideName+next)))
}

// reopen opens the files again in a running store. They must stand at a head that
// is known; if they do not, nothing can be saved any more.
func (s *Store) reopen(ctx context.Context, head eventlog.Head) error {
	_ = s.closeFiles() // whatever a broken file says about its end
	records, err := s.openFiles(ctx)
	if err == nil && (len(records) == 0 || records[len(records)-1].Head() != head && records[len(records)-1].Head() != s.head) {
		err = errors.New("the files do not hold what was saved")
	}
	if err == nil {
		s.head = records[len(records)-1].Head()
		s.header, err = headerOf(records)
	}
	if err != nil {
		err = fmt.Errorf("kiosk store: opened again: %w", err)
		s.breakDown(err)
	}
	return err
}

// breakDown lets every Save fail.
func (s *Store) breakDown(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = []*half{{name: boltName, err: err}, {name: sideName, err: err}}
}
