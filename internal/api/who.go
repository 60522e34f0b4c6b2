package api

import (
	"context"
	"errors"
	"slices"

	"machi/internal/queue"
)

// SessionCookie is the cookie that holds a person's session or API token.
const SessionCookie = "machi_session"

// Identity is who a token or a session stands for.
type Identity struct {
	ID     string         // of the token or the account, never the token itself
	Name   string         // what the log says
	Role   Role           // what it may do; behind a guard, at the office of the path
	Office queue.OfficeID // where; empty: everywhere
	Kiosk  queue.KioskID  // with RoleKiosk, the machine; empty: any of the office
	Device bool           // it signs with a key of its own, which ID names

	Account string  // the account's id; empty: a program's token
	Session string  // the session's id, harmless to show
	Grants  []Grant // of an account: every role that it has
	Owes    Owed    // what the person must do first; until then only that
}

// Grant is one role of an account: at one office, or everywhere when Office is empty.
type Grant struct {
	Role   Role           `json:"role"`
	Office queue.OfficeID `json:"office,omitempty"`
}

// Owed is what somebody who has signed in must do before anything else. It is also
// the code of the problem that everything else is answered with.
type Owed string

// What may be owed.
const (
	OwesPassword Owed = "password_change_required"
	OwesTOTP     Owed = "totp_required"
)

// Role is what a token or an account may do.
type Role string

// The roles. The first three are machines', the others people's, the weakest first.
const (
	RoleKiosk     Role = "kiosk"
	RoleSignage   Role = "signage"
	RoleWeb       Role = "web" // a public tier that takes tickets for residents
	RoleReception Role = "reception"
	RoleStaff     Role = "staff" // a clerk
	RoleManager   Role = "manager"
	RoleAdmin     Role = "admin"
)

// rank orders the roles of people; machines' roles have none.
func (r Role) rank() int {
	return slices.Index([]Role{RoleReception, RoleStaff, RoleManager, RoleAdmin}, r)
}

// At returns the identity as it stands at an office: with the strongest role that it
// has there. Without an office, or where it has none, it is the strongest of all.
func (id Identity) At(office queue.OfficeID) Identity {
	here := false
	for i, g := range id.Grants {
		holds := office != "" && (g.Office == "" || g.Office == office)
		if i == 0 || holds && !here || holds == here && g.Role.rank() > id.Role.rank() {
			id.Role, id.Office = g.Role, g.Office
		}
		here = here || holds
	}
	return id
}

// Has reports whether the identity has a role at an office or a stronger one; an
// empty office asks for the role everywhere.
func (id Identity) Has(r Role, office queue.OfficeID) bool {
	grants := id.Grants
	if len(grants) == 0 {
		grants = []Grant{{id.Role, id.Office}}
	}
	return r.rank() >= 0 && slices.ContainsFunc(grants, func(g Grant) bool {
		return g.Role.rank() >= r.rank() && (g.Office == "" || g.Office == office)
	})
}

// Authenticator knows tokens and sessions. It returns [ErrToken] for one that is
// unknown, expired or revoked.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (Identity, error)
}

// ErrToken says that a token is not valid.
var ErrToken = errors.New("api: the token is not valid")

// policy is who may use a route.
type policy struct {
	name  string
	roles []Role // none: everybody
	owing bool   // also whoever owes something first
}

// The policies. Everything that managers may do, admins may.
var (
	public        = policy{name: "public"}
	persons       = policy{"person", []Role{RoleReception, RoleStaff, RoleManager, RoleAdmin}, true}
	receptionists = policy{"reception", []Role{RoleReception, RoleStaff, RoleManager, RoleAdmin}, false}
	clerks        = policy{"staff", []Role{RoleStaff, RoleManager, RoleAdmin}, false}
	managers      = policy{"manager", []Role{RoleManager, RoleAdmin}, false}
	machines      = policy{"kiosk", []Role{RoleKiosk, RoleAdmin}, false}
	estimators    = policy{"kiosk or manager", []Role{RoleKiosk, RoleManager, RoleAdmin}, false}
	helpers       = policy{"staff or kiosk", []Role{RoleKiosk, RoleReception, RoleStaff, RoleManager, RoleAdmin}, false}
	issuers       = policy{"issuer", []Role{RoleKiosk, RoleWeb, RoleReception, RoleStaff, RoleManager, RoleAdmin}, false}
)

func (p policy) admits(r Role) bool { return len(p.roles) == 0 || slices.Contains(p.roles, r) }
