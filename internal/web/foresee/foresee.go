package foresee

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles and templates of these pages.
//
//go:embed *.css *.html
var Files embed.FS

// Deps are what the pages are drawn from. All answer from memory.
type Deps struct {
	Boards    page.Boards
	Forecasts page.Forecasts
	// Timetables tell reception hours; nil: nobody does.
	Timetables page.Timetables
	Identify   page.Identify
}

// Pages are the pages of forecasts.
type Pages struct {
	site  page.Site
	deps  Deps
	pages *template.Template
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("forecast pages: %w", err)
	}
	if deps.Forecasts == nil {
		deps.Forecasts = page.NoForecasts{}
	}
	return &Pages{site: site, deps: deps, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/forecast", p.ward)
	e.GET("/offices/:office/forecast", p.office)
	e.GET("/manager/forecast", p.manage)
	e.POST("/manager/:office/forecast", p.say)
	e.GET("/manager/:office/special-days", p.specials)
	e.POST("/manager/:office/special-days", p.setSpecial)
}

// view begins a page of residents, with the emergency messages of the office that it is
// about, or of all.
func (p *Pages) view(c echo.Context) view {
	v := p.site.View(c, ui.PublicTexts, "public")
	if o, ok := p.deps.Boards.Office(queue.OfficeID(c.Param("office"))); ok {
		v.OneOffice, v.Emergencies = true, ui.Banners(v.Lang, []board.Office{o})
	} else {
		v.Emergencies = ui.Banners(v.Lang, p.deps.Boards.Offices())
	}
	v.Style = "foresee/public.css"
	return view{View: v, today: queue.BusinessDay(p.site.Now())}
}

type missingPage struct{ ui.View }

// missing answers for an office that is not there.
func (p *Pages) missing(c echo.Context) error {
	data := missingPage{p.view(c).View}
	data.Title, data.NoIndex = data.T("error.title"), true
	return page.Render(c, http.StatusNotFound, p.pages, "forecast-missing", data)
}

// asked returns the date that a request names, within bounds, or another one.
func asked(text string, first, last, otherwise queue.Date) queue.Date {
	if d := queue.Date(text); dayOf(d) != (calendar.Day{}) && first <= d && d <= last {
		return d
	}
	return otherwise
}

func dayOf(d queue.Date) calendar.Day {
	day, err := calendar.ParseDay(string(d))
	if err != nil {
		return calendar.Day{}
	}
	return day
}

func shifted(d queue.Date, days int) queue.Date { return queue.Date(dayOf(d).Add(days).String()) }

// clock says a time of day, "8:30".
func clock(t time.Time) string { return strings.TrimPrefix(t.In(queue.JST).Format("15:04"), "0") }
