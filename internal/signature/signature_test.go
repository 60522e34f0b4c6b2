package signature

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var (
	key    = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	other  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	public = key.Public().(ed25519.PublicKey)
	noon   = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	body   = []byte(`{"service":"moving"}`)
)

func signed(t *testing.T, k ed25519.PrivateKey) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://machi.example/api/v1/offices/o/tickets?a=1", bytes.NewReader(body))
	r.Header.Set("Idempotency-Key", "press-1")
	if err := Sign(r, body, k, noon); err != nil {
		t.Fatal(err)
	}
	return r
}

// hear judges a request as a server does.
func hear(n *Nonces, r *http.Request, body []byte, now time.Time) error {
	c, err := Parse(r)
	if err != nil {
		return err
	}
	if err := c.Verify(public, body); err != nil {
		return err
	}
	return n.Use(c, now)
}

func TestASignedRequestIsHeardOnce(t *testing.T) {
	n, r := NewNonces(noon), signed(t, key)
	if err := hear(n, r, body, noon.Add(30*time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{31 * time.Second, 59 * time.Second, time.Minute} {
		if err := hear(n, r, body, noon.Add(later)); !errors.Is(err, ErrReplayed) {
			t.Errorf("after %v: %v, want heard before", later, err)
		}
	}
	if err := hear(n, r, body, noon.Add(5*time.Minute)); !errors.Is(err, ErrClock) {
		t.Errorf("after five minutes: %v", err)
	}
	if err := hear(NewNonces(noon.Add(time.Second)), r, body, noon.Add(2*time.Second)); !errors.Is(err, ErrClock) {
		t.Errorf("after a restart that forgot what was heard: %v", err)
	}
}

// TestEveryChangeIsFound makes one change to a signed request in each row.
func TestEveryChangeIsFound(t *testing.T) {
	header := func(name, from, to string) func(*http.Request) {
		return func(r *http.Request) {
			if !strings.Contains(r.Header.Get(name), from) {
				panic("the row changes nothing: " + name)
			}
			r.Header.Set(name, strings.Replace(r.Header.Get(name), from, to, 1))
		}
	}
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	add := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Add(name, value) }
	}
	del := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	foreign := signed(t, other)
	for name, row := range map[string]struct {
		change func(*http.Request)
		want   error
	}{
		"method": {func(r *http.Request) { r.Method = http.MethodPut }, ErrWrong},
		"host":   {func(r *http.Request) { r.Host = "evil.test" }, ErrWrong},
		"port":   {func(r *http.Request) { r.Host = "machi.example:444" }, ErrWrong},
		"path":   {func(r *http.Request) { r.URL.Path = "/api/v1/offices/p/tickets" }, ErrWrong},
		"path in other letters": {func(r *http.Request) {
			r.URL.Path, r.URL.RawPath = "/api/v1/offices/o/tickets", "/api/v1/offices/%6F/tickets"
		}, ErrWrong},
		"query":                    {func(r *http.Request) { r.URL.RawQuery = "a=2" }, ErrWrong},
		"query gone":               {func(r *http.Request) { r.URL.RawQuery = "" }, ErrWrong},
		"digest":                   {header(HeaderDigest, "sha-256=:", "sha-256=:AAAA"), ErrForm},
		"digest of nothing":        {set(HeaderDigest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"), ErrWrong},
		"digest twice":             {add(HeaderDigest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"), ErrForm},
		"digest gone":              {del(HeaderDigest), ErrForm},
		"digest by another sum":    {header(HeaderDigest, "sha-256", "sha-512"), ErrForm},
		"key of the command":       {set("Idempotency-Key", "press-2"), ErrWrong},
		"key of the command gone":  {del("Idempotency-Key"), ErrForm},
		"key of the command twice": {add("Idempotency-Key", "press-1"), ErrForm},
		"created":                  {header(HeaderInput, "created=1", "created=2"), ErrWrong},
		"created negative":         {header(HeaderInput, "created=1", "created=-1"), ErrForm},
		"created with a zero":      {header(HeaderInput, "created=1", "created=01"), ErrForm},
		"created beyond numbers":   {header(HeaderInput, "created=1", "created=99999999999999999999"), ErrForm},
		"nonce short":              {header(HeaderInput, `nonce="`, `nonce="A`), ErrForm},
		"nonce gone":               {header(HeaderInput, `nonce=`, `once=`), ErrForm},
		"key id":                   {header(HeaderInput, KeyID(public), KeyID(other.Public().(ed25519.PublicKey))), ErrWrong},
		"algorithm":                {header(HeaderInput, `alg="ed25519"`, `alg="hmac-sha256"`), ErrForm},
		"algorithm none":           {header(HeaderInput, `alg="ed25519"`, `alg="none"`), ErrForm},
		"algorithm gone":           {header(HeaderInput, `;alg="ed25519"`, ``), ErrForm},
		"a parameter more":         {func(r *http.Request) { r.Header.Set(HeaderInput, r.Header.Get(HeaderInput)+`;expires=9`) }, ErrForm},
		"a component less":         {header(HeaderInput, ` "@query"`, ``), ErrForm},
		"a component more":         {header(HeaderInput, `"@query"`, `"@query" "date"`), ErrForm},
		"components in disorder":   {header(HeaderInput, `"@path" "@query"`, `"@query" "@path"`), ErrForm},
		"components none":          {set(HeaderInput, `machi=();created=1774958400;nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="`+KeyID(public)+`";alg="ed25519"`), ErrForm},
		"a space":                  {header(HeaderInput, `;created`, `; created`), ErrForm},
		"label":                    {header(HeaderInput, `machi=`, `sig1=`), ErrForm},
		"two labels":               {func(r *http.Request) { r.Header.Set(HeaderInput, r.Header.Get(HeaderInput)+`, b=()`) }, ErrForm},
		"input twice":              {add(HeaderInput, `b=()`), ErrForm},
		"input gone":               {del(HeaderInput), ErrForm},
		"input empty":              {set(HeaderInput, ``), ErrForm},
		"input endless":            {func(r *http.Request) { r.Header.Set(HeaderInput, r.Header.Get(HeaderInput)+strings.Repeat(" ", 4096)) }, ErrForm},
		"input with a line break":  {func(r *http.Request) { r.Header[HeaderInput] = []string{r.Header.Get(HeaderInput) + "\n"} }, ErrForm},
		"signature gone":           {del(HeaderSignature), ErrForm},
		"signature twice":          {func(r *http.Request) { r.Header.Add(HeaderSignature, r.Header.Get(HeaderSignature)) }, ErrForm},
		"signature empty":          {set(HeaderSignature, `machi=::`), ErrForm},
		"signature of another":     {set(HeaderSignature, foreign.Header.Get(HeaderSignature)), ErrWrong},
		"signature of zeros":       {set(HeaderSignature, "machi=:"+strings.Repeat("A", 86)+"==:"), ErrWrong},
		"signature unpadded":       {header(HeaderSignature, `==:`, `:`), ErrForm},
		"signature not base64":     {set(HeaderSignature, "machi=:"+strings.Repeat("!", 86)+"==:"), ErrForm},
		"all of another key":       {func(r *http.Request) { r.Header = foreign.Header.Clone() }, ErrWrong},
	} {
		t.Run(name, func(t *testing.T) {
			n, r := NewNonces(noon), signed(t, key)
			row.change(r)
			if err := hear(n, r, body, noon); !errors.Is(err, row.want) {
				t.Errorf("%v, want %v", err, row.want)
			}
			if len(n.keys) != 0 {
				t.Error("a stranger is remembered")
			}
		})
	}
	if err := hear(NewNonces(noon), signed(t, key), []byte(`{"service":"cert"}`), noon); !errors.Is(err, ErrDigest) {
		t.Errorf("another body: %v", err)
	}
	if _, err := Parse(httptest.NewRequest(http.MethodGet, "/", nil)); !errors.Is(err, ErrMissing) {
		t.Errorf("unsigned: %v", err)
	}
}

func TestOnlyNowIsBelieved(t *testing.T) {
	for offset, want := range map[time.Duration]error{
		0: nil, Window: nil, -Window: nil, Window + time.Second: ErrClock, -Window - time.Second: ErrClock, 26 * 365 * 24 * time.Hour: ErrClock,
	} {
		n := NewNonces(noon.Add(-2 * time.Hour))
		if err := hear(n, signed(t, key), body, noon.Add(offset)); !errors.Is(err, want) {
			t.Errorf("%v off: %v, want %v", offset, err, want)
		}
	}
}

// TestMemoryOfNoncesIsBounded: a key that signs more than is remembered has to
// wait, and everything is forgotten when nobody would believe it any more.
func TestMemoryOfNoncesIsBounded(t *testing.T) {
	n := NewNonces(noon)
	claim := func(nonce string, at time.Time) Claim { return Claim{KeyID: "K", Created: at, Nonce: nonce} }
	name := func(i int) string { return string([]rune{rune('0' + i%64), rune('0' + i/64)}) }
	for i := range perKey {
		if err := n.Use(claim(name(i), noon), noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Use(claim("more", noon), noon); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	if err := n.Use(claim(name(5), noon), noon); !errors.Is(err, ErrReplayed) {
		t.Errorf("one of them again: %v", err)
	}
	if err := n.Use(Claim{KeyID: "L", Created: noon, Nonce: "x"}, noon); err != nil {
		t.Errorf("another key: %v", err)
	}
	for _, later := range []time.Duration{2 * Window, 4 * Window, 8 * Window} {
		at := noon.Add(later)
		if err := n.Use(claim("later", at), at); err != nil && later > 2*Window {
			t.Errorf("%v later: %v", later, err)
		}
		if held := len(n.keys["K"].young) + len(n.keys["K"].old); later == 8*Window && held > 2 {
			t.Errorf("%d nonces are held for nothing", held)
		}
	}
}

// TestNothingBelievedIsForgotten steps a clock through many windows and replays
// everything that could still be believed.
func TestNothingBelievedIsForgotten(t *testing.T) {
	n := NewNonces(noon)
	var all []Claim
	for step := range 600 {
		now := noon.Add(time.Duration(step) * 2 * time.Second)
		made := Claim{KeyID: "K", Created: now.Add(time.Duration(step%7-3) * 19 * time.Second), Nonce: now.Format(time.TimeOnly)}
		if n.Timely(made, now) == nil && n.Use(made, now) == nil {
			all = append(all, made)
		}
		for _, c := range all {
			if err := n.Use(c, now); err == nil {
				t.Fatalf("%v was believed twice, at %v", c, now)
			}
		}
	}
}
