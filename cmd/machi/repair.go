package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
)

// repair puts back what the store has lost at the ends of its streams and the side
// journal still holds. It only ever adds: damage in the middle of a stream is left
// to be seen, because what lies behind it may be all that is known.
func (c *verifyCmd) repair(ctx context.Context, store eventlog.Store) (err error) {
	side, err := journal.OpenSide(filepath.Join(c.Data, "journal"), journal.SideOptions{})
	if err != nil {
		return fmt.Errorf("side journal: %w", err)
	}
	defer closing(&err, side.Close)
	var failed []error
	for _, name := range side.Streams() {
		n, err := putBack(ctx, store, side, name)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
		if n > 0 {
			fmt.Println(name, "put back", n, "records")
		}
	}
	return errors.Join(failed...)
}

func putBack(ctx context.Context, store eventlog.Store, side *journal.Side, name string) (int, error) {
	log, err := store.Open(name)
	if err != nil {
		return 0, err
	}
	head, err := log.Head(ctx)
	if err != nil {
		return 0, err
	}
	lost, err := side.Tail(name, head)
	if err != nil {
		return 0, err
	}
	done := 0
	for done < len(lost) {
		page := lost[done:min(done+pageSize, len(lost))]
		if err := log.Append(ctx, head, page); err != nil {
			return done, err
		}
		head = page[len(page)-1].Head()
		done += len(page)
	}
	return done, nil
}
