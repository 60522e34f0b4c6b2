package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/queue"
)

func (a *API) accountRoutes() []route {
	one := base + "/accounts/:account/"
	return []route{
		{"POST", "/staff/first", public, a.firstAdmin},
		{"GET", base + "/me", persons, a.me},
		{"POST", base + "/me/seen", persons, a.seen},
		{"POST", base + "/me/password", persons, a.changePassword},
		{"POST", base + "/me/totp", persons, a.beginTOTP},
		{"POST", base + "/me/totp/confirm", persons, a.confirmTOTP},
		{"POST", base + "/me/sessions/revoke", persons, a.revokeOwn},
		{"GET", base + "/accounts", managers, a.listAccounts},
		{"POST", base + "/accounts", managers, a.addAccount},
		{"POST", one + "disable", managers, a.disableAccount},
		{"POST", one + "enable", managers, a.enableAccount},
		{"POST", one + "reset", managers, a.resetAccount},
		{"POST", one + "grants", managers, a.setGrants},
		{"POST", one + "sessions/revoke", managers, a.revokeAll},
		{"POST", base + "/offices/:office/helpers", managers, a.addHelper},
		{"GET", base + "/sessions", managers, a.listSessions},
		{"POST", base + "/sessions/:session/revoke", managers, a.revokeSession},
	}
}

type (
	meAnswer struct {
		ID     string         `json:"id"`
		Name   string         `json:"name"` // as the log names the person
		Shown  string         `json:"shown"`
		Login  string         `json:"login,omitempty"` // none: a token
		Role   Role           `json:"role"`            // the strongest
		Office queue.OfficeID `json:"office,omitempty"`
		Grants []Grant        `json:"grants"`
		Owes   Owed           `json:"owes,omitempty"`

		Federated bool          `json:"federated,omitempty"`
		Until     *time.Time    `json:"until,omitempty"`
		TOTP      *totpView     `json:"totp,omitempty"`
		Idle      float64       `json:"idle_seconds,omitempty"` // a session ends after so long without an act
		Sessions  []sessionView `json:"sessions"`
	}
	totpView struct {
		Set      bool `json:"set"`
		Required bool `json:"required"`
		Recovery int  `json:"recovery_left"`
	}
	sessionView struct {
		ID      string    `json:"id"`
		Account string    `json:"account"`
		Login   string    `json:"login"`
		Name    string    `json:"name"`
		Created time.Time `json:"created"`
		Seen    time.Time `json:"seen"`
		Source  string    `json:"source,omitempty"`
		Agent   string    `json:"agent,omitempty"`
		Current bool      `json:"current,omitempty"`
	}
	passwordBody struct {
		Old string `json:"old"`
		New string `json:"new"`
	}
	codeBody struct {
		Code string `json:"code"`
	}
	totpBody struct {
		Password string `json:"password,omitempty"` // needed by whoever has an authenticator
	}
	totpAnswer struct {
		Secret string `json:"secret"`
		URL    string `json:"url"`
	}
	recoveryAnswer struct {
		Recovery []string `json:"recovery"`
	}
	revokeBody struct {
		Session string `json:"session,omitempty"` // none: all but this one
	}
)

// me says who has signed in, what the person may do and where else the person has.
func (a *API) me(c echo.Context) error {
	id := identityOf(c)
	out := meAnswer{
		ID: id.ID, Name: actorOf(c).ID, Shown: actorOf(c).ID, Role: id.Role, Office: id.Office, Grants: id.Grants, Owes: id.Owes, Sessions: []sessionView{},
	}
	if id.Account == "" || a.accounts == nil {
		out.Grants = []Grant{{id.Role, id.Office}}
		return answer(c, http.StatusOK, out)
	}
	who, err := a.accounts.Account(id.Account)
	if err != nil {
		return accountProblem(err)
	}
	out.Login, out.Shown, out.Federated, out.Idle = who.Login, who.Name, who.Subject != nil, a.accounts.Idle().Seconds()
	out.TOTP = &totpView{Set: who.TOTP, Required: a.accounts.MustTOTP(who), Recovery: who.Recovery}
	out.Until = moment(who.Until)
	for _, s := range a.accounts.Sessions(id.Account) {
		out.Sessions = append(out.Sessions, a.sessionView(s, id))
	}
	return answer(c, http.StatusOK, out)
}

func (a *API) sessionView(s account.Session, asks Identity) sessionView {
	v := sessionView{ID: s.ID, Account: s.Account, Created: s.Created.In(queue.JST), Seen: s.Seen.In(queue.JST), Source: s.Source, Agent: s.Agent, Current: s.ID == asks.Session}
	if who, err := a.accounts.Account(s.Account); err == nil {
		v.Login, v.Name = who.Login, who.Name
	}
	return v
}

// seen keeps the session of somebody alive who works at a page without pressing
// anything; the guard has done so.
func (a *API) seen(c echo.Context) error { return c.NoContent(http.StatusNoContent) }

// own returns the session that asks; a token has none.
func (a *API) own(c echo.Context) (account.Session, error) {
	id := identityOf(c)
	if id.Session == "" || a.accounts == nil {
		return account.Session{}, problem(codeNoAccount, "")
	}
	s, err := a.accounts.Session(id.Session)
	if err != nil {
		return s, problem(codeUnauthenticated, "Authorization")
	}
	return s, nil
}

// changePassword ends the person's other sessions and renews this one.
func (a *API) changePassword(c echo.Context) error {
	s, err := a.own(c)
	if err != nil {
		return err
	}
	body, err := decode[passwordBody](c, maxBody)
	if err != nil {
		return err
	}
	in, err := a.accounts.ChangePassword(c.Request().Context(), s, body.Old, body.New)
	if err != nil {
		err = accountProblem(err)
		a.audit(c, AuditEntry{Action: ActPassword, Result: problemOf(err).Code})
		return err
	}
	c.SetCookie(a.cookie(in.Token, 0))
	a.audit(c, AuditEntry{Action: ActPassword})
	return c.NoContent(http.StatusNoContent)
}

// beginTOTP gives out the secret of an authenticator app, once.
func (a *API) beginTOTP(c echo.Context) error {
	s, err := a.own(c)
	if err != nil {
		return err
	}
	body, err := decode[totpBody](c, maxBody)
	if err != nil {
		return err
	}
	begun, err := a.accounts.BeginTOTP(c.Request().Context(), s, body.Password, a.issuer(c))
	if err != nil {
		return accountProblem(err)
	}
	return answer(c, http.StatusCreated, totpAnswer{begun.Secret, begun.URL})
}

// issuer is what an authenticator app calls this installation.
func (a *API) issuer(c echo.Context) string {
	host := c.Request().Host
	if u, err := url.Parse(a.publicURL); err == nil && u.Host != "" {
		host = u.Host
	}
	host, _, _ = strings.Cut(host, ":")
	return "Machi " + strings.Trim(host, "[]")
}

func (a *API) confirmTOTP(c echo.Context) error {
	s, err := a.own(c)
	if err != nil {
		return err
	}
	body, err := decode[codeBody](c, maxBody)
	if err != nil {
		return err
	}
	codes, err := a.accounts.ConfirmTOTP(c.Request().Context(), s, body.Code)
	if err != nil {
		err = accountProblem(err)
		a.audit(c, AuditEntry{Action: ActTOTP, Result: problemOf(err).Code})
		return err
	}
	a.audit(c, AuditEntry{Action: ActTOTP})
	return answer(c, http.StatusOK, recoveryAnswer{codes})
}

// revokeOwn ends one of the person's sessions, or all but the one that asks.
func (a *API) revokeOwn(c echo.Context) error {
	s, err := a.own(c)
	if err != nil {
		return err
	}
	body, err := decode[revokeBody](c, maxBody)
	if err != nil {
		return err
	}
	ended := 0
	for _, other := range a.accounts.Sessions(s.Account) {
		if other.ID != body.Session && (body.Session != "" || other.ID == s.ID) {
			continue
		}
		if err := a.accounts.EndSession(c.Request().Context(), other.ID, s.Account); err != nil {
			return accountProblem(err)
		}
		a.audit(c, AuditEntry{Action: ActSessionRevoke, Target: other.ID})
		ended++
	}
	if ended == 0 && body.Session != "" {
		return problem(codeUnknownSession, "session")
	}
	return c.NoContent(http.StatusNoContent)
}
