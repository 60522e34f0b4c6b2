package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed request.
const (
	HeaderInput     = "Signature-Input"
	HeaderSignature = "Signature"
	HeaderDigest    = "Content-Digest"
	// HeaderTime is the header in which a server tells its clock (RFC 3339).
	HeaderTime = "Machi-Time"

	headerKey = "Idempotency-Key"
)

const (
	label      = "machi"
	nonceBytes = 16
	maxHeader  = 1 << 10 // of each header of a signature
)

var (
	// ErrMissing says that a request bears no signature.
	ErrMissing = errors.New("signature: the request is not signed")
	// ErrForm says that a signature is not of the profile.
	ErrForm = errors.New("signature: not of the profile")
	// ErrDigest says that the body is not the one that was signed.
	ErrDigest = errors.New("signature: the digest is not the body's")
	// ErrWrong says that the signature is not the key's.
	ErrWrong = errors.New("signature: the key did not sign this")
)

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// KeyID names a public key: 16 characters of its SHA-256.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return crockford.EncodeToString(sum[:10])
}

// Claim is what a signed request says of itself. Nothing of it is proven before
// [Claim.Verify].
type Claim struct {
	KeyID   string
	Created time.Time // to the second
	Nonce   string

	base      []byte
	signature []byte
	digest    [sha256.Size]byte
}

// input is the one spelling of a Signature-Input: components, created, nonce, key.
var input = regexp.MustCompile(`^machi=(\([^()]*\);created=([1-9][0-9]{0,11});nonce="([A-Za-z0-9_-]{22})";keyid="([0-9A-HJKMNP-TV-Z]{16})";alg="ed25519")$`)

// Signed reports whether a request claims to be signed, well or badly.
func Signed(r *http.Request) bool {
	return len(r.Header.Values(HeaderInput)) > 0 || len(r.Header.Values(HeaderSignature)) > 0
}

// Parse reads the signature of a request. It returns ErrMissing or ErrForm.
func Parse(r *http.Request) (Claim, error) {
	if !Signed(r) {
		return Claim{}, ErrMissing
	}
	raw, err := one(r, HeaderInput)
	if err != nil {
		return Claim{}, err
	}
	parts := input.FindStringSubmatch(raw)
	if parts == nil {
		return Claim{}, fmt.Errorf("%w: %s", ErrForm, HeaderInput)
	}
	components, base, err := baseOf(r, parts[1])
	if err != nil {
		return Claim{}, err
	}
	if !strings.HasPrefix(parts[1], components+";") {
		return Claim{}, fmt.Errorf("%w: it covers other components than %s", ErrForm, components)
	}
	seconds, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return Claim{}, fmt.Errorf("%w: created", ErrForm)
	}
	c := Claim{KeyID: parts[4], Created: time.Unix(seconds, 0), Nonce: parts[3], base: base}
	if c.signature, err = bytesOf(r, HeaderSignature, label, ed25519.SignatureSize); err != nil {
		return Claim{}, err
	}
	digest, err := bytesOf(r, HeaderDigest, "sha-256", sha256.Size)
	c.digest = [sha256.Size]byte(append(digest, make([]byte, sha256.Size)...))
	return c, err
}

// Verify reports whether a key signed the request and a body is its body: nil,
// ErrWrong or ErrDigest. It takes the digest to be the body's only after the
// signature holds.
func (c Claim) Verify(key ed25519.PublicKey, body []byte) error {
	if err := c.VerifyHead(key); err != nil {
		return err
	}
	if sha256.Sum256(body) != c.digest {
		return ErrDigest
	}
	return nil
}

// VerifyHead reports whether a key signed the request, before the body was read.
func (c Claim) VerifyHead(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || KeyID(key) != c.KeyID || !ed25519.Verify(key, c.base, c.signature) {
		return ErrWrong
	}
	return nil
}

// baseOf returns the list of covered components and the bytes that are signed.
func baseOf(r *http.Request, parameters string) (components string, base []byte, err error) {
	digest, err := one(r, HeaderDigest)
	if err != nil {
		return "", nil, err
	}
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	lines := [][2]string{
		{"@method", r.Method},
		{"@authority", strings.ToLower(authority(r))},
		{"@path", path},
		{"@query", "?" + r.URL.RawQuery},
		{"content-digest", digest},
	}
	if len(r.Header.Values(headerKey)) > 0 {
		key, err := one(r, headerKey)
		if err != nil {
			return "", nil, err
		}
		lines = append(lines, [2]string{"idempotency-key", key})
	}
	var names, out bytes.Buffer
	for i, line := range lines {
		if i > 0 {
			names.WriteByte(' ')
		}
		fmt.Fprintf(&names, "%q", line[0])
		fmt.Fprintf(&out, "%q: %s\n", line[0], line[1])
	}
	components = "(" + names.String() + ")"
	if parameters == "" {
		return components, out.Bytes(), nil
	}
	fmt.Fprintf(&out, `"@signature-params": %s`, parameters)
	return components, out.Bytes(), nil
}

// authority is the Host of a request that arrives or is about to be sent.
func authority(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// one returns a header that must be there once, of visible characters.
func one(r *http.Request, name string) (string, error) {
	all := r.Header.Values(name)
	if len(all) != 1 || all[0] == "" || len(all[0]) > maxHeader {
		return "", fmt.Errorf("%w: %s must be there once", ErrForm, name)
	}
	for _, c := range []byte(all[0]) {
		if c < ' ' || c > '~' {
			return "", fmt.Errorf("%w: %s holds control characters", ErrForm, name)
		}
	}
	return all[0], nil
}

// bytesOf reads a dictionary of one entry, label=:base64:, in its only spelling.
func bytesOf(r *http.Request, name, label string, size int) ([]byte, error) {
	raw, err := one(r, name)
	if err != nil {
		return nil, err
	}
	text, starts := strings.CutPrefix(raw, label+"=:")
	text, ends := strings.CutSuffix(text, ":")
	value, err := base64.StdEncoding.Strict().DecodeString(text)
	if !starts || !ends || err != nil || len(value) != size {
		return nil, fmt.Errorf("%w: %s", ErrForm, name)
	}
	return value, nil
}

// Sign signs a request with a body as of a moment. The nonce is drawn.
func Sign(r *http.Request, body []byte, key ed25519.PrivateKey, at time.Time) error {
	var nonce [nonceBytes]byte
	_, _ = rand.Read(nonce[:]) // never fails
	return sign(r, body, key, at, nonce)
}

func sign(r *http.Request, body []byte, key ed25519.PrivateKey, at time.Time, nonce [nonceBytes]byte) error {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return ErrWrong
	}
	sum := sha256.Sum256(body)
	r.Header.Set(HeaderDigest, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	r.Header.Del(HeaderInput)
	r.Header.Del(HeaderSignature)
	components, _, err := baseOf(r, "")
	if err != nil {
		return err
	}
	parameters := fmt.Sprintf(`%s;created=%d;nonce="%s";keyid="%s";alg="ed25519"`,
		components, at.Unix(), base64.RawURLEncoding.EncodeToString(nonce[:]), KeyID(public))
	_, base, err := baseOf(r, parameters)
	if err != nil {
		return err
	}
	r.Header.Set(HeaderInput, label+"="+parameters)
	r.Header.Set(HeaderSignature, label+"=:"+base64.StdEncoding.EncodeToString(ed25519.Sign(key, base))+":")
	return nil
}
