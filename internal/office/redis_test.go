package office_test

import (
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
	"machi/internal/office"
)

// onRedis opens a store of its own, as another server process would.
func onRedis(t *testing.T, server *redistest.Server) *redislog.Store {
	t.Helper()
	// The timeout is that of a busy machine: what is slow is not gone.
	store, err := redislog.Open(redislog.Options{URL: server.URL(), Timeout: 20 * time.Second, LookFor: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

func recordsOf(t *testing.T, store eventlog.Store) []eventlog.Record {
	t.Helper()
	log, err := store.Open(stream)
	if err != nil {
		t.Fatal(err)
	}
	records, err := log.Read(t.Context(), 0, 10000)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestTwoServersOnRedis(t *testing.T) {
	server := redistest.Start(t)
	first, second := onRedis(t, server), onRedis(t, server)
	a, b := run(t, options("a", first)), run(t, options("b", second))
	crowd(t, a, b, func() []eventlog.Record { return recordsOf(t, first) })
	a.end()
	b.end()
}

// TestRedisForgetsEverything: the key is gone, the day is not.
func TestRedisForgetsEverything(t *testing.T) {
	server := redistest.Start(t)
	store := onRedis(t, server)
	w := run(t, options("a", store))
	for range 20 {
		w.must(issue())
	}
	want := recordsOf(t, store)
	server.MustDo("FLUSHALL")
	got := retry(w)
	if numberOf(got) != "A021" {
		t.Errorf("the next number is %s", numberOf(got))
	}
	if records := recordsOf(t, store); len(records) != len(want)+1 || records[len(want)-1].Hash() != want[len(want)-1].Hash() {
		t.Errorf("%d records, want the %d that there were, and one more", len(records), len(want))
	}
	w.end()
}

// TestRedisRestarts kills the server under a running office.
func TestRedisRestarts(t *testing.T) {
	server := redistest.Start(t)
	store := onRedis(t, server)
	w := run(t, options("a", store))
	w.must(issue())
	server.Kill9()
	if _, err := w.Do(t.Context(), km, w.request(issue())); err == nil {
		t.Error("a number without a store")
	}
	server.Restart()
	if got := numberOf(retry(w)); got != "A002" {
		t.Errorf("the next number is %s", got)
	}
	w.end()
}

// retry sends one request until the office is available, as a client does.
func retry(w *ward) office.Result {
	w.t.Helper()
	r := w.request(issue())
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-poll.C {
		result, err := w.Do(w.t.Context(), km, r)
		if err == nil {
			return result
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("still unavailable: %v", err)
		}
	}
}
