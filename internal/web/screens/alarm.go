package screens

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/signs"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// alarm is an emergency message as the API tells of it.
type alarm struct {
	ID     string         `json:"id"`
	Office queue.OfficeID `json:"office"`
	Kind   string         `json:"kind"`
	Detail board.Text     `json:"detail"`
	Since  time.Time      `json:"since"`
	Until  *time.Time     `json:"until"`
	By     string         `json:"by"`
	Force  bool           `json:"in_force"`
	Ended  *time.Time     `json:"ended"`
}

type alarmPage struct {
	common
	Alarms []alarm `json:"emergencies"`
}

// Standing lists what is in force where the reader looks, or what is over.
func (p alarmPage) Standing(force bool) []alarm {
	var list []alarm
	for _, a := range p.Alarms {
		if a.Force == force && (p.At == "" || a.Office == "" || a.Office == p.At) && len(list) < 20 {
			list = append(list, a)
		}
	}
	return list
}

// Kinds are the kinds of messages, the gravest first.
func (alarmPage) Kinds() []string { return signs.EmergencyKinds }

// Sentence is the prepared sentence of a kind, as residents read it in a language.
func (alarmPage) Sentence(kind, lang string) string {
	return ui.PublicTexts.Say(ui.Lang(lang), "emergency."+kind)
}

// Langs are the languages of residents.
func (alarmPage) Langs() []string { return signs.Languages }

// Ends reports whether the reader may end a message.
func (p alarmPage) Ends(a alarm) bool { return a.Office != "" || p.All() }

// emergency shows what is in force and the form for another.
func (p *Pages) emergency(c echo.Context) error {
	d, err := p.admit(c, "emergency")
	if d == nil {
		return err
	}
	data := alarmPage{common: *d}
	if code := page.Fetch(c, api+"/emergencies", &data); code != "" {
		data.Problem = code
	}
	return p.render(c, "emergency", data)
}

// beginEmergency passes on a message that somebody has confirmed.
func (p *Pages) beginEmergency(c echo.Context) error {
	if d, err := p.admit(c, "emergency"); d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	office := form.Get("office")
	if office == "*" {
		office = ""
	}
	if form.Get("confirm") != "true" {
		return back(c, of("emergency", office), "confirm_missing", "", "")
	}
	detail := map[string]string{}
	for _, lang := range signs.Languages {
		if text := form.Get("detail_" + lang); text != "" {
			detail[lang] = text
		}
	}
	minutes, _ := strconv.Atoi(form.Get("minutes")) // none: until it is ended
	body := map[string]any{"kind": form.Get("kind"), "detail": detail, "minutes": minutes}
	if office != "" {
		body["office"] = office
	}
	code, field := page.Command(c, http.MethodPost, api+"/emergencies", form.Get("idempotency_key"), body, nil)
	return back(c, of("emergency", office), code, field, "begin")
}

// endEmergency takes a message down.
func (p *Pages) endEmergency(c echo.Context) error {
	if d, err := p.admit(c, "emergency"); d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	if form.Get("confirm") != "true" {
		return back(c, of("emergency", form.Get("office")), "confirm_missing", "", "")
	}
	path := api + "/emergencies/" + url.PathEscape(c.Param("emergency")) + "/end"
	code, field := page.Command(c, http.MethodPost, path, form.Get("idempotency_key"), struct{}{}, nil)
	return back(c, of("emergency", form.Get("office")), code, field, "end")
}
