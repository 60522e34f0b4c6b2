package webtest

import (
	"sync"
	"time"

	"machi/internal/calendar"
	"machi/internal/curve"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// Curve draws the morning of an office beside its usual day; of the last but one too
// few days are known.
func (w *Ward) Curve(id queue.OfficeID, _ queue.Date) (curve.Picture, bool) {
	f, ok := w.courses[id]
	if !ok {
		return curve.Picture{}, false
	}
	return f.Picture(Now, usuals()[id].For("2026-04-01")), true
}

// usuals is the same in every ward, so it is made once.
var usuals = sync.OnceValue(func() map[queue.OfficeID]curve.Usuals {
	all := map[queue.OfficeID]curve.Usuals{}
	for i, n := range names[:len(names)-2] {
		id := queue.OfficeID(n.id)
		b := curve.NewBook()
		for back := 40; back > 0; back-- {
			if at := Now.AddDate(0, 0, -back); calendar.BusinessDay(calendar.DayOf(at)) {
				b.Add(closedDay(id, at, 150+17*(back%5), i))
			}
		}
		all[id] = b.Usuals()
	}
	return all
})

// Timetable returns an office's hours: the first has days of its own, the last opens
// on Saturdays.
func (w *Ward) Timetable(id queue.OfficeID) (page.Timetable, bool) {
	if _, ok := w.states[id]; !ok {
		return page.Timetable{}, false
	}
	t := page.Timetable{Early: 15 * time.Minute, Unconfirmed: id == "br-kyodo"}
	t.Weekdays = calendar.Hours{Opens: 8*time.Hour + 30*time.Minute, Closes: 17 * time.Hour}
	switch id {
	case "km-setagaya":
		t.Exceptions = map[calendar.Day]calendar.Hours{
			{Year: 2026, Month: time.April, Day: 1}:  {Opens: t.Weekdays.Opens, Closes: 19 * time.Hour, Reason: "引越しシーズンの延長受付"},
			{Year: 2026, Month: time.April, Day: 4}:  {Opens: 9 * time.Hour, Closes: 16 * time.Hour, Reason: "土曜臨時受付"},
			{Year: 2026, Month: time.April, Day: 15}: {Reason: "設備点検"},
		}
	case "mn-center":
		t.Saturday = calendar.Hours{Opens: 9 * time.Hour, Closes: 12 * time.Hour}
	}
	return t, true
}
