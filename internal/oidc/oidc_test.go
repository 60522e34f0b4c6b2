package oidc_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/oidc"
)

// clock is a wall that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) add(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

func wall() *clock { return &clock{now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)} }

func options(p *idp, c *clock) oidc.Options {
	return oidc.Options{
		Issuer: p.URL, ClientID: "machi", ClientSecret: "s3cret", RedirectURL: "https://machi.example/staff/oidc/callback",
		Groups: map[string][]oidc.Grant{"clerks": {{Role: "staff", Office: "km-setagaya"}}, "chiefs": {{Role: "manager", Office: "km-setagaya"}, {Role: "staff", Office: "br-yoga"}}},
		Key:    []byte("0123456789abcdef"), Now: c.Now, Logger: slog.New(slog.DiscardHandler),
	}
}

func service(t *testing.T, o oidc.Options) *oidc.Service {
	t.Helper()
	s, err := oidc.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// under is a sign-in that is under way.
type under struct {
	sealed string
	back   url.Values
}

func begin(t *testing.T, s *oidc.Service, p *idp) under {
	t.Helper()
	address, sealed, err := s.Begin(t.Context(), "/staff/km-setagaya")
	if err != nil {
		t.Fatal(err)
	}
	return under{sealed, p.login(address)}
}

func finish(t *testing.T, s *oidc.Service, u under) (oidc.Person, error) {
	t.Helper()
	person, _, err := s.Finish(t.Context(), u.sealed, u.back)
	return person, err
}

func TestAPersonSignsIn(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	s := service(t, options(p, c))
	p.groups = []string{"unknown", "chiefs", "clerks", "chiefs"}
	u := begin(t, s, p)
	person, next, err := s.Finish(t.Context(), u.sealed, u.back)
	if err != nil || next != "/staff/km-setagaya" {
		t.Fatal(person, next, err)
	}
	want := []oidc.Grant{{Role: "staff", Office: "br-yoga"}, {Role: "manager", Office: "km-setagaya"}, {Role: "staff", Office: "km-setagaya"}}
	if person.Issuer != p.URL || person.Subject != "subject-1" || person.Name != "佐藤 花子" || person.Login != "h.sato" || !slices.Equal(person.Grants, want) {
		t.Errorf("person %+v", person)
	}
}

// TestAnotherServerFinishes what one began, if they share the key.
func TestAnotherServerFinishes(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	u := begin(t, service(t, options(p, c)), p)
	if _, err := finish(t, service(t, options(p, c)), u); err != nil {
		t.Error(err)
	}
	other := options(p, c)
	other.Key = []byte("another key of 16 bytes")
	if _, err := finish(t, service(t, other), begin(t, service(t, options(p, c)), p)); !errors.Is(err, oidc.ErrAttempt) {
		t.Errorf("with another key: %v", err)
	}
}

// hostile is an answer that must not be believed, and what it is answered with.
type hostile struct {
	name string
	lie  func(p *idp)
	want error
}

func claim(name string, value any) func(p *idp) {
	return func(p *idp) { p.claims = func(c map[string]any) { c[name] = value } }
}

func at(name string, d time.Duration) func(p *idp) {
	return func(p *idp) { p.claims = func(c map[string]any) { c[name] = p.now().Add(d).Unix() } }
}

func brings(name string, values ...string) func(p *idp) {
	return func(p *idp) { p.send = func(q url.Values) { q[name] = values } }
}

func answers(write func(w http.ResponseWriter, id string)) func(p *idp) {
	return func(p *idp) { p.answer = func(w http.ResponseWriter, id string) bool { write(w, id); return true } }
}

func says(name string, value any) func(p *idp) {
	return func(p *idp) { p.metadata = func(m map[string]any) { m[name] = value } }
}

func jsonBody(format string) func(w http.ResponseWriter, id string) {
	return func(w http.ResponseWriter, id string) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, format, id)
	}
}

// publicPEM is the service's public key as somebody would use it who makes a MAC of it.
func publicPEM() []byte {
	raw, err := x509.MarshalPKIXPublicKey(&signing()[0].PublicKey)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: raw})
}

var believeNothing = []hostile{
	// What the browser brings.
	{"no state", brings("state"), oidc.ErrAnswer},
	{"another state", brings("state", "x"), oidc.ErrAnswer},
	{"two states", func(p *idp) { p.send = func(q url.Values) { q["state"] = []string{q.Get("state"), "x"} } }, oidc.ErrAnswer},
	{"two codes", func(p *idp) { p.send = func(q url.Values) { q["code"] = []string{q.Get("code"), "x"} } }, oidc.ErrAnswer},
	{"no code", brings("code"), oidc.ErrAnswer},
	{"another code", brings("code", "x"), oidc.ErrAnswer},
	{"a code without end", brings("code", strings.Repeat("x", 5000)), oidc.ErrAnswer},
	{"another issuer (mix-up)", brings("iss", "https://evil.example"), oidc.ErrAnswer},
	{"no issuer, which the service promised", brings("iss"), oidc.ErrAnswer},
	{"an empty issuer", brings("iss", ""), oidc.ErrAnswer},
	{"an error", brings("error", "access_denied"), oidc.ErrDenied},
	{"an error beside a code", brings("error", "server_error\n"), oidc.ErrDenied},
	// What the token says.
	{"another issuer's token", claim("iss", "https://evil.example"), oidc.ErrAnswer},
	{"the issuer with a slash", func(p *idp) { p.claims = func(c map[string]any) { c["iss"] = p.URL + "/" } }, oidc.ErrAnswer},
	{"no issuer's token", claim("iss", nil), oidc.ErrAnswer},
	{"for another client", claim("aud", "other"), oidc.ErrAnswer},
	{"for nobody", claim("aud", nil), oidc.ErrAnswer},
	{"for an empty list", claim("aud", []string{}), oidc.ErrAnswer},
	{"for us and another, without saying who asked", claim("aud", []string{"machi", "other"}), oidc.ErrAnswer},
	{"for us, asked by another", claim("azp", "other"), oidc.ErrAnswer},
	{"another nonce", claim("nonce", "x"), oidc.ErrAnswer},
	{"no nonce", claim("nonce", nil), oidc.ErrAnswer},
	{"no subject", claim("sub", nil), oidc.ErrAnswer},
	{"an empty subject", claim("sub", ""), oidc.ErrAnswer},
	{"a subject that is a number", claim("sub", 7), oidc.ErrAnswer},
	{"a subject without end", claim("sub", strings.Repeat("x", 256)), oidc.ErrAnswer},
	{"no expiry", claim("exp", nil), oidc.ErrAnswer},
	{"expired", at("exp", -61*time.Second), oidc.ErrAnswer},
	{"an expiry that is a text", claim("exp", "tomorrow"), oidc.ErrAnswer},
	{"a negative expiry", claim("exp", -1), oidc.ErrAnswer},
	{"no moment of issue", claim("iat", nil), oidc.ErrAnswer},
	{"issued tomorrow", at("iat", 61*time.Second), oidc.ErrAnswer},
	{"issued before this sign-in", at("iat", -61*time.Second), oidc.ErrAnswer},
	{"not valid yet", at("nbf", 61*time.Second), oidc.ErrAnswer},
	{"for another access token", claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), oidc.ErrAnswer},
	{"groups that are no texts", claim("groups", []int{1}), oidc.ErrAnswer},
	{"no groups", claim("groups", nil), oidc.ErrNoRole},
	{"groups of others", claim("groups", []string{"Clerks", "clerks ", ""}), oidc.ErrNoRole},
	{"claims of claims", claim("_claim_names", map[string]string{"groups": "nowhere"}), oidc.ErrAnswer},
	// How it is signed.
	{"not at all", func(p *idp) {
		p.header = func(h map[string]any) { h["alg"] = "none" }
		p.sign = func(h, c string) string { return h + "." + c + "." }
	}, oidc.ErrAnswer},
	{"not at all, in other letters", func(p *idp) {
		p.header = func(h map[string]any) { h["alg"] = "NoNe" }
		p.sign = func(h, c string) string { return h + "." + c + "." }
	}, oidc.ErrAnswer},
	{"by the client's secret", func(p *idp) {
		p.header = func(h map[string]any) { h["alg"] = "HS256" }
		p.sign = hs256([]byte("s3cret"))
	}, oidc.ErrAnswer},
	{"by the public key as a secret", func(p *idp) {
		p.header = func(h map[string]any) { h["alg"] = "HS256" }
		p.sign = hs256(publicPEM())
	}, oidc.ErrAnswer},
	{"by another's key", func(p *idp) { p.sign = func(h, c string) string { return signed(signing()[1], h, c) } }, oidc.ErrAnswer},
	{"by another's key, under a new name", func(p *idp) {
		p.header = func(h map[string]any) { h["kid"] = "two" }
		p.sign = func(h, c string) string { return signed(signing()[1], h, c) }
	}, oidc.ErrAnswer},
	{"by a key that the token brings along", func(p *idp) {
		key := signing()[1]
		point, err := key.PublicKey.Bytes()
		if err != nil {
			panic(err)
		}
		p.header = func(h map[string]any) {
			delete(h, "kid")
			h["jwk"] = map[string]string{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}
		}
		p.sign = func(h, c string) string { return signed(key, h, c) }
	}, oidc.ErrAnswer},
	{"another text than was signed", func(p *idp) {
		p.sign = func(h, c string) string {
			parts := strings.Split(p.es256(h, c), ".")
			return parts[0] + "." + segment(map[string]any{"iss": p.URL, "sub": "admin", "aud": "machi"}) + "." + parts[2]
		}
	}, oidc.ErrAnswer},
	{"cut off", func(p *idp) { p.sign = func(h, c string) string { return p.es256(h, c)[:len(h)+len(c)+20] } }, oidc.ErrAnswer},
	{"twice", func(p *idp) {
		p.sign = func(h, c string) string {
			sig := strings.Split(p.es256(h, c), ".")[2]
			return `{"payload":"` + c + `","signatures":[{"protected":"` + h + `","signature":"` + sig + `"},{"protected":"` + h + `","signature":"` + sig + `"}]}`
		}
	}, oidc.ErrAnswer},
	// How the code is answered.
	{"no ID token", answers(jsonBody(`{"access_token":"a","token_type":"Bearer","x":%q}`)), oidc.ErrAnswer},
	{"an ID token that is a list", answers(jsonBody(`{"access_token":"a","token_type":"Bearer","id_token":[%q]}`)), oidc.ErrAnswer},
	{"an empty ID token", answers(jsonBody(`{"access_token":"a","token_type":"Bearer","id_token":"","x":%q}`)), oidc.ErrAnswer},
	{"no JSON", answers(jsonBody(`<html>%s</html>`)), oidc.ErrUnavailable},
	{"an answer without end", answers(func(w http.ResponseWriter, _ string) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q}`, strings.Repeat("x", 2<<20))
	}), oidc.ErrUnavailable},
	{"sent elsewhere", answers(func(w http.ResponseWriter, _ string) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}), oidc.ErrUnavailable},
	{"an error of its own", answers(func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusBadGateway) }), oidc.ErrUnavailable},
}

func TestHostileAnswersLetNobodyIn(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	s := service(t, options(p, c))
	for _, h := range believeNothing {
		t.Run(h.name, func(t *testing.T) {
			p.set(func(p *idp) { p.claims, p.header, p.sign, p.answer, p.send = nil, nil, nil, nil, nil; h.lie(p) })
			person, err := finish(t, s, begin(t, s, p))
			if !errors.Is(err, h.want) || person.Subject != "" {
				t.Errorf("%+v, %v; want %v", person, err, h.want)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("the error forges a line: %q", err)
			}
		})
	}
	p.set(func(p *idp) { p.claims, p.header, p.sign, p.answer, p.send = nil, nil, nil, nil, nil })
	if _, err := finish(t, s, begin(t, s, p)); err != nil {
		t.Errorf("the truth after all lies: %v", err)
	}
}

// TestAServiceThatDescribesItselfBadlyIsNotAsked: nobody is sent to it.
func TestAServiceThatDescribesItselfBadlyIsNotAsked(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	for name, lie := range map[string]func(p *idp){
		"another issuer":              says("issuer", "https://evil.example"),
		"a token address without TLS": says("token_endpoint", "http://evil.example/token"),
		"keys without TLS":            says("jwks_uri", "http://evil.example/keys"),
		"keys of a file":              says("jwks_uri", "file:///etc/passwd"),
		"a page that is a script":     says("authorization_endpoint", "javascript:alert(1)"),
		"no token address":            says("token_endpoint", ""),
		"no challenge":                says("code_challenge_methods_supported", []string{"plain"}),
		"no client secret":            says("token_endpoint_auth_methods_supported", []string{"private_key_jwt"}),
		"too much":                    says("x", strings.Repeat("x", 2<<20)),
	} {
		p.set(func(p *idp) { lie(p) })
		if address, _, err := service(t, options(p, c)).Begin(t.Context(), ""); !errors.Is(err, oidc.ErrUnavailable) {
			t.Errorf("%s: sent to %q, %v", name, address, err)
		}
	}
}

func TestAnAnswerCountsOnce(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	s := service(t, options(p, c))
	u := begin(t, s, p)
	if _, err := finish(t, s, u); err != nil {
		t.Fatal(err)
	}
	if _, err := finish(t, s, u); !errors.Is(err, oidc.ErrAttempt) {
		t.Errorf("again: %v", err)
	}
	if _, err := finish(t, service(t, options(p, c)), u); !errors.Is(err, oidc.ErrAnswer) {
		t.Errorf("again at another server: %v", err)
	}
	mine, other := begin(t, s, p), begin(t, s, p)
	if _, err := finish(t, s, under{mine.sealed, other.back}); !errors.Is(err, oidc.ErrAnswer) {
		t.Errorf("another's answer in my browser: %v", err)
	}
	other.back.Set("state", mine.back.Get("state"))
	if _, err := finish(t, s, under{mine.sealed, other.back}); !errors.Is(err, oidc.ErrAnswer) {
		t.Errorf("another's code under my state: %v", err)
	}
}

func TestAnAttemptIsSealedAndEnds(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	s := service(t, options(p, c))
	u := begin(t, s, p)
	for name, sealed := range map[string]string{"none": "", "text": "x", "cut": u.sealed[:len(u.sealed)-2], "changed": "A" + u.sealed[1:], "longer": u.sealed + "AAAA"} {
		if sealed == u.sealed {
			sealed = "B" + u.sealed[1:]
		}
		if _, err := finish(t, s, under{sealed, u.back}); !errors.Is(err, oidc.ErrAttempt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.add(10*time.Minute + time.Second)
	if _, err := finish(t, s, u); !errors.Is(err, oidc.ErrAttempt) {
		t.Errorf("after ten minutes: %v", err)
	}
}

func TestClocksMayDifferByAMinute(t *testing.T) {
	for _, d := range []time.Duration{-60 * time.Second, -30 * time.Second, 30 * time.Second, 60 * time.Second} {
		c := wall()
		p := newIDP(t, func() time.Time { return c.Now().Add(d) })
		s := service(t, options(p, c))
		p.claims = func(claims map[string]any) {
			claims["nbf"], claims["exp"] = claims["iat"], claims["iat"].(int64)+1
		}
		if _, err := finish(t, s, begin(t, s, p)); err != nil {
			t.Errorf("the service's clock is off by %v: %v", d, err)
		}
	}
}

func TestKeysAreRotated(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	s := service(t, options(p, c))
	if _, err := finish(t, s, begin(t, s, p)); err != nil {
		t.Fatal(err)
	}
	p.set(func(p *idp) { p.keys["two"] = signing()[1]; p.key = "two" })
	if _, err := finish(t, s, begin(t, s, p)); err != nil {
		t.Errorf("a new key: %v", err)
	}
	p.set(func(p *idp) {
		delete(p.keys, "one")
		p.sign = func(h, c string) string { return signed(signing()[0], h, c) }
	})
	if _, err := finish(t, s, begin(t, s, p)); !errors.Is(err, oidc.ErrAnswer) {
		t.Errorf("the old key under the new one's name: %v", err)
	}
}

// TestTheServiceMayBeAway: at the start, in the middle, and for more than an hour.
func TestTheServiceMayBeAway(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	p.down = true
	s := service(t, options(p, c))
	for range 20 {
		if _, _, err := s.Begin(t.Context(), ""); !errors.Is(err, oidc.ErrUnavailable) {
			t.Fatalf("away: %v", err)
		}
	}
	if n := p.count("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("it was asked %d times in a moment", n)
	}
	p.set(func(p *idp) { p.down = false })
	c.add(4 * time.Second)
	u := begin(t, s, p)
	p.set(func(p *idp) { p.down = true })
	if _, err := finish(t, s, u); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("away in the middle: %v", err)
	}
	c.add(2 * time.Hour)
	if _, _, err := s.Begin(t.Context(), ""); err != nil {
		t.Errorf("what is known of it holds: %v", err)
	}
}

func TestAStrengthCanBeDemanded(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	o := options(p, c)
	o.ACR = "mfa"
	s := service(t, o)
	if _, err := finish(t, s, begin(t, s, p)); !errors.Is(err, oidc.ErrAnswer) {
		t.Errorf("without it: %v", err)
	}
	p.set(claim("acr", "mfa"))
	if _, err := finish(t, s, begin(t, s, p)); err != nil {
		t.Errorf("with it: %v", err)
	}
}

func TestSecretsMayStandInTheBody(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	p.metadata = func(m map[string]any) { m["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} }
	s := service(t, options(p, c))
	if _, err := finish(t, s, begin(t, s, p)); !errors.Is(err, oidc.ErrAnswer) { // this one takes only the header
		t.Error(err)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	c := wall()
	p := newIDP(t, c.Now)
	for name, change := range map[string]func(o *oidc.Options){
		"no issuer":             func(o *oidc.Options) { o.Issuer = "" },
		"an issuer without TLS": func(o *oidc.Options) { o.Issuer = "http://login.example" },
		"a path for an issuer":  func(o *oidc.Options) { o.Issuer = "/login" },
		"a user in the issuer":  func(o *oidc.Options) { o.Issuer = "https://a:b@login.example" },
		"no client":             func(o *oidc.Options) { o.ClientID = "" },
		"no secret":             func(o *oidc.Options) { o.ClientSecret = "" },
		"no redirect":           func(o *oidc.Options) { o.RedirectURL = "" },
		"no groups":             func(o *oidc.Options) { o.Groups = nil },
		"a short key":           func(o *oidc.Options) { o.Key = []byte("short") },
	} {
		o := options(p, c)
		change(&o)
		if _, err := oidc.New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	roles := []string{"staff", "admin"}
	for _, bad := range []string{"", "staff", "=staff", "g=emperor", "g=", "g=staff@"} {
		group, g, err := oidc.ParseGroup(bad, roles)
		if err == nil {
			t.Errorf("%q: %q %+v", bad, group, g)
		}
	}
	if group, g, err := oidc.ParseGroup("CN=a,OU=b=staff@o", roles); err != nil || group != "CN=a,OU=b" || g != (oidc.Grant{Role: "staff", Office: "o"}) {
		t.Errorf("%q %+v %v", group, g, err)
	}
}
