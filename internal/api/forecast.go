package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
)

// forecastDays bounds the range that may be asked for at once.
const forecastDays = 62

type forecastAnswer struct {
	Office queue.OfficeID `json:"office"`
	Days   []forecastDay  `json:"days"`
	AsOf   time.Time      `json:"as_of"`
}

// forecastDay is what is expected of one day. Reasons say where a level comes from
// or why there is none: no_history, closed.
type forecastDay struct {
	Date    queue.Date     `json:"date"`
	Open    bool           `json:"open"`
	Level   board.Level    `json:"level"`
	Reasons []string       `json:"reasons"`
	Slots   []forecastSlot `json:"half_hours"`
}

type forecastSlot struct {
	From  time.Time   `json:"from"`
	To    time.Time   `json:"to"`
	Level board.Level `json:"level"`
}

// forecast answers with the reception hours of the days and, as long as no closed
// days have been learnt from, with the level "unknown". A guess would look the same
// as knowledge to whoever plans a visit by it.
func (a *API) forecast(c echo.Context) error {
	if _, err := a.hub.Snapshot(officeOf(c)); err != nil {
		return err
	}
	today := queue.BusinessDay(a.now())
	from, err := dateParam(c, "from", today)
	if err != nil {
		return err
	}
	to, err := dateParam(c, "to", addDays(from, 6))
	if err != nil {
		return err
	}
	if to < from || to > addDays(from, forecastDays-1) {
		return problemf(codeBadValue, "to", "at most %d days from from", forecastDays)
	}
	out := forecastAnswer{Office: officeOf(c), Days: []forecastDay{}, AsOf: a.now().In(queue.JST)}
	for date := from; date <= to; date = addDays(date, 1) {
		day, err := a.forecastDay(out.Office, date)
		if err != nil {
			return err
		}
		out.Days = append(out.Days, day)
	}
	c.Response().Header().Set(echo.HeaderCacheControl, publicCache)
	return c.JSON(http.StatusOK, out)
}

func (a *API) forecastDay(office queue.OfficeID, date queue.Date) (forecastDay, error) {
	settings, err := a.settings(office, date)
	if err != nil {
		return forecastDay{}, err
	}
	day := forecastDay{Date: date, Level: board.LevelClosed, Reasons: []string{"closed"}, Slots: []forecastSlot{}}
	opens, closes := hours(settings)
	for at := opens; at.Before(closes); at = at.Add(30 * time.Minute) {
		end := at.Add(30 * time.Minute)
		if closes.Before(end) {
			end = closes
		}
		day.Slots = append(day.Slots, forecastSlot{at, end, board.LevelUnknown})
	}
	if len(day.Slots) > 0 {
		day.Open, day.Level, day.Reasons = true, board.LevelUnknown, []string{"no_history"}
	}
	return day, nil
}

// hours returns the span in which any service takes tickets; equal moments where none does.
func hours(s queue.Settings) (opens, closes time.Time) {
	for _, v := range s.Services {
		if !v.Opens.Before(v.Closes) {
			continue
		}
		if opens.IsZero() || v.Opens.Before(opens) {
			opens = v.Opens
		}
		if v.Closes.After(closes) {
			closes = v.Closes
		}
	}
	return opens, closes
}

func dateParam(c echo.Context, name string, otherwise queue.Date) (queue.Date, error) {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise, nil
	}
	date := queue.Date(text)
	if _, _, err := date.Bounds(); err != nil {
		return "", problemf(codeBadValue, name, "want YYYY-MM-DD")
	}
	return date, nil
}

func addDays(d queue.Date, n int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, n))
}
