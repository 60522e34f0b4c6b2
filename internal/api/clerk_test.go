package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// field collects one field of a list of objects.
func field(list any, name string) []any {
	out := []any{}
	rows, _ := list.([]any)
	for _, row := range rows {
		out = append(out, dig(row, name))
	}
	return out
}

// deliver brings n tickets of moving to the delivery line.
func (w *world) deliver(n int) {
	w.t.Helper()
	w.post(200, "staff", "o/counters/1/open", "")
	for range n {
		number := w.issue("moving")["number"].(string)
		w.post(200, "staff", "o/tickets/"+number+"/call", `{"counter":"1"}`)
		w.post(200, "staff", "o/tickets/"+number+"/finish", `{"counter":"1","processing":true}`)
		w.post(200, "reception", "o/tickets/"+number+"/ready", "")
	}
}

// TestADeliveryDeskCallsSeveralAtOnce goes from the back office to the last paper.
func TestADeliveryDeskCallsSeveralAtOnce(t *testing.T) {
	w := newWorld(t)
	w.deliver(3)
	w.advance(time.Minute)
	q := request{method: "POST", path: "/api/v1/offices/o/counters/1/announce", token: "staff", key: "a1", body: `{"numbers":["A001","a3"]}`}
	out := object(t, w.send(q))
	if diff := cmp.Diff([]any{"A001", "A003"}, field(out["tickets"], "number")); diff != "" {
		t.Fatalf("announced (-want +got):\n%s", diff)
	}
	if again := object(t, w.send(q)); again["repeated"] != true {
		t.Errorf("the repeated announcement: %v", again)
	}
	w.advance(90 * time.Second)
	w.issue("cert") // a new state: boards are not drawn anew for the clock alone
	d := w.get("reception", "/api/v1/offices/o/delivery")
	got := []any{field(d["ready"], "number"), field(d["announced"], "number"), field(d["announced"], "announced"), field(d["announced"], "age_seconds")}
	if diff := cmp.Diff([]any{[]any{"A002"}, []any{"A001", "A003"}, []any{"1", "1"}, []any{float64(90), float64(90)}}, got); diff != "" {
		t.Errorf("the delivery desk (-want +got):\n%s", diff)
	}
	services := w.get("", "/api/v1/offices/o")["services"].([]any)
	if diff := cmp.Diff([]any{"A001", "A003"}, field(dig(services[0], "announced"), "number")); diff != "" {
		t.Errorf("the wall (-want +got):\n%s", diff)
	}
	handed := w.post(200, "staff", "o/tickets/A003/hand-over", `{"counter":"1"}`)
	if dig(handed, "ticket", "state") != "done" || dig(handed, "undo", "command") == nil {
		t.Errorf("handed over: %v", handed)
	}
	w.post(200, "staff", "o/counters/1/undo", "")
	if d := w.get("staff", "/api/v1/offices/o/delivery"); dig(d, "counts", "announced") != float64(2) {
		t.Errorf("after the undo %v are announced", dig(d, "counts", "announced"))
	}
}

// TestAConsoleWithoutLinkTellsAfterwards sends what was pressed while the link was
// cut, with the moments of the presses.
func TestAConsoleWithoutLinkTellsAfterwards(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	w.issue("moving")
	w.post(200, "staff", "o/counters/1/open", "")
	w.post(200, "staff", "o/counters/1/call-next", "")
	called := w.now()
	w.advance(30 * time.Minute)
	at := func(minutes int) string { return called.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339) }
	started := w.post(200, "staff", "o/tickets/A001/start", `{"counter":"1","clicked_at":"`+at(2)+`"}`)
	if got := dig(started, "ticket", "started_at"); got != at(2) {
		t.Errorf("started at %v, want %s", got, at(2))
	}
	done := w.post(200, "staff", "o/tickets/A001/finish", `{"counter":"1","clicked_at":"`+at(12)+`","served":[{"service":"moving"},{"service":"cert","quantity":2}]}`)
	if got := dig(done, "ticket", "finished_at"); got != at(12) {
		t.Errorf("finished at %v, want %s", got, at(12))
	}
	served := w.post(200, "staff", "o/tickets/A002/serve", `{"counter":"1","started_at":"`+at(15)+`","clicked_at":"`+at(20)+`"}`)
	if dig(served, "ticket", "state") != "done" || dig(served, "ticket", "finished_at") != at(20) {
		t.Errorf("served by number: %v", served)
	}
	again := w.post(200, "staff", "o/tickets/A002/serve", `{"counter":"2","clicked_at":"`+at(21)+`"}`)
	if diff := cmp.Diff([]any{"served_twice"}, dig(again, "ticket", "flags")); diff != "" {
		t.Errorf("served twice (-want +got):\n%s", diff)
	}
}

func TestTheConsoleTellsWhatWasDoneAndWhatMayBe(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	w.issue("moving")
	w.post(200, "staff", "o/counters/1/open", "")
	skipped := w.post(200, "staff", "o/counters/1/skip", `{"number":"A001"}`)
	if dig(skipped, "ticket", "not_before") == nil {
		t.Errorf("skipped: %v", skipped)
	}
	if called := w.post(200, "staff", "o/counters/1/call-next", ""); dig(called, "ticket", "number") != "A002" {
		t.Errorf("called %v, though A001 is skipped", dig(called, "ticket", "number"))
	}
	c := w.get("staff", "/api/v1/offices/o/console?counter=1")
	if diff := cmp.Diff([]any{"ticket_called", "ticket_deferred", "counter_opened"}, field(c["history"], "what")[:3]); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if dig(c, "rule", "skip_seconds") != float64(300) || c["may_choose"] != true || dig(c, "current", "no_show_ok") != true || dig(c, "current", "recall_after") == nil {
		t.Errorf("rule %v, current %v", c["rule"], c["current"])
	}
	command := dig(c["history"].([]any)[1], "command").(string)
	w.post(200, "staff", "o/counters/1/undo", `{"command":"`+command+`"}`)
	c = w.get("staff", "/api/v1/offices/o/console?counter=1")
	if diff := cmp.Diff([]any{nil, true}, field(c["history"], "undone")[:2]); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
	w.post(200, "staff", "o/counters/1/ask-help", `{"text":"手話"}`)
	w.post(200, "staff", "o/counters/2/open", "")
	there := w.get("staff", "/api/v1/offices/o/console?counter=2")
	if diff := cmp.Diff([]any{"手話", nil}, field(there["colleagues"], "help")); diff != "" {
		t.Errorf("the colleague sees (-want +got):\n%s", diff)
	}
	w.post(200, "staff", "o/counters/1/answer-help", "")
	if c = w.get("staff", "/api/v1/offices/o/console?counter=1"); dig(c, "counter", "help_by") != "sato" {
		t.Errorf("the asking counter sees %v", c["counter"])
	}
}

func TestReceptionFindsMovesAndMerges(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	w.issue("cert")
	w.issue("moving")
	r := w.get("reception", "/api/v1/offices/o/reception?q=2")
	if diff := cmp.Diff([]any{"A002"}, field(r["tickets"], "number")); diff != "" {
		t.Errorf("found by half a number (-want +got):\n%s", diff)
	}
	merged := w.post(200, "reception", "o/tickets/B001/merge", `{"into":"A002"}`)
	if dig(merged, "ticket", "number") != "A002" {
		t.Errorf("what stays is %v", merged)
	}
	if diff := cmp.Diff([]any{"cert"}, dig(merged, "ticket", "further")); diff != "" {
		t.Errorf("its further services (-want +got):\n%s", diff)
	}
	w.post(200, "reception", "o/tickets/A002/change-service", `{"service":"cert"}`)
	if r = w.get("reception", "/api/v1/offices/o/reception"); r["found"] != float64(2) {
		t.Errorf("%v tickets are open, want 2", r["found"])
	}
}

// TestASlipIsPrintedAgain finds the secret of a ticket that this server issued, and
// of no other.
func TestASlipIsPrintedAgain(t *testing.T) {
	w := newWorld(t)
	issued := w.issue("moving")
	slip := w.get("reception", "/api/v1/offices/o/tickets/A001/slip")
	if slip["secret"] != issued["secret"] || slip["status_url"] != issued["status_url"] || slip["ahead"] != float64(0) {
		t.Errorf("slip %v of %v", slip, issued)
	}
	if got := w.get("", "/api/v1/tickets/"+slip["secret"].(string)); got["number"] != "A001" {
		t.Errorf("its secret opens %v", got["number"])
	}
	w.post(201, "kiosk", "o/tickets", `{"service":"moving","channel":"kiosk","secret_hash":"`+strings.Repeat("a", 64)+`"}`)
	if slip = w.get("staff", "/api/v1/offices/o/tickets/A002/slip"); slip["secret"] != nil || slip["number"] != "A002" {
		t.Errorf("a machine's own ticket: %v", slip)
	}
}

// TestAnUnchangedConsoleCostsOneTag polls as a page without a live link does.
func TestAnUnchangedConsoleCostsOneTag(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	for _, path := range []string{"console?counter=1", "reception", "delivery"} {
		q := request{method: "GET", path: "/api/v1/offices/o/" + path, token: "staff"}
		first := w.send(q)
		q.header = map[string]string{"If-None-Match": first.Header().Get("ETag")}
		if again := w.send(q); first.Header().Get("ETag") == "" || again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: the same again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
	}
}

// TestADayThatIsNotReadYetHasNoCountersToMiss: a server that has just started does not
// say that a counter is gone.
func TestADayThatIsNotReadYetHasNoCountersToMiss(t *testing.T) {
	w := newWorld(t)
	w.stop() // nobody reads the next day
	w.advance(24 * time.Hour)
	got := w.send(request{path: "/api/v1/offices/o/console?counter=1", token: "staff"})
	if got.Code != http.StatusServiceUnavailable || object(t, got)["code"] != "store_unreachable" || got.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}
