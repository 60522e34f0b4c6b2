package server

import (
	"cmp"
	"context"
	"path/filepath"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/measure/keep"
	"machi/internal/queue"
)

// measures are the figures of all closed days that are kept.
type measures struct {
	*keep.Keeper
	changed func() <-chan struct{} // closed when a day was closed
	look    time.Duration
	fault   func(error)
}

const (
	// measuresLook is how often days are looked for that another server closed, and
	// each measuresDeep-th time days of long ago as well.
	measuresLook = time.Minute
	measuresDeep = 60
)

func (s *Server) openMeasures() error {
	keeper, err := keep.New(keep.Options{
		Tables: s.archive, Offices: s.offices, Today: s.today, KeepDays: cmp.Or(s.options.KeepDays, history.KeepDays),
		Opens: s.opens, Folder: filepath.Join(s.options.Data, "measures"), Logger: s.options.Logger,
	})
	s.measures = &measures{
		Keeper: keeper, changed: s.history.Changed, look: s.options.pace(measuresLook),
		fault: func(err error) { s.options.Logger.Warn("figures of closed days are not up to date", "error", err) },
	}
	return err
}

// opens reports whether an office was to be open on a date, by the catalogue in force.
func (s *Server) opens(office queue.OfficeID, date queue.Date) bool {
	day, err := calendar.ParseDay(string(date))
	if err != nil {
		return false
	}
	t, ok := schedules{s.source}.Timetable(office)
	return ok && !t.On(day).Closed()
}

// Run keeps the figures up to date until the context ends.
func (m *measures) Run(ctx context.Context) {
	for round := 0; ctx.Err() == nil; {
		changed := m.changed()
		if err := m.Round(ctx, round%measuresDeep == 0); err == nil {
			round++
		} else if ctx.Err() == nil {
			m.fault(err)
		}
		if !rest(ctx, promisesRest, nil) || !rest(ctx, m.look, changed) {
			return
		}
	}
}
