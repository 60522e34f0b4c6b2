package expect

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/forecast"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// Was is what became of a day, by the same rules as what is expected of one.
type Was struct {
	Date   queue.Date
	Came   int
	Halves [outlook.Slots]int // who came, by half hour
	Waits  Waits
	Level  board.Level
	Counts []forecast.Count // for the model
}

// WasOf reads a closed day.
func WasOf(d history.Day, limits Thresholds) (Was, bool) {
	day, err := calendar.ParseDay(string(d.Date))
	if err != nil {
		return Was{}, false
	}
	type cell struct {
		service queue.ServiceID
		slot    int
	}
	w := Was{Date: d.Date}
	came, waits := map[cell]int{}, map[cell][]time.Duration{}
	var all []time.Duration
	midnight := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, queue.JST)
	for _, v := range d.Visits {
		if v.NeverCame() {
			continue
		}
		c := cell{v.Service, slotOf(v.Came().Sub(midnight))}
		w.Came++
		w.Halves[c.slot]++
		came[c]++
		if wait, ok := v.Stood(); ok {
			waits[c] = append(waits[c], wait)
			all = append(all, wait)
		}
	}
	var crowd Crowd
	for c, n := range came {
		w.Counts = append(w.Counts, forecast.Count{Day: day, Minute: c.slot * 30, Service: string(c.service), N: n})
		if list := waits[c]; len(list) > 0 {
			crowd.Meet(limits.level(c.service, quantile(list, 50)), float64(n))
		}
	}
	slices.SortFunc(w.Counts, func(a, b forecast.Count) int {
		if a.Service != b.Service {
			return cmp.Compare(a.Service, b.Service)
		}
		return a.Minute - b.Minute
	})
	w.Level = crowd.Level()
	if len(all) > 0 {
		w.Waits = Waits{Known: true, P50: quantile(all, 50), P80: quantile(all, 80), P90: quantile(all, 90)}
	}
	return w, true
}

// quantile returns the value below which so many of a hundred lie. It sorts the list.
func quantile(list []time.Duration, percent int) time.Duration {
	slices.Sort(list)
	return list[max(0, (len(list)*percent+99)/100-1)]
}
