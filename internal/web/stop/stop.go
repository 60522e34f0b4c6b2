package stop

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// files are the templates of these pages.
//
//go:embed *.html
var files embed.FS

// Stops end messages.
type Stops interface {
	// KnownStop reports whether a link is one of today's.
	KnownStop(ctx context.Context, token string) bool
	// Stop ends all messages to the address of a link; a link that is not known is an
	// error, and so is a store that is away.
	Stop(ctx context.Context, token string) error
}

// Pages is the page.
type Pages struct {
	site  page.Site
	stops Stops
	pages *template.Template
}

// New reads the page's template. Without stops every link is unknown.
func New(site page.Site, stops Stops) (*Pages, error) {
	pages, err := ui.Parse(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("stop page: %w", err)
	}
	return &Pages{site, stops, pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/tell/stop/:token", p.ask)
	e.POST("/tell/stop/:token", p.stop)
}

// view is the page in one of its states: ask, done, over or later.
type view struct {
	ui.View
	State, Token string
}

func (p *Pages) show(c echo.Context, status int, state string) error {
	d := view{View: p.site.View(c, ui.PublicTexts, "public"), State: state, Token: c.Param("token")}
	d.Title, d.Style, d.NoIndex = d.T("stop.title"), "public/public.css", true
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin") // a form's origin is looked at
	return page.Render(c, status, p.pages, "stop", d)
}

func (p *Pages) ask(c echo.Context) error {
	if p.stops == nil || !p.stops.KnownStop(c.Request().Context(), c.Param("token")) {
		return p.show(c, http.StatusNotFound, "over")
	}
	return p.show(c, http.StatusOK, "ask")
}

// stop ends the messages. The token is all that a mail program has (RFC 8058), and all
// that is needed.
func (p *Pages) stop(c echo.Context) error {
	if p.stops == nil {
		return p.show(c, http.StatusNotFound, "over")
	}
	ctx := c.Request().Context()
	if !p.stops.KnownStop(ctx, c.Param("token")) {
		return p.show(c, http.StatusNotFound, "over")
	}
	if p.stops.Stop(ctx, c.Param("token")) != nil {
		return p.show(c, http.StatusServiceUnavailable, "later")
	}
	return p.show(c, http.StatusOK, "done")
}
