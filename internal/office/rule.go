package office

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"machi/internal/day"
	"machi/internal/queue"
)

// ApplyRule brings the calling rule of an office's running day in step with what
// its settings say now; everything else stays as the day runs. Of several servers
// the first changes it. A day that is opened later is opened with the new rule.
func (w *Ward) ApplyRule(ctx context.Context, id queue.OfficeID) error {
	v, err := w.ViewOf(ctx, id, "")
	if err != nil || !v.State.Opened() || v.State.Closed() {
		return err
	}
	said, err := w.o.Settings(id, v.Date)
	if err != nil {
		return err
	}
	want := bound(*v.State.Settings(), v.State)
	rule := said.Rule.In(want.Rule.Reading)
	if rule == want.Rule {
		return nil
	}
	want.Rule = rule
	_, err = w.Do(ctx, id, Request{
		ID:      queue.CommandID(fmt.Sprintf("%x", w.o.Random())),
		Actor:   queue.Actor{Role: queue.RoleSystem, ID: w.o.Server},
		Command: queue.ChangeSettings{Settings: want},
	})
	return err
}

// ApplyRules is [Ward.ApplyRule] for all offices. It returns the errors of all that
// failed.
func (w *Ward) ApplyRules(ctx context.Context) error {
	var failed []error
	for _, id := range w.o.Offices() {
		if err := w.ApplyRule(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("office %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// Days lists the days of an office that the store holds, the newest first, from a
// date back and no older than what can be opened.
func (w *Ward) Days(ctx context.Context, id queue.OfficeID, until queue.Date) ([]queue.Date, error) {
	if _, err := w.room(id); err != nil {
		return nil, err
	}
	streams, err := w.o.Store.Streams(ctx)
	if err != nil {
		return nil, unavailable(StoreUnreachable, err)
	}
	first := queue.BusinessDay(w.o.Now().Add(-oldest))
	var days []queue.Date
	for _, name := range streams {
		if office, date, ok := day.SplitStream(name); ok && office == id && first < date && date <= until {
			days = append(days, date)
		}
	}
	slices.Sort(days)
	slices.Reverse(days)
	return days, nil
}
