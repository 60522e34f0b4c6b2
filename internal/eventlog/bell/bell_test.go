package bell_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"machi/internal/eventlog/bell"
)

func TestWaitReturnsAfterRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell.Bell
		var ready atomic.Bool
		done := make(chan error, 1)
		go func() {
			done <- b.Wait(t.Context(), 0, func() (bool, error) { return ready.Load(), nil })
		}()
		synctest.Wait()
		b.Ring() // a ring without news is no reason to return
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("Wait returned although ready answered false")
		}
		ready.Store(true)
		b.Ring()
		if err := <-done; err != nil {
			t.Errorf("Wait: %v", err)
		}
	})
}

func TestWaitPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell.Bell
		asked, start := 0, time.Now()
		err := b.Wait(t.Context(), time.Second, func() (bool, error) { asked++; return asked == 4, nil })
		if err != nil || asked != 4 || time.Since(start) != 3*time.Second {
			t.Errorf("Wait = %v after %d looks and %v; want nil, 4, 3s", err, asked, time.Since(start))
		}
	})
}

func TestWaitEndsWithContextAndFailure(t *testing.T) {
	var b bell.Bell
	never := func() (bool, error) { return false, nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Wait(ctx, 0, never); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait with an ended context = %v", err)
	}
	short, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	if err := b.Wait(short, 0, never); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait past its deadline = %v", err)
	}
	broken := errors.New("broken")
	if err := b.Wait(t.Context(), 0, func() (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("Wait with a failing look = %v", err)
	}
}
