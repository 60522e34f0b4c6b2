package reports

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/web/page"
)

// planPage is the table of measures, with a form for each year of each row.
type planPage struct {
	view
	Offices []choice
	Office  queue.OfficeID
	Plan    report.Plan
	Entries []entry
	From    int
	Edit    string // the row that is being filled in
	Year    int    // of it
	Problem string
	Done    bool
}

// entry is one change, as the API tells it.
type entry struct {
	Did    string    `json:"did"`
	Year   int       `json:"year"`
	Name   string    `json:"name"`
	Figure string    `json:"figure"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

func (p *Pages) plan(c echo.Context) error {
	data, ok, err := p.planPage(c)
	if !ok {
		return err
	}
	data.Done = c.QueryParam("done") != ""
	return page.Render(c, http.StatusOK, p.pages, "plan", data)
}

// planPage reads what every answer of the page shows; false: it has been given.
func (p *Pages) planPage(c echo.Context) (planPage, bool, error) {
	v, offices, ok, err := p.managed(c)
	if !ok {
		return planPage{}, false, err
	}
	data := planPage{view: v, Offices: offices, Office: pick(offices, queue.OfficeID(c.QueryParam("office"))), Edit: c.QueryParam("edit")}
	data.Title = data.T("reports.plan")
	data.From = fiscal(queue.BusinessDay(p.site.Now())) - 2
	if n, err := strconv.Atoi(c.QueryParam("from")); err == nil {
		data.From = n
	}
	data.Year, _ = strconv.Atoi(c.QueryParam("year"))
	data.Problem = page.Fetch(c, data.api()+"?from="+strconv.Itoa(data.From), &data.Plan)
	var history struct{ Entries []entry }
	if page.Fetch(c, data.api()+"/history", &history) == "" {
		data.Entries = history.Entries[:min(12, len(history.Entries))]
	}
	return data, true, nil
}

func (p planPage) api() string {
	return "/api/v1/offices/" + url.PathEscape(string(p.Office)) + "/plan"
}

// Here is the address of the page for the same office and years, with more asked of it.
func (p planPage) Here(more ...string) string {
	q := url.Values{"office": {string(p.Office)}, "from": {strconv.Itoa(p.From)}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "/manager/reports/plan?" + q.Encode()
}

// EditHref is where a year of a row is filled in.
func (p planPage) EditHref(a report.Aim, year int) string {
	return p.Here("edit", a.ID, "year", strconv.Itoa(year)) + "#edit"
}

// Earlier and Later are the same table of other years.
func (p planPage) Earlier() string { q := p; q.From--; return q.Here() }

// Later is the table of the next years.
func (p planPage) Later() string { q := p; q.From++; return q.Here() }

// Editing returns the row that is being filled in; nil: none is.
func (p planPage) Editing() *report.Aim {
	for i, a := range p.Plan.Aims {
		if a.ID == p.Edit && p.Year > 0 {
			return &p.Plan.Aims[i]
		}
	}
	return nil
}

// Target writes a target as one types it: a share in percent.
func (p planPage) Target(a report.Aim, y report.AimYear) string {
	if y.Target == nil {
		return ""
	}
	n := *y.Target
	if a.Unit == report.Share {
		n *= 100
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// Said is a row's year as the table shows it: the plan, and what became of it.
func (p planPage) Said(a report.Aim, year int) []string {
	t := report.Plan{Years: []int{year}, Aims: []report.Aim{a}}.Table()
	return []string{p.W(t.Rows[0].Cells[0].Text), p.W(t.Rows[0].Cells[1].Text)}
}

// Short says a fiscal year as plans do.
func (p planPage) Short(year int) string { return report.FiscalShort(year) }

// doPlan adds, fills in or takes out a row, and shows the table again.
func (p *Pages) doPlan(c echo.Context) error {
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	c.Request().URL.RawQuery = url.Values{"office": {form.Get("office")}, "from": {form.Get("from")}, "edit": {form.Get("item")}, "year": {form.Get("year")}}.Encode()
	data, ok, err := p.planPage(c)
	if !ok {
		return err
	}
	if string(data.Office) != form.Get("office") { // nothing is written into another office's table
		return page.SeeOther(c, "/manager/reports/plan")
	}
	if data.Problem == "" {
		data.Problem = data.send(c, form)
	}
	if data.Problem == "" {
		return page.SeeOther(c, data.Here("done", "1"))
	}
	return page.Render(c, http.StatusUnprocessableEntity, p.pages, "plan", data)
}

// Key is the key of a form.
func (planPage) Key() string { return rand.Text() }

// EntryName names the row of a change.
func (p planPage) EntryName(e entry) string {
	if d, ok := report.Look(e.Figure); ok {
		return p.W(d.Name)
	}
	return e.Name
}

var errTarget = errors.New("not a number")

func (p planPage) send(c echo.Context, form url.Values) string {
	key, item := form.Get("idempotency_key"), p.api()+"/items/"+url.PathEscape(form.Get("item"))
	version, _ := strconv.Atoi(form.Get("version"))
	switch form.Get("do") {
	case "add":
		body := map[string]any{"name": form.Get("name"), "owner": form.Get("owner")}
		if figure := form.Get("figure"); figure != "" {
			body = map[string]any{"figure": figure, "owner": form.Get("owner")}
		}
		return page.Post(c, p.api()+"/items", key, body, nil)
	case "remove":
		return page.Post(c, item+"/remove", key, map[string]any{"version": version}, nil)
	case "year":
		body := map[string]any{"version": version, "plan": form.Get("plan"), "result": form.Get("result"), "notes": form.Get("notes")}
		target, given, err := p.target(form.Get("target"))
		if err != nil {
			return "bad_value"
		}
		if given {
			body["target"] = target
		}
		return page.Put(c, item+"/years/"+url.PathEscape(form.Get("year")), key, body)
	}
	return "bad_form"
}

// target reads what was typed, with full-width digits too.
func (p planPage) target(text string) (n float64, given bool, err error) {
	if text = strings.ReplaceAll(page.Digits(text), ",", ""); text == "" {
		return 0, false, nil
	}
	n, err = strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil {
		return 0, false, errTarget
	}
	if a := p.Editing(); a != nil && a.Unit == report.Share {
		n /= 100
	}
	return n, true, nil
}
