package redislog_test

import (
	"context"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
)

const (
	stream = "km-setagaya:2026-04-01"
	key    = "machi:{" + stream + "}:log"
)

// calm is a configuration for tests that are not about time-outs: a busy machine
// must not fail them.
func calm(server *redistest.Server) redislog.Options {
	return redislog.Options{URL: server.URL(), Timeout: 30 * time.Second, LookFor: 30 * time.Second}
}

func open(t *testing.T, options redislog.Options) *redislog.Store {
	t.Helper()
	store, err := redislog.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, store) })
	return store
}

func shut(t *testing.T, store *redislog.Store) {
	t.Helper()
	if err := store.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestContract(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Harness {
		server := redistest.Start(t)
		store := open(t, calm(server))
		return logtest.Harness{
			Store:  store,
			Second: func(t *testing.T) eventlog.Store { return open(t, calm(server)) },
			Reopen: func(t *testing.T) eventlog.Store {
				shut(t, store)
				server.Restart()
				return open(t, calm(server))
			},
		}
	})
}

func TestRestartUnderAnOpenStore(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	logtest.Append(t, log, 2)
	server.Restart() // the old connection is dead and the script forgotten
	logtest.Append(t, log, 2)
	server.MustDo("SCRIPT", "FLUSH")
	logtest.Append(t, log, 1)
	if got := len(logtest.ReadAll(t, log)); got != 5 {
		t.Errorf("%d records, want 5", got)
	}
}

func limited(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
