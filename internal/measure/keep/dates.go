package keep

import (
	"time"

	"machi/internal/queue"
)

func monthOf(d queue.Date) string { return string(d)[:len("2026-11")] }

func shifted(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}

// monthsBack lists the months of the last days, the newest first.
func monthsBack(today queue.Date, days int) []string {
	var names []string
	for date, oldest := today, monthOf(shifted(today, -days)); monthOf(date) >= oldest; {
		names = append(names, monthOf(date))
		date = shifted(queue.Date(monthOf(date)+"-01"), -1)
	}
	return names
}

// clamp returns a date that there is: the last one of its month for the 31st of a
// shorter one.
func clamp(d queue.Date) queue.Date {
	if _, _, err := d.Bounds(); err == nil {
		return d
	}
	first, err := time.ParseInLocation(time.DateOnly, monthOf(d)+"-01", queue.JST)
	if err != nil {
		return d
	}
	return queue.Date(first.AddDate(0, 1, -1).Format(time.DateOnly))
}
