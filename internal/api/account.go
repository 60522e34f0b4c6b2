package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/queue"
)

type (
	accountView struct {
		ID         string     `json:"id"`
		Login      string     `json:"login"`
		Name       string     `json:"name"`
		Grants     []Grant    `json:"grants"`
		Federated  bool       `json:"federated,omitempty"`
		From       *time.Time `json:"from,omitempty"`
		Until      *time.Time `json:"until,omitempty"`
		Created    time.Time  `json:"created"`
		By         string     `json:"by,omitempty"`
		Disabled   *time.Time `json:"disabled,omitempty"`
		MustChange bool       `json:"must_change,omitempty"`
		TOTP       bool       `json:"totp"`
		Sessions   int        `json:"sessions"`
		May        bool       `json:"may_manage"` // whoever asks may change it
	}
	accountBody struct {
		Login  string     `json:"login"`
		Name   string     `json:"name"`
		Grants []Grant    `json:"grants"`
		From   *time.Time `json:"from,omitempty"`
		Until  *time.Time `json:"until,omitempty"`
	}
	grantsBody struct {
		Grants []Grant `json:"grants"`
	}
	helperBody struct {
		Name  string     `json:"name"`
		Role  Role       `json:"role"`
		Until *time.Time `json:"until,omitempty"` // none: the end of the business day
	}
	// newAccount has the password that was drawn, which is shown only now.
	newAccount struct {
		Account  accountView `json:"account"`
		Password string      `json:"password"`
	}
	helperAnswer struct {
		ID       string    `json:"id"`
		Login    string    `json:"login"`
		Name     string    `json:"name"`
		Role     Role      `json:"role"`
		Password string    `json:"password"`
		Until    time.Time `json:"until"`
	}
	resetAnswer struct {
		Password string `json:"password"`
	}
)

// mayManage reports whether somebody may change an account: an administrator every
// one, a manager those of clerks and receptionists of the manager's own offices.
func (id Identity) mayManage(grants []account.Grant) bool {
	if id.Has(RoleAdmin, "") {
		return true
	}
	return len(grants) > 0 && !slices.ContainsFunc(grants, func(g account.Grant) bool {
		return g.Office == "" || Role(g.Role).rank() >= RoleManager.rank() || !id.Has(RoleManager, g.Office)
	})
}

// maySee reports whether somebody may see an account: whoever has anything to do
// with an office of theirs.
func (id Identity) maySee(grants []account.Grant) bool {
	return id.Has(RoleAdmin, "") || slices.ContainsFunc(grants, func(g account.Grant) bool {
		return g.Office != "" && id.Has(RoleManager, g.Office)
	})
}

func (a *API) accountView(who account.Account, asks Identity) accountView {
	v := accountView{
		ID: who.ID, Login: who.Login, Name: who.Name, Grants: grantsOf(who.Grants), Federated: who.Subject != nil, Created: who.Created.In(queue.JST),
		By: who.By, MustChange: who.MustChange, TOTP: who.TOTP, Sessions: len(a.accounts.Sessions(who.ID)), May: asks.mayManage(who.Grants),
	}
	for at, into := range map[time.Time]**time.Time{who.From: &v.From, who.Until: &v.Until, who.Disabled: &v.Disabled} {
		*into = moment(at)
	}
	return v
}

func grantsOf(list []account.Grant) []Grant {
	out := make([]Grant, len(list))
	for i, g := range list {
		out[i] = Grant{Role(g.Role), g.Office}
	}
	return out
}

func (a *API) listAccounts(c echo.Context) error {
	if a.accounts == nil {
		return problem(codeNotFound, "")
	}
	list := []accountView{}
	for _, who := range a.accounts.Accounts() {
		if identityOf(c).maySee(who.Grants) {
			list = append(list, a.accountView(who, identityOf(c)))
		}
	}
	return answer(c, http.StatusOK, map[string]any{"accounts": list})
}

// granting reads grants, of which each must be somebody's to give: that one is not is
// noted.
func (a *API) granting(c echo.Context, act, target string, list []Grant) ([]account.Grant, error) {
	var out []account.Grant
	for _, g := range list {
		if g.Office != "" && !slices.Contains(a.listOffices(), g.Office) {
			return nil, problem(codeUnknownOffice, "grants")
		}
		out = append(out, account.Grant{Role: account.Role(g.Role), Office: g.Office})
	}
	if len(out) > 0 && !identityOf(c).mayManage(out) {
		a.audit(c, AuditEntry{Action: act, Target: target, Result: codeForbidden, Detail: describe(out)})
		return nil, problemf(codeForbidden, "grants", "beyond what you may give")
	}
	return out, nil
}

func (a *API) addAccount(c echo.Context) error {
	if a.accounts == nil {
		return problem(codeNotFound, "")
	}
	body, err := decode[accountBody](c, maxBody)
	if err != nil {
		return err
	}
	grants, err := a.granting(c, ActAccountAdd, typedName(body.Login), body.Grants)
	if err != nil {
		return err
	}
	n := account.New{Login: body.Login, Name: body.Name, Grants: grants, From: orZero(body.From), Until: orZero(body.Until)}
	who, password, err := a.accounts.Add(c.Request().Context(), n, actorOf(c).ID)
	if err != nil {
		return accountProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActAccountAdd, Office: officeOfGrants(grants), Target: who.Login, Detail: describe(grants)})
	return answer(c, http.StatusCreated, newAccount{a.accountView(who, identityOf(c)), password})
}

func orZero(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// describe writes grants for the audit: "manager@km-setagaya admin".
func describe(grants []account.Grant) string {
	text := ""
	for _, g := range grants {
		if text != "" {
			text += " "
		}
		text += string(g.Role)
		if g.Office != "" {
			text += "@" + string(g.Office)
		}
	}
	return text
}

// managed returns the account of the path, if whoever asks may change it. One that
// the person may not even see does not exist.
func (a *API) managed(c echo.Context, act string) (account.Account, error) {
	if a.accounts == nil {
		return account.Account{}, problem(codeNotFound, "")
	}
	who, err := a.accounts.Account(c.Param("account"))
	switch id := identityOf(c); {
	case err != nil || !id.maySee(who.Grants):
		return who, problem(codeUnknownAccount, "account")
	case !id.mayManage(who.Grants):
		a.audit(c, AuditEntry{Action: act, Target: who.Login, Result: codeForbidden})
		return who, problem(codeForbidden, "account")
	}
	return who, nil
}

// change serves a change of an account that has no body and no answer.
func (a *API) change(c echo.Context, act string, do func(who account.Account, by string) error) error {
	who, err := a.managed(c, act)
	if err != nil {
		return err
	}
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	err = accountProblem(do(who, actorOf(c).ID))
	entry := AuditEntry{Action: act, Office: officeOfGrants(who.Grants), Target: who.Login}
	if err != nil {
		entry.Result = problemOf(err).Code
	}
	a.audit(c, entry)
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *API) disableAccount(c echo.Context) error {
	return a.change(c, ActAccountDisable, func(who account.Account, by string) error {
		return a.accounts.Disable(c.Request().Context(), who.ID, by)
	})
}

func (a *API) enableAccount(c echo.Context) error {
	return a.change(c, ActAccountEnable, func(who account.Account, by string) error {
		return a.accounts.Enable(c.Request().Context(), who.ID, by)
	})
}

func (a *API) revokeAll(c echo.Context) error {
	return a.change(c, ActSessionRevoke, func(who account.Account, by string) error {
		return a.accounts.EndSessions(c.Request().Context(), who.ID, by)
	})
}

// resetAccount gives an account a new password, which is shown only now.
func (a *API) resetAccount(c echo.Context) error {
	who, err := a.managed(c, ActAccountReset)
	if err != nil {
		return err
	}
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	password, err := a.accounts.Reset(c.Request().Context(), who.ID, actorOf(c).ID)
	if err != nil {
		return accountProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActAccountReset, Office: officeOfGrants(who.Grants), Target: who.Login})
	return answer(c, http.StatusOK, resetAnswer{password})
}

func (a *API) setGrants(c echo.Context) error {
	who, err := a.managed(c, ActAccountGrants)
	if err != nil {
		return err
	}
	body, err := decode[grantsBody](c, maxBody)
	if err != nil {
		return err
	}
	grants, err := a.granting(c, ActAccountGrants, who.Login, body.Grants)
	if err != nil {
		return err
	}
	if err := a.accounts.SetGrants(c.Request().Context(), who.ID, grants, actorOf(c).ID); err != nil {
		return accountProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActAccountGrants, Office: officeOfGrants(grants), Target: who.Login, Detail: describe(who.Grants) + " -> " + describe(grants)})
	return c.NoContent(http.StatusNoContent)
}

// addHelper lets somebody from elsewhere help out until the business day ends.
func (a *API) addHelper(c echo.Context) error {
	if a.accounts == nil {
		return problem(codeNotFound, "")
	}
	body, err := decode[helperBody](c, maxBody)
	if err != nil {
		return err
	}
	if !slices.Contains(a.listOffices(), officeOf(c)) {
		return problem(codeUnknownOffice, "office")
	}
	_, until, err := queue.BusinessDay(a.wall()).Bounds()
	if err != nil {
		return err
	}
	if body.Until != nil && body.Until.Before(until) {
		until = *body.Until
	}
	h := account.Helper{Name: body.Name, Role: account.Role(body.Role), Office: officeOf(c), Until: until}
	who, password, err := a.accounts.AddHelper(c.Request().Context(), h, actorOf(c).ID)
	if err != nil {
		return accountProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActHelperAdd, Target: who.Login, Detail: who.Name + " " + describe(who.Grants)})
	return answer(c, http.StatusCreated, helperAnswer{who.ID, who.Login, who.Name, body.Role, password, who.Until.In(queue.JST)})
}

// listSessions lists who has signed in where: of one account, or of all that
// whoever asks may see.
func (a *API) listSessions(c echo.Context) error {
	if a.accounts == nil {
		return problem(codeNotFound, "")
	}
	id, list := identityOf(c), []sessionView{}
	for _, s := range a.accounts.Sessions(c.QueryParam("account")) {
		if who, err := a.accounts.Account(s.Account); err == nil && id.maySee(who.Grants) {
			list = append(list, a.sessionView(s, id))
		}
	}
	return answer(c, http.StatusOK, map[string]any{"sessions": list})
}

func (a *API) revokeSession(c echo.Context) error {
	if a.accounts == nil {
		return problem(codeNotFound, "")
	}
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	s, err := a.accounts.Session(c.Param("session"))
	if err != nil {
		return problem(codeUnknownSession, "session")
	}
	who, err := a.accounts.Account(s.Account)
	switch id := identityOf(c); {
	case err != nil || !id.maySee(who.Grants):
		return problem(codeUnknownSession, "session")
	case !id.mayManage(who.Grants) && s.Account != id.Account:
		return problem(codeForbidden, "session")
	}
	if err := a.accounts.EndSession(c.Request().Context(), s.ID, actorOf(c).ID); err != nil {
		return accountProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActSessionRevoke, Office: officeOfGrants(who.Grants), Target: who.Login, Detail: s.ID})
	return c.NoContent(http.StatusNoContent)
}
