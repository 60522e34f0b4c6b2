package account

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrCredentials says that login name and password do not belong together, or
	// that the account may not be used; strangers do not learn which.
	ErrCredentials = errors.New("account: wrong login name or password")
	// ErrCodeNeeded says that the password is right and the authenticator's code missing.
	ErrCodeNeeded = errors.New("account: the authenticator's code is needed")
	// ErrCode says that the authenticator's code is wrong, old or used.
	ErrCode = errors.New("account: wrong code")
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Login, Password string
	Code            string // of the authenticator, or a recovery code
	Source, Agent   string // address and name of the browser
}

// SignIn begins a session. It returns ErrCredentials, ErrCodeNeeded, ErrCode,
// Limited or ErrBusy. An unknown name takes the same time as a wrong password.
func (k *Keeper) SignIn(ctx context.Context, c Credentials) (SignedIn, error) {
	login := CleanLogin(c.Login)
	if err := k.limited(attempt{Login: k.hide("login", login), Source: k.hide("source", Network(c.Source))}); err != nil {
		return SignedIn{}, err
	}
	a, id, err := k.prove(ctx, login, c.Password, c.Source)
	if err != nil {
		return SignedIn{}, err
	}
	events := []sessionEvent{{Passed: id}}
	if a.TOTP {
		if err := k.readYesterday(ctx); err != nil {
			return SignedIn{}, err
		}
		s, err := k.second(ctx, a, c.Code)
		if errors.Is(err, ErrCodeNeeded) {
			return SignedIn{}, errors.Join(err, k.passed(ctx, id))
		}
		if err != nil {
			return SignedIn{}, err
		}
		if s != nil {
			events = append(events, sessionEvent{Step: s})
		}
	}
	return k.begin(ctx, a, browser{c.Source, c.Agent}, events...)
}

// prove returns the account that a login name and a password belong to, and the id
// of the attempt, which still counts as a wrong guess.
func (k *Keeper) prove(ctx context.Context, login, password, source string) (Account, string, error) {
	leave, err := k.gate.enter(ctx)
	if err != nil {
		return Account{}, "", err
	}
	defer leave()
	id, err := k.try(ctx, login, source)
	if err != nil {
		return Account{}, "", err
	}
	if err := k.book.Refresh(ctx); err != nil { // what was changed at another server counts
		return Account{}, "", err
	}
	a, _ := k.ByLogin(login) // of nobody: the same work as for somebody
	hash := k.none()
	if a.hash != "" {
		hash = a.hash
	}
	if len(password) > maxPassword {
		password = ""
	}
	if !verify(hash, clean(password)) || a.hash == "" || !a.Valid(k.o.Now()) {
		return Account{}, "", ErrCredentials
	}
	return a, id, nil
}

// Person is what the city's sign-in service says of somebody.
type Person struct {
	Login, Name string
	Grants      []Grant
}

// SignInSubject begins a session for whom the city's sign-in service has named. An
// account is made at the first time and follows the service in what the person may
// do. It returns ErrCredentials for a disabled account and a FieldError for a person
// who has no grant here.
func (k *Keeper) SignInSubject(ctx context.Context, s Subject, p Person, source, agent string) (SignedIn, error) {
	if err := checkGrants(p.Grants); err != nil {
		return SignedIn{}, err
	}
	if s.Issuer == "" || s.ID == "" {
		return SignedIn{}, &FieldError{"subject", "is empty"}
	}
	if err := k.append(ctx, func() (event, error) { return k.following(s, p) }); err != nil {
		return SignedIn{}, err
	}
	a, ok := k.bySubject(s)
	if !ok || !a.Valid(k.o.Now()) {
		return SignedIn{}, ErrCredentials
	}
	return k.begin(ctx, a, browser{source, agent})
}

// renew begins a session anew in the place of one, for after a change of what it
// may do.
func (k *Keeper) renew(ctx context.Context, old Session) (SignedIn, error) {
	a, err := k.Account(old.Account)
	if err != nil {
		return SignedIn{}, err
	}
	return k.begin(ctx, a, browser{old.Source, old.Agent}, sessionEvent{Ended: &change{ID: old.ID, By: a.ID}})
}

// ChangePassword replaces a person's password, ends the person's sessions and begins
// one in the place of the one that asks. It returns ErrCredentials for a wrong old
// password, a Weak for a bad new one, ErrFederated, Limited or ErrBusy.
func (k *Keeper) ChangePassword(ctx context.Context, by Session, old, next string) (SignedIn, error) {
	a, err := k.Account(by.Account)
	if err != nil {
		return SignedIn{}, err
	}
	if err := local(a); err != nil {
		return SignedIn{}, err
	}
	if err := CheckPassword(next, a.Login, a.Name); err != nil {
		return SignedIn{}, err
	}
	_, id, err := k.prove(ctx, a.Login, old, by.Source)
	if err != nil {
		return SignedIn{}, err
	}
	if err := k.passed(ctx, id); err != nil {
		return SignedIn{}, err
	}
	if clean(old) == clean(next) {
		return SignedIn{}, Common
	}
	hash, err := k.hash(ctx, next)
	if err != nil {
		return SignedIn{}, err
	}
	was := a.generation
	err = k.changing(ctx, a.ID, event{Password: &password{change{a.ID, a.ID}, hash, false}}, func(a Account) error {
		if a.generation != was { // reset or disabled meanwhile
			return ErrCredentials
		}
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	return k.renew(ctx, by)
}

// sinceEpoch is the number of the authenticator's code at a moment.
func sinceEpoch(at time.Time) int64 { return at.Unix() / period }
