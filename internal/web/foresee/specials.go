package foresee

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"machi/internal/almanac"
	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// specialsPage is what takes place at an office, and who said so.
type specialsPage struct {
	view
	Office  board.Office
	Known   specialsKnown
	Form    url.Values
	Problem string
	Done    bool
}

// specialsKnown is what the API tells of it.
type specialsKnown struct {
	Events    []almanac.Event `json:"events"`
	Catalogue []struct {
		ID      string     `json:"id"`
		Name    board.Text `json:"name"`
		From    queue.Date `json:"from"`
		To      queue.Date `json:"to"`
		Percent int        `json:"percent"`
	} `json:"catalogue"`
	History []almanac.Entry `json:"history"`
}

func (p *Pages) specials(c echo.Context) error {
	v, o, ok, err := p.managed(c)
	if !ok {
		return err
	}
	return p.showSpecials(c, specialsPage{view: v, Office: o, Done: c.QueryParam("done") != ""})
}

func (p *Pages) showSpecials(c echo.Context, data specialsPage) error {
	data.Problem = cmp.Or(data.Problem, page.Fetch(c, almanacAPI(data.Office.ID), &data.Known))
	data.Title = data.T("fcm.special.title") + " " + data.Name(data.Office.Name)
	return p.private(c, "forecast-specials", data)
}

// setSpecial adds something that takes place, or takes it out.
func (p *Pages) setSpecial(c echo.Context) error {
	v, o, ok, err := p.managed(c)
	if !ok {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	data := specialsPage{view: v, Office: o, Form: form}
	path := almanacAPI(o.ID) + "/events/"
	percent, known := share(form.Get("percent"))
	switch id := form.Get("remove"); {
	case id != "":
		data.Problem = page.Relay(c, http.MethodDelete, path+url.PathEscape(id), url.Values{"idempotency_key": form["idempotency_key"]})
	case !known:
		data.Problem = badValue
	default:
		body := map[string]any{"name": form.Get("name"), "from": form.Get("from"), "to": form.Get("to")}
		if percent != 0 {
			body["percent"] = percent
		}
		if list := form["services"]; len(list) > 0 {
			body["services"] = list
		}
		data.Problem = page.Put(c, path+rand.Text()[:12], form.Get("idempotency_key"), body)
	}
	if data.Problem != "" {
		return p.showSpecials(c, data)
	}
	return page.SeeOther(c, "/manager/"+url.PathEscape(string(o.ID))+"/special-days?done=1")
}

// Days says from when to when, with the year where it is another.
func (v view) Days(from, to queue.Date) string {
	dated := func(d queue.Date) string {
		if dayOf(d).Year == dayOf(v.today).Year {
			return v.Date(d)
		}
		return v.T("fcm.year", "y", dayOf(d).Year, "day", v.Date(d))
	}
	if from == to {
		return dated(from)
	}
	return v.T("label.range", "from", dated(from), "to", dated(to))
}

// Change says an entry of the history in a line.
func (v view) Change(e almanac.Entry) string {
	switch {
	case e.Said != nil:
		return v.T("fcm.did.said", "day", v.Date(e.Said.Date), "what", v.Said(*e.Said), "reason", e.Said.Reason)
	case e.Unsaid != "":
		return v.T("fcm.did.unsaid", "day", v.Date(e.Unsaid))
	case e.Added != nil:
		return v.T("fcm.did.added", "name", e.Added.Name, "days", v.Days(e.Added.From, e.Added.To))
	case e.Removed != nil:
		return v.T("fcm.did.removed", "name", e.Removed.Name)
	}
	return ""
}
