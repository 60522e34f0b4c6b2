package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/office"
	"machi/internal/queue"
)

// records returns how many records office o has.
func (w *world) records() int {
	w.t.Helper()
	return len(w.get("kiosk", "/api/v1/offices/o/records")["records"].([]any))
}

func TestAReportIsShownToStaffAndMeasured(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	w.post(200, "kiosk", "o/kiosks/K1/health", `{"version":"1.2","printer":"ok","paper":"near_end","link":"online","store":"ok","clock":"ok",
		"unsent":3,"offset_ms":-1500,"printed_today":41,"offers":[{"service":"cert","kind":"convenience_store","shown":9,"taken":2}]}`)
	if got := w.records(); got != before+1 {
		t.Errorf("%d records, want one more than %d for new words", got, before)
	}
	want := []any{
		map[string]any{
			"id": "K1", "state": "trouble", "troubles": []any{"paper_near_end"}, "since": "2026-04-01T09:00:00+09:00", "heard_at": "2026-04-01T09:00:00+09:00",
			"unsent": 3.0, "offset_ms": -1500.0, "printed_today": 41.0, "version": "1.2", "enrolled": false,
		},
		map[string]any{"id": "K2", "state": "unused", "troubles": []any{}, "unsent": 0.0, "offset_ms": 0.0, "printed_today": 0.0, "enrolled": false},
	}
	dashboard := w.get("manager", "/api/v1/offices/o/dashboard")
	if diff := cmp.Diff(want, dashboard["machines"]); diff != "" {
		t.Errorf("machines of the dashboard (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{map[string]any{"service": "cert", "kind": "convenience_store", "shown": 9.0, "taken": 2.0}}, dashboard["offers"]); diff != "" {
		t.Errorf("offers of the dashboard (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, w.get("staff", "/api/v1/offices/o/console?counter=1")["machines"]); diff != "" {
		t.Errorf("machines of the console (-want +got):\n%s", diff)
	}
	for metric, value := range map[string]float64{
		"machi_kiosk_online kiosk=K1 office=o":                                         1,
		"machi_kiosk_unsent kiosk=K1 office=o":                                         3,
		"machi_kiosk_clock_offset_seconds kiosk=K1 office=o":                           -1.5,
		"machi_kiosk_printed_today kiosk=K1 office=o":                                  41,
		"machi_kiosk_state kiosk=K1 office=o part=paper word=near_end":                 1,
		"machi_kiosk_offers_today kind=convenience_store kiosk=K1 office=o what=taken": 2,
	} {
		if got, ok := w.gauges()[metric]; !ok || got != value {
			t.Errorf("%s is %v (%v), want %v", metric, got, ok, value)
		}
	}
}

// gauges returns the machines' metrics by name and labels.
func (w *world) gauges() map[string]float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetName() + "=" + l.GetValue()
			}
			all[name] = m.GetGauge().GetValue()
		}
	}
	return all
}

func TestOnlyANewWordOfAMachineFillsTheLog(t *testing.T) {
	w := newWorld(t)
	report := func(paper string, unsent int) {
		t.Helper()
		w.post(200, "kiosk", "o/kiosks/K1/health", fmt.Sprintf(`{"printer":"ok","paper":%q,"unsent":%d}`, paper, unsent))
	}
	report("ok", 0)
	before := w.records()
	for n := range 20 {
		report("ok", n)
	}
	if got := w.records(); got != before {
		t.Errorf("20 reports of the same words made %d records", got-before)
	}
	report("out", 0)
	report("ok", 0)
	if got := w.records(); got != before+2 {
		t.Errorf("two changes made %d records", got-before)
	}
}

// TestAReportIsReadEvenIfNoDayTakesIt: what is not a word must not become a metric
// or a line on a page, either, before the day and after it.
func TestAReportIsReadEvenIfNoDayTakesIt(t *testing.T) {
	w := newWorld(t)
	if _, err := w.ward.Do(t.Context(), "o", office.Request{ID: "close", Actor: queue.Actor{Role: queue.RoleSystem, ID: "test"}, Command: queue.CloseDay{}}); err != nil {
		t.Fatal(err)
	}
	for field, body := range map[string]string{
		"printer": `{"printer":"<b>"}`, "paper": `{"paper":"soft"}`, "link": `{"link":"9"}`, "store": `{"store":"x"}`, "clock": `{"clock":"late"}`,
		"version": fmt.Sprintf(`{"version":%q}`, strings.Repeat("1", 3000)),
	} {
		got := w.send(kiosk("kiosks/K1/health", body))
		if got.Code != http.StatusUnprocessableEntity || object(t, got)["field"] != field {
			t.Errorf("%s: %d %s", field, got.Code, got.Body)
		}
	}
	for metric := range w.gauges() {
		if strings.HasPrefix(metric, "machi_kiosk_") {
			t.Errorf("a report that was refused is measured: %s", metric)
		}
	}
	w.post(200, "kiosk", "o/kiosks/K1/health", `{"printer":"ok"}`)
}

// TestAMachineThatFlapsDoesNotFillTheLog, and what it says last is shown all the same.
func TestAMachineThatFlapsDoesNotFillTheLog(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	for n := range 100 {
		w.post(200, "kiosk", "o/kiosks/K1/health", fmt.Sprintf(`{"printer":"ok","paper":%q,"unsent":%d}`, []string{"ok", "out"}[n%2], n))
	}
	if got := w.records() - before; got < 40 || got > 60 {
		t.Errorf("100 changes of mind made %d records, want the first 60 of an hour at most", got)
	}
	if got := w.gauges()["machi_kiosk_unsent kiosk=K1 office=o"]; got != 99 {
		t.Errorf("the newest report that is known says %v, want 99", got)
	}
	other := w.records()
	w.post(200, "kiosk-2", "o/kiosks/K2/health", `{"printer":"offline"}`)
	if got := w.records(); got != other+1 {
		t.Error("another machine's report was not written down")
	}
}

// fromHome takes a ticket on the web for office o.
func (w *world) fromHome() map[string]any {
	w.t.Helper()
	return w.post(http.StatusCreated, "web", "o/tickets", `{"service":"moving","channel":"web"}`)
}

func TestATicketFromHomeIsCalledOnceItsHolderHasCome(t *testing.T) {
	for _, row := range []struct{ name, token, field, key string }{
		{"by the six digits at the desk", "staff", "code", "check_in_code"},
		{"by the page's secret at a machine", "kiosk", "secret", "secret"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			home, here := w.fromHome(), w.issue("moving")
			if home["away"] != true || len(home["check_in_code"].(string)) != 6 || here["away"] != nil {
				t.Fatalf("from home %v, from the machine %v", home, here)
			}
			w.post(200, "staff", "o/counters/1/open", "")
			if called := w.post(200, "staff", "o/counters/1/call-next", ""); dig(called, "ticket", "number") != here["number"] {
				t.Errorf("called %v while its holder is away", called)
			}
			body := fmt.Sprintf(`{%q:%q}`, row.field, home[row.key])
			q := request{method: "POST", path: "/api/v1/offices/o/check-in", token: row.token, key: "come", body: body}
			for _, repeated := range []any{nil, true} { // an answer that was lost is asked for again
				got := object(t, w.send(q))
				if got["number"] != home["number"] || got["state"] != "waiting" || got["repeated"] != repeated {
					t.Errorf("checked in: %v", got)
				}
			}
			q.body = `{"code":"000000"}`
			if got := w.send(q); got.Code != 422 && got.Code != 404 {
				t.Errorf("the same key for another code: %d %s", got.Code, got.Body)
			}
			if got := w.send(request{method: "POST", path: q.path, token: row.token, body: body}); got.Code != 409 || object(t, got)["code"] != "already_here" {
				t.Errorf("again: %d %s", got.Code, got.Body)
			}
			status := w.get("", "/api/v1/tickets/"+home["secret"].(string))
			if status["away"] != nil || status["check_in_code"] != nil {
				t.Errorf("the holder is here and is told %v", status)
			}
			if called := w.post(200, "staff", "o/counters/2/open", ""); called == nil {
				t.Error("no counter")
			}
			if called := w.post(200, "staff", "o/counters/2/call-next", ""); dig(called, "ticket", "number") != home["number"] {
				t.Errorf("after the check-in %v is called", called)
			}
		})
	}
}

func TestATicketOfAnotherOfficeIsSentThere(t *testing.T) {
	w := newWorld(t)
	other := w.post(http.StatusCreated, "web", "p/tickets", `{"service":"moving","channel":"web"}`)
	got := w.send(kiosk("check-in", fmt.Sprintf(`{"secret":%q}`, other["secret"])))
	if answer := object(t, got); got.Code != 404 || answer["code"] != "unknown_code" || answer["have"] != "p" {
		t.Errorf("%d %s, want to hear of office p", got.Code, got.Body)
	}
}

func TestWhatStaffDoAtAMachineIsDoneAndAudited(t *testing.T) {
	w := newWorld(t)
	number := w.issue("moving")["number"]
	before := w.records()
	act := request{method: "POST", path: "/api/v1/offices/o/kiosks/K1/acts", token: "kiosk", key: "act-1", body: fmt.Sprintf(`{"action":"withdraw","number":%q}`, number)}
	for range 2 { // the answer was lost
		if got := object(t, w.send(act)); dig(got, "ticket", "state") != "withdrawn" {
			t.Errorf("withdrawn: %v", got)
		}
	}
	if got := w.records(); got != before+1 {
		t.Errorf("%d records for one act", got-before)
	}
	w.post(200, "kiosk", "o/kiosks/K1/acts", `{"action":"service_close","service":"cert","detail":"機器の故障"}`)
	if got := w.send(staffPost("tickets", `{"service":"cert","channel":"kiosk"}`)); got.Code != 409 {
		t.Errorf("a ticket of a service that was closed at the machine: %d", got.Code)
	}
	w.post(200, "kiosk", "o/kiosks/K1/acts", `{"action":"service_open","service":"cert"}`)
	w.issue("cert")
	w.post(200, "kiosk", "o/kiosks/K1/acts", `{"action":"sign_in"}`)
	view, err := w.ward.View("o")
	if err != nil {
		t.Fatal(err)
	}
	if outcome, ok := view.State.Outcome("act-1"); !ok || !slices.Contains(outcome.Events, queue.Event(queue.KioskActed{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: "s1-1"})) {
		t.Errorf("the audit of the withdrawal: %+v", outcome)
	}
}

func TestAMachineListsTodaysTicketsPageByPage(t *testing.T) {
	w := newWorld(t)
	w.bind("aa")
	m := &machine{t: t, kiosk: "K1", store: "aa"}
	w.post(200, "kiosk", "o/commands", pushBody("aa", m.body("press-1", issuedAlone("A1001", nil))))
	for range 44 {
		w.issue("cert")
	}
	var seen []string
	after := ""
	for range 4 {
		page := w.get("kiosk", "/api/v1/offices/o/kiosks/K1/tickets?after="+after)
		for _, row := range page["tickets"].([]any) {
			seen = append(seen, dig(row, "number").(string))
			if own := dig(row, "own"); own != (dig(row, "number") == "A1001") {
				t.Errorf("%v is the machine's own: %v", dig(row, "number"), own)
			}
		}
		if page["next"] == nil {
			break
		}
		after = page["next"].(string)
	}
	if len(seen) != 45 || seen[0] != "A1001" || seen[1] != "B044" || seen[44] != "B001" {
		t.Errorf("%d tickets, from %v", len(seen), seen[:min(3, len(seen))])
	}
	for typed, want := range map[string]int{"b04": 6, "b7": 1, "A": 1, "c": 0} { // b04 begins five numbers, and means B004
		if found := w.get("kiosk", "/api/v1/offices/o/kiosks/K1/tickets?q="+typed)["tickets"].([]any); len(found) != want {
			t.Errorf("%q finds %d tickets, want %d: %v", typed, len(found), want, found)
		}
	}
}

func TestTheHolderGetsTenMoreMinutesTwice(t *testing.T) {
	w := newWorld(t)
	secret := w.issue("moving")["secret"].(string)
	second := w.issue("moving")["number"]
	w.post(200, "staff", "o/counters/1/open", "")
	later := func(key string, status int) map[string]any {
		t.Helper()
		got := w.send(request{method: "POST", path: "/api/v1/tickets/" + secret + "/later", key: key})
		if got.Code != status {
			t.Fatalf("later: %d %s, want %d", got.Code, got.Body, status)
		}
		return object(t, got)
	}
	if got := later("first", 200); got["can_later"] != true || !strings.HasPrefix(got["not_before"].(string), "2026-04-01T09:10:00") {
		t.Errorf("once: %v", got)
	}
	if got := w.get("staff", "/api/v1/offices/o/counters/1/preview"); dig(got, "ticket", "number") != second {
		t.Errorf("who asked for time is next: %v", got)
	}
	later("first", 200) // sent again, it is still the first time
	w.advance(queue.LaterFor + time.Second)
	if got := w.get("staff", "/api/v1/offices/o/counters/1/preview"); dig(got, "ticket", "number") == second {
		t.Error("the time is over, and the ticket has lost its place")
	}
	if got := later("second", 200); got["can_later"] != false {
		t.Errorf("twice: %v", got)
	}
	if got := later("third", 409); got["code"] != "too_often" {
		t.Errorf("a third time: %v", got)
	}
}
