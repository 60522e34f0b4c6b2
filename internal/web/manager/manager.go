package manager

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Pages are the managers' pages.
type Pages struct {
	site       page.Site
	dashboards page.Dashboards
	records    page.Records
	identify   page.Identify
	pages      *template.Template
}

// New reads the pages' templates.
func New(site page.Site, dashboards page.Dashboards, records page.Records, identify page.Identify) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("manager pages: %w", err)
	}
	return &Pages{site: site, dashboards: dashboards, records: records, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/manager", p.overview)
	e.GET("/manager/:office/machines", p.machines)
	e.POST("/manager/:office/machines/:kiosk/:verb", p.doMachine)
	e.POST("/manager/:office/pin", p.doPIN)
	e.GET("/manager/:office/rule", p.rule)
	e.POST("/manager/:office/rule", p.doRule)
	e.GET("/manager/:office/record", p.record)
}

type overviewPage struct {
	ui.View
	Offices []board.Dashboard
	Total   total
}

// total is the ward at a glance.
type total struct {
	Waiting, Longest, Open, All, Alarms int
}

func (p *Pages) overview(c echo.Context) error {
	who, ok := p.identify(c)
	switch {
	case !ok:
		return page.SignIn(c)
	case !who.Manager:
		return page.SeeOther(c, "/staff")
	}
	data := overviewPage{View: p.site.View(c, ui.StaffTexts, "staff")}
	data.Title = data.T("manager.title")
	data.Style, data.Script, data.NoIndex = "manager/overview.css", "manager/overview.js", true
	for _, d := range p.dashboards.Dashboards() {
		if who.May(d.Office.ID) {
			data.Offices = append(data.Offices, d)
			data.Total.add(d)
		}
	}
	slices.SortStableFunc(data.Offices, byTrouble)
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, "overview", data)
}

func (t *total) add(d board.Dashboard) {
	t.Waiting += d.Office.Waiting
	t.Longest = max(t.Longest, d.LongestWait)
	t.Open += d.OpenCounters
	t.All += d.AllCounters
	t.Alarms += troubles(d)
}

// troubles counts what needs a person at an office.
func troubles(d board.Dashboard) int {
	n := len(d.Alarms) + len(d.Help)
	for _, m := range d.Machines {
		n += min(1, len(m.Troubles))
	}
	return n
}

// byTrouble orders offices: those with more to act on first, then those with
// tickets to check, then by the longest wait.
func byTrouble(a, b board.Dashboard) int {
	return cmp.Or(
		cmp.Compare(troubles(b), troubles(a)),
		cmp.Compare(min(1, len(b.Flagged)), min(1, len(a.Flagged))),
		cmp.Compare(b.LongestWait, a.LongestWait),
		cmp.Compare(b.Office.Waiting, a.Office.Waiting),
	)
}

// shownFlags bounds the tickets to check that are listed by name.
const shownFlags = 6

// Flagged returns the first tickets to check.
func (overviewPage) Flagged(d board.Dashboard) []board.Flagged {
	return d.Flagged[:min(shownFlags, len(d.Flagged))]
}

// More returns how many tickets to check are not listed by name.
func (overviewPage) More(d board.Dashboard) int { return max(0, len(d.Flagged)-shownFlags) }

// Trouble is one kind of alarm at an office: what is wrong, where, and what to
// do about it.
type Trouble struct{ Code, What, Where, Advice string }

// Troubles gathers an office's alarms by kind, in their order.
func (p overviewPage) Troubles(d board.Dashboard) []Trouble {
	byCode := map[string][]board.Alarm{}
	var list []Trouble
	for _, a := range d.Alarms {
		if len(byCode[a.Code]) == 0 {
			list = append(list, Trouble{Code: a.Code, What: p.Or("alarm."+a.Code, "alarm.other"), Advice: p.Or("alarm."+a.Code+".do", "alarm.other.do")})
		}
		byCode[a.Code] = append(byCode[a.Code], a)
	}
	for i, trouble := range list {
		list[i].Where = p.where(d, byCode[trouble.Code])
	}
	return list
}

// shownAlarms bounds the services that an alarm names.
const shownAlarms = 4

// where names the services of an alarm, the worst first.
func (p overviewPage) where(d board.Dashboard, alarms []board.Alarm) string {
	slices.SortStableFunc(alarms, func(a, b board.Alarm) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(b.Waiting, a.Waiting))
	})
	var names []string
	for _, a := range alarms[:min(shownAlarms, len(alarms))] {
		names = append(names, p.item(d, a))
	}
	text := strings.Join(names, p.T("alarm.between"))
	if more := len(alarms) - shownAlarms; more > 0 {
		text += p.T("alarm.more", "n", more)
	}
	return text
}

func (p overviewPage) item(d board.Dashboard, a board.Alarm) string {
	if a.Seconds == 0 {
		name, _ := p.service(d, a)
		return p.T("alarm.item", "service", name, "n", a.Waiting)
	}
	name, until := p.service(d, a)
	return p.T("alarm.item.wait", "service", name, "n", a.Waiting, "t", p.Until(until))
}

// service returns the name of an alarm's service, and what its visitors are told.
func (p overviewPage) service(d board.Dashboard, a board.Alarm) (name string, until *board.Estimate) {
	for _, s := range d.Office.Services {
		if s.ID == a.Service {
			return p.Name(s.Name), s.UntilCalled
		}
	}
	return string(a.Service), nil
}

// Troubled reports whether an office needs attention.
func (overviewPage) Troubled(d board.Dashboard) bool { return troubles(d) > 0 }
