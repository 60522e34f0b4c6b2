package account

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/web/page"
)

// person is who has signed in, as the API tells it.
type person struct {
	ID, Shown, Login, Role string
	Grants                 []grant
	Owes                   string
	Federated              bool
	Until                  *time.Time
	TOTP                   *struct {
		Set, Required bool
		Recovery      int `json:"recovery_left"`
	}
	Sessions []session
}

type grant struct{ Role, Office string }

type session struct {
	ID, Source, Agent string
	Created, Seen     time.Time
	Current           bool
}

type mePage struct {
	trouble
	Me      person
	Offices map[string]string // names by id
	About   string            // the part of the page that the problem is about
	Did     string            // key of what went well

	Secret   string // of an authenticator that is being set up
	QR       page.Code
	Recovery []string
}

// Steps reports whether the person must do something first.
func (p mePage) Steps() bool { return p.Me.Owes != "" }

// Work is the page where the person's work begins.
func (p mePage) Work() string {
	switch p.Me.Role {
	case "admin":
		return "/admin"
	case "manager":
		return "/manager"
	}
	return "/staff"
}

// Others reports whether the person has signed in elsewhere too.
func (p mePage) Others() bool { return len(p.Me.Sessions) > 1 }

// When returns a moment as people write it here: today's by the hour.
func (p mePage) When(at time.Time) string {
	if day := at.Format("1/2"); day != time.Now().In(at.Location()).Format("1/2") {
		return day + " " + p.Hour(at)
	}
	return p.Hour(at)
}

// Browser names a browser and its system, as far as they can be told.
func (s session) Browser() string {
	name := func(list ...[2]string) string {
		for _, one := range list {
			if strings.Contains(s.Agent, one[0]) {
				return one[1]
			}
		}
		return ""
	}
	parts := []string{
		name([2]string{"Edg/", "Edge"}, [2]string{"Firefox/", "Firefox"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"}),
		name([2]string{"Windows", "Windows"}, [2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Mac OS", "macOS"}, [2]string{"Linux", "Linux"}),
	}
	return strings.Trim(strings.Join(parts, "・"), "・")
}

func (p *Pages) me(c echo.Context) error {
	data := mePage{trouble: trouble{p.view(c), page.CodeOf(c.QueryParam("problem"))}, About: c.QueryParam("about"), Did: page.CodeOf(c.QueryParam("did"))}
	return p.draw(c, data, "me")
}

// draw fills a page with who has signed in.
func (p *Pages) draw(c echo.Context, data mePage, name string) error {
	switch code := page.Fetch(c, "/api/v1/me", &data.Me); code {
	case "":
	case "unauthenticated", "forbidden":
		return page.SignIn(c)
	default:
		data.Problem = code
	}
	var list struct {
		Offices []struct {
			ID   string
			Name map[string]string
		}
	}
	_ = page.Fetch(c, "/api/v1/offices", &list) // without it, ids are shown
	data.Offices = map[string]string{}
	for _, o := range list.Offices {
		data.Offices[o.ID] = o.Name[string(data.Lang)]
	}
	data.Title, data.Script = data.T("me.title"), "account/account.js"
	return p.render(c, http.StatusOK, name, data)
}

// Role says a role in words: 窓口職員（くみん窓口）.
func (p mePage) Role(g grant) string {
	word, office := p.T("role."+g.Role), p.Offices[g.Office]
	switch {
	case g.Office == "":
		return word
	case office == "":
		office = g.Office
	}
	return p.T("role.at", "role", word, "office", office)
}

func (p *Pages) back(c echo.Context, about, code, did string) error {
	answer := url.Values{}
	if code != "" {
		answer.Set("problem", code)
		answer.Set("about", about)
	} else {
		answer.Set("did", did)
	}
	return page.SeeOther(c, "/staff/me?"+answer.Encode())
}

func (p *Pages) password(c echo.Context) error {
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	code := page.Send(c, "/api/v1/me/password", map[string]string{"old": form.Get("old"), "new": form.Get("new")}, nil)
	return p.back(c, "password", code, "password")
}

// secretForm is what an authenticator's secret looks like.
var secretForm = regexp.MustCompile(`^[A-Z2-7]{16,128}$`)

func (p *Pages) beginTOTP(c echo.Context) error {
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	body := map[string]string{}
	if password := form.Get("password"); password != "" {
		body["password"] = password
	}
	var begun struct{ Secret, URL string }
	if code := page.Send(c, "/api/v1/me/totp", body, &begun); code != "" {
		return p.back(c, "totp", code, "")
	}
	data := mePage{trouble: trouble{View: p.view(c)}, Secret: begun.Secret, QR: page.QR(begun.URL)}
	data.Path = "/staff/me" // the language switch must not send the form again
	return p.draw(c, data, "totp")
}

// confirmTOTP shows the recovery codes, once. After a wrong code the same secret is
// typed again: the app has it already.
func (p *Pages) confirmTOTP(c echo.Context) error {
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	var done struct{ Recovery []string }
	data := mePage{trouble: trouble{View: p.view(c)}}
	data.Path = "/staff/me"
	data.Problem = page.Send(c, "/api/v1/me/totp/confirm", map[string]string{"code": form.Get("code")}, &done)
	if data.Recovery = done.Recovery; data.Problem == "" {
		return p.draw(c, data, "recovery")
	}
	if data.Problem == "unauthenticated" {
		return page.SignIn(c)
	}
	if secret := form.Get("secret"); secretForm.MatchString(secret) {
		data.Secret = secret
	}
	return p.draw(c, data, "totp")
}

func (p *Pages) endSession(c echo.Context) error {
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	body := map[string]string{}
	if id := form.Get("session"); id != "" {
		body["session"] = id
	}
	return p.back(c, "sessions", page.Send(c, "/api/v1/me/sessions/revoke", body, nil), "sessions")
}
