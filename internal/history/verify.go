package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"machi/internal/day"
	"machi/internal/eventlog"
)

// Report is what [Verify] found in one stream of history.
type Report struct {
	Stream   string
	Head     eventlog.Head
	Tables   int // of different dates
	Lessons  int
	Compared int      // tables that were made again of their log
	Faults   []string // what cannot be read, or is not what the log says
	Notes    []string // what is odd, and harms nothing
}

// Streams lists the streams of history in a store, sorted: each month's newest part
// last.
func Streams(ctx context.Context, store eventlog.Store) ([]string, error) {
	names, err := store.Streams(ctx)
	return slices.DeleteFunc(names, func(name string) bool {
		_, _, _, ours := splitStream(name)
		return !ours
	}), err
}

// Verify checks one stream: that its records chain, that every table and lessons in
// force can be read and has its hash, and that every table is what its log says,
// where that log is still there and this release makes tables by the same rules. The
// error says that the store could not be asked.
func Verify(ctx context.Context, store, logs eventlog.Store, stream string) (Report, error) {
	r := Report{Stream: stream}
	office, name, part, ours := splitStream(stream)
	if !ours {
		return r, fmt.Errorf("history: %s is no stream of history", stream)
	}
	log, err := store.Open(stream)
	if err != nil {
		return r, err
	}
	a := NewArchive(ArchiveOptions{Store: store, Logger: slog.New(slog.DiscardHandler)})
	m := &month{archive: a, office: office, name: name}
	m.forget()
	m.part = part
	var last eventlog.Head
	err = m.scan(ctx, log, 0, func(next eventlog.Record) {
		if next.Number == last.Number+1 && last.Follows(next) != nil {
			r.Faults = append(r.Faults, fmt.Sprintf("record %d does not follow the one before it", next.Number))
		}
		last = next.Head()
		m.take([]eventlog.Record{next})
	})
	if err != nil {
		return r, err
	}
	r.Head = last
	newer, err := m.newerPart(ctx)
	if err != nil {
		return r, err
	}
	for _, at := range slices.SortedFunc(maps.Keys(m.bad), func(a, b spot) int { return int(a.Number - b.Number) }) {
		r.Notes = append(r.Notes, fmt.Sprintf("record %d is damaged: %v", at.Number, m.bad[at]))
	}
	if newer {
		return r, nil // what is in force is said there
	}
	if m.bad[spot{part, last.Number + 1}] != nil {
		r.Faults = append(r.Faults, "the newest record is damaged")
	}
	err = m.verifyTables(ctx, logs, &r)
	return r, errors.Join(err, m.verifyLessons(ctx, &r))
}

// newerPart reports whether the month goes on in another stream.
func (m *month) newerPart(ctx context.Context) (bool, error) {
	log, err := m.archive.o.Store.Open(streamOf(m.office, m.name, m.part+1))
	if err != nil {
		return false, err
	}
	head, err := log.Head(ctx)
	if errors.Is(err, eventlog.ErrCorrupt) {
		return true, nil
	}
	return head.Number > 0, err
}

func (m *month) verifyTables(ctx context.Context, logs eventlog.Store, r *Report) error {
	for _, date := range slices.Sorted(maps.Keys(m.index.Tables)) {
		t, err := m.table(ctx, date)
		var kept Day
		if err == nil {
			kept, err = t.day(m.office)
		}
		if errors.Is(err, ErrDamaged) {
			r.Faults = append(r.Faults, err.Error())
			continue
		}
		if err != nil {
			return err
		}
		r.Tables++
		if kept.Source != FromLog {
			continue
		}
		if err := m.compare(ctx, logs, t, r); err != nil {
			return err
		}
	}
	return nil
}

// compare makes a table again and holds it against the one that is kept.
func (m *month) compare(ctx context.Context, logs eventlog.Store, t *tableEntry, r *Report) error {
	log, err := logs.Open(day.Stream(m.office, t.Date))
	if err != nil {
		return err
	}
	records, err := readAll(ctx, log)
	switch {
	case errors.Is(err, eventlog.ErrCorrupt):
		r.Notes = append(r.Notes, fmt.Sprintf("%s: its log is damaged, the table was not compared", t.Date))
		return nil
	case err != nil:
		return err
	case len(records) == 0:
		return nil // the log is gone; the table is what is left
	case t.Made != Making:
		r.Notes = append(r.Notes, fmt.Sprintf("%s: made by the rules %d, not compared", t.Date, t.Made))
		return nil
	}
	if at := t.Head.Number; at > int64(len(records)) || at < 1 || records[at-1].Head() != t.Head {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: made of another log than the one that is there", t.Date))
		return nil
	}
	if late := int64(len(records)) - t.Head.Number; late > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %d late records are not in the table yet", t.Date, late))
	}
	again, err := Build(m.office, t.Date, records[:t.Head.Number])
	if err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %v", t.Date, err))
		return nil
	}
	_, hash, err := again.pack()
	if err != nil {
		return err
	}
	r.Compared++
	if hash != t.Hash {
		r.Faults = append(r.Faults, fmt.Sprintf("%s: the table is not what its log says: %s, kept %s", t.Date, hash, t.Hash))
	}
	return nil
}

func (m *month) verifyLessons(ctx context.Context, r *Report) error {
	for _, key := range slices.Sorted(maps.Keys(m.index.Lessons)) {
		l, err := m.lessons(ctx, key)
		if _, ours := key.split(); err == nil && ours {
			_, err = l.lessons(m.office)
		}
		switch {
		case errors.Is(err, ErrDamaged):
			r.Faults = append(r.Faults, err.Error())
		case err != nil:
			return err
		default:
			r.Lessons++
		}
	}
	return nil
}
