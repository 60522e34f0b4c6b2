package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"machi/internal/account"
	"machi/internal/api"
	"machi/internal/oidc"
	"machi/internal/queue"
)

// SSO names the city's own sign-in service; an empty Issuer is none.
type SSO struct {
	Issuer, ClientID, ClientSecret string
	// Groups say what their members may do: "group=role@office", or "group=role" for
	// all offices.
	Groups      []string
	GroupsClaim string   // empty: groups
	Scopes      []string // nil: profile
	ACR         string   // demanded strength of the sign-in; empty: any
}

// openSSO prepares for the sign-in service. It is not asked anything yet: a server
// starts while it is away.
func (s *Server) openSSO() (api.SSO, error) {
	o := s.options.SSO
	if o.Issuer == "" {
		return nil, nil
	}
	if s.options.PublicURL == "" {
		return nil, errors.New("sign-in service: it needs to know the server's public address (public-url)")
	}
	groups := map[string][]oidc.Grant{}
	for _, text := range o.Groups {
		var roles []string
		for _, r := range account.Roles {
			roles = append(roles, string(r))
		}
		name, grant, err := oidc.ParseGroup(text, roles)
		if err != nil {
			return nil, err
		}
		if c, _ := s.source.Catalog(); grant.Office != "" {
			if _, ok := c.Office(grant.Office); !ok {
				return nil, fmt.Errorf("group %q: office %q is not in the catalogue", text, grant.Office)
			}
		}
		if grant.Role == string(account.Admin) && grant.Office != queue.OfficeID("") {
			return nil, fmt.Errorf("group %q: an administrator is for all offices", text)
		}
		groups[name] = append(groups[name], grant)
	}
	return oidc.New(oidc.Options{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret,
		RedirectURL: strings.TrimSuffix(s.options.PublicURL, "/") + "/staff/oidc/callback",
		Scopes:      o.Scopes, GroupsClaim: o.GroupsClaim, Groups: groups, ACR: o.ACR,
		Key: s.keeper.SecretKey(), Now: time.Now, Logger: s.options.Logger,
	})
}
