package logtest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"machi/internal/eventlog"
)

// patience bounds everything the suite waits for. It only matters in a failing
// run, so it is far longer than the slowest machine needs.
const patience = 60 * time.Second

// Harness is one store under test, on data of its own.
type Harness struct {
	Store eventlog.Store
	// Reopen ends the life of Store as a crash or a close would and returns a new
	// store on the same data.
	Reopen func(t *testing.T) eventlog.Store
	// Second opens another store on the same data, as a second process would; nil
	// where the data admits one process only.
	Second func(t *testing.T) eventlog.Store
}

// Run runs the suite; open gives each test a store with nothing in it and stops
// everything in the test's clean-up.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, h Harness)
	}{
		{"an empty log has the zero head", testEmpty},
		{"records come back byte for byte and in order", testRoundTrip},
		{"a batch of many records goes in at once", testLargeBatch},
		{"an empty batch changes nothing", testEmptyBatch},
		{"read gives pages", testPaging},
		{"a head that is not the log's is a conflict", testConflict},
		{"records that do not chain are refused", testRefusesBrokenChain},
		{"records too long are refused", testRefusesTooLarge},
		{"an ended context appends nothing", testEndedContext},
		{"records survive a new start", testReopen},
		{"two logs of one stream are one", testTwoOpens},
		{"unusable stream names are refused", testStreamNames},
		{"streams are listed", testStreams},
		{"many streams stay apart", testManyStreams},
		{"a removed stream is empty, and others stay", testRemove},
		{"a closed store fails", testClosed},
		{"wait returns at once when there is more", testWaitReady},
		{"wait wakes on an append by the same store", testWaitSame},
		{"wait wakes on an append by another store", testWaitOther},
		{"wait ends with its context", testWaitContext},
		{"wait ends when the store closes", testWaitClosed},
		{"two appenders race", func(t *testing.T, h Harness) { testRace(t, h, 2) }},
		{"eight appenders race", func(t *testing.T, h Harness) { testRace(t, h, 8) }},
		{"one head admits one of many", testOneWinner},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// other returns the store of a second process, or the first store where there
// can be none.
func (h Harness) other(t *testing.T) eventlog.Store {
	if h.Second == nil {
		return h.Store
	}
	return h.Second(t)
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// Open opens a stream or ends the test.
func Open(t *testing.T, s eventlog.Store, stream string) eventlog.Log {
	t.Helper()
	log, err := s.Open(stream)
	must(t, "Open "+stream, err)
	return log
}

// Append adds n further records to log, ends the test on an error, and returns
// the new head.
func Append(t *testing.T, log eventlog.Log, n int) eventlog.Head {
	t.Helper()
	head := HeadOf(t, log)
	records := Records(head, n)
	must(t, "Append", log.Append(limited(t), head, records))
	return records[n-1].Head()
}

// HeadOf returns the log's head or ends the test.
func HeadOf(t *testing.T, log eventlog.Log) eventlog.Head {
	t.Helper()
	head, err := log.Head(limited(t))
	must(t, "Head", err)
	return head
}

// ReadAll returns all records of the log and ends the test unless they form one
// whole chain that ends at the log's head.
func ReadAll(t *testing.T, log eventlog.Log) []eventlog.Record {
	t.Helper()
	records, err := log.Read(limited(t), 0, math.MaxInt)
	must(t, "Read", err)
	last, err := eventlog.Head{}.Chain(records)
	must(t, "Chain", err)
	if head := HeadOf(t, log); head != last {
		t.Fatalf("Head = %v, but the last record is %v", head, last)
	}
	return records
}

// Same fails the test unless got are the records want, byte for byte.
func Same(t *testing.T, got, want []eventlog.Record) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if !equal(got[i], want[i]) {
			t.Fatalf("another record (-want +got):\n%s", cmp.Diff(want[i], got[i], cmpopts.EquateEmpty()))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
}

// equal compares thousands of records in no time, which a reflecting comparison does not.
func equal(a, b eventlog.Record) bool {
	return a.Number == b.Number && a.Prev == b.Prev && a.Incarnation == b.Incarnation && a.Fact == b.Fact && bytes.Equal(a.Body, b.Body)
}

// must ends the test with what failed.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s = %v, want %v", what, err, want)
	}
}
