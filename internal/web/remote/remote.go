package remote

import (
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Pages are the pages of tickets from home.
type Pages struct {
	site     page.Site
	boards   page.Boards
	identify page.Identify
	pages    *template.Template
}

// New reads the pages' templates.
func New(site page.Site, boards page.Boards, identify page.Identify) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("pages of tickets from home: %w", err)
	}
	return &Pages{site: site, boards: boards, identify: identify, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/developers", p.developers)
	e.GET("/offices/:office/from-home", p.home)
	e.POST("/offices/:office/from-home", p.take)
	e.GET("/offices/:office/arrive", p.arrival)
	e.POST("/offices/:office/arrive", p.arrive)
	e.GET("/offices/:office/door", p.door)
	e.POST("/offices/:office/door", p.screen)
	e.GET("/manager/:office/from-home", p.manage)
	e.POST("/manager/:office/from-home", p.set)
}

// remotePage is what these pages have in common.
type remotePage struct {
	ui.View
	Office  board.Office
	Problem string // a code
}

// ProblemWords says what stood against a form.
func (p remotePage) ProblemWords() string {
	return p.Or("fh.problem."+p.Problem, "fh.problem.other")
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (remotePage) Key() string { return rand.Text() }

// state is what the API says to who is at home.
type state struct {
	Enabled bool       `json:"enabled"`
	Why     string     `json:"why"`
	Message string     `json:"message"`
	Left    int        `json:"left"`
	Opens   *time.Time `json:"opens_again"`
	Rules   struct {
		PerSlot int  `json:"per_ten_minutes"`
		Keep    int  `json:"keep_seconds"`
		Expire  int  `json:"expire_seconds"`
		ByPhone bool `json:"check_in_by_phone"`
	} `json:"rules"`
	Services []struct {
		ID          queue.ServiceID `json:"id"`
		Name        board.Text      `json:"name"`
		Accepting   bool            `json:"accepting"`
		Waiting     int             `json:"waiting"`
		UntilCalled *board.Estimate `json:"until_called"`
	} `json:"services"`
	Work struct {
		Challenge string `json:"challenge"`
		Bits      int    `json:"bits"`
	} `json:"proof"`
	Mine *ticket `json:"mine"`
}

// ticket is the ticket of the asking device.
type ticket struct {
	Number    queue.Number `json:"number"`
	State     queue.Status `json:"state"`
	Away      bool         `json:"away"`
	KeepUntil *time.Time   `json:"keep_until"`
	Secret    string       `json:"secret"`
}

// Path is the page of the ticket.
func (t ticket) Path() string { return "/t/" + t.Secret }

type homePage struct {
	remotePage
	state
	Chosen queue.ServiceID
}

// Steps are the rules in plain words, in the order in which they matter.
func (p homePage) Steps() []string {
	come := "fh.rule.come"
	if !p.Rules.ByPhone {
		come = "fh.rule.come.machine"
	}
	return []string{
		p.T("fh.rule.keep", "keep", p.Span(p.Rules.Keep)), p.T(come), p.T("fh.rule.late"),
		p.T("fh.rule.slot", "n", p.Rules.PerSlot), p.T("fh.rule.expire", "expire", p.Span(p.Rules.Expire)), p.T("fh.rule.device"),
	}
}

// Unknown reports whether nobody can tell the wait of something that is taken here:
// that is said once.
func (p homePage) Unknown() bool {
	for _, s := range p.Services {
		if s.Accepting && s.UntilCalled == nil {
			return true
		}
	}
	return false
}

// Reason says why nobody can take a ticket now.
func (p homePage) Reason() string {
	return p.Or("fh.why."+p.Why, "fh.why.other")
}

// api is the path of an office in the API.
func api(c echo.Context) string { return "/api/v1/offices/" + url.PathEscape(c.Param("office")) + "/" }

// own is the path of a page of an office.
func own(c echo.Context, name string) string {
	return "/offices/" + url.PathEscape(c.Param("office")) + "/" + name
}

func (p *Pages) base(c echo.Context, title string) (remotePage, bool) {
	o, ok := p.boards.Office(queue.OfficeID(c.Param("office")))
	data := remotePage{View: p.site.View(c, ui.PublicTexts, "public"), Office: o, Problem: page.CodeOf(c.QueryParam("problem"))}
	data.Title = data.T(title) + " | " + data.Name(o.Name)
	data.Style = "remote/remote.css"
	return data, ok
}

func (p *Pages) home(c echo.Context) error {
	base, ok := p.base(c, "fh.title")
	data := homePage{remotePage: base, Chosen: queue.ServiceID(c.QueryParam("service"))}
	if !ok || page.Fetch(c, api(c)+"from-home", &data.state) != "" {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	data.Script = "remote/take.js"
	ui.Private(c.Response().Header())
	return page.Render(c, http.StatusOK, p.pages, "from-home", data)
}

// take passes the form on. A ticket's own page says the rest.
func (p *Pages) take(c echo.Context) error {
	ui.Private(c.Response().Header())
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	var taken ticket
	body := map[string]string{"service": form.Get("service"), "language": string(p.site.View(c, ui.PublicTexts, "public").Lang), "proof": form.Get("proof")}
	code := page.Post(c, api(c)+"from-home", form.Get("idempotency_key"), body, &taken)
	switch {
	case code == string(queue.HomeDevice):
		return page.SeeOther(c, own(c, "from-home")+"#mine")
	case code != "":
		return page.SeeOther(c, own(c, "from-home")+"?problem="+url.QueryEscape(code))
	case taken.Secret == "":
		return page.SeeOther(c, own(c, "from-home"))
	}
	return page.SeeOther(c, taken.Path())
}

type arrivePage struct {
	remotePage
	state
	Code string // as it was scanned; empty: it is to be typed
}

func (p *Pages) arrival(c echo.Context) error {
	base, ok := p.base(c, "fh.arrive.title")
	data := arrivePage{remotePage: base, Code: page.CodeOf(c.QueryParam("code"))}
	if !ok || page.Fetch(c, api(c)+"from-home", &data.state) != "" {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	if data.Problem == "door_code_wrong" {
		data.Code = ""
	}
	data.NoIndex = true
	ui.Private(c.Response().Header())
	return page.Render(c, http.StatusOK, p.pages, "arrive", data)
}

func (p *Pages) arrive(c echo.Context) error {
	ui.Private(c.Response().Header())
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	var here ticket
	code := page.Post(c, api(c)+"arrive", form.Get("idempotency_key"), map[string]string{"code": page.Digits(form.Get("door"))}, &here)
	if code != "" && code != string(queue.AlreadyHere) {
		return page.SeeOther(c, own(c, "arrive")+"?problem="+url.QueryEscape(code))
	}
	if here.Secret == "" {
		return page.SeeOther(c, own(c, "arrive"))
	}
	return page.SeeOther(c, here.Path())
}
