package eventlog

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// MaxBatchBytes bounds the stored form of all records of one [Log.Append].
	MaxBatchBytes = 16 << 20
	// MaxStreamName bounds the name of a stream, in bytes.
	MaxStreamName = 128
)

var (
	// ErrClosed says that the store was closed before the call: nothing was appended.
	ErrClosed = errors.New("eventlog: the store is closed")
	// ErrTooLarge says that a record is longer than [MaxRecordBytes], or a batch
	// longer than [MaxBatchBytes]: nothing was appended.
	ErrTooLarge = errors.New("eventlog: too large to store")
	// ErrStreamName says that a stream's name cannot be a key in every store.
	ErrStreamName = errors.New("eventlog: unusable stream name")
)

// CheckBatch checks what every store must refuse before it writes: records that
// do not chain onto after ([ErrCorrupt]) or are too long ([ErrTooLarge]). It
// returns the head at which the log stands once they are in.
func CheckBatch(after Head, records []Record) (Head, error) {
	head, err := after.Chain(records)
	if err != nil {
		return after, err
	}
	total := 0
	for _, r := range records {
		size := StoredSize(r)
		if size-frameHead > MaxRecordBytes {
			return after, fmt.Errorf("%w: record %d has %d bytes", ErrTooLarge, r.Number, size)
		}
		total += size
	}
	if total > MaxBatchBytes {
		return after, fmt.Errorf("%w: a batch of %d bytes", ErrTooLarge, total)
	}
	return head, nil
}

// CheckPage checks that records are what reading from after must give: without a
// gap, each naming the hash of the one before. It returns the records before the
// first that is not, together with an [ErrCorrupt] naming that one's number.
//
// The first record's own Prev cannot be checked here: only a reader who holds the
// record before it, or its head, can.
func CheckPage(after int64, records []Record) ([]Record, error) {
	for i, r := range records {
		if r.Number != after+1 {
			return records[:i], fmt.Errorf("%w: number %d is missing, found %d", ErrCorrupt, after+1, r.Number)
		}
		if i > 0 {
			if err := records[i-1].Head().Follows(r); err != nil {
				return records[:i], err
			}
		}
		after = r.Number
	}
	return records, nil
}

// CheckStream returns [ErrStreamName] unless name is 1 to [MaxStreamName] letters,
// digits or characters of "-_.:/@+": what is safe in a Redis key, in a pattern and,
// escaped, in a file name.
func CheckStream(name string) error {
	if name == "" || len(name) > MaxStreamName {
		return fmt.Errorf("%w: %d bytes, want 1 to %d", ErrStreamName, len(name), MaxStreamName)
	}
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.ContainsRune("-_.:/@+", c):
		default:
			return fmt.Errorf("%w: %q holds %q", ErrStreamName, name, c)
		}
	}
	return nil
}
