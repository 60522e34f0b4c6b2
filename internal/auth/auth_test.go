package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/memlog"
)

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func memory(t *testing.T) (*memlog.Store, eventlog.Log) {
	t.Helper()
	store := memlog.New()
	log, err := store.Open(auth.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return store, log
}

func open(t *testing.T, log eventlog.Log) *auth.Keeper {
	t.Helper()
	k, err := auth.Open(t.Context(), log, at(noon))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTokenStandsForItsGrant(t *testing.T) {
	_, log := memory(t)
	k := open(t, log)
	token, made, err := k.Create(t.Context(), auth.Grant{Role: "staff", Office: "km-setagaya", Name: "窓口"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Check(t.Context(), token)
	if err != nil || got.Role != "staff" || got.ID != made.ID || !got.Allows("km-setagaya") || got.Allows("br-yoga") {
		t.Errorf("the token stands for %+v, %v", got, err)
	}
	for _, bad := range []string{"", "machi_", token + "x", strings.ToLower(token), strings.TrimPrefix(token, "machi_")} {
		if _, err := k.Check(t.Context(), bad); !errors.Is(err, auth.ErrUnknown) {
			t.Errorf("token %q: %v, want unknown", bad, err)
		}
	}
}

func TestTheLogHoldsNoToken(t *testing.T) {
	store, log := memory(t)
	token, _, err := open(t, log).Create(t.Context(), auth.Grant{Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range store.Records(auth.Stream) {
		if strings.Contains(string(r.Body), strings.TrimPrefix(token, "machi_")) {
			t.Errorf("record %d holds the token", r.Number)
		}
	}
}

func TestBadGrantsAreRefused(t *testing.T) {
	store, log := memory(t)
	k := open(t, log)
	before := len(store.Records(auth.Stream))
	for name, g := range map[string]auth.Grant{
		"no role":                {},
		"unknown role":           {Role: "emperor"},
		"long name":              {Role: "staff", Name: strings.Repeat("x", 81)},
		"machine without office": {Role: "kiosk", Kiosk: "K1"},
		"machine that is staff":  {Role: "staff", Office: "a", Kiosk: "K1"},
	} {
		if _, _, err := k.Create(t.Context(), g); !errors.Is(err, auth.ErrBadGrant) {
			t.Errorf("%s: %v, want a bad grant", name, err)
		}
	}
	if after := len(store.Records(auth.Stream)); after != before {
		t.Errorf("%d records were written for refused grants", after-before)
	}
}

func TestExpiryAndRevocation(t *testing.T) {
	_, log := memory(t)
	k := open(t, log)
	short, _, err := k.Create(t.Context(), auth.Grant{Role: "staff", Expires: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	later, err := auth.Open(t.Context(), log, at(noon.Add(2*time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Check(t.Context(), short); err != nil {
		t.Errorf("before its end: %v", err)
	}
	if _, err := later.Check(t.Context(), short); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("after its end: %v", err)
	}
	token, made, err := k.Create(t.Context(), auth.Grant{Role: "staff"})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Revoke(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Check(t.Context(), token); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("revoked: %v", err)
	}
	if err := k.Revoke(t.Context(), made.ID); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("revoked twice: %v", err)
	}
}

func TestTwoProcessesShareTokensAndKey(t *testing.T) {
	dir := t.TempDir()
	keeper := func() *auth.Keeper {
		store, err := journal.OpenStore(dir, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		log, err := store.Open(auth.Stream)
		if err != nil {
			t.Fatal(err)
		}
		return open(t, log)
	}
	a, b := keeper(), keeper()
	if string(a.SecretKey()) != string(b.SecretKey()) || len(a.SecretKey()) != 32 {
		t.Fatal("two processes have two keys")
	}
	token, made, err := a.Create(t.Context(), auth.Grant{Role: "kiosk", Office: "km-setagaya", Kiosk: "K1"})
	if err != nil {
		t.Fatal(err)
	}
	if g, err := b.Check(t.Context(), token); err != nil || g.Kiosk != "K1" {
		t.Errorf("the other process sees %+v, %v", g, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	if err := a.Revoke(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; {
		if _, err := b.Check(t.Context(), token); errors.Is(err, auth.ErrUnknown) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the other process still takes the revoked token")
		}
		time.Sleep(10 * time.Millisecond) // polling another process's view
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestManyWritersAtOnce(t *testing.T) {
	store, log := memory(t)
	const writers = 8
	keepers := make([]*auth.Keeper, writers)
	for i := range keepers {
		keepers[i] = open(t, log)
	}
	tokens := make([]string, writers)
	var group sync.WaitGroup
	for i, k := range keepers {
		group.Go(func() {
			token, _, err := k.Create(t.Context(), auth.Grant{Role: "staff"})
			if err != nil {
				t.Error(err)
			}
			tokens[i] = token
		})
	}
	group.Wait()
	last := open(t, log)
	for _, token := range tokens {
		if _, err := last.Check(t.Context(), token); err != nil {
			t.Errorf("a token was lost: %v", err)
		}
	}
	if n := len(store.Records(auth.Stream)); n != writers+1 {
		t.Errorf("%d records, want one per token and one key", n)
	}
}

func TestUnclearOutcomes(t *testing.T) {
	for name, fault := range map[string]memlog.Fault{"written": memlog.UnclearDone, "not written": memlog.UnclearUndone, "not everywhere": memlog.Unsafe} {
		t.Run(name, func(t *testing.T) {
			store, log := memory(t)
			k := open(t, log)
			store.SetFaults(memlog.Appends(fault))
			token, _, err := k.Create(t.Context(), auth.Grant{Role: "staff"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := open(t, log).Check(t.Context(), token); err != nil {
				t.Errorf("the token that was handed out: %v", err)
			}
			if n := len(store.Records(auth.Stream)); n != 2 {
				t.Errorf("%d records, want the key and one token", n)
			}
		})
	}
}

func TestWhatTheStoreForgetsIsPutBack(t *testing.T) {
	for _, keep := range []int64{0, 1, 2} {
		store, log := memory(t)
		k := open(t, log)
		token, _, err := k.Create(t.Context(), auth.Grant{Role: "staff"})
		if err != nil {
			t.Fatal(err)
		}
		gone, made, err := k.Create(t.Context(), auth.Grant{Role: "staff"})
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Revoke(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
		store.Truncate(auth.Stream, keep)
		if err := k.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := open(t, log)
		if _, err := after.Check(t.Context(), token); err != nil {
			t.Errorf("with %d records left, a new server does not know the token: %v", keep, err)
		}
		if _, err := after.Check(t.Context(), gone); !errors.Is(err, auth.ErrUnknown) {
			t.Errorf("with %d records left, a revoked token holds again: %v", keep, err)
		}
		if string(after.SecretKey()) != string(k.SecretKey()) {
			t.Errorf("with %d records left, the key is another one", keep)
		}
	}
}

func TestAnotherLogsTokensCount(t *testing.T) {
	store, log := memory(t)
	k := open(t, log)
	old, _, err := k.Create(t.Context(), auth.Grant{Role: "staff"})
	if err != nil {
		t.Fatal(err)
	}
	other, otherLog := memory(t)
	token, _, err := open(t, otherLog).Create(t.Context(), auth.Grant{Role: "staff"})
	if err != nil {
		t.Fatal(err)
	}
	store.Replace(auth.Stream, other.Records(auth.Stream))
	if err := k.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Check(t.Context(), old); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a token of the log that is gone: %v", err)
	}
	if _, err := k.Check(t.Context(), token); err != nil {
		t.Errorf("a token of the log that took its place: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	a, b := auth.DeriveSecret([]byte("key"), "command-1"), auth.DeriveSecret([]byte("key"), "command-2")
	if len(a) != 26 || a == b || a != auth.DeriveSecret([]byte("key"), "command-1") || a == auth.DeriveSecret([]byte("other"), "command-1") {
		t.Errorf("secrets %q and %q", a, b)
	}
	if h := auth.HashSecret(a); len(h) != 64 || strings.Contains(h, a) {
		t.Errorf("hash %q", h)
	}
}
