package powercut_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

const (
	sectorSize = 512
	pageSize   = 4096
)

// files are the contents of a folder, by their names below it.
type files map[string][]byte

// read takes a folder as the kernel shows it: everything written, synced or not.
func read(t *testing.T, dir string) files {
	t.Helper()
	all := files{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		all[name], err = readData(filepath.Join(dir, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// seekHole and seekData are the places where a file's written parts end and begin.
const seekData, seekHole = 3, 4

// readData reads a file up to the hole at its end: bbolt takes length long before
// it writes there.
func readData(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	end := int64(0)
	for from := int64(0); ; from = end {
		at, err := f.Seek(from, seekData)
		if errors.Is(err, syscall.ENXIO) { // nothing but a hole from here on
			break
		}
		if err == nil {
			end, err = f.Seek(at, seekHole)
		}
		if err != nil {
			return nil, err
		}
	}
	b := make([]byte, end)
	_, err = f.ReadAt(b, 0)
	return b, err
}

// put writes a folder, leaving holes where nothing was written.
func (f files) put(t *testing.T, dir string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := sparse(path, f[name]); err != nil {
			t.Fatal(err)
		}
	}
}

var nothing [pageSize]byte

func sparse(path string, b []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = f.Truncate(int64(len(b)))
	for at := 0; at < len(b) && err == nil; at += pageSize {
		if part := b[at:min(at+pageSize, len(b))]; !bytes.Equal(part, nothing[:len(part)]) {
			_, err = f.WriteAt(part, int64(at))
		}
	}
	return errors.Join(err, f.Close())
}

// sector returns the sector at an offset, which may be short or behind the end.
func sector(b []byte, at int) []byte {
	return b[min(at, len(b)):min(at+sectorSize, len(b))]
}

// written returns the offsets of the sectors in which a file differs.
func written(before, after []byte) (at []int) {
	for page := 0; page < len(after); page += pageSize {
		was, is := before[min(page, len(before)):min(page+pageSize, len(before))], after[page:min(page+pageSize, len(after))]
		if bytes.Equal(was, is) || len(was) == 0 && bytes.Equal(is, nothing[:len(is)]) {
			continue
		}
		for s := page; s < min(page+pageSize, len(after)); s += sectorSize {
			if !bytes.Equal(sector(before, s), sector(after, s)) {
				at = append(at, s)
			}
		}
	}
	return at
}

// torn returns what a cut leaves of a file that was synced as before and then
// written as after: chance says which of the sectors arrived.
func torn(roll *rand.Rand, before, after []byte, sectors []int) []byte {
	out := make([]byte, len(after))
	copy(out, before)
	share := roll.Float64()
	for _, at := range sectors {
		if roll.Float64() < share {
			copy(out[at:], sector(after, at))
		}
	}
	if len(sectors) > 0 && roll.IntN(4) == 0 && len(before) < len(after) { // the length is news too
		out = out[:len(before)+roll.IntN(len(after)-len(before))]
	}
	return out
}

// tornBolt is torn for a bbolt file, which syncs its pages before it writes one of
// the two at the front that point to them.
func tornBolt(roll *rand.Rand, before, after []byte) []byte {
	sectors := written(before, after)
	front := slices.IndexFunc(sectors, func(at int) bool { return at >= 2*pageSize })
	if front < 0 {
		front = len(sectors)
	}
	meta, data := sectors[:front], sectors[front:]
	if roll.IntN(2) == 0 {
		return torn(roll, before, after, data)
	}
	synced := bytes.Clone(after)
	copy(synced[:2*pageSize], before)
	if roll.IntN(8) == 0 {
		return synced // all but the pointer
	}
	out := bytes.Clone(synced)
	for _, at := range meta {
		if roll.IntN(2) == 0 {
			copy(out[at:], sector(after, at))
		}
	}
	return out
}
