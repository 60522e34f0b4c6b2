package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"machi/internal/catalog"
	"machi/internal/estimate"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// How far back the demo's past reaches, in days of the calendar: the main office has
// more of it.
const (
	pastDays     = 4
	mainPastDays = 11
	pastOffices  = 5 // the others have no record yet
)

// past gives the offices days that have passed, the main office first: pretended, but
// decided by the queue and estimated as on the day itself, from what the days before
// had taught. It goes on behind everything else.
func (t *troupe) past(ctx context.Context, offices *catalog.Catalog) error {
	if t.options.NoPast {
		return nil
	}
	ids := append([]queue.OfficeID{mainOffice}, offices.IDs()[:pastOffices]...)
	for i, id := range ids {
		back := pastDays
		if i == 0 {
			back = mainPastDays
		} else if id == mainOffice {
			continue
		}
		if err := t.pastOf(ctx, offices, id, back, t.options.Seed+uint64(i)); err != nil && ctx.Err() == nil {
			return fmt.Errorf("demo: the past of %s: %w", id, err)
		}
	}
	return nil
}

// pastOf makes an office's days and puts them together, so that what they taught is
// made of all of them.
func (t *troupe) pastOf(ctx context.Context, offices *catalog.Catalog, id queue.OfficeID, back int, seed uint64) error {
	type made struct {
		date    queue.Date
		records []eventlog.Record
	}
	var days []made
	var lessons *place.Lessons
	for ; back > 0 && ctx.Err() == nil; back-- {
		date := queue.BusinessDay(t.options.Start.AddDate(0, 0, -back))
		settings, err := offices.Settings(id, date)
		if err != nil {
			return err
		}
		began := time.Now()
		d, err := pretend(settings, lessons, rand.New(rand.NewPCG(seed, uint64(back))))
		switch {
		case errors.Is(err, errShut):
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", date, err)
		}
		lessons = d.follower.Lessons()
		days = append(days, made{date, d.day.Records(0, 0)})
		t.breathe(ctx, time.Since(began))
	}
	for _, d := range days {
		if err := t.server.PutPast(ctx, id, d.date, d.records); err != nil {
			return err
		}
	}
	return nil
}

// breathe leaves the machine to those who look at the demo for a while.
func (t *troupe) breathe(ctx context.Context, while time.Duration) {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// told is what somebody who takes a number now is told.
func told(w estimate.Wait) *queue.Quote {
	if !w.Called.Known {
		return nil
	}
	q := w.Quote()
	return &q
}
