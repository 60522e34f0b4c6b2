package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"machi/internal/eventlog"
)

// Heads are the newest heads of months, as somebody remembers them.
type Heads map[string]eventlog.Head

// ReadHeads reads a file of heads; one that does not exist holds none.
func ReadHeads(path string) (Heads, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Heads{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("audit heads: %w", err)
	}
	heads := Heads{}
	if err := json.Unmarshal(raw, &heads); err != nil {
		return nil, fmt.Errorf("audit heads: %s is damaged: %w", path, err)
	}
	return heads, nil
}

// saveHead puts the newest head of a month into the file; the others stay. A file
// that is damaged is left alone, and an error says so.
func saveHead(path, stream string, head eventlog.Head) error {
	heads, err := ReadHeads(path)
	if err != nil {
		return err
	}
	heads[stream] = head
	raw, err := json.MarshalIndent(heads, "", " ")
	if err != nil {
		return fmt.Errorf("audit heads: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".heads-*")
	if err != nil {
		return fmt.Errorf("audit heads: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("audit heads: %w", err)
	}
	return nil
}
