package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/alert"
	"machi/internal/office"
	"machi/internal/queue"
)

// Alerts are what managers should act on.
type Alerts interface {
	Open() []alert.Alert
	Day(ctx context.Context, date queue.Date) ([]alert.Alert, error)
	Act(ctx context.Context, office queue.OfficeID, id string, v alert.Verb, by string, until time.Time) (alert.Alert, error)
}

// The acts of managers on alerts: take, release or snooze follows.
const ActAlert = "alert."

func (a *API) alertRoutes() []route {
	one := base + "/offices/:office/alerts/:alert/"
	return []route{
		{"GET", base + "/alerts", managers, a.listAlerts},
		{"POST", one + "take", managers, a.audited(ActAlert+"take", a.takeAlert)},
		{"POST", one + "release", managers, a.audited(ActAlert+"release", a.releaseAlert)},
		{"POST", one + "snooze", managers, a.audited(ActAlert+"snooze", a.snoozeAlert)},
	}
}

// alertView is an alert as programs read it.
type alertView struct {
	alert.Alert
	Urgent bool `json:"urgent"`
	Waits  bool `json:"waits"` // for somebody to take it over
}

type alertsAnswer struct {
	AsOf   time.Time   `json:"as_of"`
	Date   queue.Date  `json:"date"`
	Alerts []alertView `json:"alerts"`
}

func viewOf(x alert.Alert, now time.Time) alertView {
	return alertView{x, x.Kind.Urgent(), x.Waits(now)}
}

// listAlerts tells the alerts that go on, the most urgent first, or with a date all of
// that day, the newest first.
func (a *API) listAlerts(c echo.Context) error {
	if a.alerts == nil {
		return problem(codeNotFound, "path")
	}
	now := a.now().In(queue.JST)
	out := alertsAnswer{AsOf: now, Date: queue.BusinessDay(now), Alerts: []alertView{}}
	list := a.alerts.Open()
	if c.QueryParam("date") != "" {
		date, err := dateParam(c, "date", out.Date)
		if err != nil {
			return err
		}
		if list, err = a.alerts.Day(c.Request().Context(), date); err != nil {
			return alertProblem(err)
		}
		out.Date = date
	}
	wanted := queue.OfficeID(c.QueryParam("office"))
	if wanted != "" && !slices.Contains(a.listOffices(), wanted) {
		return problem(codeUnknownOffice, "office")
	}
	for _, x := range list {
		if (wanted == "" || x.Office == wanted) && identityOf(c).Has(RoleManager, x.Office) {
			out.Alerts = append(out.Alerts, viewOf(x, now))
		}
	}
	return answer(c, http.StatusOK, out)
}

func (a *API) takeAlert(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	return a.actOnAlert(c, alert.Take, time.Time{})
}

func (a *API) releaseAlert(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	return a.actOnAlert(c, alert.Release, time.Time{})
}

type snoozeBody struct {
	Minutes int `json:"minutes"`
}

func (a *API) snoozeAlert(c echo.Context) error {
	body, err := decode[snoozeBody](c, maxBody)
	if err != nil {
		return err
	}
	d := time.Duration(body.Minutes) * time.Minute
	if d < alert.LeastSnooze || d > alert.MostSnooze {
		return problemf(codeBadValue, "minutes", "%d to %d", int(alert.LeastSnooze/time.Minute), int(alert.MostSnooze/time.Minute))
	}
	return a.actOnAlert(c, alert.Snooze, a.now().In(queue.JST).Add(d).Truncate(time.Minute))
}

func (a *API) actOnAlert(c echo.Context, v alert.Verb, until time.Time) error {
	if _, err := commandID(c.Request()); err != nil {
		return err
	}
	if a.alerts == nil {
		return problem(codeNotFound, "path")
	}
	if _, err := a.ward.View(officeOf(c)); err != nil {
		return err
	}
	x, err := a.alerts.Act(c.Request().Context(), officeOf(c), c.Param("alert"), v, actorOf(c).ID, until)
	if err != nil {
		return alertProblem(err)
	}
	return answer(c, http.StatusOK, viewOf(x, a.now()))
}

func alertProblem(err error) error {
	switch {
	case errors.Is(err, alert.ErrUnknown):
		return problem(codeNotFound, "alert")
	case errors.Is(err, alert.ErrNotKept):
		return problem(codeNoSuchDay, "date")
	case errors.Is(err, alert.ErrOver):
		return problem(codeAlertOver, "alert")
	case errors.Is(err, alert.ErrTaken):
		return problem(codeAlertTaken, "alert")
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}
