package signature

import (
	"errors"
	"sync"
	"time"
)

const (
	// Window is how far a request's moment may lie from the server's clock.
	Window = time.Minute
	// perKey bounds how many requests of one key are remembered, which bounds how
	// many it may send within the time that they are: about 50 a second.
	perKey = 6000
)

var (
	// ErrClock says that a request was not made now, by the server's clock.
	ErrClock = errors.New("signature: made at another time than now")
	// ErrReplayed says that the request was heard before.
	ErrReplayed = errors.New("signature: heard before")
	// ErrTooMany says that a key signs more than can be remembered.
	ErrTooMany = errors.New("signature: too many requests of one key")
)

// Nonces remembers what was heard for as long as it would be believed again. Only
// requests whose signature holds may be shown to it: strangers cannot fill it.
type Nonces struct {
	since time.Time // what was signed before may have been heard by an earlier process

	mu   sync.Mutex
	keys map[string]*heard
}

// heard are the nonces of one key, in two halves: the older one goes when
// everything in it is too old to be believed.
type heard struct {
	young, old map[string]bool
	turned     time.Time
}

// NewNonces returns a memory that begins now. A request signed before that is not
// believed: its sender signs again.
func NewNonces(now time.Time) *Nonces {
	return &Nonces{since: now.Truncate(time.Second), keys: map[string]*heard{}}
}

// Timely reports whether a claim was made now: nil or ErrClock.
func (n *Nonces) Timely(c Claim, now time.Time) error {
	if c.Created.Before(n.since) || c.Created.Sub(now) > Window || now.Sub(c.Created) > Window {
		return ErrClock
	}
	return nil
}

// Use takes a verified claim: nil once, then ErrReplayed; ErrTooMany from a key
// that signs more than is remembered.
func (n *Nonces) Use(c Claim, now time.Time) error {
	if err := n.Timely(c, now); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.keys[c.KeyID]
	if h == nil {
		h = &heard{young: map[string]bool{}, turned: now}
		n.keys[c.KeyID] = h
	}
	h.turn(now)
	switch {
	case h.young[c.Nonce] || h.old[c.Nonce]:
		return ErrReplayed
	case len(h.young)+len(h.old) >= perKey:
		return ErrTooMany
	}
	h.young[c.Nonce] = true
	return nil
}

// turn drops what nobody would believe any more: a nonce lives for two to four
// windows, its request is believed for two.
func (h *heard) turn(now time.Time) {
	switch age := now.Sub(h.turned); {
	case age >= 4*Window || age < -2*Window: // idle for long, or the server's clock was set back
		h.young, h.old, h.turned = map[string]bool{}, nil, now
	case age >= 2*Window:
		h.young, h.old, h.turned = map[string]bool{}, h.young, now
	}
}
