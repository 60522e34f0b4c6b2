package history

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Prefix begins the name of every stream of history.
const Prefix = "history/"

const (
	tries   = 20  // against other writers, who all succeed in their turn
	page    = 50  // records read at once
	maxGap  = 200 // damaged records in a row before a stream is given up
	maxPart = 50
)

// streamOf names a month's stream, such as "history/km-setagaya/2026-11". When the
// newest record of one is damaged, the month goes on in "history/km-setagaya/2026-11+2".
func streamOf(office queue.OfficeID, name string, part int) string {
	s := Prefix + string(office) + "/" + name
	if part > 1 {
		s += "+" + strconv.Itoa(part)
	}
	return s
}

// splitStream reads what streamOf wrote.
func splitStream(stream string) (office queue.OfficeID, name string, part int, ok bool) {
	rest, ours := strings.CutPrefix(stream, Prefix)
	at := strings.LastIndexByte(rest, '/')
	if !ours || at < 1 {
		return "", "", 0, false
	}
	name, more, parted := strings.Cut(rest[at+1:], "+")
	part = 1
	if parted {
		n, err := strconv.Atoi(more)
		if err != nil || n < 2 || n > maxPart {
			return "", "", 0, false
		}
		part = n
	}
	_, _, err := queue.Date(name + "-01").Bounds()
	return queue.OfficeID(rest[:at]), name, part, err == nil
}

// monthOf returns the month of a date, such as "2026-11".
func monthOf(d queue.Date) string { return string(d)[:len("2026-11")] }

// month is what one process knows of one office's month.
type month struct {
	archive *Archive
	office  queue.OfficeID
	name    string

	mu    sync.Mutex // held while the stream is read or written
	part  int        // that is written to; 0: nothing was read yet
	head  eventlog.Head
	index index
	bad   map[spot]error // records that cannot be read
}

// look reads what is new. Where the store no longer has what it had, the month is
// read anew, and what is missing put back from the mirror. The caller holds mu.
func (m *month) look(ctx context.Context) error {
	for {
		again, err := m.step(ctx)
		if err != nil || !again {
			return err
		}
	}
}

// step looks at one part once; again: there is more to look at.
func (m *month) step(ctx context.Context) (again bool, err error) {
	fresh := m.part == 0
	if fresh {
		m.forget()
	}
	log, err := m.archive.o.Store.Open(streamOf(m.office, m.name, m.part))
	if err != nil {
		return false, err
	}
	head, err := log.Head(ctx)
	switch {
	case errors.Is(err, eventlog.ErrCorrupt):
		return true, m.seal(ctx, log, err)
	case err != nil:
		return false, err
	case head == m.head && !fresh:
		return false, nil
	case !fresh && m.part > 1 && head.Number == 0 && m.head.Number == 0:
		return false, nil // nothing was written behind the sealed part yet
	}
	kept, err := m.follow(ctx, log)
	switch {
	case err != nil:
		return false, err
	case !kept:
		m.archive.o.Logger.Warn("the store lost closed days; what is known of them is put back", "office", m.office, "month", m.name)
		m.part = 0
		return true, nil
	case m.bad[spot{m.part, head.Number}] != nil:
		return true, m.seal(ctx, log, eventlog.ErrCorrupt)
	case fresh:
		return false, m.heal(ctx)
	}
	return false, nil
}

func (m *month) forget() {
	m.part, m.head, m.index, m.bad = 1, eventlog.Head{}, index{}.clone(), map[spot]error{}
}

// follow reads on from the known head; false: the stream does not hold it any more.
func (m *month) follow(ctx context.Context, log eventlog.Log) (kept bool, err error) {
	known, after := m.head, m.head.Number
	kept = known.Number == 0
	if !kept {
		after--
	}
	var seen []eventlog.Record
	err = m.scan(ctx, log, after, func(r eventlog.Record) {
		if r.Number == known.Number {
			kept = r.Head() == known
			return
		}
		seen = append(seen, r)
		if len(seen) == page {
			m.take(seen)
			seen = nil
		}
	})
	if err == nil && kept {
		m.take(seen)
	}
	return kept, err
}

// scan reads a log to its end, and steps over what is damaged.
func (m *month) scan(ctx context.Context, log eventlog.Log, after int64, see func(eventlog.Record)) error {
	for gap := 0; gap < maxGap; {
		records, err := log.Read(ctx, after, page)
		for _, r := range records {
			see(r)
			after, gap = r.Number, 0
		}
		switch {
		case errors.Is(err, eventlog.ErrCorrupt):
			after, gap = after+1, gap+1
			m.damaged(spot{m.part, after}, err)
		case err != nil:
			return err
		case len(records) == 0:
			return nil
		}
	}
	return fmt.Errorf("%w: %d records in a row", eventlog.ErrCorrupt, maxGap)
}

func (m *month) damaged(at spot, err error) {
	if m.bad[at] == nil {
		m.bad[at] = err
		m.archive.o.Logger.Error("a record of history is damaged", "stream", streamOf(m.office, m.name, at.Part), "record", at.Number, "error", err)
	}
}

// take folds records that were read, and has the mirror keep them.
func (m *month) take(records []eventlog.Record) {
	for _, r := range records {
		m.head = r.Head()
		e, err := entryOf(r)
		if err != nil {
			m.damaged(spot{m.part, r.Number}, err)
			continue
		}
		m.index = e.Index.clone()
	}
	if len(records) == 0 || m.archive.o.Mirror == nil {
		return
	}
	if err := m.archive.o.Mirror.Add(streamOf(m.office, m.name, m.part), records...); err != nil {
		m.archive.o.Logger.Error("history is not kept on this server's disk", "office", m.office, "month", m.name, "error", err)
	}
}

// seal ends a part whose newest record is damaged: nothing can be appended to it.
func (m *month) seal(ctx context.Context, log eventlog.Log, why error) error {
	if m.part == maxPart {
		return why
	}
	var records []eventlog.Record
	if err := m.scan(ctx, log, 0, func(r eventlog.Record) { records = append(records, r) }); err != nil {
		return err
	}
	m.take(records)
	m.part, m.head = m.part+1, eventlog.Head{}
	next, err := m.archive.o.Store.Open(streamOf(m.office, m.name, m.part))
	if err != nil {
		return err
	}
	if head, err := next.Head(ctx); err != nil || head.Number > 0 {
		if errors.Is(err, eventlog.ErrCorrupt) {
			return nil // sealed as well, by the next step
		}
		if err == nil {
			_, err = m.follow(ctx, next)
		}
		if err != nil {
			return err
		}
	}
	return m.heal(ctx)
}

// read returns one record's entry.
func (m *month) read(ctx context.Context, at spot) (entry, error) {
	damaged := func(err error) (entry, error) {
		return entry{}, fmt.Errorf("%w: %s, record %d: %w", ErrDamaged, streamOf(m.office, m.name, at.Part), at.Number, err)
	}
	log, err := m.archive.o.Store.Open(streamOf(m.office, m.name, at.Part))
	if err != nil {
		return entry{}, err
	}
	records, err := log.Read(ctx, at.Number-1, 1)
	switch {
	case errors.Is(err, eventlog.ErrCorrupt):
		return damaged(err)
	case err != nil:
		return entry{}, err
	case len(records) == 0:
		return damaged(errors.New("it is not there"))
	}
	e, err := entryOf(records[0])
	if err != nil {
		return damaged(err)
	}
	return e, nil
}

// table returns the newest table of a date; nil: there is none.
func (m *month) table(ctx context.Context, date queue.Date) (*tableEntry, error) {
	at, ok := m.index.Tables[date]
	if !ok {
		return nil, nil
	}
	e, err := m.read(ctx, at)
	if err == nil && (e.Table == nil || e.Table.Date != date) {
		err = fmt.Errorf("%w: %s, record %d is not the table of %s", ErrDamaged, streamOf(m.office, m.name, at.Part), at.Number, date)
	}
	return e.Table, err
}

// lessons returns one lessons; nil: there are none.
func (m *month) lessons(ctx context.Context, key taught) (*lessonsEntry, error) {
	at, ok := m.index.Lessons[key]
	if !ok {
		return nil, nil
	}
	e, err := m.read(ctx, at)
	if err == nil && (e.Lessons == nil || e.Lessons.key() != key) {
		err = fmt.Errorf("%w: %s, record %d is not the lessons %s", ErrDamaged, streamOf(m.office, m.name, at.Part), at.Number, key)
	}
	return e.Lessons, err
}

// append writes what decide answers on the newest state, and asks it again after
// every conflict; nil: nothing. The caller holds mu.
func (m *month) append(ctx context.Context, decide func() (*entry, error)) error {
	for range tries {
		if err := m.look(ctx); err != nil {
			return err
		}
		done, err := m.try(ctx, decide)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("history: write %s of %s: %w, %d times", m.name, m.office, eventlog.ErrConflict, tries)
}

// try decides and writes once, on what is known.
func (m *month) try(ctx context.Context, decide func() (*entry, error)) (done bool, err error) {
	e, err := decide()
	if e == nil || err != nil {
		return true, err
	}
	log, err := m.archive.o.Store.Open(streamOf(m.office, m.name, m.part))
	if err != nil {
		return true, err
	}
	e.Index = m.index.with(*e, spot{m.part, m.head.Number + 1})
	r, err := record(m.head, *e, m.archive.o.Now())
	if err != nil {
		return true, err
	}
	switch err := log.Append(ctx, m.head, []eventlog.Record{r}); {
	case errors.Is(err, eventlog.ErrConflict):
		return false, nil
	case errors.Is(err, eventlog.ErrUnclear):
		return false, nil // decided anew on what is there: if it is in, nothing follows
	case err != nil && !errors.Is(err, eventlog.ErrUnsafe):
		return true, fmt.Errorf("history: write %s of %s: %w", m.name, m.office, err)
	}
	m.take([]eventlog.Record{r})
	return true, nil
}
