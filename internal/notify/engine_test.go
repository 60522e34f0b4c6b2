package notify_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/notify"
	"machi/internal/notify/line"
	"machi/internal/notify/notifytest"
	"machi/internal/notify/webpush"
	"machi/internal/queue"
)

// ownStore is the bbolt file of a single server.
func ownStore(t *testing.T) func() eventlog.Store {
	t.Helper()
	s, err := boltlog.Open(filepath.Join(t.TempDir(), "machi.db"), boltlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return func() eventlog.Store { return s }
}

func TestEachChannelTellsOnceInThePersonsLanguage(t *testing.T) {
	w := newWorld(t, ownStore(t))
	m := w.start("s1", t.TempDir())
	w.stand("t1", 9)
	browser := w.push.Subscribe("b1")
	pushed := w.ask(m, notify.Request{Key: "k1", Ticket: "t1", Channel: notify.Push, When: notify.When{People: 3}, Push: &browser, Lang: "en"})
	mailed := w.ask(m, notify.Request{Key: "k2", Ticket: "t1", Channel: notify.Mail, When: notify.When{Minutes: 15}, Mail: "hanako@example.jp"})
	lined := w.ask(m, notify.Request{Key: "k3", Ticket: "t1", Channel: notify.Line, When: notify.When{Called: true}})
	if mailed.Hint != "h•••@example.jp" || lined.Code == "" || pushed.State != notify.Pending {
		t.Fatalf("%+v %+v %+v", pushed, mailed, lined)
	}
	if err := m.Line(t.Context(), "false", []byte("{}")); !errors.Is(err, notify.ErrSignature) {
		t.Errorf("a false signature: %v", err)
	}
	for _, text := range []string{"こんにちは", "234678", strings.ToLower(lined.Code)} {
		signature, body := notifytest.Says("Uhanako", text)
		if err := m.Line(t.Context(), signature, body); err != nil {
			t.Fatal(err)
		}
	}
	replies := w.line.Taken()
	if len(replies) != 2 || !strings.Contains(replies[1].Text, "A012") {
		t.Fatalf("replies %+v", replies)
	}
	w.stand("t1", 3)
	w.becomes(m, "t1", pushed.ID, notify.Sent)
	w.becomes(m, "t1", mailed.ID, notify.Sent)
	w.call("t1", "5")
	w.becomes(m, "t1", lined.ID, notify.Sent)

	p := w.push.Taken()
	if len(p) != 1 || p[0].Message.Kind != notify.Near || *p[0].Message.Ahead != 3 || p[0].Message.URL != "/t/secret-of-t1" ||
		!strings.Contains(p[0].Message.Body, "About 15 to 25 minutes") || p[0].Topic != webpush.Topic(pushed.ID) || p[0].TTL != "1800" || p[0].Urgency != "high" {
		t.Errorf("pushed %+v", p)
	}
	e := w.mail.Taken()
	if len(e) != 1 {
		t.Fatalf("mailed %+v", e)
	}
	stop := "https://machi.example/tell/stop/" + mailed.ID + "."
	for _, part := range []string{"A012", "世田谷窓口", "https://machi.example/t/secret-of-t1", stop} {
		if !strings.Contains(e[0].Body, part) {
			t.Errorf("the mail lacks %q:\n%s", part, e[0].Body)
		}
	}
	h := e[0].Header
	if h.Get("Message-ID") != "<"+mailed.ID+".machi@city.example.jp>" || h.Get("Auto-Submitted") != "auto-generated" || strings.Contains(h.Get("Subject"), "secret") ||
		!strings.HasPrefix(h.Get("List-Unsubscribe"), "<"+stop) || e[0].To != "hanako@example.jp" {
		t.Errorf("header %v to %s", h, e[0].To)
	}
	l := w.line.Taken()[2]
	if l.To != "Uhanako" || l.Key != line.RetryKey(lined.ID) || !strings.Contains(l.Text, "5番窓口") {
		t.Errorf("lined %+v", l)
	}
}

func TestOneCallIsToldOnceHoweverManyRulesItMakesDue(t *testing.T) {
	w := newWorld(t, ownStore(t))
	m := w.start("s1", t.TempDir())
	w.stand("t1", 20)
	b := w.push.Subscribe("b1")
	var ids []string
	for key, when := range map[string]notify.When{"k1": {People: 3}, "k2": {Called: true}, "k3": {Minutes: 10}} {
		ids = append(ids, w.ask(m, notify.Request{Key: key, Ticket: "t1", Channel: notify.Push, When: when, Push: &b}).ID)
	}
	w.call("t1", "2")
	w.eventually("all rules settled", func() bool {
		for _, v := range m.Rules("t1") {
			if v.State == notify.Pending {
				return false
			}
		}
		return len(m.Rules("t1")) == len(ids)
	})
	if got := w.push.Taken(); len(got) != 1 || got[0].Message.Kind != notify.Called || got[0].Message.Counter != "2" {
		t.Errorf("told %+v", got)
	}
}

// TestTroubleOfOthersDelaysANoticeAndNeverDoublesIt: what certainly failed is tried
// again, what nobody knows once more, and who is gone is left alone.
func TestTroubleOfOthersDelaysANoticeAndNeverDoublesIt(t *testing.T) {
	w := newWorld(t, ownStore(t))
	m := w.start("s1", t.TempDir())
	tries := map[string]int{}
	script := map[string][]int{"fails": {500, 503, 429}, "silent": {-1}, "mute": {-1, -1, -1}, "gone": {410}, "refuses": {400}}
	w.push.Answer(func(browser string) int {
		w.mu.Lock()
		defer w.mu.Unlock()
		n := tries[browser]
		tries[browser]++
		if list := script[browser]; n < len(list) {
			return list[n]
		}
		return 0
	})
	w.mail.Down()
	w.line.Answer(func() func() int {
		n := 0
		return func() int { n++; return []int{-1, 0}[min(n-1, 1)] }
	}())
	want := map[string]notify.State{"fails": notify.Sent, "silent": notify.Sent, "mute": notify.Failed, "gone": notify.Failed, "refuses": notify.Failed}
	rules := map[string]string{}
	for name := range want {
		w.stand(name, 9)
		b := w.push.Subscribe(name)
		rules[name] = w.ask(m, notify.Request{Key: "k", Ticket: name, Channel: notify.Push, When: notify.When{People: 1}, Push: &b}).ID
		if name == "gone" {
			w.ask(m, notify.Request{Key: "k2", Ticket: name, Channel: notify.Push, When: notify.When{Called: true}, Push: &b})
		}
	}
	w.stand("mailed", 9)
	rules["mailed"], want["mailed"] = w.ask(m, notify.Request{Key: "k", Ticket: "mailed", Channel: notify.Mail, When: notify.When{People: 1}, Mail: "a@example.jp"}).ID, notify.Sent
	w.stand("lined", 9)
	l := w.ask(m, notify.Request{Key: "k", Ticket: "lined", Channel: notify.Line, When: notify.When{People: 1}})
	signature, body := notifytest.Says("U1", l.Code)
	if err := m.Line(t.Context(), signature, body); err != nil {
		t.Fatal(err)
	}
	rules["lined"], want["lined"] = l.ID, notify.Sent
	for name := range want {
		w.stand(name, 1)
	}
	w.eventually("a mail that cannot be sent", func() bool { return strings.Contains(w.logs.String(), "channel=mail") })
	w.mail.Up()
	w.eventually("everything settled", func() bool {
		w.hurry(time.Second)
		for name, state := range want {
			for _, v := range m.Rules(name) {
				if v.ID == rules[name] && v.State != state {
					return false
				}
			}
		}
		return true
	})
	w.call("gone", "1") // the other rule of a browser that is gone says nothing either
	if v := m.Rules("gone"); v[1].State != notify.Failed {
		t.Errorf("after the browser went: %+v", v)
	}
	got, topics := map[string]int{}, map[string]string{}
	for _, p := range w.push.Taken() {
		got[p.Browser]++
		if old, ok := topics[p.Browser]; ok && old != p.Topic {
			t.Errorf("%s: topics %s and %s", p.Browser, old, p.Topic)
		}
		topics[p.Browser] = p.Topic
	}
	if got["fails"] != 1 || got["silent"] != 2 || got["mute"] != 2 || got["gone"] != 0 || got["refuses"] != 0 {
		t.Errorf("browsers got %v", got)
	}
	if n := len(w.mail.Taken()); n != 1 {
		t.Errorf("%d mails", n)
	}
	if texts := w.line.Taken(); len(texts) != 2 { // the reply, and one notice: the second try bore the same key
		t.Errorf("LINE took %+v", texts)
	}
}

func TestAMailServerThatRefusesIsNotAskedForEver(t *testing.T) {
	w := newWorld(t, ownStore(t))
	m := w.start("s1", t.TempDir())
	unknown, busy := &smtp.SMTPError{Code: 550, Message: "no such user nobody@example.jp"}, &smtp.SMTPError{Code: 451, Message: "later"}
	w.mail.Refuse(func(to string) error {
		if to == "nobody@example.jp" {
			return unknown
		}
		return busy
	})
	w.stand("t1", 1)
	gone := w.ask(m, notify.Request{Key: "k1", Ticket: "t1", Channel: notify.Mail, When: notify.When{People: 1}, Mail: "nobody@example.jp"})
	late := w.ask(m, notify.Request{Key: "k2", Ticket: "t1", Channel: notify.Mail, When: notify.When{People: 1}, Mail: "later@example.jp"})
	w.becomes(m, "t1", gone.ID, notify.Failed)
	w.eventually("a second try", func() bool { w.hurry(time.Second); return strings.Contains(w.logs.String(), "try=2") })
	w.set("t1", notify.Standing{Status: queue.Done}) // it is too late now
	w.hurry(time.Hour)
	w.becomes(m, "t1", late.ID, notify.Failed)
	if n := len(w.mail.Taken()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestRequestsAreLimitedRepeatableAndStoppable(t *testing.T) {
	w := newWorld(t, ownStore(t))
	m := w.start("s1", t.TempDir())
	for _, ticket := range []string{"t1", "t2", "t3", "t4", "t5"} {
		w.stand(ticket, 30)
	}
	add := func(ticket, key string, people int, address string) (notify.View, error) {
		return m.Add(t.Context(), w.request(notify.Request{Key: key, Ticket: ticket, Channel: notify.Mail, When: notify.When{People: people}, Mail: address}))
	}
	one, err := add("t1", "k1", 1, "a@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := add("t1", "k1", 1, "a@example.jp"); err != nil || again.ID != one.ID {
		t.Errorf("the same request: %+v, %v", again, err)
	}
	if again, err := add("t1", "k9", 1, "a@example.jp"); err != nil || again.ID != one.ID {
		t.Errorf("an equal rule: %+v, %v", again, err)
	}
	if _, err := add("t1", "k1", 2, "a@example.jp"); !errors.Is(err, notify.ErrKeyReused) {
		t.Errorf("the key for another request: %v", err)
	}
	for i, key := range []string{"k2", "k3", "k4"} {
		if _, err := add("t1", key, i+2, "a@example.jp"); (err != nil) != (key == "k4") || key == "k4" && !errors.Is(err, notify.ErrTooMany) {
			t.Errorf("%s: %v", key, err)
		}
	}
	for _, ticket := range []string{"t2", "t3", "t4"} {
		for i, key := range []string{"k1", "k2", "k3"} {
			_, err := add(ticket, key, i+1, "a@example.jp")
			if full := ticket == "t4" && i > 0; full != errors.Is(err, notify.ErrAddress) {
				t.Errorf("%s %s: %v", ticket, key, err)
			}
		}
	}
	if err := m.Remove(t.Context(), "t2", one.ID); !errors.Is(err, notify.ErrUnknown) {
		t.Errorf("another's rule: %v", err)
	}
	if err := m.Remove(t.Context(), "t1", one.ID); err != nil || len(m.Rules("t1")) != 2 {
		t.Errorf("removed: %v, %+v", err, m.Rules("t1"))
	}
	victim, err := add("t5", "k1", 1, "victim@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := add("t5", "k2", 9, "victim@example.jp"); err != nil {
		t.Fatal(err)
	}
	w.stand("t5", 1)
	w.becomes(m, "t5", victim.ID, notify.Sent)
	w.eventually("both mails", func() bool { return len(w.mail.Taken()) == 2 })
	_, after, _ := strings.Cut(w.mail.Taken()[0].Body, "/tell/stop/")
	token, _, _ := strings.Cut(after, "\n")
	token = strings.TrimSpace(token)
	if m.KnownStop(t.Context(), token+"x") || !m.KnownStop(t.Context(), token) {
		t.Error("links cannot be told apart")
	}
	if err := m.Stop(t.Context(), "x"); !errors.Is(err, notify.ErrUnknown) {
		t.Errorf("a false link: %v", err)
	}
	for range 2 {
		if err := m.Stop(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := add("t4", "k9", 2, "victim@example.jp"); !errors.Is(err, notify.ErrAddress) {
		t.Errorf("after the link was used: %v", err)
	}
}

func TestOnlyPushServicesArePushedTo(t *testing.T) {
	w := newWorld(t, ownStore(t))
	m := w.start("s1", t.TempDir())
	w.stand("t1", 9)
	good := w.push.Subscribe("b1")
	for endpoint, ok := range map[string]bool{
		good.Endpoint: true, "https://fcm.googleapis.com/fcm/send/x": true, "https://updates.push.services.mozilla.com/wpush/v2/x": true,
		"https://web.push.apple.com/x": true, "https://wns2-par02p.notify.windows.com/w/?token=x": true, "https://fcm.googleapis.com:443/x": true,
		"http://fcm.googleapis.com/x": false, "https://fcm.googleapis.com.evil.example/x": false, "https://evilfcm.googleapis.com/x": false,
		"https://push.apple.com/x": false, "https://fcm.googleapis.com@127.0.0.1/x": false, "https://user@fcm.googleapis.com/x": false,
		"https://fcm.googleapis.com:8443/x": false, "https://127.0.0.1/x": false, "https://[::1]/x": false, "file:///etc/passwd": false, "": false,
		"https://fcm.googleapis.com/" + strings.Repeat("x", 1024): false, "https://169.254.169.254/latest": false,
	} {
		sub := good
		sub.Endpoint = endpoint
		r := w.request(notify.Request{Key: "k", Ticket: "t-" + endpoint, Channel: notify.Push, When: notify.When{People: 1}, Push: &sub})
		_, err := m.Add(t.Context(), r)
		var field *notify.FieldError
		if ok != (err == nil) || !ok && (!errors.As(err, &field) || field.Field != "push.endpoint") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	for field, spoil := range map[string]func(*notify.Subscription){
		"push.keys.p256dh": func(s *notify.Subscription) { s.Keys.P256dh = "AAAA" },
		"push.keys.auth":   func(s *notify.Subscription) { s.Keys.Auth = "AAAA" },
	} {
		sub := good
		spoil(&sub)
		_, err := m.Add(t.Context(), w.request(notify.Request{Key: "k", Ticket: "t1", Channel: notify.Push, When: notify.When{People: 1}, Push: &sub}))
		var wrong *notify.FieldError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, subject := range []string{"", "mailto:a@b.jp", "http://city.example", "https://", "https://u@city.example"} {
		key, err := webpush.Derive([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := webpush.New(webpush.Options{Key: key, Subject: subject}); err == nil {
			t.Errorf("subject %q is taken", subject)
		}
	}
}
