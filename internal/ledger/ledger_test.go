package ledger_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/ledger"
)

// sum is a ledger of numbers and what it has added up.
type sum struct {
	*ledger.Ledger[int]

	mu    sync.Mutex
	total int
}

func (s *sum) value() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

func open(t *testing.T, log eventlog.Log) *sum {
	t.Helper()
	s := &sum{}
	set := func(change func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		change()
	}
	var err error
	s.Ledger, err = ledger.Open(t.Context(), ledger.Options[int]{
		Log: log, Name: "sum", Now: time.Now,
		Apply: func(n int, _ time.Time) { set(func() { s.total += n }) },
		Reset: func() { set(func() { s.total = 0 }) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stream(t *testing.T) (*memlog.Store, eventlog.Log) {
	t.Helper()
	store := memlog.New()
	log, err := store.Open("sum")
	if err != nil {
		t.Fatal(err)
	}
	return store, log
}

// TestEveryEventIsDecidedOnAllBeforeIt lets eight writers race to a limit that none
// of them may pass.
func TestEveryEventIsDecidedOnAllBeforeIt(t *testing.T) {
	_, log := stream(t)
	const limit = 10
	full := errors.New("full")
	var group sync.WaitGroup
	for range 8 {
		s := open(t, log)
		group.Go(func() {
			for {
				err := s.Append(t.Context(), func() ([]int, error) {
					if s.value() >= limit {
						return nil, full
					}
					return []int{1}, nil
				})
				if errors.Is(err, eventlog.ErrConflict) {
					continue
				}
				if err != nil {
					if !errors.Is(err, full) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	group.Wait()
	if got := open(t, log).value(); got != limit {
		t.Errorf("%d, want %d", got, limit)
	}
}

func TestALookKnowsWhatWasWrittenBeforeIt(t *testing.T) {
	_, log := stream(t)
	writer, reader := open(t, log), open(t, log)
	for want := 1; want <= 3; want++ {
		if err := writer.Append(t.Context(), func() ([]int, error) { return []int{1}, nil }); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if err := reader.Look(t.Context()); err != nil || reader.value() < want {
					t.Errorf("a look knows of %d, %v, want %d", reader.value(), err, want)
				}
			})
		}
		group.Wait()
	}
}

func TestNothingToWriteWritesNothing(t *testing.T) {
	store, log := stream(t)
	s := open(t, log)
	wrong := errors.New("wrong")
	for want, next := range map[error]error{nil: ledger.ErrDone, wrong: wrong} {
		if err := s.Append(t.Context(), func() ([]int, error) { return []int{1}, next }); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if n := len(store.Records("sum")); n != 0 || s.value() != 0 {
		t.Errorf("%d records", n)
	}
}

func TestWhatTheStoreForgetsIsPutBackAndAnotherLogCounts(t *testing.T) {
	store, log := stream(t)
	s := open(t, log)
	for range 3 {
		if err := s.Append(t.Context(), func() ([]int, error) { return []int{1, 1}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	store.Truncate("sum", 1)
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := open(t, log).value(); got != 6 {
		t.Errorf("after a loss: %d, want 6", got)
	}
	other, otherLog := stream(t)
	if err := open(t, otherLog).Append(t.Context(), func() ([]int, error) { return []int{40}, nil }); err != nil {
		t.Fatal(err)
	}
	store.Replace("sum", other.Records("sum"))
	if err := s.Refresh(t.Context()); err != nil || s.value() != 40 {
		t.Errorf("another log: %d, %v", s.value(), err)
	}
}
