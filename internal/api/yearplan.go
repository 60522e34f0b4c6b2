package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/yearplan"
)

// ActPlan begins the acts of the tables of measures.
const ActPlan = "plan."

func (a *API) planRoutes() []route {
	plan := base + "/offices/:office/plan"
	return []route{
		{"GET", plan, managers, a.yearPlan},
		{"GET", plan + "/history", managers, a.planHistory},
		{"POST", plan + "/items", managers, a.addAim},
		{"PUT", plan + "/items/:item", managers, a.renameAim},
		{"POST", plan + "/items/:item/remove", managers, a.removeAim},
		{"POST", plan + "/items/:item/restore", managers, a.restoreAim},
		{"PUT", plan + "/items/:item/years/:year", managers, a.planAim},
	}
}

// planYears is how many fiscal years one table shows: as many as the ward's plans have.
const planYears = 4

// yearPlan tells an office's table of measures, or the ward's: of the fiscal years from
// ?from on, the last of which is next year's unless one says otherwise.
func (a *API) yearPlan(c echo.Context) error {
	if a.filings == nil {
		return problem(codeNotFound, "path")
	}
	from := report.PeriodOf(report.Year, queue.BusinessDay(a.now())).Key()
	running, err := fiscalYear("from", from)
	if err != nil {
		return err
	}
	first := running - planYears + 2
	if text := c.QueryParam("from"); text != "" {
		if first, err = fiscalYear("from", text); err != nil {
			return err
		}
	}
	var years []int
	for year := first; year < first+planYears; year++ {
		years = append(years, year)
	}
	p, err := a.filings.Plan(c.Request().Context(), officeOf(c), years)
	if err != nil {
		return a.measureProblem(err)
	}
	return a.private(c, p)
}

// planHistory lists who changed an office's table and how, the newest first.
func (a *API) planHistory(c echo.Context) error {
	if a.filings == nil {
		return problem(codeNotFound, "path")
	}
	entries := a.filings.Plans().History(wardless(officeOf(c)))
	if entries == nil {
		entries = []yearplan.Entry{}
	}
	return answer(c, http.StatusOK, map[string]any{"office": officeOf(c), "entries": entries})
}

type (
	aimBody struct {
		Figure string `json:"figure,omitempty"`
		Name   string `json:"name,omitempty"`
		Owner  string `json:"owner,omitempty"`
	}
	aimNameBody struct {
		Version int    `json:"version"`
		Name    string `json:"name,omitempty"`
		Owner   string `json:"owner,omitempty"`
	}
	aimVersionBody struct {
		Version int `json:"version"`
	}
	aimYearBody struct {
		Version int      `json:"version"`
		Plan    string   `json:"plan,omitempty"`
		Target  *float64 `json:"target,omitempty"`
		Result  string   `json:"result,omitempty"`
		Notes   string   `json:"notes,omitempty"`
	}
)

// addAim adds a row: an action by its name, or a figure.
func (a *API) addAim(c echo.Context) error {
	act, err := a.planAct(c)
	if err != nil {
		return err
	}
	body, err := decode[aimBody](c, maxBody)
	if err != nil {
		return err
	}
	if known := slices.Contains(a.listOffices(), officeOf(c)); !known && officeOf(c) != report.Ward {
		return problem(codeUnknownOffice, "office")
	}
	i, err := a.filings.Plans().Add(c.Request().Context(), act, yearplan.Item{Office: wardless(officeOf(c)), Figure: body.Figure, Name: body.Name, Owner: body.Owner})
	return a.planned(c, http.StatusCreated, "add", i, err)
}

func (a *API) renameAim(c echo.Context) error {
	act, i, err := a.aimOf(c)
	if err != nil {
		return err
	}
	body, err := decode[aimNameBody](c, maxBody)
	if err != nil {
		return err
	}
	i, err = a.filings.Plans().Rename(c.Request().Context(), act, i.ID, body.Version, body.Name, body.Owner)
	return a.planned(c, http.StatusOK, "rename", i, err)
}

func (a *API) removeAim(c echo.Context) error {
	act, i, err := a.aimOf(c)
	if err != nil {
		return err
	}
	body, err := decode[aimVersionBody](c, maxBody)
	if err != nil {
		return err
	}
	i, err = a.filings.Plans().Remove(c.Request().Context(), act, i.ID, body.Version)
	return a.planned(c, http.StatusOK, "remove", i, err)
}

func (a *API) restoreAim(c echo.Context) error {
	act, i, err := a.aimOf(c)
	if err != nil {
		return err
	}
	body, err := decode[aimVersionBody](c, maxBody)
	if err != nil {
		return err
	}
	i, err = a.filings.Plans().Restore(c.Request().Context(), act, i.ID, body.Version)
	return a.planned(c, http.StatusOK, "restore", i, err)
}

// planAim says what a row's year is to be, and became.
func (a *API) planAim(c echo.Context) error {
	act, i, err := a.aimOf(c)
	if err != nil {
		return err
	}
	year, err := fiscalYear("year", c.Param("year"))
	if err != nil {
		return err
	}
	body, err := decode[aimYearBody](c, maxBody)
	if err != nil {
		return err
	}
	i, err = a.filings.Plans().Plan(c.Request().Context(), act, i.ID, body.Version, year, yearplan.Year{Plan: body.Plan, Target: body.Target, Result: body.Result, Notes: body.Notes})
	return a.planned(c, http.StatusOK, "year", i, err)
}

func (a *API) planAct(c echo.Context) (yearplan.Act, error) {
	if a.filings == nil {
		return yearplan.Act{}, problem(codeNotFound, "path")
	}
	id, err := commandID(c.Request())
	return yearplan.Act{By: actorOf(c).ID, Command: string(id)}, err
}

// aimOf returns the row of the path, which must be one of the office of the path.
func (a *API) aimOf(c echo.Context) (yearplan.Act, yearplan.Item, error) {
	act, err := a.planAct(c)
	if err != nil {
		return act, yearplan.Item{}, err
	}
	i, ok := a.filings.Plans().Item(c.Param("item"))
	if !ok || i.Office != wardless(officeOf(c)) {
		return act, i, problem(codeNotFound, "item")
	}
	return act, i, nil
}

// planned answers a change of a table.
func (a *API) planned(c echo.Context, status int, did string, i yearplan.Item, err error) error {
	var fault *yearplan.Fault
	switch {
	case errors.As(err, &fault):
		return problemf(codeBadValue, fault.Field, "%s", fault.Text)
	case errors.Is(err, yearplan.ErrVersion):
		now, _ := a.filings.Plans().Item(c.Param("item"))
		return &Problem{Code: codePlanChanged, Field: "version", Have: strconv.Itoa(now.Version)}
	case errors.Is(err, yearplan.ErrFull):
		return problem(codePlanFull, "item")
	case errors.Is(err, yearplan.ErrUnknown):
		return problem(codeNotFound, "item")
	case err != nil:
		return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
	}
	a.audit(c, AuditEntry{Action: ActPlan + did, Office: i.Office, Target: i.ID, Detail: i.Name + i.Figure})
	return answer(c, status, i)
}
