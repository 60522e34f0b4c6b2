package server

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"machi/internal/queue"
)

// serialBlock is how many serials are reserved with one fsync. A crash wastes the
// rest of a block, which no one misses.
const serialBlock = 1000

// identity is who this server is, for life: an id that no other server has, and the
// serials of the tickets that it issued.
type identity struct {
	path string

	mu       sync.Mutex
	file     identityFile
	next     int64 // the serial that is given next
	reserved int64 // serials below it are reserved on disk
}

type identityFile struct {
	Server string `json:"server"`
	// Serials is the first serial that was never reserved.
	Serials int64 `json:"serials"`
}

// openIdentity reads the identity in a folder, or makes one in an empty folder.
func openIdentity(dir string) (*identity, error) {
	i := &identity{path: filepath.Join(dir, "identity.json")}
	raw, err := os.ReadFile(i.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		i.file = identityFile{Server: randomHex(6), Serials: 1}
		if err := i.write(i.file); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("identity: %w", err)
	default:
		if err := json.Unmarshal(raw, &i.file); err != nil || i.file.Server == "" || i.file.Serials < 1 {
			// A new identity would be harmless, but a damaged one is news about the disk.
			return nil, fmt.Errorf("identity: %s is damaged; remove it to give this server a new name", i.path)
		}
	}
	i.next, i.reserved = i.file.Serials, i.file.Serials
	return i, nil
}

// ticketID returns an id that was never given, also not before a crash.
func (i *identity) ticketID() (queue.TicketID, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.next >= i.reserved {
		file := i.file
		file.Serials = i.reserved + serialBlock
		if err := i.write(file); err != nil {
			return "", err
		}
		i.file, i.reserved = file, file.Serials
	}
	serial := i.next
	i.next++
	return queue.TicketID(fmt.Sprintf("s%s-%06d", i.file.Server, serial)), nil
}

func (i *identity) write(f identityFile) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if err := replaceFile(i.path, raw); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	return nil
}

// replaceFile puts a new content into a file, so that after a power cut the file
// holds the old content or the new, whole.
func replaceFile(path string, raw []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}

func random16() (b [16]byte) {
	_, _ = rand.Read(b[:]) // it never fails
	return b
}
