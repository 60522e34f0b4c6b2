package ui

import (
	"html/template"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"time"

	"machi/internal/board"
)

// View is what every page's template may ask: the language, the words, the
// paths. Pages embed it in their own data.
type View struct {
	Texts     Texts
	Assets    *Assets
	Lang      Lang
	Set       string // of the catalogue: public or staff
	Part      string // of the catalogue that the page's module reads beside the words of all; empty: every one
	Path      string // of the page
	Query     url.Values
	Title     string
	Summary   string // the page in a sentence, for those that list it
	City      string
	Rehearsal bool
	Style     string // the page's own style sheet, an asset
	Script    string // the page's own module, an asset
	// Emergencies stand above a page of residents; OneOffice: all of the page is about one.
	Emergencies []Banner
	OneOffice   bool
	Bare        bool // without masthead and foot: consoles and walls
	NoIndex     bool
	Refresh     int   // seconds until the page comes anew where no script runs; 0: it does not
	Theme       Theme // as the reader chose; empty: as the reader's machine says
	Home        bool  // the page is the way back, so it needs none
	OneLook     bool  // the page has colours of its own, whatever the reader chose
	Manager     bool  // the page is for managers
	Alerts      int   // of the managers' navigation: how many wait for somebody
}

// Themes reports whether the page can be drawn in every theme.
func (v View) Themes() bool { return v.Resident() || v.Manager && !v.OneLook }

// Resident reports whether the page is one of those that residents look at.
func (v View) Resident() bool { return v.Set == "public" && !v.OneLook }

// T returns a text of the page's language.
func (v View) T(key string, pairs ...any) string { return v.Texts.Say(v.Lang, key, pairs...) }

// Or returns a text, or another where the first does not exist.
func (v View) Or(key, otherwise string, pairs ...any) string {
	return v.Texts.SayOr(v.Lang, key, otherwise, pairs...)
}

// Name returns a name of the catalogue in the page's language.
func (v View) Name(text board.Text) string { return text.In(string(v.Lang)) }

// Asset returns the path of a file.
func (v View) Asset(name string) string { return v.Assets.Path(name) }

// Until says an estimate in words.
func (v View) Until(e *board.Estimate) string { return v.Texts.Range(v.Lang, e) }

// Short says an estimate where there is little room: of the shortest, its upper end alone.
func (v View) Short(e *board.Estimate) string { return v.Texts.Short(v.Lang, e) }

// Span says seconds in minutes.
func (v View) Span(seconds int) string { return v.Texts.Span(v.Lang, seconds) }

// Standing returns the state that is said of an office.
func (v View) Standing(o board.Office) string { return Standing(o) }

// Clock returns a time of day with seconds.
func (v View) Clock(at time.Time) string { return Clock(at) }

// Hour returns a time of day without seconds.
func (v View) Hour(at time.Time) string { return HourMinute(at) }

// Icons returns where the icons are.
func (v View) Icons() string { return v.Asset("icons.svg") }

// Badge is a level as it is drawn: word, shape and tone.
type Badge struct {
	Level       board.Level
	Word, Icons string
}

// Badge returns how a level is drawn.
func (v View) Badge(level board.Level) Badge {
	return Badge{level, v.T("level." + string(level)), v.Icons()}
}

// Choice is a language of the switch.
type Choice struct {
	Lang    Lang
	Own     string
	Href    string
	Current bool
}

// Choices returns the languages of the page, each with the address of the same
// page in it.
func (v View) Choices() []Choice {
	var list []Choice
	for _, l := range Languages {
		if !v.Texts.Has(l.Lang) {
			continue
		}
		list = append(list, Choice{l.Lang, l.Own, v.with("lang", string(l.Lang)), l.Lang == v.Lang})
	}
	return list
}

// with returns the address of the same page with one more thing asked of it.
func (v View) with(key, value string) string {
	query := maps.Clone(v.Query)
	if query == nil {
		query = url.Values{}
	}
	query.Set(key, value)
	return v.Path + "?" + query.Encode()
}

// Catalogue returns where the browser fetches the page's words.
func (v View) Catalogue() string {
	return v.Asset(path.Join("texts", v.Set, v.Part, string(v.Lang)+".json"))
}

// Tongue returns the language that a text is shown in where that is not the page's own:
// Japanese, in which every text is written.
func (v View) Tongue(text board.Text) string {
	if text[string(v.Lang)] != "" || v.Lang == Japanese {
		return ""
	}
	return string(Japanese)
}

// Parse reads a page's templates together with the shared frame.
func Parse(files fs.FS, patterns ...string) (*template.Template, error) {
	frame, err := template.ParseFS(frameFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	return frame.ParseFS(files, patterns...)
}
