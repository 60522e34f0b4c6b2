package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/signature"
)

const identityKey = "machi.identity"

// identityOf returns who asks; the zero Identity on public routes.
func identityOf(c echo.Context) Identity {
	id, _ := c.Get(identityKey).(Identity)
	return id
}

// guard lets through whom a policy admits for the office of the path.
func (a *API) guard(p policy, next echo.HandlerFunc) echo.HandlerFunc {
	if len(p.roles) == 0 {
		return next
	}
	return func(c echo.Context) error {
		a.tellTime(c)
		a.tellNow(c)
		id, err := a.identify(c.Request())
		if err != nil {
			return err
		}
		if err := samePerson(c.Request(), id); err != nil {
			return err
		}
		id = id.At(officeOf(c))
		if err := id.allowed(p, officeOf(c)); err != nil {
			return err
		}
		c.Set(identityKey, id)
		return next(c)
	}
}

func (id Identity) allowed(p policy, office queue.OfficeID) error {
	switch {
	case office != "" && id.Office != "" && id.Office != office:
		return problemf(codeForbidden, "office", "the token is for another office")
	case !p.admits(id.Role):
		return problemf(codeForbidden, "role", "%s needed", p.name)
	case id.Owes != "" && !p.owing:
		return problem(string(id.Owes), "session")
	}
	return nil
}

// identify finds out who asks, from the signature, the Authorization header or else
// the cookie.
func (a *API) identify(r *http.Request) (Identity, error) {
	if signature.Signed(r) {
		return a.signed(r)
	}
	token, cookie := a.tokenOf(r)
	if token == "" {
		return Identity{}, problem(codeUnauthenticated, "Authorization")
	}
	if cookie && !sameSite(r) {
		return Identity{}, problem(codeCrossSite, "Origin")
	}
	id, err := a.auth.Authenticate(r.Context(), token)
	switch {
	case errors.Is(err, ErrToken):
		return Identity{}, problem(codeUnauthenticated, "Authorization")
	case err != nil:
		return Identity{}, err
	}
	if id.Session != "" && a.accounts != nil && acts(r) {
		a.accounts.Touch(id.Session)
	}
	return id, nil
}

// acts reports whether a request shows that somebody is there: a press, or a page
// that was opened. What pages fetch by themselves does not.
func acts(r *http.Request) bool {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	return !read || r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

// tokenOf returns the token of a request. By TLS it takes only the cookie that
// nobody but this host can have set.
func (a *API) tokenOf(r *http.Request) (token string, cookie bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", false
		}
		return strings.TrimSpace(token), false
	}
	if c, err := r.Cookie(hostCookie); err == nil {
		return c.Value, true
	}
	if c, err := r.Cookie(SessionCookie); err == nil && !a.secure {
		return c.Value, true
	}
	return "", false
}

// sameSite reports whether a request with a cookie comes from our own pages. Reads
// change nothing and their answers cannot be read across sites; everything else
// must say where it comes from.
func sameSite(r *http.Request) bool {
	if isWebSocket(r) {
		return sameOrigin(r)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		return sameOrigin(r)
	}
	return false
}

// sameOrigin reports whether the Origin header names exactly the host asked for.
func sameOrigin(r *http.Request) bool {
	origin, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || (origin.Scheme != "http" && origin.Scheme != "https") || origin.User != nil {
		return false
	}
	return origin.Host != "" && strings.EqualFold(origin.Host, r.Host) && origin.Path == "" && origin.RawQuery == ""
}

func isWebSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// actorOf returns who asks, as the log names it.
func actorOf(c echo.Context) queue.Actor {
	id := identityOf(c)
	name := id.Name
	if name == "" {
		name = id.ID
	}
	if id.Role == RoleKiosk && id.Kiosk != "" {
		name = string(id.Kiosk)
	}
	return queue.Actor{Role: logRole(id.Role), ID: name}
}

// logRole returns a role as the log names it.
func logRole(r Role) string {
	switch r {
	case RoleKiosk:
		return queue.RoleKiosk
	case RoleWeb:
		return queue.RoleWeb
	case RoleManager, RoleAdmin:
		return queue.RoleManager
	}
	return queue.RoleStaff
}

// mayIssue reports what of an issue a role may not ask for.
func (id Identity) mayIssue(b issueBody) error {
	switch {
	case id.Role == RoleWeb && b.Channel != queue.ChannelWeb && b.Channel != queue.ChannelAppointment:
		return problemf(codeForbidden, "channel", "role web issues for web and appointment")
	case id.Role == RoleKiosk && b.Channel == queue.ChannelWeb:
		return problemf(codeForbidden, "channel", "role kiosk issues for kiosk, for reception in its staff mode, and appointment")
	case id.Role == RoleWeb && (b.Priority || b.Desk):
		return problemf(codeForbidden, "priority", "only staff and kiosks may set it")
	case b.Desk && id.Role == RoleKiosk:
		return problemf(codeForbidden, "desk", "only staff may give desk numbers")
	case b.Ticket == "":
		return nil
	case id.Role != RoleKiosk:
		return problemf(codeForbidden, "ticket", "only a kiosk makes ticket ids")
	case id.Kiosk != "" && !strings.HasPrefix(string(b.Ticket), string(id.Kiosk)+"."):
		return problemf(codeForbidden, "ticket", "a kiosk's ticket ids begin with its own name")
	}
	return nil
}
