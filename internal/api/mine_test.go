package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// holder is a visitor with a ticket's secret.
func (w *world) holder(secret any, verb, body string) (int, map[string]any) {
	w.t.Helper()
	got := w.send(request{method: http.MethodPost, path: "/api/v1/tickets/" + secret.(string) + "/" + verb, body: body})
	return got.Code, object(w.t, got)
}

func TestAHolderWhoAskedForMoreTimeIsBackEarly(t *testing.T) {
	w := newWorld(t)
	w.post(200, "staff", "o/counters/1/open", "")
	secret := w.issue("moving")["secret"]
	if _, got := w.holder(secret, "later", ""); got["can_back"] != true || got["not_before"] == nil {
		t.Fatalf("asked for more time: %v", got)
	}
	w.post(204, "staff", "o/counters/1/call-next", "")
	if code, got := w.holder(secret, "back", ""); code != 200 {
		t.Fatalf("back: %d %v", code, got)
	}
	w.advance(time.Second)
	w.issue("cert") // so that the boards are made again
	if got := w.get("", "/api/v1/tickets/"+secret.(string)); got["can_later"] != true || got["can_back"] != false || got["not_before"] != nil {
		t.Errorf("being back was counted as asking for time: %v", got)
	}
	if called := w.post(200, "staff", "o/counters/1/call-next", ""); dig(called, "ticket", "number") != "A001" {
		t.Errorf("called: %v", called)
	}
	before := w.stateHash()
	if code, _ := w.holder(secret, "back", ""); code != 200 || w.stateHash() != before {
		t.Errorf("back while called: %d, or something changed", code)
	}
}

func TestAMissedCallIsForgivenOnceAndThenStaffAreTold(t *testing.T) {
	w := newWorld(t)
	w.post(200, "staff", "o/counters/1/open", "")
	secret := w.issue("moving")["secret"]
	miss := func() {
		w.post(200, "staff", "o/counters/1/call-next", "")
		for range 3 {
			w.advance(time.Minute)
			w.send(staffPost("tickets/A001/recall", `{"counter":"1"}`))
		}
		w.advance(time.Minute)
		w.post(200, "staff", "o/tickets/A001/no-show", `{"counter":"1"}`)
	}
	miss()
	w.issue("moving")
	if code, got := w.holder(secret, "back", ""); code != 200 || got["state"] != "waiting" || got["ahead"] != float64(1) {
		t.Fatalf("back in the line behind those of the rule: %d, %v, %v ahead", code, got["state"], got["ahead"])
	}
	w.post(200, "staff", "o/tickets/A002/withdraw", "")
	miss()
	for range 5 {
		if code, got := w.holder(secret, "back", ""); code != 200 || got["state"] != "no_show" || got["can_back"] != true {
			t.Fatalf("a second time: %d, %v", code, got["state"])
		}
	}
	staff := w.get("staff", "/api/v1/offices/o/tickets/A001")
	notes := dig(staff, "ticket", "notes").([]any)
	if len(notes) != 3 || !strings.HasPrefix(dig(notes[0], "text").(string), "↩ 戻りました ") {
		t.Errorf("staff read %v", notes)
	}
}

func TestStaffAreToldThatTheVisitorOfAHeldTicketIsBack(t *testing.T) {
	w := newWorld(t)
	secret := w.issue("moving")["secret"]
	w.post(200, "staff", "o/tickets/A001/hold", `{"reason":"書類"}`)
	if code, got := w.holder(secret, "back", ""); code != 200 || got["state"] != "held" {
		t.Fatalf("back: %d, %v", code, got)
	}
	if notes := dig(w.get("staff", "/api/v1/offices/o/tickets/A001"), "ticket", "notes").([]any); len(notes) != 1 {
		t.Errorf("staff read %v", notes)
	}
	home := w.post(201, "web", "o/tickets", `{"service":"moving","channel":"web"}`)
	if code, got := w.holder(home["secret"], "back", ""); code != 409 || got["code"] != "check_in_first" {
		t.Errorf("from home: %d, %v", code, got)
	}
	w.post(200, "staff", "o/tickets/A001/withdraw", "")
	if code, got := w.holder(secret, "back", ""); code != 409 || got["code"] != "wrong_status" || got["have"] != "withdrawn" {
		t.Errorf("given up: %d, %v", code, got)
	}
}

func TestResidentsSayHowItWasAndManagersReadCounts(t *testing.T) {
	w := newWorld(t)
	w.post(200, "staff", "o/counters/1/open", "")
	const path = "/api/v1/offices/o/satisfaction"
	for i, face := range []string{"good", "good", "poor", "fair", "good"} {
		secret := w.issue("moving")["secret"]
		if code, got := w.holder(secret, "satisfaction", `{"face":"good"}`); code != 409 || got["code"] != "wrong_status" {
			t.Fatalf("before it is over: %d, %v", code, got)
		}
		number := dig(w.post(200, "staff", "o/counters/1/call-next", ""), "ticket", "number").(string)
		w.post(200, "staff", "o/tickets/"+number+"/finish", "")
		if got := w.get("", "/api/v1/tickets/"+secret.(string)); got["satisfaction"] != "open" || dig(got, "next", "received") == nil {
			t.Fatalf("finished: %v", got)
		}
		for range 2 { // the second tap changes nothing
			if code, got := w.holder(secret, "satisfaction", `{"face":"`+face+`"}`); code != 200 || got["satisfaction"] != "given" {
				t.Fatalf("said: %d, %v", code, got)
			}
			face = "poor"
		}
		if got := w.get("manager", path); got["answers"] != float64(i+1) || i < 4 && got["all"] != nil {
			t.Errorf("after %d answers: %v", i+1, got)
		}
	}
	got := w.get("manager", path)
	want := map[string]any{"good": 3.0, "fair": 1.0, "poor": 1.0}
	if diff := cmp.Diff([]any{want, []any{map[string]any{"service": "moving", "answers": 5.0, "said": want}}}, []any{got["all"], got["services"]}); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestNobodysAnswerIsTheDifference has one person of a second service answer: what all
// said, less what the first service said, would be that answer.
func TestNobodysAnswerIsTheDifference(t *testing.T) {
	w := newWorld(t)
	w.post(200, "staff", "o/counters/1/open", "")
	for _, service := range []string{"moving", "moving", "moving", "moving", "moving", "cert"} {
		secret := w.issue(service)["secret"]
		number := dig(w.post(200, "staff", "o/counters/1/call-next", ""), "ticket", "number").(string)
		w.post(200, "staff", "o/tickets/"+number+"/finish", "")
		face := map[string]string{"moving": "good", "cert": "poor"}[service]
		if code, got := w.holder(secret, "satisfaction", `{"face":"`+face+`"}`); code != 200 {
			t.Fatalf("%d, %v", code, got)
		}
	}
	got := w.get("manager", "/api/v1/offices/o/satisfaction")
	if got["answers"] != 6.0 || dig(got, "all", "good") != 5.0 || dig(got, "all", "poor") != 0.0 {
		t.Errorf("%v", got)
	}
}

func TestWhatHoldersCannotSay(t *testing.T) {
	w := newWorld(t)
	secret := w.issue("moving")["secret"]
	before := w.stateHash()
	for _, c := range []struct {
		name, verb, body string
		status           int
		code             string
	}{
		{"no face", "satisfaction", `{}`, 422, "missing_field"},
		{"another face", "satisfaction", `{"face":"thrilled"}`, 422, "bad_value"},
		{"a reason", "satisfaction", `{"face":"good","why":"x"}`, 400, "unknown_field"},
		{"back with a story", "back", `{"story":"x"}`, 400, "unknown_field"},
	} {
		if code, got := w.holder(secret, c.verb, c.body); code != c.status || got["code"] != c.code {
			t.Errorf("%s: %d, %v", c.name, code, got)
		}
	}
	for _, verb := range []string{"back", "satisfaction"} {
		if code, got := w.holder("none", verb, map[string]string{"satisfaction": `{"face":"good"}`}[verb]); code != 404 || got["code"] != "unknown_secret" {
			t.Errorf("%s of nobody: %d, %v", verb, code, got)
		}
	}
	for query, field := range map[string]string{"?from=2025-12-01": "to", "?to=soon": "to", "?from=2026-04-02&to=2026-04-01": "to"} {
		if got := object(t, w.send(read("/api/v1/offices/o/satisfaction"+query, "manager"))); got["code"] != "bad_value" || got["field"] != field {
			t.Errorf("%s: %v", query, got)
		}
	}
	if w.stateHash() != before {
		t.Error("something changed")
	}
}
