package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/eventlog/boltlog"
	"machi/internal/replica"
	"machi/kiosk/store"
)

// quick are options for files that were not damaged: they are checked in this process.
func quick(dir string) store.Options {
	o := options(dir)
	o.Check = boltlog.Verify
	return o
}

// newest keeps the newest n marks.
func newest(n int) func([]replica.Mark) []replica.Mark {
	return func(all []replica.Mark) []replica.Mark { return all[max(0, len(all)-n):] }
}

// saved opens a store and adds the marks of numbers from to to.
func saved(t *testing.T, o store.Options, from, to int) *store.Store {
	t.Helper()
	s, _ := open(t, o)
	for n := from; n <= to; n++ {
		must(t, s.Save(mark(n)))
	}
	return s
}

func between(from, to int) []replica.Mark { return wantMarks(to)[from-1:] }

func TestRotationKeepsWhatIsNeeded(t *testing.T) {
	dir := t.TempDir()
	s := saved(t, quick(dir).Eager(50), 1, 90)
	before := sizeOf(t, filepath.Join(dir, "journal"))
	for _, keep := range []int{45, 70} { // too little to gain
		must(t, s.Tidy(t.Context(), newest(keep)))
		if now := sizeOf(t, filepath.Join(dir, "journal")); now != before {
			t.Errorf("rotated to gain %d marks of 90", 90-keep)
		}
	}
	must(t, s.Tidy(t.Context(), newest(5)))
	if now := sizeOf(t, filepath.Join(dir, "journal")); now > before/10 {
		t.Errorf("the journal of 5 marks has %d bytes, that of 90 had %d", now, before)
	}
	must(t, s.Save(mark(91)))
	id := s.ID()
	must(t, s.Close())
	for _, lost := range []string{"", "marks.bolt", "journal"} {
		if lost != "" {
			must(t, os.RemoveAll(filepath.Join(dir, lost)))
		}
		s, got := open(t, quick(dir))
		if diff := cmp.Diff(between(86, 91), got); diff != "" || s.ID() != id {
			t.Errorf("without %q: id %s, marks (-want +got):\n%s", lost, s.ID(), diff)
		}
		must(t, s.Close())
	}
}

func sizeOf(t *testing.T, dir string) (total int64) {
	t.Helper()
	must(t, filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			total += info.Size()
		}
		return err
	}))
	return total
}

// TestYearsStaySmall lets a machine live through many rotations.
func TestYearsStaySmall(t *testing.T) {
	dir := t.TempDir()
	s := saved(t, quick(dir).Eager(50), 1, 20)
	most := int64(0)
	for year := range 20 {
		for n := range 60 {
			must(t, s.Save(mark(21+year*60+n)))
		}
		must(t, s.Tidy(t.Context(), newest(20)))
		most = max(most, sizeOf(t, filepath.Join(dir, "journal")))
	}
	if most > 20*300 {
		t.Errorf("the journal of 20 marks grew to %d bytes", most)
	}
	must(t, s.Close())
	if s, got := open(t, quick(dir)); len(got) != 20 || len(s.Health()) > 0 {
		t.Errorf("%d marks, health %v", len(got), s.Health())
	}
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 3 {
		t.Errorf("the folder holds %v, want the lock and two files", left)
	}
}

// TestRotationCutAtEveryPoint opens what a crash left at each point of a rotation,
// whole and with either file lost: all marks or the kept ones, never a third thing.
func TestRotationCutAtEveryPoint(t *testing.T) {
	dir := t.TempDir()
	must(t, saved(t, quick(dir), 1, 120).Close())
	cuts := map[string]string{}
	o := quick(dir).At(func(point string) {
		cuts[point] = t.TempDir()
		copyTree(t, cuts[point], dir)
	})
	s, _ := open(t, o.Eager(50))
	id := s.ID()
	must(t, s.Tidy(t.Context(), newest(40)))
	if len(cuts) != 4 {
		t.Fatalf("cut at %d points, want 4", len(cuts))
	}
	for point, left := range cuts {
		for _, lost := range []string{"", "marks.bolt", "journal"} {
			t.Run(fmt.Sprintf("%s, lost %q", point, lost), func(t *testing.T) {
				dir := t.TempDir()
				copyTree(t, dir, left)
				if lost != "" {
					must(t, os.RemoveAll(filepath.Join(dir, lost)))
				}
				s, got := open(t, quick(dir))
				whole, kept := cmp.Diff(between(1, 120), got), cmp.Diff(between(81, 120), got)
				if whole != "" && kept != "" || s.ID() != id || len(s.Health()) > 0 {
					t.Fatalf("%d marks of %s, health %v", len(got), s.ID(), s.Health())
				}
				must(t, s.Save(mark(121)))
				must(t, s.Close())
				must(t, os.RemoveAll(filepath.Join(dir, "journal")))
				if _, again := open(t, quick(dir)); len(again) != len(got)+1 {
					t.Errorf("%d marks from the bbolt file alone, want %d", len(again), len(got)+1)
				}
			})
		}
	}
}

func TestAnOlderGenerationIsNotBelieved(t *testing.T) {
	for _, name := range []string{"marks.bolt", "journal/kiosk.log"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := saved(t, quick(dir).Eager(50), 1, 80)
			yesterday, err := os.ReadFile(filepath.Join(dir, name))
			must(t, err)
			must(t, s.Tidy(t.Context(), newest(20)))
			must(t, s.Save(mark(81)))
			must(t, s.Close())
			must(t, os.WriteFile(filepath.Join(dir, name), yesterday, 0o600))
			s, got := open(t, quick(dir))
			if diff := cmp.Diff(between(61, 81), got); diff != "" || len(s.Health()) > 0 {
				t.Errorf("health %v, marks (-want +got):\n%s", s.Health(), diff)
			}
		})
	}
}

func TestTidyHealsAFile(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "marks.bolt"), 0o700)) // in the way of the file
	o := options(dir)
	o.Check = func(context.Context, string) error { return nil }
	s := saved(t, o, 1, 30)
	must(t, s.Tidy(t.Context(), newest(1)))
	if bad := s.Health(); len(bad) != 1 {
		t.Fatalf("health = %v, want one bad file", bad)
	}
	must(t, os.Remove(filepath.Join(dir, "marks.bolt")))
	must(t, s.Tidy(t.Context(), newest(30)))
	if bad := s.Health(); len(bad) != 0 {
		t.Fatalf("health = %v after the file can be had again", bad)
	}
	must(t, s.Save(mark(31)))
	must(t, s.Close())
	must(t, os.RemoveAll(filepath.Join(dir, "journal")))
	if _, got := open(t, quick(dir)); len(got) != 31 {
		t.Errorf("%d marks from the healed file alone, want 31", len(got))
	}
}

func TestDamagedFilesDoNotPileUp(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, 3)
	for range 5 {
		must(t, os.WriteFile(filepath.Join(dir, "marks.bolt"), []byte("torn"), 0o600))
		s, _ := open(t, quick(dir))
		must(t, s.Close())
	}
	if aside, _ := filepath.Glob(filepath.Join(dir, "*.damaged-*")); len(aside) != 2 {
		t.Errorf("put aside: %v, want the newest two", aside)
	}
}
