package desk

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
	"machi/internal/guide"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
	"machi/internal/web/staff"
)

// Files are the styles, modules and templates of these pages.
//
//go:embed *.css *.js *.html
var Files embed.FS

// Views are the newest views of an office's desks.
type Views interface {
	// Reception lists the tickets whose number fits what was typed.
	Reception(office queue.OfficeID, typed string) (board.Reception, bool)
	Delivery(office queue.OfficeID) (board.Delivery, bool)
}

// Guide knows what visitors come for.
type Guide interface {
	Find(office queue.OfficeID, query string) (guide.Answer, bool)
	Matter(office queue.OfficeID, id string) (guide.Matter, bool)
	// Patience says after how long a case is long in the making, and late.
	Patience(id queue.ServiceID) (long, late time.Duration)
}

// Deps are what the desks are drawn from.
type Deps struct {
	Boards   page.Boards
	Consoles page.Consoles
	Views    Views
	Guide    Guide
	Identify page.Identify
	// PublicURL stands before the path of a ticket's page; empty: as the browser
	// reached the server.
	PublicURL string
}

// Pages are the desks' pages.
type Pages struct {
	site  page.Site
	deps  Deps
	pages *template.Template
}

// New reads the pages' templates.
func New(site page.Site, deps Deps) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err == nil {
		pages, err = pages.ParseFS(staff.Files, "outbox.html")
	}
	if err != nil {
		return nil, fmt.Errorf("desk pages: %w", err)
	}
	return &Pages{site: site, deps: deps, pages: pages}, nil
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/staff/:office/desk", p.reception)
	e.POST("/staff/:office/desk/do/*", p.doReception)
	e.GET("/staff/:office/delivery", p.delivery)
	e.POST("/staff/:office/delivery/do/*", p.doDelivery)
	e.GET("/staff/:office/slip/:number", p.slip)
}

// admit returns who asks, or nil when the answer has been given.
func (p *Pages) admit(c echo.Context) (*page.Identity, error) {
	who, ok := p.deps.Identify(c)
	switch {
	case !ok:
		return nil, page.SignIn(c)
	case !who.May(queue.OfficeID(c.Param("office"))):
		return nil, p.refuse(c, http.StatusForbidden, "staff.forbidden")
	}
	return &who, nil
}

type refusedPage struct {
	ui.View
	Words string
}

func (p *Pages) refuse(c echo.Context, status int, key string) error {
	data := refusedPage{View: p.view(c, "", "")}
	data.Words = data.T(key)
	data.Title = data.Words
	return p.render(c, status, "desk-refused", data)
}

func (p *Pages) view(c echo.Context, style, script string) ui.View {
	v := p.site.View(c, ui.StaffTexts, "staff")
	v.NoIndex, v.Style, v.Script = true, "desk/desk.css", script
	if style != "" {
		v.Style = style
	}
	return v
}

func (p *Pages) render(c echo.Context, status int, name string, data any) error {
	ui.Private(c.Response().Header())
	// A form's origin must reach the API, which asks for it.
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, status, p.pages, name, data)
}

// frame is what both desks' pages have in common.
type frame struct {
	ui.View
	Who     page.Identity
	Now     time.Time
	Problem string // code of what went wrong with a form
	About   string // the number that a problem or a success is about
	Did     string // key of what went well
	at      string // path of the page
	here    url.Values
}

func (p *Pages) frame(c echo.Context, who page.Identity, at string) frame {
	f := frame{View: p.view(c, "", "desk/desk.js"), Who: who, Now: p.site.Now(), at: at, here: url.Values{}}
	query := c.QueryParams()
	f.Problem, f.About, f.Did = page.CodeOf(query.Get("problem")), query.Get("about"), page.CodeOf(query.Get("did"))
	for _, name := range kept {
		if query.Get(name) != "" {
			f.here.Set(name, query.Get(name))
		}
	}
	return f
}

// kept are the parts of a page's address that say where it stands: the words of the
// search, the matter or service that was chosen, the number that was typed, the
// ticket that is open, the one just issued, the delivery counter, the view.
var kept = []string{"q", "matter", "service", "n", "t", "id", "issued", "counter", "only"}

// To returns the address of this page with some parts changed: pairs of a name and
// a value, an empty value takes the part away.
func (f frame) To(pairs ...any) string {
	next := url.Values{}
	for name, values := range f.here {
		next[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		next.Set(fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
		if next.Get(fmt.Sprint(pairs[i])) == "" {
			next.Del(fmt.Sprint(pairs[i]))
		}
	}
	if len(next) == 0 {
		return f.at
	}
	return f.at + "?" + next.Encode()
}

// Part returns a part of the address.
func (f frame) Part(name string) string { return f.here.Get(name) }

// Do returns where a form is sent; it comes back to where the page stands.
func (f frame) Do(command string) string {
	back := ""
	if len(f.here) > 0 {
		back = "?" + f.here.Encode()
	}
	return f.at + "/do/" + command + back
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (frame) Key() string { return rand.Text() }

// Words returns a text of the guide in the page's language.
func (f frame) Words(t map[string]string) string { return f.Name(t) }

// Alert says in words what became of the last form, and whether it went well.
func (f frame) Alert() string {
	switch {
	case f.Problem != "":
		return f.Or("problem."+f.Problem, "problem.other", "code", f.Problem)
	case f.Did != "":
		return f.Or("did."+f.Did, "did.done", "n", f.About)
	}
	return ""
}

// Language returns a language's own name.
func (frame) Language(tag string) string {
	for _, l := range ui.Languages {
		if string(l.Lang) == tag {
			return l.Own
		}
	}
	return tag
}

// Waited says how long ago a moment was, in minutes.
func (f frame) Waited(since time.Time) string { return f.Span(int(f.Now.Sub(since).Seconds())) }
