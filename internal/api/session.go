package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// login turns a token that a person typed or scanned into a session cookie. Wrong
// guesses are limited like those at status secrets.
func (a *API) login(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if !sameSite(c.Request()) {
		return problem(codeCrossSite, "Origin")
	}
	if wait := a.misses.blocked(c.RealIP(), a.wall()); wait > 0 {
		return &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxBody)
	if err := c.Request().ParseForm(); err != nil {
		return problem(codeBadValue, "body")
	}
	token := strings.TrimSpace(c.Request().PostForm.Get("token"))
	if token == "" {
		return a.loginAnswer(c, problem("missing_field", "token"))
	}
	if _, err := a.auth.Authenticate(c.Request().Context(), token); errors.Is(err, ErrToken) {
		a.misses.count(c.RealIP(), a.wall())
		return a.loginAnswer(c, problem(codeUnauthenticated, "token"))
	} else if err != nil {
		return a.loginAnswer(c, err)
	}
	c.SetCookie(a.cookie(token, 0))
	return a.loginAnswer(c, nil)
}

// loginAnswer sends a person on to a page, and a program an answer.
func (a *API) loginAnswer(c echo.Context, failed error) error {
	switch {
	case !wantsPage(c.Request()) && failed != nil:
		return failed
	case !wantsPage(c.Request()):
		return c.NoContent(http.StatusNoContent)
	case failed != nil:
		return c.Redirect(http.StatusSeeOther, "/staff/login?error="+problemOf(failed).Code)
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.Request().PostForm.Get("next"), "/staff"))
}

// localPath returns a path of this server, whatever a link tried to make of it.
func localPath(path, otherwise string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return otherwise
	}
	return path
}

func (a *API) logout(c echo.Context) error {
	if !sameSite(c.Request()) {
		return problem(codeCrossSite, "Origin")
	}
	c.SetCookie(a.cookie("", -1))
	if wantsPage(c.Request()) {
		return c.Redirect(http.StatusSeeOther, "/staff/login")
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *API) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: SessionCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: a.secure,
	}
}

// IdentityOf returns who a request comes from, for pages that are drawn for staff.
func (a *API) IdentityOf(r *http.Request) (Identity, error) { return a.identify(r) }
