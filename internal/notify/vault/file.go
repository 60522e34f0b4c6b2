package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// suffix is how the names of the files end; before it stands the date.
const suffix = ".key"

// Open returns this server's ring of a day, and makes its private key if there is none
// yet. The folder belongs to this server alone.
func Open(dir, date string) (*Ring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	r := &Ring{path: filepath.Join(dir, date+suffix), keys: map[string][]byte{}}
	raw, err := os.ReadFile(r.path)
	if errors.Is(err, os.ErrNotExist) {
		return r, r.make()
	}
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	if r.private, err = kem().NewPrivateKey(raw); err != nil {
		return r, r.make() // a torn file: what was sealed for it is lost, the day goes on
	}
	r.public = r.private.PublicKey().Bytes()
	return r, nil
}

// make makes the private key, and has it on the disk before it is used.
func (r *Ring) make() error {
	private, err := kem().GenerateKey()
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	raw, err := private.Bytes()
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	r.private, r.public = private, private.PublicKey().Bytes()
	if err := write(r.path, raw); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// write puts a content in a file in one piece.
func write(path string, raw []byte) error {
	part := path + ".part"
	if err := overwrite(part, raw); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func overwrite(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(raw, 0)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Destroy forgets the keys, and overwrites and removes the file of the private one.
func (r *Ring) Destroy() error {
	r.mu.Lock()
	for _, key := range r.keys {
		clear(key)
	}
	r.keys, r.ids, r.gone = map[string][]byte{}, nil, true
	r.mu.Unlock()
	return destroy(r.path)
}

func destroy(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = overwrite(path, make([]byte, info.Size()))
	}
	if err := errors.Join(err, os.Remove(path)); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Sweep destroys the private keys of all days before a date, such as those that a
// server left behind that did not run when its day ended.
func Sweep(dir, before string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("vault: %w", err)
	}
	var failed []error
	for _, e := range entries {
		date := strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".part"), suffix)
		if !e.IsDir() && date < before {
			failed = append(failed, destroy(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(failed...)
}
