package logtest

import (
	"context"
	"testing"
	"time"

	"machi/internal/eventlog"
)

func testWaitReady(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	Append(t, log, 3)
	for _, after := range []int64{0, 1, 2} {
		must(t, "Wait with 3 records", log.Wait(limited(t), after))
	}
}

func testWaitSame(t *testing.T, h Harness)  { testWake(t, h.Store, h.Store) }
func testWaitOther(t *testing.T, h Harness) { testWake(t, h.Store, h.other(t)) }

// testWake appends records one by one through writer, each only after a reader
// has read the one before: a lost wake-up would stand still until patience ends.
func testWake(t *testing.T, reader, writer eventlog.Store) {
	const rounds = 5
	in, out := Open(t, writer, stream), Open(t, reader, stream)
	seen, failed := make(chan int64), make(chan error, 1)
	ctx := limited(t)
	go func() { failed <- follow(ctx, out, rounds, seen) }()
	for i := range int64(rounds) {
		Append(t, in, 1)
		select {
		case n := <-seen:
			if n != i+1 {
				t.Fatalf("the reader saw record %d, want %d", n, i+1)
			}
		case err := <-failed:
			t.Fatalf("the reader failed: %v", err)
		}
	}
	must(t, "the reader", <-failed)
}

func follow(ctx context.Context, log eventlog.Log, until int64, seen chan<- int64) error {
	for after := int64(0); after < until; {
		if err := log.Wait(ctx, after); err != nil {
			return err
		}
		records, err := log.Read(ctx, after, 1)
		if err != nil {
			return err
		}
		for _, r := range records {
			after = r.Number
			seen <- after
		}
	}
	return nil
}

func testWaitContext(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	head := Append(t, log, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, "Wait with an ended context", log.Wait(ended, head.Number), context.Canceled)
	short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	for { // Wait may return early: then it is asked again
		if err := log.Wait(short, head.Number); err != nil {
			wantErr(t, "Wait past its deadline", err, context.DeadlineExceeded)
			return
		}
	}
}

func testWaitClosed(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	head := Append(t, log, 1)
	ctx, done := limited(t), make(chan error, 1)
	go func() {
		for {
			if err := log.Wait(ctx, head.Number); err != nil {
				done <- err
				return
			}
		}
	}()
	must(t, "Close", h.Store.Close())
	wantErr(t, "Wait", <-done, eventlog.ErrClosed)
}
