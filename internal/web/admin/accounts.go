package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/web/page"
)

// maxShown bounds the accounts on one page; the search finds the others.
const maxShown = 200

// Grant is one role.
type Grant struct {
	Role   string         `json:"role"`
	Office queue.OfficeID `json:"office,omitempty"`
}

// Account is a person as the API tells of one.
type Account struct {
	ID         string     `json:"id"`
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	Grants     []Grant    `json:"grants"`
	Federated  bool       `json:"federated"`
	Until      *time.Time `json:"until"`
	Disabled   *time.Time `json:"disabled"`
	MustChange bool       `json:"must_change"`
	TOTP       bool       `json:"totp"`
	Sessions   int        `json:"sessions"`
	May        bool       `json:"may_manage"`
}

type accountsPage struct {
	common
	Query    string
	Accounts []Account
	More     int
	Now      time.Time
}

// accounts lists people.
func (p *Pages) accounts(c echo.Context) error {
	d, err := p.admit(c, "accounts")
	if d == nil {
		return err
	}
	var got struct {
		Accounts []Account `json:"accounts"`
	}
	if code := page.Fetch(c, api+"/accounts", &got); code != "" {
		d.Problem = code
	}
	data := accountsPage{common: *d, Query: c.QueryParam("q"), Now: time.Now()}
	data.Accounts = slices.DeleteFunc(got.Accounts, func(a Account) bool { return !data.wanted(a) })
	slices.SortStableFunc(data.Accounts, func(x, y Account) int { return strings.Compare(x.rank()+x.Login, y.rank()+y.Login) })
	if over := len(data.Accounts) - maxShown; over > 0 {
		data.Accounts, data.More = data.Accounts[:maxShown], over
	}
	return p.render(c, "accounts", data)
}

// wanted reports whether an account is looked for.
func (d accountsPage) wanted(a Account) bool {
	text := a.Login + " " + a.Name
	for _, g := range a.Grants {
		text += " " + d.T("admin.role."+g.Role) + " " + d.Place(g.Office)
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(strings.TrimSpace(d.Query)))
}

// rank puts those in force before the others.
func (a Account) rank() string {
	switch {
	case a.Disabled != nil:
		return "2"
	case a.Until != nil:
		return "1"
	}
	return "0"
}

// State is the word for an account's state.
func (d accountsPage) State(a Account) string {
	switch {
	case a.Disabled != nil:
		return "disabled"
	case a.Until != nil && a.Until.Before(d.Now):
		return "over"
	case a.Until != nil:
		return "helper"
	case a.MustChange:
		return "new"
	}
	return "active"
}

// NeedsApp reports whether an account lacks the second factor that its role demands.
func (a Account) NeedsApp() bool {
	return !a.TOTP && !a.Federated && slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == "manager" || g.Role == "admin" })
}

// Rows returns an account's roles, with empty rows for more.
func (a Account) Rows() []Grant {
	rows := slices.Clone(a.Grants)
	for len(rows) < len(a.Grants)+1 || len(rows) < 2 {
		rows = append(rows, Grant{})
	}
	return rows
}

// RolesToGive lists the roles that the reader may give.
func (c common) RolesToGive() []string {
	if c.All() {
		return []string{"staff", "reception", "manager", "admin"}
	}
	return []string{"staff", "reception"}
}

// grantsOf reads the rows of roles of a form.
func grantsOf(form url.Values) []Grant {
	grants := []Grant{}
	for i, role := range form["role"] {
		if role == "" || i >= len(form["office"]) {
			continue
		}
		g := Grant{role, queue.OfficeID(form["office"][i])}
		if role == "admin" {
			g.Office = ""
		}
		if !slices.Contains(grants, g) {
			grants = append(grants, g)
		}
	}
	return grants
}

// addAccount makes an account and shows its first password, once.
func (p *Pages) addAccount(c echo.Context) error {
	d, err := p.admit(c, "accounts")
	if d == nil {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	body := map[string]any{"login": form.Get("login"), "name": form.Get("name"), "grants": grantsOf(form)}
	var made struct {
		Account  Account `json:"account"`
		Password string  `json:"password"`
	}
	if code := page.Send(c, api+"/accounts", body, &made); code != "" {
		return back(c, "/admin", code, "")
	}
	return p.handOver(c, d, made.Account, made.Password, "new")
}

func (p *Pages) handOver(c echo.Context, d *common, a Account, password, kind string) error {
	s := slip{common: *d, Kind: kind, Login: a.Login, Name: a.Name, Password: password, Address: address(c), Back: "/admin"}
	if len(a.Grants) > 0 {
		s.Role, s.Office = a.Grants[0].Role, a.Grants[0].Office
	}
	s.Title = d.T("admin.slip.title." + kind)
	return p.render(c, "slip", s)
}

// The changes of an account, by the last part of the path.
var accountVerbs = map[string]string{"disable": "disable", "enable": "enable", "reset": "reset", "grants": "grants", "sign-out": "sessions/revoke"}

// changeAccount passes a change of an account on.
func (p *Pages) changeAccount(c echo.Context) error {
	d, err := p.admit(c, "accounts")
	if d == nil {
		return err
	}
	verb, ok := accountVerbs[c.Param("verb")]
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	path := api + "/accounts/" + url.PathEscape(c.Param("account")) + "/" + verb
	switch verb {
	case "grants":
		return back(c, "/admin", page.Send(c, path, map[string]any{"grants": grantsOf(form)}, nil), verb)
	case "reset":
		var made struct {
			Password string `json:"password"`
		}
		if code := page.Send(c, path, map[string]any{}, &made); code != "" {
			return back(c, "/admin", code, "")
		}
		return p.handOver(c, d, Account{Login: form.Get("login"), Name: form.Get("name")}, made.Password, "reset")
	}
	return back(c, "/admin", page.Send(c, path, map[string]any{}, nil), c.Param("verb"))
}

// row is a row of a form's roles, with its page.
type row struct {
	P     common
	Need  bool
	Grant Grant
}

// Everywhere reports whether the role holds at all offices; the least is the default.
func (r row) Everywhere() bool { return !r.Need && r.Grant.Role != "" && r.Grant.Office == "" }

// First returns the row of a new account's role.
func (d accountsPage) First() row { return row{d.common, true, Grant{Role: "staff"}} }

// RowOf returns a row of an account's roles.
func (d accountsPage) RowOf(a Account, i int) row { return row{d.common, false, a.Rows()[i]} }
