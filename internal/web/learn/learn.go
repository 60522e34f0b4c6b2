// Package learn is how staff learn the counter: a practice counter of their own
// with things to try, and the card of keys to lay beside the keyboard.
//
// Like all pages these change nothing; a practice counter is the API's to give.
package learn

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/ui"
	"machi/internal/web/page"
	"machi/internal/web/staff"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Pages are the pages for learning.
type Pages struct {
	site     page.Site
	boards   page.Boards
	rooms    page.Practices
	identify page.Identify
	pages    *template.Template
}

// New reads the pages' templates.
func New(site page.Site, boards page.Boards, rooms page.Practices, identify page.Identify) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("pages for learning: %w", err)
	}
	return &Pages{site: site, boards: boards, rooms: rooms, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/staff/practice", p.practice)
	e.POST("/staff/practice", p.begin)
	e.POST("/staff/practice/end", p.end)
	e.GET("/staff/keys", p.keys)
}

type practicePage struct {
	ui.View
	Offices []board.Office
	Room    page.Practice
	Begun   bool
	Problem string
}

// Percent is how much of the course is done.
func (p practicePage) Percent() int {
	if p.Room.Total == 0 {
		return 0
	}
	return 100 * p.Room.Done / p.Room.Total
}

func (p *Pages) practice(c echo.Context) error {
	who, ok := p.identify(c)
	if !ok {
		return page.SignIn(c)
	}
	data := practicePage{View: p.view(c), Problem: page.CodeOf(c.QueryParam("problem"))}
	data.Title = data.T("practice.title")
	data.Room, data.Begun = p.rooms(c)
	for _, o := range p.boards.Offices() {
		if who.May(o.ID) && len(o.Counters) > 0 {
			data.Offices = append(data.Offices, o)
		}
	}
	return p.render(c, "practice", data)
}

// begin asks for a practice counter and goes there. The form names it as
// "office/counter".
func (p *Pages) begin(c echo.Context) error {
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	office, counter, _ := strings.Cut(form.Get("place"), "/")
	var room struct{ Office, Counter string }
	ask := url.Values{"office": {office}, "counter": {counter}}
	if code := page.Ask(c, http.MethodPost, "/api/v1/practice", ask, &room); code != "" {
		return page.SeeOther(c, "/staff/practice?problem="+url.QueryEscape(code))
	}
	return page.SeeOther(c, "/staff/"+url.PathEscape(room.Office)+"/"+url.PathEscape(room.Counter))
}

func (p *Pages) end(c echo.Context) error {
	if code := page.Relay(c, http.MethodPost, "/api/v1/practice/end", url.Values{}); code != "" {
		return page.SeeOther(c, "/staff/practice?problem="+url.QueryEscape(code))
	}
	return page.SeeOther(c, "/staff/practice")
}

type keysPage struct {
	ui.View
	Groups []staff.KeyGroup
	Who    page.Identity
}

// keys is the card of keys, one sheet of A4.
func (p *Pages) keys(c echo.Context) error {
	who, ok := p.identify(c)
	if !ok {
		return page.SignIn(c)
	}
	data := keysPage{View: p.view(c), Groups: staff.KeyCard(), Who: who}
	data.Title = data.T("keys.title")
	data.Script = "learn/keys.js"
	return p.render(c, "keys", data)
}

func (p *Pages) view(c echo.Context) ui.View {
	v := p.site.View(c, ui.StaffTexts, "staff")
	v.NoIndex, v.Style = true, "learn/learn.css"
	return v
}

func (p *Pages) render(c echo.Context, name string, data any) error {
	ui.Private(c.Response().Header())
	// A form's origin must reach the API, which asks for it.
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, name, data)
}
