package server_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"machi/internal/eventlog/redistest"
	"machi/internal/server"
	"machi/internal/signature"
)

// signed makes an exchange that a machine signs, and returns the code of a refusal.
func (r *running) signed(key ed25519.PrivateKey, method, path, body string) (int, string) {
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.Addr()+path, strings.NewReader(body))
	if err != nil {
		r.t.Error(err)
		return 0, ""
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if err := signature.Sign(request, []byte(body), key, time.Now()); err != nil {
		r.t.Error(err)
		return 0, ""
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	var out struct{ Code string }
	if err != nil || json.Unmarshal(raw, &out) != nil {
		r.t.Errorf("%s %s: %v %s", method, path, err, raw)
	}
	return answer.StatusCode, out.Code
}

// TestAMachineIsRevokedOnEveryServer: made on one server, used and revoked on
// others, over a real Redis; a poll that waits on the other server ends too.
func TestAMachineIsRevokedOnEveryServer(t *testing.T) {
	redis := redistest.Start(t)
	one, two := start(t, server.Options{Redis: redis.URL()}), start(t, server.Options{Redis: redis.URL()})
	manager := one.grant("manager")
	two.knows(manager)
	status, made := one.send("POST", setagaya+"/kiosks/K1/enrol-code", manager, "", "{}")
	if status != http.StatusCreated {
		t.Fatalf("code: %d %v", status, made)
	}
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"code":%q,"public_key":%q}`, made["code"], base64.StdEncoding.EncodeToString(public))
	if status, out := two.send("POST", "/api/v1/enrol", "", "", body); status != http.StatusCreated {
		t.Fatalf("enrol at the other server: %d %v", status, out)
	}
	for name, s := range map[string]*running{"one": one, "two": two} {
		if status, code := s.signed(key, "GET", setagaya+"/kiosks/K1/plan", ""); status != http.StatusOK {
			t.Fatalf("server %s does not know the machine at once: %d %s", name, status, code)
		}
	}
	polled := make(chan string, 1)
	go func() {
		_, code := two.signed(key, "GET", setagaya+"/records?after=9007199254740992&wait=25", "")
		polled <- code
	}()
	if status, out := one.send("POST", setagaya+"/kiosks/K1/revoke", manager, "", "{}"); status != http.StatusOK {
		t.Fatalf("revoke: %d %v", status, out)
	}
	if _, code := one.signed(key, "GET", setagaya+"/kiosks/K1/plan", ""); code != "device_revoked" {
		t.Errorf("the server that revoked it: %q", code)
	}
	eventually(t, "the other server knows of the revocation", func() bool {
		_, code := two.signed(key, "GET", setagaya+"/kiosks/K1/plan", "")
		return code == "device_revoked"
	})
	if code := <-polled; code != "device_revoked" {
		t.Errorf("the poll that waited ended with %q", code)
	}
}
