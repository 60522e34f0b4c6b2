package redislog_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
)

// ledger is what the appenders of one test believe, by record body.
type ledger struct {
	mu        sync.Mutex
	confirmed map[string]bool
	refused   map[string]bool // Append said that they are certainly not in the log
	unclear   map[string]bool
	news      chan struct{} // has room for every confirmation
}

func newLedger() *ledger {
	return &ledger{
		confirmed: map[string]bool{}, refused: map[string]bool{}, unclear: map[string]bool{},
		news: make(chan struct{}, 1_000_000),
	}
}

func (l *ledger) note(body string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.confirmed[body] = true
		l.news <- struct{}{}
	case errors.Is(err, eventlog.ErrUnclear):
		l.unclear[body] = true
	default:
		l.refused[body] = true
	}
}

// append brings in records, each with a body of its own, until ctx ends.
func (l *ledger) append(ctx context.Context, log eventlog.Log, name string) {
	for i := 0; ctx.Err() == nil; i++ {
		head, err := log.Head(context.WithoutCancel(ctx))
		if err != nil {
			continue // Redis is down: ask again
		}
		body := fmt.Sprintf("%s-%d", name, i)
		r := logtest.Next(head, []byte(body))
		l.note(body, log.Append(context.WithoutCancel(ctx), head, []eventlog.Record{r}))
	}
}

// check compares the belief with the log.
func (l *ledger) check(t *testing.T, log eventlog.Log) {
	t.Helper()
	stored := map[string]int{}
	for _, r := range logtest.ReadAll(t, log) {
		stored[string(r.Body)]++
	}
	for body := range l.confirmed {
		if stored[body] != 1 {
			t.Errorf("confirmed record %s is in the log %d times", body, stored[body])
		}
	}
	for body := range l.refused {
		if stored[body] != 0 {
			t.Errorf("record %s was reported as not appended, but is in the log", body)
		}
	}
	for body, n := range stored {
		if n != 1 || !l.confirmed[body] && !l.unclear[body] {
			t.Errorf("record %s is in the log %d times", body, n)
		}
	}
	t.Logf("%d confirmed, %d refused, %d unclear", len(l.confirmed), len(l.refused), len(l.unclear))
}

func TestKilledRedisLosesNothing(t *testing.T) {
	const cycles, appenders, perCycle = 10, 4, 60
	server, book := redistest.Start(t), newLedger()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i := range appenders {
		log := logtest.Open(t, open(t, calm(server)), stream)
		running.Go(func() { book.append(ctx, log, fmt.Sprint("appender", i)) })
	}
	for range cycles {
		for range perCycle {
			<-book.news
		}
		server.Restart()
	}
	stop()
	running.Wait()
	if len(book.unclear) != 0 {
		t.Errorf("%d outcomes stayed unclear although Redis came back in time", len(book.unclear))
	}
	book.check(t, logtest.Open(t, open(t, calm(server)), stream))
}

func TestStoppedRedis(t *testing.T) {
	server, book := redistest.Start(t), newLedger()
	hasty := redislog.Options{
		URL: server.URL(), Timeout: 60 * time.Millisecond, LookFor: 30 * time.Millisecond, ReplicaTimeout: time.Millisecond,
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i := range 4 {
		log := logtest.Open(t, open(t, hasty), stream)
		running.Go(func() { book.append(ctx, log, fmt.Sprint("appender", i)) })
	}
	for range 5 {
		<-book.news
		server.Pause()
		<-limited(t, 150*time.Millisecond).Done() // longer than any appender waits
		server.Continue()
	}
	stop()
	running.Wait()
	book.check(t, logtest.Open(t, open(t, calm(server)), stream))
}

func TestUnclearIsResolvedWhenRedisGoesOn(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, redislog.Options{URL: server.URL(), Timeout: 200 * time.Millisecond, LookFor: 30 * time.Second})
	log := logtest.Open(t, store, stream)
	head := logtest.Append(t, log, 1)
	server.Pause()
	done := make(chan error, 1)
	go func() { done <- log.Append(t.Context(), head, logtest.Records(head, 2)) }()
	if _, err := log.Head(limited(t, 300*time.Millisecond)); err == nil {
		t.Error("a stopped Redis answered")
	}
	server.Continue()
	if err := <-done; err != nil {
		t.Errorf("Append = %v, want nil: it was found, or certainly absent and sent again", err)
	}
	if got := len(logtest.ReadAll(t, log)); got != 3 {
		t.Errorf("%d records, want 3", got)
	}
}

func TestContextEndsWhileRedisIsStopped(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	head := logtest.Append(t, log, 1)
	server.Pause()
	ctx, results := limited(t, 100*time.Millisecond), make(chan error, 2)
	for i := range 2 {
		go func() { results <- log.Append(ctx, head, logtest.Named(fmt.Sprint(i), head, 1)) }()
	}
	unclear := 0
	for range 2 {
		err := <-results
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Append = %v", err)
		}
		if errors.Is(err, eventlog.ErrUnclear) {
			unclear++
		}
	}
	if unclear == 0 {
		t.Error("no Append was unclear, though one had been sent")
	}
	if err := log.Wait(limited(t, 10*time.Millisecond), 9); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait = %v", err)
	}
	server.Continue()
	logtest.Append(t, log, 1)
	if got := len(logtest.ReadAll(t, log)); got > 3 {
		t.Errorf("%d records, want at most 3: only one of two rivals can be in", got)
	}
}

func TestUnreachableRedisIsAPlainFailure(t *testing.T) {
	server := redistest.Start(t)
	server.Kill9()
	options := redislog.Options{URL: server.URL(), Sentinels: []string{server.Addr()}, Master: "machi"}
	for name, o := range map[string]redislog.Options{"direct": {URL: server.URL()}, "by Sentinel": options} {
		store := open(t, o)
		log := logtest.Open(t, store, stream)
		err := log.Append(t.Context(), eventlog.Head{}, logtest.Records(eventlog.Head{}, 1))
		if err == nil || errors.Is(err, eventlog.ErrUnclear) {
			t.Errorf("%s: Append = %v, want a failure that is certain", name, err)
		}
		if _, err := log.Head(t.Context()); err == nil {
			t.Errorf("%s: Head succeeded", name)
		}
		if _, err := log.Read(t.Context(), 0, 1); err == nil {
			t.Errorf("%s: Read succeeded", name)
		}
		if _, err := store.Streams(t.Context()); err == nil {
			t.Errorf("%s: Streams succeeded", name)
		}
		if err := log.Wait(t.Context(), 0); err == nil {
			t.Errorf("%s: Wait succeeded", name)
		}
	}
}

func TestCloseWhileRedisIsStopped(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, redislog.Options{URL: server.URL(), Timeout: 300 * time.Millisecond, LookFor: 10 * time.Millisecond})
	log := logtest.Open(t, store, stream)
	head := logtest.Append(t, log, 1)
	server.Pause()
	results := make(chan error, 8)
	for i := range cap(results) {
		go func() { results <- log.Append(t.Context(), head, logtest.Named(fmt.Sprint(i), head, 1)) }()
	}
	if _, err := log.Head(limited(t, 20*time.Millisecond)); err == nil {
		t.Error("a stopped Redis answered")
	}
	shut(t, store)
	for range cap(results) {
		if err := <-results; err == nil || errors.Is(err, eventlog.ErrConflict) {
			t.Errorf("Append = %v, though Redis answered nothing", err)
		}
	}
}
