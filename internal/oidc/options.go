package oidc

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"machi/internal/queue"
)

// Grant is a role at an office; an empty office is all of them.
type Grant struct {
	Role   string
	Office queue.OfficeID
}

// Options say which service is asked, and what its groups may do here.
type Options struct {
	// Issuer is the service's identifier, exactly as it names itself.
	Issuer string
	// ClientID and ClientSecret are what the service knows us by.
	ClientID, ClientSecret string
	// RedirectURL is our address that the service sends people back to.
	RedirectURL string
	// Scopes are asked for besides openid; nil means profile.
	Scopes []string
	// GroupsClaim names the claim of the groups; empty means groups.
	GroupsClaim string
	// Groups says what the members of a group may do.
	Groups map[string][]Grant
	// ACR, if set, is the authentication context that is demanded, such as one with a
	// second factor.
	ACR string
	// Key seals what is under way; servers behind one address share it.
	Key []byte
	// Now is the wall's clock; nil means time.Now.
	Now func() time.Time
	// Transport carries the questions to the service; nil means a new one.
	Transport http.RoundTripper
	Logger    *slog.Logger
}

// The bounds of what a service may answer and how long it may take.
const (
	askWithin  = 10 * time.Second
	maxAnswer  = 1 << 20
	keepFor    = time.Hour       // addresses of the service
	tryAgain   = 3 * time.Second // after a failure to learn them
	attemptFor = 10 * time.Minute
	skew       = time.Minute
)

// algorithms lists how an ID token may be signed: with the service's private key.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

func (o Options) withDefaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Scopes == nil {
		o.Scopes = []string{"profile"}
	}
	if o.GroupsClaim == "" {
		o.GroupsClaim = "groups"
	}
	switch {
	case o.ClientID == "" || o.ClientSecret == "":
		return o, errors.New("oidc: the client's id or secret is missing")
	case len(o.Key) < 16:
		return o, errors.New("oidc: the key is shorter than 16 bytes")
	case len(o.Groups) == 0:
		return o, errors.New("oidc: no group may do anything")
	}
	if err := checkURL(o.Issuer); err != nil {
		return o, fmt.Errorf("oidc: issuer: %w", err)
	}
	if err := checkURL(o.RedirectURL); err != nil {
		return o, fmt.Errorf("oidc: redirect address: %w", err)
	}
	return o, nil
}

// checkURL refuses what is not a whole https address. This machine itself may be
// reached without TLS.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%q is not a whole address", text)
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%q is not https", text)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ParseGroup reads "group=role@office" or "group=role".
func ParseGroup(text string, roles []string) (group string, g Grant, err error) {
	at := strings.LastIndex(text, "=")
	if at < 1 {
		return "", g, fmt.Errorf("group %q: want GROUP=ROLE@OFFICE or GROUP=ROLE", text)
	}
	role, office, one := strings.Cut(text[at+1:], "@")
	if one && office == "" { // all offices are meant only where none is begun
		return "", g, fmt.Errorf("group %q: the office is missing", text)
	}
	if !slices.Contains(roles, role) {
		return "", g, fmt.Errorf("group %q: role %q: want one of %v", text, role, roles)
	}
	return text[:at], Grant{role, queue.OfficeID(office)}, nil
}
