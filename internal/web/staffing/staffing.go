package staffing

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/chart"
	"machi/internal/queue"
	"machi/internal/staffing"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles and templates of these pages.
//
//go:embed *.css *.html
var Files embed.FS

// Advisers say how many counters days need; see [staffing.Keeper].
type Advisers interface {
	Advice(ctx context.Context, office queue.OfficeID, date queue.Date) (staffing.Advice, error)
	Live(office queue.OfficeID) staffing.Live
	Ask(ctx context.Context, office queue.OfficeID, q staffing.Question) (staffing.Answer, error)
}

// Deps are what the pages are drawn from. All but Advisers are required.
type Deps struct {
	Dashboards page.Dashboards
	Advisers   Advisers // nil: nobody says
	Identify   page.Identify
}

// Pages are the pages of counters.
type Pages struct {
	site  page.Site
	deps  Deps
	pages *template.Template
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("staffing pages: %w", err)
	}
	return &Pages{site: site, deps: deps, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/manager/staffing", p.advice)
	e.GET("/manager/whatif", p.whatIf)
}

// patience is how long a page waits for what others asked first.
const patience = 5 * time.Second

// view is what the pages have in common.
type view struct {
	ui.View
	Office  board.Office
	Offices []board.Office // that the manager may look at
	Date    queue.Date
	Today   queue.Date
	Problem string
	Field   string // that the problem is about
}

// open begins a page; false: the answer has been given.
func (p *Pages) open(c echo.Context, title string) (view, bool, error) {
	who, ok := p.deps.Identify(c)
	switch {
	case !ok:
		return view{}, false, page.SignIn(c)
	case !who.Manager:
		return view{}, false, page.SeeOther(c, "/staff")
	}
	v := view{View: p.site.View(c, ui.StaffTexts, "staff"), Today: queue.BusinessDay(p.site.Now())}
	v.Title, v.Style, v.NoIndex, v.Part = v.T(title), "staffing/staffing.css", true, "staffing"
	for _, d := range p.deps.Dashboards.Dashboards() {
		if slices.Contains([]string{"manager", "admin"}, who.At(d.Office.ID)) {
			v.Offices = append(v.Offices, d.Office)
		}
	}
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	wanted := queue.OfficeID(c.QueryParam("office"))
	i := slices.IndexFunc(v.Offices, func(o board.Office) bool { return o.ID == wanted })
	switch {
	case len(v.Offices) == 0:
		return view{}, false, page.SeeOther(c, "/staff")
	case i < 0 && wanted != "":
		v.Problem, v.Field = "unknown_office", "office"
		i = 0
	case i < 0:
		i = 0
	}
	v.Office, v.Date = v.Offices[i], v.Today
	if date := c.QueryParam("date"); date != "" {
		if _, err := calendar.ParseDay(date); err != nil {
			v.Problem, v.Field = "bad_value", "date"
		} else {
			v.Date = queue.Date(date)
		}
	}
	return v, true, nil
}

// blame says what an error is to a reader.
func (v *view) blame(err error) {
	var fault *staffing.Fault
	switch {
	case err == nil:
	case errors.As(err, &fault):
		v.Problem, v.Field = "bad_value", fault.Field
	case errors.Is(err, staffing.ErrDate):
		v.Problem, v.Field = "bad_value", "date"
	case errors.Is(err, staffing.ErrLittle):
		v.Problem = "too_few_days"
	case errors.Is(err, context.DeadlineExceeded):
		v.Problem = "rate_limited"
	default:
		v.Problem = "other"
	}
}

// ProblemWords says it.
func (v view) ProblemWords() string {
	if v.Problem == "" {
		return ""
	}
	if v.Field != "" {
		field, _, _ := strings.Cut(v.Field, ".")
		return v.Or("staffing.problem."+field, "staffing.problem.bad_value")
	}
	return v.Or("staffing.problem."+v.Problem, "staffing.problem.other")
}

// Long is a date with its weekday.
func (v view) Long(d queue.Date) string {
	day, err := calendar.ParseDay(string(d))
	if err != nil {
		return string(d)
	}
	return v.T("staffing.day", "y", day.Year, "d", day.Day, "month", v.T(fmt.Sprintf("staffing.month.%d", int(day.Month))), "weekday", v.T(fmt.Sprintf("staffing.weekday.%d", int(day.Weekday()))))
}

// Service is a service's name at the office.
func (v view) Service(id queue.ServiceID) string {
	for _, s := range v.Office.Services {
		if s.ID == id {
			return v.Name(s.Name)
		}
	}
	return string(id)
}

// Serves names services, a few of them.
func (v view) Serves(ids []queue.ServiceID) string {
	var names []string
	for _, id := range ids {
		names = append(names, v.Service(id))
	}
	return strings.Join(names, v.T("staffing.between"))
}

// Minutes is a length of time in whole minutes.
func (v view) Minutes(seconds int) string {
	return v.T("staffing.minutes", "n", (max(0, seconds)+30)/60)
}

// Under is the next five minutes above a length of time: nothing is promised closer.
func (v view) Under(seconds int) string { return v.T("staffing.minutes", "n", seconds/300*5+5) }

// Number is a figure without a fraction.
func (view) Number(x float64) string { return strconv.Itoa(int(x + 0.5)) }

// Hours is a number of hours.
func (v view) Hours(x float64) string {
	return v.T("staffing.hours", "n", strconv.FormatFloat(float64(int(x*2+0.5))/2, 'f', -1, 64))
}

// Link is the other page about the same office and day.
func (v view) Link(path string) string {
	return path + "?" + url.Values{"office": {string(v.Office.ID)}, "date": {string(v.Date)}}.Encode()
}

// advicePage is how many counters a day needs.
type advicePage struct {
	view
	Advice staffing.Advice
	Live   *staffing.Live
	Charts []picture
}

type picture struct {
	ID, Title, Lead string
	Chart           template.HTML
}

func (p *Pages) advice(c echo.Context) error {
	v, ok, err := p.open(c, "staffing.title")
	if !ok {
		return err
	}
	data := advicePage{view: v}
	if p.deps.Advisers != nil && v.Problem == "" {
		ctx, cancel := context.WithTimeout(c.Request().Context(), patience)
		defer cancel()
		data.Advice, err = p.deps.Advisers.Advice(ctx, v.Office.ID, v.Date)
		data.blame(err)
		if live := p.deps.Advisers.Live(v.Office.ID); live.Known && v.Date == v.Today {
			data.Live = &live
		}
	}
	if data.Advice.Known {
		data.Charts = []picture{data.countersPicture(), data.waitsPicture()}
	}
	return page.Render(c, http.StatusOK, p.pages, "staffing", data)
}

func (p advicePage) words(id string) chart.Words {
	return chart.Words{ID: id, Title: p.T("staffing." + id), Desc: p.T("staffing." + id + ".desc"), Table: p.T("staffing.table"), First: p.T("staffing.time")}
}

func (p advicePage) countersPicture() picture {
	needed, usual := chart.Series{Name: p.T("staffing.needed"), Look: chart.Main}, chart.Series{Name: p.T("staffing.usual"), Look: chart.Third}
	var along []string
	for _, h := range p.Advice.Halves {
		along = append(along, h.From)
		needed.Values, usual.Values = append(needed.Values, float64(h.Needed)), append(usual.Values, float64(h.Usual))
	}
	b := chart.Bars{
		Words: p.words("counters"), Along: along, Series: []chart.Series{needed, usual}, Values: true,
		Format: func(x float64) string { return p.T("staffing.n", "n", p.Number(x)) }, Axis: p.Number,
	}
	return picture{"counters", p.T("staffing.counters"), p.T("staffing.counters.desc"), chart.Figure(b, chart.Wide)}
}

func (p advicePage) waitsPicture() picture {
	with, usual := chart.Series{Name: p.T("staffing.waits.with"), Look: chart.Main}, chart.Series{Name: p.T("staffing.waits.usual"), Look: chart.Second}
	var along []string
	for _, h := range p.Advice.Halves {
		along = append(along, h.From)
		with.Values, usual.Values = append(with.Values, wait(h.P80, h.Arrivals.High)), append(usual.Values, wait(h.UsualP80, h.Arrivals.High))
	}
	l := p.waits("waits", along, []chart.Series{with, usual}, p.Advice.Target)
	return picture{"waits", p.T("staffing.waits"), p.T("staffing.waits.desc"), chart.Figure(l, chart.Wide)}
}

// wait is a wait in minutes, of a half hour in which somebody may come.
func wait(seconds int, come float64) float64 {
	if come <= 0 {
		return chart.None
	}
	return float64(seconds) / 60
}

// waits is a chart of waits over a day.
func (v view) waits(id string, along []string, series []chart.Series, target int) chart.Lines {
	return chart.Lines{
		Words: chart.Words{ID: id, Title: v.T("staffing." + id), Desc: v.T("staffing." + id + ".desc"), Table: v.T("staffing.table"), First: v.T("staffing.time"), None: v.T("staffing.nobody")},
		Along: along, Series: series, Steps: chart.Minutes, Limit: &chart.Limit{Value: float64(target) / 60, Label: v.T("staffing.target", "t", v.Minutes(target))},
		Format: func(x float64) string { return v.Minutes(int(x * 60)) }, Axis: v.Number,
	}
}

// LiveWords says in one sentence what to do now.
func (p advicePage) LiveWords() string {
	l := p.Live
	if !l.Over {
		return p.T("staffing.live.calm", "target", p.Minutes(l.Target))
	}
	args := []any{"peak", l.Peak, "service", p.Service(l.Service), "before", p.Minutes(l.Before), "after", p.Under(l.After), "target", p.Minutes(l.Target)}
	if len(l.Steps) == 0 {
		return p.T("staffing.live.none", args...)
	}
	args = append(args, "n", len(l.Steps), "at", l.Steps[0].From, "counters", p.counters(l.Steps))
	if l.After > l.Target {
		return p.T("staffing.live.some", args...)
	}
	return p.T("staffing.live.do", args...)
}

func (p advicePage) counters(list []staffing.Spell) string {
	var names []string
	for _, s := range list {
		names = append(names, string(s.Counter))
	}
	return strings.Join(names, p.T("staffing.between"))
}

// ByCounter are the spells of the plan, counter by counter.
func (p advicePage) ByCounter() (rows []counterRow) {
	for _, s := range p.Advice.Spells {
		i := slices.IndexFunc(rows, func(r counterRow) bool { return r.Counter == s.Counter })
		if i < 0 {
			i = len(rows)
			rows = append(rows, counterRow{Counter: s.Counter, Serves: p.Serves(s.Services)})
		}
		rows[i].Times = append(rows[i].Times, s.From+" – "+s.To)
	}
	slices.SortStableFunc(rows, func(a, b counterRow) int {
		return cmp.Or(cmp.Compare(len(a.Counter), len(b.Counter)), cmp.Compare(a.Counter, b.Counter))
	})
	return rows
}

type counterRow struct {
	Counter queue.CounterID
	Serves  string
	Times   []string
}
