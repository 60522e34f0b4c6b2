package api_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/signature"
)

// machineKey returns the private key of a machine, always the same for a seed.
func machineKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// code asks a manager for the one-time code of machine K1.
func (w *world) code() string {
	w.t.Helper()
	return w.post(http.StatusCreated, "manager", "o/kiosks/K1/enrol-code", "{}")["code"].(string)
}

// enrol lets machine K1 in with a key.
func (w *world) enrol(seed byte) ed25519.PrivateKey {
	w.t.Helper()
	key := machineKey(seed)
	got := w.send(request{method: "POST", path: "/api/v1/enrol", body: enrolment(w.code(), key)})
	if got.Code != http.StatusCreated {
		w.t.Fatalf("enrol: %d %s", got.Code, got.Body)
	}
	return key
}

func enrolment(code string, key ed25519.PrivateKey) string {
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	return fmt.Sprintf(`{"code":%q,"public_key":%q,"hardware":"hardware-1","store":"aa"}`, code, public)
}

// signedRequest is a request of machine K1 as it should be.
func signedRequest(t testing.TB, key ed25519.PrivateKey, method, path, idempotency, body string, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if idempotency != "" {
		r.Header.Set("Idempotency-Key", idempotency)
	}
	if err := signature.Sign(r, []byte(body), key, at); err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) hear(r *http.Request) *httptest.ResponseRecorder {
	w.t.Helper()
	got := httptest.NewRecorder()
	w.api.ServeHTTP(got, r)
	conform(w.t, w.api, r, got)
	return got
}

const signedIssue = `{"service":"moving","channel":"kiosk","ticket":"K1.aa-1"}`

// TestHostileSignedRequestsGiveNothing spoils one signed issue in each row.
func TestHostileSignedRequestsGiveNothing(t *testing.T) {
	w := newWorld(t)
	revoked := w.enrol(1)
	key := w.enrol(2) // which revokes the first
	stranger := machineKey(9)
	before := w.stateHash()

	now := time.Now()
	good := func(k ed25519.PrivateKey, at time.Time) *http.Request {
		return signedRequest(t, k, "POST", "/api/v1/offices/o/tickets", "press-1", signedIssue, at)
	}
	spoil := func(change func(*http.Request)) func() *http.Request {
		return func() *http.Request { r := good(key, now); change(r); return r }
	}
	set := func(name, value string) func() *http.Request {
		return spoil(func(r *http.Request) { r.Header.Set(name, value) })
	}
	add := func(name, value string) func() *http.Request {
		return spoil(func(r *http.Request) { r.Header.Add(name, value) })
	}
	del := func(name string) func() *http.Request {
		return spoil(func(r *http.Request) { r.Header.Del(name) })
	}
	swap := func(name, from, to string) func() *http.Request {
		return spoil(func(r *http.Request) {
			if !strings.Contains(r.Header.Get(name), from) {
				t.Fatalf("%s holds no %q", name, from)
			}
			r.Header.Set(name, strings.Replace(r.Header.Get(name), from, to, 1))
		})
	}
	body := func(text string) func() *http.Request {
		return spoil(func(r *http.Request) { r.Body = httptest.NewRequest("POST", "/", strings.NewReader(text)).Body })
	}
	asked := func(method, path, text string) func() *http.Request {
		return func() *http.Request { return signedRequest(t, key, method, path, "press-1", text, now) }
	}
	moved := func(path string) func() *http.Request {
		return spoil(func(r *http.Request) { r.URL.Path, r.RequestURI = path, path })
	}
	const bad, wrong = "bad_signature", "forbidden"
	in, sig, digest := signature.HeaderInput, signature.HeaderSignature, signature.HeaderDigest
	for _, row := range []struct {
		name string
		make func() *http.Request
		code string
	}{
		{"no signature at all", spoil(func(r *http.Request) { r.Header.Del(in); r.Header.Del(sig) }), "unauthenticated"},
		{"only the signature", del(in), bad},
		{"only what it covers", del(sig), bad},
		{"a signature of nothing", set(sig, "machi=::"), bad},
		{"a signature of zeros", set(sig, "machi=:"+strings.Repeat("A", 86)+"==:"), bad},
		{"a signature under another label", swap(sig, "machi=", "sig1="), bad},
		{"two signatures", add(sig, "machi=:AAAA:"), bad},
		{"two inputs", add(in, "b=()"), bad},
		{"a token beside it", set("Authorization", "Bearer kiosk"), bad},
		{"an admin's token beside it", set("Authorization", "Bearer admin"), bad},
		{"basic beside it", set("Authorization", "Basic eDp5"), bad},
		{"a stranger's key", func() *http.Request { return good(stranger, now) }, "device_unknown"},
		{"a stranger under the machine's name", spoil(func(r *http.Request) {
			r.Header.Set(sig, good(stranger, now).Header.Get(sig))
		}), bad},
		{"a revoked key", func() *http.Request { return good(revoked, now) }, "device_revoked"},
		{"a revoked key that did not sign", func() *http.Request {
			r := good(revoked, now)
			r.Header.Set(sig, good(stranger, now).Header.Get(sig))
			return r
		}, bad},
		{"a minute and a half ago", func() *http.Request { return good(key, now.Add(-90*time.Second)) }, "clock_skew"},
		{"a minute and a half ahead", func() *http.Request { return good(key, now.Add(90*time.Second)) }, "clock_skew"},
		{"years ago", func() *http.Request { return good(key, time.Unix(1, 0)) }, "clock_skew"},
		{"a thousand years ahead", func() *http.Request { return good(key, now.AddDate(1000, 0, 0)) }, "clock_skew"},
		{"a created that was not signed", swap(in, "created=", "created=1"), bad},
		{"another body", body(`{"service":"cert","channel":"kiosk","ticket":"K1.aa-1"}`), bad},
		{"a longer body", body(signedIssue + " "), bad},
		{"no body", body(""), bad},
		{"an endless body", body(strings.Repeat(" ", 2<<20)), "body_too_large"},
		{"another digest", swap(digest, "sha-256=:", "sha-256=:AA"), bad},
		{"a digest by another sum", swap(digest, "sha-256", "md5"), bad},
		{"no digest", del(digest), bad},
		{"another key of the command", set("Idempotency-Key", "press-2"), bad},
		{"no key of the command", del("Idempotency-Key"), bad},
		{"two keys of the command", add("Idempotency-Key", "press-2"), bad},
		{"another host", spoil(func(r *http.Request) { r.Host = "other.example" }), bad},
		{"another office's path", moved("/api/v1/offices/p/tickets"), bad},
		{"another path", moved("/api/v1/offices/o/commands"), bad},
		{"a query more", spoil(func(r *http.Request) { r.URL.RawQuery = "x=1" }), bad},
		{"another method", spoil(func(r *http.Request) { r.Method = "GET"; r.URL.Path = "/api/v1/offices/o/records" }), bad},
		{"fewer components", swap(in, ` "@path"`, ""), bad},
		{"more components", swap(in, `"@path"`, `"@path" "date"`), bad},
		{"components in disorder", swap(in, `"@method" "@authority"`, `"@authority" "@method"`), bad},
		{"no nonce", swap(in, `;nonce=`, `;x=`), bad},
		{"a short nonce", swap(in, `;nonce="`, `;nonce="","`), bad},
		{"another algorithm", swap(in, "ed25519", "rsa-v1_5-sha256"), bad},
		{"a parameter more", swap(in, `;alg=`, `;tag="x";alg=`), bad},
		{"a key id in small letters", spoil(func(r *http.Request) { r.Header.Set(in, strings.ToLower(r.Header.Get(in))) }), bad},
		{"a key id that is a path", swap(in, `keyid="`, `keyid="../`), bad},
		{"a control character", spoil(func(r *http.Request) { r.Header[in] = []string{r.Header.Get(in) + "\r\nX: y"} }), bad},

		// Well signed, and not for this machine to ask.
		{"another office", asked("POST", "/api/v1/offices/p/tickets", signedIssue), wrong},
		{"another machine's plan", asked("GET", "/api/v1/offices/o/kiosks/K2/plan", ""), wrong},
		{"another machine's start", asked("POST", "/api/v1/offices/o/kiosks/K2/start", `{"store":"aa","start":1,"hash":"aaaaaaaa"}`), wrong},
		{"another machine's ticket", asked("POST", "/api/v1/offices/o/tickets", `{"service":"moving","channel":"kiosk","ticket":"K2.aa-1"}`), wrong},
		{"another machine's records", asked("POST", "/api/v1/offices/o/commands", `{"kiosk":"K2","store":"aa","bodies":[]}`), wrong},
		{"a web ticket", asked("POST", "/api/v1/offices/o/tickets", `{"service":"moving","channel":"web"}`), wrong},
		{"a clerk's call", asked("POST", "/api/v1/offices/o/counters/1/call-next", "{}"), wrong},
		{"the manager's page", asked("GET", "/api/v1/offices/o/dashboard", ""), wrong},
		{"a code for itself", asked("POST", "/api/v1/offices/o/kiosks/K1/enrol-code", "{}"), wrong},
		{"a PIN of its own", asked("POST", "/api/v1/offices/o/kiosks/pin", `{"pin":"1234"}`), wrong},
		{"a revocation", asked("POST", "/api/v1/offices/o/kiosks/K2/revoke", "{}"), wrong},
		{"the list of machines", asked("GET", "/api/v1/offices/o/kiosks", ""), wrong},
	} {
		got := w.hear(row.make())
		if code := object(t, got)["code"]; code != row.code || got.Code < 400 {
			t.Errorf("%s: %d %v, want %s", row.name, got.Code, code, row.code)
		}
		if row.code == "clock_skew" && got.Header().Get(signature.HeaderTime) == "" {
			t.Errorf("%s: the server does not tell its time", row.name)
		}
	}
	if after := w.stateHash(); after != before {
		t.Error("a hostile request changed the state")
	}

	r := good(key, now)
	again := r.Clone(t.Context())
	if got := w.hear(r); got.Code != http.StatusCreated {
		t.Fatalf("the machine's own request: %d %s", got.Code, got.Body)
	}
	before = w.stateHash()
	again.Body = httptest.NewRequest("POST", "/", strings.NewReader(signedIssue)).Body
	if got := w.hear(again); object(t, got)["code"] != "replayed" || w.stateHash() != before {
		t.Errorf("the same request again: %d", got.Code)
	}
	if got := w.hear(good(key, now)); got.Code != http.StatusCreated || object(t, got)["repeated"] != true {
		t.Errorf("the same command, signed anew: %d %s", got.Code, got.Body)
	}
}

func TestBadEnrolmentsAreRefused(t *testing.T) {
	w := newWorld(t)
	good := enrolment(w.code(), machineKey(1))
	for _, row := range []struct {
		name, body, code string
	}{
		{"nothing", "", "missing_field"},
		{"no code", enrolment("", machineKey(1)), "missing_field"},
		{"no key", `{"code":"12345678"}`, "bad_value"},
		{"a short key", `{"code":"12345678","public_key":"AAAA"}`, "bad_value"},
		{"a key that is no base64", `{"code":"12345678","public_key":"!!"}`, "bad_value"},
		{"a key of the wrong alphabet", strings.Replace(good, "=", "_", 1), "bad_value"},
		{"hardware that is a text", strings.Replace(good, "hardware-1", "my machine", 1), "bad_value"},
		{"a store that is a path", strings.Replace(good, `"aa"`, `"../aa"`, 1), "bad_value"},
		{"a field more", strings.Replace(good, `{`, `{"office":"p",`, 1), "unknown_field"},
		{"a code of letters", enrolment("abcdefgh", machineKey(1)), "wrong_code"},
		{"a code of wide digits", enrolment("１２３４５６７８", machineKey(1)), "wrong_code"},
	} {
		got := w.send(request{method: "POST", path: "/api/v1/enrol", body: row.body})
		if code := object(t, got)["code"]; code != row.code {
			t.Errorf("%s: %d %v, want %s", row.name, got.Code, code, row.code)
		}
	}
	if got := w.send(request{method: "POST", path: "/api/v1/enrol", body: good}); got.Code != http.StatusCreated {
		t.Errorf("the good one: %d %s", got.Code, got.Body)
	}
	if got := w.send(request{method: "POST", path: "/api/v1/offices/o/kiosks/K9/enrol-code", token: "manager", body: "{}"}); object(t, got)["code"] != "unknown_kiosk" {
		t.Errorf("a code for a machine that is not in the catalogue: %d %s", got.Code, got.Body)
	}
	blocked := false
	for range 20 {
		got := w.send(request{method: "POST", path: "/api/v1/enrol", body: enrolment("00000000", machineKey(3))})
		blocked = blocked || got.Code == http.StatusTooManyRequests && got.Header().Get("Retry-After") != ""
	}
	if !blocked {
		t.Error("one address may guess for ever")
	}
}

// TestManagersSeeWhatBecameOfAMachine from the code to the bar and to the revocation.
func TestManagersSeeWhatBecameOfAMachine(t *testing.T) {
	w := newWorld(t)
	row := func() map[string]any {
		return w.get("manager", "/api/v1/offices/o/kiosks")["kiosks"].([]any)[0].(map[string]any)
	}
	if got := row(); got["kiosk"] != "K1" || got["state"] != "none" {
		t.Errorf("at first: %v", got)
	}
	key := w.enrol(1)
	start := func(number int, chance string) int {
		links := make([]string, number)
		for i := range links {
			links[i] = fmt.Sprintf(`"link-%s-%04d"`, chance, number-i)
		}
		body := fmt.Sprintf(`{"store":"aa","hardware":"hardware-1","start":%d,"hash":%s`, number, links[0])
		if number > 1 {
			body += fmt.Sprintf(`,"previous":%s,"recent":[%s]`, links[1], strings.Join(links[1:], ","))
		}
		return w.hear(signedRequest(t, key, "POST", "/api/v1/offices/o/kiosks/K1/start", "", body+"}", time.Now())).Code
	}
	if got := start(3, "a"); got != http.StatusOK {
		t.Fatalf("start: %d", got)
	}
	if got := row(); got["state"] != "active" || got["started_at"] == nil || got["by"] != "tanaka" {
		t.Errorf("active: %v", got)
	}
	if got := start(4, "b"); got != http.StatusForbidden {
		t.Fatalf("a fork: %d", got)
	}
	if got := row(); got["state"] != "barred" || got["barred"] != auth.BarStarts {
		t.Errorf("barred: %v", got)
	}
	plan := func(k ed25519.PrivateKey) string {
		got := object(t, w.hear(signedRequest(t, k, "GET", "/api/v1/offices/o/kiosks/K1/plan", "", "", time.Now())))
		code, _ := got["code"].(string)
		return code
	}
	if code := plan(key); code != "store_copied" {
		t.Errorf("barred, and answered %q", code)
	}
	second := w.enrol(2)
	if code := plan(second); code != "" {
		t.Errorf("admitted anew, and answered %q", code)
	}
	w.post(http.StatusOK, "manager", "o/kiosks/K1/revoke", "{}")
	if code := plan(second); code != "device_revoked" || row()["state"] != "revoked" {
		t.Errorf("revoked: %q %v", code, row())
	}
	if got := w.send(request{method: "POST", path: "/api/v1/offices/o/kiosks/K1/revoke", token: "manager", body: "{}"}); got.Code != http.StatusNotFound {
		t.Errorf("revoked twice: %d", got.Code)
	}
}

func TestThePINIsSetByManagersAndShownToNobody(t *testing.T) {
	w := newWorld(t)
	for pin, status := range map[string]int{"12": 422, "123456789": 422, "12ab": 422, "1234": 200, "": 200} {
		got := w.send(request{method: "POST", path: "/api/v1/offices/o/kiosks/pin", token: "manager", body: fmt.Sprintf(`{"pin":%q}`, pin)})
		if got.Code != status {
			t.Errorf("PIN %q: %d", pin, got.Code)
		}
	}
	got := w.send(request{method: "POST", path: "/api/v1/offices/nowhere/kiosks/pin", token: "admin", body: `{"pin":"1234"}`})
	if got.Code != http.StatusNotFound || object(t, got)["code"] != "unknown_office" {
		t.Errorf("a PIN for no office: %d %s", got.Code, got.Body)
	}
	w.post(http.StatusOK, "manager", "o/kiosks/pin", `{"pin":"246813"}`)
	list := w.send(request{method: "GET", path: "/api/v1/offices/o/kiosks", token: "manager"})
	if text := list.Body.String(); !strings.Contains(text, `"pin":true`) || strings.Contains(text, "246813") || strings.Contains(text, "argon2") {
		t.Errorf("the list says %s", text)
	}
	if hash := w.devices.PIN("o"); hash == "" || strings.Contains(hash, "246813") {
		t.Errorf("kept as %q", hash)
	}
}
