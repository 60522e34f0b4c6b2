package bell

import (
	"context"
	"sync"
	"time"
)

// Bell wakes everybody who waits. The zero Bell is ready.
type Bell struct {
	mu   sync.Mutex
	next chan struct{} // closed by the next ring; nil while nobody waits
}

// Ring wakes all who wait now.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

func (b *Bell) listen() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// Wait asks ready at once, after every ring and, when poll is above zero, at
// least every poll, until it answers true or fails or the context ends. Polling
// is for logs that other processes append to.
func (b *Bell) Wait(ctx context.Context, poll time.Duration, ready func() (bool, error)) error {
	for {
		rung := b.listen()
		if err := ctx.Err(); err != nil {
			return err
		}
		if ok, err := ready(); ok || err != nil {
			return err
		}
		if err := pause(ctx, poll, rung); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, poll time.Duration, rung <-chan struct{}) error {
	var due <-chan time.Time
	if poll > 0 {
		timer := time.NewTimer(poll)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-rung:
	case <-due:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
