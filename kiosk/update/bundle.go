package update

import (
	"archive/tar"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// The limits of a bundle.
const (
	maxManifest = 64 << 10
	maxFiles    = 64
	maxBytes    = 512 << 20
)

const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
)

var (
	// ErrBadBundle says that a bundle is not whole, not signed, or not a bundle.
	ErrBadBundle = errors.New("kiosk update: the bundle is not in order")
	// ErrOlder says that a bundle is not newer than what runs.
	ErrOlder = errors.New("kiosk update: the bundle is not newer than what is installed")
	// ErrOnTrial says that the update before is neither confirmed nor taken back.
	ErrOnTrial = errors.New("kiosk update: the last update is still on trial")
)

// Manifest says what a bundle holds.
type Manifest struct {
	Version string `json:"version"`
	// Serial grows with every release; a lower one is refused unless asked for.
	Serial int64  `json:"serial"`
	Files  []File `json:"files"`
}

// File is one program or data file of a bundle.
type File struct {
	Name       string `json:"name"`
	Bytes      int64  `json:"bytes"`
	SHA256     string `json:"sha256"` // hexadecimal
	Executable bool   `json:"executable,omitempty"`
}

// plain is a file name that can do nothing else: no folder, no hidden file.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (m Manifest) check() error {
	if m.Version == "" || len(m.Version) > 64 || m.Serial <= 0 || len(m.Files) == 0 || len(m.Files) > maxFiles {
		return fmt.Errorf("%w: version, serial or number of files", ErrBadBundle)
	}
	names, total := map[string]bool{manifestName: true, signatureName: true}, int64(0)
	for _, f := range m.Files {
		if !plain.MatchString(f.Name) || names[f.Name] || f.Bytes < 0 || f.Bytes > maxBytes {
			return fmt.Errorf("%w: file %q", ErrBadBundle, f.Name)
		}
		names[f.Name] = true
		total += f.Bytes
	}
	if total > maxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrBadBundle, total, maxBytes)
	}
	return nil
}

// Pack writes the files of a folder as a bundle, signed with a key.
func Pack(w io.Writer, dir, version string, serial int64, key ed25519.PrivateKey) error {
	m := Manifest{Version: version, Serial: serial}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	for _, e := range entries {
		f, err := describe(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	if err := m.check(); err != nil {
		return err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	if err := errors.Join(put(out, manifestName, raw), put(out, signatureName, ed25519.Sign(key, raw))); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := copyIn(out, filepath.Join(dir, f.Name), f); err != nil {
			return err
		}
	}
	return out.Close()
}

// describe measures a file.
func describe(path string) (File, error) {
	in, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("kiosk update: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return File{}, errors.Join(fmt.Errorf("kiosk update: %s: want a regular file", path), err)
	}
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	if err != nil {
		return File{}, fmt.Errorf("kiosk update: %w", err)
	}
	return File{filepath.Base(path), n, hex.EncodeToString(sum.Sum(nil)), info.Mode()&0o100 != 0}, nil
}

func put(out *tar.Writer, name string, raw []byte) error {
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(raw)), Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	_, err := out.Write(raw)
	return err
}

func copyIn(out *tar.Writer, path string, f File) error {
	in, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	defer in.Close()
	if err := out.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o644, Size: f.Bytes, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}

// opened is a bundle whose manifest is signed and in order.
type opened struct {
	manifest Manifest
	raw, sig []byte
	files    *tar.Reader
}

// open verifies the signature and the manifest; the files come after.
func open(r io.Reader, key ed25519.PublicKey) (*opened, error) {
	b := &opened{files: tar.NewReader(r)}
	var err error
	if b.raw, err = b.take(manifestName, maxManifest); err != nil {
		return nil, err
	}
	if b.sig, err = b.take(signatureName, ed25519.SignatureSize); err != nil {
		return nil, err
	}
	if b.manifest, err = verified(b.raw, b.sig, key); err != nil {
		return nil, err
	}
	return b, nil
}

// take reads the next entry, which must be the named one.
func (b *opened) take(name string, limit int64) ([]byte, error) {
	if err := b.next(name, -1, limit); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(b.files, limit+1))
	if err != nil || int64(len(raw)) > limit {
		return nil, fmt.Errorf("%w: %s", ErrBadBundle, name)
	}
	return raw, nil
}

// next moves to the entry that must come now; a size below 0 is not compared.
func (b *opened) next(name string, size, limit int64) error {
	h, err := b.files.Next()
	if err != nil || h.Name != name || h.Typeflag != tar.TypeReg || h.Size > limit || size >= 0 && h.Size != size {
		return fmt.Errorf("%w: want %s", ErrBadBundle, name)
	}
	return nil
}

// verified parses a manifest whose signature is right.
func verified(raw, sig []byte, key ed25519.PublicKey) (Manifest, error) {
	var m Manifest
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, raw, sig) {
		return m, fmt.Errorf("%w: the signature is not of the update key", ErrBadBundle)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%w: manifest", ErrBadBundle)
	}
	return m, m.check()
}
