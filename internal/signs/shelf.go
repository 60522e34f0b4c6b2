package signs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"machi/internal/eventlog"
)

// MaxShelf bounds all bytes that playlists refer to.
const MaxShelf = 200 << 20

// chunk is how much one record of a stream holds.
const chunk = 256 << 10

// ErrNoMedia says that nobody has the bytes of a hash.
var ErrNoMedia = errors.New("signs: the picture or video is not there")

// Shelf keeps the bytes of pictures and videos in a folder, each under its hash. Where
// several servers share a store it keeps them there as well, in chunks, and the folder
// is what this server has seen of them.
type Shelf struct {
	dir   string
	store eventlog.Store // nil: this server is the only one

	mu sync.Mutex // held while bytes are fetched or put

	looking sync.Mutex       // held while bytes are looked at
	seen    map[string]Media // by hash, which says all that can be seen
}

// maxSeen bounds what is remembered of bytes that were looked at.
const maxSeen = 1000

// OpenShelf makes the folder where it is missing.
func OpenShelf(dir string, shared eventlog.Store) (*Shelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return &Shelf{dir: dir, store: shared, seen: map[string]Media{}}, nil
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (s *Shelf) path(hash string) string { return filepath.Join(s.dir, hash) }

// Put keeps bytes under their hash. They are safe when it returns. It returns
// [ErrFull] once the shelf holds [MaxShelf].
func (s *Shelf) Put(ctx context.Context, hash string, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := os.Stat(s.path(hash)); err != nil && s.filled()+int64(len(raw)) > MaxShelf {
		return ErrFull
	}
	if err := s.share(ctx, hash, raw); err != nil {
		return err
	}
	return s.keep(hash, raw)
}

// filled returns how many bytes lie in the folder.
func (s *Shelf) filled() (total int64) {
	entries, _ := os.ReadDir(s.dir) // a folder that cannot be read takes nothing either
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
	}
	return total
}

// File returns the path of a file with the bytes of a hash. What only the store has
// is fetched first. It returns [ErrNoMedia] for what nobody has.
func (s *Shelf) File(ctx context.Context, hash string) (string, error) {
	if !hashForm.MatchString(hash) {
		return "", ErrNoMedia
	}
	if _, err := os.Stat(s.path(hash)); err == nil {
		return s.path(hash), nil
	}
	if s.store == nil {
		return "", ErrNoMedia
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := os.Stat(s.path(hash)); err == nil { // whoever held the lock fetched it
		return s.path(hash), nil
	}
	raw, err := s.fetch(ctx, hash)
	if err != nil {
		return "", err
	}
	return s.path(hash), s.keep(hash, raw)
}

// Tend brings folder and store in step with the hashes that playlists refer to: what
// the store has forgotten is put back, and what nobody refers to any more is deleted,
// unless it was put a short time ago.
func (s *Shelf) Tend(ctx context.Context, wanted map[string]bool, young func(fs.FileInfo) bool) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	var failed []error
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || young(info):
		case !hashForm.MatchString(e.Name()):
			failed = append(failed, os.Remove(s.path(e.Name()))) // half a file of a server that died
		case wanted[e.Name()]:
			failed = append(failed, s.putBack(ctx, e.Name()))
		default:
			failed = append(failed, s.drop(ctx, e.Name()))
		}
	}
	return errors.Join(failed...)
}

func (s *Shelf) drop(ctx context.Context, hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if remover, ok := s.store.(eventlog.Remover); ok {
		if err := remover.Remove(ctx, streamOf(hash)); err != nil {
			return err
		}
	}
	return os.Remove(s.path(hash))
}

func (s *Shelf) putBack(ctx context.Context, hash string) error {
	if s.store == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := os.ReadFile(s.path(hash))
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	return s.share(ctx, hash, raw)
}

// keep writes a file whole or not at all.
func (s *Shelf) keep(hash string, raw []byte) error {
	f, err := os.CreateTemp(s.dir, "part-*")
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), s.path(hash))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("media: %w", err), os.Remove(f.Name()))
	}
	return nil
}

func streamOf(hash string) string { return "media/" + hash }

// share puts bytes into the store, unless they are there. Another server that does so
// at the same moment writes the same.
func (s *Shelf) share(ctx context.Context, hash string, raw []byte) error {
	if s.store == nil {
		return nil
	}
	log, err := s.store.Open(streamOf(hash))
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	head, err := log.Head(ctx)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	for at := int(head.Number) * chunk; at < len(raw); at += chunk {
		r := eventlog.Record{Number: head.Number + 1, Prev: head.Hash, Incarnation: head.Incarnation, Body: raw[at:min(at+chunk, len(raw))]}
		if head.Number == 0 {
			_, _ = rand.Read(r.Incarnation[:]) // never fails
		}
		err := log.Append(ctx, head, []eventlog.Record{r})
		if errors.Is(err, eventlog.ErrConflict) || errors.Is(err, eventlog.ErrUnclear) {
			return s.shared(ctx, hash)
		}
		if err != nil && !errors.Is(err, eventlog.ErrUnsafe) {
			return fmt.Errorf("media: %w", err)
		}
		head = r.Head()
	}
	return nil
}

// shared reports whether the store has the bytes of a hash, all of them.
func (s *Shelf) shared(ctx context.Context, hash string) error {
	_, err := s.fetch(ctx, hash)
	if errors.Is(err, ErrNoMedia) {
		return fmt.Errorf("media: another server is putting it: %w", eventlog.ErrConflict)
	}
	return err
}

func (s *Shelf) fetch(ctx context.Context, hash string) ([]byte, error) {
	log, err := s.store.Open(streamOf(hash))
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	var raw []byte
	for after := int64(0); len(raw) <= MaxShelf; {
		records, err := log.Read(ctx, after, 8)
		if err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			raw, after = append(raw, r.Body...), r.Number
		}
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != hash {
		return nil, ErrNoMedia // half of it, or damaged
	}
	return raw, nil
}

// Here reports whether the folder has the bytes of a hash.
func (s *Shelf) Here(hash string) bool {
	if !hashForm.MatchString(hash) {
		return false
	}
	_, err := os.Stat(s.path(hash))
	return err == nil
}

// Media says what lies under a hash, by its content. It returns [ErrNoMedia] for what
// nobody has. The bytes are looked at once, however many walls ask for parts of them.
func (s *Shelf) Media(ctx context.Context, hash string) (Media, error) {
	path, err := s.File(ctx, hash)
	if err != nil {
		return Media{}, err
	}
	s.looking.Lock()
	defer s.looking.Unlock()
	if m, ok := s.seen[hash]; ok {
		return m, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Media{}, fmt.Errorf("media: %w", err)
	}
	m, err := describe(hash, raw)
	if err != nil {
		return Media{}, err
	}
	if len(s.seen) >= maxSeen {
		clear(s.seen)
	}
	s.seen[hash] = m
	return m, nil
}
