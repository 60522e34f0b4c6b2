package journal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"machi/internal/eventlog"
	"machi/internal/eventlog/bell"
)

// suffix is how a stream's file name ends.
const suffix = ".log"

// Options are the choices an opener has; the zero value is good.
type Options struct {
	// Preallocate is the disk space in bytes that a file takes ahead of its end. As
	// long as the disk has it, at least half of it is there to be written to.
	Preallocate int64
}

// Store keeps one file for each stream in a directory.
type Store struct {
	dir     string
	options Options
	bell    bell.Bell

	mu     sync.Mutex
	closed bool
	logs   map[string]*log // all that were opened: one lock holder for each file
}

// OpenStore opens or creates the directory.
func OpenStore(dir string, options Options) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := syncDir(filepath.Dir(filepath.Clean(dir))); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &Store{dir: dir, options: options, logs: map[string]*log{}}, nil
}

// Open returns the log of a stream. It makes no file before the first append.
func (s *Store) Open(stream string) (eventlog.Log, error) {
	if err := eventlog.CheckStream(stream); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, eventlog.ErrClosed
	}
	l, ok := s.logs[stream]
	if !ok {
		l = s.newLog(stream)
		s.logs[stream] = l
	}
	return l, nil
}

// Streams lists the streams whose files hold at least one whole frame.
func (s *Store) Streams(ctx context.Context) ([]string, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var names []string
	for _, e := range entries {
		name, err := url.QueryUnescape(strings.TrimSuffix(e.Name(), suffix))
		if err != nil || !strings.HasSuffix(e.Name(), suffix) || eventlog.CheckStream(name) != nil {
			continue // not a file of ours
		}
		if begun, err := s.begun(ctx, name); err != nil {
			return nil, err
		} else if begun {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// begun reports whether a stream has records; a damaged one has. It closes the
// file again unless somebody uses it: a directory may hold more than a process may
// have open.
func (s *Store) begun(ctx context.Context, name string) (begun bool, err error) {
	s.mu.Lock()
	l, used := s.logs[name]
	s.mu.Unlock()
	if !used {
		l = s.newLog(name)
		defer func() { err = errors.Join(err, l.close()) }()
	}
	head, err := l.Head(ctx)
	if errors.Is(err, eventlog.ErrCorrupt) {
		return true, nil
	}
	return head.Number > 0, err
}

func (s *Store) newLog(stream string) *log {
	return &log{store: s, path: filepath.Join(s.dir, url.QueryEscape(stream)+suffix)}
}

// Close closes all files once the calls in progress have returned.
func (s *Store) Close() error {
	s.mu.Lock()
	logs := s.logs
	s.logs, s.closed = nil, true
	s.mu.Unlock()
	s.bell.Ring()
	var failed []error
	for _, l := range logs {
		failed = append(failed, l.close())
	}
	return errors.Join(failed...)
}

func (s *Store) usable(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return eventlog.ErrClosed
	}
	return ctx.Err()
}
