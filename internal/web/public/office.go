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

// officePage is one office before somebody sets out for it.
type officePage struct {
	ui.View
	Office   board.Office
	Services []officeService
	Calls    []board.Call
	Past     string // a sentence on the office's record; empty: there is too little
	Day      dayPart
	Hours    hoursPart
	Share    ui.Share
}

// officeService is a service with the number that was called last of its series.
type officeService struct {
	board.Service
	Called queue.Number // empty: none
}

// Unknown reports whether a service takes visitors and nobody can tell how long they
// wait: the page then says what to do.
func (p officePage) Unknown() bool {
	return slices.ContainsFunc(p.Office.Services, func(s board.Service) bool { return s.Accepting && s.UntilCalled == nil })
}

// OwnHours reports whether services have hours of their own: where all have the same,
// the office says them once.
func (p officePage) OwnHours() bool {
	first := p.Office.Services
	return len(first) > 0 && slices.ContainsFunc(first, func(s board.Service) bool {
		return !s.Closes.IsZero() && (!s.Opens.Equal(first[0].Opens) || !s.Closes.Equal(first[0].Closes))
	})
}

// aboutHours is what the part on days to come is drawn from.
type aboutHours struct {
	View  ui.View
	Hours hoursPart
}

// About hands hours to a template.
func (p officePage) About(h hoursPart) aboutHours { return aboutHours{p.View, h} }

// About hands hours to a template.
func (p closuresPage) About(h hoursPart) aboutHours { return aboutHours{p.View, h} }

// Map is the address of a map of the place, of the national survey; empty: not known.
func (p officePage) Map() string {
	if p.Office.Place == nil {
		return ""
	}
	at := coordinate(p.Office.Place.Lat) + "/" + coordinate(p.Office.Place.Lng)
	return "https://maps.gsi.go.jp/#17/" + at + "/"
}

// shownCalls bounds the recent calls of the office page.
const shownCalls = 6

func (p *Pages) office(c echo.Context) error {
	o, ok := p.deps.Boards.Office(queue.OfficeID(c.Param("office")))
	if !ok {
		return p.missing(c)
	}
	data := officePage{View: p.view(c), Office: o, Calls: o.Calls[:min(shownCalls, len(o.Calls))]}
	for _, s := range o.Services {
		data.Services = append(data.Services, officeService{s, calledLast(o.Calls, s)})
	}
	data.Past = p.recordLine(data.View, o.ID)
	data.Day = p.dayPart(data.View, o, queue.ServiceID(c.QueryParam("service")))
	data.Hours = p.hoursPart(data.View, o)
	data.Share = data.View.Share(data.T("office.share", "office", data.Name(o.Name)), page.Origin(c)+"/offices/"+string(o.ID))
	data.Title = data.Name(o.Name) + " | " + data.T("site.title")
	data.Style, data.Script, data.Part = "public/office.css", "public/office.js", "office"
	return page.RenderNow(c, p.pages, "office", data)
}

// calledLast returns the newest number of a service's series that was called to a
// first counter. The page's own module does the same (office.js).
func calledLast(calls []board.Call, s board.Service) queue.Number {
	for _, c := range calls {
		if c.Stage == queue.StageReception && strings.TrimRight(string(c.Number), "0123456789") == string(s.Series) {
			return c.Number
		}
	}
	return ""
}

// closures shows the days off of all offices that differ from their weeks.
type closuresPage struct {
	ui.View
	Offices []officeHours
}

type officeHours struct {
	ID    queue.OfficeID
	Name  board.Text
	Hours hoursPart
}

func (p *Pages) closures(c echo.Context) error {
	data := closuresPage{View: p.view(c)}
	data.Title = data.T("hours.all") + " | " + data.T("site.title")
	data.Style = "public/office.css"
	for _, o := range p.deps.Boards.Offices() {
		data.Offices = append(data.Offices, officeHours{o.ID, o.Name, p.hoursPart(data.View, o)})
	}
	if len(data.Offices) == 0 {
		return page.Render(c, http.StatusOK, p.pages, "closures", data)
	}
	return page.RenderTagged(c, p.pages, "closures", data)
}
