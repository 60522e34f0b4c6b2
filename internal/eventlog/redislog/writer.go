package redislog

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog"
)

//go:embed append.lua
var appendSource string

var appendScript = redis.NewScript(appendSource)

// writer is the goroutine that appends. Nobody else touches its fields.
type writer struct {
	store *Store
	link  *link // nil while there is no connection
}

// run flushes until the store is closed.
func (w *writer) run() {
	defer w.drop()
	for {
		select {
		case <-w.store.done:
			return
		case first := <-w.store.queue:
			w.flush(w.gather(first))
		}
	}
}

// gather takes the requests that wait now, up to the size of one pipeline.
func (w *writer) gather(first *request) []*request {
	var batch []*request
	size := 0
	for next := first; next != nil; {
		if next.taken.CompareAndSwap(false, true) {
			batch = append(batch, next)
			size += len(next.blob)
		}
		if size >= maxFlushBytes || len(batch) >= maxQueue {
			break
		}
		select {
		case next = <-w.store.queue:
		default:
			next = nil
		}
	}
	return batch
}

// flush brings every request to an outcome. What a broken connection certainly
// did not append is sent a second time: after a restart of Redis the first use of
// an old connection always fails.
func (w *writer) flush(batch []*request) {
	again := w.try(batch, func(r *request, err error) bool { return !errors.Is(err, errNotThere) })
	w.try(again, func(*request, error) bool { return true })
}

// try sends the requests, answers those whose outcome is final, and returns the others.
func (w *writer) try(batch []*request, final func(*request, error) bool) (again []*request) {
	if len(batch) == 0 {
		return nil
	}
	for i, err := range w.outcomes(batch) {
		if final(batch[i], err) {
			batch[i].answer(err)
		} else {
			again = append(again, batch[i])
		}
	}
	return again
}

// outcomes sends the requests in one pipeline and returns what became of each.
func (w *writer) outcomes(batch []*request) []error {
	ctx, cancel := context.WithTimeout(context.Background(), w.store.options.Timeout)
	defer cancel()
	if err := w.connect(ctx); err != nil {
		return all(batch, fmt.Errorf("redislog: not appended, no connection: %w", err))
	}
	out := w.send(ctx, batch, appendScript.EvalSha)
	w.sendUnknownScript(ctx, batch, out)
	unclear := pick(out, func(err error) bool { return errors.Is(err, eventlog.ErrUnclear) })
	if len(unclear) == 0 {
		return out
	}
	fence := w.link
	w.drop()
	for i, err := range w.store.look(fence, choose(batch, unclear)) {
		if err != nil {
			err = fmt.Errorf("%w (at first: %v)", err, out[unclear[i]])
		}
		out[unclear[i]] = err
	}
	return out
}

// sendUnknownScript sends the source of the script to a Redis that has forgotten
// it, which is after each restart.
func (w *writer) sendUnknownScript(ctx context.Context, batch []*request, out []error) {
	unknown := pick(out, func(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") })
	if len(unknown) == 0 {
		return
	}
	for i, err := range w.send(ctx, choose(batch, unknown), appendScript.Eval) {
		out[unknown[i]] = err
	}
}

type evaluate func(ctx context.Context, c redis.Scripter, keys []string, args ...any) *redis.Cmd

// send writes one pipeline: the script for each request, then the wait for the
// replicas.
func (w *writer) send(ctx context.Context, batch []*request, eval evaluate) []error {
	pipe := w.link.conn.Pipeline()
	added := make([]*redis.Cmd, len(batch))
	for i, r := range batch {
		added[i] = eval(ctx, pipe, []string{r.key},
			r.after.Number, r.after.Hash[:], r.head.Number, r.head.Hash[:], r.head.Incarnation[:], r.blob, r.wake)
	}
	var copied *redis.Cmd
	if n := w.store.options.Replicas; n > 0 {
		copied = pipe.Do(ctx, "WAIT", n, w.store.options.ReplicaTimeout.Milliseconds())
	}
	_, _ = pipe.Exec(ctx) // each command holds its own error
	out := make([]error, len(batch))
	for i, cmd := range added {
		out[i] = w.outcome(cmd, batch[i])
	}
	return w.store.confirm(out, copied)
}

// outcome sorts one answer into appended, conflict, refused and unclear. A
// connection to a Redis that refuses writes is given up: there may be another
// master by now.
func (w *writer) outcome(cmd *redis.Cmd, r *request) error {
	added, err := cmd.Int()
	switch {
	case err == nil && added == 1:
		return nil
	case err == nil:
		return fmt.Errorf("%w: it is not %d any more", eventlog.ErrConflict, r.after.Number)
	case redis.HasErrorPrefix(err, "NOSCRIPT"):
		return err
	case refused(err):
		w.link.spent = true
		return fmt.Errorf("redislog: not appended: %w", err)
	}
	return fmt.Errorf("%w: %w", eventlog.ErrUnclear, err)
}

// refused reports whether err is an answer with which Redis says that it did not
// run the script.
func refused(err error) bool {
	for _, prefix := range []string{
		"LOADING", "READONLY", "MISCONF", "NOREPLICAS", "OOM", "NOAUTH", "NOPERM", "WRONGPASS", "WRONGTYPE",
		"BUSY", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN",
	} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// confirm turns what is appended into ErrUnsafe if too few replicas have it.
func (s *Store) confirm(out []error, copied *redis.Cmd) []error {
	if copied == nil {
		return out
	}
	have, err := copied.Int()
	if err == nil && have >= s.options.Replicas {
		return out
	}
	for i := range out {
		if out[i] == nil {
			out[i] = s.unsafe(have)
		}
	}
	return out
}

func (s *Store) unsafe(have int) error {
	return fmt.Errorf("%w: %d of %d replicas confirmed", eventlog.ErrUnsafe, have, s.options.Replicas)
}

func all(batch []*request, err error) []error {
	out := make([]error, len(batch))
	for i := range out {
		out[i] = err
	}
	return out
}

// pick returns the indexes of the errors for which want is true.
func pick(errs []error, want func(error) bool) (indexes []int) {
	for i, err := range errs {
		if err != nil && want(err) {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

func choose(batch []*request, indexes []int) []*request {
	out := make([]*request, 0, len(indexes))
	for _, i := range indexes {
		out = append(out, batch[i])
	}
	return out
}
