package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
)

const (
	// TokenPrefix is how a session's token begins, for what scans for leaked secrets.
	TokenPrefix = "machis_"
	tokenBytes  = 32

	perAccount  = 10 // sessions; one more ends the one that was idle for longest
	maxSessions = 20_000
	maxAgent    = 200 // bytes
)

// Session is one browser in which somebody has signed in.
type Session struct {
	ID      string    `json:"id"` // harmless to show
	Account string    `json:"account"`
	Created time.Time `json:"created"`
	Source  string    `json:"source,omitempty"` // address
	Agent   string    `json:"agent,omitempty"`  // what the browser calls itself
	// Federated says that the city's sign-in service vouched for the person.
	Federated bool `json:"federated,omitempty"`

	Generation int `json:"generation"`

	Seen time.Time `json:"-"` // the newest act

	date  string // of the book that has its beginning
	order int    // in which it was read: of two that began in one moment the later is newer
	told  time.Time
	ended bool // it is kept for a while, so that nobody looks for it in the logs
}

// sessionEvent is one entry of a day's book: one of its fields is set.
type sessionEvent struct {
	Attempt *attempt `json:"attempt,omitempty"`
	Passed  string   `json:"passed,omitempty"` // id of the attempt that was no wrong guess
	Began   *began   `json:"began,omitempty"`
	Seen    []seen   `json:"seen,omitempty"`
	Ended   *change  `json:"ended,omitempty"` // one session
	Step    *step    `json:"step,omitempty"`
}

type began struct {
	Session
	Hash eventlog.Hash `json:"hash"` // of the token
}

type seen struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// step is the newest code of an authenticator that opened: it does not open twice.
type step struct {
	Account string `json:"account"`
	N       int64  `json:"n"`
}

// sessions is what the days' books say. The keeper's lock guards it.
type sessions struct {
	byHash map[eventlog.Hash]*Session
	byID   map[string]eventlog.Hash
	steps  map[string]int64 // by account
	// gone are sessions that were ended before it was read that they began, or whose
	// beginning may be read again, by when that was.
	gone  map[string]time.Time
	began int // sessions that were read
}

func newSessions() sessions {
	return sessions{byHash: map[eventlog.Hash]*Session{}, byID: map[string]eventlog.Hash{}, steps: map[string]int64{}, gone: map[string]time.Time{}}
}

// forget takes a session away.
func (s *sessions) forget(id string) {
	delete(s.byHash, s.byID[id])
	delete(s.byID, id)
}

// applyDay folds one event of a day's book.
func (k *Keeper) applyDay(date string, e sessionEvent, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := &k.sessions
	switch {
	case e.Attempt != nil:
		k.attempts.add(*e.Attempt, at)
	case e.Passed != "":
		k.attempts.pass(e.Passed)
	case e.Step != nil:
		s.steps[e.Step.Account] = max(s.steps[e.Step.Account], e.Step.N)
	case e.Began != nil:
		n := e.Began.Session
		n.Seen, n.told, n.date = n.Created, n.Created, date
		_, n.ended = s.gone[n.ID]
		s.began++
		n.order = s.began
		s.byHash[e.Began.Hash], s.byID[n.ID] = &n, e.Began.Hash
	case e.Ended != nil:
		n, ok := s.byHash[s.byID[e.Ended.ID]]
		if ok {
			n.ended = true
		}
		if !ok || n.date != date {
			s.gone[e.Ended.ID] = at
		}
	}
	for _, one := range e.Seen {
		if n, ok := s.byHash[s.byID[one.ID]]; ok && one.At.After(n.told) {
			n.told = one.At
			n.Seen = later(n.Seen, one.At)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// resetDay forgets what a day's book said.
func (k *Keeper) resetDay(date string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range k.sessions.byHash {
		if n.date == date {
			k.sessions.forget(n.ID)
		}
	}
}

// valid reports whether a session stands for somebody, and for whom. The caller
// holds mu.
func (k *Keeper) valid(n *Session, now time.Time) (*Account, bool) {
	a, ok := k.accounts[n.Account]
	ok = ok && !n.ended && a.Valid(now) && a.generation == n.Generation && now.Sub(n.Created) < k.o.Absolute && now.Sub(n.Seen) < k.o.Idle
	return a, ok
}

// Check returns the session of a token and the account behind it, or ErrUnknown. It
// does not keep the session alive.
func (k *Keeper) Check(ctx context.Context, token string) (Session, Account, error) {
	if !strings.HasPrefix(token, TokenPrefix) {
		return Session{}, Account{}, ErrUnknown
	}
	hash := eventlog.BodyHash([]byte(token))
	for look := true; ; look = false {
		n, a, found, ok := k.find(hash)
		switch {
		case ok:
			return n, a, nil
		case found || !look:
			return Session{}, Account{}, ErrUnknown
		}
		if err := k.look(ctx); err != nil { // it may have begun at another server
			return Session{}, Account{}, err
		}
	}
}

func (k *Keeper) find(hash eventlog.Hash) (n Session, a Account, found, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, found := k.sessions.byHash[hash]
	if !found {
		return Session{}, Account{}, false, false
	}
	who, ok := k.valid(s, k.o.Now())
	if !ok {
		return Session{}, Account{}, true, false
	}
	return *s, *who, true, true
}

// look reads what is new in all books, for a session that nobody knows here.
func (k *Keeper) look(ctx context.Context) error {
	days, err := k.roll(ctx)
	if err != nil {
		return err
	}
	failed := make([]error, 1+len(days))
	var looking sync.WaitGroup
	looking.Go(func() { failed[0] = k.book.Look(ctx) })
	for i, d := range days {
		looking.Go(func() { failed[1+i] = d.book.Look(ctx) })
	}
	looking.Wait()
	return errors.Join(failed...)
}

// Touch says that the person of a session has just done something. Other servers
// hear of it within a minute.
func (k *Keeper) Touch(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n, ok := k.sessions.byHash[k.sessions.byID[id]]; ok {
		n.Seen = later(n.Seen, k.o.Now())
	}
}

// Sessions returns the sessions of an account, or of all for "", the newest first.
func (k *Keeper) Sessions(account string) []Session {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.o.Now()
	list := []Session{}
	for _, n := range k.sessions.byHash {
		if _, ok := k.valid(n, now); ok && (account == "" || n.Account == account) {
			list = append(list, *n)
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.order, a.order)) })
	return list
}

// Session returns a session by its id, or ErrUnknown.
func (k *Keeper) Session(id string) (Session, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	n, ok := k.sessions.byHash[k.sessions.byID[id]]
	if !ok {
		return Session{}, ErrUnknown
	}
	if _, ok := k.valid(n, k.o.Now()); !ok {
		return Session{}, ErrUnknown
	}
	return *n, nil
}

// EndSession ends one session, or returns ErrUnknown.
func (k *Keeper) EndSession(ctx context.Context, id, by string) error {
	return k.appendDay(ctx, func() ([]sessionEvent, error) {
		if _, err := k.Session(id); err != nil {
			return nil, err
		}
		return []sessionEvent{{Ended: &change{id, by}}}, nil
	})
}

// SignedIn is a session that has just begun, with its token, which can be given only now.
type SignedIn struct {
	Token   string
	Session Session
	Account Account
}

// browser is where somebody signs in.
type browser struct{ source, agent string }

// begin begins a session of an account, together with what else the sign-in means.
func (k *Keeper) begin(ctx context.Context, a Account, b browser, and ...sessionEvent) (SignedIn, error) {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails
	token := TokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	hash := eventlog.BodyHash([]byte(token))
	made := began{Hash: hash, Session: Session{
		ID: hex.EncodeToString(hash[:6]), Account: a.ID, Created: k.o.Now(), Source: b.source, Agent: cut(b.agent, maxAgent),
		Federated: a.Subject != nil, Generation: a.generation,
	}}
	err := k.appendDay(ctx, func() ([]sessionEvent, error) {
		events, err := k.making(a, made, and)
		return events, err
	})
	if err != nil {
		return SignedIn{}, err
	}
	n, err := k.Session(made.ID)
	return SignedIn{Token: token, Session: n, Account: a}, err
}

// making decides a session on the newest state.
func (k *Keeper) making(a Account, made began, and []sessionEvent) ([]sessionEvent, error) {
	for _, e := range and {
		if e.Step != nil && !k.freshStep(*e.Step) {
			return nil, ErrCode // somebody has just used it
		}
	}
	events := append(slices.Clone(and), sessionEvent{Began: &made})
	mine := k.Sessions(a.ID)
	if len(mine) >= perAccount {
		oldest := slices.MinFunc(mine, func(a, b Session) int { return cmp.Or(a.Seen.Compare(b.Seen), cmp.Compare(a.order, b.order)) })
		events = append(events, sessionEvent{Ended: &change{ID: oldest.ID, By: "limit"}})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep()
	if len(k.sessions.byHash) >= k.o.MaxSessions {
		return nil, ErrBusy
	}
	return events, nil
}

func (k *Keeper) freshStep(s step) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return s.N > k.sessions.steps[s.Account]
}

// sweep forgets sessions that are over by their age, and those that were ended when
// there are many: somebody who signs in again and again keeps nobody else out. The
// caller holds mu.
func (k *Keeper) sweep() {
	now, many := k.o.Now(), len(k.sessions.byHash) >= k.o.MaxSessions/2
	for _, n := range k.sessions.byHash {
		if now.Sub(n.Created) > k.o.Absolute || many && k.ended(n) {
			k.sessions.forget(n.ID)
		}
	}
	for id, at := range k.sessions.gone {
		if now.Sub(at) > 24*time.Hour {
			delete(k.sessions.gone, id)
		}
	}
}

// ended reports whether somebody ended a session, which nothing brings back. The
// caller holds mu.
func (k *Keeper) ended(n *Session) bool {
	a, ok := k.accounts[n.Account]
	return n.ended || ok && a.generation > n.Generation
}

func cut(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ToValidUTF8(text, "")
}
