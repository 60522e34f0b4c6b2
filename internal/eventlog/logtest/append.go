package logtest

import (
	"bytes"
	"context"
	"testing"

	"machi/internal/eventlog"
)

const stream = "km-setagaya:2026-04-01"

func testEmpty(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	if head := HeadOf(t, log); head != (eventlog.Head{}) {
		t.Errorf("Head of an empty log = %v", head)
	}
	Same(t, ReadAll(t, log), nil)
}

func testRoundTrip(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	want := Records(eventlog.Head{}, 120)
	want[3].Body = nil
	want = rechain(want)
	head := eventlog.Head{}
	for _, r := range want {
		must(t, "Append", log.Append(limited(t), head, []eventlog.Record{r}))
		head = r.Head()
		if got := HeadOf(t, log); got != head {
			t.Fatalf("Head = %v, want %v", got, head)
		}
	}
	Same(t, normal(ReadAll(t, log)), normal(want))
}

// rechain links records anew after their bodies were changed.
func rechain(records []eventlog.Record) []eventlog.Record {
	head := eventlog.Head{}
	for i := range records {
		records[i].Prev = head.Hash
		head = records[i].Head()
	}
	return records
}

// normal makes nil of empty bodies: a store keeps bytes, not Go's difference.
func normal(records []eventlog.Record) []eventlog.Record {
	for i := range records {
		if len(records[i].Body) == 0 {
			records[i].Body = nil
		}
	}
	return records
}

func testLargeBatch(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	Append(t, log, 3)
	want := ReadAll(t, log)
	head := HeadOf(t, log)
	big := Next(head, bytes.Repeat([]byte("長い"), 50_000))
	batch := append([]eventlog.Record{big}, Records(big.Head(), 1999)...)
	must(t, "Append", log.Append(limited(t), head, batch))
	Same(t, ReadAll(t, log), append(want, batch...))
}

func testEmptyBatch(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	head := Append(t, log, 2)
	must(t, "Append of nothing", log.Append(limited(t), head, nil))
	if got := HeadOf(t, log); got != head {
		t.Errorf("Head after appending nothing = %v, want %v", got, head)
	}
}

func testConflict(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	Append(t, log, 4)
	old := HeadOf(t, log)
	now := Append(t, log, 3)
	want := ReadAll(t, log)
	elsewhere := Named("another history", eventlog.Head{}, 9)
	for _, c := range []struct {
		name  string
		after eventlog.Head
	}{
		{"the empty log's head", eventlog.Head{}},
		{"a stale head", old},
		{"a head one ahead", Records(now, 1)[0].Head()},
		{"the right number with another hash", elsewhere[now.Number-1].Head()},
		{"a head far ahead", elsewhere[8].Head()},
	} {
		err := log.Append(limited(t), c.after, Named("late", c.after, 2))
		wantErr(t, "Append after "+c.name, err, eventlog.ErrConflict)
	}
	batch := Records(now, 1)
	must(t, "Append", log.Append(limited(t), now, batch))
	wantErr(t, "the same Append again", log.Append(limited(t), now, batch), eventlog.ErrConflict)
	Same(t, ReadAll(t, log), append(want, batch...))
}

func testRefusesBrokenChain(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	head := Append(t, log, 2)
	want := ReadAll(t, log)
	for _, c := range []struct {
		name  string
		spoil func(batch []eventlog.Record)
	}{
		{"a gap", func(b []eventlog.Record) { b[0].Number++ }},
		{"a number twice", func(b []eventlog.Record) { b[1].Number-- }},
		{"another previous hash", func(b []eventlog.Record) { b[0].Prev[0] ^= 1 }},
		{"a break inside the batch", func(b []eventlog.Record) { b[2].Prev[31] ^= 1 }},
		{"another incarnation", func(b []eventlog.Record) { b[0].Incarnation[0] ^= 1 }},
	} {
		batch := Records(head, 3)
		c.spoil(batch)
		wantErr(t, "Append with "+c.name, log.Append(limited(t), head, batch), eventlog.ErrCorrupt)
	}
	Same(t, ReadAll(t, log), want)
}

func testRefusesTooLarge(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	huge := Next(eventlog.Head{}, make([]byte, eventlog.MaxRecordBytes))
	err := log.Append(limited(t), eventlog.Head{}, []eventlog.Record{huge})
	wantErr(t, "Append of a huge record", err, eventlog.ErrTooLarge)
	head := eventlog.Head{}
	var many []eventlog.Record
	for range eventlog.MaxBatchBytes/(eventlog.MaxRecordBytes/2) + 1 {
		r := Next(head, make([]byte, eventlog.MaxRecordBytes/2))
		many, head = append(many, r), r.Head()
	}
	wantErr(t, "Append of a huge batch", log.Append(limited(t), eventlog.Head{}, many), eventlog.ErrTooLarge)
	Same(t, ReadAll(t, log), nil)
}

func testEndedContext(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	head := Append(t, log, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, "Append", log.Append(ctx, head, Records(head, 1)), context.Canceled)
	_, err := log.Read(ctx, 0, 10)
	wantErr(t, "Read", err, context.Canceled)
	_, err = log.Head(ctx)
	wantErr(t, "Head", err, context.Canceled)
	_, err = h.Store.Streams(ctx)
	wantErr(t, "Streams", err, context.Canceled)
	if got := HeadOf(t, log); got != head {
		t.Errorf("Head = %v, want %v", got, head)
	}
}
