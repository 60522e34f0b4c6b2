package screens

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// screen is a registered screen as the API tells of it.
type screen struct {
	ID      string         `json:"id"`
	Office  queue.OfficeID `json:"office"`
	Name    string         `json:"name"`
	Made    time.Time      `json:"made"`
	State   string         `json:"state"`
	Heard   *time.Time     `json:"heard"`
	Since   *time.Time     `json:"since"`
	Stale   *time.Time     `json:"stale_since"`
	Size    string         `json:"size"`
	Showing string         `json:"showing"`
	Title   board.Text     `json:"showing_title"`
	Call    string         `json:"last_call"`
	Version string         `json:"version"`
	Token   string         `json:"token"`
}

type screensPage struct {
	common
	Screens   []screen `json:"screens"`
	Strangers int      `json:"unregistered"`
	New       *made    `json:"-"`
}

// made is a screen that was just registered: its address is shown once.
type made struct {
	screen
	Address string
	Code    page.Code
}

// Silent counts the screens that say nothing.
func (p screensPage) Silent() int {
	n := 0
	for _, s := range p.Screens {
		if s.Wrong() {
			n++
		}
	}
	return n
}

// Checked reports whether every screen had time to say that it is alive.
func (p screensPage) Checked() bool {
	return !slices.ContainsFunc(p.Screens, func(s screen) bool { return s.State == "unknown" })
}

// Wrong reports whether somebody should look at a screen.
func (s screen) Wrong() bool { return s.State != "alive" && s.State != "unknown" }

// Word is a screen's state in words.
func (p screensPage) Word(s screen) string { return p.T("screen.state." + s.State) }

// Advice says what to do about a screen.
func (p screensPage) Advice(s screen) string { return p.T("screen.advice." + s.State) }

// From says since when a screen is as it is.
func (p screensPage) From(s screen) string {
	switch {
	case s.State == "silent" && s.Heard != nil:
		return p.T("screen.heard", "t", p.Day(*s.Heard))
	case s.State == "stale" && s.Stale != nil:
		return p.T("screen.since", "t", p.Day(*s.Stale))
	case s.Since != nil && s.State == "alive":
		return p.T("screen.since", "t", p.Day(*s.Since))
	case s.State == "never":
		return p.T("screen.made", "t", p.Day(s.Made))
	}
	return ""
}

// screens lists the walls of an office, or of all that the reader manages.
func (p *Pages) screens(c echo.Context) error {
	return p.showScreens(c, nil)
}

func (p *Pages) showScreens(c echo.Context, fresh *made) error {
	d, err := p.admit(c, "screens")
	if d == nil {
		return err
	}
	data := screensPage{common: *d, New: fresh}
	if code := page.Fetch(c, api+"/screens?"+url.Values{"office": {string(d.At)}}.Encode(), &data); code != "" {
		data.Problem = code
	}
	return p.render(c, "screens", data)
}

// addScreen registers a screen and shows its address, which never stands in ours.
func (p *Pages) addScreen(c echo.Context) error {
	if d, err := p.admit(c, "screens"); d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	var s screen
	body := map[string]string{"office": form.Get("office"), "name": form.Get("name")}
	code, field := page.Command(c, http.MethodPost, api+"/screens", form.Get("idempotency_key"), body, &s)
	if code != "" {
		return back(c, "/manager/screens", code, field, "")
	}
	fresh := made{screen: s, Address: c.Scheme() + "://" + c.Request().Host + "/signage/" + url.PathEscape(string(s.Office)) + "#screen=" + s.Token}
	fresh.Code = page.QR(fresh.Address)
	return p.showScreens(c, &fresh)
}

// doScreen passes on what is to become of one screen.
func (p *Pages) doScreen(c echo.Context) error {
	if d, err := p.admit(c, "screens"); d == nil {
		return err
	}
	verb := c.Param("verb")
	if verb != "remove" && verb != "reload" {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	path := api + "/screens/" + url.PathEscape(c.Param("screen")) + "/" + verb
	code, field := page.Command(c, http.MethodPost, path, form.Get("idempotency_key"), struct{}{}, nil)
	return back(c, of("screens", form.Get("office")), code, field, verb)
}
