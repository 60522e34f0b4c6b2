package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/almanac"
	"machi/internal/catalog"
	"machi/internal/expect"
	"machi/internal/ical"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/ui"
)

// Almanac is what staff know of days to come.
type Almanac interface {
	Remarks(office queue.OfficeID, from queue.Date) []almanac.Remark
	Events(office queue.OfficeID) []almanac.Event
	History(office queue.OfficeID) []almanac.Entry
	Say(ctx context.Context, c almanac.Change, r almanac.Remark) error
	Unsay(ctx context.Context, c almanac.Change, date queue.Date) error
	Add(ctx context.Context, c almanac.Change, e almanac.Event) error
	Remove(ctx context.Context, c almanac.Change, id string) error
}

// The acts of staff who know more than a forecast.
const (
	ActForecastSet   = "forecast.set"
	ActForecastClear = "forecast.clear"
	ActSpecialSet    = "special.set"
	ActSpecialRemove = "special.remove"
)

func (a *API) almanacRoutes() []route {
	book := base + "/offices/:office/almanac"
	return []route{
		{"GET", "/offices/:office/forecast.ics", public, a.forecastCalendar},
		{"GET", book, managers, a.almanac},
		{"PUT", book + "/days/:date", managers, a.sayOfDay},
		{"DELETE", book + "/days/:date", managers, a.unsayOfDay},
		{"PUT", book + "/events/:event", managers, a.setEvent},
		{"DELETE", book + "/events/:event", managers, a.removeEvent},
	}
}

// almanacAnswer is what is known of an office's days to come, and who said it.
type almanacAnswer struct {
	Office    queue.OfficeID   `json:"office"`
	Remarks   []almanac.Remark `json:"remarks"` // of today and later, by date
	Events    []almanac.Event  `json:"events"`
	Catalogue []catalogueEvent `json:"catalogue"` // what the catalogue says beside them
	History   []almanac.Entry  `json:"history"`   // the newest first, up to 200
}

type catalogueEvent struct {
	ID      string       `json:"id"`
	Name    catalog.Text `json:"name"`
	From    queue.Date   `json:"from"`
	To      queue.Date   `json:"to"`
	Percent int          `json:"percent,omitempty"`
}

func (a *API) almanac(c echo.Context) error {
	id, err := a.almanacOffice(c)
	if err != nil {
		return err
	}
	out := almanacAnswer{
		Office: id, Remarks: a.almanacs.Remarks(id, queue.BusinessDay(a.now())), Events: a.almanacs.Events(id),
		Catalogue: []catalogueEvent{}, History: a.almanacs.History(id),
	}
	if out.History == nil {
		out.History = []almanac.Entry{}
	}
	if a.catalog != nil {
		if o, ok := a.catalog().Office(id); ok {
			for _, s := range o.Special {
				out.Catalogue = append(out.Catalogue, catalogueEvent{s.ID, s.Name, queue.Date(s.From.String()), queue.Date(s.To.String()), s.Percent})
			}
		}
	}
	return answer(c, http.StatusOK, out)
}

// almanacOffice returns the office of the path, if it is there.
func (a *API) almanacOffice(c echo.Context) (queue.OfficeID, error) {
	if a.almanacs == nil {
		return "", problem(codeNotFound, "path")
	}
	_, err := a.ward.View(officeOf(c))
	return officeOf(c), err
}

// remarkBody is what staff say of a day: a level, how many people come of a hundred
// that are expected, or both.
type remarkBody struct {
	Level   string `json:"level,omitempty"`
	Percent int    `json:"percent,omitempty"`
	Reason  string `json:"reason"`
}

func (a *API) sayOfDay(c echo.Context) error {
	body, err := decode[remarkBody](c, maxBody)
	if err != nil {
		return err
	}
	return a.writeAlmanac(c, AuditEntry{Action: ActForecastSet, Target: c.Param("date"), Detail: body.Reason}, func(ctx context.Context, by almanac.Change) error {
		return a.almanacs.Say(ctx, by, almanac.Remark{Date: queue.Date(c.Param("date")), Level: body.Level, Percent: body.Percent, Reason: body.Reason})
	})
}

func (a *API) unsayOfDay(c echo.Context) error {
	return a.writeAlmanac(c, AuditEntry{Action: ActForecastClear, Target: c.Param("date")}, func(ctx context.Context, by almanac.Change) error {
		return a.almanacs.Unsay(ctx, by, queue.Date(c.Param("date")))
	})
}

// eventBody is something that takes place, from one date to another.
type eventBody struct {
	Name     string            `json:"name"`
	From     queue.Date        `json:"from"`
	To       queue.Date        `json:"to,omitempty"` // empty: one day
	Percent  int               `json:"percent,omitempty"`
	Services []queue.ServiceID `json:"services,omitempty"`
}

// maxEventID bounds the id of an event, which its author chooses.
const maxEventID = 40

func (a *API) setEvent(c echo.Context) error {
	body, err := decode[eventBody](c, maxBody)
	if err != nil {
		return err
	}
	if !isName(c.Param("event"), maxEventID) {
		return problemf(codeBadValue, "event", "1 to %d of A-Z a-z 0-9 . _ : -", maxEventID)
	}
	if body.To == "" {
		body.To = body.From
	}
	return a.writeAlmanac(c, AuditEntry{Action: ActSpecialSet, Target: c.Param("event"), Detail: body.Name}, func(ctx context.Context, by almanac.Change) error {
		settings, err := a.settings(by.Office, queue.BusinessDay(a.now()))
		if err != nil {
			return err
		}
		for _, id := range body.Services {
			if _, ok := settings.Service(id); !ok {
				return problem(codeBadValue, "services")
			}
		}
		return a.almanacs.Add(ctx, by, almanac.Event{ID: c.Param("event"), Name: body.Name, From: body.From, To: body.To, Percent: body.Percent, Services: body.Services})
	})
}

func (a *API) removeEvent(c echo.Context) error {
	return a.writeAlmanac(c, AuditEntry{Action: ActSpecialRemove, Target: c.Param("event")}, func(ctx context.Context, by almanac.Change) error {
		return a.almanacs.Remove(ctx, by, c.Param("event"))
	})
}

// writeAlmanac writes something into the almanac, notes who did, and answers with all of it.
func (a *API) writeAlmanac(c echo.Context, entry AuditEntry, write func(ctx context.Context, by almanac.Change) error) error {
	command, err := commandID(c.Request())
	if err != nil {
		return err
	}
	id, err := a.almanacOffice(c)
	if err != nil {
		return err
	}
	err = write(c.Request().Context(), almanac.Change{Office: id, Command: string(command), By: actorOf(c).ID})
	if err = almanacProblem(err); err != nil {
		return err
	}
	a.audit(c, entry)
	return a.almanac(c)
}

func almanacProblem(err error) error {
	var fault *almanac.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return problemf(codeBadValue, fault.Field, "%s", fault.Text)
	case errors.Is(err, almanac.ErrUnknown):
		return problem(codeNotFound, "path")
	}
	if problemOf(err).Code == codeInternal {
		return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
	}
	return err
}

// forecastCalendar lists the days to come of which something is known, for people's own
// calendars.
func (a *API) forecastCalendar(c echo.Context) error {
	o, err := a.catalogOffice(c)
	if err != nil {
		return err
	}
	today := queue.BusinessDay(a.now())
	_, _, stamp := a.window()
	cal := ical.Calendar{Name: o.Name["ja"] + " 混雑予想", Language: "ja", Stamp: stamp}
	for n := range expect.Horizon {
		day, err := a.expectedDay(o.ID, addDays(today, n))
		if err != nil {
			return err
		}
		if words := levelWords[day.Level]; day.Open() && words != "" {
			cal.Events = append(cal.Events, a.expectedEvent(o, day, words))
		}
	}
	raw := ical.Encode(cal)
	c.Response().Header().Set(echo.HeaderContentDisposition, `inline; filename="`+string(o.ID)+`-forecast.ics"`)
	return sendTagged(c, tagOf(raw), slowCache, mediaCalendar, raw)
}

// expectedEvent is a day to come in a calendar.
func (a *API) expectedEvent(o *catalog.Office, day expect.Day, words string) ical.Event {
	start := day.Opens.In(queue.JST).Truncate(24 * time.Hour)
	if from, _, err := day.Date.Bounds(); err == nil {
		start = from.In(queue.JST)
		start = time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, queue.JST)
	}
	e := ical.Event{
		UID: "forecast-" + string(day.Date) + "-" + string(o.ID) + "@machi", Start: start, End: start.AddDate(0, 0, 1),
		Summary: o.Name["ja"] + " " + words, Description: because(ui.Japanese, day), Category: "混雑の見込み",
	}
	if day.Override != nil {
		e.Description += "\n" + day.Override.Reason
	}
	if a.publicURL != "" {
		e.URL = a.publicURL + "/offices/" + string(o.ID) + "/forecast?date=" + string(day.Date)
	}
	return e
}
