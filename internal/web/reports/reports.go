package reports

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/report/filed"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles and templates of these pages.
//
//go:embed *.css *.html
var Files embed.FS

// Pages are the pages of reports and plans.
type Pages struct {
	site     page.Site
	boards   page.Boards
	identify page.Identify
	pages    *template.Template
}

// New reads the pages' templates.
func New(site page.Site, boards page.Boards, identify page.Identify) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("report pages: %w", err)
	}
	return &Pages{site: site, boards: boards, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/manager/reports", p.list)
	e.GET("/manager/reports/find", p.find)
	e.GET("/manager/reports/definitions", p.definitions)
	e.GET("/manager/reports/plan", p.plan)
	e.POST("/manager/reports/plan", p.doPlan)
	e.GET("/manager/reports/:office/:kind/:period", p.paper)
}

// view is what all pages of this package say words with.
type view struct{ ui.View }

// W says words in the page's language.
func (v view) W(w report.Words) string { return w.In(string(v.Lang)) }

// choice is an office that the manager may choose; the ward is one.
type choice struct {
	ID   queue.OfficeID
	Name string
}

// managed returns the offices that the asker manages, the ward first if all; false: the
// answer has been given.
func (p *Pages) managed(c echo.Context) (v view, list []choice, ok bool, err error) {
	v = view{p.site.View(c, ui.StaffTexts, "staff")}
	v.NoIndex, v.Part, v.Style = true, "reports", "reports/reports.css"
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	who, known := p.identify(c)
	switch {
	case !known:
		return v, nil, false, page.SignIn(c)
	case !who.Manager:
		return v, nil, false, page.SeeOther(c, "/staff")
	}
	if manages(who, "") {
		list = append(list, choice{report.Ward, v.T("reports.ward")})
	}
	for _, o := range p.boards.Offices() {
		if manages(who, o.ID) {
			list = append(list, choice{o.ID, v.Name(o.Name)})
		}
	}
	return v, list, true, nil
}

func manages(who page.Identity, office queue.OfficeID) bool {
	return slices.Contains([]string{"manager", "admin"}, who.At(office))
}

// listPage lists the reports that were made, and finds others.
type listPage struct {
	view
	Offices []choice
	Office  queue.OfficeID
	Kind    report.Kind
	Date    queue.Date
	Year    int
	Years   []int
	Groups  []group
	Problem string
}

// group is the reports of one kind.
type group struct {
	Kind report.Kind
	Rows []made
	More int
}

// made is a report that was made, as the API tells it.
type made struct {
	filed.Entry
	Title report.Words `json:"title"`
	Span  report.Words `json:"span"`
	Name  string       `json:"-"`
}

// Href is where a report is.
func (m made) Href() string { return paperPath(m.Office, m.Kind, m.Key) }

// File is where its workbook is.
func (m made) File() string { return filePath(m.Office, m.Kind, m.Key) + ".xlsx" }

// Head is one of its first figures.
func (m made) Head(key string) string {
	d, ok := report.Look(key)
	n, known := m.Heads[key]
	if !ok || !known {
		return "–"
	}
	return d.Unit.Format(n)
}

func paperPath(office queue.OfficeID, kind report.Kind, key string) string {
	return "/manager/reports/" + url.PathEscape(string(office)) + "/" + string(kind) + "/" + url.PathEscape(key)
}

func filePath(office queue.OfficeID, kind report.Kind, key string) string {
	return "/api/v1/offices/" + url.PathEscape(string(office)) + "/reports/" + string(kind) + "/" + url.PathEscape(key)
}

// listed bounds the reports of one kind that are listed.
const listed = 40

func (p *Pages) list(c echo.Context) error {
	v, offices, ok, err := p.managed(c)
	if !ok {
		return err
	}
	data := listPage{view: v, Offices: offices, Date: shifted(queue.BusinessDay(p.site.Now()), -1)}
	data.Title = data.T("reports.title")
	data.Office = pick(offices, queue.OfficeID(c.QueryParam("office")))
	data.Kind = report.Kind(c.QueryParam("kind"))
	running := fiscal(queue.BusinessDay(p.site.Now()))
	data.Year = running
	for year := running; year > running-6; year-- {
		data.Years = append(data.Years, year)
		if fmt.Sprint(year) == c.QueryParam("year") {
			data.Year = year
		}
	}
	list := data.fetch(c)
	if len(list) == 0 && data.Problem == "" && c.QueryParam("year") == "" {
		data.Year-- // nothing was made yet in the year that runs
		if list = data.fetch(c); len(list) == 0 {
			data.Year++
		}
	}
	data.Groups = groups(list, data)
	return page.Render(c, http.StatusOK, p.pages, "reports", data)
}

// fetch returns the reports that were made of the office and year.
func (p *listPage) fetch(c echo.Context) []made {
	var answer struct{ Reports []made }
	query := url.Values{"year": {fmt.Sprint(p.Year)}, "office": {string(p.Office)}}
	p.Problem = page.Fetch(c, "/api/v1/reports?"+query.Encode(), &answer)
	return answer.Reports
}

// pick returns the office that was asked for if it may be chosen, or the first.
func pick(offices []choice, wanted queue.OfficeID) queue.OfficeID {
	for _, o := range offices {
		if o.ID == wanted {
			return wanted
		}
	}
	if len(offices) == 0 {
		return ""
	}
	return offices[0].ID
}

func groups(all []made, data listPage) []group {
	var list []group
	for _, kind := range []report.Kind{report.Year, report.Month, report.Day} {
		g := group{Kind: kind}
		for _, m := range all {
			if m.Kind != kind {
				continue
			}
			if len(g.Rows) == listed {
				g.More++
				continue
			}
			m.Name = data.office(m.Office)
			g.Rows = append(g.Rows, m)
		}
		list = append(list, g)
	}
	return list
}

func (p listPage) office(id queue.OfficeID) string {
	for _, o := range p.Offices {
		if o.ID == id {
			return o.Name
		}
	}
	return string(id)
}

// OfficeName names the office whose reports are listed.
func (p listPage) OfficeName() string { return p.office(p.Office) }

// Fiscal says a fiscal year.
func (v view) Fiscal(year int) string {
	if v.Lang == ui.Japanese {
		return report.FiscalWords(year)
	}
	return v.T("reports.fiscal", "y", year)
}

// find leads from the form to the report that it names.
func (p *Pages) find(c echo.Context) error {
	_, offices, ok, err := p.managed(c)
	if !ok {
		return err
	}
	kind := report.Kind(cmp.Or(c.QueryParam("kind"), string(report.Day)))
	date := queue.Date(c.QueryParam("date"))
	if _, _, err := date.Bounds(); err != nil || !slices.Contains(report.Kinds, kind) {
		return page.SeeOther(c, "/manager/reports")
	}
	office := pick(offices, queue.OfficeID(c.QueryParam("office")))
	return page.SeeOther(c, paperPath(office, kind, report.PeriodOf(kind, date).Key()))
}

func shifted(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}

func fiscal(d queue.Date) int {
	from, _, err := report.PeriodOf(report.Year, d).From.Bounds()
	if err != nil {
		return 0
	}
	return from.Year()
}

// definitionsPage says what every figure means.
type definitionsPage struct {
	view
	Figures []report.Definition
}

func (p *Pages) definitions(c echo.Context) error {
	v, _, ok, err := p.managed(c)
	if !ok {
		return err
	}
	data := definitionsPage{view: v, Figures: report.Dictionary}
	data.Title = data.T("reports.definitions")
	return page.Render(c, http.StatusOK, p.pages, "definitions", data)
}
