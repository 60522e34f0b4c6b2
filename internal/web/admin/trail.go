package admin

import (
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/web/page"
)

// Entry is an act, as the API tells of one.
type Entry struct {
	At     time.Time      `json:"at"`
	Who    string         `json:"who"`
	Role   string         `json:"role"`
	Action string         `json:"action"`
	Office queue.OfficeID `json:"office"`
	Target string         `json:"target"`
	Result string         `json:"result"`
	Detail string         `json:"detail"`
	Source string         `json:"source"`
	Number int64          `json:"number"`
	Hash   string         `json:"hash"`
}

// Head is where the trail stood at the end of a day.
type Head struct {
	Date   string `json:"date"`
	Number int64  `json:"number"`
	Hash   string `json:"hash"`
}

type auditPage struct {
	common
	Entries   []Entry
	Heads     []Head
	Truncated bool
	Next      string // address of what follows
	Export    string // address of the table
	Chosen    url.Values
}

// searched lists the fields of the search.
var searched = []string{"from", "to", "who", "office", "action", "q"}

// audit looks through the trail.
func (p *Pages) audit(c echo.Context) error {
	d, err := p.admit(c, "audit")
	if d == nil {
		return err
	}
	data := auditPage{common: *d, Chosen: url.Values{}}
	for _, name := range searched {
		if value := c.QueryParam(name); value != "" {
			data.Chosen.Set(name, value)
		}
	}
	data.Export = api + "/audit.csv?" + data.Chosen.Encode()
	query := url.Values{"limit": {"100"}, "before": {c.QueryParam("before")}}
	for name := range data.Chosen {
		query.Set(name, data.Chosen.Get(name))
	}
	var got struct {
		Entries   []Entry `json:"entries"`
		Heads     []Head  `json:"heads"`
		Next      string  `json:"next"`
		Truncated bool    `json:"truncated"`
	}
	if code := page.Fetch(c, api+"/audit?"+query.Encode(), &got); code != "" {
		data.Problem = code
	}
	data.Entries, data.Heads, data.Truncated = got.Entries, got.Heads, got.Truncated
	if got.Next != "" {
		follow := url.Values{"before": {got.Next}}
		for name := range data.Chosen {
			follow.Set(name, data.Chosen.Get(name))
		}
		data.Next = "/admin/audit?" + follow.Encode()
	}
	return p.render(c, "audit", data)
}

// acts are what can be looked for by a list, in the order of the list.
var acts = []string{
	"login", "logout", "password", "totp", "account", "helper", "session", "token", "kiosk", "rule", "catalogue", "export", "store",
	"undo", "take_over", "ticket_called", "ticket_transferred", "ticket_withdrawn", "counter_opened", "office_set", "service_set",
}

// Acts returns what can be looked for.
func (auditPage) Acts() []string { return acts }

// Act says an action in words.
func (d auditPage) Act(e Entry) string { return d.Or("act."+e.Action, "act.other", "code", e.Action) }

// Moment returns when an act was, to the second.
func (auditPage) Moment(at time.Time) string { return at.In(queue.JST).Format("2006-01-02 15:04:05") }

// Field returns what was looked for.
func (d auditPage) Field(name string) string { return d.Chosen.Get(name) }

// Narrowed reports whether something is looked for.
func (d auditPage) Narrowed() bool { return len(d.Chosen) > 0 }

// Bad reports whether an act was refused.
func (e Entry) Bad() bool { return e.Result != "ok" }

// Grave reports whether somebody should look at an act: it went around the usual way.
func (e Entry) Grave() bool {
	return slices.Contains([]string{"undo", "take_over", "store.repair", "account.reset", "first-admin"}, e.Action)
}

// ResultWords says why an act was refused.
func (d auditPage) ResultWords(e Entry) string { return d.words(e.Result) }
