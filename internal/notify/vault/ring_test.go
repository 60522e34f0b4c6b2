package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

const today = "2026-04-01"

func open(t *testing.T, dir string) *Ring {
	t.Helper()
	r, err := Open(dir, today)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func take(t *testing.T, r *Ring, wraps []Wrap) {
	t.Helper()
	for _, w := range wraps {
		if err := r.Take(w); err != nil {
			t.Fatal(err)
		}
	}
}

// must stops the test at an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestServersThatShareKeysOpenWhatEachOfThemSealed(t *testing.T) {
	a, b, late := open(t, t.TempDir()), open(t, t.TempDir()), open(t, t.TempDir())
	if _, err := a.Seal([]byte("x"), "p"); !errors.Is(err, ErrNoKey) || a.Holds() {
		t.Errorf("sealed without a key: %v", err)
	}
	wraps := must(a.Make([][]byte{b.Public()}))(t)
	for _, r := range []*Ring{a, b, late} {
		take(t, r, wraps)
	}
	sealed := must(a.Seal([]byte("taro@example.jp"), "rule 1"))(t)
	if bytes.Contains(sealed.Box, []byte("taro")) {
		t.Error("the box shows what is in it")
	}
	if got := must(b.Open(sealed, "rule 1"))(t); string(got) != "taro@example.jp" {
		t.Errorf("opened %q", got)
	}
	if _, err := b.Open(sealed, "rule 2"); err == nil || errors.Is(err, ErrNoKey) {
		t.Errorf("opened for another purpose: %v", err)
	}
	if _, err := late.Open(sealed, "rule 1"); !errors.Is(err, ErrNoKey) {
		t.Errorf("opened without the key: %v", err)
	}
	take(t, late, must(b.For(late.Public()))(t))
	if got := must(late.Open(sealed, "rule 1"))(t); string(got) != "taro@example.jp" {
		t.Errorf("opened %q", got)
	}
	if a.Tag("x", "mail") != late.Tag("x", "mail") || a.Tag("x", "mail") == a.Tag("y", "mail") || a.Tag("x", "mail") == a.Tag("x", "line") {
		t.Error("tags do not tell texts apart, or servers do not agree")
	}
}

func TestARestartedServerReadsOnButNobodyAfterTheDay(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	wraps := must(a.Make(nil))(t)
	take(t, a, wraps)
	sealed := must(a.Seal([]byte("secret"), "p"))(t)

	again := open(t, dir)
	take(t, again, wraps)
	if got := must(again.Open(sealed, "p"))(t); string(got) != "secret" {
		t.Errorf("opened %q", got)
	}
	if err := again.Destroy(); err != nil {
		t.Fatal(err)
	}
	take(t, again, wraps)
	if _, err := again.Open(sealed, "p"); !errors.Is(err, ErrNoKey) {
		t.Errorf("opened after the day: %v", err)
	}
	if entries := must(os.ReadDir(dir))(t); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
	other := open(t, dir) // the same day again has another key: the old one is nowhere
	if err := other.Take(Wrap{Key: wraps[0].Key, For: Name(other.Public()), Box: wraps[0].Box}); err == nil {
		t.Error("a wrap opened with another private key")
	}
}

func TestKeysOfOlderDaysAreSweptAndATornOneIsReplaced(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"2026-03-30.key", "2026-03-31.key.part", today + ".key"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(dir, today); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	entries := must(os.ReadDir(dir))(t)
	if len(entries) != 1 || entries[0].Name() != today+".key" {
		t.Errorf("left: %v", entries)
	}
	take(t, r, must(r.Make(nil))(t))
	if !r.Holds() {
		t.Error("the new key holds nothing")
	}
	if info := must(entries[0].Info())(t); info.Mode().Perm() != 0o600 || info.Size() != 32 {
		t.Errorf("mode %v, %d bytes", info.Mode(), info.Size())
	}
}
