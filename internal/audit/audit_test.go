package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/audit"
	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
)

var noon = time.Date(2026, 10, 30, 12, 0, 0, 0, queue.JST)

var quiet = slog.New(slog.DiscardHandler)

// clock is a wall that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) add(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

func book(t *testing.T, store eventlog.Store) (*audit.Book, *clock, string) {
	t.Helper()
	c := &clock{now: noon}
	heads := filepath.Join(t.TempDir(), "heads.json")
	return audit.NewBook(audit.Options{Store: store, Now: c.Now, Heads: heads, Logger: quiet}), c, heads
}

func note(t *testing.T, b *audit.Book, e audit.Entry) {
	t.Helper()
	if err := b.Note(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, b *audit.Book, days eventlog.Store, q audit.Query) audit.Answer {
	t.Helper()
	if q.To.IsZero() {
		q.From, q.To = noon.Add(-audit.MaxSpan/2), noon.Add(audit.MaxSpan/2)
	}
	if q.Limit == 0 {
		q.Limit = 1000
	}
	a, err := b.Search(t.Context(), days, q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func verify(t *testing.T, store eventlog.Store, anchors audit.Anchors) []string {
	t.Helper()
	months, err := audit.Verify(t.Context(), store, anchors)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	for _, m := range months {
		for _, f := range m.Faults {
			faults = append(faults, m.Stream+": "+f)
		}
	}
	return faults
}

func TestEntriesAreFoundByEveryField(t *testing.T) {
	b, c, _ := book(t, memlog.New())
	note(t, b, audit.Entry{Who: "sato", Role: "manager", Action: "account.add", Office: "o", Target: "tanaka"})
	c.add(time.Minute)
	note(t, b, audit.Entry{Who: "Suzuki", Role: "admin", Action: "session.revoke", Target: "s1", Detail: "窓口の端末"})
	c.add(time.Minute)
	note(t, b, audit.Entry{Who: "sato", Action: "login", Result: "unauthenticated", Office: "p"})
	for name, row := range map[string]struct {
		q    audit.Query
		want []string
	}{
		"everything, the newest first": {audit.Query{}, []string{"login", "session.revoke", "account.add"}},
		"who, in any case":             {audit.Query{Who: "SUZU"}, []string{"session.revoke"}},
		"an action":                    {audit.Query{Action: "login"}, []string{"login"}},
		"a kind of action":             {audit.Query{Action: "account"}, []string{"account.add"}},
		"no part of a word":            {audit.Query{Action: "acc"}, nil},
		"a text":                       {audit.Query{Text: "端末"}, []string{"session.revoke"}},
		"an office":                    {audit.Query{Offices: []queue.OfficeID{"o"}}, []string{"account.add"}},
		"no office":                    {audit.Query{Offices: []queue.OfficeID{}}, nil},
		"from":                         {audit.Query{From: noon.Add(time.Second), To: noon.Add(time.Hour)}, []string{"login", "session.revoke"}},
		"to":                           {audit.Query{From: noon, To: noon.Add(time.Minute)}, []string{"account.add"}},
	} {
		var got []string
		for _, f := range find(t, b, nil, row.q).Entries {
			got = append(got, f.Action)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

func TestAnAnswerGoesOnWhereItEnded(t *testing.T) {
	b, c, _ := book(t, memlog.New())
	for i := range 25 {
		note(t, b, audit.Entry{Who: fmt.Sprint(i), Action: "a"})
		if i%3 == 0 {
			c.add(time.Second)
		}
	}
	var got []string
	for before := ""; ; {
		a := find(t, b, nil, audit.Query{Limit: 4, Before: before})
		for _, f := range a.Entries {
			got = append(got, f.Who)
		}
		if before = a.Next; before == "" {
			break
		}
	}
	if len(got) != 25 || got[0] != "24" || got[24] != "0" {
		t.Errorf("found %v", got)
	}
	for _, bad := range []string{"x", "2026-10-30T12:00:00Z", "2026-10-30T12:00:00Z_x_y", "_1_audit"} {
		if _, err := b.Search(t.Context(), nil, audit.Query{Before: bad}); err == nil {
			t.Errorf("%q is a place", bad)
		}
	}
}

func TestNothingTypedForgesALine(t *testing.T) {
	b, _, _ := book(t, memlog.New())
	for _, payload := range []string{"a\nb", "a\r\nb", "a\tb", "a\x00b", "a\x1b[31mb", "a\u2028b", "a\u2029b", "a\u202eb", "a\u200bb", "a\x85b", "a\xffb", "\ufeffa", `a\nb`, `a\u000ab`} {
		note(t, b, audit.Entry{Who: payload, Action: payload, Role: payload, Office: queue.OfficeID(payload), Target: payload, Result: payload, Detail: payload})
		f := find(t, b, nil, audit.Query{}).Entries[0]
		for _, text := range []string{f.Who, f.Action, f.Role, string(f.Office), f.Target, f.Result, f.Detail} {
			for _, r := range text {
				if r < ' ' || r > 126 && r != '\uFFFD' {
					t.Errorf("%q is kept as %q", payload, text)
				}
			}
			if text == payload {
				t.Errorf("%q is kept as it is: it cannot be told from what was written out", payload)
			}
		}
	}
	note(t, b, audit.Entry{Who: strings.Repeat("世", 500), Action: "a", Detail: strings.Repeat("x", 1<<20)})
	if f := find(t, b, nil, audit.Query{}).Entries[0]; len(f.Who) > 80 || len(f.Detail) > 600 || !strings.HasSuffix(f.Who, "世…") {
		t.Errorf("kept %d and %d bytes, %q", len(f.Who), len(f.Detail), f.Who)
	}
}

func TestEachDayHasAHead(t *testing.T) {
	store := memlog.New()
	b, c, _ := book(t, store)
	for range 4 { // over the end of a month
		note(t, b, audit.Entry{Who: "a", Action: "a"})
		note(t, b, audit.Entry{Who: "b", Action: "b"})
		c.add(24 * time.Hour)
	}
	heads := find(t, b, nil, audit.Query{}).Heads
	if len(heads) != 4 || heads[0].Date != "2026-11-02" || heads[3].Date != "2026-10-30" {
		t.Fatalf("heads %+v", heads)
	}
	var hashes []eventlog.Hash
	for _, h := range heads {
		hashes = append(hashes, h.Hash)
	}
	if faults := verify(t, store, audit.Anchors{Hashes: hashes}); faults != nil {
		t.Errorf("the heads that were shown: %v", faults)
	}
	hashes[2][0] ^= 1
	if faults := verify(t, store, audit.Anchors{Hashes: hashes}); len(faults) != 1 {
		t.Errorf("a head that never was: %v", faults)
	}
}

func TestManyProcessesWriteOneTrail(t *testing.T) {
	dir := t.TempDir()
	const writers, each = 4, 5
	var group sync.WaitGroup
	for w := range writers {
		store, err := journal.OpenStore(dir, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		b := audit.NewBook(audit.Options{Store: store, Now: (&clock{now: noon}).Now, Heads: filepath.Join(dir, "heads.json"), Logger: quiet})
		group.Go(func() {
			for i := range each {
				if err := b.Note(context.Background(), audit.Entry{Who: fmt.Sprint(w), Action: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	store, err := journal.OpenStore(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b, _, _ := book(t, store)
	if n := len(find(t, b, nil, audit.Query{}).Entries); n != writers*each {
		t.Errorf("%d entries, want %d", n, writers*each)
	}
	heads, err := audit.ReadHeads(filepath.Join(dir, "heads.json"))
	if err != nil {
		t.Fatal(err)
	}
	if faults := verify(t, store, audit.Anchors{Heads: heads}); faults != nil {
		t.Error(faults)
	}
}

func TestEntriesWaitForTheStore(t *testing.T) {
	store := memlog.New()
	b := audit.NewBook(audit.Options{Store: store, Now: (&clock{now: noon}).Now, Logger: quiet})
	note(t, b, audit.Entry{Who: "0", Action: "a"})
	store.SetFaults(func(memlog.Op, string) memlog.Fault { return memlog.Fail })
	for i := range 1002 {
		if err := b.Note(t.Context(), audit.Entry{Who: fmt.Sprint(i + 1), Action: "a"}); err == nil {
			t.Fatal("an entry is safe in a store that is away")
		}
	}
	store.SetFaults(nil)
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := find(t, b, nil, audit.Query{Limit: 2000}).Entries
	if len(got) != 1001 || got[0].Who != "1002" || got[999].Who != "3" {
		t.Errorf("%d entries, from %s to %s", len(got), got[0].Who, got[len(got)-1].Who)
	}
	if faults := verify(t, store, audit.Anchors{}); faults != nil {
		t.Error(faults)
	}
}

func TestUnclearOutcomesWriteOnce(t *testing.T) {
	for name, fault := range map[string]memlog.Fault{"written": memlog.UnclearDone, "not written": memlog.UnclearUndone, "not everywhere": memlog.Unsafe} {
		store := memlog.New()
		b, _, _ := book(t, store)
		note(t, b, audit.Entry{Who: "a", Action: "a"})
		store.SetFaults(memlog.Appends(fault))
		note(t, b, audit.Entry{Who: "b", Action: "b"})
		if n := len(find(t, b, nil, audit.Query{}).Entries); n != 2 {
			t.Errorf("%s: %d entries", name, n)
		}
	}
}

func TestWhatTheStoreForgetsIsPutBack(t *testing.T) {
	for keep := range int64(5) {
		store := memlog.New()
		b, _, heads := book(t, store)
		for i := range 4 {
			note(t, b, audit.Entry{Who: fmt.Sprint(i), Action: "a"})
		}
		store.Truncate("audit:2026-10", keep)
		note(t, b, audit.Entry{Who: "after", Action: "a"})
		remembered, err := audit.ReadHeads(heads)
		if err != nil {
			t.Fatal(err)
		}
		if faults := verify(t, store, audit.Anchors{Heads: remembered}); faults != nil {
			t.Errorf("%d left: %v", keep, faults)
		}
		if n := len(find(t, b, nil, audit.Query{}).Entries); n != 5 {
			t.Errorf("%d left: %d entries", keep, n)
		}
	}
}

func replace(t *testing.T, store, other *memlog.Store) {
	t.Helper()
	if err := store.Replace("audit:2026-10", other.Records("audit:2026-10")); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherHistoryIsNoticedByTheServersThemselves: by the one that runs, which
// notes again what is missing, and by one that starts and has only its file.
func TestAnotherHistoryIsNoticedByTheServersThemselves(t *testing.T) {
	store, other := memlog.New(), memlog.New()
	b, c, heads := book(t, store)
	for i := range 4 {
		note(t, b, audit.Entry{Who: fmt.Sprint(i), Action: "a"})
	}
	forged, _, _ := book(t, other)
	note(t, forged, audit.Entry{Who: "forger", Action: "a"})
	replace(t, store, other)
	before, err := os.ReadFile(heads)
	if err != nil {
		t.Fatal(err)
	}
	note(t, b, audit.Entry{Who: "after", Action: "a"})
	if got := find(t, b, nil, audit.Query{}).Entries; len(got) != 6 {
		t.Errorf("entries %+v", got)
	}
	if faults := verify(t, store, audit.Anchors{}); len(faults) != 1 || !strings.Contains(faults[0], "lost its trail") {
		t.Errorf("the server that runs: %v", faults)
	}
	replace(t, store, other)
	if err := os.WriteFile(heads, before, 0o600); err != nil {
		t.Fatal(err)
	}
	started := audit.NewBook(audit.Options{Store: store, Now: c.Now, Heads: heads, Logger: quiet})
	note(t, started, audit.Entry{Who: "after", Action: "a"})
	if faults := verify(t, store, audit.Anchors{}); len(faults) != 1 || !strings.Contains(faults[0], "lost its trail") {
		t.Errorf("the server that starts: %v", faults)
	}
}

// TestHeadsThatCannotBeRememberedStopNothing: the trail stands in the store, where
// each entry is written once.
func TestHeadsThatCannotBeRememberedStopNothing(t *testing.T) {
	for _, from := range []string{"the beginning", "the second entry"} {
		store := memlog.New()
		b, c, heads := book(t, store)
		if from == "the second entry" {
			note(t, b, audit.Entry{Who: "0", Action: "a"})
		}
		if err := os.WriteFile(heads, []byte("?"), 0o600); err != nil {
			t.Fatal(err)
		}
		note(t, b, audit.Entry{Who: "1", Action: "a"})
		c.add(time.Hour)
		if err := b.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		note(t, b, audit.Entry{Who: "2", Action: "a"})
		var who []string
		for _, e := range find(t, b, nil, audit.Query{}).Entries {
			who = append(who, e.Who)
		}
		if got := strings.Join(who, " "); got != "2 1" && got != "2 1 0" {
			t.Errorf("damaged from %s: entries of %s", from, got)
		}
		if raw, err := os.ReadFile(heads); err != nil || string(raw) != "?" {
			t.Errorf("the damaged file: %q, %v", raw, err)
		}
	}
}

// TestAServerThatNotesNothingPutsBackToo: the one that noted it all may be gone.
func TestAServerThatNotesNothingPutsBackToo(t *testing.T) {
	for keep := range int64(4) {
		store := memlog.New()
		a, c, heads := book(t, store)
		b := audit.NewBook(audit.Options{Store: store, Now: c.Now, Logger: quiet})
		look := func() {
			t.Helper()
			if err := b.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		look()
		if n := len(store.Records("audit:2026-10")); n != 0 {
			t.Fatalf("who looked wrote %d records", n)
		}
		for i := range 3 {
			note(t, a, audit.Entry{Who: fmt.Sprint(i), Action: "a"})
		}
		look()
		store.Truncate("audit:2026-10", keep)
		look()
		remembered, err := audit.ReadHeads(heads)
		if err != nil {
			t.Fatal(err)
		}
		if faults := verify(t, store, audit.Anchors{Heads: remembered}); faults != nil {
			t.Errorf("%d left: %v", keep, faults)
		}
	}
}
