package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"machi/internal/eventlog/redistest"
	"machi/internal/notify/mail"
	"machi/internal/notify/notifytest"
	"machi/internal/server"
)

// written keeps what servers log.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps a line.
func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// TestResidentsAndProgramsAreToldOnceByTwoServers asks for notices by HTTP at two servers
// on one Redis, and works at a counter until they are due.
func TestResidentsAndProgramsAreToldOnceByTwoServers(t *testing.T) {
	redis, push, mails, logs := redistest.Start(t), notifytest.NewPushService(t), notifytest.NewMailServer(t), &written{}
	var mu sync.Mutex
	var hooked []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		hooked = append(hooked, string(raw))
	}))
	defer hook.Close()
	o := server.Options{
		Redis: redis.URL(), PublicURL: "https://machi.example", WebhookAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Tell: server.Tell{
			PushSubject: "https://machi.example/", PushHosts: []string{push.URL},
			Mail: mail.Options{Server: mails.Addr, Security: mail.Plain, From: "no-reply@city.example.jp"},
		},
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	a, b := start(t, o), start(t, o)
	admin := a.grant("admin")
	b.knows(admin)
	if status, out := a.post("/api/v1/webhooks", admin, "hook", `{"url":"`+hook.URL+`","events":["ticket.called"]}`); status != http.StatusCreated || !strings.HasPrefix(out["secret"].(string), "whsec_") {
		t.Fatalf("webhook: %d %v", status, out)
	}
	issue := func(key string) string {
		t.Helper()
		status, out := a.post(setagaya+"/tickets", admin, key, issueBody)
		if status != http.StatusCreated {
			t.Fatalf("issue: %d %v", status, out)
		}
		return "/api/v1/tickets/" + out["secret"].(string)
	}
	first, second := issue("one"), issue("two")
	var out map[string]any
	eventually(t, "the other server knows the ticket", func() bool {
		var status int
		status, out = b.send("GET", second+"/tell", "", "", "")
		return status == http.StatusOK
	})
	channels := out["channels"].(map[string]any)
	push.Expect(channels["push"].(map[string]any)["key"].(string))
	if channels["mail"] != true || channels["line"] != nil {
		t.Errorf("channels: %v", channels)
	}
	sub, err := json.Marshal(push.Subscribe("marker-browser"))
	if err != nil {
		t.Fatal(err)
	}
	if status, out := b.post(second+"/tell", "", "p", `{"channel":"push","people":1,"lang":"en","push":`+string(sub)+`}`); status != http.StatusCreated {
		t.Fatalf("push: %d %v", status, out)
	}
	if status, out := a.post(first+"/tell", "", "m", `{"channel":"mail","called":true,"mail":"marker@example.jp"}`); status != http.StatusCreated || out["hint"] != "m•••@example.jp" {
		t.Fatalf("mail: %d %v", status, out)
	}
	for body, code := range map[string]string{
		`{"channel":"line","people":1}`: "channel_off", `{"channel":"mail","people":1,"mail":"x"}`: "bad_value", `{"channel":"push","people":1}`: "bad_value",
		`{"channel":"push","people":1,"push":{"endpoint":"https://127.0.0.1/","keys":{"p256dh":"","auth":""}}}`: "bad_value", `{"channel":"mail","mail":"a@b.jp"}`: "bad_value",
	} {
		if _, out := a.post(first+"/tell", "", "bad", body); out["code"] != code {
			t.Errorf("%s: %v", body, out)
		}
	}
	called := ""
	for _, id := range counterIDs(t, a) { // some counters have other services
		a.post(setagaya+"/counters/"+id+"/open", admin, "open"+id, "{}")
		if status, _ := a.post(setagaya+"/counters/"+id+"/call-next", admin, "call"+id, "{}"); status == http.StatusOK {
			called = id
			break
		}
	}
	eventually(t, "everybody is told", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(push.Taken()) == 1 && len(mails.Taken()) == 1 && len(hooked) == 1
	})
	m := push.Taken()[0].Message
	if m.Kind != "near" || *m.Ahead > 1 || m.Lang != "en" || "/api/v1/tickets/"+strings.TrimPrefix(m.URL, "/t/") != second {
		t.Errorf("pushed %+v", m)
	}
	if !strings.Contains(hooked[0], `"type":"ticket.called"`) || !strings.Contains(hooked[0], `"counter":"`+called+`"`) || strings.Contains(hooked[0], "secret") {
		t.Errorf("posted %s", hooked[0])
	}
	stopMails(t, a, mails.Taken()[0].Body, second)
	for _, marker := range []string{"marker", "/t/", strings.TrimPrefix(first, "/api/v1/tickets/"), strings.TrimPrefix(second, "/api/v1/tickets/")} {
		if strings.Contains(logs.String(), marker) {
			t.Errorf("a log holds %q", marker)
		}
	}
}

// stopMails follows the link in an e-mail: opening it changes nothing, its button ends
// all messages to the address.
func stopMails(t *testing.T, s *running, body, ticket string) {
	t.Helper()
	_, link, _ := strings.Cut(body, "https://machi.example/tell/stop/")
	link, _, _ = strings.Cut(link, "\n")
	link = "/tell/stop/" + strings.TrimSpace(link)
	visit := func(method, path, state string, want int) {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader("List-Unsubscribe=One-Click"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != want || !strings.Contains(w.Body.String(), `data-state="`+state+`"`) {
			t.Errorf("%s %s: %d, want %s", method, state, w.Code, state)
		}
	}
	visit("GET", link+"x", "over", 404)
	visit("POST", link+"x", "over", 404)
	visit("GET", link, "ask", 200)
	ask := func(key string) (int, map[string]any) {
		return s.post(ticket+"/tell", "", key, `{"channel":"mail","ready":true,"mail":"marker@example.jp"}`)
	}
	if status, out := ask("before"); status != http.StatusCreated {
		t.Errorf("before the button: %d %v", status, out)
	}
	visit("POST", link, "done", 200)
	visit("POST", link, "done", 200)
	if status, out := ask("after"); status != http.StatusTooManyRequests || out["code"] != "address_limit" {
		t.Errorf("after the button: %d %v", status, out)
	}
}
