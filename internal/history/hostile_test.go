package history_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/history"
)

// TestForgedRecordsAreReported turns bytes of stored entries over, with every chain
// and checksum made anew, as only a program of another release or an enemy can.
func TestForgedRecordsAreReported(t *testing.T) {
	store := memlog.New()
	c := week(t, store)
	s := serve(t, store, nil, c, nil)
	s.round(true)
	whole := store.Records(april)
	r := rand.New(rand.NewPCG(24, 24))
	damaged := 0
	for round := range 60 {
		if err := store.Replace(april, forge(r, whole)); err != nil {
			t.Fatal(err)
		}
		fresh := serve(t, store, nil, c, nil)
		for d, err := range fresh.archive.Days(t.Context(), km, "2026-04-01", "2026-04-30") {
			switch {
			case errors.Is(err, history.ErrDamaged):
				damaged++
			case err != nil:
				t.Fatalf("round %d: %v", round, err)
			default:
				_ = history.Events(d)
			}
		}
		if _, _, err := fresh.archive.Lessons(t.Context(), km, "2026-04-06"); err != nil && !errors.Is(err, history.ErrDamaged) {
			t.Fatalf("round %d: %v", round, err)
		}
		if _, err := history.Verify(t.Context(), store, store, april); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	if damaged == 0 {
		t.Error("nothing was damaged")
	}
}

// forge changes a few bytes of one record's body and chains all anew.
func forge(r *rand.Rand, whole []eventlog.Record) []eventlog.Record {
	out := slices.Clone(whole)
	i := r.IntN(len(out))
	body := slices.Clone(out[i].Body)
	for range 1 + r.IntN(3) {
		body[r.IntN(len(body))] = byte(' ' + r.IntN(95))
	}
	out[i].Body = body
	var head eventlog.Head
	for i := range out {
		out[i].Prev = head.Hash
		head = out[i].Head()
	}
	return out
}
