package manager

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/rulebook"
	"machi/internal/ui"
	"machi/internal/web/page"
	"machi/internal/whatif"
)

// ruleState is what the API tells of an office's rule.
type ruleState struct {
	Rule      rulebook.Rule   `json:"rule"`
	Version   string          `json:"version"`
	Source    string          `json:"source"`
	Catalogue rulebook.Rule   `json:"catalogue"`
	Applied   bool            `json:"applied"`
	Changed   *rulebook.Entry `json:"changed"`
	Days      []queue.Date    `json:"days"`
}

// replayed is a day that was played again.
type replayed struct {
	Date queue.Date `json:"date"`
	whatif.Result
}

type rulePage struct {
	ui.View
	Office  board.Office
	State   ruleState
	History []rulebook.Entry
	Form    rulebook.Rule // as it stands in the fields
	Initial bool          // the form is the catalogue's rule, whatever that becomes
	Date    queue.Date    // to play again; empty: the newest
	Result  *replayed
	Asking  bool // whether to put the form in force
	Problem string
	Field   string // that the problem is about
	Done    bool
}

// What the form of the rule asks for.
const (
	doTry = "try" // play a day again
	doAsk = "ask" // show what would be put in force
	doSet = "set"
)

// rule shows the calling rule of an office, in words, and what became of it.
func (p *Pages) rule(c echo.Context) error {
	data, ok, err := p.rulePage(c)
	if !ok {
		return err
	}
	data.Done = c.QueryParam("done") != ""
	return p.showRule(c, data)
}

// rulePage reads what every answer of the page shows; ok is false when the answer
// has been given.
func (p *Pages) rulePage(c echo.Context) (rulePage, bool, error) {
	d, ok, err := p.managed(c)
	if !ok {
		return rulePage{}, false, err
	}
	data := rulePage{View: p.site.View(c, ui.StaffTexts, "staff"), Office: d.Office}
	var history struct {
		Entries []rulebook.Entry `json:"entries"`
	}
	data.Problem = cmp.Or(page.Fetch(c, p.ruleAPI(c), &data.State), page.Fetch(c, p.ruleAPI(c)+"/history", &history))
	data.History, data.Form = history.Entries, data.State.Rule
	return data, true, nil
}

func (p *Pages) ruleAPI(c echo.Context) string {
	return "/api/v1/offices/" + url.PathEscape(c.Param("office")) + "/rule"
}

func (p *Pages) showRule(c echo.Context, data rulePage) error {
	data.Title = data.T("rule.title") + " " + data.Name(data.Office.Name)
	data.Style, data.Script, data.NoIndex = "manager/rule.css", "manager/rule.js", true
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, "rule", data)
}

// doRule plays a day again under the rule of the form, asks whether to put it in
// force, or does that.
func (p *Pages) doRule(c echo.Context) error {
	data, ok, err := p.rulePage(c)
	if !ok {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	data.Initial = form.Get("catalogue") == "true"
	data.Form, data.Date = data.formRule(form), queue.Date(form.Get("date"))
	var fault *rulebook.Fault
	if errors.As(data.Form.Check(data.State.Rule), &fault) && !data.Initial {
		data.Problem, data.Field = "bad_value", fault.Field
		return p.showRule(c, data)
	}
	switch form.Get("do") {
	case doTry:
		data.Result = &replayed{}
		body := map[string]any{"rule": data.Form}
		if data.Date != "" {
			body["date"] = data.Date
		}
		if data.Problem = page.Send(c, p.ruleAPI(c)+"/replay", body, data.Result); data.Problem != "" {
			data.Result = nil
		}
		data.Asking = data.Result != nil && data.Form != data.State.Rule
	case doAsk:
		data.Asking = data.Initial || data.Form != data.State.Rule
	case doSet:
		return p.setRule(c, data, form)
	}
	return p.showRule(c, data)
}

func (p *Pages) setRule(c echo.Context, data rulePage, form url.Values) error {
	body := map[string]any{"version": form.Get("version"), "reason": form.Get("reason")}
	if data.Initial {
		body["catalogue"] = true
	} else {
		body["rule"] = data.Form
	}
	if data.Problem = page.Put(c, p.ruleAPI(c), form.Get("idempotency_key"), body); data.Problem == "" {
		return page.SeeOther(c, "/manager/"+url.PathEscape(c.Param("office"))+"/rule?done=1")
	}
	data.Asking = data.Problem == "rule_changed" // and decide once more, on what is there now
	return p.showRule(c, data)
}

// formRule reads the rule of a form: as a whole, or field by field. What a form does
// not say stays as it is.
func (p rulePage) formRule(form url.Values) rulebook.Rule {
	rule := p.State.Rule
	if p.Initial {
		return p.State.Catalogue
	}
	if whole := form.Get("rule"); whole != "" {
		if json.Unmarshal([]byte(whole), &rule) != nil {
			return p.State.Rule
		}
		return rule
	}
	for _, f := range ruleFields {
		n, err := strconv.Atoi(form.Get(f.name))
		if err != nil {
			continue
		}
		if to := rule.Field(f.name); *to/f.per() != n { // seconds that minutes do not show stay
			*to = n * f.per()
		}
	}
	rule.Choose = cmp.Or(form.Get("choose"), rule.Choose)
	return rule
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (rulePage) Key() string { return rand.Text() }

// JSON returns a rule as a form's hidden field holds it.
func (rulePage) JSON(r rulebook.Rule) (string, error) {
	raw, err := json.Marshal(r)
	return string(raw), err
}
