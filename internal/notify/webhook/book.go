package webhook

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
)

// Stream is the name of the endpoints' log in a store.
const Stream = "webhooks"

// change is one record of the stream.
type change struct {
	Endpoint *Endpoint `json:"endpoint,omitempty"` // a new one
	ID       string    `json:"id"`
	Secret   []byte    `json:"secret,omitempty"` // sealed; a new one of the endpoint
	Removed  bool      `json:"removed,omitempty"`
}

// kept is an endpoint with its secrets, the newest first.
type kept struct {
	Endpoint
	secrets []sealedSecret
}

type sealedSecret struct {
	box []byte
	at  time.Time
}

// Book holds the endpoints, as far as their stream has been read. It is safe for
// concurrent use.
type Book struct {
	ledger *ledger.Ledger[change]
	sealer cipher.AEAD
	guard  *Guard
	wall   func() time.Time

	mu   sync.Mutex
	list []kept // in the order in which they were added
}

// OpenBook returns a book that has been read. Secrets are sealed with the key of the
// installation.
func OpenBook(ctx context.Context, log eventlog.Log, key []byte, g *Guard, wall func() time.Time) (*Book, error) {
	raw, err := hkdf.Key(sha256.New, key, nil, "machi webhook secrets 1", 32)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	b := &Book{guard: g, wall: wall}
	if b.sealer, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	b.ledger, err = ledger.Open(ctx, ledger.Options[change]{Log: log, Name: Stream, Now: wall, Apply: b.apply, Reset: b.forget})
	return b, err
}

// Run follows the stream until the context ends.
func (b *Book) Run(ctx context.Context) error { return b.ledger.Run(ctx) }

func (b *Book) apply(c change, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.list, func(k kept) bool { return k.ID == c.ID })
	switch {
	case c.Endpoint != nil && i < 0:
		b.list = append(slices.Clone(b.list), kept{Endpoint: *c.Endpoint, secrets: []sealedSecret{{c.Secret, at}}})
	case c.Removed && i >= 0:
		b.list = slices.Delete(slices.Clone(b.list), i, i+1)
	case c.Secret != nil && i >= 0:
		b.list = slices.Clone(b.list)
		b.list[i].secrets = []sealedSecret{{c.Secret, at}, b.list[i].secrets[0]}
	}
}

func (b *Book) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = nil
}

func (b *Book) all() []kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.list
}

func (b *Book) find(id string) (kept, bool) {
	for _, k := range b.all() {
		if k.ID == id {
			return k, true
		}
	}
	return kept{}, false
}

// Endpoints returns all endpoints, in the order in which they were added.
func (b *Book) Endpoints() []Endpoint {
	list := []Endpoint{}
	for _, k := range b.all() {
		list = append(list, k.Endpoint)
	}
	return list
}

// Add takes an endpoint in, and returns it with the secret, which is shown just once.
// The same key again adds nothing and returns no secret. It returns a [*Fault] or
// [ErrTooMany].
func (b *Book) Add(ctx context.Context, key string, e Endpoint) (Endpoint, string, error) {
	if err := e.complete(b.guard); err != nil {
		return e, "", err
	}
	sum := sha256.Sum256([]byte("endpoint " + key))
	e.ID, e.At = hex.EncodeToString(sum[:6]), b.wall().UTC().Truncate(time.Second)
	secret := newSecret()
	err := b.ledger.Append(ctx, func() ([]change, error) {
		if old, known := b.find(e.ID); known {
			e, secret = old.Endpoint, ""
			return nil, ledger.ErrDone
		}
		if len(b.all()) >= MaxEndpoints {
			return nil, ErrTooMany
		}
		return []change{{Endpoint: &e, ID: e.ID, Secret: b.seal(e.ID, secret)}}, nil
	})
	return e, secret, err
}

// Rotate gives an endpoint a new secret, and returns it. The old one signs beside it for
// [RotateFor].
func (b *Book) Rotate(ctx context.Context, id string) (string, error) {
	secret := newSecret()
	return secret, b.ledger.Append(ctx, func() ([]change, error) {
		if _, known := b.find(id); !known {
			return nil, ErrUnknown
		}
		return []change{{ID: id, Secret: b.seal(id, secret)}}, nil
	})
}

// Remove forgets an endpoint; to do so again is no error.
func (b *Book) Remove(ctx context.Context, id string) error {
	return b.ledger.Append(ctx, func() ([]change, error) {
		if _, known := b.find(id); !known {
			return nil, ledger.ErrDone
		}
		return []change{{ID: id, Removed: true}}, nil
	})
}

func (b *Book) seal(id, secret string) []byte {
	return b.sealer.Seal(nil, nil, []byte(secret), []byte(id))
}

// secrets returns what messages to an endpoint are signed with now.
func (b *Book) secrets(k kept) ([]string, error) {
	var list []string
	for i, s := range k.secrets {
		if i > 0 && b.wall().Sub(k.secrets[0].at) > RotateFor {
			break
		}
		plain, err := b.sealer.Open(nil, nil, s.box, []byte(k.ID))
		if err != nil {
			return nil, errors.New("webhook: a secret was sealed with another key")
		}
		list = append(list, string(plain))
	}
	return list, nil
}

// random returns a name that nobody has had.
func random() string {
	raw := make([]byte, 12)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}
