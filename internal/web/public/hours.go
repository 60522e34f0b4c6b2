package public

import (
	"strconv"
	"time"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/queue"
	"machi/internal/ui"
)

// hoursPart is when an office takes visitors.
type hoursPart struct {
	Known       bool
	Today       openDay
	Week        []openDay // weekdays, Saturday, Sunday and holidays
	Next        openDay   // the next day with reception; without a name: not within the days shown
	Closed      bool      // today, or for the rest of today
	Early       string    // when numbers are given before the opening; empty: at the opening
	Coming      []openDay // days to come that differ from the week
	Unconfirmed bool
}

// openDay is a day in words.
type openDay struct {
	Name   string
	Hours  string // 8:30–17:00; empty: closed
	Opens  string
	Reason string
	// Lang is the language of a reason that only the office's own words give.
	Lang string
}

// How far ahead days are looked at, and how many are listed.
const (
	comingDays = 60
	comingMost = 8
)

func (p *Pages) hoursPart(v ui.View, o board.Office) hoursPart {
	if p.deps.Timetables == nil {
		return hoursPart{}
	}
	t, ok := p.deps.Timetables.Timetable(o.ID)
	if !ok {
		return hoursPart{}
	}
	now := p.site.Now().In(queue.JST)
	today := calendar.DayOf(now)
	h := hoursPart{Known: true, Today: dayOf(v, today, t.On(today)), Unconfirmed: t.Unconfirmed}
	for _, row := range []struct {
		key   string
		hours calendar.Hours
	}{{"hours.weekdays", t.Weekdays}, {"hours.saturday", t.Saturday}, {"hours.sunday", t.Sunday}} {
		h.Week = append(h.Week, openDay{Name: v.T(row.key), Hours: spanOf(v, row.hours)})
	}
	if hours := t.On(today); t.Early > 0 && !hours.Closed() {
		h.Early = clockOf(hours.Opens - t.Early)
	}
	h.Closed = t.On(today).Closed() || sinceMidnight(now) >= t.On(today).Closes
	for n := 1; n <= comingDays; n++ {
		day := today.Add(n)
		hours := t.On(day)
		if h.Next.Name == "" && !hours.Closed() {
			h.Next = dayOf(v, day, hours)
		}
		if len(h.Coming) < comingMost && hours != weekly(t.Schedule, day) {
			h.Coming = append(h.Coming, dayOf(v, day, hours))
		}
	}
	return h
}

// weekly returns what a day of the week usually is, its usual reason included.
func weekly(s calendar.Schedule, d calendar.Day) calendar.Hours {
	switch d.Weekday() {
	case time.Saturday:
		return s.On(plainDay(d))
	case time.Sunday:
		return s.On(plainDay(d))
	}
	return s.Weekdays
}

// plainDay returns a day of the same weekday that has no reason of its own: in the
// week of 8 June no holiday can fall.
func plainDay(d calendar.Day) calendar.Day {
	for plain := (calendar.Day{Year: 2026, Month: time.June, Day: 8}); ; plain = plain.Add(1) {
		if plain.Weekday() == d.Weekday() {
			return plain
		}
	}
}

func dayOf(v ui.View, d calendar.Day, h calendar.Hours) openDay {
	day := openDay{Name: dayName(v, d), Hours: spanOf(v, h)}
	if !h.Closed() {
		day.Opens = clockOf(h.Opens)
	}
	if h.Reason != "" {
		key := "reason." + h.Reason
		if day.Reason = v.T(key); day.Reason == key {
			day.Reason = h.Reason
			if v.Lang != ui.Japanese {
				day.Lang = string(ui.Japanese)
			}
		}
	}
	return day
}

// dayName says a day with its weekday.
func dayName(v ui.View, d calendar.Day) string {
	w := v.T("weekday." + strconv.Itoa(int(d.Weekday())))
	return v.T("hours.day", "m", v.T("month."+strconv.Itoa(int(d.Month))), "d", d.Day, "w", w)
}

func spanOf(v ui.View, h calendar.Hours) string {
	if h.Closed() {
		return ""
	}
	return v.T("label.range", "from", clockOf(h.Opens), "to", clockOf(h.Closes))
}

func clockOf(d time.Duration) string {
	return strconv.Itoa(int(d/time.Hour)) + ":" + twoDigits(int(d%time.Hour/time.Minute))
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func sinceMidnight(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}

func coordinate(degrees float64) string { return strconv.FormatFloat(degrees, 'f', 6, 64) }
