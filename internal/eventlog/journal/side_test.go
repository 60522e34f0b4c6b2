package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/logtest"
)

func openSide(t *testing.T, dir string, options journal.SideOptions) *journal.Side {
	t.Helper()
	side, err := journal.OpenSide(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutSide(t, side) })
	return side
}

func shutSide(t *testing.T, side *journal.Side) {
	t.Helper()
	if err := side.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func add(t *testing.T, side *journal.Side, name string, records ...eventlog.Record) {
	t.Helper()
	if err := side.Add(name, records...); err != nil {
		t.Fatalf("Add: %v", err)
	}
}

func recall(t *testing.T, side *journal.Side, name string) []eventlog.Record {
	t.Helper()
	records, err := side.Records(name)
	if err != nil {
		t.Fatalf("Records: %v", err)
	}
	return records
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestSideKeepsWhatWasSeen(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{Preallocate: 1 << 16})
	history := logtest.Records(eventlog.Head{}, 9)
	fork := logtest.Named("fork", history[3].Head(), 2)
	add(t, side, "a", history[5:8]...) // in any order, with holes
	add(t, side, "a", history[1], history[1], history[6])
	add(t, side, "a", fork...)
	if err := side.AddAll(journal.Entry{Stream: "b", Records: history[:2]}, journal.Entry{Stream: "c", Records: history[:1]}); err != nil {
		t.Fatal(err)
	}
	size := len(read(t, segments(t, dir)[0]))
	add(t, side, "a", history[1], fork[0])
	add(t, side, "d")
	if got := len(read(t, segments(t, dir)[0])); got != size {
		t.Errorf("adding what is there made the file %d bytes longer", got-size)
	}
	want := slices.Concat(history[5:8], history[1:2], fork)
	for range 2 { // before and after a new start
		logtest.Same(t, recall(t, side, "a"), want)
		logtest.Same(t, recall(t, side, "b"), history[:2])
		logtest.Same(t, recall(t, side, "never"), nil)
		if got := side.Streams(); !slices.Equal(got, []string{"a", "b", "c"}) || len(side.Damage()) != 0 {
			t.Errorf("Streams = %q, damage %v", got, side.Damage())
		}
		shutSide(t, side)
		side = openSide(t, dir, journal.SideOptions{})
	}
	add(t, side, "a", history[1])
	if got := len(segments(t, dir)); got != 1 {
		t.Errorf("%d segments, want 1: nothing new was added", got)
	}
}

func TestSideHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{})
	if _, err := journal.OpenSide(dir, journal.SideOptions{}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a second OpenSide = %v", err)
	}
	shutSide(t, side)
	if err := side.Add("a", logtest.Records(eventlog.Head{}, 1)...); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("Add after Close = %v", err)
	}
	if _, err := side.Records("a"); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("Records after Close = %v", err)
	}
	if _, err := side.Prune(time.Now()); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("Prune after Close = %v", err)
	}
	openSide(t, dir, journal.SideOptions{})
}

func TestSideRefuses(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{})
	if err := side.Add("a b", logtest.Records(eventlog.Head{}, 1)...); !errors.Is(err, eventlog.ErrStreamName) {
		t.Errorf("Add under a wrong name = %v", err)
	}
	huge := logtest.Next(eventlog.Head{}, make([]byte, eventlog.MaxRecordBytes))
	if err := side.Add("a", huge); !errors.Is(err, eventlog.ErrTooLarge) {
		t.Errorf("Add of a huge record = %v", err)
	}
	if got := segments(t, dir); len(got) != 0 {
		t.Errorf("refused records made %q", got)
	}
}

func TestSideSharesSyncs(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{SegmentBytes: 2000})
	var all sync.WaitGroup
	failed := make([]error, 16)
	for i := range failed {
		all.Go(func() {
			name := fmt.Sprintf("office-%02d", i)
			for _, r := range logtest.Named(name, eventlog.Head{}, 20) {
				failed[i] = errors.Join(failed[i], side.Add(name, r))
			}
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	if len(segments(t, dir)) < 3 {
		t.Errorf("only %d segments: the length limit has no effect", len(segments(t, dir)))
	}
	shutSide(t, side)
	side = openSide(t, dir, journal.SideOptions{})
	for i := range failed {
		name := fmt.Sprintf("office-%02d", i)
		logtest.Same(t, recall(t, side, name), logtest.Named(name, eventlog.Head{}, 20))
	}
}

func TestSidePrunesOldDays(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	side := openSide(t, dir, journal.SideOptions{Now: func() time.Time { return now }})
	history := logtest.Records(eventlog.Head{}, 6)
	for day := range 3 {
		add(t, side, "a", history[2*day:2*day+2]...)
		if day == 0 {
			add(t, side, "old", history[0])
		}
		now = now.AddDate(0, 0, 1)
	}
	removed, err := side.Prune(time.Date(2026, 4, 2, 23, 0, 0, 0, time.UTC))
	if err != nil || removed != 1 || len(segments(t, dir)) != 2 {
		t.Errorf("Prune = %d, %v; %d segments are left", removed, err, len(segments(t, dir)))
	}
	logtest.Same(t, recall(t, side, "a"), history[2:])
	if got := side.Streams(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("Streams = %q", got)
	}
	add(t, side, "a", history[0]) // it is not on the disk any more: it has to go in again
	if removed, err := side.Prune(now.AddDate(1, 0, 0)); err != nil || removed != 2 {
		t.Errorf("Prune of all days = %d, %v; the segment in use must stay", removed, err)
	}
	logtest.Same(t, recall(t, side, "a"), history[:1])
}

func TestSideStepsOverDamage(t *testing.T) {
	history := logtest.Records(eventlog.Head{}, 3)
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{})
	var ends []int
	for _, r := range history {
		add(t, side, stream, r)
		ends = append(ends, len(read(t, segments(t, dir)[0])))
	}
	shutSide(t, side)
	path := segments(t, dir)[0]
	whole := read(t, path)
	for at := range whole {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << (at % 8)
		overwrite(t, path, flipped)
		hit := slices.IndexFunc(ends, func(end int) bool { return at < end })
		checkSteppedOver(t, dir, at, slices.Delete(slices.Clone(history), hit, hit+1))
	}
}

func checkSteppedOver(t *testing.T, dir string, at int, want []eventlog.Record) {
	t.Helper()
	side := openSide(t, dir, journal.SideOptions{})
	defer shutSide(t, side)
	if damage := side.Damage(); len(damage) != 1 || !errors.Is(damage[0], eventlog.ErrCorrupt) {
		t.Fatalf("bit flipped in byte %d: damage = %v", at, damage)
	}
	got, err := side.Records(stream)
	if !errors.Is(err, eventlog.ErrCorrupt) {
		t.Fatalf("bit flipped in byte %d: Records = %v", at, err)
	}
	logtest.Same(t, got, want)
}

func TestSideTornAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{})
	history := logtest.Records(eventlog.Head{}, 3)
	add(t, side, stream, history[:2]...)
	path := segments(t, dir)[0]
	start := len(read(t, path))
	add(t, side, stream, history[2])
	shutSide(t, side)
	whole := read(t, path)
	for cut := start; cut < len(whole); cut++ {
		overwrite(t, path, whole[:cut])
		side := openSide(t, dir, journal.SideOptions{})
		if damage := side.Damage(); len(damage) != 0 {
			t.Fatalf("cut at byte %d counts as damage: %v", cut, damage)
		}
		logtest.Same(t, recall(t, side, stream), history[:2])
		shutSide(t, side)
	}
	side = openSide(t, dir, journal.SideOptions{})
	add(t, side, stream, history[2]) // goes into a new segment, behind no torn end
	logtest.Same(t, recall(t, side, stream), history)
}

func TestSideUnreadableContentIsDamage(t *testing.T) {
	record := eventlog.AppendRecord(nil, logtest.Records(eventlog.Head{}, 1)[0])
	for name, content := range map[string][]byte{
		"empty":                   {},
		"a name that is cut":      {9, 'a'},
		"no record":               {1, 'a', 0},
		"bytes behind the record": append(append([]byte{1, 'a'}, record...), 0),
	} {
		dir := t.TempDir()
		overwrite(t, filepath.Join(dir, "00000007-20260401.seg"), journal.AppendFrame(nil, content))
		overwrite(t, filepath.Join(dir, "7-20260401.seg"), []byte("not a segment"))
		if damage := openSide(t, dir, journal.SideOptions{}).Damage(); len(damage) != 1 || !errors.Is(damage[0], eventlog.ErrCorrupt) {
			t.Errorf("%s: damage = %v", name, damage)
		}
	}
}

func TestSideTail(t *testing.T) {
	side := openSide(t, t.TempDir(), journal.SideOptions{})
	history := logtest.Records(eventlog.Head{}, 8)
	short := logtest.Named("short", history[3].Head(), 2)
	other := logtest.Named("other", eventlog.Head{}, 3)
	add(t, side, stream, slices.Concat(other, short, history)...)
	for _, c := range []struct {
		name string
		head eventlog.Head
		want []eventlog.Record
	}{
		{"an empty store gets all", eventlog.Head{}, history},
		{"the longer of two continuations", history[3].Head(), history[4:]},
		{"the rest of the shorter one", short[0].Head(), short[1:]},
		{"another history", other[0].Head(), other[1:]},
		{"nothing is missing", history[7].Head(), nil},
		{"a head that was never seen", logtest.Named("x", eventlog.Head{}, 1)[0].Head(), nil},
	} {
		got, err := side.Tail(stream, c.head)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(c.name)
		logtest.Same(t, got, c.want)
	}
}

func TestSideGoesOnAfterAFailure(t *testing.T) {
	dir := t.TempDir()
	side := openSide(t, dir, journal.SideOptions{})
	history := logtest.Records(eventlog.Head{}, 2)
	blocked := filepath.Join(dir, "00000001-"+time.Now().UTC().Format("20060102")+".seg")
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := side.Add(stream, history...); err == nil {
		t.Fatal("Add without a file succeeded")
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	add(t, side, stream, history...)
	logtest.Same(t, recall(t, side, stream), history)
}
