package office

import (
	"machi/internal/day"
	"machi/internal/eventlog"
)

// Verify checks that records are a whole day: that they chain from the first, that
// every origin's own chain is whole, and that every decision fits the state on
// which it was made. It returns the day that they make, and with an error (an
// [eventlog.ErrCorrupt] or a *queue.CorruptError) the day before the bad record.
func Verify(records []eventlog.Record) (*day.Day, error) {
	d := day.New()
	for i, r := range records {
		if err := d.Apply(r); err != nil {
			good, again := day.Replay(records[:i]) // a day that failed to apply is unusable
			if again != nil {
				return day.New(), again
			}
			return good, err
		}
	}
	return d, nil
}
