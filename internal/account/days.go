package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	"machi/internal/ledger"
)

// dayStream begins the name of a day's book of sessions.
const dayStream = "sessions@"

// dayBook is the book of one day.
type dayBook struct {
	date string
	book *ledger.Ledger[sessionEvent]
}

// flushEvery is how often it is written down who was active, in one record.
const flushEvery = time.Minute

// roll returns the books of yesterday and today, and opens what is missing. What is
// older is let go.
func (k *Keeper) roll(ctx context.Context) ([]dayBook, error) {
	k.rolling.Lock()
	defer k.rolling.Unlock()
	now := k.o.Now().UTC()
	dates := []string{now.AddDate(0, 0, -1).Format(time.DateOnly), now.Format(time.DateOnly)}
	k.mu.Lock()
	have := k.days
	k.mu.Unlock()
	if len(have) == 2 && have[1].date >= dates[1] { // a clock that went back changes nothing
		return have, nil
	}
	days := make([]dayBook, 2)
	for i, date := range dates {
		days[i] = dayBook{date: date}
		for _, d := range have {
			if d.date == date {
				days[i] = d
			}
		}
		if days[i].book == nil {
			book, err := k.openDay(ctx, date)
			if err != nil {
				return have, err
			}
			days[i].book = book
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.days = days
	k.sweep()
	return days, nil
}

func (k *Keeper) openDay(ctx context.Context, date string) (*ledger.Ledger[sessionEvent], error) {
	log, err := k.o.Store.Open(dayStream + date)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return ledger.Open(ctx, ledger.Options[sessionEvent]{
		Log: log, Name: "sessions", Now: k.o.Now,
		Apply: func(e sessionEvent, at time.Time) { k.applyDay(date, e, at) },
		Reset: func() { k.resetDay(date) },
	})
}

// appendDay writes to today's book.
func (k *Keeper) appendDay(ctx context.Context, next func() ([]sessionEvent, error)) error {
	days, err := k.roll(ctx)
	if err != nil {
		return err
	}
	return days[len(days)-1].book.Append(ctx, next)
}

// readYesterday reads what another server wrote a moment before midnight; today's book
// is read by whatever is written to it.
func (k *Keeper) readYesterday(ctx context.Context) error {
	days, err := k.roll(ctx)
	if err != nil {
		return err
	}
	for _, d := range days[:len(days)-1] {
		if err := d.book.Refresh(ctx); err != nil {
			return err
		}
	}
	return nil
}

// followDays follows the books of yesterday and today, and writes down who was
// active, until the context ends.
func (k *Keeper) followDays(ctx context.Context) error {
	for ctx.Err() == nil {
		days, err := k.roll(ctx)
		if err != nil && len(days) == 0 {
			return err
		}
		turn, cancel := context.WithTimeout(ctx, flushEvery)
		var following sync.WaitGroup
		for _, d := range days {
			following.Go(func() { _ = d.book.Run(turn) }) // returns nothing but nil
		}
		following.Wait()
		cancel()
		_ = k.Flush(ctx) // the next turn tries again
	}
	return nil
}

// Flush writes down when each session was used last, so that the other servers and
// the next run of this one do not end it for idleness. Run does so every minute.
func (k *Keeper) Flush(ctx context.Context) error {
	var list []seen
	k.mu.Lock()
	for _, n := range k.sessions.byHash {
		if n.Seen.After(n.told) {
			list = append(list, seen{n.ID, n.Seen})
		}
	}
	k.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	return k.appendDay(ctx, func() ([]sessionEvent, error) { return []sessionEvent{{Seen: list}}, nil })
}
