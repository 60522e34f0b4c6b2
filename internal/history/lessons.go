package history

import (
	"context"
	"errors"
	"fmt"

	"machi/internal/calendar"
	"machi/internal/estimate/place"
	"machi/internal/history/profile"
	"machi/internal/queue"
)

// maxFold bounds the tables that are learnt from at once, the newest, unless one says
// otherwise; what is older has long faded.
const maxFold = 120

// Teach returns what is known once a day is over. Taught is nil before the first.
func Teach(taught *place.Lessons, d Day) *place.Lessons {
	m := place.New(place.Options{Lessons: taught})
	for _, e := range Events(d) {
		m.Observe(e)
	}
	return m.Lessons()
}

// errTeach says that the estimator failed on a day.
var errTeach = errors.New("history: a day cannot be learnt")

// teach is [Teach] that survives a fault of the estimator: a server without lessons
// is better than none.
func teach(taught *place.Lessons, d Day) (out *place.Lessons, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %s on %s: %v", errTeach, d.Office, d.Date, fault)
		}
	}()
	return Teach(taught, d), nil
}

// Busy returns how the days usually go once a day is over.
func Busy(before profile.Profile, d Day) profile.Profile {
	date, err := calendar.ParseDay(string(d.Date))
	if err != nil {
		return before
	}
	return before.After(busyDay(profile.KindOf(date), d))
}

// busyDay is what a profile learns of a table. People are taken from the first issue
// to the last.
func busyDay(kind profile.Kind, d Day) profile.Day {
	day := profile.Day{Kind: kind}
	first, last := profile.Slots, -1
	for _, v := range d.Visits {
		slot := profile.SlotOf(v.Issued.In(queue.JST))
		first, last = min(first, slot), max(last, slot)
		day.Arrivals = append(day.Arrivals, profile.Arrival{Service: string(v.Service), Slot: slot})
		for _, l := range v.Legs {
			if l.Outcome == Served && !l.Unmeasured && !l.Called.IsZero() {
				day.Visits = append(day.Visits, profile.Visit{
					Service: Class(l.Service, l.Stage), Slot: profile.SlotOf(l.Called.In(queue.JST)), Talk: l.Finished.Sub(l.Called),
				})
			}
		}
	}
	for slot := first; slot <= last; slot++ {
		day.Open[slot] = true
	}
	return day
}

// makeLessons makes the lessons of a day of all tables before it; false: there is
// none to learn from. It builds on the newest lessons before, unless tables came in
// behind them: then the newest tables are learnt anew, fold of them at most.
func makeLessons(ctx context.Context, a *Archive, office queue.OfficeID, date queue.Date, fold int) (Lessons, bool, error) {
	dates, err := a.Dates(ctx, office, a.oldest(), dayBefore(date))
	if err != nil || len(dates) == 0 {
		return Lessons{}, false, err
	}
	l, on, err := a.lastLessons(ctx, office, date)
	if err != nil {
		return Lessons{}, false, err
	}
	if !on || behind(dates, l, fold) {
		l = Lessons{From: dates[max(0, len(dates)-fold)]}
		on = false
	}
	from := l.From
	if on {
		from = l.Date
	}
	l.Office, l.Date, l.Tables = office, date, count(dates, l.From, dayBefore(date))
	if l.Profile == nil {
		l.Profile = &profile.Profile{}
	}
	for d, err := range a.Days(ctx, office, from, dayBefore(date)) {
		if errors.Is(err, ErrDamaged) {
			a.o.Logger.Error("a closed day teaches nothing", "error", err)
			continue
		}
		if err != nil {
			return Lessons{}, false, err
		}
		if ctx.Err() != nil {
			return Lessons{}, false, ctx.Err()
		}
		busy := Busy(*l.Profile, d)
		if l.Taught, err = teach(l.Taught, d); err != nil {
			return Lessons{}, false, err
		}
		l.Profile, l.Through = &busy, d.Date
	}
	if l.Taught == nil {
		return Lessons{}, false, nil
	}
	return l, true, nil
}

// behind reports whether tables came in that lessons should know and do not.
func behind(dates []queue.Date, l Lessons, fold int) bool {
	return l.Tables != count(dates, l.From, dayBefore(l.Date)) || dates[0] < l.From && l.Tables < fold
}

func count(dates []queue.Date, from, to queue.Date) int {
	n := 0
	for _, d := range dates {
		if from <= d && d <= to {
			n++
		}
	}
	return n
}

// dayBefore returns the date before; "" for what is no date.
func dayBefore(d queue.Date) queue.Date { return shifted(d, -1) }

func shifted(d queue.Date, days int) queue.Date {
	day, err := calendar.ParseDay(string(d))
	if err != nil {
		return ""
	}
	return queue.Date(day.Add(days).String())
}
