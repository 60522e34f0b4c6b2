package logtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"machi/internal/eventlog"
)

func testPaging(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	for _, n := range []int{1, 5, 1, 13, 30} { // pages shall cut through batches
		Append(t, log, n)
	}
	all := ReadAll(t, log)
	for _, c := range []struct {
		after int64
		limit int
		want  []eventlog.Record
	}{
		{0, 0, nil},
		{0, -1, nil},
		{0, 1, all[:1]},
		{0, 4, all[:4]},
		{3, 4, all[3:7]},
		{6, 100, all[6:]},
		{49, math.MaxInt, all[49:]},
		{50, 10, nil},
		{1000, 10, nil},
	} {
		got, err := log.Read(limited(t), c.after, c.limit)
		must(t, fmt.Sprintf("Read(%d, %d)", c.after, c.limit), err)
		Same(t, got, c.want)
	}
}

func testReopen(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	Append(t, log, 5)
	Append(t, log, 1)
	want := ReadAll(t, log)
	store := h.Reopen(t)
	log = Open(t, store, stream)
	Same(t, ReadAll(t, log), want)
	head := HeadOf(t, log)
	more := Records(head, 2)
	must(t, "Append after the new start", log.Append(limited(t), head, more))
	Same(t, ReadAll(t, log), append(want, more...))
}

func testTwoOpens(t *testing.T, h Harness) {
	first, second := Open(t, h.Store, stream), Open(t, h.other(t), stream)
	Append(t, first, 3)
	Append(t, second, 2)
	Append(t, first, 1)
	want := ReadAll(t, first)
	if len(want) != 6 {
		t.Fatalf("%d records, want 6", len(want))
	}
	Same(t, ReadAll(t, second), want)
}

func testStreamNames(t *testing.T, h Harness) {
	for _, name := range []string{"", "a b", "a{b}", "*", "日", "a\x00", strings.Repeat("a", eventlog.MaxStreamName+1)} {
		_, err := h.Store.Open(name)
		wantErr(t, fmt.Sprintf("Open(%q)", name), err, eventlog.ErrStreamName)
	}
}

func testStreams(t *testing.T, h Harness) {
	names := []string{"b:2026-04-01", "a:2026-04-02", "a:2026-04-01", "..", "x/../y", "A_1+@"}
	for _, name := range names {
		Append(t, Open(t, h.Store, name), 1)
	}
	ReadAll(t, Open(t, h.Store, "never-written"))
	slices.Sort(names)
	got, err := h.other(t).Streams(limited(t))
	if err != nil || !slices.Equal(got, names) {
		t.Errorf("Streams = %q, %v; want %q", got, err, names)
	}
}

func testManyStreams(t *testing.T, h Harness) {
	want := map[string][]eventlog.Record{}
	for round := range 3 {
		for i := range 20 {
			name := fmt.Sprintf("office-%02d:2026-04-01", i)
			log := Open(t, h.Store, name)
			head := HeadOf(t, log)
			batch := Named(name, head, 1+(i+round)%4)
			must(t, "Append", log.Append(limited(t), head, batch))
			want[name] = append(want[name], batch...)
		}
	}
	for name, records := range want {
		Same(t, ReadAll(t, Open(t, h.Store, name)), records)
	}
}

func testClosed(t *testing.T, h Harness) {
	log := Open(t, h.Store, stream)
	head := Append(t, log, 1)
	must(t, "Close", h.Store.Close())
	must(t, "a second Close", h.Store.Close())
	wantErr(t, "Append", log.Append(limited(t), head, Records(head, 1)), eventlog.ErrClosed)
	_, err := log.Head(limited(t))
	wantErr(t, "Head", err, eventlog.ErrClosed)
	_, err = log.Read(limited(t), 0, 1)
	wantErr(t, "Read", err, eventlog.ErrClosed)
	wantErr(t, "Wait", log.Wait(limited(t), 1), eventlog.ErrClosed)
	_, err = h.Store.Streams(limited(t))
	wantErr(t, "Streams", err, eventlog.ErrClosed)
	_, err = h.Store.Open(stream)
	wantErr(t, "Open", err, eventlog.ErrClosed)
}

// testRemove asks nothing of a store that cannot forget.
func testRemove(t *testing.T, h Harness) {
	store, can := h.Store.(eventlog.Remover)
	if !can {
		return
	}
	log := Open(t, h.Store, stream)
	Append(t, log, 3)
	Append(t, Open(t, h.Store, "other"), 1)
	for range 2 { // the second time there is nothing to remove
		must(t, "Remove", store.Remove(limited(t), stream))
	}
	got, err := h.other(t).Streams(limited(t))
	if err != nil || !slices.Equal(got, []string{"other"}) {
		t.Errorf("Streams = %q, %v; want the other one", got, err)
	}
	if head := HeadOf(t, log); head != (eventlog.Head{}) {
		t.Errorf("head %+v, want none", head)
	}
	Append(t, log, 1)
	if got := ReadAll(t, log); len(got) != 1 {
		t.Errorf("%d records, want the one that was appended since", len(got))
	}
}
