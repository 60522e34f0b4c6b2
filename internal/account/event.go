package account

import "time"

// event is what happened to accounts: one of its fields is set.
type event struct {
	Added    *added     `json:"added,omitempty"`
	Disabled *change    `json:"disabled,omitempty"`
	Enabled  *change    `json:"enabled,omitempty"`
	Granted  *granted   `json:"granted,omitempty"`
	Password *password  `json:"password,omitempty"`
	Pending  *sealing   `json:"pending,omitempty"` // an authenticator to be confirmed
	TOTP     *sealing   `json:"totp,omitempty"`    // a confirmed one
	Used     *used      `json:"used,omitempty"`
	Ended    *change    `json:"ended,omitempty"` // all sessions
	First    *firstCode `json:"first,omitempty"`
	Tried    string     `json:"tried,omitempty"` // id of the first code that somebody tried
}

type added struct {
	Account
	Hash       string `json:"hash,omitempty"`
	MustChange bool   `json:"must_change,omitempty"`
	First      string `json:"first,omitempty"` // id of the first code that this used up
}

// change is something that was done to an account.
type change struct {
	ID string `json:"id"`
	By string `json:"by,omitempty"`
}

type granted struct {
	change
	Grants []Grant `json:"grants"`
}

// password is a new one. Given by somebody else it must be changed, and the
// authenticator is set up anew: the old one may be lost.
type password struct {
	change
	Hash  string `json:"hash"`
	Given bool   `json:"given,omitempty"`
}

type sealing struct {
	ID       string   `json:"id"`
	Sealed   []byte   `json:"sealed"`
	Recovery []string `json:"recovery,omitempty"` // hashes
}

// used is a recovery code that opened once.
type used struct {
	ID   string `json:"id"`
	Code string `json:"code"` // its hash
}

// apply folds one event.
func (k *Keeper) apply(e event, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case e.Added != nil:
		k.add(*e.Added, at)
	case e.First != nil:
		k.drawn(*e.First)
	case e.Tried != "":
		for i := range k.firsts {
			k.firsts[i].tries++
		}
	default:
		k.change(e, at)
	}
}

func (k *Keeper) add(n added, at time.Time) {
	a := n.Account
	a.hash, a.MustChange = n.Hash, n.MustChange
	for id, other := range k.accounts { // helpers of long ago
		if !other.Until.IsZero() && at.Sub(other.Until) > keepHelpers {
			delete(k.accounts, id)
			delete(k.logins, other.Login)
		}
	}
	k.accounts[a.ID], k.logins[a.Login] = &a, a.ID
	if n.First != "" {
		k.firsts = nil
	}
}

// change folds what happened to one account. Whatever takes something away from it
// ends its sessions.
func (k *Keeper) change(e event, at time.Time) {
	find := func(id string) *Account {
		if a, ok := k.accounts[id]; ok {
			return a
		}
		return &Account{} // of another life of the log: nobody looks at it
	}
	switch {
	case e.Disabled != nil:
		a := find(e.Disabled.ID)
		a.Disabled = at
		a.generation++
	case e.Enabled != nil:
		find(e.Enabled.ID).Disabled = time.Time{}
	case e.Granted != nil:
		find(e.Granted.ID).Grants = e.Granted.Grants
	case e.Password != nil:
		a := find(e.Password.ID)
		a.hash, a.MustChange = e.Password.Hash, e.Password.Given
		a.generation++
		if e.Password.Given {
			a.TOTP, a.sealed, a.pending, a.recovery, a.Recovery = false, nil, nil, nil, 0
		}
	case e.Pending != nil:
		find(e.Pending.ID).pending = e.Pending.Sealed
	case e.TOTP != nil:
		a := find(e.TOTP.ID)
		a.TOTP, a.sealed, a.pending = true, e.TOTP.Sealed, nil
		a.recovery, a.Recovery = e.TOTP.Recovery, len(e.TOTP.Recovery)
	case e.Used != nil:
		find(e.Used.ID).use(e.Used.Code)
	case e.Ended != nil:
		find(e.Ended.ID).generation++
	}
}

// use takes a recovery code away.
func (a *Account) use(code string) {
	var left []string
	for _, c := range a.recovery {
		if c != code {
			left = append(left, c)
		}
	}
	a.recovery, a.Recovery = left, len(left)
}
