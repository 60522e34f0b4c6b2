package redislog

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog"
)

// decode returns the records of one entry. On damage it returns those before it
// together with an ErrCorrupt.
func decode(entry redis.XMessage) ([]eventlog.Record, error) {
	blob, _ := entry.Values["b"].(string)
	hash, _ := entry.Values["h"].(string)
	records, err := eventlog.DecodeRecords([]byte(blob))
	switch {
	case err != nil:
		return records, fmt.Errorf("entry %s: %w", entry.ID, err)
	case len(records) == 0:
		return nil, fmt.Errorf("%w: entry %s holds no record", eventlog.ErrCorrupt, entry.ID)
	}
	last := records[len(records)-1]
	if sum := last.Hash(); entryID(last.Number) != entry.ID || string(sum[:]) != hash {
		return nil, fmt.Errorf("%w: entry %s ends with record %d, hash %v", eventlog.ErrCorrupt, entry.ID, last.Number, sum)
	}
	return records, nil
}

// collect adds the records of entries that are number next or later to out, and
// returns the number that it expects then.
func collect(out []eventlog.Record, entries []redis.XMessage, next int64) ([]eventlog.Record, int64, error) {
	for _, e := range entries {
		records, err := decode(e)
		for _, r := range records {
			if r.Number >= next {
				out = append(out, r)
				next = r.Number + 1
			}
		}
		if err != nil {
			return out, next, fmt.Errorf("record %d: %w", next, err)
		}
	}
	return out, next, nil
}

// headOf returns the head of a stream from the answer that holds its newest entry.
func headOf(newest []redis.XMessage) (eventlog.Head, error) {
	if len(newest) == 0 {
		return eventlog.Head{}, nil
	}
	records, err := decode(newest[0])
	if err != nil {
		return eventlog.Head{}, err
	}
	return records[len(records)-1].Head(), nil
}

// holds reports whether the entry holds the very record at which head stands.
func holds(entries []redis.XMessage, head eventlog.Head) bool {
	for _, e := range entries {
		records, _ := decode(e) // what is damaged is not the record that is looked for
		for _, r := range records {
			if r.Number == head.Number && r.Hash() == head.Hash {
				return true
			}
		}
	}
	return false
}
