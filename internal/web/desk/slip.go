package desk

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/guide"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// slip is what the API says of a ticket for its paper.
type slip struct {
	board.TicketStatus
	StatusURL string `json:"status_url"`
}

// address returns the whole address of the ticket's page, empty where nobody can
// tell it any more.
func (s slip) address(c echo.Context, public string) string {
	switch {
	case s.StatusURL == "":
		return ""
	case strings.HasPrefix(s.StatusURL, "/"):
		if public == "" {
			public = c.Scheme() + "://" + c.Request().Host
		}
		return public + s.StatusURL
	}
	return s.StatusURL
}

// askSlip asks the API, as whoever asks for the page.
func (p *Pages) askSlip(c echo.Context, office queue.OfficeID, number string) (slip, string) {
	var s slip
	path := "/api/v1/offices/" + url.PathEscape(string(office)) + "/tickets/" + url.PathEscape(number) + "/slip"
	code := page.Ask(c, http.MethodGet, path, url.Values{}, &s)
	return s, code
}

type slipPage struct {
	ui.View
	Paper  ui.View // the page in the language of who gets the paper
	Slip   slip
	URL    string
	QR     page.Code
	Width  string // of the paper, in millimetres: 58 or 80
	Matter *guide.Matter
	Back   string
}

// Words returns a text of the guide in the paper's language.
func (p slipPage) Words(t map[string]string) string { return p.Paper.Name(t) }

// slip draws a ticket for paper of 58 or 80 mm, with the QR of its page and, where a
// matter is named, the forms and papers for it.
func (p *Pages) slip(c echo.Context) error {
	who, err := p.admit(c)
	if who == nil {
		return err
	}
	office := queue.OfficeID(c.Param("office"))
	s, code := p.askSlip(c, office, c.Param("number"))
	if code != "" {
		return p.refuse(c, http.StatusNotFound, "problem.unknown_ticket")
	}
	data := slipPage{View: p.view(c, "desk/slip.css", "desk/slip.js"), Slip: s, URL: s.address(c, p.deps.PublicURL), Width: "80"}
	if c.QueryParam("width") == "58" {
		data.Width = "58"
	}
	if data.URL != "" {
		data.QR = page.QR(data.URL)
	}
	if m, ok := p.deps.Guide.Matter(office, c.QueryParam("matter")); ok {
		data.Matter = &m
	}
	data.Back = "/staff/" + url.PathEscape(string(office)) + "/desk"
	data.Title = string(s.Number) + " " + data.T("slip.title")
	data.Bare = true
	data.Paper = data.View
	if lang := ui.Lang(c.QueryParam("paper")); data.Texts.Has(lang) {
		data.Paper.Lang = lang
	}
	return p.render(c, http.StatusOK, "slip", data)
}

// Sized returns the address of the same slip on paper of another width.
func (p slipPage) Sized(width string) string {
	query := url.Values{"width": {width}}
	if p.Matter != nil {
		query.Set("matter", p.Matter.ID)
	}
	if p.Paper.Lang != p.Lang {
		query.Set("paper", string(p.Paper.Lang))
	}
	return p.Path + "?" + query.Encode()
}

// Stamp returns a moment as it stands on paper.
func (slipPage) Stamp(at time.Time) string { return at.In(queue.JST).Format("2006-01-02 15:04") }

// Ahead says how many are called before.
func (p slipPage) Ahead() string { return frame{View: p.Paper}.Ahead(p.Slip.Ahead) }
