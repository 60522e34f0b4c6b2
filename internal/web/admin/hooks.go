package admin

import (
	"crypto/rand"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/web/page"
)

// Hook is an endpoint of webhooks, as the API tells of one.
type Hook struct {
	ID     string         `json:"id"`
	URL    string         `json:"url"`
	Events []string       `json:"events"`
	Office queue.OfficeID `json:"office"`
	Near   int            `json:"near"`
	Level  string         `json:"level"`
	Note   string         `json:"note"`
	At     time.Time      `json:"at"`
	By     string         `json:"by"`
	Secret string         `json:"secret"`
}

// HookDelivery is an event on its way to an endpoint.
type HookDelivery struct {
	ID     string    `json:"id"`
	Type   string    `json:"type"`
	At     time.Time `json:"at"`
	State  string    `json:"state"`
	Tries  int       `json:"tries"`
	Reason string    `json:"reason"`
	Event  struct {
		Data struct {
			Number  string         `json:"number"`
			Service string         `json:"service"`
			Office  queue.OfficeID `json:"office"`
		} `json:"data"`
	} `json:"event"`
}

const hooksAPI = api + "/webhooks"

type hooksPage struct {
	common
	Hooks  []Hook
	Events []string
	Key    string // of the form: pressed twice it adds one endpoint
}

// admitAll admits whoever runs the whole installation; managers go to their own page.
func (p *Pages) admitAll(c echo.Context) (*common, error) {
	d, err := p.admit(c, "webhooks")
	if d != nil && !d.All() {
		return nil, page.SeeOther(c, "/manager")
	}
	return d, err
}

// hooks lists the endpoints.
func (p *Pages) hooks(c echo.Context) error {
	d, err := p.admitAll(c)
	if d == nil {
		return err
	}
	data := hooksPage{common: *d, Key: rand.Text()}
	var got struct {
		Hooks  []Hook   `json:"webhooks"`
		Events []string `json:"events"`
	}
	if code := page.Fetch(c, hooksAPI, &got); code != "" {
		data.Problem = code
	}
	data.Hooks, data.Events = got.Hooks, got.Events
	return p.render(c, "hooks", data)
}

type hookPage struct {
	common
	Hook       Hook
	Deliveries []HookDelivery
	Rotated    bool
}

// addHook adds an endpoint, and shows its secret once.
func (p *Pages) addHook(c echo.Context) error {
	d, err := p.admitAll(c)
	if d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	body := map[string]any{"url": form.Get("url"), "events": form["events"], "office": form.Get("office"), "level": form.Get("level"), "note": form.Get("note")}
	if near, err := strconv.Atoi(form.Get("near")); err == nil {
		body["near"] = near
	}
	var made Hook
	if code := page.SendOnce(c, hooksAPI, form.Get("idempotency_key"), body, &made); code != "" {
		return back(c, "/admin/webhooks", code, "")
	}
	return p.render(c, "hook-secret", hookPage{common: *d, Hook: made})
}

// hook shows what went to an endpoint.
func (p *Pages) hook(c echo.Context) error {
	d, err := p.admitAll(c)
	if d == nil {
		return err
	}
	data := hookPage{common: *d}
	var all struct {
		Hooks []Hook `json:"webhooks"`
	}
	var got struct {
		Deliveries []HookDelivery `json:"deliveries"`
	}
	if code := page.Fetch(c, hooksAPI, &all); code != "" {
		data.Problem = code
	}
	for _, h := range all.Hooks {
		if h.ID == c.Param("webhook") {
			data.Hook = h
		}
	}
	if data.Hook.ID == "" {
		return back(c, "/admin/webhooks", "not_found", "")
	}
	if code := page.Fetch(c, hooksAPI+"/"+url.PathEscape(data.Hook.ID)+"/deliveries", &got); code != "" {
		data.Problem = code
	}
	data.Deliveries = got.Deliveries
	return p.render(c, "hook", data)
}

// changeHook does what a button says.
func (p *Pages) changeHook(c echo.Context) error {
	d, err := p.admitAll(c)
	if d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	id := c.Param("webhook")
	at, here := hooksAPI+"/"+url.PathEscape(id), "/admin/webhooks/"+url.PathEscape(id)
	switch c.Param("verb") {
	case "test":
		return back(c, here, page.Send(c, at+"/test", struct{}{}, nil), "hook-tested")
	case "retry":
		return back(c, here, page.Send(c, at+"/deliveries/"+url.PathEscape(form.Get("delivery"))+"/retry", struct{}{}, nil), "hook-retried")
	case "remove":
		return back(c, "/admin/webhooks", page.Delete(c, at), "hook-removed")
	case "rotate":
		data := hookPage{common: *d, Hook: Hook{ID: id}, Rotated: true}
		var got struct {
			Secret string `json:"secret"`
		}
		if code := page.Send(c, at+"/rotate", struct{}{}, &got); code != "" {
			return back(c, here, code, "")
		}
		data.Hook.Secret = got.Secret
		return p.render(c, "hook-secret", data)
	}
	return back(c, here, "not_found", "")
}
