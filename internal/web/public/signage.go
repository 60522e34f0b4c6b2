package public

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

type wallPage struct {
	ui.View
	Office board.Office
	Rows   []board.Service
	Dense  bool
	Now    []board.Call // the newest, large
	Recent []board.Call
	Ready  []queue.Number
}

// How many calls a wall shows large and small, and how many ready numbers.
const (
	wallNow    = 1
	wallRecent = 5
	wallReady  = 8
	// wallRoomy is how many services fit with two lines each.
	wallRoomy = 5
)

// unnamed are purposes that no wall names: who waits for them is nobody's
// business.
var unnamed = []string{"bereavement"}

func (p *Pages) signage(c echo.Context) error {
	o, ok := p.boards.Office(queue.OfficeID(c.Param("office")))
	if !ok {
		return p.missing(c)
	}
	data := wallPage{View: p.view(c), Office: o}
	data.Title = data.Name(o.Name) + " | " + data.T("wall.title")
	data.Style, data.Script, data.NoIndex = "signage/wall.css", "signage/player.js", true
	split := min(wallNow, len(o.Calls))
	data.Now, data.Recent = o.Calls[:split], o.Calls[split:min(wallNow+wallRecent, len(o.Calls))]
	for _, s := range o.Services {
		if !slices.Contains(unnamed, ui.PurposeOf(s)) {
			data.Rows = append(data.Rows, s)
		}
		data.Ready = append(data.Ready, s.Ready...)
	}
	data.Dense = len(data.Rows) > wallRoomy
	data.Ready = data.Ready[:min(wallReady, len(data.Ready))]
	return page.Render(c, http.StatusOK, p.wall, "wall", data)
}

// signageWorker serves the worker from the walls' own folder: a worker may only
// answer for pages below its own path.
func (p *Pages) signageWorker(c echo.Context) error {
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("Cache-Control", "no-cache")
	header.Set(echo.HeaderContentType, "text/javascript; charset=utf-8")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", p.worker)
}
