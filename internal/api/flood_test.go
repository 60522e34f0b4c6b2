package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"machi/internal/account"
	"machi/internal/api"
)

// TestStrangersDoNotFillTheTrail tries the door again and again: what was refused
// unseen is noted now and then, not each time, and a first code is guessed at as
// seldom as other secrets.
func TestStrangersDoNotFillTheTrail(t *testing.T) {
	for path, body := range map[string]string{
		"/staff/login": `{"login":"sato","password":"wrong guess %d"}`,
		"/staff/first": `{"code":"abcd-efgh-%d","login":"sato","name":"佐藤","password":"` + goodPassword + `"}`,
	} {
		w := newWorld(t)
		var last int
		for i := range 100 {
			got := w.send(request{method: "POST", path: path, body: fmt.Sprintf(body, i), header: browser})
			if last = got.Code; last < 400 || last >= 500 {
				t.Fatalf("%s: %d %s", path, got.Code, got.Body)
			}
		}
		if n := len(found(t, w, "admin", "source=audit&limit=500")); last != http.StatusTooManyRequests || n == 0 || n > 25 {
			t.Errorf("%s: answered with %d at last, %d entries in the trail", path, last, n)
		}
	}
}

// TestWhatIsBeyondSomebodyIsNoted lets a manager reach for more.
func TestWhatIsBeyondSomebodyIsNoted(t *testing.T) {
	w := newWorld(t)
	boss, clerk := w.hire("boss", at(account.Admin, "")), w.hire("sato", at(account.Staff, "o"))
	for _, q := range []struct{ path, body string }{
		{"accounts", `{"login":"evil","name":"悪","grants":[{"role":"admin"}]}`},
		{"accounts/" + clerk.ID + "/grants", `{"grants":[{"role":"manager","office":"o"}]}`},
	} {
		if got := w.send(request{method: "POST", path: "/api/v1/" + q.path, token: "manager", body: q.body}); got.Code != http.StatusForbidden {
			t.Fatalf("%s: %d %s", q.path, got.Code, got.Body)
		}
	}
	if got := w.send(request{method: "POST", path: "/api/v1/accounts/" + boss.ID + "/reset", token: "manager", body: "{}"}); got.Code != http.StatusNotFound {
		t.Fatalf("reset of an administrator: %d", got.Code)
	}
	mixed := w.hire("mixed", at(account.Staff, "o"), at(account.Staff, "p"))
	if got := w.send(request{method: "POST", path: "/api/v1/accounts/" + mixed.ID + "/reset", token: "manager", body: "{}"}); got.Code != http.StatusForbidden {
		t.Fatalf("reset of another office's: %d", got.Code)
	}
	var acts []string
	for _, e := range found(t, w, "admin", "source=audit&who=tanaka") {
		if e["result"] == "forbidden" {
			detail, _ := e["detail"].(string)
			acts = append(acts, fmt.Sprint(e["action"], " ", e["target"], " ", detail))
		}
	}
	want := api.ActAccountReset + " mixed , " + api.ActAccountGrants + " sato manager@o, " + api.ActAccountAdd + " evil admin"
	if got := strings.Join(acts, ", "); got != want {
		t.Errorf("noted: %q, want %q", got, want)
	}
}
