package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// settingsFor returns the settings with which a day is opened: the catalogue's,
// and which store owns which of a kiosk's ranges, as the newest day before it ended.
func (w *Ward) settingsFor(ctx context.Context, id queue.OfficeID, date queue.Date) (queue.Settings, error) {
	s, err := w.o.Settings(id, date)
	if err != nil {
		return s, fmt.Errorf("settings of %s on %s: %w", id, date, err)
	}
	before, err := w.dayBefore(ctx, id, date)
	if err != nil {
		return s, err
	}
	return bound(s, before), nil
}

// bound returns settings with the bindings of a state.
func bound(s queue.Settings, from *queue.State) queue.Settings {
	s.Kiosks = slices.Clone(s.Kiosks)
	for i, k := range s.Kiosks {
		s.Kiosks[i].Bindings = slices.Clone(from.Bindings(k.ID))
	}
	return s
}

// dayBefore returns the newest earlier day of an office, or an empty one.
func (w *Ward) dayBefore(ctx context.Context, id queue.OfficeID, date queue.Date) (*queue.State, error) {
	streams, err := w.o.Store.Streams(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the day before %s: %w", date, err)
	}
	newest := queue.Date("")
	for _, name := range streams {
		office, d, ok := day.SplitStream(name)
		if ok && office == id && d < date && d > newest {
			newest = d
		}
	}
	if newest == "" {
		return queue.New(), nil
	}
	return w.replay(ctx, day.Stream(id, newest))
}

// replay folds a stream that is over. Where it is damaged the records before the
// damage count: bindings are made early in a day, and no day may wait for another.
func (w *Ward) replay(ctx context.Context, stream string) (*queue.State, error) {
	log, err := w.o.Store.Open(stream)
	if err != nil {
		return nil, err
	}
	records, err := readAll(ctx, log)
	if err != nil && !errors.Is(err, eventlog.ErrCorrupt) {
		return nil, fmt.Errorf("read %s: %w", stream, err)
	}
	d, bad := Verify(records)
	if err := errors.Join(err, bad); err != nil {
		w.o.Logger.Error("an earlier day is damaged", "stream", stream, "error", err)
	}
	return d.State(), nil
}

// readAll reads a log to its end. With an error it returns the records before it.
func readAll(ctx context.Context, log eventlog.Log) ([]eventlog.Record, error) {
	var all []eventlog.Record
	for {
		page, err := log.Read(ctx, int64(len(all)), pageSize)
		all = append(all, page...)
		if err != nil || len(page) < pageSize {
			return all, err
		}
	}
}

// revive compares the recent days of the own journal with the store, one after
// another: a store that began again from an older file has lost whole days. Today
// is looked after anyway.
func (w *Ward) revive(ctx context.Context) {
	if w.o.Journal == nil {
		return
	}
	now := w.o.Now()
	first, today := queue.BusinessDay(now.Add(-reviveDays)), queue.BusinessDay(now)
	for _, name := range w.o.Journal.Streams() {
		id, date, ok := day.SplitStream(name)
		if !ok || date < first || date >= today || ctx.Err() != nil {
			continue
		}
		if _, err := w.ViewOf(ctx, id, date); err != nil {
			w.o.Logger.Warn("an earlier day cannot be compared with the store", "stream", name, "error", err)
		}
	}
}

// Reload brings today's days in step with the catalogue: where it says something
// else than the day runs with, the settings are changed. Of several servers the
// first changes them. It returns the errors of all offices that failed.
func (w *Ward) Reload(ctx context.Context) error {
	var failed []error
	for _, id := range w.o.Offices() {
		if err := w.reload(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("office %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

func (w *Ward) reload(ctx context.Context, id queue.OfficeID) error {
	v, err := w.ViewOf(ctx, id, "")
	if err != nil || !v.State.Opened() || v.State.Closed() {
		return err // a day that is opened later is opened with the new settings
	}
	want, err := w.o.Settings(id, v.Date)
	if err != nil {
		return err
	}
	want = bound(want, v.State)
	want.Rule = want.Rule.In(v.State.Settings().Rule.Reading)
	if same(want, bound(*v.State.Settings(), v.State)) {
		return nil
	}
	_, err = w.Do(ctx, id, Request{
		ID:      queue.CommandID(fmt.Sprintf("%x", w.o.Random())),
		Actor:   queue.Actor{Role: queue.RoleSystem, ID: w.o.Server},
		Command: queue.ChangeSettings{Settings: want},
	})
	return err
}

// same compares the stored forms: what the log keeps is what counts.
func same(a, b queue.Settings) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
