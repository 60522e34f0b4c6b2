package staff

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Pages are the clerks' pages.
type Pages struct {
	site     page.Site
	boards   page.Boards
	consoles page.Consoles
	identify page.Identify
	pages    *template.Template
}

// New reads the pages' templates.
func New(site page.Site, boards page.Boards, consoles page.Consoles, identify page.Identify) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("staff pages: %w", err)
	}
	return &Pages{site: site, boards: boards, consoles: consoles, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/staff", p.choose)
	e.GET("/staff/", p.choose)
	e.GET("/staff/worker.js", p.worker)
	e.GET("/staff/:office", p.office)
	e.GET("/staff/:office/:counter", p.console)
	e.POST("/staff/:office/:counter/do/*", p.do)
}

type choosePage struct {
	ui.View
	Offices []board.Office
	Office  board.Office
	Who     page.Identity
	Words   string
}

// choose lists the offices, or goes straight to the only one.
func (p *Pages) choose(c echo.Context) error {
	who, ok := p.identify(c)
	switch {
	case !ok:
		return page.SignIn(c)
	case who.Office != "" && len(who.Grants) < 2:
		return page.SeeOther(c, who.Begin(who.Office))
	}
	data := choosePage{View: p.view(c), Who: who}
	for _, o := range p.boards.Offices() {
		if who.May(o.ID) {
			data.Offices = append(data.Offices, o)
		}
	}
	data.Title = data.T("staff.offices")
	return p.render(c, http.StatusOK, "choose", data)
}

func (p *Pages) office(c echo.Context) error {
	id := queue.OfficeID(c.Param("office"))
	who, err := p.admit(c, id)
	if who == nil {
		return err
	}
	o, ok := p.boards.Office(id)
	if !ok {
		return p.refuse(c, http.StatusNotFound, "staff.missing")
	}
	data := choosePage{View: p.view(c), Office: o, Who: *who}
	data.Title = data.Name(o.Name) + " " + data.T("staff.counters")
	return p.render(c, http.StatusOK, "counters", data)
}

// admit returns who asks, or nil when the answer has been given.
func (p *Pages) admit(c echo.Context, office queue.OfficeID) (*page.Identity, error) {
	who, ok := p.identify(c)
	switch {
	case !ok:
		return nil, page.SignIn(c)
	case !who.Clerk(office):
		return nil, p.refuse(c, http.StatusForbidden, "staff.forbidden")
	}
	return &who, nil
}

func (p *Pages) refuse(c echo.Context, status int, key string) error {
	data := choosePage{View: p.view(c)}
	data.Words = data.T(key)
	data.Title = data.Words
	return p.render(c, status, "refused", data)
}

func (p *Pages) console(c echo.Context) error {
	office, counter := queue.OfficeID(c.Param("office")), queue.CounterID(c.Param("counter"))
	who, err := p.admit(c, office)
	if who == nil {
		return err
	}
	console, ok := p.consoles.Console(office, counter)
	if !ok {
		return p.refuse(c, http.StatusNotFound, "staff.missing")
	}
	data := p.consolePage(c, console, *who)
	return p.render(c, http.StatusOK, "console", data)
}

// do passes a button's form on as the command it stands for. Only commands of
// this counter and of tickets can be reached this way.
func (p *Pages) do(c echo.Context) error {
	office, counter := c.Param("office"), c.Param("counter")
	if who, err := p.admit(c, queue.OfficeID(office)); who == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	command, ok := commandPath(c.Param("*"), counter)
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	return page.SeeOther(c, p.relay(c, command, form))
}

func (p *Pages) view(c echo.Context) ui.View {
	v := p.site.View(c, ui.StaffTexts, "staff")
	v.NoIndex, v.Style = true, "staff/console.css"
	return v
}

func (p *Pages) render(c echo.Context, status int, name string, data any) error {
	ui.Private(c.Response().Header())
	// A form's origin must reach the API, which asks for it.
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, status, p.pages, name, data)
}
