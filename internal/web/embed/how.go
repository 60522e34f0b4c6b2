package embed

import (
	"fmt"
	"html"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// howPage shows how to put an office on another site.
type howPage struct {
	ui.View
	Offices []board.Office
	Tongues []tongue
	Colours []string

	Office queue.OfficeID // empty: there is none
	In     ui.Lang
	Colour string

	Frame       string // address of the frame's page
	ElementCode string
	FrameCode   string
}

type tongue struct {
	Lang ui.Lang
	Own  string
}

// colours are the looks that a widget can be given, as its reader's device first.
var colours = []string{"auto", "light", "dark"}

// how draws the page. What it was asked for with is only ever one of its own choices.
func (p *Pages) how(c echo.Context) error {
	data := howPage{View: p.site.View(c, ui.PublicTexts, "public"), Offices: p.boards.Offices(), Colours: colours, Colour: colours[0]}
	data.Title = data.T("embed.title") + " | " + data.T("site.title")
	data.Style, data.Script, data.Part, data.In = "public/office.css", "embed/how.js", "office", data.Lang
	for _, l := range ui.Languages {
		data.Tongues = append(data.Tongues, tongue{l.Lang, l.Own})
		if string(l.Lang) == c.QueryParam("in") {
			data.In = l.Lang
		}
	}
	if slices.Contains(colours, c.QueryParam("colours")) {
		data.Colour = c.QueryParam("colours")
	}
	for i, o := range data.Offices {
		if i == 0 || string(o.ID) == c.QueryParam("office") {
			data.Office = o.ID
		}
	}
	if data.Office != "" {
		data.codes(p.origin(c))
	}
	c.Response().Before(func() { // the example is this server's own frame
		h := c.Response().Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
	})
	return page.RenderTagged(c, p.pages, "embed", data)
}

func (p *Pages) origin(c echo.Context) string {
	if p.publicURL != "" {
		return p.publicURL
	}
	return c.Scheme() + "://" + c.Request().Host
}

// named returns the name of the office in the language of the widget.
func (d *howPage) named() string {
	for _, o := range d.Offices {
		if o.ID == d.Office {
			return o.Name.In(string(d.In))
		}
	}
	return ""
}

// codes writes what is copied. Every part of it is an id of the catalogue, a language
// or a look.
func (d *howPage) codes(origin string) {
	query := url.Values{"lang": {string(d.In)}}
	theme := ""
	if d.Colour != colours[0] {
		query.Set("theme", d.Colour)
		theme = fmt.Sprintf(" theme=\"%s\"", d.Colour)
	}
	d.Frame = "/widget/" + url.PathEscape(string(d.Office)) + "?" + query.Encode()
	title := html.EscapeString(d.named() + " - " + d.Texts.Say(d.In, "home.title"))
	d.ElementCode = fmt.Sprintf("<script src=\"%s\" async></script>\n<office-congestion office=\"%s\" lang=\"%s\"%s></office-congestion>\n<noscript><a href=\"%s\">%s</a></noscript>",
		origin+"/widget.js", d.Office, d.In, theme, origin+"/offices/"+url.PathEscape(string(d.Office)), title)
	d.FrameCode = fmt.Sprintf("<iframe src=\"%s\" title=\"%s\" width=\"380\" height=\"340\" loading=\"lazy\"></iframe>", html.EscapeString(origin+d.Frame), title)
}
