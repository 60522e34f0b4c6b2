package boltlog

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"machi/internal/eventlog"
)

// log is one bucket.
type log struct {
	store  *Store
	bucket []byte
}

// Head decodes the newest record.
func (l *log) Head(ctx context.Context) (head eventlog.Head, err error) {
	leave, err := l.store.enter(ctx)
	if err != nil {
		return eventlog.Head{}, err
	}
	defer leave()
	err = l.store.db.View(func(tx *bolt.Tx) error {
		head, err = newest(tx.Bucket(l.bucket))
		return err
	})
	return head, err
}

func newest(b *bolt.Bucket) (eventlog.Head, error) {
	if b == nil {
		return eventlog.Head{}, nil
	}
	k, v := b.Cursor().Last()
	if k == nil {
		return eventlog.Head{}, nil
	}
	r, err := decode(k, v)
	if err != nil {
		return eventlog.Head{}, err
	}
	return r.Head(), nil
}

// Append compares and writes in one transaction of its own: bbolt's batching
// would wait for company.
func (l *log) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	leave, err := l.store.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if _, err := eventlog.CheckBatch(after, records); err != nil || len(records) == 0 {
		return err
	}
	var refused error
	err = l.store.db.Update(func(tx *bolt.Tx) error {
		refused = l.put(tx, after, records)
		return refused
	})
	switch {
	case refused != nil:
		return refused
	case err != nil: // the commit itself failed, perhaps after its last page was written
		return fmt.Errorf("%w: %w", eventlog.ErrUnclear, err)
	}
	l.store.bell.Ring()
	return nil
}

func (l *log) put(tx *bolt.Tx, after eventlog.Head, records []eventlog.Record) error {
	b, err := tx.CreateBucketIfNotExists(l.bucket)
	if err != nil {
		return err
	}
	b.FillPercent = 1 // keys only ever ascend: pages may be filled to the end
	head, err := newest(b)
	if err != nil {
		return err
	}
	if head != after {
		return fmt.Errorf("%w: it is %d, not %d", eventlog.ErrConflict, head.Number, after.Number)
	}
	for _, r := range records {
		if err := b.Put(key(r.Number), eventlog.AppendRecord(nil, r)); err != nil {
			return err
		}
	}
	return nil
}

// Read copies records out of a short read transaction.
func (l *log) Read(ctx context.Context, after int64, limit int) (records []eventlog.Record, err error) {
	leave, err := l.store.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	err = l.store.db.View(func(tx *bolt.Tx) error {
		records, err = page(tx.Bucket(l.bucket), max(after, 0), limit)
		return err
	})
	return records, err
}

func page(b *bolt.Bucket, after int64, limit int) (records []eventlog.Record, err error) {
	if b == nil {
		return nil, nil
	}
	c := b.Cursor()
	for k, v := c.Seek(key(after + 1)); k != nil && len(records) < limit; k, v = c.Next() {
		r, damage := decode(k, v)
		if damage != nil {
			err = damage
			break
		}
		records = append(records, r)
	}
	good, gap := eventlog.CheckPage(after, records)
	if gap != nil {
		err = gap
	}
	return good, err
}

// Wait blocks until this process has appended a record above after: no other one
// can.
func (l *log) Wait(ctx context.Context, after int64) error {
	return l.store.bell.Wait(ctx, 0, func() (bool, error) {
		head, err := l.Head(ctx)
		return head.Number > after, err
	})
}
