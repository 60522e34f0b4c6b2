package boltlog_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/logtest"
)

const stream = "km-setagaya:2026-04-01"

func TestContract(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Harness {
		path := filepath.Join(t.TempDir(), "store.bolt")
		store := open(t, path)
		return logtest.Harness{Store: store, Reopen: func(t *testing.T) eventlog.Store {
			shut(t, store)
			if err := boltlog.Verify(t.Context(), path); err != nil {
				t.Errorf("Verify: %v", err)
			}
			return open(t, path)
		}}
	})
}

func open(t *testing.T, path string) *boltlog.Store {
	t.Helper()
	store, err := boltlog.Open(path, boltlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, store) })
	return store
}

func shut(t *testing.T, store *boltlog.Store) {
	t.Helper()
	if err := store.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestSecondOpenerIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.bolt")
	open(t, path)
	_, err := boltlog.Open(path, boltlog.Options{Timeout: 10 * time.Millisecond})
	if !errors.Is(err, boltlog.ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("second Open = %v, want ErrLocked naming the file", err)
	}
	if err := boltlog.Verify(t.Context(), path); !errors.Is(err, boltlog.ErrLocked) {
		t.Errorf("Verify of an open file = %v", err)
	}
}

func TestOpenFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.bolt")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no bolt"), 4000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Dir(path)} {
		if _, err := boltlog.Open(name, boltlog.Options{}); err == nil || errors.Is(err, boltlog.ErrLocked) {
			t.Errorf("Open(%s) = %v", name, err)
		}
	}
	if err := boltlog.Verify(t.Context(), path+".missing"); err == nil {
		t.Error("Verify of a missing file succeeded")
	}
}

// written makes a store of ten records and returns its path, closed.
func written(t *testing.T) (string, []eventlog.Record) {
	path := filepath.Join(t.TempDir(), "store.bolt")
	store := open(t, path)
	log := logtest.Open(t, store, stream)
	logtest.Append(t, log, 10)
	records := logtest.ReadAll(t, log)
	shut(t, store)
	return path, records
}

func TestFlippedBitIsFound(t *testing.T) {
	for _, number := range []int64{1, 5, 10} {
		path, records := written(t)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stored := eventlog.AppendRecord(nil, records[number-1])
		at := bytes.LastIndex(raw, stored)
		if at < 0 {
			t.Fatal("the record is not in the file")
		}
		for from := 0; ; { // older pages may hold copies
			i := bytes.Index(raw[from:], stored)
			if i < 0 {
				break
			}
			raw[from+i+len(stored)-1] ^= 0x10
			from += i + len(stored)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := boltlog.Verify(t.Context(), path); !errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), stream) {
			t.Errorf("Verify with record %d damaged = %v", number, err)
		}
		log := logtest.Open(t, open(t, path), stream)
		got, err := log.Read(t.Context(), 0, 100)
		if !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("Read with record %d damaged = %v", number, err)
		}
		logtest.Same(t, got, records[:number-1])
	}
}

func TestDamagedHeadStopsAppends(t *testing.T) {
	path, records := written(t)
	last := records[9]
	edit(t, path, func(b *bolt.Bucket) error { return b.Put(keyOf(10), []byte("torn")) })
	log := logtest.Open(t, open(t, path), stream)
	if _, err := log.Head(t.Context()); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Head = %v", err)
	}
	if err := log.Append(t.Context(), last.Head(), logtest.Records(last.Head(), 1)); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Append = %v", err)
	}
	if err := log.Wait(t.Context(), 0); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Wait = %v", err)
	}
}

func keyOf(n byte) []byte { return []byte{0, 0, 0, 0, 0, 0, 0, n} }

// edit changes the stream's bucket behind the store's back.
func edit(t *testing.T, path string, change func(b *bolt.Bucket) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return change(tx.Bucket([]byte(stream))) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestWrongContentIsFound(t *testing.T) {
	other := logtest.Named("other", eventlog.Head{}, 4)[3]
	for _, c := range []struct {
		name   string
		change func(b *bolt.Bucket) error
		good   int
	}{
		{"a record is missing", func(b *bolt.Bucket) error { return b.Delete(keyOf(4)) }, 3},
		{"a record of another chain", func(b *bolt.Bucket) error { return b.Put(keyOf(4), eventlog.AppendRecord(nil, other)) }, 3},
		{"a record under another number", func(b *bolt.Bucket) error { return b.Put(keyOf(6), eventlog.AppendRecord(nil, other)) }, 5},
		{"bytes behind a record", func(b *bolt.Bucket) error { return b.Put(keyOf(8), append(bytes.Clone(b.Get(keyOf(8))), 0)) }, 7},
		{"a foreign key", func(b *bolt.Bucket) error { return b.Put([]byte("\xffkey"), []byte("x")) }, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, records := written(t)
			edit(t, path, c.change)
			if err := boltlog.Verify(t.Context(), path); !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("Verify = %v", err)
			}
			got, err := logtest.Open(t, open(t, path), stream).Read(t.Context(), 0, 100)
			if !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("Read = %v", err)
			}
			logtest.Same(t, got, records[:c.good])
		})
	}
}

func TestVerifyHonoursContext(t *testing.T) {
	path, _ := written(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := boltlog.Verify(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify with an ended context = %v", err)
	}
}
