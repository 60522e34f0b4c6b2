package memlog_test

import (
	"context"
	"errors"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
	"machi/internal/eventlog/memlog"
)

const stream = "km-setagaya:2026-04-01"

func TestContract(t *testing.T) {
	logtest.Run(t, func(t *testing.T) logtest.Harness {
		store := memlog.New()
		return logtest.Harness{
			Store:  store,
			Reopen: func(t *testing.T) eventlog.Store { return reopen(t, store) },
			Second: func(*testing.T) eventlog.Store { return store.Peer() },
		}
	})
}

func reopen(t *testing.T, store *memlog.Store) eventlog.Store {
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return store.Peer()
}

func TestAppendFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   memlog.Fault
		want    error
		applied bool
	}{
		{"none", memlog.None, nil, true},
		{"fail", memlog.Fail, memlog.ErrInjected, false},
		{"unclear and done", memlog.UnclearDone, eventlog.ErrUnclear, true},
		{"unclear and not done", memlog.UnclearUndone, eventlog.ErrUnclear, false},
		{"unsafe", memlog.Unsafe, eventlog.ErrUnsafe, true},
		{"black hole", memlog.Block, eventlog.ErrUnclear, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := memlog.New()
			log := logtest.Open(t, store, stream)
			head := logtest.Append(t, log, 2)
			store.SetFaults(memlog.Appends(c.fault))
			ctx, cancel := context.WithCancel(t.Context())
			if c.fault == memlog.Block {
				store.SetFaults(func(memlog.Op, string) memlog.Fault { cancel(); return memlog.Block })
			}
			defer cancel()
			err := log.Append(ctx, head, logtest.Records(head, 1))
			if !errors.Is(err, c.want) {
				t.Errorf("Append = %v, want %v", err, c.want)
			}
			store.SetFaults(nil)
			if got := len(logtest.ReadAll(t, log)) == 3; got != c.applied {
				t.Errorf("applied = %v, want %v", got, c.applied)
			}
		})
	}
}

func TestAppendsEnds(t *testing.T) {
	store := memlog.New()
	log := logtest.Open(t, store, stream)
	store.SetFaults(memlog.Appends(memlog.Fail))
	if err := log.Append(t.Context(), eventlog.Head{}, logtest.Records(eventlog.Head{}, 1)); !errors.Is(err, memlog.ErrInjected) {
		t.Errorf("first Append = %v", err)
	}
	logtest.Append(t, log, 1)
}

func TestOtherFaults(t *testing.T) {
	calls := map[memlog.Op]func(context.Context, eventlog.Log) error{
		memlog.OpHead: func(ctx context.Context, l eventlog.Log) error { _, err := l.Head(ctx); return err },
		memlog.OpRead: func(ctx context.Context, l eventlog.Log) error { _, err := l.Read(ctx, 0, 1); return err },
		memlog.OpWait: func(ctx context.Context, l eventlog.Log) error { return l.Wait(ctx, 0) },
	}
	for op, call := range calls {
		store := memlog.New()
		log := logtest.Open(t, store, stream)
		logtest.Append(t, log, 1)
		only := func(f memlog.Fault) func(memlog.Op, string) memlog.Fault {
			return func(o memlog.Op, s string) memlog.Fault {
				if o != op || s != stream {
					t.Errorf("asked for a fault of %s on %s, want %s", o, s, op)
				}
				return f
			}
		}
		store.SetFaults(only(memlog.Fail))
		if err := call(t.Context(), log); !errors.Is(err, memlog.ErrInjected) {
			t.Errorf("%s = %v", op, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		block := only(memlog.Block)
		store.SetFaults(func(op memlog.Op, s string) memlog.Fault { cancel(); return block(op, s) })
		if err := call(ctx, log); !errors.Is(err, context.Canceled) {
			t.Errorf("blocked %s = %v", op, err)
		}
		store.SetFaults(nil)
		if err := call(t.Context(), log); err != nil {
			t.Errorf("%s without faults = %v", op, err)
		}
	}
}

func TestLostTailAndOtherHistory(t *testing.T) {
	store := memlog.New()
	log := logtest.Open(t, store, stream)
	full := logtest.Append(t, log, 10)
	all := store.Records(stream)

	store.LoseTail(stream, 3)
	if head := logtest.HeadOf(t, log); head != all[6].Head() {
		t.Errorf("head after a lost tail = %v", head)
	}
	if err := log.Append(t.Context(), full, logtest.Records(full, 1)); !errors.Is(err, eventlog.ErrConflict) {
		t.Errorf("Append after the lost head = %v", err)
	}
	if err := log.Append(t.Context(), all[6].Head(), all[7:]); err != nil {
		t.Errorf("putting the tail back: %v", err)
	}
	logtest.Same(t, logtest.ReadAll(t, log), all)

	fork := logtest.Named("fork", all[4].Head(), 4)
	if err := store.Fork(stream, 5, fork); err != nil {
		t.Fatal(err)
	}
	logtest.Same(t, logtest.ReadAll(t, log), append(all[:5:5], fork...))
	if err := store.Fork(stream, 99, nil); err == nil {
		t.Error("Fork behind the end succeeded")
	}
	if err := store.Replace(stream, all[1:]); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Replace with half a chain = %v", err)
	}
	store.Truncate(stream, -1)
	if head := logtest.HeadOf(t, log); head != (eventlog.Head{}) {
		t.Errorf("head of an emptied stream = %v", head)
	}
}

func TestDamage(t *testing.T) {
	store := memlog.New()
	log := logtest.Open(t, store, stream)
	logtest.Append(t, log, 4)
	if store.Damage(stream, 5) || !store.Damage(stream, 3) {
		t.Error("Damage found a record that is not there, or none where one is")
	}
	got, err := log.Read(t.Context(), 0, 10)
	if len(got) != 2 || !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Read = %d records, %v", len(got), err)
	}
}

func TestCallersCannotChangeTheLog(t *testing.T) {
	store := memlog.New()
	log := logtest.Open(t, store, stream)
	mine := logtest.Records(eventlog.Head{}, 1)
	if err := log.Append(t.Context(), eventlog.Head{}, mine); err != nil {
		t.Fatal(err)
	}
	mine[0].Body[0] ^= 1
	logtest.ReadAll(t, log)[0].Body[1] ^= 1
	logtest.ReadAll(t, log)
}
