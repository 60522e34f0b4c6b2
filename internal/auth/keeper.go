package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Stream is the name of the auth log in a store.
const Stream = "auth"

const (
	tokenPrefix = "machi_" // lets secret scanners find a token that leaked
	tokenBytes  = 32
	keyBytes    = 32
	tries       = 10 // at codes that begin with other digits
)

// Keeper holds the grants as far as the log has been read.
type Keeper struct {
	book *ledger.Ledger[event]
	now  func() time.Time

	mu       sync.Mutex
	grants   map[eventlog.Hash]Grant // by the hash of the token
	machines machines
	key      []byte
	keyed    bool // the key stands in the log as it is now
}

// Open returns a keeper that has read the log. A new installation gets its key.
func Open(ctx context.Context, log eventlog.Log, now func() time.Time) (*Keeper, error) {
	k := &Keeper{now: now, grants: map[eventlog.Hash]Grant{}, machines: newMachines()}
	var err error
	k.book, err = ledger.Open(ctx, ledger.Options[event]{Log: log, Name: Stream, Now: now, Apply: k.apply, Reset: k.forget})
	if err != nil {
		return nil, err
	}
	if k.SecretKey() != nil {
		return k, nil
	}
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	err = k.append(ctx, func() (event, error) {
		if k.SecretKey() != nil {
			return event{}, errDone // another server was faster: its key is the one
		}
		return event{Key: key}, nil
	})
	return k, err
}

var errDone = ledger.ErrDone

// SecretKey returns the installation's key.
func (k *Keeper) SecretKey() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.key
}

// Create makes a token for a grant and returns it. Only its hash is kept: it
// cannot be shown again. It returns ErrBadGrant for a grant that makes no sense.
func (k *Keeper) Create(ctx context.Context, g Grant) (token string, made Grant, err error) {
	if err := g.check(); err != nil {
		return "", Grant{}, err
	}
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw)
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	hash := eventlog.BodyHash([]byte(token))
	g.ID, g.Created, g.Revoked = crockford.EncodeToString(hash[:5]), k.now(), time.Time{}
	err = k.append(ctx, func() (event, error) { return event{Hash: &hash, Granted: &g}, nil })
	return token, g, err
}

// Revoke ends the grant with an id. It returns ErrUnknown where there is none.
func (k *Keeper) Revoke(ctx context.Context, id string) error {
	err := k.append(ctx, func() (event, error) {
		for _, g := range k.List() {
			if g.ID == id && g.Revoked.IsZero() {
				return event{Revoked: id}, nil
			}
		}
		return event{}, ErrUnknown
	})
	return err
}

// List returns all grants, the newest last; tokens are not among what is known.
func (k *Keeper) List() []Grant {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]Grant, 0, len(k.grants))
	for _, g := range k.grants {
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b Grant) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Check returns what a token stands for, or ErrUnknown. Hashes are compared, so
// the time that it takes says nothing about a token.
func (k *Keeper) Check(ctx context.Context, token string) (Grant, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return Grant{}, ErrUnknown
	}
	hash := eventlog.BodyHash([]byte(token))
	if g, ok := k.find(hash); ok {
		return k.judge(g)
	}
	if err := k.look(ctx); err != nil {
		return Grant{}, err
	}
	g, ok := k.find(hash)
	if !ok {
		return Grant{}, ErrUnknown
	}
	return k.judge(g)
}

func (k *Keeper) judge(g Grant) (Grant, error) {
	if !g.valid(k.now()) {
		return Grant{}, ErrUnknown
	}
	return g, nil
}

func (k *Keeper) find(hash eventlog.Hash) (Grant, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	g, ok := k.grants[hash]
	return g, ok
}

// look reads what is new for an unknown token.
func (k *Keeper) look(ctx context.Context) error { return k.book.Look(ctx) }

// Run follows the log until the context ends, so that a revoked token ends
// within a second of its revocation anywhere.
func (k *Keeper) Run(ctx context.Context) error { return k.book.Run(ctx) }

// Refresh reads what is new in the log. What the store has forgotten of it is put
// back. A log that was replaced by another one is read from its beginning: its
// tokens are the ones that count.
func (k *Keeper) Refresh(ctx context.Context) error { return k.book.Refresh(ctx) }

// append writes the event that next answers on the newest state.
func (k *Keeper) append(ctx context.Context, next func() (event, error)) error {
	return k.book.Append(ctx, func() ([]event, error) {
		e, err := next()
		return []event{e}, err
	})
}

// forget begins anew. The key stays until the new log has one: no secret is ever
// derived without.
func (k *Keeper) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.grants, k.machines, k.keyed = map[eventlog.Hash]Grant{}, newMachines(), false
}

// apply folds one event.
func (k *Keeper) apply(e event, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case e.Key != nil && !k.keyed:
		k.key, k.keyed = e.Key, true
	case e.Granted != nil && e.Hash != nil:
		k.grants[*e.Hash] = *e.Granted
	case e.Revoked != "":
		k.endGrants(at, func(g Grant) bool { return g.ID == e.Revoked })
	case e.Machine != nil:
		k.machines.apply(*e.Machine, at)
		if n := e.Machine.Ended; n != nil {
			k.endGrants(at, func(g Grant) bool { return g.Kiosk == n.Kiosk && g.Office == n.Office })
		}
	}
}

// endGrants revokes the grants that are meant. The caller holds mu.
func (k *Keeper) endGrants(at time.Time, meant func(Grant) bool) {
	for hash, g := range k.grants {
		if meant(g) && g.Revoked.IsZero() {
			g.Revoked = at
			k.grants[hash] = g
		}
	}
}

// Allows reports whether a grant holds at an office.
func (g Grant) Allows(office queue.OfficeID) bool {
	return g.Office == AllOffices || g.Office == office
}
