package boltlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"machi/internal/eventlog"
	"machi/internal/eventlog/bell"
)

// ErrLocked says that another process has the file open.
var ErrLocked = errors.New("boltlog: the file is in use by another process")

// Options are the choices an opener has; the zero value is good.
type Options struct {
	// Timeout is how long to wait for another process to let go of the file; zero
	// means one second.
	Timeout time.Duration
	// MapBytes is the memory map's first size. A map that need not grow never
	// stops readers; zero means 64 MiB, which costs address space, not memory.
	MapBytes int
}

// Store holds the streams of one file.
type Store struct {
	db   *bolt.DB
	bell bell.Bell // rings after each append and at the close

	mu     sync.RWMutex // held for reading by each call, for writing by Close
	closed bool
}

// Open opens or creates the file. It returns [ErrLocked] when another process has
// it open for longer than the timeout.
func Open(path string, options Options) (*Store, error) {
	db, err := openFile(path, options, false)
	if err != nil {
		return nil, err
	}
	return &Store{db: db}, nil
}

func openFile(path string, o Options, readOnly bool) (*bolt.DB, error) {
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	if o.MapBytes == 0 {
		o.MapBytes = 64 << 20
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:         o.Timeout,
		ReadOnly:        readOnly,
		NoFreelistSync:  true,
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: o.MapBytes,
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%w: %s", ErrLocked, path)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// Open returns the log of a stream.
func (s *Store) Open(stream string) (eventlog.Log, error) {
	if err := eventlog.CheckStream(stream); err != nil {
		return nil, err
	}
	leave, err := s.enter(context.Background())
	if err != nil {
		return nil, err
	}
	leave()
	return &log{store: s, bucket: []byte(stream)}, nil
}

// Streams lists all streams with at least one record.
func (s *Store) Streams(ctx context.Context) ([]string, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var names []string
	err = s.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			if key, _ := b.Cursor().First(); key != nil {
				names = append(names, string(name))
			}
			return nil
		})
	})
	return names, err
}

// Remove deletes a stream's bucket. Its pages are used again; the file does not shrink.
func (s *Store) Remove(ctx context.Context, stream string) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	err = s.db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(stream)) })
	if errors.Is(err, bolterrors.ErrBucketNotFound) {
		return nil
	}
	return err
}

// Close closes the file once all calls in progress have returned.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.bell.Ring()
	return s.db.Close()
}

// enter keeps the file open until the returned function is called.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return nil, eventlog.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		s.mu.RUnlock()
		return nil, err
	}
	return s.mu.RUnlock, nil
}

func key(number int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(number)) }

// decode reads the record that is stored under key and checks that it belongs there.
func decode(k, value []byte) (eventlog.Record, error) {
	if len(k) != 8 {
		return eventlog.Record{}, fmt.Errorf("%w: a key of %d bytes", eventlog.ErrCorrupt, len(k))
	}
	number := int64(binary.BigEndian.Uint64(k))
	r, n, err := eventlog.DecodeRecord(value)
	switch {
	case err != nil:
		return r, fmt.Errorf("record %d: %w", number, err)
	case n != len(value) || r.Number != number:
		return r, fmt.Errorf("%w: record %d stored under %d", eventlog.ErrCorrupt, r.Number, number)
	}
	return r, nil
}
