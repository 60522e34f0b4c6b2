package insight

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/replay"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Films show closed days again.
type Films interface {
	// Film returns one closed day of an office; false: there is none. The error is
	// [history.ErrDamaged] where its table cannot be read, or the store's.
	Film(ctx context.Context, office queue.OfficeID, date queue.Date) (replay.Film, bool, error)
	// Dates returns the closed days of an office from one date to another, both included.
	Dates(ctx context.Context, office queue.OfficeID, from, to queue.Date) ([]queue.Date, error)
}

// Deps are what the pages are drawn from. All but Films are required.
type Deps struct {
	Dashboards page.Dashboards
	Measures   page.Measures
	Films      Films // nil: no day can be shown again
	Identify   page.Identify
}

// Pages are the pages that look back.
type Pages struct {
	site  page.Site
	deps  Deps
	pages *template.Template
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("insight pages: %w", err)
	}
	return &Pages{site: site, deps: deps, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/manager/history", p.history)
	e.GET("/manager/:office/replay", p.replay)
}

// managed returns the offices that the asker manages, in the order of the ward; false:
// the answer has been given.
func (p *Pages) managed(c echo.Context) ([]board.Office, bool, error) {
	who, ok := p.deps.Identify(c)
	switch {
	case !ok:
		return nil, false, page.SignIn(c)
	case !who.Manager:
		return nil, false, page.SeeOther(c, "/staff")
	}
	var list []board.Office
	for _, d := range p.deps.Dashboards.Dashboards() {
		if slices.Contains([]string{"manager", "admin"}, who.At(d.Office.ID)) {
			list = append(list, d.Office)
		}
	}
	return list, true, nil
}

// view begins a page.
func (p *Pages) view(c echo.Context, style string) view {
	v := view{p.site.View(c, ui.StaffTexts, "staff")}
	v.Style, v.NoIndex, v.Part = style, true, "insight"
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return v
}
