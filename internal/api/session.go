package api

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
)

// loginBody is what somebody signs in with: a name and a password, or a token.
type loginBody struct {
	Login    string `json:"login,omitempty"`
	Password string `json:"password,omitempty"`
	OTP      string `json:"otp,omitempty"` // of the authenticator, or a recovery code
	Token    string `json:"token,omitempty"`
	Next     string `json:"next,omitempty"` // path to go on to
}

// firstBody is the first administrator.
type firstBody struct {
	Code     string `json:"code"`
	Login    string `json:"login"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// loginAnswer is what a program that signs in is told.
type loginAnswer struct {
	Next string `json:"next"` // the page where this person begins
	Owes Owed   `json:"owes,omitempty"`
}

// login turns a name and a password, or a token that a person typed or scanned, into
// a session cookie.
func (a *API) login(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if !sameSite(c.Request()) {
		return problem(codeCrossSite, "Origin")
	}
	body, err := formOr(c, func(f url.Values) loginBody {
		return loginBody{f.Get("login"), f.Get("password"), f.Get("otp"), f.Get("token"), f.Get("next")}
	})
	if err != nil {
		return err
	}
	var id Identity
	switch body.Token = strings.TrimSpace(body.Token); {
	case body.Token != "":
		id, err = a.loginByToken(c, body.Token)
	case body.Login == "":
		err = problem("missing_field", "login")
	default:
		id, err = a.loginByPassword(c, body)
	}
	return a.goOn(c, "/staff/login", id, body.Next, err)
}

// formOr reads a form, as browsers without script send it, or else JSON.
func formOr[T any](c echo.Context, read func(url.Values) T) (T, error) {
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if kind != echo.MIMEApplicationForm {
		return decode[T](c, maxBody)
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxBody)
	if err := c.Request().ParseForm(); err != nil {
		var none T
		return none, problem(codeBadValue, "body")
	}
	return read(c.Request().PostForm), nil
}

// loginByToken limits wrong guesses like those at status secrets.
func (a *API) loginByToken(c echo.Context, token string) (Identity, error) {
	if wait := a.misses.blocked(c.RealIP(), a.wall()); wait > 0 {
		return Identity{}, &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	id, err := a.auth.Authenticate(c.Request().Context(), token)
	if errors.Is(err, ErrToken) {
		a.misses.count(c.RealIP(), a.wall())
		a.audit(c, AuditEntry{Action: ActLogin, Who: "token", Result: codeUnauthenticated, Detail: c.RealIP()})
		return id, problem(codeUnauthenticated, "token")
	}
	if err != nil {
		return id, err
	}
	c.SetCookie(a.cookie(token, 0))
	c.Set(identityKey, id)
	a.audit(c, AuditEntry{Action: ActLogin, Target: id.ID, Detail: "token " + c.RealIP()})
	return id, nil
}

func (a *API) loginByPassword(c echo.Context, body loginBody) (Identity, error) {
	if a.accounts == nil {
		return Identity{}, problem(codeBadCredentials, "login")
	}
	in, err := a.accounts.SignIn(c.Request().Context(), account.Credentials{
		Login: body.Login, Password: body.Password, Code: body.OTP, Source: c.RealIP(), Agent: c.Request().UserAgent(),
	})
	if err != nil {
		err = accountProblem(err)
		a.noteRefused(c, ActLogin, body.Login, problemOf(err).Code)
		return Identity{}, err
	}
	return a.signIn(c, in), nil
}

// noteRefused notes that a stranger was not let in. Wrong guesses are few, because they
// are limited; what is refused unseen costs nothing and is noted once in a while for
// each address, or strangers could write as much as they like.
func (a *API) noteRefused(c echo.Context, action, typed, code string) {
	switch code {
	case codeCodeNeeded:
		return
	case codeRateLimited, codeBusy:
		if a.refusals.blocked(c.RealIP(), a.wall()) > 0 {
			return
		}
		a.refusals.count(c.RealIP(), a.wall())
	}
	a.audit(c, AuditEntry{Action: action, Who: typedName(typed), Result: code, Detail: c.RealIP()})
}

// typedName is what may be kept of a name that a stranger typed: it may have been
// the password.
func typedName(text string) string {
	if text = account.CleanLogin(text); nameForm.MatchString(text) {
		return text
	}
	return "?"
}

var nameForm = regexp.MustCompile(`^[a-z0-9._-]{2,32}$`)

// signIn gives a browser the session that has just begun.
func (a *API) signIn(c echo.Context, in account.SignedIn) Identity {
	id := a.personOf(in.Session, in.Account)
	c.SetCookie(a.cookie(in.Token, 0))
	c.Set(identityKey, id)
	a.audit(c, AuditEntry{Action: ActLogin, Target: in.Session.ID, Detail: in.Session.Source})
	return id
}

// personOf returns who a session stands for.
func (a *API) personOf(s account.Session, who account.Account) Identity {
	return PersonOf(s, who, a.accounts.Owes(who))
}

// PersonOf returns who a session of an account stands for.
func PersonOf(s account.Session, who account.Account, owes account.Owes) Identity {
	id := Identity{ID: who.ID, Name: who.Label(), Account: who.ID, Session: s.ID}
	for _, g := range who.Grants {
		id.Grants = append(id.Grants, Grant{Role(g.Role), g.Office})
	}
	switch owes {
	case account.OwesPassword:
		id.Owes = OwesPassword
	case account.OwesTOTP:
		id.Owes = OwesTOTP
	}
	return id.At("")
}

// goOn sends a person on to a page, and a program an answer. A failure sends the
// person back to the form.
func (a *API) goOn(c echo.Context, form string, id Identity, next string, failed error) error {
	page := wantsPage(c.Request())
	if failed != nil {
		if !page {
			return failed
		}
		back := url.Values{"error": {problemOf(failed).Code}}
		if next != "" {
			back.Set("next", next)
		}
		return c.Redirect(http.StatusSeeOther, form+"?"+back.Encode())
	}
	next = localPath(next, landing(id))
	if id.Owes != "" {
		next = "/staff/me"
	}
	if page {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return answer(c, http.StatusOK, loginAnswer{Next: next, Owes: id.Owes})
}

// landing is the page where a person begins.
func landing(id Identity) string {
	office := "/staff"
	if id.Office != "" {
		office += "/" + url.PathEscape(string(id.Office))
	}
	switch {
	case id.Account == "":
		return "/staff"
	case id.Role == RoleAdmin:
		return "/admin"
	case id.Role == RoleManager:
		return "/manager"
	case id.Role == RoleReception && id.Office != "":
		return office + "/desk"
	}
	return office
}

// localPath returns a path of this server, whatever a link tried to make of it.
func localPath(path, otherwise string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return otherwise
	}
	return path
}

// logout ends the session everywhere and forgets the cookie.
func (a *API) logout(c echo.Context) error {
	if !sameSite(c.Request()) {
		return problem(codeCrossSite, "Origin")
	}
	if id, err := a.identify(c.Request()); err == nil && id.Session != "" && a.accounts != nil {
		c.Set(identityKey, id)
		if err := a.accounts.EndSession(c.Request().Context(), id.Session, id.Account); err != nil && !errors.Is(err, account.ErrUnknown) {
			return accountProblem(err) // still signed in: the person must know
		}
		a.audit(c, AuditEntry{Action: ActLogout, Target: id.Session})
	}
	c.SetCookie(a.cookie("", -1))
	if wantsPage(c.Request()) {
		return c.Redirect(http.StatusSeeOther, "/staff/login?out=1")
	}
	return c.NoContent(http.StatusNoContent)
}

// firstAdmin lets the first administrator in by the one-time code.
func (a *API) firstAdmin(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if !sameSite(c.Request()) {
		return problem(codeCrossSite, "Origin")
	}
	body, err := formOr(c, func(f url.Values) firstBody {
		return firstBody{f.Get("code"), f.Get("login"), strings.TrimSpace(f.Get("name")), f.Get("password")}
	})
	if err != nil {
		return err
	}
	if a.accounts == nil {
		return problem(codeNotFirst, "")
	}
	if wait := a.misses.blocked(c.RealIP(), a.wall()); wait > 0 {
		return a.goOn(c, "/staff/first", Identity{}, "", &Problem{Code: codeRateLimited, retryAfter: wait})
	}
	in, err := a.accounts.AddFirst(c.Request().Context(), account.First{
		Code: body.Code, Login: body.Login, Name: body.Name, Password: body.Password, Source: c.RealIP(), Agent: c.Request().UserAgent(),
	})
	if err != nil {
		err = accountProblem(err)
		if code := problemOf(err).Code; code == codeFirstCode || code == codeNotFirst {
			a.misses.count(c.RealIP(), a.wall())
			a.noteRefused(c, ActFirstAdmin, body.Login, code)
		}
		return a.goOn(c, "/staff/first", Identity{}, "", err)
	}
	id := a.signIn(c, in)
	a.audit(c, AuditEntry{Action: ActFirstAdmin, Target: in.Account.Login})
	return a.goOn(c, "/staff/first", id, "", nil)
}

// hostCookie is the cookie's name where people come by TLS: browsers take it from
// this host alone.
const hostCookie = "__Host-" + SessionCookie

// cookie lives as long as the browser. Its session ends before that. Lax, not strict:
// a link from the city's intranet opens the page of whoever has signed in; what
// changes anything must come from our own pages anyway.
func (a *API) cookie(value string, age int) *http.Cookie {
	name := SessionCookie
	if a.secure {
		name = hostCookie
	}
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: a.secure,
	}
}

// IdentityOf returns who a request comes from, for pages that are drawn for staff.
func (a *API) IdentityOf(r *http.Request) (Identity, error) { return a.identify(r) }
