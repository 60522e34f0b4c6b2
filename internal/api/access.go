package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/signature"
)

// SessionCookie is the cookie that holds a person's API token.
const SessionCookie = "machi_session"

// Identity is who a token stands for.
type Identity struct {
	ID     string         // of the token, never the token itself
	Name   string         // what the log says
	Role   Role           // what it may do
	Office queue.OfficeID // where; empty: everywhere
	Kiosk  queue.KioskID  // with RoleKiosk, the machine; empty: any of the office
	Device bool           // it signs with a key of its own, which ID names
}

// Role is what a token may do.
type Role string

// The roles of tokens.
const (
	RoleKiosk   Role = "kiosk"
	RoleSignage Role = "signage"
	RoleWeb     Role = "web" // a public tier that takes tickets for residents
	RoleStaff   Role = "staff"
	RoleManager Role = "manager"
	RoleAdmin   Role = "admin"
)

// Authenticator knows tokens. It returns [ErrToken] for one that is unknown,
// expired or revoked.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (Identity, error)
}

// ErrToken says that a token is not valid.
var ErrToken = errors.New("api: the token is not valid")

// policy is who may use a route.
type policy struct {
	name  string
	roles []Role // none: everybody
}

// The policies. Everything that managers may do, admins may.
var (
	public   = policy{name: "public"}
	clerks   = policy{"staff", []Role{RoleStaff, RoleManager, RoleAdmin}}
	managers = policy{"manager", []Role{RoleManager, RoleAdmin}}
	machines = policy{"kiosk", []Role{RoleKiosk, RoleAdmin}}
	helpers  = policy{"staff or kiosk", []Role{RoleKiosk, RoleStaff, RoleManager, RoleAdmin}}
	issuers  = policy{"issuer", []Role{RoleKiosk, RoleWeb, RoleStaff, RoleManager, RoleAdmin}}
)

func (p policy) admits(r Role) bool {
	if len(p.roles) == 0 {
		return true
	}
	for _, role := range p.roles {
		if role == r {
			return true
		}
	}
	return false
}

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
		id, err := a.identify(c.Request())
		if err != nil {
			return err
		}
		if err := id.allowed(p, officeOf(c)); err != nil {
			return err
		}
		c.Set(identityKey, id)
		return next(c)
	}
}

func (id Identity) allowed(p policy, office queue.OfficeID) error {
	switch {
	case !p.admits(id.Role):
		return problemf(codeForbidden, "role", "%s needed", p.name)
	case office != "" && id.Office != "" && id.Office != office:
		return problemf(codeForbidden, "office", "the token is for another office")
	}
	return nil
}

// identify finds out who asks, from the signature, the Authorization header or else
// the cookie.
func (a *API) identify(r *http.Request) (Identity, error) {
	if signature.Signed(r) {
		return a.signed(r)
	}
	token, cookie := tokenOf(r)
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
	return id, nil
}

func tokenOf(r *http.Request) (token string, cookie bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", false
		}
		return strings.TrimSpace(token), false
	}
	if c, err := r.Cookie(SessionCookie); err == nil {
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
	switch id.Role {
	case RoleKiosk:
		if id.Kiosk != "" {
			name = string(id.Kiosk)
		}
		return queue.Actor{Role: queue.RoleKiosk, ID: name}
	case RoleWeb:
		return queue.Actor{Role: queue.RoleWeb, ID: name}
	case RoleManager, RoleAdmin:
		return queue.Actor{Role: queue.RoleManager, ID: name}
	}
	return queue.Actor{Role: queue.RoleStaff, ID: name}
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
