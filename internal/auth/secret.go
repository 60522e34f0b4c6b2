package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
)

// crockford is Crockford's base 32: upper case and digits without I, L, O and U,
// which keeps a QR code small and lets a person read it out.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// secretBytes is the length of a status secret: 128 bits.
const secretBytes = 16

// DeriveSecret returns the status secret of the ticket that a command issues, 26
// characters. It is derived, not drawn, so that a command which is sent again is
// answered with the same secret although no log holds it.
func DeriveSecret(key []byte, command string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("ticket secret\x00"))
	mac.Write([]byte(command))
	return crockford.EncodeToString(mac.Sum(nil)[:secretBytes])
}

// HashSecret returns what a log may hold of a secret: its SHA-256 in hexadecimal.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
