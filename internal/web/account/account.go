// Package account is where staff sign in, the first administrator comes in by a
// code, and everybody looks after their own password, authenticator and sessions.
//
// Like all pages these change nothing: every form goes to the API as its sender's.
package account

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Deps are what the pages ask. First may be nil.
type Deps struct {
	Identify page.Identify
	// First reports whether nobody can manage accounts yet.
	First func() bool
	// SSO says that the city has a sign-in service of its own.
	SSO bool
}

// Pages are the pages around an account.
type Pages struct {
	site  page.Site
	deps  Deps
	pages *template.Template
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("account pages: %w", err)
	}
	if deps.First == nil {
		deps.First = func() bool { return false }
	}
	return &Pages{site: site, deps: deps, pages: pages}, nil
}

// Register adds the routes. POST /staff/login, /staff/first and /staff/logout are the
// API's.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/staff/login", p.login)
	e.GET("/staff/first", p.first)
	e.GET("/staff/me", p.me)
	e.POST("/staff/me/password", p.password)
	e.POST("/staff/me/totp", p.beginTOTP)
	e.POST("/staff/me/totp/confirm", p.confirmTOTP)
	e.POST("/staff/me/sessions", p.endSession)
}

// trouble is what went wrong with a form, by its code.
type trouble struct {
	ui.View
	Problem string
}

// Trouble says it in words.
func (t trouble) Trouble() string {
	return t.Or("problem."+t.Problem, "problem.other", "code", t.Problem)
}

type loginPage struct {
	trouble
	Next  string // path to go on to
	Out   bool   // the person has just signed out
	SSO   bool
	First bool
	Who   page.Identity // who has signed in already
	In    bool
}

// Trouble says what went wrong; a token that is not known was never signed in.
func (p loginPage) Trouble() string {
	if p.Problem == "unauthenticated" {
		return p.T("login.failed")
	}
	return p.trouble.Trouble()
}

// Code reports whether the authenticator's code is asked for.
func (p loginPage) Code() bool { return p.Problem == "code_needed" || p.Problem == "code_wrong" }

func (p *Pages) login(c echo.Context) error {
	data := loginPage{
		trouble: trouble{p.view(c), page.CodeOf(c.QueryParam("error"))}, Next: here(c.QueryParam("next")), Out: c.QueryParam("out") != "",
		SSO: p.deps.SSO, First: p.deps.First(),
	}
	data.Who, data.In = p.deps.Identify(c)
	if data.Who.Owes != "" && !data.Out {
		return page.SeeOther(c, "/staff/me")
	}
	data.Title, data.Script = data.T("login.title"), "account/account.js"
	return p.render(c, http.StatusOK, "login", data)
}

// here returns a path of this server; what points elsewhere is forgotten.
func here(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return ""
	}
	return next
}

type firstPage struct {
	trouble
	Open bool // there is no administrator yet
}

func (p *Pages) first(c echo.Context) error {
	data := firstPage{trouble: trouble{p.view(c), page.CodeOf(c.QueryParam("error"))}, Open: p.deps.First()}
	data.Title, data.Script = data.T("first.title"), "account/account.js"
	return p.render(c, http.StatusOK, "first", data)
}

func (p *Pages) view(c echo.Context) ui.View {
	v := p.site.View(c, ui.StaffTexts, "staff")
	v.NoIndex, v.Style = true, "account/account.css"
	return v
}

func (p *Pages) render(c echo.Context, status int, name string, data any) error {
	ui.Private(c.Response().Header())
	// A form's origin must reach the API, which asks for it.
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, status, p.pages, name, data)
}
