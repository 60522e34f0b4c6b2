package admin

import (
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

const api = "/api/v1"

// Pages are the administrators' pages.
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
		return nil, fmt.Errorf("admin pages: %w", err)
	}
	return &Pages{site: site, boards: boards, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/admin", p.accounts)
	e.POST("/admin/accounts", p.addAccount)
	e.POST("/admin/accounts/:account/:verb", p.changeAccount)
	e.GET("/admin/helpers", p.helpers)
	e.POST("/admin/helpers", p.addHelper)
	e.GET("/admin/sessions", p.sessions)
	e.POST("/admin/sessions/:session/revoke", p.revoke)
	e.GET("/admin/audit", p.audit)
	e.GET("/admin/webhooks", p.hooks)
	e.POST("/admin/webhooks", p.addHook)
	e.GET("/admin/webhooks/:webhook", p.hook)
	e.POST("/admin/webhooks/:webhook/:verb", p.changeHook)
}

// common is what all these pages have.
type common struct {
	ui.View
	Who     page.Identity
	Tab     string
	Problem string
	Done    string
	Offices []board.Office // that the reader manages
}

// All reports whether the reader manages all offices.
func (c common) All() bool { return c.Who.Role == "admin" && c.Who.Office == "" }

// Place returns an office's name.
func (c common) Place(id queue.OfficeID) string {
	for _, o := range c.Offices {
		if o.ID == id {
			return c.Name(o.Name)
		}
	}
	if id == "" {
		return c.T("admin.everywhere")
	}
	return string(id)
}

// Day returns a moment with its date.
func (c common) Day(at time.Time) string { return at.In(queue.JST).Format("2006-01-02 15:04") }

// ProblemWords says what went wrong.
func (c common) ProblemWords() string { return c.words(c.Problem) }

// words says a problem's code.
func (c common) words(code string) string {
	key := "problem." + code
	text := c.Or("admin."+key, key, "code", code)
	if text == key {
		return c.T("problem.other", "code", code)
	}
	return text
}

// admit returns what all pages have, if the reader may see them; otherwise the answer
// has been given.
func (p *Pages) admit(c echo.Context, tab string) (*common, error) {
	who, ok := p.identify(c)
	switch {
	case !ok:
		return nil, page.SeeOther(c, "/staff/login?next="+url.QueryEscape(c.Request().URL.Path))
	case who.Owes != "":
		return nil, page.SeeOther(c, "/staff/me")
	case !who.Manager:
		return nil, page.SeeOther(c, "/staff")
	}
	d := &common{View: p.site.View(c, ui.StaffTexts, "staff"), Who: who, Tab: tab, Problem: page.CodeOf(c.QueryParam("problem")), Done: page.CodeOf(c.QueryParam("done"))}
	d.Title, d.NoIndex = d.T("admin."+tab), true
	d.Style, d.Script = "admin/admin.css", "admin/admin.js"
	for _, o := range p.boards.Offices() {
		if role := who.At(o.ID); role == "manager" || role == "admin" {
			d.Offices = append(d.Offices, o)
		}
	}
	return d, nil
}

func (p *Pages) render(c echo.Context, name string, data any) error {
	ui.Private(c.Response().Header())
	// A form's origin must reach the API, which asks for it.
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, name, data)
}

// back sends the browser to a page with what became of a form.
func back(c echo.Context, path, problem, done string) error {
	if problem != "" {
		return page.SeeOther(c, path+"?problem="+url.QueryEscape(problem))
	}
	return page.SeeOther(c, path+"?done="+done)
}

// slip is what somebody is handed who signs in for the first time.
type slip struct {
	common
	Kind, Login, Name, Role, Password, Address string
	Office                                     queue.OfficeID
	Until                                      time.Time
	Back                                       string
}

// Groups returns the password in the groups that it is read aloud by.
func (s slip) Groups() []string { return strings.Split(s.Password, "-") }

// address is where people sign in, as this browser reaches it.
func address(c echo.Context) string {
	return c.Scheme() + "://" + c.Request().Host + "/staff"
}
