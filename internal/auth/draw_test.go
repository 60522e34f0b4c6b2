package auth

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"machi/internal/eventlog/memlog"
)

// TestNoCodeBeginsLikeOneUsedLately draws so often that each beginning would come up: a
// machine that missed the answer sends its code again, and no newer one may begin so.
func TestNoCodeBeginsLikeOneUsedLately(t *testing.T) {
	log, err := memlog.New().Open(Stream)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	k, err := Open(t.Context(), log, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	used, _, err := k.NewCode(t.Context(), "o", "K1", "tanaka")
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	if _, err := k.Enrol(t.Context(), Enrolment{Code: used, Key: key, Hardware: "hw"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 4000 {
		text, err := k.draw()
		if err != nil {
			t.Fatal(err)
		}
		seen[text[:finder]] = true
	}
	if seen[used[:finder]] || len(seen) != 99 {
		t.Errorf("%d beginnings were drawn; that of %s among them: %v", len(seen), used, seen[used[:finder]])
	}
}
