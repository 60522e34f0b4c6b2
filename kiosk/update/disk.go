package update

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func (m Machine) at(step string) error {
	if m.At == nil {
		return nil
	}
	return m.At(step)
}

// openDir makes a folder that the machine's user can run programs from, whatever the
// umask of root's service is.
func openDir(dir string) error {
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	return nil
}

// fill writes a bundle into a slot that is not in use and makes it safe.
func (m Machine) fill(slot string, b *opened) error {
	dir := filepath.Join(m.Root, slot)
	if err := m.at("clear " + slot); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	if err := openDir(dir); err != nil {
		return err
	}
	for _, f := range b.manifest.Files {
		if err := m.extract(dir, f, b); err != nil {
			return err
		}
	}
	if _, err := b.files.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than the manifest names", ErrBadBundle)
	}
	for name, raw := range map[string][]byte{manifestName: b.raw, signatureName: b.sig} {
		if err := m.at("write " + name); err != nil {
			return err
		}
		if err := writeSafe(filepath.Join(dir, name), raw); err != nil {
			return err
		}
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	_, err := m.verify(slot)
	return err
}

// extract writes the bundle's next file, which must be the one that is named.
func (m Machine) extract(dir string, f File, b *opened) error {
	if err := b.next(f.Name, f.Bytes, maxBytes); err != nil {
		return err
	}
	if err := m.at("extract " + f.Name); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if f.Executable {
		mode = 0o755
	}
	out, err := os.OpenFile(filepath.Join(dir, f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), b.files)
	if err := errors.Join(err, out.Chmod(mode), out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBadBundle, f.Name, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%w: %s is not what was signed", ErrBadBundle, f.Name)
	}
	return nil
}

// point switches the link in one step.
func (m Machine) point(slot string) error {
	if err := m.at("link " + slot); err != nil {
		return err
	}
	next := filepath.Join(m.Root, currentName+".next")
	if err := os.Remove(next); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("kiosk update: %w", err)
	}
	if err := os.Symlink(slot, next); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	if err := m.at("switch " + slot); err != nil {
		return err
	}
	if err := os.Rename(next, filepath.Join(m.Root, currentName)); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	return syncDir(m.Root)
}

// write replaces a small file so that a power cut leaves the old or the new one.
func (m Machine) write(name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	path := filepath.Join(m.Root, name)
	if err := m.at("write " + name); err != nil {
		return err
	}
	if err := writeSafe(path+".next", raw); err != nil {
		return err
	}
	if err := m.at("rename " + name); err != nil {
		return err
	}
	if err := os.Rename(path+".next", path); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	return syncDir(m.Root)
}

func (m Machine) remove(name string) error {
	if err := m.at("remove " + name); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(m.Root, name)); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	return syncDir(m.Root)
}

func writeSafe(path string, raw []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("kiosk update: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
