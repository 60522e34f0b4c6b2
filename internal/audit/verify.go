package audit

import (
	"context"
	"fmt"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Anchors are heads that were kept apart from the store.
type Anchors struct {
	Heads  Heads           // each must still stand in its month
	Hashes []eventlog.Hash // each must be some record's
}

// Month is what [Verify] found of one month.
type Month struct {
	Stream  string
	Entries int
	Head    eventlog.Head
	Faults  []string
}

// Verify checks the whole trail of a store: that every month chains from its first
// record, that it names the end of the month before, and that the anchors stand. A
// month that an anchor names and the store does not have is a fault of its own.
func Verify(ctx context.Context, store eventlog.Store, anchors Anchors) ([]Month, error) {
	names, err := streams(ctx, store)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	var months []Month
	seen := map[eventlog.Hash]bool{}
	before := link{}
	for _, name := range names {
		m, err := verifyMonth(ctx, store, name, before, anchors.Heads, seen)
		if err != nil {
			return months, err
		}
		months = append(months, m)
		before = link{name, m.Head}
	}
	have := map[string]bool{}
	for _, m := range months {
		have[m.Stream] = true
	}
	for name := range anchors.Heads {
		if !have[name] {
			months = append(months, Month{Stream: name, Faults: []string{"the month is missing"}})
		}
	}
	for _, hash := range anchors.Hashes {
		if !seen[hash] {
			months = append(months, Month{Stream: Prefix + "*", Faults: []string{fmt.Sprintf("no record has the hash %s", hash)}})
		}
	}
	return months, nil
}

func verifyMonth(ctx context.Context, store eventlog.Store, name string, before link, heads Heads, seen map[eventlog.Hash]bool) (Month, error) {
	m := Month{Stream: name}
	log, err := store.Open(name)
	if err != nil {
		return m, fmt.Errorf("audit: %w", err)
	}
	fault := func(format string, args ...any) { m.Faults = append(m.Faults, fmt.Sprintf(format, args...)) }
	anchor, anchored := heads[name]
	if anchored && anchor.Number == 0 {
		anchored = false
	}
	for {
		records, err := log.Read(ctx, m.Head.Number, page)
		for _, r := range records {
			if follows := m.Head.Follows(r); follows != nil {
				fault("%v", follows)
				return m, nil
			}
			if why := m.check(r, before); why != "" {
				fault("record %d: %s", r.Number, why)
			}
			m.Head = r.Head()
			seen[m.Head.Hash] = true
			if anchored && m.Head.Number == anchor.Number && m.Head != anchor {
				fault("record %d is not the one that was remembered", r.Number)
			}
		}
		if err != nil {
			if ctx.Err() != nil {
				return m, ctx.Err()
			}
			fault("%v", err)
			return m, nil
		}
		if len(records) == 0 {
			break
		}
	}
	if anchored && m.Head.Number < anchor.Number {
		fault("ends at record %d; %d was remembered", m.Head.Number, anchor.Number)
	}
	return m, nil
}

// check says what is wrong with the content of a record in itself, or "".
func (m *Month) check(r eventlog.Record, before link) string {
	list, _, err := events(r)
	switch {
	case err != nil:
		return err.Error()
	case len(list) != 1:
		return fmt.Sprintf("%d events in a record", len(list))
	}
	e := list[0]
	switch {
	case r.Number == 1 && e.Opened == nil:
		return "the month does not begin with a link to the one before"
	case r.Number == 1 && *e.Opened != before:
		return fmt.Sprintf("names %s at %d as the month before, found %s at %d", e.Opened.Stream, e.Opened.Head.Number, before.Stream, before.Head.Number)
	case r.Number > 1 && e.Opened != nil:
		return "a month begins in the middle"
	case e.Lost != nil:
		return fmt.Sprintf("a server lost its trail here: it knew %s up to %d, hash %s", e.Lost.Stream, e.Lost.Head.Number, e.Lost.Head.Hash)
	case e.Entry != nil:
		m.Entries++
	}
	return ""
}

// DayHead is where the trail stood at the end of a day.
type DayHead struct {
	Date   string        `json:"date"`
	Stream string        `json:"stream"`
	Number int64         `json:"number"`
	Hash   eventlog.Hash `json:"hash"`
}

func dayHead(at time.Time, stream string, head eventlog.Head) DayHead {
	return DayHead{at.In(queue.JST).Format(time.DateOnly), stream, head.Number, head.Hash}
}
