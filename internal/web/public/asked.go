package public

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/guide"
	"machi/internal/queue"
	"machi/internal/travel"
	"machi/internal/ui"
)

// maxQuery bounds what is searched for, in bytes.
const maxQuery = 200

// shownMeant bounds the further meanings of a query that are offered.
const shownMeant = 6

// asked is what a resident looks for, as it stands in the address of a page.
type asked struct {
	Purpose string      // of the catalogue; empty: any
	Way     *guide.Way  // the matter, if one was named or found
	Said    string      // in the resident's own words
	Others  []guide.Way // what the query may mean as well
	From    *guide.Town
	Towns   []townGroup
}

// townGroup are the parts of one area, among which somebody finds their own.
type townGroup struct {
	Area  string
	Towns []guide.Town
}

// asked reads what a page was asked for. What nobody knows is as if it was not asked.
func (p *Pages) asked(c echo.Context) asked {
	a := asked{Purpose: c.QueryParam("for"), Said: strings.TrimSpace(c.QueryParam("q"))}
	if len(a.Said) > maxQuery {
		a.Said = strings.ToValidUTF8(a.Said[:maxQuery], "")
	}
	if p.deps.Guide == nil {
		return a
	}
	if way, ok := p.deps.Guide.Way(c.QueryParam("matter")); ok {
		a.Way = &way
	}
	if meant := p.deps.Guide.Meant(a.Said); len(meant) > 0 {
		if best := meant[0]; a.Way == nil {
			a.Way = &best
		}
		a.Others = slices.DeleteFunc(meant, func(w guide.Way) bool { return w.ID == a.Way.ID })
		a.Others = a.Others[:min(shownMeant, len(a.Others))]
	}
	for _, t := range p.deps.Guide.Towns() {
		if t.ID == c.QueryParam("from") {
			a.From = &t
		}
		i := slices.IndexFunc(a.Towns, func(g townGroup) bool { return g.Area == t.Area })
		if i < 0 {
			i = len(a.Towns)
			a.Towns = append(a.Towns, townGroup{Area: t.Area})
		}
		a.Towns[i].Towns = append(a.Towns[i].Towns, t)
	}
	return a
}

// Missed reports whether words were searched for that mean nothing here.
func (a asked) Missed() bool { return a.Said != "" && a.Way == nil }

// officeRow is an office as it is listed: how it stands with what was asked for.
type officeRow struct {
	board.Office
	ui.Headline
	Service queue.ServiceID // that was asked for; empty: every one, or those of a purpose
	Opens   time.Time       // the hours of what was asked for; zero: there are none today
	Closes  time.Time
	Only    []string // what alone is dealt with here, where that is little
	Metres  int      // from where somebody starts, in a straight line; negative: not known
}

// rows lists the offices that handle what was asked for.
func (p *Pages) rows(a asked) []officeRow {
	var rows []officeRow
	for _, o := range p.deps.Boards.Offices() {
		row := officeRow{Office: o, Metres: -1}
		if a.From != nil && o.Place != nil {
			row.Metres = int(travel.Metres(travel.Point{Lat: a.From.Lat, Lng: a.From.Lng}, travel.Point{Lat: o.Place.Lat, Lng: o.Place.Lng}))
		}
		if a.Way != nil {
			if s, ok := taking(o, *a.Way); ok {
				row.Service, row.Headline, row.Opens, row.Closes = s.ID, ui.HeadlineOf(s), s.Opens, s.Closes
				rows = append(rows, row)
			}
			continue
		}
		row.Headline = ui.Summarize(o, a.Purpose)
		row.Opens, row.Closes = hours(o, a.Purpose)
		if row.Found || a.Purpose == "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// taking returns whose ticket to take at an office for a matter.
func taking(o board.Office, w guide.Way) (board.Service, bool) {
	for _, id := range w.Services {
		if i := slices.IndexFunc(o.Services, func(s board.Service) bool { return s.ID == id }); i >= 0 {
			return o.Services[i], true
		}
	}
	return board.Service{}, false
}

// hours returns from when to when any service of a purpose takes tickets today.
func hours(o board.Office, purpose string) (opens, closes time.Time) {
	for _, s := range o.Services {
		if purpose != "" && ui.PurposeOf(s) != purpose || !s.Closes.After(s.Opens) {
			continue
		}
		if opens.IsZero() || s.Opens.Before(opens) {
			opens = s.Opens
		}
		if s.Closes.After(closes) {
			closes = s.Closes
		}
	}
	return opens, closes
}

// Shut reports whether nobody is taken on now.
func (r officeRow) Shut() bool { return !r.Told() || ui.Standing(r.Office) != "open" }

// Kilometres returns how far it is, or an empty text.
func (r officeRow) Kilometres() string { return kilometres(r.Metres) }

// usual is the time until finished by which half of the people are, in seconds; it is
// very long where nobody knows.
func (r officeRow) usual() int {
	if r.Finished == nil {
		return 1 << 30
	}
	return r.Finished.P50
}

// near is the straight line, very long where nobody knows it.
func (r officeRow) near() int {
	if r.Metres < 0 {
		return 1 << 30
	}
	return r.Metres
}

// The orders in which offices are listed.
const (
	byHelp = ""     // open now, then the soonest finished
	byNear = "near" // from where somebody starts
)

// arrange puts the rows in an order; what takes nobody on comes last, and what deals with
// little after what deals with most. Equals stay in the ward's order.
func arrange(rows []officeRow, order string) {
	slices.SortStableFunc(rows, func(a, b officeRow) int {
		if a.Shut() != b.Shut() {
			if a.Shut() {
				return 1
			}
			return -1
		}
		if order == byNear {
			return a.near() - b.near()
		}
		return cmp.Or(min(1, len(a.Only))-min(1, len(b.Only)), a.usual()-b.usual(), ui.Rank(a.Headline.Level)-ui.Rank(b.Headline.Level), a.near()-b.near())
	})
}
