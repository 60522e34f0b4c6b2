package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is what one hash of a password costs.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
}

// DefaultCost is what OWASP asks for at least.
var DefaultCost = Cost{Memory: 19 << 10, Passes: 2}

const (
	saltBytes = 16
	hashBytes = 32
	maxMemory = 256 << 10 // KiB, of a hash that is read
	maxPasses = 16

	minPassword = 12  // characters
	maxPassword = 128 // bytes
)

// hash returns a password's argon2id in the usual encoding, with a salt of its own.
func (c Cost) hash(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, 1, hashBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.Memory, c.Passes, b64(salt), b64(sum))
}

// verify reports whether a password belongs to a hash. A hash that cannot be read
// belongs to none.
func verify(encoded, password string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var c Cost
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &c.Memory, &c.Passes); n != 2 || err != nil {
		return false
	}
	if c.Memory == 0 || c.Memory > maxMemory || c.Passes == 0 || c.Passes > maxPasses {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	sum, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(sum) != hashBytes {
		return false
	}
	return subtle.ConstantTimeCompare(argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, 1, hashBytes), sum) == 1
}

// ErrBusy says that too many people sign in at this moment.
var ErrBusy = errors.New("account: too many sign in at once")

// The limits of hashing, which takes memory that many strangers must not multiply.
const (
	hashAtOnce  = 2
	hashWaiting = 32
)

// gate lets few hash at once and some wait.
type gate struct {
	places chan struct{} // whoever is in or waits
	slots  chan struct{}
}

func newGate() *gate {
	return &gate{places: make(chan struct{}, hashAtOnce+hashWaiting), slots: make(chan struct{}, hashAtOnce)}
}

// enter returns how to leave, ErrBusy, or the context's error.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.places <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots; <-g.places }, nil
	case <-ctx.Done():
		<-g.places
		return nil, ctx.Err()
	}
}

// Weak says why a password is not taken.
type Weak string

// Why a password is not taken.
const (
	TooShort Weak = "too_short" // fewer than 12 characters
	TooLong  Weak = "too_long"  // more than 128 bytes
	Common   Weak = "common"    // everybody's guess: a known one, a row of keys, few characters
	Personal Weak = "personal"  // made of the person's own name
)

// Error names the reason.
func (w Weak) Error() string { return "account: the password is " + string(w) }

//go:embed common.txt
var commonFile string

// common holds what people choose, in lower case and without what they put around it.
var common = func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonFile) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			words[word] = true
		}
	}
	return words
}()

// clean is a password as it is compared, however the keyboard was set.
func clean(password string) string { return norm.NFKC.String(password) }

// CheckPassword returns a Weak for a password that a person of these names should
// not have.
func CheckPassword(password string, names ...string) error {
	text := strings.ToLower(clean(password))
	switch {
	case utf8.RuneCountInString(text) < minPassword:
		return TooShort
	case len(text) > maxPassword:
		return TooLong
	case guessed(text):
		return Common
	}
	for _, name := range names {
		name = strings.ToLower(clean(name))
		if utf8.RuneCountInString(name) >= 3 && strings.Contains(text, name) && len(text)-len(name) < 8 {
			return Personal
		}
	}
	return nil
}

// guessed reports whether a password is one of those that are tried first: known
// words with digits and marks around them or in place of letters, rows of keys, or
// the same few characters again and again.
func guessed(text string) bool {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	if len(seen) < 5 || isRow(text) {
		return true
	}
	plain := strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s").Replace(text)
	for _, form := range []string{text, plain} {
		letters := strings.FieldsFunc(form, func(r rune) bool { return !unicode.IsLetter(r) })
		core := strings.Join(letters, "")
		if common[form] || len(letters) > 0 && allCommon(letters) || common[core] || common[strings.TrimFunc(form, notLetter)] {
			return true
		}
	}
	return false
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

func allCommon(words []string) bool {
	for _, w := range words {
		if !common[w] && !isRow(w) && !common[half(w)] {
			return false
		}
	}
	return true
}

// half returns what a text is twice, or the text.
func half(text string) string {
	if n := len(text) / 2; n > 2 && text[:n] == text[n:] {
		return text[:n]
	}
	return text
}

// rows are keys in the order of keyboards and alphabets.
var rows = []string{"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik"}

// isRow reports whether a text is pieces of rows, forwards or backwards, of at
// least three keys each.
func isRow(text string) bool {
	for len(text) > 0 {
		n := 0
		for _, row := range rows {
			n = max(n, prefixIn(text, row), prefixIn(text, reverse(row)))
		}
		if n < 3 {
			return false
		}
		text = text[n:]
	}
	return true
}

// prefixIn returns how much of the beginning of a text stands somewhere in a row.
func prefixIn(text, row string) int {
	n := 0
	for n < len(text) && strings.Contains(row, text[:n+1]) {
		n++
	}
	return n
}

func reverse(text string) string {
	out := []rune(text)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return string(out)
}

// letters of passwords that are read from paper: none looks like another.
const readable = "abcdefghjkmnpqrstuvwxyz23456789"

// DrawPassword returns a password to be read from paper: 16 letters and digits in
// groups of four, 79 bits.
func DrawPassword() string { return draw(4, 4) }

func draw(groups, length int) string {
	var b strings.Builder
	for g := range groups {
		if g > 0 {
			b.WriteByte('-')
		}
		for n := 0; n < length; {
			var one [1]byte
			_, _ = rand.Read(one[:]) // never fails
			if i := int(one[0]); i < len(readable)*8 {
				b.WriteByte(readable[i%len(readable)])
				n++
			}
		}
	}
	return b.String()
}
