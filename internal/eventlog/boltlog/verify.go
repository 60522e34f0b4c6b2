package boltlog

import (
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"machi/internal/eventlog"
)

// Verify reads the whole file at path and returns nil if its pages are in order,
// every record's checksum is right and every stream is one chain from its first
// record. Damage in a record is an [eventlog.ErrCorrupt] naming stream and number.
//
// Call it in a child process with a time limit, not in the program that wants to
// go on: a torn file can end the process (SIGBUS, a panic in another goroutine) or
// never return. The child's exit is the answer: anything but a clean nil within
// the limit means that the file must be put aside and rebuilt.
//
// It changes nothing and returns [ErrLocked] while a writer has the file open.
func Verify(ctx context.Context, path string) error {
	db, err := openFile(path, Options{}, true)
	if err != nil {
		return err
	}
	return errors.Join(verifyFile(ctx, db), db.Close())
}

func verifyFile(ctx context.Context, db *bolt.DB) error {
	return db.View(func(tx *bolt.Tx) error {
		if err := verifyPages(tx); err != nil {
			return err
		}
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			if err := verifyStream(ctx, b); err != nil {
				return fmt.Errorf("stream %s: %w", name, err)
			}
			return nil
		})
	})
}

// verifyPages drains bbolt's own check, which would block its goroutine for ever
// if it were left half read.
func verifyPages(tx *bolt.Tx) error {
	var first error
	for err := range tx.Check() {
		if first == nil {
			first = fmt.Errorf("%w: %w", eventlog.ErrCorrupt, err)
		}
	}
	return first
}

func verifyStream(ctx context.Context, b *bolt.Bucket) error {
	if b == nil {
		return fmt.Errorf("%w: a key outside of all streams", eventlog.ErrCorrupt)
	}
	var head eventlog.Head
	return b.ForEach(func(k, v []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := decode(k, v)
		if err != nil {
			return err
		}
		if err := head.Follows(r); err != nil {
			return err
		}
		head = r.Head()
		return nil
	})
}
