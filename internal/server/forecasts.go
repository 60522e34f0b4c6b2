package server

import (
	"context"
	"fmt"
	"time"

	"machi/internal/almanac"
	"machi/internal/board"
	"machi/internal/expect"
	"machi/internal/foresee"
	"machi/internal/foretold"
	"machi/internal/queue"
)

// openForecasts opens what is known of days to come. Nothing is forecast before the
// server runs.
func (s *Server) openForecasts() error {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	log, err := s.beside.Open(almanac.Stream)
	if err != nil {
		return fmt.Errorf("almanac: %w", err)
	}
	if s.almanac, err = almanac.Open(ctx, log, s.now); err != nil {
		return fmt.Errorf("almanac: %w", err)
	}
	s.forecasts = foresee.New(foresee.Options{
		Days: s.archive, Changed: s.history.Changed, Offices: s.offices, Place: s.place, Settings: s.settings,
		Almanac: s.almanac, Told: foretold.New(foretold.Options{Store: s.beside, Today: s.today, KeepDays: s.options.KeepDays}),
		Now: s.now, Logger: s.options.Logger, Look: s.options.pace(time.Minute), KeepDays: s.options.KeepDays,
	})
	return nil
}

// place is what a forecast needs of the catalogue.
func (s *Server) place(id queue.OfficeID) (foresee.Place, bool) {
	o, ok := s.catalog().Office(id)
	if !ok {
		return foresee.Place{}, false
	}
	p := foresee.Place{Kind: o.Kind, Counters: len(o.Counters), Schedule: o.Schedule, Thresholds: expect.Thresholds{}}
	for _, v := range o.Services {
		p.Thresholds[v.ID] = v.Levels
	}
	for _, d := range o.Special {
		p.Special = append(p.Special, foresee.Special{
			Key: d.Like, From: d.From, To: d.To,
			Event: expect.Event{ID: d.ID, Name: board.Text(d.Name), Percent: d.Percent, Services: d.Services},
		})
	}
	return p, true
}
