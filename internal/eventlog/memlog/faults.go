package memlog

import (
	"context"
	"errors"
	"fmt"

	"machi/internal/eventlog"
)

// ErrInjected is the failure that faults cause.
var ErrInjected = errors.New("memlog: injected failure")

// Op says which method asks for a fault.
type Op string

// The operations that can be given a fault.
const (
	OpHead   Op = "head"
	OpAppend Op = "append"
	OpRead   Op = "read"
	OpWait   Op = "wait"
)

// Fault is what goes wrong in one call.
type Fault int

// The faults. Where a call is no append, all of them but Block act as Fail.
const (
	None          Fault = iota
	Fail                // nothing is done, the caller is told so
	UnclearDone         // appended, but the caller gets ErrUnclear
	UnclearUndone       // nothing is appended and the caller gets ErrUnclear
	Unsafe              // appended, but the caller gets ErrUnsafe
	Block               // nothing is done and nothing answered until the context ends: a black hole
)

// SetFaults makes every later call on this store ask choose for its fault; nil
// ends all faults. Choose is called without a lock held, in the caller's
// goroutine, and may itself use the store's data through another [Store.Peer].
func (s *Store) SetFaults(choose func(op Op, stream string) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = choose
}

// Appends returns a function for [Store.SetFaults] that gives the coming appends
// the named faults one after another, and none afterwards. It is not for several
// goroutines at once.
func Appends(faults ...Fault) func(Op, string) Fault {
	return func(op Op, _ string) Fault {
		if op != OpAppend || len(faults) == 0 {
			return None
		}
		next := faults[0]
		faults = faults[1:]
		return next
	}
}

func (s *Store) fault(op Op, stream string) Fault {
	s.mu.Lock()
	choose := s.faults
	s.mu.Unlock()
	if choose == nil {
		return None
	}
	return choose(op, stream)
}

// enter is the door of all calls but Append.
func (s *Store) enter(ctx context.Context, op Op, stream string) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	switch s.fault(op, stream) {
	case None:
		return nil
	case Block:
		<-ctx.Done()
		return ctx.Err()
	default:
		return fmt.Errorf("%s: %w", op, ErrInjected)
	}
}

// appendFault returns what an append must fail with before it is applied, or what
// it must answer although it was.
func (s *Store) appendFault(ctx context.Context, stream string) (before, behind error) {
	switch s.fault(OpAppend, stream) {
	case Fail:
		return fmt.Errorf("append: %w", ErrInjected), nil
	case UnclearDone:
		return nil, fmt.Errorf("%w: %w", eventlog.ErrUnclear, ErrInjected)
	case UnclearUndone:
		return fmt.Errorf("%w: %w", eventlog.ErrUnclear, ErrInjected), nil
	case Unsafe:
		return nil, fmt.Errorf("%w: %w", eventlog.ErrUnsafe, ErrInjected)
	case Block:
		<-ctx.Done()
		return fmt.Errorf("%w: %w", eventlog.ErrUnclear, ctx.Err()), nil
	}
	return nil, nil
}

// Records returns a copy of a stream as it is stored, past all faults.
func (s *Store) Records(stream string) []eventlog.Record {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	var out []eventlog.Record
	for _, e := range s.disk.streams[stream] {
		out = append(out, clone(e.record))
	}
	return out
}

// Truncate makes the stream forget all records above number, as a store does
// that started from an older or torn file. Zero empties it.
func (s *Store) Truncate(stream string, number int64) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	entries := s.disk.streams[stream]
	if number = max(number, 0); number < int64(len(entries)) {
		s.disk.streams[stream] = entries[:number:number]
	}
}

// LoseTail makes the stream forget its newest n records.
func (s *Store) LoseTail(stream string, n int) {
	s.Truncate(stream, int64(len(s.Records(stream))-n))
}

// Replace gives the stream another history. It returns [eventlog.ErrCorrupt] and
// changes nothing if records are no chain from the beginning.
func (s *Store) Replace(stream string, records []eventlog.Record) error {
	if _, err := (eventlog.Head{}).Chain(records); err != nil {
		return err
	}
	s.disk.mu.Lock()
	s.disk.streams[stream] = entriesOf(records)
	s.disk.mu.Unlock()
	s.disk.bell.Ring()
	return nil
}

// Fork cuts the stream behind number and continues it with records, which have
// to chain there: the history of the other side of a split.
func (s *Store) Fork(stream string, number int64, records []eventlog.Record) error {
	kept := s.Records(stream)
	if number < 0 || number > int64(len(kept)) {
		return fmt.Errorf("memlog: fork behind record %d of %d", number, len(kept))
	}
	return s.Replace(stream, append(kept[:number], records...))
}

// Damage makes reading the record with this number fail as a flipped bit does.
// It reports whether there is such a record.
func (s *Store) Damage(stream string, number int64) bool {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	entries := s.disk.streams[stream]
	if number < 1 || number > int64(len(entries)) {
		return false
	}
	entries[number-1].damaged = true
	return true
}
