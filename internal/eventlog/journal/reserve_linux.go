package journal

import (
	"errors"
	"syscall"
)

// keepSize is FALLOC_FL_KEEP_SIZE: the blocks are taken, the file's length stays.
const keepSize = 1

// reserve takes disk space for the first size bytes, so that a disk that fills up
// later cannot stop the journal. File systems that cannot do so are left alone.
func reserve(f interface{ Fd() uintptr }, size int64) error {
	err := syscall.Fallocate(int(f.Fd()), keepSize, 0, size)
	if errors.Is(err, syscall.EOPNOTSUPP) {
		return nil
	}
	return err
}
