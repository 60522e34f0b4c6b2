package account_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"machi/internal/account"
)

// code returns an authenticator's code.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	text, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheSecondFactor(t *testing.T) {
	c := newCity(t)
	k := c.open()
	boss := c.add(k, "boss", account.Grant{Role: account.Manager, Office: "o"})
	in := c.signIn(k, "boss")
	if owes := k.Owes(in.Account); owes != account.OwesTOTP {
		t.Errorf("a manager without an authenticator owes %q", owes)
	}
	begun, err := k.BeginTOTP(t.Context(), in.Session, "", "Machi 世田谷区")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(begun.URL); err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != begun.Secret {
		t.Errorf("the address for the app is %q", begun.URL)
	}
	if _, err := k.ConfirmTOTP(t.Context(), in.Session, "000000"); !errors.Is(err, account.ErrCode) {
		t.Errorf("a wrong code: %v", err)
	}
	recovery, err := k.ConfirmTOTP(t.Context(), in.Session, code(t, begun.Secret, c.clock.now()))
	if err != nil || len(recovery) != 8 {
		t.Fatalf("confirmed: %v, %v", recovery, err)
	}
	if a, _ := k.Account(boss.ID); k.Owes(a) != "" || a.Recovery != 8 {
		t.Errorf("afterwards the account is %+v", a)
	}
	other := c.open() // knows it from the log
	try := func(otp string) error {
		_, err := other.SignIn(t.Context(), account.Credentials{Login: "boss", Password: good, Code: otp, Source: "s"})
		return err
	}
	steps := []struct {
		name, otp string
		after     time.Duration
		want      error
	}{
		{"no code", "", 0, account.ErrCodeNeeded},
		{"the code that confirmed", code(t, begun.Secret, noon), 0, account.ErrCode},
		{"the next one, a little early", code(t, begun.Secret, noon.Add(30*time.Second)), 0, nil},
		{"the same again", code(t, begun.Secret, noon.Add(30*time.Second)), 0, account.ErrCode},
		{"one of five minutes ago", code(t, begun.Secret, noon), 5 * time.Minute, account.ErrCode},
		{"a full-width code", strings.NewReplacer("0", "０", "1", "１", "2", "２").Replace(code(t, begun.Secret, noon.Add(5*time.Minute))), 0, nil},
		{"a recovery code", strings.ToUpper(recovery[3]), 0, nil},
		{"the same recovery code", recovery[3], 0, account.ErrCode},
		{"no recovery code", "aaaa-bbbb-cccc", 20 * time.Minute, account.ErrCode},
	}
	for _, s := range steps {
		c.clock.advance(s.after)
		if err := try(s.otp); !errors.Is(err, s.want) {
			t.Errorf("%s: %v, want %v", s.name, err, s.want)
		}
	}
	for password, want := range map[string]error{"": account.ErrCredentials, good: nil} {
		if _, err := other.BeginTOTP(t.Context(), in.Session, password, "Machi"); !errors.Is(err, want) {
			t.Errorf("another authenticator with the password %q: %v, want %v", password, err, want)
		}
	}
	if _, err := other.Reset(t.Context(), boss.ID, "x"); err != nil {
		t.Fatal(err)
	}
	if a, _ := other.Account(boss.ID); a.TOTP || a.Recovery != 0 || other.Owes(a) != account.OwesPassword {
		t.Errorf("after a reset: %+v", a)
	}
}

// TestACodeThatWasUsedBeforeMidnightIsUsed asks another server, which has not heard yet.
func TestACodeThatWasUsedBeforeMidnightIsUsed(t *testing.T) {
	c := newCity(t)
	a := c.open()
	c.add(a, "boss", account.Grant{Role: account.Admin})
	in := c.signIn(a, "boss")
	begun, _ := a.BeginTOTP(t.Context(), in.Session, "", "Machi")
	if _, err := a.ConfirmTOTP(t.Context(), in.Session, code(t, begun.Secret, noon)); err != nil {
		t.Fatal(err)
	}
	night := time.Date(2026, 11, 21, 23, 59, 59, 0, time.UTC)
	c.clock.at.Store(night.UnixNano())
	b := c.open()
	credentials := account.Credentials{Login: "boss", Password: good, Code: code(t, begun.Secret, night)}
	if _, err := a.SignIn(t.Context(), credentials); err != nil {
		t.Fatal(err)
	}
	c.clock.advance(2 * time.Second)
	if _, err := b.SignIn(t.Context(), credentials); !errors.Is(err, account.ErrCode) {
		t.Errorf("the same code at another server after midnight: %v", err)
	}
}

func TestACodeOpensOneOfManyDoorsAtOnce(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "boss", account.Grant{Role: account.Admin})
	in := c.signIn(k, "boss")
	begun, _ := k.BeginTOTP(t.Context(), in.Session, "", "Machi")
	if _, err := k.ConfirmTOTP(t.Context(), in.Session, code(t, begun.Secret, noon)); err != nil {
		t.Fatal(err)
	}
	c.clock.advance(time.Minute)
	servers := []*account.Keeper{k, c.open(), c.open()}
	var opened atomic.Int64
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() {
			_, err := servers[i%3].SignIn(t.Context(), account.Credentials{Login: "boss", Password: good, Code: code(t, begun.Secret, c.clock.now()), Source: "s"})
			if err == nil {
				opened.Add(1)
			}
		})
	}
	group.Wait()
	if opened.Load() != 1 {
		t.Errorf("one code opened %d times", opened.Load())
	}
}
