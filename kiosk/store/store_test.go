package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/eventlog"
	"machi/internal/replica"
	"machi/kiosk/store"
)

func TestMain(m *testing.M) {
	store.CheckChild()
	// A child of the race detector's waits a second before it ends, for nothing.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	os.Exit(m.Run())
}

func options(dir string) store.Options {
	ids := 0
	return store.Options{
		Dir: dir, Office: "office", Kiosk: "K1", Check: store.CheckInChild, Logger: slog.New(slog.DiscardHandler),
		NewID:       func() string { ids++; return fmt.Sprintf("%s-%d", filepath.Base(dir), ids) },
		Incarnation: func() eventlog.Incarnation { return eventlog.Incarnation{1} },
	}
}

func open(t *testing.T, o store.Options) (*store.Store, []replica.Mark) {
	t.Helper()
	s, marks, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, marks
}

func mark(n int) replica.Mark {
	return replica.Mark{Kind: replica.MarkPress, Press: &replica.Press{State: replica.Printed, Serial: int64(n)}}
}

// filled makes a closed store with n marks and returns its id.
func filled(t *testing.T, dir string, n int) string {
	t.Helper()
	s, _ := open(t, options(dir))
	for i := range n {
		if err := s.Save(mark(i + 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.ID()
}

func wantMarks(n int) []replica.Mark {
	var want []replica.Mark
	for i := range n {
		want = append(want, mark(i+1))
	}
	return want
}

func journalFile(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "journal", "*.log"))
	if err != nil || len(found) != 1 {
		t.Fatalf("journal files: %v, %v", found, err)
	}
	return found[0]
}

func TestMarksComeBackWhateverHappensToOneFile(t *testing.T) {
	const marks = 40
	boltFile := func(dir string) string { return filepath.Join(dir, "marks.bolt") }
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, dir string)
	}{
		{"nothing", func(*testing.T, string) {}},
		{"bbolt lost", func(t *testing.T, dir string) { must(t, os.Remove(boltFile(dir))) }},
		{"bbolt empty", func(t *testing.T, dir string) { must(t, os.WriteFile(boltFile(dir), nil, 0o600)) }},
		{"bbolt cut", func(t *testing.T, dir string) { must(t, os.Truncate(boltFile(dir), 8192)) }},
		{"bbolt zeroed", func(t *testing.T, dir string) {
			overwrite(t, boltFile(dir), func(b []byte) []byte { clear(b[:len(b)/2]); return b })
		}},
		{"bbolt flipped", func(t *testing.T, dir string) {
			overwrite(t, boltFile(dir), func(b []byte) []byte {
				for i := 8192; i < len(b); i += 512 {
					b[i] ^= 0x40
				}
				return b
			})
		}},
		{"journal lost", func(t *testing.T, dir string) { must(t, os.RemoveAll(filepath.Join(dir, "journal"))) }},
		{"journal flipped", func(t *testing.T, dir string) {
			overwrite(t, journalFile(t, dir), func(b []byte) []byte { b[300] ^= 0x10; return b })
		}},
		{"journal cut", func(t *testing.T, dir string) { must(t, os.Truncate(journalFile(t, dir), 700)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			id := filled(t, dir, marks)
			tt.harm(t, dir)
			s, got := open(t, options(dir))
			if diff := cmp.Diff(wantMarks(marks), got); diff != "" {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
			if s.ID() != id {
				t.Errorf("id = %s, want %s: the range would be lost", s.ID(), id)
			}
			if bad := s.Health(); len(bad) > 0 {
				t.Errorf("health = %v, want both files", bad)
			}
			// The file that was harmed must be whole again: now it alone is enough.
			must(t, s.Save(mark(marks+1)))
			must(t, s.Close())
			must(t, os.RemoveAll(filepath.Join(dir, "journal")))
			if _, got = open(t, options(dir)); len(got) != marks+1 {
				t.Errorf("%d marks from bbolt alone, want %d", len(got), marks+1)
			}
		})
	}
}

func TestYesterdaysFileIsFilledUp(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, 5)
	old, err := os.ReadFile(filepath.Join(dir, "marks.bolt"))
	must(t, err)
	s, _ := open(t, options(dir))
	for i := 5; i < 9; i++ {
		must(t, s.Save(mark(i+1)))
	}
	must(t, s.Close())
	must(t, os.WriteFile(filepath.Join(dir, "marks.bolt"), old, 0o600))
	if _, got := open(t, options(dir)); len(got) != 9 {
		t.Errorf("%d marks, want 9", len(got))
	}
}

func TestAnotherMachinesFileIsPutAside(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	id := filled(t, dir, 3)
	filled(t, other, 8)
	foreign, err := os.ReadFile(filepath.Join(other, "marks.bolt"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "marks.bolt"), foreign, 0o600))
	s, got := open(t, options(dir))
	if diff := cmp.Diff(wantMarks(3), got); diff != "" || s.ID() != id {
		t.Errorf("id %s, marks (-want +got):\n%s", s.ID(), diff)
	}
}

func TestANewDiskIsANewStore(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	s, _ := open(t, o)
	first := s.ID()
	must(t, s.Close())
	must(t, os.RemoveAll(filepath.Join(dir, "marks.bolt")))
	must(t, os.RemoveAll(filepath.Join(dir, "journal")))
	if s, got := open(t, o); s.ID() == first || len(got) != 0 {
		t.Errorf("id = %s with %d marks, want another than %s with none", s.ID(), len(got), first)
	}
}

func TestFolderHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, options(dir))
	if _, _, err := store.Open(t.Context(), options(dir)); !errors.Is(err, store.ErrInUse) {
		t.Errorf("Open twice = %v, want ErrInUse", err)
	}
	must(t, s.Close())
	o := options(dir)
	o.Kiosk = "K2"
	if _, _, err := store.Open(t.Context(), o); !errors.Is(err, store.ErrOther) {
		t.Errorf("Open as another machine = %v, want ErrOther", err)
	}
}

func TestSaveFailsOnlyWithoutAnyFile(t *testing.T) {
	s, _ := open(t, options(t.TempDir()))
	must(t, s.Save(mark(1)))
	must(t, s.Close())
	if err := s.Save(mark(2)); err == nil {
		t.Error("Save on a closed store = nil: a ticket would be printed that nobody remembers")
	}
	if bad := s.Health(); len(bad) != 2 {
		t.Errorf("health = %v, want both files", bad)
	}
}

func TestOneFileIsEnough(t *testing.T) {
	dir := t.TempDir()
	// A folder where the bbolt file should be: that file cannot be had.
	must(t, os.Mkdir(filepath.Join(dir, "marks.bolt"), 0o700))
	o := options(dir)
	o.Check = func(context.Context, string) error { return nil }
	s, _ := open(t, o)
	must(t, s.Save(mark(1)))
	if bad := s.Health(); bad["marks.bolt"] == nil || len(bad) != 1 {
		t.Errorf("health = %v, want the bbolt file alone", bad)
	}
	must(t, s.Close())
	if _, got := open(t, o); len(got) != 1 {
		t.Errorf("%d marks from the journal alone, want 1", len(got))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// copyTree copies a folder and leaves holes where there are only zero bytes.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	must(t, filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		into := filepath.Join(to, strings.TrimPrefix(path, from))
		if entry.IsDir() {
			return os.MkdirAll(into, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return writeSparse(into, b)
	}))
}

// nothing is a page that was never written.
var nothing [4096]byte

func writeSparse(path string, b []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = f.Truncate(int64(len(b)))
	for at := 0; at < len(b) && err == nil; at += 4096 {
		if part := b[at:min(at+4096, len(b))]; !bytes.Equal(part, nothing[:len(part)]) {
			_, err = f.WriteAt(part, int64(at))
		}
	}
	return errors.Join(err, f.Close())
}

func overwrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, writeSparse(path, change(b)))
}
