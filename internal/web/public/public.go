package public

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/guide"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html icons/*.png
var Files embed.FS

// Pages are the residents' pages.
type Pages struct {
	site   page.Site
	deps   Deps
	pages  *template.Template
	wall   *template.Template
	worker []byte // of the walls
	app    []byte // the worker of the residents' pages
}

// Deps are what the residents' pages are drawn from. All must be safe for concurrent
// use and answer from memory.
type Deps struct {
	Boards  page.Boards
	Tickets page.Tickets
	Records page.Records
	// Curves draw the course of days, Timetables tell reception hours; nil: nobody does.
	Curves     page.Curves
	Timetables page.Timetables
	Guide      Guide // nil: nobody knows what people come for
	Signage    fs.FS // the wall screen's files
	// PublicURL stands before the paths of pages in codes; empty: as the browser
	// reached the server.
	PublicURL string
	// AccessContact is whom a reader tells what stands in the way: a mailto:, tel: or
	// https: address; empty: nobody is named.
	AccessContact string
}

// Guide knows what residents come for, as they read about it before leaving home.
type Guide interface {
	// Ways lists the matters in the guide's order.
	Ways() []guide.Way
	Way(id string) (guide.Way, bool)
	// Meant lists what a query in the resident's own words means, the best first.
	Meant(query string) []guide.Way
	// Towns lists the parts of the city that people say they come from.
	Towns() []guide.Town
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("public pages: %w", err)
	}
	wall, err := ui.Parse(deps.Signage, "*.html")
	if err != nil {
		return nil, fmt.Errorf("wall screen: %w", err)
	}
	worker, err := fs.ReadFile(deps.Signage, "worker.js")
	if err != nil {
		return nil, fmt.Errorf("wall screen: %w", err)
	}
	app, err := appScript()
	if err != nil {
		return nil, fmt.Errorf("public pages: %w", err)
	}
	return &Pages{site: site, deps: deps, app: app, pages: pages, wall: wall, worker: worker}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/", p.home)
	e.GET("/go", p.whereTo)
	e.GET("/matters", p.matters)
	e.GET("/matters/:matter", p.matter)
	p.registerApp(e)
	e.GET("/offices/:office", p.office)
	e.GET("/closures", p.closures)
	e.GET("/accessibility", p.accessibility)
	e.GET("/record", p.records)
	e.GET("/record/:office", p.record)
	p.registerTickets(e)
	e.GET("/signage/worker.js", p.signageWorker)
	e.GET("/signage/:office", p.signage)
}

type missingPage struct{ ui.View }

// missing answers for what is not there, in words and with a way on.
func (p *Pages) missing(c echo.Context) error {
	data := missingPage{p.view(c)}
	data.Title, data.Style, data.NoIndex = data.T("error.title"), "public/public.css", true
	return page.Render(c, http.StatusNotFound, p.pages, "missing", data)
}

// view begins a page: with the emergency messages of the office that it is about, or
// of all.
func (p *Pages) view(c echo.Context) ui.View {
	v := p.site.View(c, ui.PublicTexts, "public")
	if c.Path() == "/offline" { // kept for when nothing is known
		return v
	}
	id := queue.OfficeID(c.Param("office"))
	if secret := c.Param("secret"); secret != "" {
		if t, ok := p.deps.Tickets.Ticket(secret); ok {
			id = t.Office
		}
	}
	if id == "" {
		v.Emergencies = ui.Banners(v.Lang, p.deps.Boards.Offices())
	} else if o, ok := p.deps.Boards.Office(id); ok {
		v.OneOffice, v.Emergencies = true, ui.Banners(v.Lang, []board.Office{o})
	}
	return v
}
