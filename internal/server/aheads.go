package server

import (
	"cmp"
	"math"
	"slices"
	"time"

	"machi/internal/alert"
	"machi/internal/curve"
	"machi/internal/expect"
	"machi/internal/live"
	"machi/internal/outlook"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// aheads say how long the waits of the next hours will be, from the best that is known.
type aheads struct {
	hub   *live.Hub
	now   func() time.Time
	usual func(queue.OfficeID, queue.Date) curve.Usual
	// rest is the rest of today, played from how it stands; nil: nobody plays it.
	rest func(queue.OfficeID) (outlook.Result, bool)
	// forecast is what was expected of today; nil: nobody does.
	forecast func(queue.OfficeID, queue.Date) (expect.Day, bool)
}

// aheadFor is how far ahead is looked.
const aheadFor = 3 * time.Hour

// Ahead returns the waits of the next three hours, by service and half hour.
func (a aheads) Ahead(id queue.OfficeID) (page.Outlook, bool) {
	s, err := a.hub.Snapshot(id)
	if err != nil || !s.View.State.Opened() || s.View.State.Closed() {
		return page.Outlook{}, false
	}
	now := a.now().In(queue.JST)
	for _, try := range []struct {
		basis string
		of    func(*live.Snapshot, time.Time) []alert.Expected
	}{{page.FromPlay, a.played}, {page.FromForecast, a.foretold}, {page.FromUsual, a.usually}} {
		if list := within(try.of(s, now), s, now); len(list) > 0 {
			return page.Outlook{Basis: try.basis, List: list}, true
		}
	}
	return page.Outlook{}, false
}

// within keeps what lies in the next hours and in a service's reception.
func within(list []alert.Expected, s *live.Snapshot, now time.Time) []alert.Expected {
	list = slices.DeleteFunc(list, func(e alert.Expected) bool {
		v, ok := s.View.State.Settings().Service(e.Service)
		return !ok || e.From.Add(curve.Slot).Before(now) || !e.From.Before(now.Add(aheadFor)) || !e.From.Before(v.Closes) && v.Opens.Before(v.Closes) || e.From.Add(curve.Slot).Before(v.Opens)
	})
	for i := range list {
		list[i].Level = s.Info.Services[list[i].Service].Level(list[i].P50)
	}
	slices.SortStableFunc(list, func(x, y alert.Expected) int {
		return cmp.Or(cmp.Compare(x.Service, y.Service), x.From.Compare(y.From))
	})
	return list
}

func (a aheads) played(s *live.Snapshot, now time.Time) (list []alert.Expected) {
	if a.rest == nil {
		return nil
	}
	result, ok := a.rest(s.Info.ID)
	if !ok {
		return nil
	}
	midnight := midnightOf(now)
	for _, v := range result.Services {
		for slot, f := range v.Slots {
			if f.N > 0 {
				list = append(list, alert.Expected{Service: v.ID, From: midnight.Add(time.Duration(slot) * outlook.SlotLength), P50: f.Wait.P50, P80: f.Wait.P80})
			}
		}
	}
	return list
}

func (a aheads) foretold(s *live.Snapshot, _ time.Time) (list []alert.Expected) {
	if a.forecast == nil {
		return nil
	}
	d, ok := a.forecast(s.Info.ID, s.View.Date)
	if !ok {
		return nil
	}
	for _, l := range d.Lines {
		for _, h := range l.Halves {
			if h.Waits.Known {
				list = append(list, alert.Expected{Service: l.Service, From: h.From, P50: h.Waits.P50, P80: h.Waits.P80})
			}
		}
	}
	return list
}

// fade is how much of what makes today different from usual days is left half an hour
// later.
const fade = 0.8

// usually takes the usual waits at the level of what is told now.
func (a aheads) usually(s *live.Snapshot, now time.Time) (list []alert.Expected) {
	midnight := midnightOf(now)
	usual := a.usual(s.Info.ID, s.View.Date)
	for _, v := range s.View.State.Settings().Services {
		halves := usual.Of(v.ID)
		level, known := levelOf(halves, now.Sub(midnight), s.Estimate.Services[v.ID].Called.P50, s.Estimate.Services[v.ID].Called.Known)
		for _, h := range halves {
			if from := midnight.Add(h.From); h.Known && known && from.Add(curve.Slot).After(now) {
				share := math.Pow(fade, max(0, from.Sub(now).Minutes()/30))
				p50 := time.Duration(float64(h.Waited) * math.Pow(level, share))
				list = append(list, alert.Expected{Service: v.ID, From: from, P50: p50, P80: p50 * 3 / 2})
			}
		}
	}
	return list
}

// levelOf is how many times as long as usual the wait is now.
func levelOf(halves []curve.Half, now, told time.Duration, known bool) (level float64, ok bool) {
	i := slices.IndexFunc(halves, func(h curve.Half) bool { return h.From <= now && now < h.From+curve.Slot })
	if !known || i < 0 || !halves[i].Known {
		return 1, len(halves) > 0
	}
	return min(3, max(1.0/3, (told.Minutes()+2)/(halves[i].Waited.Minutes()+2))), true
}

func midnightOf(at time.Time) time.Time {
	at = at.In(queue.JST)
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, queue.JST)
}
