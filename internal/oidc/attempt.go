package oidc

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"sync"
	"time"
)

// attempt is one sign-in that is under way. Only its browser holds it, sealed.
type attempt struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Next     string    `json:"p,omitempty"` // where the person wanted to go
	Began    time.Time `json:"t"`
}

// sealer seals attempts.
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) sealer {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("machi oidc attempt 1"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic("oidc: " + err.Error()) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("oidc: " + err.Error())
	}
	return sealer{aead}
}

func (s sealer) seal(a attempt) (string, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, raw, nil)), nil
}

func (s sealer) open(text string) (attempt, bool) {
	var a attempt
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return a, false
	}
	raw, err = s.aead.Open(nil, nil, raw, nil)
	return a, err == nil && json.Unmarshal(raw, &a) == nil
}

// used remembers the states that were answered, as long as an answer could come
// again. When it is full the oldest half of its time is forgotten: the service takes
// a code only once in any case.
type used struct {
	mu       sync.Mutex
	new, old map[string]bool
	turned   time.Time
}

const maxUsed = 20_000

// take reports whether a state is answered for the first time.
func (u *used) take(state string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.new == nil || now.Sub(u.turned) >= attemptFor || len(u.new) >= maxUsed {
		u.old, u.new, u.turned = u.new, map[string]bool{}, now
	}
	if u.new[state] || u.old[state] {
		return false
	}
	u.new[state] = true
	return true
}

func random() string { return rand.Text() } // 128 bits and more
