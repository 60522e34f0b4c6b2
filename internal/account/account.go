package account

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"machi/internal/queue"
)

// Role is what a person may do.
type Role string

// The roles, the weakest first.
const (
	Reception Role = "reception" // 受付案内
	Staff     Role = "staff"     // 窓口職員
	Manager   Role = "manager"   // 管理職
	Admin     Role = "admin"     // システム管理者
)

// Roles lists every role, the weakest first.
var Roles = []Role{Reception, Staff, Manager, Admin}

// Grant is one role, at one office or, where Office is empty, at all.
type Grant struct {
	Role   Role           `json:"role"`
	Office queue.OfficeID `json:"office,omitempty"`
}

// Subject is who a person is at a sign-in service of the city.
type Subject struct {
	Issuer string `json:"issuer"`
	ID     string `json:"id"` // the claim "sub"
}

// Account is one person.
type Account struct {
	ID      string    `json:"id"`
	Login   string    `json:"login"`
	Name    string    `json:"name"` // as colleagues know them; never changes
	Grants  []Grant   `json:"grants"`
	Subject *Subject  `json:"subject,omitempty"` // signs in at the city's service, without a password of ours
	From    time.Time `json:"from,omitzero"`
	Until   time.Time `json:"until,omitzero"` // of a helper for a day
	Created time.Time `json:"created"`
	By      string    `json:"by,omitempty"` // who made it

	Disabled   time.Time `json:"-"` // zero: it is not
	MustChange bool      `json:"-"` // the password was given by somebody else
	TOTP       bool      `json:"-"` // an authenticator app is set up
	Recovery   int       `json:"-"` // recovery codes left

	hash       string // of the password, empty: none
	generation int    // sessions of an older one have ended
	sealed     []byte // the authenticator's secret
	pending    []byte // one that is not confirmed yet
	recovery   []string
}

var (
	// ErrUnknown says that there is no such account or session, or that a session is over.
	ErrUnknown = errors.New("account: unknown")
	// ErrLoginTaken says that another account has the login name.
	ErrLoginTaken = errors.New("account: the login name is taken")
	// ErrLastAdmin says that nobody could manage accounts any more.
	ErrLastAdmin = errors.New("account: the last administrator")
	// ErrTooMany says that there are as many accounts as there may be.
	ErrTooMany = errors.New("account: too many accounts")
	// ErrFederated says that the city's sign-in service decides this.
	ErrFederated = errors.New("account: the city's sign-in service keeps this")
)

// FieldError says which field of an account is not acceptable.
type FieldError struct{ Field, Why string }

// Error names the field and the reason.
func (e *FieldError) Error() string { return fmt.Sprintf("account: %s: %s", e.Field, e.Why) }

// The bounds of an account.
const (
	maxName   = 40 // characters
	maxGrants = 64
	most      = 5000
)

var loginForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])$`)

// CleanLogin returns a login name as it is compared: what a Japanese keyboard makes
// full-width or capital means the same.
func CleanLogin(text string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(text)))
}

// check returns a FieldError for what cannot be an account.
func (a Account) check() error {
	if !loginForm.MatchString(a.Login) {
		return &FieldError{"login", "want 2 to 32 letters a-z, digits, dots, hyphens or underscores"}
	}
	if err := checkName(a.Name); err != nil {
		return err
	}
	if !a.Until.IsZero() && !a.From.Before(a.Until) {
		return &FieldError{"until", "ends before it begins"}
	}
	return checkGrants(a.Grants)
}

// checkName keeps names apart from the login names that logs put in brackets behind
// them, and out of the way of whoever reads logs.
func checkName(name string) error {
	n := utf8.RuneCountInString(name)
	bad := func(r rune) bool {
		return strings.ContainsRune("()（）<>", r) || !unicode.IsPrint(r) && r != '　'
	}
	switch {
	case strings.TrimSpace(name) != name || n == 0 || n > maxName || !utf8.ValidString(name):
		return &FieldError{"name", fmt.Sprintf("want 1 to %d characters", maxName)}
	case strings.ContainsFunc(name, bad):
		return &FieldError{"name", "has brackets or characters that cannot be seen"}
	}
	return nil
}

func checkGrants(grants []Grant) error {
	if len(grants) == 0 || len(grants) > maxGrants {
		return &FieldError{"grants", fmt.Sprintf("want 1 to %d", maxGrants)}
	}
	for i, g := range grants {
		switch {
		case !slices.Contains(Roles, g.Role):
			return &FieldError{"grants", fmt.Sprintf("role %q: want one of %v", g.Role, Roles)}
		case g.Role == Admin && g.Office != "":
			return &FieldError{"grants", "an administrator is one everywhere"}
		case slices.Contains(grants[:i], g):
			return &FieldError{"grants", "names a role twice"}
		}
	}
	return nil
}

// Has reports whether the account has a role anywhere.
func (a Account) Has(r Role) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == r })
}

// Valid reports whether somebody may act by the account at a moment.
func (a Account) Valid(at time.Time) bool {
	return a.Disabled.IsZero() && !at.Before(a.From) && (a.Until.IsZero() || at.Before(a.Until))
}

// Label is the account in a log: the name, which people know, and the login name,
// which no other account has.
func (a Account) Label() string { return a.Name + " (" + a.Login + ")" }
