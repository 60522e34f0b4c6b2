package manager

import (
	"embed"
	"fmt"
	"html/template"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Deps are what the pages are drawn from.
type Deps struct {
	Dashboards page.Dashboards
	Lives      page.Lives
	Alerts     page.Alerts
	Aheads     page.Aheads
	Records    page.Records
	Identify   page.Identify
}

// Pages are the managers' pages.
type Pages struct {
	site  page.Site
	deps  Deps
	pages *template.Template
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("manager pages: %w", err)
	}
	return &Pages{site: site, deps: deps, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/manager", p.overview)
	e.GET("/manager/alerts", p.alerts)
	e.GET("/manager/:office", p.office)
	e.POST("/manager/:office/alerts/:alert/:verb", p.doAlert)
	e.GET("/manager/:office/machines", p.machines)
	e.POST("/manager/:office/machines/:kiosk/:verb", p.doMachine)
	e.POST("/manager/:office/pin", p.doPIN)
	e.GET("/manager/:office/rule", p.rule)
	e.POST("/manager/:office/rule", p.doRule)
	e.GET("/manager/:office/record", p.record)
}
