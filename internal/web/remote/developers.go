package remote

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// reading is something that programs read, with an example of how.
type reading struct {
	Key     string // of its sentence: "dev.KEY"
	Path    string
	Example string // of a terminal, or of a page; URL stands for the server's address
}

// Readings lists all that programs may read here, by what it is.
var Readings = []struct {
	Key  string
	List []reading
}{
	{"now", []reading{
		{"offices", "/api/v1/offices", `curl -s URL/api/v1/offices`},
		{"office", "/api/v1/offices/{office}", `curl -s URL/api/v1/offices/km-setagaya`},
		{"etag", "/api/v1/offices", `curl -s -i -H 'If-None-Match: "TAG"' URL/api/v1/offices`},
		{"spoken", "/api/v1/offices/{office}/spoken", `curl -s 'URL/api/v1/offices/km-setagaya/spoken?lang=ja'`},
		{"curve", "/api/v1/offices/{office}/curve", `curl -s URL/api/v1/offices/km-setagaya/curve`},
		{"forecast", "/api/v1/offices/{office}/forecast", `curl -s 'URL/api/v1/offices/km-setagaya/forecast?from=2026-04-06&to=2026-04-12'`},
	}},
	{"live", []reading{
		{"ws", "/api/v1/live", `new WebSocket("WSS/api/v1/live?office=km-setagaya").onmessage = (e) => console.log(JSON.parse(e.data).data)`},
		{"sse", "/api/v1/live/sse", `curl -sN 'URL/api/v1/live/sse?office=km-setagaya'`},
		{"asyncapi", "/asyncapi.yaml", `curl -s URL/asyncapi.yaml`},
	}},
	{"data", []reading{
		{"congestion", "/api/v1/open-data/congestion.csv", `curl -s URL/api/v1/open-data/congestion.csv`},
		{"congestion.json", "/api/v1/open-data/congestion.json", `curl -s URL/api/v1/open-data/congestion.json`},
		{"history", "/api/v1/open-data/history.csv", `curl -s 'URL/api/v1/open-data/history.csv?from=2026-03-01&to=2026-03-31'`},
		{"history.json", "/api/v1/open-data/history.json", `curl -s 'URL/api/v1/open-data/history.json?from=2026-03-01&to=2026-03-31'`},
		{"days", "/api/v1/open-data/days.csv", `curl -s 'URL/api/v1/open-data/days.csv?from=2026-03-01&to=2026-03-31'`},
		{"days.json", "/api/v1/open-data/days.json", `curl -s 'URL/api/v1/open-data/days.json?from=2026-03-01&to=2026-03-31'`},
		{"months", "/api/v1/open-data/months.csv", `curl -s URL/api/v1/open-data/months.csv`},
		{"months.json", "/api/v1/open-data/months.json", `curl -s URL/api/v1/open-data/months.json`},
		{"plan", "/api/v1/open-data/plan.csv", `curl -s URL/api/v1/open-data/plan.csv`},
		{"plan.json", "/api/v1/open-data/plan.json", `curl -s URL/api/v1/open-data/plan.json`},
		{"list", "/api/v1/open-data/offices.csv", `curl -s URL/api/v1/open-data/offices.csv`},
		{"list.json", "/api/v1/open-data/offices.json", `curl -s URL/api/v1/open-data/offices.json`},
		{"record", "/api/v1/open-data/record.csv", `curl -s URL/api/v1/open-data/record.csv`},
		{"record.json", "/api/v1/open-data/record.json", `curl -s URL/api/v1/open-data/record.json`},
		{"datapackage", "/api/v1/open-data/datapackage.json", `curl -s URL/api/v1/open-data/datapackage.json`},
	}},
	{"subscribe", []reading{
		{"ics", "/offices/{office}/closures.ics", `curl -s URL/offices/km-setagaya/closures.ics`},
		{"ics.busy", "/offices/{office}/forecast.ics", `curl -s URL/offices/km-setagaya/forecast.ics`},
		{"feed", "/feed.json", `curl -s URL/feed.json`},
		{"feed.office", "/offices/{office}/feed.json", `curl -s URL/offices/km-setagaya/feed.json`},
		{"webhooks", "/api/v1/webhooks", `curl -s -H 'Authorization: Bearer TOKEN' URL/api/v1/webhooks`},
	}},
	{"pages", []reading{
		{"widget", "/widget/{office}", `<iframe src="URL/widget/km-setagaya" title="混みぐあい" width="320" height="240"></iframe>`},
		{"element", "/widget.js", `<script type="module" src="URL/widget.js"></script> <office-congestion office="km-setagaya"></office-congestion>`},
	}},
	{"about", []reading{
		{"openapi", "/openapi.yaml", `curl -s URL/openapi.yaml`},
		{"robots", "/robots.txt", `curl -s URL/robots.txt`},
		{"security", "/.well-known/security.txt", `curl -s URL/.well-known/security.txt`},
	}},
}

type developersPage struct {
	ui.View
	Server string // its address
	Live   string // the same, for WebSockets
}

// Sections are the readings with the server's own address in their examples.
func (p developersPage) Sections() any { return Readings }

func (p *Pages) developers(c echo.Context) error {
	data := developersPage{View: p.site.View(c, ui.PublicTexts, "public"), Server: c.Scheme() + "://" + c.Request().Host}
	data.Live = "ws" + data.Server[len("http"):]
	data.Title = data.T("dev.title") + " | " + data.T("site.title")
	data.Style = "remote/developers.css"
	return page.Render(c, http.StatusOK, p.pages, "developers", data)
}

func addresses(server, live string) *strings.Replacer {
	return strings.NewReplacer("WSS/", live+"/", "URL/", server+"/")
}

// Example fills the server's address into an example.
func (p developersPage) Example(r reading) string {
	return addresses(p.Server, p.Live).Replace(r.Example)
}

// Link is the address of what can be opened as it stands; empty: it wants an office,
// or is no page.
func (p developersPage) Link(r reading) string {
	if r.Example == "curl -s URL"+r.Path && r.Path != "/.well-known/security.txt" {
		return r.Path
	}
	return ""
}
