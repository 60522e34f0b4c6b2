package redislog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog"
)

// lookAgain is the pause between two looks for an unclear append.
const lookAgain = 20 * time.Millisecond

// link is the writer's connection. id and addr are what Redis calls it; they are
// empty where Redis does not tell.
type link struct {
	conn     *redis.Conn
	id, addr string
	spent    bool // to be replaced before the next use
}

// connect makes sure that there is a connection and that its name is known. What
// fails here was not sent.
func (w *writer) connect(ctx context.Context) error {
	if w.link != nil && w.link.spent {
		w.drop()
	}
	if w.link != nil {
		return nil
	}
	l := &link{conn: w.store.writes.Conn()}
	info, err := l.conn.Do(ctx, "CLIENT", "INFO").Text()
	if err != nil && !denied(err) {
		_ = l.conn.Close() // the failure to connect is the error that counts
		return err
	}
	for field := range strings.FieldsSeq(info) {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "id":
			l.id = value
		case "addr":
			l.addr = value
		}
	}
	w.link = l
	return nil
}

// denied reports whether Redis answered that it knows no such command, or that
// this user may not use it.
func denied(err error) bool {
	return redis.HasErrorPrefix(err, "NOPERM") || redis.HasErrorPrefix(err, "ERR unknown")
}

func (w *writer) drop() {
	if w.link != nil {
		_ = w.link.conn.Close() // a connection that is given up has nothing left to say
		w.link = nil
	}
}

// look finds out what became of requests that were sent on a connection and not
// answered. It first has Redis kill that connection: what had not been read from
// it by then never will be, so that "not there" is final.
func (s *Store) look(from *link, batch []*request) []error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.LookFor)
	defer cancel()
	out := all(batch, eventlog.ErrUnclear)
	for ctx.Err() == nil {
		if done := s.lookOnce(ctx, from, batch, out); done {
			return out
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookAgain):
		}
	}
	return out
}

// lookOnce updates out and reports whether all requests have an outcome.
func (s *Store) lookOnce(ctx context.Context, from *link, batch []*request, out []error) (done bool) {
	pipe := s.reads.Pipeline()
	kill := from.kill(ctx, pipe)
	own, newest := make([]*redis.XMessageSliceCmd, len(batch)), make([]*redis.XMessageSliceCmd, len(batch))
	for i, r := range batch {
		own[i] = pipe.XRangeN(ctx, r.key, entryID(r.head.Number), "+", 1)
		newest[i] = pipe.XRevRangeN(ctx, r.key, "+", "-", 1)
	}
	_, _ = pipe.Exec(ctx) // each command holds its own error
	fenced := kill != nil && kill.Err() == nil
	done = true
	for i, r := range batch {
		out[i] = s.found(r, own[i], newest[i], fenced)
		done = done && !errors.Is(out[i], eventlog.ErrUnclear)
	}
	return done
}

// kill adds the command that ends the connection at Redis's side. Id and address
// together name it even if another server answers by now.
func (l *link) kill(ctx context.Context, pipe redis.Pipeliner) *redis.Cmd {
	if l.id == "" || l.addr == "" {
		return nil
	}
	return pipe.Do(ctx, "CLIENT", "KILL", "ID", l.id, "ADDR", l.addr)
}

// found judges one request by what the log holds.
func (s *Store) found(r *request, own, newest *redis.XMessageSliceCmd, fenced bool) error {
	if own.Err() != nil || newest.Err() != nil {
		return eventlog.ErrUnclear
	}
	if holds(own.Val(), r.head) {
		if s.options.Replicas > 0 {
			return s.unsafe(0) // on which nodes it is cannot be asked afterwards
		}
		return nil
	}
	head, err := headOf(newest.Val())
	switch {
	case err != nil:
		return fmt.Errorf("redislog: not appended: %w", err)
	case head != r.after:
		return fmt.Errorf("%w: it is %d, not %d", eventlog.ErrConflict, head.Number, r.after.Number)
	case !fenced:
		return eventlog.ErrUnclear
	}
	return errNotThere
}
