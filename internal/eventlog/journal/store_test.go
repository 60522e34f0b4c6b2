package journal_test

import (
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/logtest"
)

const stream = "km-setagaya:2026-04-01"

func TestContract(t *testing.T) {
	for name, options := range map[string]journal.Options{"plain": {}, "preallocated": {Preallocate: 1 << 20}} {
		t.Run(name, func(t *testing.T) {
			logtest.Run(t, func(t *testing.T) logtest.Harness {
				dir := t.TempDir()
				store := open(t, dir, options)
				another := func(t *testing.T) eventlog.Store { return open(t, dir, options) }
				return logtest.Harness{Store: store, Second: another, Reopen: func(t *testing.T) eventlog.Store {
					shut(t, store)
					return another(t)
				}}
			})
		})
	}
}

func open(t *testing.T, dir string, options journal.Options) *journal.Store {
	t.Helper()
	store, err := journal.OpenStore(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, store) })
	return store
}

func shut(t *testing.T, store *journal.Store) {
	t.Helper()
	if err := store.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}
