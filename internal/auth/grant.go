package auth

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Role is what a token may do.
type Role string

// Roles lists every role.
var Roles = []Role{"kiosk", "signage", "web", "reception", "staff", "manager", "admin"}

// AllOffices is the office of a grant that holds everywhere.
const AllOffices queue.OfficeID = ""

// Grant is what a token stands for.
type Grant struct {
	ID      string         `json:"id"` // of the token, harmless to show
	Role    Role           `json:"role"`
	Office  queue.OfficeID `json:"office,omitempty"` // empty: all
	Kiosk   queue.KioskID  `json:"kiosk,omitempty"`
	Name    string         `json:"name,omitempty"`
	Created time.Time      `json:"created"`
	Expires time.Time      `json:"expires,omitzero"`
	Revoked time.Time      `json:"revoked,omitzero"`
}

// valid reports whether the grant holds at a moment.
func (g Grant) valid(at time.Time) bool {
	return g.Revoked.IsZero() && (g.Expires.IsZero() || at.Before(g.Expires))
}

var (
	// ErrUnknown says that a token is not known, has expired or was revoked.
	ErrUnknown = errors.New("auth: the token is not valid")
	// ErrBadGrant says that a token cannot be made as asked.
	ErrBadGrant = errors.New("auth: bad grant")
)

// maxName bounds what a token may be called.
const maxName = 80

func (g Grant) check() error {
	switch {
	case !slices.Contains(Roles, g.Role):
		return fmt.Errorf("%w: role %q: want one of %v", ErrBadGrant, g.Role, Roles)
	case len(g.Name) > maxName:
		return fmt.Errorf("%w: the name is longer than %d bytes", ErrBadGrant, maxName)
	case g.Kiosk != "" && (g.Role != "kiosk" || g.Office == AllOffices):
		return fmt.Errorf("%w: a machine needs the role kiosk and an office", ErrBadGrant)
	}
	return nil
}

// event is one entry of the auth log: one of its fields is set.
type event struct {
	Key     []byte         `json:"key,omitempty"` // the installation's
	Hash    *eventlog.Hash `json:"hash,omitempty"`
	Granted *Grant         `json:"granted,omitempty"`
	Revoked string         `json:"revoked,omitempty"` // a grant's id
	Machine *machineEvent  `json:"machine,omitempty"`
}
