//go:build unix

package journal

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// lockPatience bounds the wait for a lock: its holder may be a process that
// stands still.
const lockPatience = 5 * time.Second

// ErrLocked says that another process holds a lock for too long.
var ErrLocked = errors.New("journal: in use by another process")

// lock takes the file's lock, exclusive or shared, for this open file.
func lock(ctx context.Context, f file, exclusive bool) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	pause := 100 * time.Microsecond
	for limit := time.Now().Add(lockPatience); ; pause = min(2*pause, 5*time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("lock: %w", err)
		case time.Now().After(limit):
			return ErrLocked
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// unlock lets go of the lock. It cannot fail for an open file, and closing the
// file lets go as well.
func unlock(f file) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
