package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/oidc"
)

// SSO is the city's own sign-in service.
type SSO interface {
	Begin(ctx context.Context, next string) (address, sealed string, err error)
	Finish(ctx context.Context, sealed string, answer url.Values) (oidc.Person, string, error)
}

// The problems of signing in at the city's service.
const (
	codeSSOUnavailable = "sso_unavailable"
	codeSSOExpired     = "sso_expired"
	codeSSODenied      = "sso_denied"
	codeSSOFailed      = "sso_failed"
	codeSSONoRole      = "sso_no_role"
)

var ssoMeanings = map[string]meaning{
	codeSSOUnavailable: {http.StatusServiceUnavailable, "庁内の認証サービスにつながりません。時間をおくか、ログイン名とパスワードでログインしてください", "The city's sign-in service does not answer; try later, or sign in with a login name and password"},
	codeSSOExpired:     {http.StatusBadRequest, "ログインの手続きが途切れました。もう一度はじめてください", "The sign-in was interrupted; begin again"},
	codeSSODenied:      {http.StatusForbidden, "庁内の認証サービスがログインを断りました", "The city's sign-in service refused"},
	codeSSOFailed:      {http.StatusUnauthorized, "庁内の認証サービスの返事を確かめられませんでした", "The city's sign-in service's answer could not be believed"},
	codeSSONoRole:      {http.StatusForbidden, "このシステムを使う権限がありません。管理者に連絡してください", "You have no role in this system; ask your administrator"},
}

const (
	attemptCookie  = "machi_oidc" // what is under way, sealed
	attemptSeconds = 600
	maxNext        = 300
)

func (a *API) ssoRoutes() []route {
	return []route{
		{"GET", "/staff/oidc/start", public, a.ssoStart},
		{"GET", "/staff/oidc/callback", public, a.ssoCallback},
	}
}

// ssoStart sends a browser to the city's sign-in service.
func (a *API) ssoStart(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if a.sso == nil {
		return problem(codeNotFound, "path")
	}
	next := localPath(c.QueryParam("next"), "")
	if len(next) > maxNext {
		next = ""
	}
	address, sealed, err := a.sso.Begin(c.Request().Context(), next)
	if err != nil {
		return a.ssoFailed(c, next, err)
	}
	c.SetCookie(a.attemptCookie(sealed, attemptSeconds))
	return c.Redirect(http.StatusSeeOther, address)
}

// ssoCallback takes what the service sends a browser back with. It is a GET that
// begins a session: what the browser brings must fit what this browser began.
func (a *API) ssoCallback(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if a.sso == nil || a.accounts == nil {
		return problem(codeNotFound, "path")
	}
	if wait := a.misses.blocked(c.RealIP(), a.wall()); wait > 0 {
		return &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	sealed := ""
	if cookie, err := c.Cookie(a.attemptCookie("", 0).Name); err == nil {
		sealed = cookie.Value
	}
	c.SetCookie(a.attemptCookie("", -1))
	person, next, err := a.sso.Finish(c.Request().Context(), sealed, c.QueryParams())
	if err != nil {
		return a.ssoFailed(c, next, err)
	}
	p := account.Person{Login: person.Login, Name: person.Name}
	for _, g := range person.Grants {
		p.Grants = append(p.Grants, account.Grant{Role: account.Role(g.Role), Office: g.Office})
	}
	subject := account.Subject{Issuer: person.Issuer, ID: person.Subject}
	in, err := a.accounts.SignInSubject(c.Request().Context(), subject, p, c.RealIP(), c.Request().UserAgent())
	if err != nil {
		return a.ssoFailed(c, next, err)
	}
	return a.goOn(c, "/staff/login", a.signIn(c, in), next, nil)
}

// ssoFailed notes why somebody was not signed in, and tells the person as much as
// helps.
func (a *API) ssoFailed(c echo.Context, next string, err error) error {
	var field *account.FieldError
	code := ""
	switch {
	case errors.Is(err, oidc.ErrUnavailable):
		code = codeSSOUnavailable
	case errors.Is(err, oidc.ErrAttempt):
		code = codeSSOExpired
	case errors.Is(err, oidc.ErrDenied):
		code = codeSSODenied
	case errors.Is(err, oidc.ErrNoRole), errors.As(err, &field):
		code = codeSSONoRole
	case errors.Is(err, oidc.ErrAnswer), errors.Is(err, account.ErrCredentials):
		code = codeSSOFailed
	default:
		return a.goOn(c, "/staff/login", Identity{}, next, err)
	}
	a.logger.Warn("nobody was signed in by the city's service", "code", code, "error", err)
	if code != codeSSOUnavailable {
		a.misses.count(c.RealIP(), a.wall())
		a.audit(c, AuditEntry{Action: ActLogin, Who: "sso", Result: code, Detail: c.RealIP()})
	}
	return a.goOn(c, "/staff/login", Identity{}, next, problem(code, ""))
}

// attemptCookie is sent when the service sends the browser back, which strict cookies
// are not.
func (a *API) attemptCookie(value string, age int) *http.Cookie {
	name := attemptCookie
	if a.secure {
		name = "__Host-" + name
	}
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: a.secure}
}
