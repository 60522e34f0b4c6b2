package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// idp is a sign-in service of a test: it speaks OpenID Connect over HTTP, keeps its
// codes to their client, challenge and address, and lies as it is told to.
type idp struct {
	*httptest.Server
	t   *testing.T
	now func() time.Time

	mu     sync.Mutex
	keys   map[string]*ecdsa.PrivateKey
	key    string // the one that signs
	codes  map[string]code
	asked  map[string]int // requests by path
	groups []string

	metadata func(m map[string]any)                                  // changes what it says of itself
	claims   func(c map[string]any)                                  // changes what it says of people
	header   func(h map[string]any)                                  // changes how a token says it is signed
	sign     func(header, payload string) string                     // signs in another way
	answer   func(w http.ResponseWriter, idToken string) (done bool) // answers the exchange of a code
	send     func(q url.Values)                                      // changes what the browser brings back
	down     bool
}

// code is what a code was given for.
type code struct{ client, redirect, challenge, nonce string }

var signing = sync.OnceValue(func() []*ecdsa.PrivateKey {
	var keys []*ecdsa.PrivateKey
	for range 2 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	return keys
})

func newIDP(t *testing.T, now func() time.Time) *idp {
	p := &idp{t: t, now: now, keys: map[string]*ecdsa.PrivateKey{"one": signing()[0]}, key: "one", codes: map[string]code{}, asked: map[string]int{}, groups: []string{"clerks"}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", p.describe)
	mux.HandleFunc("/keys", p.publish)
	mux.HandleFunc("POST /token", p.exchange)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		down := p.down
		p.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// set changes how it lies.
func (p *idp) set(change func(p *idp)) { p.mu.Lock(); defer p.mu.Unlock(); change(p) }

func (p *idp) count(path string) int { p.mu.Lock(); defer p.mu.Unlock(); return p.asked[path] }

func (p *idp) describe(w http.ResponseWriter, _ *http.Request) {
	m := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"}, "code_challenge_methods_supported": []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.metadata != nil {
		p.metadata(m)
	}
	p.write(w, m)
}

func (p *idp) write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		p.t.Error(err)
	}
}

func (p *idp) publish(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var keys []map[string]string
	for id, key := range p.keys {
		point, err := key.PublicKey.Bytes() // 4, x, y
		if err != nil {
			p.t.Error(err)
		}
		keys = append(keys, map[string]string{
			"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": encode(point[1:33]), "y": encode(point[33:]),
		})
	}
	p.write(w, map[string]any{"keys": keys})
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// login is the person at the service's page: it answers what the browser is sent back
// with.
func (p *idp) login(address string) url.Values {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("nonce") == "" || q.Get("state") == "" {
		p.t.Errorf("the browser is sent with %v", q)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	name := rand.Text()
	p.codes[name] = code{q.Get("client_id"), q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce")}
	back := url.Values{"code": {name}, "state": {q.Get("state")}, "iss": {p.URL}}
	if p.send != nil {
		p.send(back)
	}
	return back
}

func (p *idp) exchange(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code")) // it holds once
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || id != c.client || secret != "s3cret" || r.PostFormValue("redirect_uri") != c.redirect || encode(sum[:]) != c.challenge {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	idToken := p.token(c)
	if p.answer != nil && p.answer(w, idToken) {
		return
	}
	p.write(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": idToken})
}

// token makes the ID token for a code, as true as it is told to be.
func (p *idp) token(c code) string {
	now := p.now().Unix()
	claims := map[string]any{
		"iss": p.URL, "sub": "subject-1", "aud": c.client, "exp": now + 300, "iat": now, "nonce": c.nonce,
		"name": "佐藤 花子", "preferred_username": "h.sato", "groups": p.groups,
	}
	if p.claims != nil {
		p.claims(claims)
	}
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	header := map[string]any{"alg": "ES256", "typ": "JWT", "kid": p.key}
	if p.header != nil {
		p.header(header)
	}
	sign := p.sign
	if sign == nil {
		sign = p.es256
	}
	return sign(segment(header), segment(claims))
}

func segment(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encode(raw)
}

func (p *idp) es256(header, payload string) string { return signed(p.keys[p.key], header, payload) }

func signed(key *ecdsa.PrivateKey, header, payload string) string {
	sum := sha256.Sum256([]byte(header + "." + payload))
	x, y, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		panic(err)
	}
	sig := make([]byte, 64)
	x.FillBytes(sig[:32])
	y.FillBytes(sig[32:])
	return header + "." + payload + "." + encode(sig)
}

func hs256(key []byte) func(header, payload string) string {
	return func(header, payload string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(header + "." + payload))
		return header + "." + payload + "." + encode(mac.Sum(nil))
	}
}
