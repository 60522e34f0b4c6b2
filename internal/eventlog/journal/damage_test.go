package journal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/logtest"
)

// written makes a store with batches of the given sizes, closes it, and returns
// its directory, the file's path and the offset at which each batch begins.
func written(t *testing.T, batches ...int) (dir, path string, offsets []int64) {
	t.Helper()
	dir = t.TempDir()
	store := open(t, dir, journal.Options{})
	log := logtest.Open(t, store, stream)
	for _, n := range batches {
		size := int64(0)
		if path != "" {
			size = int64(len(read(t, path)))
		}
		offsets = append(offsets, size)
		logtest.Append(t, log, n)
		files, err := filepath.Glob(filepath.Join(dir, "*.log"))
		if err != nil || len(files) != 1 {
			t.Fatalf("files %q, %v; want one", files, err)
		}
		path = files[0]
	}
	shut(t, store)
	return dir, path, offsets
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func overwrite(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTornAtEveryByteOfTheLastFrame(t *testing.T) {
	dir, path, offsets := written(t, 3, 2, 4)
	whole := read(t, path)
	for cut := offsets[2]; cut < int64(len(whole)); cut++ {
		overwrite(t, path, whole[:cut])
		store := open(t, dir, journal.Options{})
		log := logtest.Open(t, store, stream)
		if got := len(logtest.ReadAll(t, log)); got != 5 {
			t.Fatalf("cut at byte %d: %d records, want 5: a batch goes in whole or not at all", cut, got)
		}
		logtest.Append(t, log, 1)
		shut(t, store)
		again := logtest.Open(t, open(t, dir, journal.Options{}), stream)
		if got := len(logtest.ReadAll(t, again)); got != 6 {
			t.Fatalf("cut at byte %d, then appended: %d records, want 6", cut, got)
		}
	}
}

func TestLostSectorsOfTheLastFrameAreTorn(t *testing.T) {
	const sector = 512
	dir, path, offsets := written(t, 3, 60)
	whole := read(t, path)
	start := int(offsets[1])
	for at := start; at < len(whole); at = at/sector*sector + sector {
		stop := min(len(whole), at/sector*sector+sector)
		torn := bytes.Clone(whole)
		clear(torn[at:stop])
		overwrite(t, path, torn)
		log := logtest.Open(t, open(t, dir, journal.Options{}), stream)
		if got := len(logtest.ReadAll(t, log)); got != 3 {
			t.Fatalf("sector at byte %d lost: %d records, want 3", at, got)
		}
		logtest.Append(t, log, 1)
	}
}

func TestZeroesBehindTheEndAreTorn(t *testing.T) {
	dir, path, _ := written(t, 3)
	overwrite(t, path, append(read(t, path), make([]byte, 512)...))
	log := logtest.Open(t, open(t, dir, journal.Options{}), stream)
	logtest.Append(t, log, 1)
	if got := len(logtest.ReadAll(t, log)); got != 4 {
		t.Errorf("%d records, want 4", got)
	}
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	dir, path, offsets := written(t, 1, 2, 1)
	whole := read(t, path)
	for at := range whole {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << (at % 8)
		overwrite(t, path, flipped)
		good := 0
		for i, n := range []int{1, 2, 1} {
			if i == 2 || int64(at) < offsets[i+1] {
				break
			}
			good += n
		}
		checkDamaged(t, dir, at, good)
	}
}

func checkDamaged(t *testing.T, dir string, at, good int) {
	t.Helper()
	store := open(t, dir, journal.Options{})
	log := logtest.Open(t, store, stream)
	got, err := log.Read(t.Context(), 0, 100)
	if !errors.Is(err, eventlog.ErrCorrupt) || len(got) != good {
		t.Fatalf("bit flipped in byte %d: Read = %d records, %v; want %d, ErrCorrupt", at, len(got), err, good)
	}
	if _, err := log.Head(t.Context()); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Fatalf("bit flipped in byte %d: Head = %v", at, err)
	}
	head := eventlog.Head{}
	if good > 0 {
		head = got[good-1].Head()
	}
	if err := log.Append(t.Context(), head, logtest.Records(head, 1)); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Fatalf("bit flipped in byte %d: Append = %v", at, err)
	}
	if page, err := log.Read(t.Context(), 0, good); err != nil || len(page) != good {
		t.Fatalf("bit flipped in byte %d: the page before it = %d records, %v", at, len(page), err)
	}
	if names, err := store.Streams(t.Context()); err != nil || len(names) != 1 {
		t.Fatalf("bit flipped in byte %d: Streams = %q, %v", at, names, err)
	}
	shut(t, store)
}

func TestDamageUnderAnOpenLogIsFoundWhenRead(t *testing.T) {
	dir, path, offsets := written(t, 2, 3, 2)
	log := logtest.Open(t, open(t, dir, journal.Options{}), stream)
	logtest.ReadAll(t, log)
	b := read(t, path)
	b[offsets[2]-1] ^= 4
	overwrite(t, path, b)
	got, err := log.Read(t.Context(), 0, 100)
	if !errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), "record 5") || len(got) != 2 {
		t.Errorf("Read = %d records, %v", len(got), err)
	}
}

func TestShorterFileIsReadAnew(t *testing.T) {
	dir, path, offsets := written(t, 2, 3)
	log := logtest.Open(t, open(t, dir, journal.Options{}), stream)
	logtest.ReadAll(t, log)
	if err := os.Truncate(path, offsets[1]); err != nil {
		t.Fatal(err)
	}
	if got := len(logtest.ReadAll(t, log)); got != 2 {
		t.Errorf("%d records after the file was put back, want 2", got)
	}
	logtest.Append(t, log, 1)
}

func TestForeignHistoryInAFile(t *testing.T) {
	dir, path, _ := written(t, 2)
	_, otherPath, offsets := written(t, 2, 2)
	overwrite(t, path, append(read(t, path), read(t, otherPath)[:offsets[1]]...))
	_, err := logtest.Open(t, open(t, dir, journal.Options{}), stream).Head(t.Context())
	if !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Head of a file with two beginnings = %v", err)
	}
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	dir, _, _ := written(t, 1)
	for _, name := range []string{"notes.txt", "%zz.log", "a b.log", "empty.log"} {
		overwrite(t, filepath.Join(dir, name), nil)
	}
	names, err := open(t, dir, journal.Options{}).Streams(t.Context())
	if err != nil || len(names) != 1 || names[0] != stream {
		t.Errorf("Streams = %q, %v", names, err)
	}
}

func TestOpenStoreFails(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	overwrite(t, blocked, nil)
	if _, err := journal.OpenStore(blocked, journal.Options{}); err == nil {
		t.Error("OpenStore over a file succeeded")
	}
	if _, err := journal.OpenSide(blocked, journal.SideOptions{}); err == nil {
		t.Error("OpenSide over a file succeeded")
	}
}

func TestFoldersInThePlaceOfFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "blocked.log"), 0o700); err != nil {
		t.Fatal(err)
	}
	store := open(t, dir, journal.Options{})
	log := logtest.Open(t, store, "blocked")
	err := log.Append(t.Context(), eventlog.Head{}, logtest.Records(eventlog.Head{}, 1))
	if err == nil || errors.Is(err, eventlog.ErrUnclear) {
		t.Errorf("Append = %v, want a certain failure", err)
	}
	if _, err := log.Head(t.Context()); err == nil {
		t.Error("Head of a folder succeeded")
	}
	if _, err := store.Streams(t.Context()); err == nil {
		t.Error("Streams with an unreadable stream succeeded")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Streams(t.Context()); err == nil {
		t.Error("Streams of a missing directory succeeded")
	}
	seg := t.TempDir()
	if err := os.Mkdir(filepath.Join(seg, "00000001-20260401.seg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.OpenSide(seg, journal.SideOptions{}); err == nil {
		t.Error("OpenSide over a folder succeeded")
	}
}

func TestSegmentRemovedByHand(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{})
	add(t, side, stream, logtest.Records(eventlog.Head{}, 2)...)
	if err := os.Remove(segments(t, dir)[0]); err != nil {
		t.Fatal(err)
	}
	if got := recall(t, side, stream); len(got) != 0 {
		t.Errorf("%d records of a removed file", len(got))
	}
}
