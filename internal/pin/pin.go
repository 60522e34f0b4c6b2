// Package pin keeps the PINs of ticket machines as argon2id hashes.
//
// A PIN is 4 to 8 digits. No hash keeps so few digits from somebody who can try all
// of them at leisure; it keeps them from being read at a glance in a file or a
// backup. What guards a PIN is the machine's lock-out.
package pin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of one hash: what OWASP asks for at least, so that a small machine
// answers within a fraction of a second.
const (
	memory    = 19 << 10 // KiB
	passes    = 2
	threads   = 1
	saltBytes = 16
	hashBytes = 32
)

// The bounds of what Verify spends on a hash that it is given.
const (
	maxMemory = 256 << 10
	maxPasses = 16
)

// ErrForm says that a PIN is not 4 to 8 digits.
var ErrForm = errors.New("pin: want 4 to 8 digits")

// Check reports whether a PIN has the form of one: nil or ErrForm.
func Check(pin string) error {
	if len(pin) < 4 || len(pin) > 8 || strings.Trim(pin, "0123456789") != "" {
		return ErrForm
	}
	return nil
}

// Hash returns a PIN's hash in the usual encoding, $argon2id$v=19$…, with a salt of
// its own. It does not look at the PIN's form.
func Hash(pin string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(pin), salt, passes, memory, threads, hashBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads, b64(salt), b64(sum))
}

// Verify reports whether a PIN belongs to a hash. A hash that cannot be read belongs
// to none.
func Verify(encoded, pin string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var m, t uint32
	var p uint8
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); n != 3 || err != nil {
		return false
	}
	if parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", m, t, p) || m == 0 || m > maxMemory || t == 0 || t > maxPasses || p == 0 {
		return false
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, err := b64.DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return false
	}
	sum, err := b64.DecodeString(parts[5])
	if err != nil || len(sum) < 16 || len(sum) > 64 {
		return false
	}
	got := argon2.IDKey([]byte(pin), salt, t, m, p, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1
}
