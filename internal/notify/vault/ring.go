package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// ErrNoKey says that this server does not hold the key of what it should open.
var ErrNoKey = errors.New("vault: no key for it here")

// errOpen says that sealed bytes were changed, or belong to something else.
var errOpen = errors.New("vault: it does not open")

const (
	keyBytes = 32
	idBytes  = 8
	// wrapInfo binds a wrapped key to its purpose.
	wrapInfo = "machi day key 1"
)

// Wrap is one sealing key, for one server.
type Wrap struct {
	Key string `json:"key"` // the key's id
	For string `json:"for"` // the server's public key, as [Name] names it
	Box []byte `json:"box"`
}

// Sealed is what may be kept anywhere.
type Sealed struct {
	Key string `json:"key"`
	Box []byte `json:"box"`
}

// Ring is what one server holds of one day's keys. It is safe for concurrent use.
type Ring struct {
	path    string
	private hpke.PrivateKey
	public  []byte

	mu   sync.Mutex
	keys map[string][]byte
	ids  []string // of keys, in the order in which they came
	gone bool
}

func kem() hpke.KEM   { return hpke.DHKEM(ecdh.X25519()) }
func kdf() hpke.KDF   { return hpke.HKDFSHA256() }
func aead() hpke.AEAD { return hpke.AES256GCM() }

// Name returns the short name of a public key.
func Name(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:idBytes])
}

// Public returns what other servers wrap keys with.
func (r *Ring) Public() []byte { return r.public }

// Holds reports whether the ring has a key to seal with.
func (r *Ring) Holds() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids) > 0
}

// Keys returns the ids of the keys that the ring holds, the oldest first.
func (r *Ring) Keys() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

// Make returns a new key, wrapped for this server and for others. It seals nothing
// before it was taken with [Ring.Take], as every server does when it reads the wraps.
func (r *Ring) Make(others [][]byte) ([]Wrap, error) {
	key, id := make([]byte, keyBytes), make([]byte, idBytes)
	_, _ = rand.Read(key) // it never fails
	_, _ = rand.Read(id)
	var wraps []Wrap
	for _, public := range append([][]byte{r.public}, others...) {
		w, err := wrap(hex.EncodeToString(id), key, public)
		if err != nil {
			return nil, err
		}
		wraps = append(wraps, w)
	}
	return wraps, nil
}

// For returns all keys of the ring, wrapped for another server.
func (r *Ring) For(public []byte) ([]Wrap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wraps []Wrap
	for _, id := range r.ids {
		w, err := wrap(id, r.keys[id], public)
		if err != nil {
			return nil, err
		}
		wraps = append(wraps, w)
	}
	return wraps, nil
}

func wrap(id string, key, public []byte) (Wrap, error) {
	to, err := kem().NewPublicKey(public)
	if err != nil {
		return Wrap{}, fmt.Errorf("vault: public key: %w", err)
	}
	box, err := hpke.Seal(to, kdf(), aead(), []byte(wrapInfo+" "+id), key)
	if err != nil {
		return Wrap{}, fmt.Errorf("vault: wrap: %w", err)
	}
	return Wrap{Key: id, For: Name(public), Box: box}, nil
}

// Take takes a key in that was wrapped for this server. Others are not its business.
func (r *Ring) Take(w Wrap) error {
	if w.For != Name(r.public) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.keys[w.Key]; known || r.gone {
		return nil
	}
	key, err := hpke.Open(r.private, kdf(), aead(), []byte(wrapInfo+" "+w.Key), w.Box)
	if err != nil || len(key) != keyBytes {
		return errOpen
	}
	r.keys[w.Key] = key
	r.ids = append(r.ids, w.Key)
	return nil
}

// Seal seals a text with the newest key. It opens only for the same purpose.
func (r *Ring) Seal(text []byte, purpose string) (Sealed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ids) == 0 {
		return Sealed{}, ErrNoKey
	}
	id := r.ids[len(r.ids)-1]
	box, err := cipherOf(r.keys[id])
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{Key: id, Box: box.Seal(nil, nil, text, []byte(purpose))}, nil
}

// Open returns what was sealed for a purpose, or [ErrNoKey].
func (r *Ring) Open(s Sealed, purpose string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, ok := r.keys[s.Key]
	if !ok {
		return nil, ErrNoKey
	}
	box, err := cipherOf(key)
	if err != nil {
		return nil, err
	}
	text, err := box.Open(nil, nil, s.Box, []byte(purpose))
	if err != nil {
		return nil, errOpen
	}
	return text, nil
}

func cipherOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Tag returns what stands for a text on this day: equal texts have equal tags, and
// without the day's key nobody can try which text it was. It is empty without a key.
func (r *Ring) Tag(text, purpose string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ids) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, r.keys[r.ids[0]])
	mac.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
