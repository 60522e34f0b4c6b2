package page

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
)

// Boards are the newest public views.
type Boards interface {
	Offices() []board.Office
	Office(id queue.OfficeID) (board.Office, bool)
}

// Tickets finds a ticket by its secret.
type Tickets interface {
	Ticket(secret string) (board.TicketStatus, bool)
}

// Consoles are the newest views of the counters.
type Consoles interface {
	Console(office queue.OfficeID, counter queue.CounterID) (board.Console, bool)
}

// Dashboards are the newest views of all offices for a manager.
type Dashboards interface {
	Dashboards() []board.Dashboard
}

// Identity is a member of staff, as far as pages need to know.
type Identity struct {
	ID      string // of the account, or of a token
	Name    string
	Manager bool
	Role    string // the strongest: reception, staff, manager or admin
	// Office is where the person has that role; empty: at any office.
	Office queue.OfficeID
	Grants []Grant // of an account: every role
	Owes   string  // what the person must do before anything else
}

// Grant is one role, at one office or, where Office is empty, at all.
type Grant struct {
	Role   string
	Office queue.OfficeID
}

// At returns the role that the member of staff has at an office, the strongest of
// several; empty: none.
func (i Identity) At(office queue.OfficeID) string {
	grants := i.Grants
	if len(grants) == 0 {
		grants = []Grant{{i.role(), i.Office}}
	}
	found := -1
	for _, g := range grants {
		if g.Office == "" || g.Office == office {
			found = max(found, slices.Index(roles, g.Role))
		}
	}
	if found < 0 {
		return ""
	}
	return roles[found]
}

// role is the role of a token; whoever does not say is a clerk.
func (i Identity) role() string {
	switch {
	case i.Role != "":
		return i.Role
	case i.Manager:
		return "manager"
	}
	return "staff"
}

// roles are the roles of people, the weakest first.
var roles = []string{"reception", "staff", "manager", "admin"}

// May reports whether the member of staff works at an office in any role.
func (i Identity) May(office queue.OfficeID) bool { return i.At(office) != "" }

// Begin is the page of an office where the member of staff begins: the desk or the
// counters.
func (i Identity) Begin(office queue.OfficeID) string {
	at := "/staff/" + url.PathEscape(string(office))
	if i.At(office) == "reception" {
		at += "/desk"
	}
	return at
}

// Clerk reports whether the member of staff may serve at a counter of an office.
func (i Identity) Clerk(office queue.OfficeID) bool {
	return i.May(office) && i.At(office) != "reception"
}

// Identify says who sent a request, if staff did.
type Identify func(c echo.Context) (Identity, bool)

// Site is what all pages of a server have in common.
type Site struct {
	Assets    *ui.Assets
	City      board.Text
	Rehearsal bool
	Now       func() time.Time // the clock that tickets are measured by
	// Alerts counts what waits for whoever asks for a managers' page; nil: nothing does.
	Alerts func(c echo.Context) int
}

// View begins the data of a page: the language of the request and what the
// frame needs.
func (s Site) View(c echo.Context, texts ui.Texts, set string) ui.View {
	r := c.Request()
	lang := ui.Choose(r, texts)
	ui.Remember(c.Response(), r, lang)
	ui.RememberTheme(c.Response(), r)
	v := ui.View{
		Texts: texts, Set: set, Assets: s.Assets, Lang: lang, Path: r.URL.Path, Query: r.URL.Query(),
		City: s.City.In(string(lang)), Rehearsal: s.Rehearsal, Theme: ui.ChooseTheme(r),
		Manager: set == "staff" && (r.URL.Path == "/manager" || strings.HasPrefix(r.URL.Path, "/manager/")),
	}
	if v.Manager && s.Alerts != nil {
		v.Alerts = s.Alerts(c)
	}
	return v
}

// Render writes a page. It is drawn in full before the first byte is sent, so
// that an error never leaves half a page.
func Render(c echo.Context, status int, t *template.Template, name string, data any) error {
	var buffer bytes.Buffer
	if err := t.ExecuteTemplate(&buffer, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	header := c.Response().Header()
	ui.Protect(header)
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-cache")
	}
	return c.HTMLBlob(status, buffer.Bytes())
}

// Origin is what stands before the path of a page, as the browser reached the server.
func Origin(c echo.Context) string { return c.Scheme() + "://" + c.Request().Host }

// SignIn sends whoever has not signed in to the door, and from there back to the
// page that was asked for.
func SignIn(c echo.Context) error {
	if c.Request().Method != http.MethodGet {
		return SeeOther(c, "/staff/login")
	}
	return SeeOther(c, "/staff/login?"+url.Values{"next": {c.Request().URL.RequestURI()}}.Encode())
}

// SeeOther sends the browser on after a form.
func SeeOther(c echo.Context, path string) error {
	return c.Redirect(http.StatusSeeOther, path)
}
