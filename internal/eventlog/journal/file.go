package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"machi/internal/eventlog"
)

// errBroken says that an earlier write left the file in an unknown state.
var errBroken = errors.New("journal: an earlier write failed, open the file anew")

// file is what the journal needs of an open file; tests put a failing one in.
type file interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Stat() (os.FileInfo, error)
	Fd() uintptr
	Close() error
}

// openFile opens or creates path for appending and makes a new file's name safe.
func openFile(path string, preallocate int64) (file, error) {
	_, err := os.Stat(path)
	created := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if created {
		err = syncDir(filepath.Dir(path))
	}
	if err == nil && preallocate > 0 {
		err = reserve(f, preallocate)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// syncDir makes the names in a directory safe.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// readFrom returns the file's bytes from offset to its end.
func readFrom(f file, offset int64) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() <= offset {
		return nil, nil
	}
	b := make([]byte, info.Size()-offset)
	n, err := f.ReadAt(b, offset)
	if errors.Is(err, io.EOF) {
		err = nil // another process cut a torn end off meanwhile
	}
	return b[:n], err
}

// write puts b at offset, the end of all whole frames, and syncs. After an error
// broken says whether the state of the file is unknown; if it is not, nothing was
// added.
func write(f file, offset int64, b []byte) (broken bool, err error) {
	if _, err := f.WriteAt(b, offset); err != nil {
		if cut := f.Truncate(offset); cut != nil {
			return true, fmt.Errorf("%w: %w", eventlog.ErrUnclear, errors.Join(err, cut))
		}
		return false, fmt.Errorf("journal: not appended: %w", err)
	}
	if err := f.Sync(); err != nil {
		return true, fmt.Errorf("%w: %w", eventlog.ErrUnclear, err)
	}
	return false, nil
}
