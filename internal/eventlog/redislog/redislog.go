package redislog

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog"
	"machi/internal/eventlog/bell"
)

const (
	keyHead, keyTail = "machi:{", "}:log"
	wakeTail         = "}:wake"
)

// Store holds the streams of one Redis.
type Store struct {
	options Options
	reads   *redis.Client
	writes  *redis.Client // never tries again: a write could happen twice
	waits   *redis.Client // its one connection is blocked by the subscription
	queue   chan *request
	done    chan struct{} // closed by Close
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	bells  map[string]*bell.Bell // one for each stream that was opened
}

// Open returns a store for the Redis at the URL. It does not connect: calls fail
// as long as Redis cannot be reached. Ask [Store.CheckDurability] before use.
func Open(options Options) (*Store, error) {
	redirectLog()
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	dial, err := options.dialer()
	if err != nil {
		return nil, err
	}
	s := &Store{
		options: options,
		reads:   dial(1),
		writes:  dial(-1),
		waits:   dial(-1),
		queue:   make(chan *request, maxQueue),
		done:    make(chan struct{}),
		bells:   map[string]*bell.Bell{},
	}
	subscription := s.waits.PSubscribe(context.Background(), keyHead+"*"+wakeTail)
	s.running.Go(func() { s.listen(subscription) })
	s.running.Go(func() { (&writer{store: s}).run() })
	return s, nil
}

// Open returns the log of a stream.
func (s *Store) Open(stream string) (eventlog.Log, error) {
	if err := eventlog.CheckStream(stream); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, eventlog.ErrClosed
	}
	b, ok := s.bells[stream]
	if !ok {
		b = &bell.Bell{}
		s.bells[stream] = b
	}
	return &log{store: s, key: keyHead + stream + keyTail, wake: keyHead + stream + wakeTail, bell: b}, nil
}

// Streams lists all streams by walking over the keys of the whole database, which
// takes time in proportion to their number: it is for start-up and tools.
func (s *Store) Streams(ctx context.Context) ([]string, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	var names []string
	keys := s.reads.ScanType(ctx, 0, keyHead+"*"+keyTail, 1000, "stream").Iterator()
	for keys.Next(ctx) {
		name := strings.TrimSuffix(strings.TrimPrefix(keys.Val(), keyHead), keyTail)
		names = append(names, name)
	}
	if err := keys.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	slices.Sort(names)
	return slices.Compact(names), nil // a scan may name a key twice
}

// Remove deletes a stream's key. The server frees the memory in its own time.
func (s *Store) Remove(ctx context.Context, stream string) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if err := eventlog.CheckStream(stream); err != nil {
		return err
	}
	return s.explain(ctx, s.writes.Unlink(ctx, keyHead+stream+keyTail).Err())
}

// Share puts a value under machi:{name}:kind for other programs to read until it
// expires. It is no part of any log: a Redis that lost it has lost nothing.
func (s *Store) Share(ctx context.Context, name, kind string, value []byte, expire time.Duration) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.explain(ctx, s.reads.Set(ctx, keyHead+name+"}:"+kind, value, expire).Err())
}

// Shared returns what was put under machi:{name}:kind and has not expired; false: nothing.
func (s *Store) Shared(ctx context.Context, name, kind string) ([]byte, bool, error) {
	if err := s.usable(ctx); err != nil {
		return nil, false, err
	}
	value, err := s.reads.Get(ctx, keyHead+name+"}:"+kind).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	return value, err == nil, s.explain(ctx, err)
}

// Close ends all waits and closes the connections. Appends that were not sent yet
// fail with [eventlog.ErrClosed]; the ones on their way are waited for.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	bells := s.bells
	s.mu.Unlock()
	close(s.done)
	for _, b := range bells {
		b.Ring()
	}
	s.running.Wait()
	return errors.Join(s.reads.Close(), s.writes.Close(), s.waits.Close())
}

// listen rings the bells of the streams that others appended to.
func (s *Store) listen(subscription *redis.PubSub) {
	news := subscription.Channel(redis.WithChannelSize(1000))
	for {
		select {
		case <-s.done:
			_ = subscription.Close() // the connection is of no further use
			return
		case message := <-news:
			s.ring(strings.TrimSuffix(strings.TrimPrefix(message.Channel, keyHead), wakeTail))
		}
	}
}

func (s *Store) ring(stream string) {
	s.mu.Lock()
	b := s.bells[stream]
	s.mu.Unlock()
	if b != nil {
		b.Ring()
	}
}

func (s *Store) live() error {
	select {
	case <-s.done:
		return eventlog.ErrClosed
	default:
		return nil
	}
}

func (s *Store) usable(ctx context.Context) error {
	if err := s.live(); err != nil {
		return err
	}
	return ctx.Err()
}

// explain names the cause behind what the client reports: a closed store, or the
// end of the caller's context, which reaches the connection as a plain time-out.
func (s *Store) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if closed := s.live(); closed != nil {
		return closed
	}
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if deadline, ok := ctx.Deadline(); ok && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return err
}
