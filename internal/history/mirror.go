package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// heal puts back from the mirror the tables and lessons that the store has not, or
// cannot read. What the store has stays as it is. The caller holds mu.
func (m *month) heal(ctx context.Context) error {
	if m.archive.o.Mirror == nil || m.name < monthOf(m.archive.oldest()) || m.settled() {
		return nil
	}
	tables, lessons := m.mirrored()
	for _, t := range tables {
		at := func() (spot, bool) { at, ok := m.index.Tables[t.Date]; return at, ok }
		if err := m.putBack(ctx, entry{Table: t}, at); err != nil {
			return err
		}
	}
	for _, l := range lessons {
		at := func() (spot, bool) { at, ok := m.index.Lessons[l.key()]; return at, ok }
		if err := m.putBack(ctx, entry{Lessons: l}, at); err != nil {
			return err
		}
	}
	return nil
}

// settled reports whether the month is long over and the store has of it all that
// can be seen from here: then the mirror is not read, which takes a while.
func (m *month) settled() bool {
	a := m.archive
	if m.name >= monthOf(queue.BusinessDay(a.o.Now().AddDate(0, -1, 0))) {
		return false
	}
	if m.head.Number > 0 && len(m.bad) == 0 {
		return true
	}
	return !slices.Contains(a.o.Mirror.Streams(), streamOf(m.office, m.name, 1))
}

// mirrored returns the newest table, and the lessons, of each date in the mirror.
func (m *month) mirrored() (map[queue.Date]*tableEntry, map[taught]*lessonsEntry) {
	tables, lessons := map[queue.Date]*tableEntry{}, map[taught]*lessonsEntry{}
	for part := 1; part <= maxPart; part++ {
		records, err := m.archive.o.Mirror.Records(streamOf(m.office, m.name, part))
		if err != nil {
			m.archive.o.Logger.Error("this server's copy of history is damaged", "office", m.office, "month", m.name, "error", err)
		}
		if len(records) == 0 {
			return tables, lessons
		}
		for _, r := range records {
			e, err := entryOf(r)
			if err != nil {
				continue // another release wrote it
			}
			if t := e.Table; t != nil && (tables[t.Date] == nil || tables[t.Date].Revision <= t.Revision) {
				tables[t.Date] = t
			}
			if l := e.Lessons; l != nil {
				lessons[l.key()] = l
			}
		}
	}
	return tables, lessons
}

// putBack writes one entry where the index has none that can be read.
func (m *month) putBack(ctx context.Context, e entry, indexed func() (spot, bool)) error {
	for range tries {
		if at, there := indexed(); there && m.bad[at] == nil {
			return nil
		}
		done, err := m.try(ctx, func() (*entry, error) {
			next := e
			return &next, nil
		})
		if done || err != nil {
			return err
		}
		log, err := m.archive.o.Store.Open(streamOf(m.office, m.name, m.part))
		if err == nil {
			_, err = m.follow(ctx, log)
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("history: put %s of %s back: %w", m.name, m.office, eventlog.ErrConflict)
}

// Follow brings all months of the offices up to date: it copies what other servers
// wrote, and puts back what the store has lost.
func (a *Archive) Follow(ctx context.Context, offices []queue.OfficeID) error {
	var failed []error
	for _, office := range offices {
		for _, name := range a.between(office, a.oldest(), queue.BusinessDay(a.o.Now())) {
			failed = append(failed, a.within(ctx, office, name, func(*month) error { return nil }))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// Expire deletes the months, of any office, whose days are all older than what is
// kept, the oldest first. It returns how many it deleted.
func (a *Archive) Expire(ctx context.Context) (deleted int, err error) {
	store, can := a.o.Store.(eventlog.Remover)
	if !can {
		return 0, nil
	}
	streams, err := a.o.Store.Streams(ctx)
	if err != nil {
		return 0, err
	}
	first := monthOf(a.oldest())
	var old []string
	for _, s := range streams {
		if _, name, _, ok := splitStream(s); ok && name < first {
			old = append(old, s)
		}
	}
	slices.SortFunc(old, func(x, y string) int {
		_, a, _, _ := splitStream(x)
		_, b, _, _ := splitStream(y)
		return strings.Compare(a+x, b+y)
	})
	for i, s := range old {
		if err := store.Remove(ctx, s); err != nil {
			return i, fmt.Errorf("history: delete %s: %w", s, err)
		}
		office, name, _, _ := splitStream(s)
		a.mu.Lock()
		delete(a.months, streamOf(office, name, 1))
		a.mu.Unlock()
	}
	if a.o.Mirror != nil {
		_, err = a.o.Mirror.Prune(a.o.Now().AddDate(0, 0, -a.o.KeepDays-31))
	}
	return len(old), err
}
