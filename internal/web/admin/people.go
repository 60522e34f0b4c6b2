package admin

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/web/page"
)

type helpersPage struct {
	common
	Office  queue.OfficeID // chosen already
	Helpers []Account      // who helps out now
	Now     time.Time
}

// helpers is where a helper for a day is made.
func (p *Pages) helpers(c echo.Context) error {
	d, err := p.admit(c, "helpers")
	if d == nil {
		return err
	}
	data := helpersPage{common: *d, Office: queue.OfficeID(c.QueryParam("office")), Now: time.Now()}
	var got struct {
		Accounts []Account `json:"accounts"`
	}
	if code := page.Fetch(c, api+"/accounts", &got); code != "" {
		data.Problem = code
	}
	data.Helpers = slices.DeleteFunc(got.Accounts, func(a Account) bool { return a.Until == nil || a.Until.Before(data.Now) || a.Disabled != nil })
	return p.render(c, "helpers", data)
}

// addHelper lets a helper in for a day, and shows the slip.
func (p *Pages) addHelper(c echo.Context) error {
	d, err := p.admit(c, "helpers")
	if d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	office := form.Get("office")
	var made struct {
		Login    string    `json:"login"`
		Name     string    `json:"name"`
		Password string    `json:"password"`
		Until    time.Time `json:"until"`
	}
	body := map[string]any{"name": form.Get("name"), "role": form.Get("role")}
	if code := page.Send(c, api+"/offices/"+url.PathEscape(office)+"/helpers", body, &made); code != "" {
		return back(c, "/admin/helpers", code, "")
	}
	s := slip{
		common: *d, Kind: "helper", Login: made.Login, Name: made.Name, Role: form.Get("role"), Password: made.Password,
		Office: queue.OfficeID(office), Until: made.Until, Address: address(c), Back: "/admin/helpers",
	}
	s.Title = d.T("admin.slip.title.helper")
	return p.render(c, "slip", s)
}

// Session is somebody who has signed in, as the API tells of one.
type Session struct {
	ID      string    `json:"id"`
	Login   string    `json:"login"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Source  string    `json:"source"`
	Agent   string    `json:"agent"`
	Current bool      `json:"current"`
}

type sessionsPage struct {
	common
	Sessions []Session
}

// sessions lists who has signed in where.
func (p *Pages) sessions(c echo.Context) error {
	d, err := p.admit(c, "sessions")
	if d == nil {
		return err
	}
	var got struct {
		Sessions []Session `json:"sessions"`
	}
	if code := page.Fetch(c, api+"/sessions", &got); code != "" {
		d.Problem = code
	}
	slices.SortFunc(got.Sessions, func(x, y Session) int { return y.Seen.Compare(x.Seen) })
	return p.render(c, "sessions", sessionsPage{*d, got.Sessions})
}

// Device names the browser and the system that a session began in.
func (s Session) Device() string {
	found := func(names ...string) string {
		for _, n := range names {
			if strings.Contains(s.Agent, n) {
				return strings.TrimSuffix(n, "/")
			}
		}
		return ""
	}
	browser := found("Edg/", "Firefox/", "Chrome/", "Safari/")
	if browser == "Edg" {
		browser = "Edge"
	}
	return strings.TrimSpace(browser + " " + found("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"))
}

// revoke ends a session.
func (p *Pages) revoke(c echo.Context) error {
	d, err := p.admit(c, "sessions")
	if d == nil {
		return err
	}
	code := page.Send(c, api+"/sessions/"+url.PathEscape(c.Param("session"))+"/revoke", map[string]any{}, nil)
	return back(c, "/admin/sessions", code, "session")
}
