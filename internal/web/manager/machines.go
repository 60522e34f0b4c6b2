package manager

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

type machinesPage struct {
	ui.View
	board.Dashboard
	Rows    []page.Machine
	Problem string
	Done    string // what was done: revoke, pin
	Code    *enrolment
}

// enrolment is a one-time code, shown once.
type enrolment struct {
	Kiosk   string
	Code    string    `json:"code"`
	Expires time.Time `json:"expires_at"`
}

// machines shows the ticket machines of an office and what can be done about them.
func (p *Pages) machines(c echo.Context) error {
	return p.showMachines(c, nil)
}

func (p *Pages) showMachines(c echo.Context, code *enrolment) error {
	d, ok, err := p.managed(c)
	if !ok {
		return err
	}
	data := machinesPage{
		View: p.site.View(c, ui.StaffTexts, "staff"), Dashboard: d, Code: code,
		Problem: page.CodeOf(c.QueryParam("problem")), Done: page.CodeOf(c.QueryParam("done")),
	}
	data.Rows = page.Machines(data.View, d.Machines)
	data.Title = data.T("machines.title") + " " + data.Name(d.Office.Name)
	data.Style, data.Script, data.NoIndex = "manager/overview.css", "manager/machines.js", true
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, "machines", data)
}

// managed returns the office of the path if the asker manages it; otherwise the
// answer has been given.
func (p *Pages) managed(c echo.Context) (board.Dashboard, bool, error) {
	id := queue.OfficeID(c.Param("office"))
	who, ok := p.deps.Identify(c)
	switch {
	case !ok:
		return board.Dashboard{}, false, page.SignIn(c)
	case !who.Manager:
		return board.Dashboard{}, false, page.SeeOther(c, "/staff")
	case !who.May(id):
		return board.Dashboard{}, false, page.SeeOther(c, "/manager")
	}
	for _, d := range p.deps.Dashboards.Dashboards() {
		if d.Office.ID == id {
			return d, true, nil
		}
	}
	return board.Dashboard{}, false, page.SeeOther(c, "/manager")
}

// What a manager may do to machines, by the last part of the path.
const (
	doCode   = "enrol-code"
	doRevoke = "revoke"
	doPIN    = "pin"
)

// doMachine passes a form about one machine on. A new code is shown at once, and
// never stands in an address.
func (p *Pages) doMachine(c echo.Context) error {
	kiosk, verb := c.Param("kiosk"), c.Param("verb")
	if _, ok, err := p.managed(c); !ok {
		return err
	}
	if !slices.Contains([]string{doCode, doRevoke}, verb) {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	code := enrolment{Kiosk: kiosk}
	path := p.api(c) + url.PathEscape(kiosk) + "/" + verb
	problem := page.Ask(c, http.MethodPost, path, form, &code)
	if problem == "" && verb == doCode {
		return p.showMachines(c, &code)
	}
	return p.back(c, problem, verb)
}

// doPIN passes a new PIN of the office's machines on.
func (p *Pages) doPIN(c echo.Context) error {
	if _, ok, err := p.managed(c); !ok {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	return p.back(c, page.Relay(c, http.MethodPost, p.api(c)+"pin", form), doPIN)
}

func (p *Pages) api(c echo.Context) string {
	return "/api/v1/offices/" + url.PathEscape(c.Param("office")) + "/kiosks/"
}

func (p *Pages) back(c echo.Context, problem, done string) error {
	path := "/manager/" + url.PathEscape(c.Param("office")) + "/machines"
	if problem != "" {
		return page.SeeOther(c, path+"?problem="+url.QueryEscape(problem))
	}
	return page.SeeOther(c, path+"?done="+done)
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (machinesPage) Key() string { return rand.Text() }

// Digits returns the code as people read it aloud: 1234 5678.
func (e enrolment) Digits() string {
	return e.Code[:len(e.Code)/2] + " " + e.Code[len(e.Code)/2:]
}

// Service returns a service's name.
func (p machinesPage) Service(id queue.ServiceID) string {
	for _, s := range p.Office.Services {
		if s.ID == id {
			return p.Name(s.Name)
		}
	}
	return string(id)
}

// ProblemWords says what went wrong with a form.
func (p machinesPage) ProblemWords() string {
	return p.Or("problem."+p.Problem, "problem.other", "code", p.Problem)
}

// DoneWords says what was done.
func (p machinesPage) DoneWords() string {
	if p.Done == doRevoke || p.Done == doPIN {
		return p.T(p.Done + ".done")
	}
	return ""
}
