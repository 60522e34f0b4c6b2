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
//go:embed *.css *.js *.html
var Files embed.FS

// Pages are the residents' pages.
type Pages struct {
	site   page.Site
	deps   Deps
	pages  *template.Template
	wall   *template.Template
	worker []byte
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
	Guide   Guide // nil: nobody knows what people come for
	Signage fs.FS // the wall screen's files
	// PublicURL stands before the paths of pages in codes; empty: as the browser
	// reached the server.
	PublicURL string
}

// Guide knows what residents come for, as they read about it before leaving home.
type Guide interface {
	// Ways lists the matters in the guide's order.
	Ways() []guide.Way
	Way(id string) (guide.Way, bool)
	// Meant lists what a query in the resident's own words means, the best first.
	Meant(query string) []guide.Way
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
	return &Pages{site: site, deps: deps, pages: pages, wall: wall, worker: worker}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/", p.home)
	e.GET("/offices/:office", p.office)
	e.GET("/closures", p.closures)
	e.GET("/record", p.records)
	e.GET("/record/:office", p.record)
	p.registerTickets(e)
	e.GET("/signage/worker.js", p.signageWorker)
	e.GET("/signage/:office", p.signage)
}

type homePage struct {
	ui.View
	Purposes []purpose
	Purpose  string
	Rows     []homeRow
}

// purpose is what people come for, by which the list can be narrowed.
type purpose struct {
	ID, Name string
}

type homeRow struct {
	board.Office
	ui.Headline
}

func (p *Pages) home(c echo.Context) error {
	offices := p.deps.Boards.Offices()
	data := homePage{View: p.view(c), Purpose: c.QueryParam("for")}
	data.Title = data.T("home.title") + " | " + data.T("site.title")
	data.Style, data.Script = "public/public.css", "public/home.js"
	data.Purposes = purposes(data.View, offices)
	for _, o := range offices {
		data.Rows = append(data.Rows, homeRow{o, ui.Summarize(o, data.Purpose)})
	}
	return page.Render(c, http.StatusOK, p.pages, "home", data)
}

// purposes lists what any office does, each once, in the offices' own order.
func purposes(v ui.View, offices []board.Office) []purpose {
	var list []purpose
	seen := map[string]bool{}
	for _, o := range offices {
		for _, s := range o.Services {
			if id := ui.PurposeOf(s); !seen[id] {
				seen[id] = true
				list = append(list, purpose{id, purposeName(v, id, s)})
			}
		}
	}
	return list
}

// purposeName names a purpose; one that has no words of its own is named by the
// first service that has it.
func purposeName(v ui.View, id string, s board.Service) string {
	if key := "purpose." + id; v.T(key) != key {
		return v.T(key)
	}
	return v.Name(s.Name)
}

type missingPage struct{ ui.View }

// missing answers for what is not there, in words and with a way on.
func (p *Pages) missing(c echo.Context) error {
	data := missingPage{p.view(c)}
	data.Title, data.Style, data.NoIndex = data.T("error.title"), "public/public.css", true
	return page.Render(c, http.StatusNotFound, p.pages, "missing", data)
}

func (p *Pages) view(c echo.Context) ui.View { return p.site.View(c, ui.PublicTexts, "public") }
