package embed

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

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

// Pages are what other sites show.
type Pages struct {
	site      page.Site
	boards    page.Boards
	publicURL string
	pages     *template.Template
	element   []byte // widget.js with the words of all languages
	small     []byte // the same, packed
	tag       string
}

// New reads the templates and makes the element. PublicURL stands before the paths in
// the codes that are copied; empty: as the browser reached the server.
func New(site page.Site, boards page.Boards, publicURL string) (*Pages, error) {
	pages, err := ui.Parse(Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("embedded pages: %w", err)
	}
	element, err := element()
	if err != nil {
		return nil, fmt.Errorf("widget: %w", err)
	}
	p := &Pages{site: site, boards: boards, publicURL: publicURL, pages: pages, element: element}
	sum := sha256.Sum256(p.element)
	p.small = ui.Gzip(p.element, gzip.BestCompression)
	p.tag = hex.EncodeToString(sum[:16])
	return p, nil
}

// elementKeys are the words that the element says, without those of "level.".
var elementKeys = []string{
	"label.waiting", "label.people", "label.called", "label.asof", "until.unknown", "until.soon", "until.within", "until.range", "until.more",
	"state.closed", "state.paused", "rehearsal.label", "widget.more", "widget.down", "widget.stale",
}

func elementWords() map[ui.Lang]map[string]string {
	all := map[ui.Lang]map[string]string{}
	for _, l := range ui.Languages {
		words := map[string]string{}
		for _, key := range elementKeys {
			words[key] = ui.PublicTexts.Say(l.Lang, key)
		}
		for _, level := range levels {
			words["level."+string(level)] = ui.PublicTexts.Say(l.Lang, "level."+string(level))
		}
		all[l.Lang] = words
	}
	return all
}

var levels = []board.Level{
	board.LevelQuiet, board.LevelModerate, board.LevelBusy, board.LevelVeryBusy, board.LevelClosed, board.LevelSuspended, board.LevelUnknown,
}

// element joins the element with what it imports and the words of all languages, as
// one script that a page of any age of tools can load.
func element() ([]byte, error) {
	script, err := Files.ReadFile("widget.js")
	if err != nil {
		return nil, err
	}
	words, err := json.Marshal(elementWords())
	if err != nil {
		return nil, err
	}
	script = imported.ReplaceAll(script, nil)
	at := []byte("const catalogue = /** @type {Record<string, Texts>} */ ({});")
	if bytes.Count(script, at) != 1 {
		return nil, errors.New("widget.js has no place for its words")
	}
	script = bytes.Replace(script, at, append(append([]byte("const catalogue="), words...), ';'), 1)
	told := bytes.ReplaceAll(ui.Told(), []byte("export function"), []byte("function"))
	all := append(append([]byte("(()=>{\n"), told...), script...)
	return squeeze(append(all, "})();\n"...)), nil
}

// imported matches what a script of its own does not need, remark what only its
// readers do.
var (
	imported = regexp.MustCompile(`(?m)^import .*$`)
	remark   = regexp.MustCompile(`(?s:/\*.*?\*/)|(?m:^\s*//.*$)`)
)

// squeeze leaves out remarks, and the space before lines.
func squeeze(script []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(remark.ReplaceAll(script, nil)) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out.Write(line)
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// Register adds the routes.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/widget.js", p.script)
	e.GET("/widget/:office", p.widget)
	e.GET("/embed", p.how)
}

// script sends the element to any site.
func (p *Pages) script(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	h.Set("Cache-Control", "public, max-age=3600, stale-if-error=604800")
	h.Set("X-Content-Type-Options", "nosniff")
	body := p.element
	tag := p.tag
	if ui.TakesGzip(c.Request()) {
		h.Set(echo.HeaderContentEncoding, "gzip")
		body, tag = p.small, tag+"-gz"
	}
	h.Add("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+tag+`"`)
	if strings.Contains(c.Request().Header.Get("If-None-Match"), p.tag) {
		h.Del(echo.HeaderContentEncoding)
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", body)
}

// widgetPage is one office in a frame.
type widgetPage struct {
	ui.View
	Office board.Office
	Head   ui.Headline
	Rows   []board.Service
	Link   string
}

// framePolicy is that of all pages, but anybody may frame it.
const framePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"

// widgetRefresh is how often the frame's page comes anew where no script runs, in
// seconds.
const widgetRefresh = 60

// widget is the page for a frame. It takes its language and colours from its address
// alone, and remembers nothing.
func (p *Pages) widget(c echo.Context) error {
	v := p.view(c)
	data := widgetPage{View: v}
	o, ok := p.boards.Office(queue.OfficeID(c.Param("office")))
	data.Style, data.Bare, data.NoIndex = "embed/widget.css", true, true
	data.Title = data.T("site.title")
	if !ok {
		return p.frame(c, http.StatusNotFound, "widget-missing", data)
	}
	data.Office, data.Head, data.Script, data.Part, data.Refresh = o, ui.Summarize(o, ""), "embed/frame.js", "office", widgetRefresh
	for _, s := range o.Services {
		if !s.Private && s.Accepting {
			data.Rows = append(data.Rows, s)
		}
	}
	slices.SortStableFunc(data.Rows, func(a, b board.Service) int { return b.Waiting - a.Waiting })
	data.Rows = data.Rows[:min(widgetRows, len(data.Rows))]
	data.Title = data.Name(o.Name)
	data.Link = "/offices/" + url.PathEscape(string(o.ID)) + "?lang=" + string(data.Lang)
	return p.frame(c, http.StatusOK, "widget", data)
}

// widgetRows is how many services the frame has room for.
const widgetRows = 3

// view is a page's view by its address alone.
func (p *Pages) view(c echo.Context) ui.View {
	r := c.Request().Clone(c.Request().Context())
	r.Header.Del("Cookie")
	lang := ui.Choose(r, ui.PublicTexts)
	v := ui.View{Texts: ui.PublicTexts, Set: "public", Assets: p.site.Assets, Lang: lang, Path: r.URL.Path, Query: r.URL.Query(), City: p.site.City.In(string(lang)), Rehearsal: p.site.Rehearsal}
	v.Theme = ui.ChooseTheme(r)
	return v
}

// frame writes the page for a frame, tagged and without a cookie.
func (p *Pages) frame(c echo.Context, status int, name string, data widgetPage) error {
	var out bytes.Buffer
	if err := p.pages.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h := c.Response().Header()
	ui.Protect(h)
	h.Del("X-Frame-Options")
	h.Set("Content-Security-Policy", framePolicy)
	h.Set("Cross-Origin-Opener-Policy", "unsafe-none")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Language")
	h.Set("Cache-Control", "public, max-age=10, stale-if-error=60")
	sum := sha256.Sum256(out.Bytes())
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h.Set("ETag", tag)
	if strings.Contains(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.HTMLBlob(status, out.Bytes())
}
