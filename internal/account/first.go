package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"
	"time"
)

// The terms of the code that lets the first administrator in.
const (
	FirstLife  = 10 * time.Minute
	FirstTries = 5
	maxFirsts  = 5 // of servers that start at once, each of which prints one
)

var (
	// ErrNotFirst says that there is an administrator already.
	ErrNotFirst = errors.New("account: there is an administrator already")
	// ErrFirstCode says that the first administrator's code is wrong, used, expired
	// or was guessed at too often.
	ErrFirstCode = errors.New("account: the code is not valid")
)

// firstCode lets the first administrator in. The log holds its hash.
type firstCode struct {
	ID      string    `json:"id"`
	Hash    string    `json:"hash"`
	Expires time.Time `json:"expires"`

	tries int
}

// Empty reports whether nobody can manage accounts yet.
func (k *Keeper) Empty() bool {
	for _, a := range k.Accounts() {
		if a.Has(Admin) && a.Valid(k.o.Now()) {
			return false
		}
	}
	return true
}

// NewFirstCode draws a code with which the first administrator comes in; the newest
// that other servers drew stand beside it. It returns ErrNotFirst where there is an administrator.
func (k *Keeper) NewFirstCode(ctx context.Context) (string, time.Time, error) {
	text := draw(3, 4)
	n := firstCode{ID: rand.Text()[:10], Hash: hashCode(text), Expires: k.o.Now().Add(FirstLife)}
	err := k.append(ctx, func() (event, error) {
		if !k.Empty() {
			return event{}, ErrNotFirst
		}
		return event{First: &n}, nil
	})
	return text, n.Expires, err
}

// First is the first administrator.
type First struct {
	Code, Login, Name, Password string
	Source, Agent               string
}

// AddFirst makes the first administrator's account and begins a session. A wrong
// code is ErrFirstCode, and counted on every server before it is looked at; what
// else is wrong costs no try. Other errors are those of [Keeper.Add] and ErrNotFirst.
func (k *Keeper) AddFirst(ctx context.Context, f First) (SignedIn, error) {
	a := Account{ID: rand.Text()[:10], Login: CleanLogin(f.Login), Name: f.Name, Grants: []Grant{{Role: Admin}}, By: "first-admin"}
	if err := a.check(); err != nil {
		return SignedIn{}, err
	}
	if err := CheckPassword(f.Password, a.Login, a.Name); err != nil {
		return SignedIn{}, err
	}
	id, err := k.tryFirst(ctx, f.Code)
	if err != nil {
		return SignedIn{}, err
	}
	hash, err := k.hash(ctx, f.Password)
	if err != nil {
		return SignedIn{}, err
	}
	e := added{Account: a, Hash: hash, First: id}
	err = k.append(ctx, func() (event, error) {
		switch {
		case !k.Empty():
			return event{}, ErrNotFirst
		case !k.hasFirst(id):
			return event{}, ErrFirstCode
		}
		return k.adding(&e)()
	})
	if err != nil {
		return SignedIn{}, err
	}
	if a, err = k.Account(a.ID); err != nil {
		return SignedIn{}, err
	}
	return k.begin(ctx, a, browser{f.Source, f.Agent})
}

// tryFirst counts a try, of every code that stands, and returns the id of the one that
// was given.
func (k *Keeper) tryFirst(ctx context.Context, code string) (string, error) {
	var against []firstCode
	err := k.append(ctx, func() (event, error) {
		against = k.standing()
		if len(against) == 0 {
			return event{}, ErrFirstCode
		}
		return event{Tried: against[len(against)-1].ID}, nil
	})
	if err != nil {
		return "", err
	}
	hash, id := []byte(hashCode(code)), ""
	for _, n := range against {
		if subtle.ConstantTimeCompare(hash, []byte(n.Hash)) == 1 {
			id = n.ID
		}
	}
	if id == "" {
		return "", ErrFirstCode
	}
	return id, nil
}

// standing returns the codes that may be tried now, the newest last.
func (k *Keeper) standing() []firstCode {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []firstCode
	for _, n := range k.firsts {
		if n.tries < FirstTries && k.o.Now().Before(n.Expires) {
			list = append(list, n)
		}
	}
	return list
}

// drawn takes a new code in. The caller holds mu.
func (k *Keeper) drawn(n firstCode) {
	k.firsts = append(k.firsts, n)
	k.firsts = k.firsts[max(0, len(k.firsts)-maxFirsts):]
}

// hasFirst reports whether a code has not been used up; it may be tried out.
func (k *Keeper) hasFirst(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.firsts, func(n firstCode) bool { return n.ID == id })
}
