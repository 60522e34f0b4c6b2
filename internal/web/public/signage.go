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
	Rows   []wallRow
	Dense  bool
	Now    []board.Call // the newest, large
	Recent []board.Call
	Ready  []queue.Number
}

// wallRow is one line of the wall's list: a service or, at an office with many,
// a purpose.
type wallRow struct {
	Service, Purpose string
	Name             string
	ui.Headline
}

// How many calls a wall shows large and small, and how many ready numbers.
const (
	wallNow    = 1
	wallRecent = 5
	wallReady  = 8
	// wallRoomy is how many services fit with two lines each.
	wallRoomy = 4
)

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
		data.Ready = append(data.Ready, s.Ready...)
	}
	data.Rows = wallRows(data.View, o)
	data.Dense = len(data.Rows) > wallRoomy
	data.Ready = data.Ready[:min(wallReady, len(data.Ready))]
	return page.Render(c, http.StatusOK, p.wall, "wall", data)
}

// wallRows lists services while there is room for each, else purposes.
func wallRows(v ui.View, o board.Office) []wallRow {
	services := slices.DeleteFunc(slices.Clone(o.Services), func(s board.Service) bool { return s.Private })
	var rows []wallRow
	seen := map[string]bool{}
	for _, s := range services {
		id := ui.PurposeOf(s)
		switch {
		case len(services) <= wallRoomy:
			rows = append(rows, wallRow{Service: string(s.ID), Name: v.Name(s.Name), Headline: ui.Headline{Level: s.Level, Waiting: s.Waiting, Until: s.UntilCalled}})
		case !seen[id]:
			seen[id] = true
			rows = append(rows, wallRow{Purpose: id, Name: purposeName(v, id, s), Headline: ui.Summarize(o, id)})
		}
	}
	return rows
}

// Shown reports whether a row's wait means anything: where nobody is taken on
// there is none.
func (r wallRow) Shown() bool {
	return r.Level != board.LevelClosed && r.Level != board.LevelSuspended
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
