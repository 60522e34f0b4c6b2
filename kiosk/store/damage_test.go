package store_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/replica"
)

var more = flag.Uint64("more", 1, "damage this many times as many files")

// harm is one way in which a file goes bad. Yesterday is the same file, older.
type harm struct {
	name string
	do   func(roll *rand.Rand, file, yesterday []byte) []byte
}

var harms = []harm{
	{"flip", func(roll *rand.Rand, file, _ []byte) []byte {
		file[written(roll, file)] ^= 1 << roll.IntN(8)
		return file
	}},
	{"zero sector", func(roll *rand.Rand, file, _ []byte) []byte {
		sector := file[written(roll, file)&^511:]
		clear(sector[:min(512, len(sector))])
		return file
	}},
	{"cut", func(roll *rand.Rand, file, _ []byte) []byte { return file[:written(roll, file)] }},
	{"swapped with yesterday's", func(_ *rand.Rand, _, yesterday []byte) []byte { return yesterday }},
	{"a sector of yesterday's", func(roll *rand.Rand, file, yesterday []byte) []byte {
		at := written(roll, yesterday) &^ 511
		if at < len(file) {
			copy(file[at:min(at+512, len(file))], yesterday[at:])
		}
		return file
	}},
}

// written returns the place of a byte that was written, by chance.
func written(roll *rand.Rand, file []byte) int {
	end := len(file)
	for end > 4096 && bytes.Equal(file[end-4096:end], nothing[:]) {
		end -= 4096
	}
	for range 1000 {
		if at := roll.IntN(end); file[at] != 0 {
			return at
		}
	}
	return 0
}

// patient is a store that is to be damaged, today and yesterday.
type patient struct {
	today, yesterday string
	id               string
	marks            []replica.Mark
}

// patients are a young store, and one that was rotated since yesterday.
func patients(t *testing.T) []patient {
	var all []patient
	for _, rotates := range []bool{false, true} {
		p := patient{today: t.TempDir(), yesterday: t.TempDir()}
		s := saved(t, quick(p.today), 1, 100)
		must(t, s.Close())
		copyTree(t, p.yesterday, p.today)
		s, _ = open(t, quick(p.today).Eager(50))
		p.marks = between(1, 140)
		if rotates {
			must(t, s.Tidy(t.Context(), newest(20)))
			p.marks = between(81, 140)
		}
		for n := 101; n <= 140; n++ {
			must(t, s.Save(mark(n)))
		}
		p.id = s.ID()
		must(t, s.Close())
		all = append(all, p)
	}
	return all
}

// TestDamagedFiles damages one file of the two by chance: the machine starts, and
// has every mark. A damaged bbolt file can end or hang the process that opens it,
// so it is checked in a child.
func TestDamagedFiles(t *testing.T) {
	sick := patients(t)
	for seed := range 40 * *more {
		roll := rand.New(rand.NewPCG(seed, 36))
		p, h := sick[seed%2], harms[seed/2%uint64(len(harms))]
		file, o := "journal/kiosk.log", quick
		if seed/10%2 == 0 {
			file, o = "marks.bolt", options
		}
		t.Run(fmt.Sprintf("%d: %s, %s", seed, file, h.name), func(t *testing.T) {
			dir := t.TempDir()
			copyTree(t, dir, p.today)
			yesterday, err := os.ReadFile(filepath.Join(p.yesterday, file))
			must(t, err)
			overwrite(t, filepath.Join(dir, file), func(b []byte) []byte { return h.do(roll, b, yesterday) })
			s, got := open(t, o(dir))
			if diff := cmp.Diff(p.marks, got); diff != "" || s.ID() != p.id {
				t.Fatalf("id %s, %d marks of %d (-want +got):\n%.2000s", s.ID(), len(got), len(p.marks), diff)
			}
			must(t, s.Save(mark(141)))
			if bad := s.Health(); len(bad) > 0 {
				t.Errorf("health = %v, want both files", bad)
			}
		})
	}
}
