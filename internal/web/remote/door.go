package remote

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

type doorPage struct {
	remotePage
	QR    page.Code
	Sheet bool // the code leads on by itself: it holds the code of the day
}

// door is a sheet to be printed and, for a browser that has the screen's key behind
// the # of its address, the screen at the door.
func (p *Pages) door(c echo.Context) error {
	base, ok := p.base(c, "fh.door.title")
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	data := doorPage{remotePage: base}
	if c.QueryParam("lang") == "" { // it hangs at the door for everybody, whoever opened it
		data.Lang = ui.Japanese
		data.Title = data.T("fh.door.title") + " | " + data.Name(data.Office.Name)
	}
	address := c.Scheme() + "://" + c.Request().Host + own(c, "arrive")
	if sheet := page.CodeOf(c.QueryParam("sheet")); sheet != "" {
		data.Sheet = true
		address += "?code=" + url.QueryEscape(sheet)
	}
	data.QR = page.QR(address)
	data.City = p.site.City.In(string(data.Lang))
	data.Style, data.Script, data.NoIndex, data.OneLook = "remote/door.css", "remote/door.js", true, true
	return page.Render(c, http.StatusOK, p.pages, "door", data)
}

// tongue is the sheet's one sentence in a language.
type tongue struct {
	Lang ui.Lang
	Text string
}

// Tongues are the other languages of the sheet: whoever comes may read none of ours.
func (p doorPage) Tongues() []tongue {
	var list []tongue
	for _, l := range []ui.Lang{ui.Japanese, ui.English, ui.Chinese, ui.Korean} {
		if l != p.Lang {
			list = append(list, tongue{l, p.Texts.Say(l, "fh.door.one")})
		}
	}
	return list
}

// shown is what the screen at the door draws.
type shown struct {
	Code    string `json:"code"`
	Path    string `json:"path"`
	Size    int    `json:"size"`
	Changes int    `json:"changes_in_ms"`
	Problem string `json:"problem,omitempty"`
}

// screen passes the screen's key on and answers with the code as it is drawn.
func (p *Pages) screen(c echo.Context) error {
	ui.Private(c.Response().Header())
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	var now struct {
		shown
		URL string `json:"url"`
	}
	if code := page.Post(c, api(c)+"door", "", map[string]string{"key": form.Get("key")}, &now); code != "" {
		return c.JSON(http.StatusConflict, shown{Problem: code}) // no way in is shut: a key was wrong
	}
	at, err := url.Parse(now.URL)
	if err != nil {
		return err
	}
	if at.Host == "" {
		at.Scheme, at.Host = c.Scheme(), c.Request().Host
	}
	qr := page.QR(at.String())
	now.Path, now.Size = qr.Path, qr.Size
	return c.JSON(http.StatusOK, now.shown)
}

// today is what the API says to a manager.
type today struct {
	Allowed bool   `json:"allowed"`
	Open    bool   `json:"open"`
	Taken   int    `json:"taken"`
	Away    int    `json:"away"`
	Came    int    `json:"came"`
	Lapsed  int    `json:"lapsed"`
	GaveUp  int    `json:"gave_up"`
	Others  int    `json:"others"`
	Door    string `json:"door_url"`
	Sheet   string `json:"sheet_url"`
}

type managePage struct {
	remotePage
	today
	Done bool
}

// Figures are the day's counts with their words.
func (p managePage) Figures() []figure {
	return []figure{
		{p.T("fromhome.taken"), p.Taken},
		{p.T("fromhome.away"), p.Away},
		{p.T("fromhome.came"), p.Came},
		{p.T("fromhome.lapsed"), p.Lapsed},
		{p.T("fromhome.gaveup"), p.GaveUp},
		{p.T("fromhome.others"), p.Others},
	}
}

type figure struct {
	Name string
	N    int
}

// manage is the manager's switch, with the day so far.
func (p *Pages) manage(c echo.Context) error {
	base, ok := p.base(c, "fromhome.title")
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	base.View = p.site.View(c, ui.StaffTexts, "staff")
	base.Title = base.T("fromhome.title") + " " + base.Name(base.Office.Name)
	data := managePage{remotePage: base, Done: c.QueryParam("done") != ""}
	who, signed := p.identify(c)
	switch {
	case !signed:
		return page.SignIn(c)
	case !who.Manager || !who.May(base.Office.ID):
		return page.SeeOther(c, "/manager")
	}
	if page.Fetch(c, api(c)+"from-home/today", &data.today) != "" {
		return page.SeeOther(c, "/manager")
	}
	data.Style, data.NoIndex = "remote/remote.css", true
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, "manage", data)
}

// set passes the manager's switch on.
func (p *Pages) set(c echo.Context) error {
	who, signed := p.identify(c)
	switch {
	case !signed:
		return page.SignIn(c)
	case !who.Manager:
		return page.SeeOther(c, "/manager")
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	at := "/manager/" + url.PathEscape(c.Param("office")) + "/from-home"
	body := map[string]any{"open": form.Get("open") == "true", "reason": form.Get("reason")}
	if code := page.Post(c, api(c)+"from-home/state", form.Get("idempotency_key"), body, nil); code != "" {
		return page.SeeOther(c, at+"?problem="+url.QueryEscape(code))
	}
	return page.SeeOther(c, at+"?done=1")
}
