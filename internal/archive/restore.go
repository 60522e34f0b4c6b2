package archive

import (
	"context"
	"errors"
	"fmt"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// ErrOther says that a store holds another log of a day than the archive does.
var ErrOther = errors.New("archive: the store has another log of that day")

// Restore puts a day back into a store: the whole log, or its end where the store has
// only the beginning. It returns how many records it added, 0 where the store has all
// of them, and [ErrOther] where it has others; then nothing changes.
func (a *Archive) Restore(ctx context.Context, store eventlog.Store, office queue.OfficeID, date queue.Date) (int, error) {
	records, err := a.Records(office, date)
	if err != nil {
		return 0, err
	}
	log, err := store.Open(day.Stream(office, date))
	if err != nil {
		return 0, err
	}
	head, err := log.Head(ctx)
	if err != nil {
		return 0, err
	}
	common := min(head.Number, int64(len(records)))
	if common > 0 {
		at, err := log.Read(ctx, common-1, 1)
		if err != nil {
			return 0, err
		}
		if len(at) != 1 || at[0].Head() != records[common-1].Head() {
			return 0, fmt.Errorf("%w: %s of %s", ErrOther, date, office)
		}
	}
	added := 0
	for rest := records[common:]; len(rest) > 0; {
		page := rest[:min(500, len(rest))]
		if err := log.Append(ctx, head, page); err != nil {
			return added, fmt.Errorf("archive: restore %s of %s: %w", date, office, err)
		}
		head, rest, added = page[len(page)-1].Head(), rest[len(page):], added+len(page)
	}
	return added, nil
}

// Over returns a store that also holds, to be read, the days of the archive that the
// store itself has not any more.
func (a *Archive) Over(store eventlog.Store) eventlog.Store { return &over{store, a} }

type over struct {
	eventlog.Store
	archive *Archive
}

// Open implements [eventlog.Store].
func (o *over) Open(stream string) (eventlog.Log, error) {
	log, err := o.Store.Open(stream)
	if err != nil {
		return nil, err
	}
	office, date, ok := day.SplitStream(stream)
	if !ok {
		return log, nil
	}
	if _, ok := o.archive.Find(office, date); !ok {
		return log, nil
	}
	return &shelved{Log: log, archive: o.archive, office: office, date: date}, nil
}

// shelved is the log of a day that the archive has as well.
type shelved struct {
	eventlog.Log
	archive *Archive
	office  queue.OfficeID
	date    queue.Date
	records []eventlog.Record
}

// Head implements [eventlog.Log].
func (s *shelved) Head(ctx context.Context) (eventlog.Head, error) {
	head, err := s.Log.Head(ctx)
	if err != nil || head.Number > 0 {
		return head, err
	}
	d, _ := s.archive.Find(s.office, s.date)
	return d.Head, nil
}

// Read implements [eventlog.Log].
func (s *shelved) Read(ctx context.Context, after int64, limit int) ([]eventlog.Record, error) {
	head, err := s.Log.Head(ctx)
	if err != nil {
		return nil, err
	}
	if head.Number > 0 {
		return s.Log.Read(ctx, after, limit)
	}
	if s.records == nil {
		if s.records, err = s.archive.Records(s.office, s.date); err != nil {
			return nil, fmt.Errorf("%w: %w", eventlog.ErrCorrupt, err)
		}
	}
	from := min(max(after, 0), int64(len(s.records)))
	return s.records[from:min(from+int64(limit), int64(len(s.records)))], nil
}

// Append refuses: an archived day takes no more records here.
func (s *shelved) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	head, err := s.Log.Head(ctx)
	if err == nil && head.Number == 0 {
		err = fmt.Errorf("%w: %s of %s is archived: restore it first", eventlog.ErrConflict, s.date, s.office)
	}
	if err != nil {
		return err
	}
	return s.Log.Append(ctx, after, records)
}
