package archive

import (
	"context"
	"errors"
	"fmt"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Purged is what [Archive.Purge] did.
type Purged struct {
	Days   int
	Faults []Fault // days that stay, and why
}

// errUnsure says why a day's log stays in the store.
var errUnsure = errors.New("it stays in the store")

// Purge deletes from a store the logs of days before a date, each only after the
// archive's copy was read from the disk again and proved to lead to the very head of
// the log, and after counted has said that the day's figures were made of that head.
func (a *Archive) Purge(ctx context.Context, store eventlog.Store, before queue.Date, counted func(context.Context, queue.OfficeID, queue.Date, eventlog.Head) error) (Purged, error) {
	var done Purged
	remover, can := store.(eventlog.Remover)
	if !can {
		return done, errors.New("archive: this store cannot forget a day")
	}
	days, err := Days(ctx, store)
	if err != nil {
		return done, err
	}
	for _, office := range sortedKeys(days) {
		for _, date := range days[office] {
			if date >= before {
				continue
			}
			switch err := a.sure(ctx, store, office, date, counted); {
			case errors.Is(err, errUnsure), errors.Is(err, ErrDamaged), errors.Is(err, ErrMissing), errors.Is(err, eventlog.ErrCorrupt):
				done.Faults = append(done.Faults, Fault{office, date, err})
				continue
			case err != nil:
				return done, err
			}
			if err := remover.Remove(ctx, day.Stream(office, date)); err != nil {
				return done, fmt.Errorf("archive: delete %s of %s: %w", date, office, err)
			}
			done.Days++
		}
	}
	return done, nil
}

// sure returns nil if nothing is lost with a day's log.
func (a *Archive) sure(ctx context.Context, store eventlog.Store, office queue.OfficeID, date queue.Date, counted func(context.Context, queue.OfficeID, queue.Date, eventlog.Head) error) error {
	log, err := store.Open(day.Stream(office, date))
	if err != nil {
		return err
	}
	head, err := log.Head(ctx)
	if err != nil {
		return err
	}
	if _, err := a.Records(office, date); err != nil {
		return err
	}
	if d, _ := a.Find(office, date); d.Head != head {
		return fmt.Errorf("%w: the archive has %d of its %d records", errUnsure, d.Records, head.Number)
	}
	if err := counted(ctx, office, date, head); err != nil {
		return fmt.Errorf("%w: %w", errUnsure, err)
	}
	return nil
}
