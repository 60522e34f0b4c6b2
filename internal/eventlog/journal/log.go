package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"machi/internal/eventlog"
)

// poll is how often a waiting reader looks for what other processes added.
const poll = 200 * time.Millisecond

// log is one file. Its fields below mu are what this process knows of the file;
// every call first brings them up to date under the file's lock.
type log struct {
	store *Store
	path  string

	mu     sync.Mutex
	file   file // nil until the file exists or has to
	closed bool
	broken bool
	head   eventlog.Head
	end    int64   // behind the last whole frame
	room   int64   // up to where disk space was asked for
	places []place // of the frames, in order
	damage error   // of what lies behind end; nil for a torn end
}

// place is where a frame's records are.
type place struct {
	last   int64 // number of the frame's last record
	offset int64
	size   int // of header and content
}

// Head returns the newest record's position.
func (l *log) Head(ctx context.Context) (head eventlog.Head, err error) {
	err = l.with(ctx, false, func() error {
		head = l.head
		return l.damage
	})
	if err != nil {
		return eventlog.Head{}, err
	}
	return head, nil
}

// Append compares and writes under the exclusive lock, as one frame.
func (l *log) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	if err := l.store.usable(ctx); err != nil {
		return err
	}
	head, err := eventlog.CheckBatch(after, records)
	if err != nil || len(records) == 0 {
		return err
	}
	err = l.with(ctx, true, func() error {
		switch {
		case l.broken:
			return errBroken
		case l.damage != nil:
			return l.damage
		case l.head != after:
			return fmt.Errorf("%w: it is %d, not %d", eventlog.ErrConflict, l.head.Number, after.Number)
		}
		return l.add(head, eventlog.EncodeRecords(records))
	})
	if err == nil {
		l.store.bell.Ring()
	}
	return err
}

func (l *log) add(head eventlog.Head, content []byte) error {
	if err := l.cut(); err != nil {
		return err
	}
	l.reserve()
	b := appendFrame(nil, content)
	broken, err := write(l.file, l.end, b)
	l.broken = broken
	if err != nil {
		return err
	}
	l.places = append(l.places, place{last: head.Number, offset: l.end, size: len(b)})
	l.head, l.end = head, l.end+int64(len(b))
	return nil
}

// reserve takes disk space ahead of the end, so that a disk that fills up later
// does not stop the log at once. A disk that is full already is asked again when
// some of the room that is left was used.
func (l *log) reserve() {
	ahead := l.store.options.Preallocate
	if ahead == 0 || l.room-l.end >= ahead/2 {
		return
	}
	l.room = l.end + ahead
	if reserve(l.file, l.room) != nil {
		l.room = l.end + ahead*5/8
	}
}

// cut removes a torn end, which could make later frames look damaged.
func (l *log) cut() error {
	info, err := l.file.Stat()
	if err != nil || info.Size() == l.end {
		return err
	}
	l.room = 0 // cutting gives back what was taken
	return errors.Join(l.file.Truncate(l.end), l.file.Sync())
}

// Read returns records from the frames that hold them.
func (l *log) Read(ctx context.Context, after int64, limit int) (records []eventlog.Record, err error) {
	after = max(after, 0)
	err = l.with(ctx, false, func() error {
		first := sort.Search(len(l.places), func(i int) bool { return l.places[i].last > after })
		for _, p := range l.places[first:] {
			if len(records) >= limit {
				return nil
			}
			found, err := l.load(p)
			records = append(records, above(found, after)...)
			if err != nil {
				return err
			}
		}
		if len(records) < limit && l.damage != nil {
			return fmt.Errorf("record %d: %w", l.head.Number+1, l.damage)
		}
		return nil
	})
	if len(records) > max(limit, 0) {
		records = records[:max(limit, 0)]
	}
	return records, err
}

// load reads a frame's records again from the disk.
func (l *log) load(p place) ([]eventlog.Record, error) {
	b := make([]byte, p.size)
	if _, err := l.file.ReadAt(b, p.offset); err != nil {
		return nil, err
	}
	content, ok := frameAt(b)
	if !ok {
		return nil, fmt.Errorf("%w: the frame up to record %d", eventlog.ErrCorrupt, p.last)
	}
	return eventlog.DecodeRecords(content)
}

func above(records []eventlog.Record, after int64) []eventlog.Record {
	for len(records) > 0 && records[0].Number <= after {
		records = records[1:]
	}
	return records
}

// Wait looks after each append by this process and five times a second.
func (l *log) Wait(ctx context.Context, after int64) error {
	return l.store.bell.Wait(ctx, poll, func() (bool, error) {
		head, err := l.Head(ctx)
		return head.Number > after, err
	})
}

// with runs do with the file locked and all of it known. A file that does not
// exist is an empty log to a reader.
func (l *log) with(ctx context.Context, exclusive bool, do func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return eventlog.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.ensure(exclusive); err != nil {
		return err
	}
	if l.file == nil {
		return do()
	}
	if err := lock(ctx, l.file, exclusive); err != nil {
		return err
	}
	defer unlock(l.file)
	if err := l.catchUp(); err != nil {
		return err
	}
	return do()
}

func (l *log) ensure(create bool) error {
	if l.file != nil {
		return nil
	}
	if _, err := os.Stat(l.path); !create && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	f, err := openFile(l.path, 0)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	l.file = f
	return nil
}

// catchUp reads what was added to the file since the last call. A file that has
// become shorter is read from the start: it was put back from somewhere.
func (l *log) catchUp() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < l.end {
		l.head, l.end, l.room, l.places, l.damage = eventlog.Head{}, 0, 0, nil, nil
	}
	b, err := readFrom(l.file, l.end)
	if err != nil {
		return err
	}
	base := l.end
	frames, _ := scan(b, base)
	l.damage = nil
	for _, f := range frames {
		if l.damage = l.adopt(f); l.damage != nil {
			return nil
		}
	}
	l.damage = judge(b[l.end-base:], l.end)
	return nil
}

// adopt takes a frame into what is known, if its records follow.
func (l *log) adopt(f frame) error {
	records, err := eventlog.DecodeRecords(f.content)
	if err != nil {
		return err
	}
	head, err := l.head.Chain(records)
	if err != nil {
		return err
	}
	l.head, l.end = head, f.end()
	l.places = append(l.places, place{last: head.Number, offset: f.offset, size: headerSize + len(f.content)})
	return nil
}

func (l *log) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
