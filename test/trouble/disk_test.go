package trouble_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"machi/internal/replica"
	"machi/kiosk/store"
)

// Where a machine's marks are, in its folder.
const (
	boltFile = "marks.bolt"
	sideFile = "journal/kiosk.log"
)

// spoil lets every write to one of the machine's open files fail as on a disk that
// is full, or broken: the descriptor leads elsewhere from now on.
func (m *machine) spoil(file, to string, flags int) {
	m.w.t.Helper()
	bad, err := syscall.Open(to, flags|syscall.O_CLOEXEC, 0)
	if err != nil {
		m.w.t.Fatal(err)
	}
	defer syscall.Close(bad)
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		m.w.t.Fatal(err)
	}
	path, err := filepath.EvalSymlinks(filepath.Join(m.dir, file))
	if err != nil {
		m.w.t.Fatal(err)
	}
	found := 0
	for _, fd := range fds {
		if where, _ := os.Readlink("/proc/self/fd/" + fd.Name()); where == path {
			n, _ := strconv.Atoi(fd.Name())
			if err := syscall.Dup3(bad, n, syscall.O_CLOEXEC); err != nil {
				m.w.t.Fatal(err)
			}
			found++
		}
	}
	if found == 0 {
		m.w.t.Fatalf("the machine does not have %s open", file)
	}
}

// TestAFileThatCannotBeWritten takes one file from a running machine, then both: it
// goes on with one and says so, and gives no paper without any.
func TestAFileThatCannotBeWritten(t *testing.T) {
	for _, tt := range []struct {
		name, to string
		flags    int
	}{
		{"full", "/dev/full", syscall.O_RDWR},
		{"read-only", "/dev/null", syscall.O_RDONLY},
	} {
		for _, first := range []string{boltFile, sideFile} {
			t.Run(tt.name+" "+first, func(t *testing.T) {
				w := newWorld(t)
				m := w.machine("K1")
				w.fall()
				m.press()
				m.spoil(first, tt.to, tt.flags)
				for range 3 {
					m.press()
				}
				if alarms := m.screen().Alarms; !slices.ContainsFunc(alarms, func(a string) bool { return strings.HasPrefix(a, "file:") }) {
					t.Errorf("alarms = %v, want one about a file", alarms)
				}
				second := boltFile
				if first == boltFile {
					second = sideFile
				}
				eventually(t, "the four papers are out", func() bool { return len(w.papers.all()) == 4 })
				m.spoil(second, tt.to, tt.flags)
				if got := m.touch("moving"); got.State != replica.Refused || got.Code != replica.OutOfService {
					t.Errorf("press without any file = %+v, want refused as %s", got, replica.OutOfService)
				}
				if now := len(w.papers.all()); now != 4 {
					t.Errorf("%d papers without a file that remembers them", now-4)
				}
				m.restart() // the disk is mended
				m.press()
				w.serve()
				m.settle()
				if got := len(w.audit()["2026-04-01"]); got != 5 {
					t.Errorf("%d papers, want 5", got)
				}
			})
		}
	}
}

// TestADiskThatTakesNothingAtTheStart boots a machine that cannot even lock its
// folder: it shows its pages, refuses visibly, and works again when the disk does.
func TestADiskThatTakesNothingAtTheStart(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	m.press()
	eventually(t, "the paper is out", func() bool { return len(w.papers.all()) == 1 })
	if err := m.off(); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(m.dir, "lock")
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
		t.Fatal(err)
	}
	m.on()
	if s := m.screen(); !s.Ready || !slices.ContainsFunc(s.Alarms, func(a string) bool { return strings.HasPrefix(a, "file:") }) {
		t.Errorf("screen = %+v, want one with buttons and an alarm about files", s)
	}
	if got := m.touch("moving"); got.State != replica.Refused || got.Code != replica.OutOfService {
		t.Errorf("press = %+v, want refused as %s", got, replica.OutOfService)
	}
	if err := errors.Join(m.off(), os.Remove(lock)); err != nil {
		t.Fatal(err)
	}
	m.on()
	m.settle()
	m.press()
	eventually(t, "the next paper is out", func() bool { return len(w.papers.all()) == 2 })
	w.audit()
}

// TestATornStore damages one file of a machine that owes the server tickets, in each
// way and more: it starts, and owes them still.
func TestATornStore(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	roll := rand.New(rand.NewPCG(36, 37))
	yesterday := map[string][]byte{}
	for _, file := range []string{boltFile, sideFile} {
		yesterday[file] = contents(t, m, file)
	}
	w.fall()
	presses := 0
	for _, file := range []string{boltFile, sideFile} {
		for _, harm := range []string{"flip", "zero", "cut", "swap", "lost"} {
			m.press()
			presses++
			owed := m.screen().Unsent
			if err := m.off(); err != nil {
				t.Fatal(err)
			}
			torn(t, roll, m, file, harm, yesterday[file])
			m.on(store.CheckInChild)
			if now := m.screen().Unsent; now != owed {
				t.Fatalf("%s %s: the machine owes %d, it owed %d", file, harm, now, owed)
			}
		}
	}
	m.press()
	w.serve()
	m.settle()
	if got := len(w.audit()["2026-04-01"]); got != presses+1 {
		t.Errorf("%d papers, want %d", got, presses+1)
	}
}

func contents(t *testing.T, m *machine, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(m.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func torn(t *testing.T, roll *rand.Rand, m *machine, file, harm string, yesterday []byte) {
	t.Helper()
	path, b := filepath.Join(m.dir, file), contents(t, m, file)
	at := roll.IntN(min(len(b), 32<<10))
	switch harm {
	case "flip":
		b[at] ^= 0x20
	case "zero":
		clear(b[at&^511 : min(at&^511+512, len(b))])
	case "cut":
		b = b[:at]
	case "swap":
		b = yesterday
	case "lost":
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestANewDisk loses both files: until the server has bound the new store to a range
// of its own, the machine gives no number that another could have, and says so.
func TestANewDisk(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	w.fall()
	first := m.press()
	if err := m.off(); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{boltFile, filepath.Dir(sideFile)} {
		if err := os.RemoveAll(filepath.Join(m.dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	m.on()
	if got := m.touch("moving"); got.State != replica.Refused || got.Code != replica.RangeMissing {
		t.Errorf("press with a new disk and no server = %+v, want refused as %s", got, replica.RangeMissing)
	}
	w.serve()
	m.settle()
	w.fall()
	again := m.press()
	if again.Number == first.Number {
		t.Errorf("the new store gives %s, which is on a paper of the old one", again.Number)
	}
	w.serve()
	m.settle()
	d, _ := w.day("2026-04-01")
	for _, ticket := range d.State().Tickets() {
		if ticket.Number == first.Number {
			t.Errorf("%s is known although it went down with the disk", first.Number)
		}
	}
}

// TestTheDiskInTwoMachines copies a machine's disk. Both work alone; at the first
// contact the copy is found, its ranges are closed, and no ticket is dropped.
func TestTheDiskInTwoMachines(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	m.press()
	m.settle()
	if err := m.off(); err != nil {
		t.Fatal(err)
	}
	twin := &machine{w: w, id: m.id, dir: t.TempDir(), clock: newClock(w.clock.truth()), printer: &slot{papers: &papers{by: map[string]paper{}}}}
	if err := os.CopyFS(twin.dir, os.DirFS(m.dir)); err != nil {
		t.Fatal(err)
	}
	twin.connect()
	w.fall()
	m.on()
	twin.on()
	for range 3 {
		m.press()
		twin.press()
	}
	w.serve()
	twin.wire.set(refuses)
	m.settle()
	twin.wire.set(whole)
	twin.hurry("the copy is found", func() bool { return slices.Contains(twin.screen().Alarms, "store_copied") })
	twin.wire.set(refuses)
	if got := twin.touch("moving"); got.Number != "" {
		t.Errorf("the copy still gives numbers of a range that is another's: %+v", got)
	}
	if got := len(w.audit()["2026-04-01"]); got != 4 {
		t.Errorf("%d papers of the machine, want 4", got)
	}
}

// TestTheCatalogueChangesWhileAlone takes the machine out of the catalogue, and gives
// its numbers to another, while it prints from its stored plan.
func TestTheCatalogueChangesWhileAlone(t *testing.T) {
	w := newWorld(t)
	one, two := w.machine("K1"), w.machine("K2")
	w.fall()
	for range 3 {
		one.press()
	}
	w.catalogue("    series: [{id: A, kiosks: {K1: [\"3001-3400\", \"3401-3800\"], K2: [\"1001-1400\", \"1401-1800\"]}}]\n")
	w.serve()
	one.wire.set(refuses)
	two.settle()
	two.wire.set(refuses)
	for range 3 {
		two.press()
		one.press()
	}
	one.wire.set(whole)
	two.wire.set(whole)
	one.settle()
	two.settle()
	if got := len(w.audit()["2026-04-01"]); got != 9 {
		t.Errorf("%d papers, want 9", got)
	}
}
