package public

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// registerApp adds what makes the pages an application that can be kept on a telephone.
func (p *Pages) registerApp(e *echo.Echo) {
	e.GET("/manifest.webmanifest", p.manifest)
	e.GET("/worker.js", p.appWorker)
	e.GET("/offline", p.offline)
}

// manifest is the application as telephones install it, in the reader's language.
type manifest struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	ShortName   string         `json:"short_name"`
	Description string         `json:"description"`
	Lang        string         `json:"lang"`
	StartURL    string         `json:"start_url"`
	Scope       string         `json:"scope"`
	Display     string         `json:"display"`
	Background  string         `json:"background_color"`
	Theme       string         `json:"theme_color"`
	Icons       []manifestIcon `json:"icons"`
	Shortcuts   []shortcut     `json:"shortcuts"`
}

type manifestIcon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

type shortcut struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func (p *Pages) manifest(c echo.Context) error {
	v := p.view(c)
	icon := func(name, sizes, purpose string) manifestIcon {
		return manifestIcon{v.Asset("public/icons/" + name), sizes, "image/png", purpose}
	}
	raw, err := json.Marshal(manifest{
		ID: "/", Name: v.T("site.title"), ShortName: v.T("nav.now"), Description: v.T("home.lead"), Lang: string(v.Lang),
		StartURL: "/", Scope: "/", Display: "standalone", Background: "#faf8f3", Theme: "#1d3f66",
		Icons: []manifestIcon{
			icon("icon-192.png", "192x192", "any"), icon("icon-512.png", "512x512", "any"), icon("maskable-512.png", "512x512", "maskable"),
		},
		Shortcuts: []shortcut{{v.T("go.title"), "/go"}, {v.T("matters.title"), "/matters"}},
	})
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "public, max-age=3600")
	header.Set("Vary", "Accept-Language, Cookie")
	return c.Blob(http.StatusOK, "application/manifest+json", raw)
}

// workerParts are the files that the worker is made of, in their order: what answers
// without a line, and what takes notices.
var workerParts = []string{"worker.js", "push.js"}

// appWorker serves the worker of the residents' pages, with the few words that it says by
// itself in front.
func (p *Pages) appWorker(c echo.Context) error {
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("Cache-Control", "no-cache")
	header.Set(echo.HeaderContentType, "text/javascript; charset=utf-8")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", p.app)
}

// appScript puts the worker together.
func appScript() ([]byte, error) {
	words := map[ui.Lang]map[string]string{}
	for lang, texts := range ui.PublicTexts {
		words[lang] = map[string]string{}
		for _, key := range []string{"offline.old", "span.minutes", "span.hours", "span.both"} {
			words[lang][key] = texts[key]
		}
	}
	raw, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	script := append([]byte("self.words = "), raw...)
	script = append(script, ";\n"...)
	for _, name := range workerParts {
		part, err := Files.ReadFile(name)
		if err != nil {
			continue // a part that this program has not
		}
		script = append(append(script, part...), '\n')
	}
	return script, nil
}

// offlinePage is what a telephone shows when it can neither reach the server nor has
// anything of today.
type offlinePage struct{ ui.View }

func (p *Pages) offline(c echo.Context) error {
	data := offlinePage{p.view(c)}
	data.Title = data.T("offline.title") + " | " + data.T("site.title")
	data.Style, data.Script, data.NoIndex = "public/public.css", "public/plain.js", true
	return page.RenderTagged(c, p.pages, "offline", data)
}
