package server

import (
	"context"
	"errors"
	"fmt"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/queue"
)

// PutPast gives a rehearsal a day before today: the day's records, from its opening
// to its close, and the table that is made of them. A day that is there stays.
func (s *Server) PutPast(ctx context.Context, office queue.OfficeID, date queue.Date, records []eventlog.Record) error {
	if !s.options.Rehearsal() || date >= s.today() {
		return errors.New("server: only a rehearsal is given days that have passed")
	}
	table, err := history.Build(office, date, records)
	if err != nil {
		return err
	}
	log, err := s.store.Open(day.Stream(office, date))
	if err != nil {
		return err
	}
	if err := log.Append(ctx, eventlog.Head{}, records); errors.Is(err, eventlog.ErrConflict) {
		return nil
	} else if err != nil {
		return fmt.Errorf("day %s of %s: %w", date, office, err)
	}
	_, err = s.archive.Put(ctx, table)
	return err
}
