package public

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// tellView is what the API says of how a holder can be told, and will be.
type tellView struct {
	Channels struct {
		Push *struct {
			Key string `json:"key"`
		} `json:"push"`
		Mail bool `json:"mail"`
		Line *struct {
			AddURL string `json:"add_url"`
		} `json:"line"`
	} `json:"channels"`
	Rules  []tellRule `json:"rules"`
	Limits struct {
		Rules int `json:"rules"`
	} `json:"limits"`
}

// tellRule is what a holder asked for.
type tellRule struct {
	ID      string   `json:"id"`
	Channel string   `json:"channel"`
	When    tellWhen `json:"when"`
	State   string   `json:"state"`
	Hint    string   `json:"hint"`
	Code    string   `json:"code"`
}

// tellWhen is {"people": 3}, {"minutes": 10}, "called" or "ready".
type tellWhen struct {
	People, Minutes int
	Word            string
}

// UnmarshalJSON reads either form.
func (w *tellWhen) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &w.Word) == nil {
		return nil
	}
	type plain tellWhen
	return json.Unmarshal(raw, (*plain)(w))
}

// tellRules asks the API; where it cannot answer, there are none.
func (p *Pages) tellRules(c echo.Context, secret string) tellView {
	var view tellView
	_ = page.Fetch(c, "/api/v1/tickets/"+secret+"/tell", &view)
	return view
}

// tellPage is where a holder asks to be told.
type tellPage struct {
	ticketPage
	Tell   tellView
	Offers []tellChoice
}

// tellChoice is one "when" of the form.
type tellChoice struct {
	Value, Text string
	Chosen      bool
}

// choices are offered in this order; the first that makes sense is chosen.
var choices = []string{"people-3", "people-5", "people-10", "minutes-10", "minutes-20", "called"}

func (p *Pages) tell(c echo.Context) error {
	ui.Private(c.Response().Header())
	secret := c.Param("secret")
	ticket, ok := p.ticketOf(c, secret)
	if !ok {
		return p.missing(c)
	}
	data := tellPage{ticketPage: ticket, Tell: p.tellRules(c, secret)}
	data.Style, data.Script, data.Part, data.NoIndex = "public/ticket.css", "public/tell.js", "ticket", true
	data.Title = data.T("tell.title") + " | " + string(ticket.Ticket.Number)
	if code := c.QueryParam("problem"); code != "" {
		data.Problem = data.Or("tell.problem."+code, "ticket.problem")
	}
	for _, value := range choices {
		if people, is := strings.CutPrefix(value, "people-"); is && ticket.Ticket.Ahead <= number(people) {
			continue // that few are ahead already: it would come at once
		}
		data.Offers = append(data.Offers, tellChoice{Value: value, Text: data.pick(whenOf(value))})
	}
	data.Offers[0].Chosen = true
	return page.Render(c, http.StatusOK, p.pages, "tell", data)
}

// number reads a small number of the list of choices.
func number(digits string) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

func whenOf(value string) tellWhen {
	kind, digits, _ := strings.Cut(value, "-")
	switch kind {
	case "people":
		return tellWhen{People: number(digits)}
	case "minutes":
		return tellWhen{Minutes: number(digits)}
	}
	return tellWhen{Word: kind}
}

// pick is one "when" as a choice among others.
func (p tellPage) pick(w tellWhen) string {
	switch {
	case w.People > 0:
		return p.T("tell.pick.people", "n", w.People)
	case w.Minutes > 0:
		return p.T("tell.pick.minutes", "m", w.Minutes)
	}
	return p.When(w)
}

// When says in words when somebody is to be told.
func (p ticketPage) When(w tellWhen) string {
	switch {
	case w.People > 0:
		return p.T("tell.when.people", "n", w.People)
	case w.Minutes > 0:
		return p.T("tell.when.minutes", "m", w.Minutes)
	}
	return p.T("tell.when." + w.Word)
}

// Full reports whether the ticket has all the rules that it may have.
func (p tellPage) Full() bool {
	open := slices.DeleteFunc(slices.Clone(p.Tell.Rules), func(r tellRule) bool { return r.State != "pending" })
	return p.Tell.Limits.Rules > 0 && len(open) >= p.Tell.Limits.Rules
}

// Any reports whether there is any way to be told.
func (p tellPage) Any() bool {
	c := p.Tell.Channels
	return c.Push != nil || c.Mail || c.Line != nil
}

// Opt hands the choices of a form to a template, with the form's own name: each has
// fields of its own.
func (p tellPage) Opt(form string) tellForm { return tellForm{p, form} }

type tellForm struct {
	tellPage
	Form string
}

// askTell passes the form on.
func (p *Pages) askTell(c echo.Context) error {
	ui.Private(c.Response().Header())
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	value := form.Get("when")
	if !slices.Contains(choices, value) {
		return page.SeeOther(c, "/t/"+c.Param("secret")+"/tell?problem=bad_value")
	}
	form.Del("when")
	switch kind, digits, _ := strings.Cut(value, "-"); kind {
	case "people", "minutes":
		form.Set(kind, digits)
	default:
		form.Set(kind, "true")
	}
	return p.tellDone(c, page.Relay(c, http.MethodPost, "/api/v1/tickets/"+c.Param("secret")+"/tell", form))
}

func (p *Pages) stopTell(c echo.Context) error {
	ui.Private(c.Response().Header())
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	code := page.Relay(c, http.MethodDelete, "/api/v1/tickets/"+c.Param("secret")+"/tell/"+c.Param("id"), form)
	if code == "nobody_waits" { // an empty answer
		code = ""
	}
	return p.tellDone(c, code)
}

func (p *Pages) tellDone(c echo.Context, code string) error {
	if code != "" {
		return page.SeeOther(c, "/t/"+c.Param("secret")+"/tell?problem="+code)
	}
	return page.SeeOther(c, "/t/"+c.Param("secret")+"/tell")
}
