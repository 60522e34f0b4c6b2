package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/account"
	"machi/internal/server"
)

// city is a sign-in service that tells the truth, while it is up.
type city struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	groups atomic.Value // []string
	down   atomic.Bool
	nonces chan string
}

func newCity(t *testing.T) *city {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &city{key: key, nonces: make(chan string, 1)}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, value any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(value); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"issuer": c.URL, "authorization_endpoint": c.URL + "/authorize", "token_endpoint": c.URL + "/token", "jwks_uri": c.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"keys": []any{map[string]string{"kty": "EC", "crv": "P-256", "kid": "1", "x": b64(point[1:33]), "y": b64(point[33:])}}})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		c.nonces <- q.Get("nonce")
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {"code"}, "state": {q.Get("state")}}.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": c.token(t, <-c.nonces)})
	})
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (c *city) token(t *testing.T, nonce string) string {
	now := time.Now().Unix()
	payload, err := json.Marshal(map[string]any{
		"iss": c.URL, "sub": "1001", "aud": "machi", "exp": now + 300, "iat": now, "nonce": nonce, "name": "佐藤 花子", "preferred_username": "h.sato", "groups": c.groups.Load(),
	})
	if err != nil {
		t.Error(err)
	}
	text := b64([]byte(`{"alg":"ES256","kid":"1"}`)) + "." + b64(payload)
	sum := sha256.Sum256([]byte(text))
	x, y, err := ecdsa.Sign(rand.Reader, c.key, sum[:])
	if err != nil {
		t.Error(err)
	}
	sig := make([]byte, 64)
	x.FillBytes(sig[:32])
	y.FillBytes(sig[32:])
	return text + "." + b64(sig)
}

// TestTheCitysServiceSignsPeopleIn follows a browser to the service and back, changes
// what the person may do there, and takes the service away: sessions go on, and an
// administrator with a password of ours comes in.
func TestTheCitysServiceSignsPeopleIn(t *testing.T) {
	c := newCity(t)
	c.groups.Store([]string{"machi-setagaya"})
	c.down.Store(true) // the server starts all the same
	front := httptest.NewUnstartedServer(nil)
	front.Start()
	defer front.Close()
	s := start(t, server.Options{PublicURL: front.URL, SSO: server.SSO{
		Issuer: c.URL, ClientID: "machi", ClientSecret: "s3cret", Groups: []string{"machi-setagaya=staff@km-setagaya", "machi-chiefs=manager@km-setagaya"},
	}})
	front.Config.Handler = s.Handler()
	c.down.Store(false)
	token := s.grant("admin")
	eventually(t, "the office is drawn", func() bool {
		status, _ := s.send("GET", setagaya+"/console?counter=3", token, "", "")
		return status == http.StatusOK
	})

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	visit := func(path string) (string, int) {
		t.Helper()
		r, err := http.NewRequest("GET", front.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.Request.URL.Path + "?" + answer.Request.URL.RawQuery, answer.StatusCode
	}
	if at, status := visit("/staff/oidc/start?next=/staff/km-setagaya/3"); at != "/staff/km-setagaya/3?" || status != http.StatusOK {
		t.Fatalf("the clerk comes to %s: %d", at, status)
	}
	if at, _ := visit("/manager"); !strings.HasPrefix(at, "/staff") {
		t.Errorf("the clerk sees the managers' page: %s", at)
	}
	c.groups.Store([]string{"machi-chiefs"})
	if at, _ := visit("/staff/oidc/start?next=//evil.example"); !strings.HasPrefix(at, "/manager?") {
		t.Errorf("the new manager comes to %s", at)
	}
	c.groups.Store([]string{"others"})
	if at, _ := visit("/staff/oidc/start"); at != "/staff/login?error=sso_no_role" {
		t.Errorf("somebody without a role comes to %s", at)
	}
	if at, _ := visit("/staff/oidc/callback?code=code&state=forged"); at != "/staff/login?error=sso_expired" {
		t.Errorf("a forged answer leads to %s", at)
	}

	c.down.Store(true)
	if at, status := visit("/manager"); at != "/manager?" || status != http.StatusOK {
		t.Errorf("without the service the session ends: %s, %d", at, status)
	}
	breakGlass(t, s)
}

// breakGlass signs an administrator in with a password of ours.
func breakGlass(t *testing.T, s *running) {
	t.Helper()
	_, password, err := s.People().Add(t.Context(), account.New{Login: "glass", Name: "glass", Grants: []account.Grant{{Role: account.Admin}}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/staff/login", strings.NewReader(`{"login":"glass","password":"`+password+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("break-glass: %d %s", w.Code, w.Body)
	}
	trail := ask(s, "GET", "/api/v1/audit?action=login", caller{token: s.grant("admin")}, nil).Body.String()
	for _, want := range []string{`"sso_no_role"`, `"sso_expired"`, "佐藤 花子", "glass"} {
		if !strings.Contains(trail, want) {
			t.Errorf("the trail does not tell of %s", want)
		}
	}
}

func TestASignInServiceNeedsAllOfItsSettings(t *testing.T) {
	good := server.SSO{Issuer: "https://login.example", ClientID: "machi", ClientSecret: "s", Groups: []string{"g=staff@km-setagaya"}}
	for name, change := range map[string]func(o *server.Options){
		"no public address": func(o *server.Options) { o.PublicURL = "" },
		"no secret":         func(o *server.Options) { o.SSO.ClientSecret = "" },
		"no groups":         func(o *server.Options) { o.SSO.Groups = nil },
		"an unknown office": func(o *server.Options) { o.SSO.Groups = []string{"g=staff@nowhere"} },
		"an unknown role":   func(o *server.Options) { o.SSO.Groups = []string{"g=emperor"} },
		"an office's admin": func(o *server.Options) { o.SSO.Groups = []string{"g=admin@km-setagaya"} },
		"no TLS":            func(o *server.Options) { o.SSO.Issuer = "http://login.example" },
	} {
		o := server.Options{Data: t.TempDir(), PublicURL: "https://machi.example", SSO: good}
		change(&o)
		if s, err := server.New(o); err == nil {
			t.Errorf("%s: it starts", name)
			_ = s.Close()
		}
	}
}
