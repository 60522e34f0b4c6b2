package history

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// KeepDays is how many days back tables are kept unless one says otherwise: a fiscal
// year that has just ended can be compared with the one before it.
const KeepDays = 800

// Mirror is a server's own copy of what it has seen, on its own disk.
type Mirror interface {
	// Add makes records safe on disk; those that it holds already cost nothing.
	Add(stream string, records ...eventlog.Record) error
	// Records returns what was added, in that order. With an error it returns what it
	// can.
	Records(stream string) ([]eventlog.Record, error)
	// Streams lists the streams of which it holds records, sorted.
	Streams() []string
	// Prune forgets what was added before a day.
	Prune(before time.Time) (int, error)
}

// ArchiveOptions say where an archive is kept. Store and Now are required.
type ArchiveOptions struct {
	Store    eventlog.Store
	Mirror   Mirror // nil: none
	Now      func() time.Time
	KeepDays int // zero means [KeepDays]
	Logger   *slog.Logger
}

// Archive is the [Store] over an event log: one stream for each office and month, in
// which every table and every lessons is one record. Every record also says where the
// newest ones of all dates of its month are, so that one read finds any day.
type Archive struct {
	o ArchiveOptions

	mu      sync.Mutex
	months  map[string]*month
	present map[string]bool // months, by the name of their first part, that anybody has heard of; nil: not asked yet
}

var _ Store = (*Archive)(nil)

// NewArchive returns an archive. It reads nothing yet: a server starts without its
// store.
func NewArchive(o ArchiveOptions) *Archive {
	if o.KeepDays == 0 {
		o.KeepDays = KeepDays
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Archive{o: o, months: map[string]*month{}}
}

// oldest returns the first date that is kept.
func (a *Archive) oldest() queue.Date {
	return queue.BusinessDay(a.o.Now().AddDate(0, 0, -a.o.KeepDays))
}

// month returns the month of a date, to be unlocked.
func (a *Archive) month(office queue.OfficeID, name string) *month {
	key := streamOf(office, name, 1)
	a.mu.Lock()
	m, ok := a.months[key]
	if a.present != nil {
		a.present[key] = true // it may begin now
	}
	if !ok {
		m = &month{archive: a, office: office, name: name}
		a.months[key] = m
	}
	a.mu.Unlock()
	m.mu.Lock()
	return m
}

// Put implements [Store].
func (a *Archive) Put(ctx context.Context, d Day) (Day, error) {
	d = d.tidy()
	if err := d.check(); err != nil {
		return Day{}, err
	}
	if d.Date < a.oldest() {
		return Day{}, fmt.Errorf("%w: %s", ErrExpired, d.Date)
	}
	fixed, err := a.fixedAfter(ctx, d.Office, d.Date)
	if err != nil {
		return Day{}, err
	}
	m := a.month(d.Office, monthOf(d.Date))
	defer m.mu.Unlock()
	var kept *tableEntry
	err = m.append(ctx, func() (*entry, error) {
		old, err := m.table(ctx, d.Date)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return nil, err
		}
		next, err := successor(old, d, fixed)
		if kept = next; err != nil || next == old {
			return nil, err
		}
		return &entry{Table: next}, nil
	})
	if err != nil {
		return Day{}, err
	}
	return kept.day(d.Office)
}

// successor returns the table that is to be kept of two: the old one itself where the
// new one tells nothing more. Old is nil where there is none that can be read.
func successor(old *tableEntry, d Day, fixed [2]queue.Date) (*tableEntry, error) {
	d.Revision, d.Late = 0, fixed
	if old != nil {
		d.Revision = old.Revision + 1
	}
	next, err := packTable(d)
	switch {
	case err != nil || old == nil:
		return next, err
	case old.Source == FromLog && d.Source == FromImport:
		return nil, fmt.Errorf("%w: %s on %s", ErrTaken, d.Office, d.Date)
	case old.Hash == next.Hash && old.Source == next.Source:
		return old, nil
	case d.Source != FromLog || old.Source != FromLog:
		return next, nil
	case old.Head == d.Head: // made of the same records by another release
		return old, nil
	case old.Head.Incarnation == d.Head.Incarnation && d.Head.Number < old.Head.Number:
		return old, nil
	case old.Head.Incarnation != d.Head.Incarnation && next.Visits < old.Visits:
		return old, nil
	}
	return next, nil
}

// fixedAfter returns the first and the last date behind a day whose lessons are made.
func (a *Archive) fixedAfter(ctx context.Context, office queue.OfficeID, date queue.Date) (fixed [2]queue.Date, err error) {
	for _, name := range a.between(office, date, queue.BusinessDay(a.o.Now())) {
		err := a.within(ctx, office, name, func(m *month) error {
			for _, key := range slices.Sorted(maps.Keys(m.index.Lessons)) {
				if d, _ := key.split(); d > date {
					fixed[1] = d
					if fixed[0] == "" {
						fixed[0] = d
					}
				}
			}
			return nil
		})
		if err != nil {
			return fixed, err
		}
	}
	return fixed, nil
}

// within brings a month up to date and works on it.
func (a *Archive) within(ctx context.Context, office queue.OfficeID, name string, do func(*month) error) error {
	m := a.month(office, name)
	defer m.mu.Unlock()
	if err := m.look(ctx); err != nil {
		return fmt.Errorf("history: read %s of %s: %w", name, office, err)
	}
	return do(m)
}

// Day implements [Store].
func (a *Archive) Day(ctx context.Context, office queue.OfficeID, date queue.Date) (d Day, ok bool, err error) {
	if _, _, err := date.Bounds(); err != nil {
		return Day{}, false, err
	}
	err = a.within(ctx, office, monthOf(date), func(m *month) error {
		t, err := m.table(ctx, date)
		if t == nil || err != nil {
			return err
		}
		ok = true
		d, err = t.day(office)
		return err
	})
	return d, ok, err
}

// made returns of which log, and by which rules, the table of a date was made.
func (a *Archive) made(ctx context.Context, office queue.OfficeID, date queue.Date) (head eventlog.Head, ok bool, err error) {
	err = a.within(ctx, office, monthOf(date), func(m *month) error {
		t, err := m.table(ctx, date)
		if t == nil || errors.Is(err, ErrDamaged) {
			return nil // to be made again
		}
		if err == nil {
			head, ok = t.Head, true
		}
		return err
	})
	return head, ok, err
}

// Dates implements [Store].
func (a *Archive) Dates(ctx context.Context, office queue.OfficeID, from, to queue.Date) ([]queue.Date, error) {
	var dates []queue.Date
	from = max(from, a.oldest())
	for _, name := range a.between(office, from, to) {
		err := a.within(ctx, office, name, func(m *month) error {
			for _, d := range slices.Sorted(maps.Keys(m.index.Tables)) {
				if from <= d && d <= to {
					dates = append(dates, d)
				}
			}
			return nil
		})
		if err != nil {
			return dates, err
		}
	}
	return dates, nil
}

// Days implements [Store].
func (a *Archive) Days(ctx context.Context, office queue.OfficeID, from, to queue.Date) iter.Seq2[Day, error] {
	return func(yield func(Day, error) bool) {
		dates, err := a.Dates(ctx, office, from, to)
		if err != nil {
			yield(Day{}, err)
			return
		}
		for _, date := range dates {
			d, ok, err := a.Day(ctx, office, date)
			if err != nil {
				d = Day{Office: office, Date: date}
			}
			if !ok && err == nil {
				continue // it expired meanwhile
			}
			if !yield(d, err) || err != nil && !errors.Is(err, ErrDamaged) {
				return
			}
		}
	}
}

// Lessons implements [Store].
func (a *Archive) Lessons(ctx context.Context, office queue.OfficeID, date queue.Date) (l Lessons, ok bool, err error) {
	if _, _, err := date.Bounds(); err != nil {
		return Lessons{}, false, err
	}
	err = a.within(ctx, office, monthOf(date), func(m *month) error {
		e, err := m.lessons(ctx, taughtFor(date))
		if e == nil || err != nil {
			return err
		}
		ok = true
		l, err = e.lessons(office)
		return err
	})
	return l, ok, err
}

// fix keeps the lessons of a day, and returns those that are kept: another server may
// have been faster. Damaged ones are made again.
func (a *Archive) fix(ctx context.Context, l Lessons) (Lessons, error) {
	next, err := packLessons(l)
	if err != nil {
		return Lessons{}, err
	}
	m := a.month(l.Office, monthOf(l.Date))
	defer m.mu.Unlock()
	kept := next
	err = m.append(ctx, func() (*entry, error) {
		old, err := m.lessons(ctx, taughtFor(l.Date))
		if err == nil && old != nil {
			_, err = old.lessons(l.Office)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			return nil, err
		}
		if kept = next; old != nil && err == nil {
			kept = old
			return nil, nil
		}
		return &entry{Lessons: next}, nil
	})
	if err != nil {
		return Lessons{}, err
	}
	return kept.lessons(l.Office)
}

// lastLessons returns the newest lessons before a date that can be read; false: none.
func (a *Archive) lastLessons(ctx context.Context, office queue.OfficeID, before queue.Date) (l Lessons, ok bool, err error) {
	months := a.between(office, a.oldest(), before)
	for _, name := range slices.Backward(months) {
		err := a.within(ctx, office, name, func(m *month) error {
			for _, key := range slices.Backward(slices.Sorted(maps.Keys(m.index.Lessons))) {
				if date, ours := key.split(); date >= before || ok || !ours {
					continue
				}
				e, err := m.lessons(ctx, key)
				if err == nil && e != nil {
					l, err = e.lessons(office)
				}
				switch {
				case errors.Is(err, ErrDamaged):
					a.o.Logger.Error("lessons cannot be read; older ones are taken", "error", err)
				case err != nil:
					return err
				default:
					ok = true
				}
			}
			return nil
		})
		if err != nil || ok {
			return l, ok, err
		}
	}
	return Lessons{}, false, nil
}

// survey takes note of which months there are, so that nobody asks for the others.
// Streams are the names of all streams of the store.
func (a *Archive) survey(streams []string) {
	present := map[string]bool{}
	if a.o.Mirror != nil {
		streams = slices.Concat(streams, a.o.Mirror.Streams())
	}
	for _, s := range streams {
		if office, name, _, ok := splitStream(s); ok {
			present[streamOf(office, name, 1)] = true
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.months {
		present[key] = true
	}
	a.present = present
}

// between lists the months of an office, from one date's to another's, that may hold
// something.
func (a *Archive) between(office queue.OfficeID, from, to queue.Date) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(monthsBetween(from, to), func(name string) bool {
		return a.present != nil && !a.present[streamOf(office, name, 1)]
	})
}

// monthsBetween lists the months from one date's to another's.
func monthsBetween(from, to queue.Date) []string {
	first, _, err := from.Bounds()
	if err != nil || from > to {
		return nil
	}
	var names []string
	for at := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC); ; at = at.AddDate(0, 1, 0) {
		name := at.Format("2006-01")
		if name > monthOf(to) || len(names) > 12*100 {
			return names
		}
		names = append(names, name)
	}
}
