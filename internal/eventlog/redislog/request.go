package redislog

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"machi/internal/eventlog"
)

const (
	// maxQueue bounds the appends that wait; more of them wait in their own
	// goroutines until their contexts end.
	maxQueue = 256
	// maxFlushBytes bounds the records of one pipeline.
	maxFlushBytes = eventlog.MaxBatchBytes
)

// request is one append on its way to the writer.
type request struct {
	key, wake string
	after     eventlog.Head
	head      eventlog.Head // where the log stands afterwards
	blob      []byte
	result    chan error // has room for the one outcome

	// taken is set by whoever comes first: the writer, who will then answer, or the
	// caller, who gives up before anything was sent.
	taken atomic.Bool
}

// submit queues r and returns its outcome.
func (s *Store) submit(ctx context.Context, r *request) error {
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return eventlog.ErrClosed
	}
	select {
	case err := <-r.result:
		return err
	case <-ctx.Done():
		return r.giveUp(ctx.Err())
	case <-s.done:
		if r.taken.CompareAndSwap(false, true) {
			return eventlog.ErrClosed
		}
		return <-r.result // the writer finishes what it has sent, in bounded time
	}
}

func (r *request) giveUp(cause error) error {
	if r.taken.CompareAndSwap(false, true) {
		return cause
	}
	select {
	case err := <-r.result:
		return err
	default:
		return fmt.Errorf("%w: %w", eventlog.ErrUnclear, cause)
	}
}

// errNotThere says that an append certainly did not and will not take place,
// although Redis gave no answer to it, and that the head is still where it was.
var errNotThere = errors.New("redislog: not appended")

// answer tells the caller the outcome.
func (r *request) answer(err error) { r.result <- err }
