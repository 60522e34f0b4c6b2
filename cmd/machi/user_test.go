package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestAnAccountWorksFromItsCreationToItsEnd looks after accounts at the command line
// beside a running server.
func TestAnAccountWorksFromItsCreationToItsEnd(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data, "--clock", "2026-04-01T09:00:00+09:00")
	if out, err := machi(t, "user", "first-admin", "--data", data); err != nil || len(lastLine(out)) != len("xxxx-xxxx-xxxx") {
		t.Errorf("a code for the first administrator: %q, %v", out, err)
	}
	out, err := machi(t, "user", "add", "sato", "--name", "佐藤 花子", "--role", "clerk@km-setagaya,reception@br-yoga", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(password string) int {
		body := strings.NewReader(`{"login":"sato","password":"` + password + `"}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/staff/login", body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if status := signIn(lastLine(out)); status != http.StatusOK {
		t.Errorf("signed in with the first password: %d", status)
	}
	if list, err := machi(t, "user", "list", "--data", data); err != nil || !strings.Contains(list, "staff@km-setagaya reception@br-yoga") {
		t.Errorf("listed: %q, %v", list, err)
	}
	again, err := machi(t, "user", "reset", "sato", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	if old, status := signIn(lastLine(out)), signIn(lastLine(again)); old != http.StatusUnauthorized || status != http.StatusOK {
		t.Errorf("after a reset the old password answers %d and the new one %d", old, status)
	}
	if _, err := machi(t, "user", "disable", "sato", "--data", data); err != nil {
		t.Fatal(err)
	}
	if status := signIn(lastLine(again)); status != http.StatusUnauthorized {
		t.Errorf("a disabled account signs in: %d", status)
	}
	for name, args := range map[string][]string{
		"nowhere":  {"user", "add", "x1", "--name", "x", "--role", "staff@nowhere"},
		"emperor":  {"user", "add", "x1", "--name", "x", "--role", "emperor"},
		"\"nobody": {"user", "disable", "nobody"},
	} {
		if _, err := machi(t, append(args, "--data", data)...); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
