package api_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestATicketsWay follows one visit through all stages as programs see it.
func TestATicketsWay(t *testing.T) {
	w := newWorld(t)
	issued := w.issue("moving")
	if diff := cmp.Diff([]any{"A001", float64(0), "moving", "o"}, []any{issued["number"], issued["ahead"], issued["service"], issued["office"]}); diff != "" {
		t.Fatalf("issued (-want +got):\n%s", diff)
	}
	secret := issued["secret"].(string)
	if issued["status_url"] != "/t/"+secret {
		t.Errorf("status_url %v", issued["status_url"])
	}
	w.post(200, "staff", "o/counters/1/open", "")
	called := w.post(200, "staff", "o/counters/1/call-next", "")
	if diff := cmp.Diff([]any{"A001", "called", "longest_wait", "1"}, []any{
		dig(called, "ticket", "number"), dig(called, "ticket", "state"), dig(called, "ticket", "reason"), dig(called, "ticket", "counter"),
	}); diff != "" {
		t.Errorf("called (-want +got):\n%s", diff)
	}
	if dig(called, "undo", "command") == nil {
		t.Errorf("a call can be undone, the answer does not say so: %v", called)
	}
	if got := w.get("", "/api/v1/tickets/"+secret); got["state"] != "called" || got["counter"] != "1" {
		t.Errorf("the holder sees %v at %v", got["state"], got["counter"])
	}
	w.advance(time.Minute)
	w.post(200, "staff", "o/tickets/A001/start", `{"counter":"1"}`)
	w.advance(10 * time.Minute)
	w.post(200, "staff", "o/tickets/a1/finish", `{"counter":"1","processing":true}`)
	w.post(200, "staff", "o/tickets/A001/ready", "")
	office := w.get("", "/api/v1/offices/o")
	services := office["services"].([]any)
	if diff := cmp.Diff([]any{"A001"}, dig(services[0], "ready")); diff != "" {
		t.Errorf("ready for delivery (-want +got):\n%s", diff)
	}
	w.post(200, "staff", "o/counters/1/call-next", "")
	if answer := w.post(204, "staff", "o/counters/1/finish-and-call-next", ""); answer != nil {
		t.Errorf("nobody waits, yet the answer is %v", answer)
	}
	if got := w.get("", "/api/v1/tickets/"+secret); got["state"] != "done" {
		t.Errorf("the holder sees %v", got["state"])
	}
}

// TestTheSameKeyIsAnsweredAlike repeats requests, as a client does whose answer was lost.
func TestTheSameKeyIsAnsweredAlike(t *testing.T) {
	w := newWorld(t)
	q := request{method: "POST", path: issuePath, token: "staff", key: "press-1", body: `{"service":"moving","channel":"kiosk"}`}
	first := w.send(q)
	q.body = ` {"channel":"kiosk", "service":"moving"}` // the same wish in another spelling
	again := w.send(q)
	one, two := object(t, first), object(t, again)
	delete(two, "repeated")
	if diff := cmp.Diff(one, two); diff != "" || first.Code != again.Code {
		t.Errorf("the repeated answer differs (-first +again):\n%s", diff)
	}
	q.body = `{"service":"cert","channel":"kiosk"}`
	if got := w.send(q); got.Code != 422 || object(t, got)["code"] != "idempotency_key_reused" {
		t.Errorf("another body under one key: %d %s", got.Code, got.Body)
	}
	other := request{method: "POST", path: "/api/v1/offices/o/counters/1/open", token: "staff", key: "press-1"}
	if got := w.send(other); got.Code != 422 {
		t.Errorf("another command under one key: %d %s", got.Code, got.Body)
	}
	if next := w.issue("moving"); next["number"] != "A002" {
		t.Errorf("the repetition spent a number: %v", next["number"])
	}
}

// TestARepeatedCallSaysWhatWasCalled although the ticket has gone on since.
func TestARepeatedCallSaysWhatWasCalled(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	w.post(200, "staff", "o/counters/1/open", "")
	q := request{method: "POST", path: "/api/v1/offices/o/counters/1/call-next", token: "staff", key: "call-1"}
	w.send(q)
	w.post(200, "staff", "o/tickets/A001/start", "")
	again := object(t, w.send(q))
	if dig(again, "ticket", "number") != "A001" || dig(again, "ticket", "state") != "called" || again["repeated"] != true {
		t.Errorf("the repeated call is answered with %v", again)
	}
}

func TestATicketGoesOnAtAnotherOffice(t *testing.T) {
	w := newWorld(t)
	issued := w.issue("moving")
	w.advance(20 * time.Minute)
	q := request{method: "POST", path: "/api/v1/offices/o/tickets/A001/transfer", token: "staff", key: "t1", body: `{"office":"p","service":"cert"}`}
	sent := object(t, w.send(q))
	if dig(sent, "sent_to", "office") != "p" || dig(sent, "sent_to", "number") != "B001" {
		t.Fatalf("sent on: %v", sent)
	}
	again := object(t, w.send(q))
	if diff := cmp.Diff(sent["sent_to"], again["sent_to"]); diff != "" {
		t.Errorf("the repeated transfer differs:\n%s", diff)
	}
	there := w.get("staff-p", "/api/v1/offices/p/tickets/B001")
	if diff := cmp.Diff(issued["issued_at"], dig(there, "ticket", "arrival")); diff != "" {
		t.Errorf("the arrival was not kept (-here +there):\n%s", diff)
	}
	if got := w.get("", "/api/v1/tickets/"+issued["secret"].(string)); got["office"] != "p" || got["number"] != "B001" {
		t.Errorf("the holder's page shows %v at %v", got["number"], got["office"])
	}
}

func TestTheHolderWithdraws(t *testing.T) {
	w := newWorld(t)
	path := "/api/v1/tickets/" + w.issue("moving")["secret"].(string)
	for range 2 { // again is no error
		got := w.send(request{method: "DELETE", path: path})
		if got.Code != 200 || object(t, got)["state"] != "withdrawn" {
			t.Fatalf("withdrawn: %d %s", got.Code, got.Body)
		}
	}
	for _, header := range []struct{ name, want string }{{"Cache-Control", "no-store"}, {"X-Robots-Tag", "noindex"}, {"Referrer-Policy", "no-referrer"}} {
		if got := w.send(read(path, "")).Header().Get(header.name); got != header.want {
			t.Errorf("%s: %q, want %q", header.name, got, header.want)
		}
	}
}

// TestGuessesAreLimited counts what one address may miss in a minute, and that a
// spoofed address changes nothing.
func TestGuessesAreLimited(t *testing.T) {
	w := newWorld(t)
	for n := range 20 {
		if got := w.send(read("/api/v1/tickets/guess", "")); got.Code != 404 {
			t.Fatalf("guess %d: %d", n, got.Code)
		}
	}
	q := with(read("/api/v1/tickets/guess", ""), "X-Forwarded-For", "203.0.113.9")
	if got := w.send(q); got.Code != 429 || got.Header().Get("Retry-After") == "" {
		t.Errorf("guess 21: %d, Retry-After %q", got.Code, got.Header().Get("Retry-After"))
	}
}

func TestPublicReadsAreCachedAndShared(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	for _, path := range []string{"/api/v1/offices", "/api/v1/offices/o", "/openapi.yaml", "/api/v1/open-data/congestion.json", "/api/v1/open-data/congestion.csv"} {
		t.Run(path, func(t *testing.T) {
			first := w.send(read(path, ""))
			tag := first.Header().Get("ETag")
			if first.Code != 200 || tag == "" || strings.HasPrefix(tag, "W/") || !strings.HasPrefix(first.Header().Get("Cache-Control"), "public") {
				t.Fatalf("status %d, ETag %q, Cache-Control %q", first.Code, tag, first.Header().Get("Cache-Control"))
			}
			if origin := first.Header().Get("Access-Control-Allow-Origin"); origin != "*" {
				t.Errorf("Access-Control-Allow-Origin %q", origin)
			}
			if again := w.send(with(read(path, ""), "If-None-Match", tag)); again.Code != 304 || again.Body.Len() != 0 {
				t.Errorf("with the tag: %d, %d bytes", again.Code, again.Body.Len())
			}
			if head := w.send(request{method: "HEAD", path: path}); head.Code != 200 {
				t.Errorf("HEAD: %d", head.Code)
			}
			if asked := w.send(request{method: "OPTIONS", path: path}); asked.Code != 204 {
				t.Errorf("OPTIONS: %d", asked.Code)
			}
		})
	}
}

func TestStateIsReadAtOnce(t *testing.T) {
	w := newWorld(t)
	last := w.get("", "/api/v1/offices/o")
	for n := range 5 {
		w.issue("cert")
		now := w.get("", "/api/v1/offices/o")
		if now["waiting"] != float64(n+1) || now["seq"].(float64) <= last["seq"].(float64) || now["epoch"] != last["epoch"] {
			t.Errorf("after %d tickets: waiting %v, seq %v after %v", n+1, now["waiting"], now["seq"], last["seq"])
		}
		last = now
	}
}

func TestCongestionTable(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	got := w.send(read("/api/v1/open-data/congestion.csv", ""))
	text, found := strings.CutPrefix(got.Body.String(), "\ufeff")
	if !found || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Errorf("no byte order mark, or lines without CR: %q", got.Body)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if diff := cmp.Diff([]string{"o", "窓口", "moving", "転入", "true", "1"}, rows[1][:6]); diff != "" {
		t.Errorf("first row (-want +got):\n%s", diff)
	}
}

// TestForecastDoesNotGuess: without history there are hours and no level.
func TestForecastDoesNotGuess(t *testing.T) {
	w := newWorld(t)
	got := w.get("", "/api/v1/offices/o/forecast?from=2026-04-02&to=2026-04-03")
	days := got["days"].([]any)
	if len(days) != 2 {
		t.Fatalf("%d days", len(days))
	}
	if diff := cmp.Diff([]any{"2026-04-02", true, "unknown", []any{"no_history"}}, []any{
		dig(days[0], "date"), dig(days[0], "open"), dig(days[0], "level"), dig(days[0], "reasons"),
	}); diff != "" {
		t.Errorf("first day (-want +got):\n%s", diff)
	}
	if slots := dig(days[0], "half_hours").([]any); len(slots) != 17 || dig(slots[0], "from") != "2026-04-02T08:30:00+09:00" {
		t.Errorf("%d half hours from %v", len(slots), dig(slots[0], "from"))
	}
}

func TestSessionCookie(t *testing.T) {
	w := newWorld(t)
	log := func(token, accept string) *httptest.ResponseRecorder {
		return w.send(request{method: "POST", path: "/staff/login", body: "token=" + token + "&next=//evil.example", header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Accept": accept,
		}})
	}
	if got := log("wrong", ""); got.Code != 401 {
		t.Errorf("a wrong token: %d", got.Code)
	}
	got := log("staff", "text/html")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/staff" {
		t.Errorf("logged in: %d to %q", got.Code, got.Header().Get("Location"))
	}
	cookie := got.Header().Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s: %s", want, cookie)
		}
	}
	name, _, _ := strings.Cut(cookie, ";")
	q := request{method: "POST", path: "/api/v1/offices/o/counters/1/open", header: map[string]string{"Cookie": name, "Origin": "http://example.com"}}
	if got := w.send(q); got.Code != 200 {
		t.Errorf("a command with the cookie from our own page: %d %s", got.Code, got.Body)
	}
}
