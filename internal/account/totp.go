package account

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"golang.org/x/text/unicode/norm"

	"machi/internal/ledger"
)

const (
	period        = 30 // seconds of one code
	skew          = 1  // codes before and after
	recoveryCodes = 8
)

// Authenticator is what a person's app needs; it is shown once.
type Authenticator struct {
	Secret string // base32, to be typed
	URL    string // otpauth://, to be scanned
}

// BeginTOTP draws the secret of an authenticator app. It counts from ConfirmTOTP on;
// until then the old one does. Whoever has one already shows the password, so that a
// screen which was left alone does not give the account away: ErrCredentials, Limited
// or ErrBusy.
func (k *Keeper) BeginTOTP(ctx context.Context, by Session, password, issuer string) (Authenticator, error) {
	a, err := k.Account(by.Account)
	if err != nil {
		return Authenticator{}, err
	}
	id := a.ID
	if a.TOTP {
		_, attempt, err := k.prove(ctx, a.Login, password, by.Source)
		if err != nil {
			return Authenticator{}, err
		}
		if err := k.passed(ctx, attempt); err != nil {
			return Authenticator{}, err
		}
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: a.Login, Period: period, Rand: rand.Reader})
	if err != nil {
		return Authenticator{}, fmt.Errorf("account: %w", err)
	}
	sealed := k.seal(id, key.Secret())
	err = k.changing(ctx, id, event{Pending: &sealing{ID: id, Sealed: sealed}}, local)
	return Authenticator{Secret: key.Secret(), URL: key.URL()}, err
}

// ConfirmTOTP sets up the authenticator that BeginTOTP drew, by a code of it, and
// returns recovery codes, which can be shown only now. It returns ErrCode for a
// wrong one, ErrUnknown when there is nothing to confirm, Limited.
func (k *Keeper) ConfirmTOTP(ctx context.Context, by Session, code string) ([]string, error) {
	a, err := k.Account(by.Account)
	if err != nil {
		return nil, err
	}
	if a.pending == nil {
		return nil, ErrUnknown
	}
	id, err := k.try(ctx, a.Login, by.Source)
	if err != nil {
		return nil, err
	}
	s, err := k.matching(a.ID, a.pending, code)
	if err != nil {
		return nil, err
	}
	shown, hashes := drawRecovery()
	e := event{TOTP: &sealing{ID: a.ID, Sealed: a.pending, Recovery: hashes}}
	err = k.changing(ctx, a.ID, e, func(now Account) error {
		if !slices.Equal(now.pending, a.pending) {
			return ErrCode // begun anew meanwhile
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return shown, k.appendDay(ctx, func() ([]sessionEvent, error) { return []sessionEvent{{Passed: id}, {Step: s}}, nil })
}

func drawRecovery() (shown, hashes []string) {
	for range recoveryCodes {
		text := draw(3, 4)
		shown, hashes = append(shown, text), append(hashes, hashCode(text))
	}
	return shown, hashes
}

// hashCode is what a log holds of a recovery code or a first code: 59 random bits,
// which nobody tries through.
func hashCode(text string) string {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(readable, r) {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(text)))
	sum := sha256.Sum256([]byte("code\x00" + plain))
	return hex.EncodeToString(sum[:])
}

// second checks an authenticator's code, or takes a recovery code away. The step is
// nil for the latter.
func (k *Keeper) second(ctx context.Context, a Account, code string) (*step, error) {
	code = strings.TrimSpace(norm.NFKC.String(code))
	if code == "" {
		return nil, ErrCodeNeeded
	}
	if len(strings.ReplaceAll(code, " ", "")) == otp.DigitsSix.Length() {
		return k.matching(a.ID, a.sealed, code)
	}
	hash := hashCode(code)
	err := k.changing(ctx, a.ID, event{Used: &used{a.ID, hash}}, func(now Account) error {
		if !slices.Contains(now.recovery, hash) {
			return ErrCode
		}
		return nil
	})
	if errors.Is(err, ledger.ErrDone) {
		err = nil
	}
	return nil, err
}

// matching returns the step of a code, or ErrCode. A code opens once.
func (k *Keeper) matching(id string, sealed []byte, code string) (*step, error) {
	secret, err := k.unseal(id, sealed)
	if err != nil {
		return nil, err
	}
	code = strings.ReplaceAll(strings.TrimSpace(norm.NFKC.String(code)), " ", "")
	now := k.o.Now()
	var found *step
	for n := -skew; n <= skew; n++ {
		at := now.Add(time.Duration(n*period) * time.Second)
		want, err := totp.GenerateCode(secret, at)
		if err != nil {
			return nil, fmt.Errorf("account: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = &step{id, sinceEpoch(at)}
		}
	}
	if found == nil || !k.freshStep(*found) {
		return nil, ErrCode
	}
	return found, nil
}

// cipherOf returns what seals authenticators' secrets.
func (k *Keeper) cipherOf() cipher.AEAD {
	mac := hmac.New(sha256.New, k.o.Key)
	mac.Write([]byte("authenticator secrets"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic("account: " + err.Error()) // 32 bytes are a key
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("account: " + err.Error())
	}
	return sealer
}

func (k *Keeper) seal(id, secret string) []byte {
	return k.cipherOf().Seal(nil, nil, []byte(secret), []byte(id))
}

func (k *Keeper) unseal(id string, sealed []byte) (string, error) {
	plain, err := k.cipherOf().Open(nil, nil, sealed, []byte(id))
	if err != nil {
		return "", fmt.Errorf("account: the authenticator's secret cannot be read; is the secret key another one? %w", err)
	}
	return string(plain), nil
}
