package screens

import (
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
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

// Pages are the pages about walls.
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
		return nil, fmt.Errorf("screen pages: %w", err)
	}
	return &Pages{site: site, boards: boards, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/manager/screens", p.screens)
	e.GET("/manager/:office/screens", p.screens)
	e.POST("/manager/screens", p.addScreen)
	e.POST("/manager/screens/:screen/:verb", p.doScreen)
	e.GET("/manager/signs", p.signs)
	e.GET("/manager/:office/signs", p.signs)
	e.POST("/manager/signs", p.writeSign)
	e.POST("/manager/signs/:sign/:verb", p.doSign)
	e.GET("/manager/emergency", p.emergency)
	e.GET("/manager/:office/emergency", p.emergency)
	e.POST("/manager/emergency", p.beginEmergency)
	e.POST("/manager/emergency/:emergency/end", p.endEmergency)
}

// common is what all these pages have.
type common struct {
	ui.View
	Who     page.Identity
	Tab     string
	At      queue.OfficeID // the office that is looked at; empty: all of the reader's
	Offices []board.Office // that the reader manages
	Problem string
	Field   string
	Done    string
}

// admit returns what all pages have, if the reader may see them; otherwise the answer
// has been given.
func (p *Pages) admit(c echo.Context, tab string) (*common, error) {
	who, ok := p.identify(c)
	switch {
	case !ok:
		return nil, page.SignIn(c)
	case who.Owes != "":
		return nil, page.SeeOther(c, "/staff/me")
	case !who.Manager:
		return nil, page.SeeOther(c, "/staff")
	}
	d := &common{
		View: p.site.View(c, ui.StaffTexts, "staff"), Who: who, Tab: tab, At: queue.OfficeID(c.Param("office")),
		Problem: page.CodeOf(c.QueryParam("problem")), Field: page.CodeOf(c.QueryParam("field")), Done: page.CodeOf(c.QueryParam("done")),
	}
	for _, o := range p.boards.Offices() {
		if role := who.At(o.ID); role == "manager" || role == "admin" {
			d.Offices = append(d.Offices, o)
		}
	}
	if d.At != "" && !slices.ContainsFunc(d.Offices, func(o board.Office) bool { return o.ID == d.At }) {
		return nil, page.SeeOther(c, "/manager")
	}
	d.Title, d.NoIndex = d.T("walls."+tab), true
	d.Style, d.Script = "screens/screens.css", "screens/screens.js"
	return d, nil
}

// All reports whether the reader manages all offices.
func (c common) All() bool {
	return c.Who.Office == "" && (c.Who.Role == "admin" || c.Who.Role == "manager")
}

// Place returns an office's name; of an empty id, what all of them are called.
func (c common) Place(id queue.OfficeID) string {
	for _, o := range c.Offices {
		if o.ID == id {
			return c.Name(o.Name)
		}
	}
	if id == "" {
		return c.T("walls.everywhere")
	}
	return string(id)
}

// Tabs are the pages beside this one, of the same office.
func (c common) Tabs() []tab {
	var list []tab
	for _, name := range []string{"screens", "signs", "emergency"} {
		list = append(list, tab{c.path(name), c.T("walls." + name), name == c.Tab})
	}
	return list
}

type tab struct {
	Href, Word string
	Current    bool
}

func (c common) path(name string) string {
	if c.At == "" {
		return "/manager/" + name
	}
	return "/manager/" + url.PathEscape(string(c.At)) + "/" + name
}

// Here is the page's own path for an office; empty: all.
func (c common) Here(id queue.OfficeID) string {
	c.At = id
	return c.path(c.Tab)
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (common) Key() string { return rand.Text() }

// Day returns a moment with its date.
func (common) Day(at time.Time) string { return at.In(queue.JST).Format("2006-01-02 15:04") }

// ProblemWords says what went wrong, and where.
func (c common) ProblemWords() string {
	if c.Field != "" {
		if text := c.Or("walls.fault."+c.Field, "walls.fault"); text != "walls.fault" && c.Problem == "bad_value" {
			return text
		}
	}
	return c.Or("walls.problem."+c.Problem, "problem.other", "code", c.Problem)
}

// DoneWords says what was done.
func (c common) DoneWords() string {
	if c.Done == "" {
		return ""
	}
	return c.Or("walls.done."+c.Done, "walls.done.ok")
}

func (p *Pages) render(c echo.Context, name string, data any) error {
	ui.Private(c.Response().Header())
	// A form's origin must reach the API, which asks for it.
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, name, data)
}

// back sends the browser to a page with what became of a form.
func back(c echo.Context, path, code, field, done string) error {
	query := url.Values{}
	if code != "" {
		query.Set("problem", code)
		if field != "" {
			query.Set("field", field)
		}
	} else {
		query.Set("done", done)
	}
	return page.SeeOther(c, path+"?"+query.Encode())
}

// of returns the path of a page for the office that a form names.
func of(name, office string) string {
	return common{At: queue.OfficeID(office)}.path(name)
}
