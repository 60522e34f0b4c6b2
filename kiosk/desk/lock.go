package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// tries is how many wrong PINs in a row lock the staff mode.
	tries = 5
	// first is how long the first lock-out lasts; each further one doubles, up to longest.
	first   = 5 * time.Minute
	longest = time.Hour
)

// Lock is the lock-out of one machine's staff mode.
type Lock struct {
	path string
	now  func() time.Time

	mu sync.Mutex
	at locked
}

// locked is what the disk keeps.
type locked struct {
	Wrong  int           `json:"wrong"`  // in a row, since the last lock-out
	Rounds int           `json:"rounds"` // lock-outs since the last right PIN
	Until  time.Time     `json:"until,omitzero"`
	For    time.Duration `json:"for,omitempty"` // how long the newest lock-out lasts in all
}

// Result is what became of a try.
type Result struct {
	OK    bool
	Left  int       // tries before the next lock-out, after a wrong PIN
	Until time.Time // of the lock-out; zero where there is none
	Shut  bool      // this very try began it
}

// OpenLock reads the lock-out that a file keeps. A file that cannot be read locks
// for one round: it may have been about to.
func OpenLock(path string, now func() time.Time) *Lock {
	l := &Lock{path: path, now: now}
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil || json.Unmarshal(raw, &l.at) != nil:
		l.at = locked{}
		l.shut()
	}
	return l
}

// Try lets one PIN be checked, unless the staff mode is locked. The try counts as a
// wrong one on the disk before the check begins. An error says that the disk did
// not take it; the result holds nevertheless, in memory.
func (l *Lock) Try(right func() bool) (Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until, shut := l.until(); shut {
		return Result{Until: until}, nil
	}
	l.at.Wrong++
	if l.at.Wrong >= tries {
		l.shut()
	}
	kept := l.keep()
	if right() {
		l.at = locked{}
		return Result{OK: true}, errors.Join(kept, l.keep())
	}
	if until, shut := l.until(); shut {
		return Result{Until: until, Shut: true}, kept
	}
	return Result{Left: tries - l.at.Wrong}, kept
}

// Until returns the end of the lock-out, if there is one.
func (l *Lock) Until() (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until()
}

// until bounds the rest by the whole: with a clock that jumped back the lock-out
// begins anew, once, and does not last for years. While the program runs the
// monotonic clock decides, and no jump counts.
func (l *Lock) until() (time.Time, bool) {
	now := l.now()
	rest := l.at.Until.Sub(now)
	if l.at.Until.IsZero() || rest <= 0 {
		return time.Time{}, false
	}
	if rest > l.at.For {
		l.at.Until = now.Add(l.at.For)
	}
	return l.at.Until, true
}

func (l *Lock) shut() {
	l.at.For = longest
	if l.at.Rounds < 4 {
		l.at.For = min(longest, first<<l.at.Rounds)
	}
	l.at.Until = l.now().Add(l.at.For)
	l.at.Wrong = 0
	l.at.Rounds++
}

// keep replaces the file so that a power cut leaves the old or the new one.
func (l *Lock) keep() error {
	raw, err := json.Marshal(l.at)
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	f, err := os.OpenFile(l.path+".part", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	if err := os.Rename(l.path+".part", l.path); err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	return syncFolder(filepath.Dir(l.path))
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
