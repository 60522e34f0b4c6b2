package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"
)

// The limits of wrong guesses within a window: for one login name, whether or not
// anybody has it, and for one source, which may be a whole office behind one address.
const (
	guessWindow = 15 * time.Minute
	perLogin    = 5
	perSource   = 50
	maxAttempts = 20_000
)

// Limited says that there were too many wrong guesses, and how long to wait.
type Limited struct{ Wait time.Duration }

// Error says how long to wait.
func (l *Limited) Error() string { return fmt.Sprintf("account: too many guesses, wait %v", l.Wait) }

// attempt is somebody who tries to sign in. It is written down before the password is
// looked at and counts as a wrong guess until it passes, so that guesses which run
// at once, at however many servers, are never more than the limit.
type attempt struct {
	ID     string `json:"id"`
	Login  string `json:"login"` // keyed hash of what was typed
	Source string `json:"source"`

	at time.Time
}

// attempts are the wrong guesses of the window. The keeper's lock guards them.
type attempts struct {
	list []attempt // the oldest first
}

func newAttempts() attempts { return attempts{} }

func (s *attempts) add(n attempt, at time.Time) {
	n.at = at
	keep := s.list[:0]
	for _, old := range s.list {
		if at.Sub(old.at) < guessWindow {
			keep = append(keep, old)
		}
	}
	if len(keep) >= maxAttempts {
		keep = keep[1:]
	}
	s.list = append(keep, n)
}

// pass forgets an attempt that was no wrong guess.
func (s *attempts) pass(id string) {
	for i, n := range s.list {
		if n.ID == id {
			s.list = append(s.list[:i], s.list[i+1:]...)
			return
		}
	}
}

// wait returns how long a login name or a source has to wait, or 0.
func (s *attempts) wait(login, source string, now time.Time) time.Duration {
	var byLogin, bySource []time.Time
	for _, n := range s.list {
		if now.Sub(n.at) >= guessWindow {
			continue
		}
		if n.Login == login {
			byLogin = append(byLogin, n.at)
		}
		if n.Source == source {
			bySource = append(bySource, n.at)
		}
	}
	return max(left(byLogin, perLogin, now), left(bySource, perSource, now))
}

// left returns how long it takes until fewer than limit guesses are in the window.
func left(at []time.Time, limit int, now time.Time) time.Duration {
	if len(at) < limit {
		return 0
	}
	return max(time.Second, guessWindow-now.Sub(at[len(at)-limit]))
}

// try writes down an attempt and returns its id, or Limited.
func (k *Keeper) try(ctx context.Context, login, source string) (string, error) {
	n := attempt{ID: rand.Text()[:12], Login: k.hide("login", login), Source: k.hide("source", Network(source))}
	err := k.appendDay(ctx, func() ([]sessionEvent, error) {
		if err := k.limited(n); err != nil {
			return nil, err
		}
		return []sessionEvent{{Attempt: &n}}, nil
	})
	return n.ID, err
}

func (k *Keeper) limited(n attempt) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if wait := k.attempts.wait(n.Login, n.Source, k.o.Now()); wait > 0 {
		return &Limited{wait}
	}
	return nil
}

// Network is what counts as one source: an address, or the network of 64 bits that
// one customer has of IPv6.
func Network(source string) string {
	address, err := netip.ParseAddr(source)
	if err != nil {
		return source
	}
	if address = address.WithZone("").Unmap(); address.Is4() {
		return address.String()
	}
	return netip.PrefixFrom(address, 64).Masked().String()
}

// passed says that an attempt was no wrong guess.
func (k *Keeper) passed(ctx context.Context, id string) error {
	return k.appendDay(ctx, func() ([]sessionEvent, error) { return []sessionEvent{{Passed: id}}, nil })
}

// hide returns what a log may hold of what a stranger typed, which may be a
// password in the wrong field.
func (k *Keeper) hide(what, text string) string {
	mac := hmac.New(sha256.New, k.o.Key)
	mac.Write([]byte("sign-in " + what + "\x00" + text))
	return hex.EncodeToString(mac.Sum(nil)[:12])
}
