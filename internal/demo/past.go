package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/catalog"
	"machi/internal/estimate"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/yearly"
)

// How far back the demo's past reaches, in days of the calendar. The newest days have
// logs, and what people were told is estimated as on the day itself; older ones have
// only what is kept of closed days. The main office has more of both.
const (
	pastDays     = 4
	mainPastDays = 6
	longPast     = 150
	mainLongPast = 760
	pastOffices  = 2 // of the others; the rest are told guesses
	// learnDays is few: to learn from a day takes longer than to make it up.
	learnDays = 8
)

// past gives the offices days that have passed, the main office first. All of them are
// pretended. It goes on behind everything else.
func (t *troupe) past(ctx context.Context, offices *catalog.Catalog) error {
	if t.options.NoPast {
		return nil
	}
	settings := func(id queue.OfficeID) daily {
		return func(date queue.Date) (queue.Settings, error) { return offices.Settings(id, date) }
	}
	// What is made fast comes first.
	if err := t.longAgo(ctx, mainOffice, settings(mainOffice), mainPastDays, mainLongPast); err != nil {
		return err
	}
	if err := t.pastOf(ctx, mainOffice, settings(mainOffice), mainPastDays, true); err != nil {
		return err
	}
	others := slices.DeleteFunc(offices.IDs(), func(id queue.OfficeID) bool { return id == mainOffice })
	for i := range others {
		at := (i + pastOffices) % len(others) // estimates take a while: those come last
		id := others[at]
		if err := t.pastOf(ctx, id, settings(id), pastDays, at < pastOffices); err != nil {
			return err
		}
		if err := t.longAgo(ctx, id, settings(id), pastDays, longPast); err != nil {
			return err
		}
	}
	return nil
}

// daily gives an office's settings of a day.
type daily func(queue.Date) (queue.Settings, error)

func (t *troupe) date(back int) queue.Date {
	return queue.BusinessDay(t.options.Start.AddDate(0, 0, -back))
}

// pastOf makes an office's newest days and puts them together, so that what they
// taught is made of all of them.
func (t *troupe) pastOf(ctx context.Context, id queue.OfficeID, settings daily, back int, estimated bool) error {
	type made struct {
		date    queue.Date
		records []eventlog.Record
	}
	var days []made
	var lessons *place.Lessons
	for ; back > 0 && ctx.Err() == nil; back-- {
		date := t.date(back)
		s, err := settings(date)
		if err != nil {
			return err
		}
		began := time.Now()
		var told yearly.Told
		f := follower{estimate.NewFollower(lessons)}
		if estimated {
			told = f
		}
		records, err := yearly.Records(s, t.yearly(), told)
		switch {
		case errors.Is(err, yearly.ErrShut):
			continue
		case err != nil:
			return fmt.Errorf("demo: the past of %s: %s: %w", id, date, err)
		}
		if estimated {
			lessons = f.of.Lessons()
		}
		days = append(days, made{date, records})
		t.breathe(ctx, time.Since(began))
	}
	for _, d := range days {
		if err := t.server.PutPast(ctx, id, d.date, d.records); err != nil {
			return err
		}
	}
	return nil
}

// longAgo gives an office the tables of the days before, the newest first.
func (t *troupe) longAgo(ctx context.Context, id queue.OfficeID, settings daily, from, to int) error {
	for back := from + 1; back <= to && ctx.Err() == nil; back++ {
		began := time.Now()
		s, err := settings(t.date(back))
		if err != nil {
			return err
		}
		table, err := yearly.Table(s, t.yearly())
		if errors.Is(err, yearly.ErrShut) {
			continue
		}
		if err == nil {
			_, err = t.server.Archive().Put(ctx, table)
		}
		if err != nil {
			return fmt.Errorf("demo: the past of %s: %s: %w", id, s.Date, err)
		}
		t.breathe(ctx, time.Since(began))
	}
	return nil
}

func (t *troupe) yearly() yearly.Options { return yearly.Options{Seed: t.options.Seed} }

// breathe leaves the machine to those who look at the demo for a while.
func (t *troupe) breathe(ctx context.Context, while time.Duration) {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// follower tells people what a server would have told them.
type follower struct{ of *estimate.Follower }

// See implements [yearly.Told].
func (f follower) See(e queue.Entry) error { return f.of.Apply(e) }

// Quote implements [yearly.Told].
func (f follower) Quote(s *queue.State, at time.Time, service queue.ServiceID, priority bool) *queue.Quote {
	w := f.of.Ask(s, at, estimate.Conditions{}, estimate.Newcomer{Service: service, Priority: priority})
	if !w.Called.Known {
		return nil
	}
	q := w.Quote()
	return &q
}
