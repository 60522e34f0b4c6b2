package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/api"
	"machi/internal/eventlog/memlog"
	"machi/internal/notify"
	"machi/internal/notify/line"
	"machi/internal/notify/mail"
	"machi/internal/notify/notifytest"
	"machi/internal/notify/webhook"
	"machi/internal/notify/webpush"
	"machi/internal/queue"
)

// telling gives a world's API every channel and webhooks, with the other sides of them.
func telling(t *testing.T, w *world) (*notifytest.PushService, *notifytest.LineService) {
	t.Helper()
	push, mails, lines := notifytest.NewPushService(t), notifytest.NewMailServer(t), notifytest.NewLineService(t)
	key, err := webpush.Derive([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	pusher, err := webpush.New(webpush.Options{Key: key, Subject: "https://machi.example/", Hosts: []string{push.URL}})
	if err != nil {
		t.Fatal(err)
	}
	mailer, err := mail.New(mail.Options{Server: mails.Addr, Security: mail.Plain, From: "no-reply@city.example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	account, err := line.New(line.Options{Secret: notifytest.LineSecret, Token: notifytest.LineToken, Endpoint: lines.URL})
	if err != nil {
		t.Fatal(err)
	}
	store := memlog.New()
	engine := notify.New(notify.Options{
		Store: store, Dir: t.TempDir(), Server: "s1", Run: "1", Now: w.now, PublicURL: "https://machi.example",
		Standing:  func(queue.OfficeID, string) (notify.Standing, bool) { return notify.Standing{}, false },
		Senders:   map[notify.Channel]notify.Sender{notify.Push: pusher, notify.Mail: mailer, notify.Line: account},
		CheckPush: pusher.Check, Parse: account.Parse, Reply: account.Reply,
		Channels: notify.Channels{Push: &notify.PushChannel{Key: pusher.Public()}, Mail: true, Line: &notify.LineChannel{AddURL: "https://line.example/add"}},
	})
	log, err := store.Open(webhook.Stream)
	if err != nil {
		t.Fatal(err)
	}
	guard := &webhook.Guard{}
	book, err := webhook.OpenBook(t.Context(), log, []byte("key"), guard, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	hooks := webhook.New(webhook.Options{Book: book, Store: store, Server: "s1", Run: "1", Key: []byte("key"), Now: w.now, Scenes: func() []webhook.Scene { return nil }, Guard: guard, Every: time.Hour})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = engine.Run(ctx) })
	running.Go(func() { _ = hooks.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	w.api = api.New(api.Deps{
		Ward: &w.waits, Hub: w.hub, Auth: keeper{w.accounts}, Audit: w.trail, Now: w.now, Random: func() [16]byte { return [16]byte{1} },
		Offices: func() []queue.OfficeID { return []queue.OfficeID{"o", "p"} }, Settings: settings, Ready: func(context.Context) error { return nil },
		DeriveSecret: func(command string) string { return "s3cret-" + strings.ReplaceAll(command, "/", "-") },
		Tell:         engine, Webhooks: struct {
			*webhook.Book
			*webhook.Service
		}{book, hooks},
	})
	return push, lines
}

// ask sends a request that must be answered with a status and, if it is a problem, a code.
func (w *world) ask(method, path, token, key, body string, status int, code string) map[string]any {
	w.t.Helper()
	r := w.send(request{method: method, path: "/api/v1/" + path, token: token, key: key, body: body})
	if r.Code != status {
		w.t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, r.Code, status, r.Body)
	}
	out := object(w.t, r)
	if code != "" && out["code"] != code {
		w.t.Errorf("%s %s %s: %v, want %s", method, path, body, out["code"], code)
	}
	return out
}

// TestAHolderAsksToBeToldAndForgetsItAgain goes through all that the holder of a ticket
// can ask for; every answer is compared with the description.
func TestAHolderAsksToBeToldAndForgetsItAgain(t *testing.T) {
	w := newWorld(t)
	tell := fmt.Sprintf("tickets/%v/tell", w.issue("moving")["secret"])
	off := w.ask("GET", tell, "", "", "", http.StatusOK, "")
	if c := off["channels"].(map[string]any); c["push"] != nil || c["mail"] != false || c["line"] != nil {
		t.Errorf("where nothing is set up: %v", c)
	}
	w.ask("POST", tell, "", "", `{"channel":"push","people":3}`, http.StatusConflict, "channel_off")
	w.ask("DELETE", tell+"/zz", "", "", "", http.StatusNotFound, "not_found")
	push, _ := telling(t, w)
	sub := push.Subscribe("b1")
	body := fmt.Sprintf(`{"channel":"push","people":3,"lang":"ko","push":{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q}}}`, sub.Endpoint, sub.Keys.P256dh, sub.Keys.Auth)
	one := w.ask("POST", tell, "", "k1", body, http.StatusCreated, "")
	if again := w.ask("POST", tell, "", "k1", body, http.StatusCreated, ""); again["id"] != one["id"] || again["state"] != "pending" {
		t.Errorf("the same request: %v", again)
	}
	w.ask("POST", tell, "", "k1", `{"channel":"mail","called":true,"mail":"a@example.jp"}`, http.StatusUnprocessableEntity, "idempotency_key_reused")
	w.ask("POST", tell, "", "k2", `{"channel":"mail","minutes":10,"mail":"a@example.jp"}`, http.StatusCreated, "")
	lined := w.ask("POST", tell, "", "k3", `{"channel":"line","called":true}`, http.StatusCreated, "")
	w.ask("POST", tell, "", "k4", `{"channel":"line","ready":true}`, http.StatusConflict, "too_many_rules")
	for _, bad := range []string{`{"channel":"mail","mail":"a@example.jp"}`, `{"channel":"mail","people":3}`, `{"channel":"mail","people":99,"mail":"a@example.jp"}`, `{"channel":"push","people":3}`} {
		w.ask("POST", tell, "", "", bad, http.StatusUnprocessableEntity, "bad_value")
	}
	signature, said := notifytest.Says("U1", fmt.Sprint(lined["code"]))
	hook := request{method: "POST", path: "/api/v1/line/webhook", body: string(said), header: map[string]string{"X-Line-Signature": "zz"}}
	if r := w.send(hook); r.Code != http.StatusForbidden {
		t.Errorf("a false signature: %d", r.Code)
	}
	hook.header["X-Line-Signature"] = signature
	if r := w.send(hook); r.Code != http.StatusOK {
		t.Errorf("a code: %d %s", r.Code, r.Body)
	}
	all := w.ask("GET", tell, "", "", "", http.StatusOK, "")
	rules := all["rules"].([]any)
	if len(rules) != 3 || dig(rules[2], "code") != nil || dig(rules[1], "hint") != "a•••@example.jp" || dig(rules[0], "when", "people") != 3.0 || dig(rules[2], "when") != "called" {
		t.Errorf("rules: %v", rules)
	}
	for range 2 {
		w.ask("DELETE", tell+"/"+fmt.Sprint(one["id"]), "", "", "", http.StatusNoContent, "")
	}
	if left := w.ask("GET", tell, "", "", "", http.StatusOK, "")["rules"].([]any); len(left) != 2 {
		t.Errorf("left: %v", left)
	}
	w.ask("DELETE", strings.TrimSuffix(tell, "/tell"), "", "", "", http.StatusOK, "")
	w.ask("POST", tell, "", "k9", `{"channel":"mail","people":1,"mail":"b@example.jp"}`, http.StatusConflict, "visit_over")
}

func TestAnAdministratorLooksAfterWebhooks(t *testing.T) {
	w := newWorld(t)
	if none := w.ask("GET", "webhooks", "admin", "", "", http.StatusOK, ""); len(none["webhooks"].([]any)) != 0 {
		t.Errorf("where nobody is told: %v", none)
	}
	w.ask("POST", "webhooks", "admin", "", `{"url":"https://example.jp/","events":["ticket.near"]}`, http.StatusNotFound, "not_found")
	telling(t, w)
	w.ask("POST", "webhooks", "manager", "", `{"url":"https://example.jp/","events":["ticket.near"]}`, http.StatusForbidden, "forbidden")
	for body, status := range map[string]int{
		`{"url":"http://example.jp/","events":["ticket.near"]}`: 422, `{"url":"https://169.254.169.254/","events":["ticket.near"]}`: 422, `{"url":"https://example.jp/","events":[]}`: 422,
		`{"url":"https://example.jp/","events":["ticket.near"],"office":"zz"}`: 404, `{"url":"https://example.jp/","events":["ticket.near"],"secret":"x"}`: 400,
	} {
		w.ask("POST", "webhooks", "admin", "", body, status, "")
	}
	made := w.ask("POST", "webhooks", "admin", "k", `{"url":"https://hook.invalid/in","events":["ticket.near","office.threshold"],"office":"o","near":5,"level":"very_busy","note":"bot"}`, http.StatusCreated, "")
	if !strings.HasPrefix(fmt.Sprint(made["secret"]), "whsec_") {
		t.Errorf("made: %v", made)
	}
	one := "webhooks/" + fmt.Sprint(made["id"])
	list := w.ask("GET", "webhooks", "admin", "", "", http.StatusOK, "")["webhooks"].([]any)
	if len(list) != 1 || dig(list[0], "secret") != nil || dig(list[0], "near") != 5.0 {
		t.Errorf("listed: %v", list)
	}
	if again := w.ask("POST", one+"/rotate", "admin", "", "", http.StatusOK, ""); again["secret"] == made["secret"] {
		t.Error("the secret is the old one")
	}
	w.ask("POST", one+"/test", "admin", "", "", http.StatusAccepted, "")
	sent := w.ask("GET", one+"/deliveries", "admin", "", "", http.StatusOK, "")["deliveries"].([]any)
	if len(sent) != 1 || dig(sent[0], "type") != "webhook.test" || dig(sent[0], "event", "specversion") != "1.0" {
		t.Errorf("deliveries: %v", sent)
	}
	w.ask("POST", one+"/deliveries/zz/retry", "admin", "", "", http.StatusNotFound, "not_found")
	w.ask("DELETE", one, "admin", "", "", http.StatusNoContent, "")
	w.ask("GET", one+"/deliveries", "admin", "", "", http.StatusNotFound, "not_found")
	w.ask("POST", "webhooks/zz/rotate", "admin", "", "", http.StatusNotFound, "not_found")
}
