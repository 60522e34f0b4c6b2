package logtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"machi/internal/eventlog"
)

// testRace lets n appenders, half of them on another store, each bring in their
// own records, deciding anew after each conflict. Every record must be in once.
func testRace(t *testing.T, h Harness, n int) {
	const each = 15
	stores := []eventlog.Store{h.Store, h.other(t)}
	ctx := limited(t)
	failed := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		log := Open(t, stores[i%len(stores)], stream)
		all.Go(func() { failed[i] = insist(ctx, log, fmt.Sprintf("appender-%d", i), each) })
	}
	all.Wait()
	must(t, "an appender", errors.Join(failed...))
	count := map[string]int{}
	for _, r := range ReadAll(t, Open(t, h.Store, stream)) {
		count[string(r.Body)]++
	}
	for i := range n {
		for k := range each {
			if body := fmt.Sprintf("appender-%d record %d", i, k); count[body] != 1 {
				t.Errorf("%s is in the log %d times", body, count[body])
			}
		}
	}
	if len(count) != n*each {
		t.Errorf("%d different records, want %d", len(count), n*each)
	}
}

func insist(ctx context.Context, log eventlog.Log, name string, count int) error {
	for k := 0; k < count; {
		head, err := log.Head(ctx)
		if err != nil {
			return err
		}
		r := Next(head, fmt.Appendf(nil, "%s record %d", name, k))
		err = log.Append(ctx, head, []eventlog.Record{r})
		switch {
		case err == nil:
			k++
		case !errors.Is(err, eventlog.ErrConflict):
			return err
		}
	}
	return nil
}

func testOneWinner(t *testing.T, h Harness) {
	const n = 8
	head := Append(t, Open(t, h.Store, stream), 1)
	stores := []eventlog.Store{h.Store, h.other(t)}
	ctx := limited(t)
	results := make(chan error, n)
	for i := range n {
		log := Open(t, stores[i%len(stores)], stream)
		go func() { results <- log.Append(ctx, head, Named(fmt.Sprint("rival ", i), head, 3)) }()
	}
	won := 0
	for range n {
		err := <-results
		if err == nil {
			won++
		} else if !errors.Is(err, eventlog.ErrConflict) {
			t.Errorf("Append = %v", err)
		}
	}
	if got := len(ReadAll(t, Open(t, h.Store, stream))); won != 1 || got != 4 {
		t.Errorf("%d of %d appenders won, the log holds %d records; want 1 and 4", won, n, got)
	}
}
