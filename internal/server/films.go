package server

import (
	"context"

	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/replay"
)

// films show the closed days that are kept.
type films struct{ archive *history.Archive }

// Film returns one closed day of an office; false: there is none.
func (f films) Film(ctx context.Context, office queue.OfficeID, date queue.Date) (replay.Film, bool, error) {
	d, ok, err := f.archive.Day(ctx, office, date)
	if !ok || err != nil {
		return replay.Film{}, false, err
	}
	film, ok := replay.Of(d)
	return film, ok, nil
}

// Dates returns the closed days of an office from one date to another, both included.
func (f films) Dates(ctx context.Context, office queue.OfficeID, from, to queue.Date) ([]queue.Date, error) {
	return f.archive.Dates(ctx, office, from, to)
}
