package update

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var errCut = errors.New("power cut")

// rig is a machine with the first release installed and confirmed.
type rig struct {
	Machine
	t   *testing.T
	key ed25519.PrivateKey
}

func newRig(t *testing.T) *rig {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Machine{Root: t.TempDir(), Key: public}, t, private}
	if _, err := r.Install(bytes.NewReader(r.bundle(1)), false); err != nil {
		t.Fatal(err)
	}
	r.settle()
	if err := r.Confirm(); err != nil {
		t.Fatal(err)
	}
	return r
}

// bundle packs a release whose files all tell its serial.
func (r *rig) bundle(serial int64) []byte {
	r.t.Helper()
	dir, release := r.t.TempDir(), strings.Repeat("release "+string(rune('0'+serial))+"\n", 200)
	for name, mode := range map[string]os.FileMode{"machi-kiosk": 0o755, "policy.json": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name+release), mode); err != nil {
			r.t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := Pack(&out, dir, "1."+string(rune('0'+serial)), serial, r.key); err != nil {
		r.t.Fatal(err)
	}
	return out.Bytes()
}

// serial returns what runs; State compares every file with the signed manifest.
func (r *rig) serial() int64 {
	r.t.Helper()
	s, err := r.State()
	if err != nil {
		r.t.Fatalf("the current slot is not whole: %v", err)
	}
	return s.Manifest.Serial
}

func (r *rig) settle() (back bool) {
	r.t.Helper()
	_, back, err := r.Settle()
	if err != nil {
		r.t.Fatal(err)
	}
	return back
}

func TestUpdateThatProvesItselfStays(t *testing.T) {
	r := newRig(t)
	if _, err := r.Install(bytes.NewReader(r.bundle(2)), false); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Install(bytes.NewReader(r.bundle(3)), false); !errors.Is(err, ErrOnTrial) {
		t.Errorf("a second update on top = %v, want ErrOnTrial", err)
	}
	// What answers now is the release before: nothing was started anew.
	if err := r.Confirm(); err != nil {
		t.Fatal(err)
	}
	if s, err := r.State(); err != nil || !s.OnTrial {
		t.Errorf("confirmed before it was ever started: %+v, %v", s, err)
	}
	r.settle()
	if err := r.Confirm(); err != nil {
		t.Fatal(err)
	}
	for range Trials + 2 {
		if r.settle() {
			t.Fatal("a confirmed update was taken back")
		}
	}
	if got := r.serial(); got != 2 {
		t.Errorf("serial = %d, want 2", got)
	}
	info, err := os.Stat(filepath.Join(r.Root, currentName, "machi-kiosk"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("program = %v, %v, want an executable", info, err)
	}
}

func TestUpdateThatNeverStartsIsTakenBack(t *testing.T) {
	r := newRig(t)
	if _, err := r.Install(bytes.NewReader(r.bundle(2)), false); err != nil {
		t.Fatal(err)
	}
	for start := range Trials {
		if r.settle() || r.serial() != 2 {
			t.Fatalf("start %d runs serial %d", start+1, r.serial())
		}
	}
	if !r.settle() || r.serial() != 1 {
		t.Errorf("after %d starts serial %d runs, want the one before", Trials+1, r.serial())
	}
	if _, err := r.Install(bytes.NewReader(r.bundle(3)), false); err != nil {
		t.Errorf("the next update = %v", err)
	}
}

// TestFirstUpdateThatNeverStartsIsTakenBack to the packaged program, which runs
// where no slot is current.
func TestFirstUpdateThatNeverStartsIsTakenBack(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Machine{Root: t.TempDir(), Key: public}, t, private}
	if _, err := r.Install(bytes.NewReader(r.bundle(1)), false); err != nil {
		t.Fatal(err)
	}
	for start := range Trials {
		if slot, back, err := r.Settle(); slot != "a" || back || err != nil {
			t.Fatalf("start %d runs slot %q, back %v, %v", start+1, slot, back, err)
		}
	}
	if slot, back, err := r.Settle(); slot != "" || !back || err != nil {
		t.Errorf("after %d starts slot %q runs, back %v, %v, want the packaged program", Trials+1, slot, back, err)
	}
	if s, err := r.State(); err != nil || s.Slot != "" || s.OnTrial {
		t.Errorf("state %+v, %v", s, err)
	}
	if _, err := r.Install(bytes.NewReader(r.bundle(1)), false); err != nil {
		t.Errorf("the next update = %v", err)
	}
}

// TestSlotsCanBeReadByTheMachine whatever the umask of who installs: the service that
// counts starts has one of 077, and the machine's program runs as another user.
func TestSlotsCanBeReadByTheMachine(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Machine{Root: filepath.Join(t.TempDir(), "slots"), Key: public}, t, private}
	if _, _, err := r.Settle(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Install(bytes.NewReader(r.bundle(1)), false); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"": 0o755, "a": 0o755, "a/machi-kiosk": 0o755, "a/policy.json": 0o644} {
		if info, err := os.Stat(filepath.Join(r.Root, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

// TestPowerCutAtEveryStep stops an update, its trials and the way back before each
// change to the disk, and starts the machine again.
func TestPowerCutAtEveryStep(t *testing.T) {
	for stop := 1; ; stop++ {
		r := newRig(t)
		bundle, steps, last := r.bundle(2), 0, ""
		r.At = func(step string) error {
			if steps++; steps == stop {
				last = step
				return errCut
			}
			return nil
		}
		_, err := r.Install(bytes.NewReader(bundle), false)
		for range Trials + 1 {
			if err == nil {
				_, _, err = r.Settle()
			}
		}
		if err == nil {
			if steps < 15 || r.serial() != 1 {
				t.Errorf("%d steps, serial %d, want a whole update and back", steps, r.serial())
			}
			return
		}
		if !errors.Is(err, errCut) {
			t.Fatalf("stopped before %q: %v", last, err)
		}
		r.At = nil
		if got := r.serial(); got != 1 && got != 2 {
			t.Errorf("after a power cut before %q serial %d runs", last, got)
		}
		for range Trials + 1 {
			r.settle()
		}
		if got := r.serial(); got != 1 {
			t.Errorf("after a power cut before %q and a failed trial serial %d runs, want 1", last, got)
		}
		if _, err := r.Install(bytes.NewReader(r.bundle(3)), false); err != nil || r.serial() != 3 {
			t.Errorf("after a power cut before %q the next update gave %v", last, err)
		}
	}
}

// repack signs a manifest that says what it likes.
func (r *rig) repack(m Manifest, key ed25519.PrivateKey, files ...tar.Header) []byte {
	r.t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		r.t.Fatal(err)
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	err = errors.Join(put(w, manifestName, raw), put(w, signatureName, ed25519.Sign(key, raw)))
	for _, h := range files {
		err = errors.Join(err, w.WriteHeader(&h))
		_, e := w.Write(bytes.Repeat([]byte("x"), int(h.Size)))
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		r.t.Fatal(err)
	}
	return out.Bytes()
}

func TestBadBundlesChangeNothing(t *testing.T) {
	r := newRig(t)
	_, stranger, _ := ed25519.GenerateKey(nil)
	good := r.bundle(2)
	file := func(name string, n int64) File {
		return File{Name: name, Bytes: n, SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
	}
	manifest := func(files ...File) Manifest { return Manifest{Version: "2", Serial: 2, Files: files} }
	regular := func(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644} }
	many := make([]File, maxFiles+1)
	for i := range many {
		many[i] = file("f"+strings.Repeat("x", i+1), 0)
	}
	for name, bundle := range map[string][]byte{
		"nothing":               {},
		"not an archive":        []byte(strings.Repeat("machi", 400)),
		"signed by another key": r.repack(manifest(file("x", 0)), stranger, regular("x")),
		"a path":                r.repack(manifest(file("../x", 0)), r.key, regular("../x")),
		"an absolute path":      r.repack(manifest(file("/x", 0)), r.key, regular("/x")),
		"a hidden file":         r.repack(manifest(file(".x", 0)), r.key, regular(".x")),
		"a file twice":          r.repack(manifest(file("x", 0), file("x", 0)), r.key, regular("x"), regular("x")),
		"a second manifest":     r.repack(manifest(file(manifestName, 0)), r.key, regular(manifestName)),
		"a link":                r.repack(manifest(file("x", 0)), r.key, tar.Header{Name: "x", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}),
		"a missing file":        r.repack(manifest(file("x", 0), file("y", 0)), r.key, regular("x")),
		"a file too many":       r.repack(manifest(file("x", 0)), r.key, regular("x"), regular("y")),
		"another order":         r.repack(manifest(file("x", 0), file("y", 0)), r.key, regular("y"), regular("x")),
		"another length":        r.repack(manifest(file("x", 0)), r.key, tar.Header{Name: "x", Typeflag: tar.TypeReg, Size: 3}),
		"a negative length":     r.repack(manifest(file("x", -1)), r.key, regular("x")),
		"too large":             r.repack(manifest(file("x", maxBytes), file("y", maxBytes)), r.key),
		"too many":              r.repack(manifest(many...), r.key),
		"no files":              r.repack(manifest(), r.key),
		"no serial":             r.repack(Manifest{Version: "2", Files: []File{file("x", 0)}}, r.key, regular("x")),
		"no version":            r.repack(Manifest{Serial: 2, Files: []File{file("x", 0)}}, r.key, regular("x")),
		"cut off":               good[:len(good)/2],
		"cut off early":         good[:700],
	} {
		t.Run(name, func(t *testing.T) { r.refuses(t, bundle) })
	}
	t.Run("every 97th byte flipped", func(t *testing.T) {
		for i := 0; i < len(good)-2048; i += 97 {
			bad := bytes.Clone(good)
			bad[i] ^= 0x10
			if m, err := r.Install(bytes.NewReader(bad), false); err == nil && m.Serial != 2 {
				t.Errorf("byte %d flipped: serial %d", i, m.Serial)
			} else if err == nil { // a byte that the archive does not use
				for range Trials + 1 {
					r.settle()
				}
			}
			if got := r.serial(); got != 1 {
				t.Fatalf("byte %d flipped: serial %d runs", i, got)
			}
		}
	})
}

func (r *rig) refuses(t *testing.T, bundle []byte) {
	t.Helper()
	if _, err := r.Install(bytes.NewReader(bundle), false); !errors.Is(err, ErrBadBundle) {
		t.Errorf("Install = %v, want ErrBadBundle", err)
	}
	if s, err := r.State(); err != nil || s.Manifest.Serial != 1 || s.OnTrial {
		t.Errorf("state = %+v, %v, want the first release", s, err)
	}
}

func TestOlderBundleNeedsToBeAskedFor(t *testing.T) {
	r := newRig(t)
	same := r.bundle(1)
	if _, err := r.Install(bytes.NewReader(same), false); !errors.Is(err, ErrOlder) {
		t.Errorf("Install of the same = %v, want ErrOlder", err)
	}
	if _, err := r.Install(bytes.NewReader(same), true); err != nil {
		t.Errorf("Install of the same, asked for = %v", err)
	}
}

func TestOneUpdateAtATime(t *testing.T) {
	r := newRig(t)
	inside := false
	r.At = func(string) error {
		if !inside {
			inside = true
			if _, err := r.Install(bytes.NewReader(nil), false); err == nil || errors.Is(err, ErrBadBundle) {
				t.Errorf("a second update at the same time = %v", err)
			}
		}
		return nil
	}
	if _, err := r.Install(io.MultiReader(bytes.NewReader(r.bundle(2))), false); err != nil || !inside {
		t.Errorf("Install = %v", err)
	}
}
