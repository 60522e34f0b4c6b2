package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Stream is the name of the auth log in a store.
const Stream = "auth"

const (
	tokenPrefix = "machi_" // lets secret scanners find a token that leaked
	tokenBytes  = 32
	keyBytes    = 32
	tries       = 10 // against other writers, who all succeed in their turn
	page        = 500
	// A token that nobody knows makes the keeper look at the log, but not more
	// often than this: guesses must not become load.
	lookAgain = 200 * time.Millisecond
)

// Keeper holds the grants as far as the log has been read.
type Keeper struct {
	log eventlog.Log
	now func() time.Time

	reading sync.Mutex // held while the log is read or appended to; taken before mu

	mu       sync.Mutex
	head     eventlog.Head
	records  []eventlog.Record       // all of them, to put back what the store forgets
	grants   map[eventlog.Hash]Grant // by the hash of the token
	machines machines
	key      []byte
	keyed    bool // the key stands in the log as it is now
	looked   time.Time
}

// Open returns a keeper that has read the log. A new installation gets its key.
func Open(ctx context.Context, log eventlog.Log, now func() time.Time) (*Keeper, error) {
	k := &Keeper{log: log, now: now, grants: map[eventlog.Hash]Grant{}, machines: newMachines()}
	if err := k.Refresh(ctx); err != nil {
		return nil, err
	}
	if k.SecretKey() != nil {
		return k, nil
	}
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	err := k.append(ctx, func() (event, error) {
		if k.SecretKey() != nil {
			return event{}, errDone // another server was faster: its key is the one
		}
		return event{Key: key}, nil
	})
	return k, err
}

var errDone = errors.New("auth: nothing to write")

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

// look reads what is new for an unknown token, unless somebody has done so a moment
// ago. Whoever comes while that is under way waits for it: a new token may be used
// by many at once. It measures with the process's own clock: a rehearsal clock may
// stand still.
func (k *Keeper) look(ctx context.Context) error {
	k.reading.Lock()
	defer k.reading.Unlock()
	now := time.Now()
	k.mu.Lock()
	recent := now.Sub(k.looked) < lookAgain
	k.mu.Unlock()
	if recent {
		return nil
	}
	err := k.read(ctx)
	k.mu.Lock()
	k.looked = now
	k.mu.Unlock()
	return err
}

// Run follows the log until the context ends, so that a revoked token ends
// within a second of its revocation anywhere.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		k.mu.Lock()
		after := k.head.Number
		k.mu.Unlock()
		// A log that was emptied does not wake anybody: look at least once a second.
		turn, cancel := context.WithTimeout(ctx, time.Second)
		err := k.log.Wait(turn, after)
		cancel()
		if (err == nil || errors.Is(err, context.DeadlineExceeded)) && k.Refresh(ctx) == nil {
			continue
		}
		select { // the store is away: what is known still holds
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

// Refresh reads what is new in the log. What the store has forgotten of it is put
// back. A log that was replaced by another one is read from its beginning: its
// tokens are the ones that count.
func (k *Keeper) Refresh(ctx context.Context) error {
	k.reading.Lock()
	defer k.reading.Unlock()
	return k.read(ctx)
}

func (k *Keeper) read(ctx context.Context) error {
	newest, err := k.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read auth log: %w", err)
	}
	k.mu.Lock()
	head, known := k.head, k.records
	k.mu.Unlock()
	switch {
	case head.Number == 0 || newest == head || newest.Number > head.Number && newest.Incarnation == head.Incarnation:
	case newest.Number < head.Number && newest == headAt(known, newest.Number):
		return k.putBack(ctx, newest, known[newest.Number:])
	default:
		k.mu.Lock()
		// The key stays until the new log has one: no secret is ever derived without.
		k.head, k.records, k.grants, k.machines, k.keyed = eventlog.Head{}, nil, map[eventlog.Hash]Grant{}, newMachines(), false
		k.mu.Unlock()
		head = eventlog.Head{}
	}
	for head.Number < newest.Number {
		records, err := k.log.Read(ctx, head.Number, page)
		if err != nil {
			return fmt.Errorf("read auth log: %w", err)
		}
		if len(records) == 0 {
			return nil
		}
		if head, err = k.fold(head, records); err != nil {
			return err
		}
	}
	return nil
}

// headAt returns the position behind the first n records.
func headAt(records []eventlog.Record, n int64) eventlog.Head {
	if n == 0 {
		return eventlog.Head{}
	}
	return records[n-1].Head()
}

// putBack appends what the store has lost, as it was: a token that was handed out
// holds, and one that was revoked stays revoked. Another server may be faster.
func (k *Keeper) putBack(ctx context.Context, after eventlog.Head, lost []eventlog.Record) error {
	err := k.log.Append(ctx, after, lost)
	if err == nil || errors.Is(err, eventlog.ErrConflict) || errors.Is(err, eventlog.ErrUnsafe) {
		return nil
	}
	return fmt.Errorf("put the auth log back: %w", err)
}

func (k *Keeper) fold(head eventlog.Head, records []eventlog.Record) (eventlog.Head, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range records {
		if err := head.Follows(r); err != nil {
			return head, fmt.Errorf("read auth log: %w", err)
		}
		list, err := events(r)
		if err != nil {
			return head, err
		}
		for _, e := range list {
			k.apply(e, r)
		}
		head = r.Head()
		k.head, k.records = head, append(k.records, r)
	}
	return head, nil
}

// apply folds one event. The caller holds mu.
func (k *Keeper) apply(e event, r eventlog.Record) {
	switch {
	case e.Key != nil && !k.keyed:
		k.key, k.keyed = e.Key, true
	case e.Granted != nil && e.Hash != nil:
		k.grants[*e.Hash] = *e.Granted
	case e.Revoked != "":
		k.endGrants(momentOf(r), func(g Grant) bool { return g.ID == e.Revoked })
	case e.Machine != nil:
		k.machines.apply(*e.Machine, momentOf(r))
		if n := e.Machine.Ended; n != nil {
			k.endGrants(momentOf(r), func(g Grant) bool { return g.Kiosk == n.Kiosk && g.Office == n.Office })
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

func momentOf(r eventlog.Record) time.Time {
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil { // it was decoded a moment ago
		return time.Unix(0, 0)
	}
	return body.At
}

// append writes what next answers on the newest state, again after every
// conflict with another writer.
func (k *Keeper) append(ctx context.Context, next func() (event, error)) error {
	k.reading.Lock()
	defer k.reading.Unlock()
	command := rand.Text()
	for range tries {
		if err := k.read(ctx); err != nil {
			return err
		}
		done, err := k.tryAppend(ctx, command, next)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("write auth log: %w, %d times", eventlog.ErrConflict, tries)
}

func (k *Keeper) tryAppend(ctx context.Context, command string, next func() (event, error)) (bool, error) {
	e, err := next()
	if errors.Is(err, errDone) {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	k.mu.Lock()
	head := k.head
	k.mu.Unlock()
	var first eventlog.Incarnation
	_, _ = rand.Read(first[:])
	r, err := record(head, first, e, command, k.now())
	if err != nil {
		return true, err
	}
	switch err := k.log.Append(ctx, head, []eventlog.Record{r}); {
	case errors.Is(err, eventlog.ErrConflict):
		return false, nil
	case errors.Is(err, eventlog.ErrUnclear):
		return k.wrote(ctx, r)
	case err != nil && !errors.Is(err, eventlog.ErrUnsafe):
		return true, fmt.Errorf("write auth log: %w", err)
	}
	_, err = k.fold(head, []eventlog.Record{r})
	return true, err
}

// wrote looks whether a record whose fate is unclear is in the log.
func (k *Keeper) wrote(ctx context.Context, r eventlog.Record) (bool, error) {
	if err := k.read(ctx); err != nil {
		return true, err
	}
	found, err := k.log.Read(ctx, r.Number-1, 1)
	if err != nil {
		return true, fmt.Errorf("read auth log: %w", err)
	}
	return len(found) == 1 && found[0].Hash() == r.Hash(), nil
}

// Allows reports whether a grant holds at an office.
func (g Grant) Allows(office queue.OfficeID) bool {
	return g.Office == AllOffices || g.Office == office
}
