package replica

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/queue"
)

// PlanFor returns the settings of a stored plan as they would be on another date:
// reception hours move by whole days, and which store owns which range stays.
func PlanFor(stored queue.Settings, date queue.Date) (queue.Settings, error) {
	from, _, err := stored.Date.Bounds()
	if err != nil {
		return queue.Settings{}, fmt.Errorf("stored plan: %w", err)
	}
	to, _, err := date.Bounds()
	if err != nil {
		return queue.Settings{}, err
	}
	shift := to.Sub(from)
	plan := stored
	plan.Date = date
	plan.Services = slices.Clone(stored.Services)
	for i := range plan.Services {
		v := &plan.Services[i]
		v.Opens, v.Closes = moved(v.Opens, shift), moved(v.Closes, shift)
	}
	return plan, plan.Validate()
}

// moved moves a bound; a zero time means that there is none.
func moved(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(by)
}

// withoutRanges returns settings in which a kiosk has its slots but no numbers in
// them, so that the next number comes from the overflow that counts for life.
func withoutRanges(s queue.Settings, k queue.KioskID) queue.Settings {
	s.Series = slices.Clone(s.Series)
	for i := range s.Series {
		kiosks := make(map[queue.KioskID][]queue.Range, len(s.Series[i].Kiosks))
		for id, ranges := range s.Series[i].Kiosks {
			if id == k {
				ranges = make([]queue.Range, len(ranges))
			}
			kiosks[id] = ranges
		}
		s.Series[i].Kiosks = kiosks
	}
	return s
}
