package api

import (
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/expect"
	"machi/internal/queue"
	"machi/internal/ui"
)

// Forecasts say what is expected of days to come. They answer from memory.
type Forecasts interface {
	// Forecast returns one day, from today to [expect.Horizon] days ahead; false: the
	// office or the day is not there.
	Forecast(office queue.OfficeID, date queue.Date) (expect.Day, bool)
	// Foretold returns how good those of the last month were that were told so many days
	// ahead; false: none can be compared.
	Foretold(office queue.OfficeID, ahead int) (expect.Record, bool)
}

// curveDays bounds how far ahead a usual course is drawn.
const curveDays = 62

// toldAhead is how many days ahead the forecasts were told that the record is of.
const toldAhead = 7

type forecastAnswer struct {
	Office    queue.OfficeID  `json:"office"`
	Days      []forecastDay   `json:"days"`
	Record    *forecastRecord `json:"record"` // null: too few days to compare
	AsOf      time.Time       `json:"as_of"`
	Rehearsal bool            `json:"rehearsal"`
}

// forecastDay is what is expected of one day. Reasons say as keys where a level comes
// from or why there is none (no_history, closed, past, too_far), and Because says them
// in every language of the public pages.
type forecastDay struct {
	Date     queue.Date        `json:"date"`
	Open     bool              `json:"open"`
	Level    board.Level       `json:"level"`
	Basis    expect.Basis      `json:"basis"` // waits, arrivals, or empty
	Reasons  []expect.Reason   `json:"reasons"`
	Because  map[string]string `json:"because"`
	Arrivals *expect.Range     `json:"arrivals"`     // null: not known
	Until    *forecastWait     `json:"until_called"` // null: not known
	Override *forecastOverride `json:"override"`     // what staff said; null: nothing
	Events   []forecastEvent   `json:"events"`
	Count    int               `json:"day_count"` // closed days that it was made of
	MadeAt   *time.Time        `json:"made_at"`
	Slots    []forecastSlot    `json:"half_hours"`
}

type forecastSlot struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Level    board.Level   `json:"level"`
	Arrivals *expect.Range `json:"arrivals"`
	Until    *forecastWait `json:"until_called"`
}

// forecastWait is how long those wait who come then: half of them, four of five and
// nine of ten at most.
type forecastWait struct {
	P50 int `json:"p50_seconds"`
	P80 int `json:"p80_seconds"`
	P90 int `json:"p90_seconds"`
}

type forecastOverride struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

type forecastEvent struct {
	ID   string     `json:"id"`
	Name board.Text `json:"name"`
}

// forecastRecord is what became of the forecasts of the last month. Shares are of one.
type forecastRecord struct {
	Ahead     int        `json:"days_ahead"`
	From      queue.Date `json:"from"`
	To        queue.Date `json:"to"`
	Days      int        `json:"day_count"`
	Hits      int        `json:"hits"`
	Near      int        `json:"near"`
	Error     float64    `json:"arrivals_error_share"`
	Bias      float64    `json:"arrivals_bias_share"`
	Within    float64    `json:"within_range_share"`
	Rehearsed bool       `json:"made_afterwards"`
}

// forecast answers with the days that are asked for. A day of which nothing is known
// has its hours and the level "unknown": a guess would look the same as knowledge to
// whoever plans a visit by it.
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
	if to < from || to > addDays(from, expect.Horizon-1) {
		return problemf(codeBadValue, "to", "at most %d days from from", expect.Horizon)
	}
	out := forecastAnswer{Office: officeOf(c), Days: []forecastDay{}, AsOf: a.now().In(queue.JST), Rehearsal: a.hub.Rehearsal()}
	for n := range expect.Horizon {
		date := addDays(from, n)
		day, err := a.expectedDay(out.Office, date)
		if err != nil {
			return err
		}
		if out.Days = append(out.Days, wireDay(day)); date == to {
			break
		}
	}
	out.Record = a.forecastRecord(out.Office)
	c.Response().Header().Set(echo.HeaderCacheControl, publicCache)
	return c.JSON(http.StatusOK, out)
}

// expectedDay returns what is known of a day, at least when the office is open.
func (a *API) expectedDay(office queue.OfficeID, date queue.Date) (expect.Day, error) {
	if a.forecasts != nil {
		if day, ok := a.forecasts.Forecast(office, date); ok {
			return day, nil
		}
	}
	settings, err := a.settings(office, date)
	if err != nil {
		return expect.Day{}, err
	}
	day := expect.Make(expect.Source{Office: office, Date: date, Settings: settings})
	today := queue.BusinessDay(a.now())
	switch {
	case !day.Open() || a.forecasts == nil:
	case date < today:
		day.Reasons = []expect.Reason{expect.Past}
	case date >= addDays(today, expect.Horizon):
		day.Reasons = []expect.Reason{expect.TooFar}
	}
	return day, nil
}

func wireDay(d expect.Day) forecastDay {
	out := forecastDay{
		Date: d.Date, Open: d.Open(), Level: d.Level, Basis: d.Basis, Reasons: d.Reasons, Because: map[string]string{},
		Until: wireWaits(d.Waits), Events: []forecastEvent{}, Count: d.Days, Slots: []forecastSlot{},
	}
	for lang := range ui.PublicTexts {
		out.Because[string(lang)] = because(lang, d)
	}
	if d.Basis != expect.FromNothing {
		out.Arrivals = wireRange(d.Arrivals)
	}
	if o := d.Override; o != nil {
		out.Override = &forecastOverride{o.Reason, o.At}
	}
	if !d.Made.IsZero() {
		out.MadeAt = &d.Made
	}
	for _, e := range d.Events {
		out.Events = append(out.Events, forecastEvent{e.ID, e.Name})
	}
	for _, h := range halvesOf(d) {
		slot := forecastSlot{From: h.From, To: h.To, Level: h.Level, Until: wireWaits(h.Waits)}
		if d.Basis != expect.FromNothing {
			slot.Arrivals = wireRange(h.Arrivals)
		}
		out.Slots = append(out.Slots, slot)
	}
	return out
}

// halvesOf returns the half hours of a day, which have no level where nothing is known.
func halvesOf(d expect.Day) []expect.Half {
	if len(d.Halves) > 0 || !d.Open() {
		return d.Halves
	}
	var list []expect.Half
	for at := d.Opens; at.Before(d.Closes); at = at.Add(expect.Slot) {
		h := expect.Half{From: at, To: at.Add(expect.Slot), Level: board.LevelUnknown}
		if d.Closes.Before(h.To) {
			h.To = d.Closes
		}
		list = append(list, h)
	}
	return list
}

// because says a day's reasons in a language.
func because(lang ui.Lang, d expect.Day) string {
	text := ""
	for i, r := range d.Reasons {
		if i > 0 {
			text += ui.PublicTexts.Say(lang, "fc.and")
		}
		text += ui.PublicTexts.SayOr(lang, "fc.reason."+string(r), "fc.reason.other")
	}
	return text
}

func wireWaits(w expect.Waits) *forecastWait {
	if !w.Known {
		return nil
	}
	return &forecastWait{wholeSeconds(w.P50), wholeSeconds(w.P80), wholeSeconds(w.P90)}
}

func wireRange(r expect.Range) *expect.Range {
	tenth := func(n float64) float64 { return math.Round(n*10) / 10 }
	return &expect.Range{P10: tenth(r.P10), P50: tenth(r.P50), P90: tenth(r.P90)}
}

// forecastRecord returns how good the last month was; nil: too few days to say.
func (a *API) forecastRecord(office queue.OfficeID) *forecastRecord {
	if a.forecasts == nil {
		return nil
	}
	r, ok := a.forecasts.Foretold(office, toldAhead)
	if !ok || !r.Enough() {
		return nil
	}
	share := func(n float64) float64 { return math.Round(n*1000) / 1000 }
	return &forecastRecord{
		Ahead: r.Ahead, From: r.From, To: r.To, Days: r.Days, Hits: r.Hits, Near: r.Near,
		Error: share(r.Error), Bias: share(r.Bias), Within: share(r.Within), Rehearsed: r.Rehearsed,
	}
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

// busyDays are the levels of days that people should know of who only look for
// closures.
var busyDays = []board.Level{board.LevelBusy, board.LevelVeryBusy}

func isBusy(l board.Level) bool { return slices.Contains(busyDays, l) }
