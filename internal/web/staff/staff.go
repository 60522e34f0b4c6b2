package staff

import (
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

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

// Register adds the routes. POST /staff/login and /staff/logout are the API's.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/staff/login", p.login)
	e.GET("/staff", p.choose)
	e.GET("/staff/", p.choose)
	e.GET("/staff/worker.js", p.worker)
	e.GET("/staff/:office", p.office)
	e.GET("/staff/:office/:counter", p.console)
	e.POST("/staff/:office/:counter/do/*", p.do)
}

type loginPage struct {
	ui.View
	Failed bool
}

func (p *Pages) login(c echo.Context) error {
	data := loginPage{View: p.view(c)}
	data.Failed = c.QueryParam("problem") != "" || c.QueryParam("error") != ""
	data.Title = data.T("login.title")
	return p.render(c, http.StatusOK, "login", data)
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
		return page.SeeOther(c, "/staff/login")
	case who.Office != "":
		return page.SeeOther(c, "/staff/"+url.PathEscape(string(who.Office)))
	}
	data := choosePage{View: p.view(c), Offices: p.boards.Offices(), Who: who}
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
		return nil, page.SeeOther(c, "/staff/login")
	case !who.May(office):
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
	data := consolePage{View: p.view(c), Console: console, Who: *who, Now: p.site.Now(), Problem: c.QueryParam("problem")}
	data.Title = fmt.Sprintf("%s %s", data.T("label.counter", "n", counter), data.Name(console.OfficeName))
	data.Style, data.Script = "staff/console.css", "staff/console.js"
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
	back := "/staff/" + url.PathEscape(office) + "/" + url.PathEscape(counter)
	path := "/api/v1/offices/" + url.PathEscape(office) + "/" + command
	if code := page.Relay(c, http.MethodPost, path, form); code != "" {
		back += "?problem=" + url.QueryEscape(code)
	}
	return page.SeeOther(c, back)
}

// commandPath returns where the API takes a command of a ticket or of this
// counter, such as "tickets/A012/start", or a check-in; nothing else can be
// reached by a form.
func commandPath(command, counter string) (string, bool) {
	if command == "check-in" {
		return command, true
	}
	parts := strings.Split(command, "/")
	if len(parts) != 3 {
		return "", false
	}
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || strings.Trim(plain, ".") == "" || strings.Contains(plain, "/") {
			return "", false
		}
		parts[i] = plain
	}
	own := parts[1] == counter || parts[2] == "answer-help" // another's call for help
	if parts[0] != "tickets" && (parts[0] != "counters" || !own) {
		return "", false
	}
	return parts[0] + "/" + url.PathEscape(parts[1]) + "/" + url.PathEscape(parts[2]), true
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

type consolePage struct {
	ui.View
	board.Console
	Who     page.Identity
	Now     time.Time
	Problem string
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (consolePage) Key() string { return rand.Text() }
