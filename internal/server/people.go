package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/office"
	"machi/internal/web/page"
)

// authenticator asks the keeper of tokens, or for a session that of accounts.
type authenticator struct {
	tokens *auth.Keeper
	people *account.Keeper
}

// Authenticate returns who a token or a session stands for.
func (a authenticator) Authenticate(ctx context.Context, token string) (api.Identity, error) {
	if strings.HasPrefix(token, account.TokenPrefix) {
		return a.session(ctx, token)
	}
	g, err := a.tokens.Check(ctx, token)
	switch {
	case errors.Is(err, auth.ErrUnknown):
		return api.Identity{}, api.ErrToken
	case err != nil:
		return api.Identity{}, unreachable(err)
	}
	return api.Identity{ID: g.ID, Name: g.Name, Role: api.Role(g.Role), Office: g.Office, Kiosk: g.Kiosk}, nil
}

func (a authenticator) session(ctx context.Context, token string) (api.Identity, error) {
	s, who, err := a.people.Check(ctx, token)
	switch {
	case errors.Is(err, account.ErrUnknown):
		return api.Identity{}, api.ErrToken
	case err != nil:
		return api.Identity{}, unreachable(err)
	}
	return api.PersonOf(s, who, a.people.Owes(who)), nil
}

func unreachable(err error) error {
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}

// openPeople opens the accounts beside the tokens.
func (s *Server) openPeople() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	s.people, err = account.Open(ctx, account.Options{
		Store: s.beside, Key: s.secretKey(), Idle: s.options.SessionIdle, OptionalTOTP: s.options.OptionalTOTP,
	})
	return err
}

// secretKey is the operator's, or the one that is kept with the tokens.
func (s *Server) secretKey() []byte {
	if len(s.options.SecretKey) > 0 {
		return s.options.SecretKey
	}
	return s.keeper.SecretKey()
}

// People returns who may sign in.
func (s *Server) People() *account.Keeper { return s.people }

// OpenPeople opens the accounts of an installation beside its running servers. What
// it returns can do everything but read authenticators' secrets. The returned
// function closes what was opened.
func OpenPeople(ctx context.Context, o StoreOptions) (*account.Keeper, func() error, error) {
	store, err := openBeside(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	tokens, err := keeperIn(ctx, store)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	people, err := account.Open(ctx, account.Options{Store: store, Key: tokens.SecretKey()})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("accounts: %w", err), store.Close())
	}
	return people, store.Close, nil
}

// identify says which member of staff a request comes from. Somebody who must set up
// an authenticator or change the password first is shown nothing else.
func (s *Server) identify(c echo.Context) (page.Identity, bool) {
	id, err := s.api.IdentityOf(c.Request())
	if err != nil {
		return page.Identity{}, false
	}
	id = id.At("")
	who := page.Identity{
		ID: id.ID, Name: id.Name, Role: string(id.Role), Office: id.Office, Owes: string(id.Owes),
		Manager: id.Role == api.RoleManager || id.Role == api.RoleAdmin,
	}
	for _, g := range id.Grants {
		who.Grants = append(who.Grants, page.Grant{Role: string(g.Role), Office: g.Office})
	}
	return who, id.Owes == "" && id.Has(api.RoleReception, id.Office)
}
