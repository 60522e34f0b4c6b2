package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"machi/internal/pin"
	"machi/internal/queue"
)

// The terms of a one-time code. Its first two digits find it and the other six are
// secret: a wrong guess costs the one code that it might have been.
const (
	CodeLife   = 10 * time.Minute
	CodeTries  = 5
	codeDigits = 8
	finder     = 2
	maxCodes   = 50 // open at once
	maxFinders = 90 // of the 100 that two digits make
)

var (
	// ErrCode says that a one-time code is wrong, used, expired or guessed at too often.
	ErrCode = errors.New("auth: the code is not valid")
	// ErrTooManyCodes says that no more codes can be open at once.
	ErrTooManyCodes = errors.New("auth: too many codes are open")
)

// code is a one-time code. The log holds its argon2id: whoever reads the log cannot
// try all codes within the time that one lives.
type code struct {
	ID      string         `json:"id"`
	Finder  string         `json:"finder"`
	Hash    string         `json:"hash"`
	Office  queue.OfficeID `json:"office"`
	Kiosk   queue.KioskID  `json:"kiosk"`
	By      string         `json:"by,omitempty"`
	Expires time.Time      `json:"expires"`

	left int    // tries
	used string // by the device of this key id
}

func (c *code) open(now time.Time) bool { return c.left > 0 && c.used == "" && now.Before(c.Expires) }

// addCode puts a code in force. It replaces the one that its machine had, and what
// has been over for long is forgotten.
func (m *machines) addCode(c code, at time.Time) {
	for id, other := range m.codes {
		same := other.Office == c.Office && other.Kiosk == c.Kiosk && other.used == ""
		if same || at.Sub(other.Expires) > time.Hour {
			delete(m.codes, id)
		}
	}
	c.left = CodeTries
	m.codes[c.ID] = &c
}

// NewCode makes the one-time code with which a machine enrols, 8 digits, and says
// until when it holds. It can be shown only now; a code that the machine had ends.
func (k *Keeper) NewCode(ctx context.Context, office queue.OfficeID, kiosk queue.KioskID, by string) (string, time.Time, error) {
	if office == AllOffices || kiosk == "" || len(by) > maxName {
		return "", time.Time{}, fmt.Errorf("%w: a code is for one machine of one office", ErrBadGrant)
	}
	if err := k.Refresh(ctx); err != nil {
		return "", time.Time{}, err
	}
	for range tries {
		text, err := k.draw()
		if err != nil {
			return "", time.Time{}, err
		}
		c := code{
			ID: rand.Text()[:12], Finder: text[:finder], Hash: pin.Hash(text), Office: office, Kiosk: kiosk, By: by,
			Expires: k.now().Add(CodeLife),
		}
		err = k.append(ctx, func() (event, error) {
			if k.finderTaken(c.Finder) {
				return event{}, errTaken
			}
			return event{Machine: &machineEvent{Code: &c}}, nil
		})
		if !errors.Is(err, errTaken) {
			return text, c.Expires, err
		}
	}
	return "", time.Time{}, ErrTooManyCodes
}

var errTaken = errors.New("auth: another code begins so")

// draw returns digits that no code begins with which somebody may still send.
func (k *Keeper) draw() (string, error) {
	taken := k.finders(true)
	if open := k.finders(false); len(open) >= maxCodes {
		return "", ErrTooManyCodes
	} else if len(taken) >= maxFinders {
		taken = open // so many machines at once: who missed an answer needs another code
	}
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(1e8))
		if err != nil {
			return "", fmt.Errorf("auth: %w", err)
		}
		text := fmt.Sprintf("%0*d", codeDigits, n)
		if !slices.Contains(taken, text[:finder]) {
			return text, nil
		}
	}
}

// finders returns the first digits of the codes that are open and, where asked for,
// of those used lately: a machine that missed the answer sends its code again.
func (k *Keeper) finders(used bool) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []string
	for _, c := range k.machines.codes {
		if c.open(k.now()) || used && c.used != "" && k.now().Before(c.Expires) {
			list = append(list, c.Finder)
		}
	}
	return list
}

func (k *Keeper) finderTaken(f string) bool { return slices.Contains(k.finders(false), f) }

// codeFor returns the code that a text may be, or that it was for the machine which
// has used it.
func (k *Keeper) codeFor(text, keyID string) (code, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var found *code
	for _, c := range k.machines.codes {
		mine := c.used != "" && c.used == keyID && k.now().Before(c.Expires)
		switch {
		case c.Finder != text[:finder]:
		case mine: // rather than a newer one that begins so
			return *c, true
		case c.open(k.now()):
			found = c
		}
	}
	if found == nil {
		return code{}, false
	}
	return *found, true
}

// OpenCode returns until when a machine's newest code may be used; zero: there is none.
func (k *Keeper) OpenCode(office queue.OfficeID, kiosk queue.KioskID) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.machines.codes {
		if c.Office == office && c.Kiosk == kiosk && c.open(k.now()) {
			return c.Expires
		}
	}
	return time.Time{}
}

// Enrolment is what a machine sends to be let in.
type Enrolment struct {
	Code     string
	Key      ed25519.PublicKey
	Hardware string // hash of what it is made of; empty: it cannot tell
}

// Enrol lets a machine in by its one-time code, which is used up thereby; the same
// machine that asks again, because it missed the answer, gets it again. A wrong
// code is ErrCode, and counted on every server before it is answered.
func (k *Keeper) Enrol(ctx context.Context, e Enrolment) (Device, error) {
	keyID := keyIDOf(e.Key)
	switch {
	case keyID == "" || len(e.Hardware) > maxName:
		return Device{}, ErrBadGrant
	case len(e.Code) != codeDigits || strings.Trim(e.Code, "0123456789") != "":
		return Device{}, ErrCode
	}
	if _, ok := k.codeFor(e.Code, keyID); !ok { // it may be another server's
		if err := k.look(ctx); err != nil {
			return Device{}, err
		}
	}
	var made Device
	wrong := false
	err := k.append(ctx, func() (event, error) {
		made, wrong = Device{}, false
		c, ok := k.codeFor(e.Code, keyID)
		if !ok {
			return event{}, ErrCode
		}
		if !pin.Verify(c.Hash, e.Code) {
			wrong = true
			if c.used != "" {
				return event{}, ErrCode
			}
			return event{Machine: &machineEvent{Wrong: c.ID}}, nil
		}
		if c.used != "" {
			made, _ = k.device(keyID)
			return event{}, errDone
		}
		if _, known := k.device(keyID); known { // a key is for one enrolment
			return event{}, ErrBadGrant
		}
		made = Device{
			KeyID: keyID, Key: e.Key, Office: c.Office, Kiosk: c.Kiosk, Hardware: e.Hardware, Code: c.ID, By: c.By, Enrolled: k.now(),
		}
		return event{Machine: &machineEvent{Enrolled: &made}}, nil
	})
	switch {
	case err != nil:
		return Device{}, err
	case wrong:
		return Device{}, ErrCode
	}
	return made, nil
}
