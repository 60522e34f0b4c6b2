package redislog

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog"
	"machi/internal/eventlog/bell"
)

// maxEntries bounds how many entries one exchange brings.
const maxEntries = 200

// log is one stream.
type log struct {
	store *Store
	key   string
	wake  string // the channel of its wake-ups
	bell  *bell.Bell
}

// Head decodes the newest entry, so that damage in it is found at once.
func (l *log) Head(ctx context.Context) (eventlog.Head, error) {
	if err := l.store.usable(ctx); err != nil {
		return eventlog.Head{}, err
	}
	newest, err := l.store.reads.XRevRangeN(ctx, l.key, "+", "-", 1).Result()
	if err != nil {
		return eventlog.Head{}, l.store.explain(ctx, err)
	}
	return headOf(newest)
}

// Read fetches entries until it has limit records; an entry may hold many.
func (l *log) Read(ctx context.Context, after int64, limit int) ([]eventlog.Record, error) {
	if err := l.store.usable(ctx); err != nil {
		return nil, err
	}
	var out []eventlog.Record
	var damage error
	next := max(after, 0) + 1
	for damage == nil && len(out) < limit {
		entries, err := l.from(ctx, next, min(limit-len(out), maxEntries))
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			break
		}
		out, next, damage = collect(out, entries, next)
	}
	if len(out) >= limit {
		out, damage = out[:max(limit, 0)], nil // what is damaged lies behind the page
	}
	good, gap := eventlog.CheckPage(max(after, 0), out)
	if gap != nil {
		damage = gap
	}
	return good, damage
}

func (l *log) from(ctx context.Context, number int64, limit int) ([]redis.XMessage, error) {
	entries, err := l.store.reads.XRangeN(ctx, l.key, entryID(number), "+", int64(limit)).Result()
	return entries, l.store.explain(ctx, err)
}

// Wait looks after each wake-up and twice a second.
func (l *log) Wait(ctx context.Context, after int64) error {
	err := l.bell.Wait(ctx, poll, func() (bool, error) {
		if err := l.store.usable(ctx); err != nil {
			return false, err
		}
		entries, err := l.from(ctx, max(after, 0)+1, 1)
		return len(entries) > 0, err
	})
	return l.store.explain(ctx, err)
}

// Append hands the records to the writer and waits for their outcome. When ctx
// ends first, it fails plainly if they were not sent yet; else with
// [eventlog.ErrUnclear].
func (l *log) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	if err := l.store.usable(ctx); err != nil {
		return err
	}
	head, err := eventlog.CheckBatch(after, records)
	if err != nil || len(records) == 0 {
		return err
	}
	r := &request{
		key: l.key, wake: l.wake, after: after, head: head,
		blob: eventlog.EncodeRecords(records), result: make(chan error, 1),
	}
	err = l.store.submit(ctx, r)
	if err == nil {
		l.bell.Ring()
	}
	return err
}

func entryID(number int64) string { return strconv.FormatInt(number, 10) + "-0" }
