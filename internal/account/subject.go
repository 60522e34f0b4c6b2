package account

import (
	"crypto/rand"
	"slices"

	"machi/internal/ledger"
)

func (k *Keeper) bySubject(s Subject) (Account, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range k.accounts {
		if a.Subject != nil && *a.Subject == s {
			return *a, true
		}
	}
	return Account{}, false
}

// following answers what has to be written for a person of the city's sign-in
// service: a new account, other grants, or nothing.
func (k *Keeper) following(s Subject, p Person) (event, error) {
	a, ok := k.bySubject(s)
	switch {
	case ok && slices.Equal(a.Grants, p.Grants):
		return event{}, ledger.ErrDone
	case ok:
		return event{Granted: &granted{change{a.ID, s.Issuer}, p.Grants}}, nil
	}
	n := added{Account: Account{ID: rand.Text()[:10], Login: CleanLogin(p.Login), Name: p.Name, Grants: p.Grants, Subject: &s, By: s.Issuer}}
	if checkName(n.Name) != nil {
		n.Name = "SSO"
	}
	_, err := k.ByLogin(n.Login)
	if err == nil || n.check() != nil { // a name that is taken or cannot be one: the log needs another
		n.Login = "sso-" + draw(1, 6)
	}
	return k.adding(&n)()
}
