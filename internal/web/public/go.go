package public

import (
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/travel"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// goPage says where to go: the offices that handle a matter, in the order in which one
// would be done with from where one starts.
type goPage struct {
	listView
	Mode    travel.Mode
	Modes   []travel.Mode
	Ranked  []goRow
	Reasons []string // why the first is the first, in sentences
	Share   ui.Share
}

// goRow is an office with the way there.
type goRow struct {
	officeRow
	travel.Choice
}

func (p *Pages) whereTo(c echo.Context) error {
	data := goPage{listView: p.list(c), Mode: travel.Mode(c.QueryParam("by")), Modes: travel.Modes}
	if !slices.Contains(data.Modes, data.Mode) {
		data.Mode = travel.Walk
	}
	data.Title = data.T("go.title") + " | " + data.T("site.title")
	data.Style, data.Script = "public/public.css", "public/go.js"
	data.Summary = data.T("go.lead")
	data.rank()
	data.Reasons = data.reasons()
	if len(data.Ranked) > 0 {
		best := data.Ranked[0]
		text := data.T("share.go", "office", data.Name(best.Office.Name), "finished", data.Until(best.Headline.Finished), "t", data.Hour(best.Office.AsOf))
		data.Share = data.View.Share(text, page.Origin(c)+"/offices/"+string(best.Office.ID))
	}
	return page.RenderNow(c, p.pages, "go", data)
}

// rank orders the offices by when one would be done with.
func (g *goPage) rank() {
	rows := slices.Concat(g.Open, g.Shut)
	choices := make([]travel.Choice, len(rows))
	for i, r := range rows {
		choices[i] = g.choice(r)
	}
	for _, i := range travel.Rank(choices) {
		g.Ranked = append(g.Ranked, goRow{rows[i], choices[i]})
	}
}

func (g *goPage) choice(r officeRow) travel.Choice {
	c := travel.Choice{Open: !r.Shut(), Left: int(r.Closes.Sub(r.Office.AsOf) / time.Second)}
	if e := r.Headline.Finished; e != nil {
		c.Known, c.Usual, c.Finished = true, e.P50, travel.Range{Low: e.Low, High: e.High}
	}
	if r.Metres >= 0 {
		c.Way = travel.About(float64(r.Metres), g.Mode, true) // a town is no address
	} else if g.From != nil {
		c.Known = false
	}
	return c
}

// reasons says in sentences why the first office is the first.
func (g *goPage) reasons() []string {
	if len(g.Ranked) == 0 || !g.Ranked[0].Open {
		return []string{g.T("go.none")}
	}
	best := g.Ranked[0]
	name := g.Name(best.Office.Name)
	if !best.Known {
		return []string{g.T("go.unknown")}
	}
	if g.From == nil {
		return append([]string{g.T("go.best.here", "office", name, "finished", g.Until(best.Headline.Finished))}, g.rivals(best)...)
	}
	list := []string{g.T("go.best", "office", name, "way", g.Along(best.Way), "finished", g.Until(best.Headline.Finished))}
	near := slices.MinFunc(g.Ranked, func(a, b goRow) int { return a.near() - b.near() })
	switch {
	case near.Office.ID == best.Office.ID:
		list = append(list, g.T("go.near.same"))
	case near.Choice.InTime() && near.Known && !travel.Alike(best.Choice, near.Choice):
		list = append(list, g.T("go.near.other", "office", g.Name(near.Office.Name), "way", g.Along(near.Way), "finished", g.Until(near.Headline.Finished)))
	}
	return append(list, g.rivals(best)...)
}

// rivals says which office would do as well.
func (g *goPage) rivals(best goRow) []string {
	if len(g.Ranked) > 1 && g.Ranked[1].InTime() && travel.Alike(best.Choice, g.Ranked[1].Choice) {
		return []string{g.T("go.alike", "office", g.Name(g.Ranked[1].Office.Name))}
	}
	return nil
}

// Whole says the time from door to done.
func (g goPage) Whole(r goRow) string {
	if !r.Known {
		return g.T("until.unknown")
	}
	t := r.Total()
	return g.Until(&board.Estimate{Low: t.Low, High: t.High})
}

// Late reports whether who sets out now may come too late for a ticket.
func (r goRow) Late() bool { return r.Open && !r.InTime() }

// shownFirst bounds the offices that are compared at once.
const shownFirst = 5

// First returns the offices that are worth comparing, Rest the others.
func (g goPage) First() []goRow { return g.Ranked[:min(shownFirst, len(g.Ranked))] }

// Rest returns the offices that come after.
func (g goPage) Rest() []goRow { return g.Ranked[min(shownFirst, len(g.Ranked)):] }

// GoRow hands a row to a template.
func (g goPage) GoRow(r goRow, place int) goRowView { return goRowView{g, r, place + 1} }

// goRowView is a ranked row with the page it is drawn in.
type goRowView struct {
	goPage
	R     goRow
	Place int
}

// Later is the place of an office among all, from that among the rest.
func (g goPage) Later(i int) int { return shownFirst + i }
