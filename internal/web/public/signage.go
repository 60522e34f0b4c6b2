package public

import (
	"net/http"
	"slices"
	"strings"

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
	Now    []wallCall // the newest, large
	Recent []board.Call
	Ready  []wallNumber
}

// wallCall is what is called at once: one number, or several to a delivery counter.
type wallCall struct {
	Numbers string
	Many    bool
	Counter queue.CounterID
}

// wallNumber is a number that is ready, and where it can be fetched already.
type wallNumber struct {
	Number  queue.Number
	Counter queue.CounterID // empty: it is not called yet
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
	wallTogether = 6 // numbers of one announcement
	wallRecent   = 5
	wallReady    = 12
	// wallRoomy is how many services fit with two lines each.
	wallRoomy = 4
)

func (p *Pages) signage(c echo.Context) error {
	o, ok := p.deps.Boards.Office(queue.OfficeID(c.Param("office")))
	if !ok {
		return p.missing(c)
	}
	data := wallPage{View: p.view(c), Office: o}
	data.Title = data.Name(o.Name) + " | " + data.T("wall.title")
	data.Style, data.Script, data.NoIndex = "signage/wall.css", "signage/player.js", true
	data.OneLook = true
	together := together(o.Calls)
	if together > 0 {
		data.Now = []wallCall{asOne(o.Calls[:together])}
	}
	data.Recent = o.Calls[together:min(together+wallRecent, len(o.Calls))]
	data.Ready = readyNumbers(o)
	data.Rows = wallRows(data.View, o)
	data.Dense = len(data.Rows) > wallRoomy
	return page.Render(c, http.StatusOK, p.wall, "wall", data)
}

// together returns how many of the newest calls were one announcement. The wall's
// own module does the same (signage/calls.js).
func together(calls []board.Call) int {
	if len(calls) == 0 {
		return 0
	}
	first := calls[0]
	if first.Stage != queue.StageDelivery {
		return 1
	}
	n := 1
	for n < min(wallTogether, len(calls)) && calls[n].At.Equal(first.At) && calls[n].Counter == first.Counter && calls[n].Stage == first.Stage {
		n++
	}
	return n
}

func asOne(calls []board.Call) wallCall {
	numbers := make([]string, len(calls))
	for i, c := range calls {
		numbers[len(calls)-1-i] = string(c.Number)
	}
	return wallCall{strings.Join(numbers, " "), len(calls) > 1, calls[0].Counter}
}

// readyNumbers lists what is ready, first what can be fetched at a counter now.
func readyNumbers(o board.Office) []wallNumber {
	var called, later []wallNumber
	for _, s := range o.Services {
		at := map[queue.Number]queue.CounterID{}
		for _, a := range s.Announced {
			at[a.Number] = a.Counter
			called = append(called, wallNumber{a.Number, a.Counter})
		}
		for _, n := range s.Ready {
			if at[n] == "" {
				later = append(later, wallNumber{Number: n})
			}
		}
	}
	all := append(called, later...)
	return all[:min(wallReady, len(all))]
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

// signageWorker serves the worker from the walls' own folder: a worker may only
// answer for pages below its own path.
func (p *Pages) signageWorker(c echo.Context) error {
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("Cache-Control", "no-cache")
	header.Set(echo.HeaderContentType, "text/javascript; charset=utf-8")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", p.worker)
}
