package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"machi/internal/eventlog/memlog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/rulebook"
)

// worldRules are the managers' rules over a real ward.
type worldRules struct {
	*rulebook.Book
	ward *office.Ward
}

// Apply brings the running day in step.
func (r worldRules) Apply(ctx context.Context, id queue.OfficeID) error {
	return r.ward.ApplyRule(ctx, id)
}

// Days lists the days of the store.
func (r worldRules) Days(ctx context.Context, id queue.OfficeID, until queue.Date) ([]queue.Date, error) {
	return r.ward.Days(ctx, id, until)
}

// newBook returns a book without entries over the rules of the world's settings.
func newBook(t testing.TB, store *memlog.Store, now func() time.Time) *rulebook.Book {
	t.Helper()
	log, err := store.Open(rulebook.Stream)
	if err != nil {
		t.Fatal(err)
	}
	base := func(id queue.OfficeID) (queue.Rule, error) {
		s, err := settings(id, "2026-04-01")
		return s.Rule, err
	}
	book, err := rulebook.Open(t.Context(), log, base, now)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// put sends a change of the rule of office o and returns the answer's status and body.
func (w *world) put(token, key string, body any) (int, map[string]any) {
	w.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	got := w.send(request{method: "PUT", path: "/api/v1/offices/o/rule", token: token, body: string(raw), header: map[string]string{"Idempotency-Key": key}})
	return got.Code, object(w.t, got)
}

func TestARuleIsSetAndInForceAtOnce(t *testing.T) {
	w := newWorld(t)
	before := w.get("manager", "/api/v1/offices/o/rule")
	if before["version"] != "0" || before["source"] != "catalogue" || before["applied"] != true || before["changed"] != nil {
		t.Errorf("at the beginning %v", before)
	}
	rule := before["rule"].(map[string]any)
	rule["ratio"], rule["max_wait_seconds"], rule["choose"] = 3, 1800, "nobody"
	status, after := w.put("manager", "k1", map[string]any{"rule": rule, "version": "0", "reason": "昼に混むため"})
	if status != http.StatusOK || after["version"] != "1" || after["applied"] != true || dig(after, "changed", "by") != "tanaka" || dig(after, "in_force", "ratio") != 3.0 {
		t.Fatalf("status %d: %v", status, after)
	}
	view, err := w.ward.View("o")
	if err != nil {
		t.Fatal(err)
	}
	now := view.State.Settings().Rule
	if now.Ratio != 3 || now.MaxWait != 30*time.Minute || now.Choose != queue.ChooseNobody || !now.CheckIn || now.MaxWaiting != queue.DefaultRule().MaxWaiting {
		t.Errorf("the day runs by %+v", now)
	}
	if status, again := w.put("manager", "k1", map[string]any{"rule": rule, "version": "0", "reason": "昼に混むため"}); status != http.StatusOK || again["version"] != "1" {
		t.Errorf("the same request again: %d %v", status, again)
	}
	rule["ratio"] = 4
	if status, late := w.put("admin", "k2", map[string]any{"rule": rule, "version": "0"}); status != http.StatusConflict || late["code"] != "rule_changed" || late["have"] != "1" {
		t.Errorf("on an old version: %d %v", status, late)
	}
	back := dig(after, "changed", "before")
	if status, undone := w.put("manager", "k3", map[string]any{"rule": back, "version": "1", "reason": "元に戻す"}); status != http.StatusOK || dig(undone, "in_force", "ratio") != 2.0 {
		t.Errorf("taken back: %d %v", status, undone)
	}
	if history := w.get("manager", "/api/v1/offices/o/rule/history")["entries"].([]any); len(history) != 2 || dig(history[1], "reason") != "昼に混むため" {
		t.Errorf("history %v", history)
	}
}

func TestBadRulesChangeNothing(t *testing.T) {
	w := newWorld(t)
	good := rulebook.Of(queue.DefaultRule())
	wild, endless := good, good
	wild.Ratio = 50
	endless.MaxWait, endless.MaxOvertaken = 0, 0
	for _, row := range []struct {
		body        any
		code, field string
	}{
		{map[string]any{"rule": wild, "version": "0"}, "bad_value", "ratio"},
		{map[string]any{"rule": endless, "version": "0"}, "bad_value", "max_overtaken"},
		{map[string]any{"rule": good}, "missing_field", "version"},
		{map[string]any{"version": "0"}, "missing_field", "rule"},
		{map[string]any{"rule": map[string]any{"speed": 1}, "version": "0"}, "unknown_field", "speed"},
	} {
		if status, got := w.put("manager", "k", row.body); status < 400 || got["code"] != row.code || got["field"] != row.field {
			t.Errorf("%v: %d %v", row.body, status, got)
		}
	}
	if w.get("manager", "/api/v1/offices/o/rule")["version"] != "0" {
		t.Error("a refused rule was kept")
	}
}

func TestARuleThatCannotBeWrittenIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	rule := rulebook.Of(queue.DefaultRule())
	rule.Ratio = 5
	w.store.SetFaults(func(_ memlog.Op, stream string) memlog.Fault {
		if stream == rulebook.Stream {
			return memlog.Fail
		}
		return memlog.None
	})
	if status, got := w.put("manager", "k", map[string]any{"rule": rule, "version": "0"}); status != http.StatusServiceUnavailable || got["code"] != "store_unreachable" {
		t.Errorf("%d %v", status, got)
	}
}

func TestADayIsPlayedAgain(t *testing.T) {
	w := newWorld(t)
	rule, err := json.Marshal(rulebook.Of(queue.DefaultRule()))
	if err != nil {
		t.Fatal(err)
	}
	replay := func(status int, date string) map[string]any {
		t.Helper()
		return w.post(status, "manager", "o/rule/replay", fmt.Sprintf(`{%s"rule":%s}`, date, rule))
	}
	if got := replay(http.StatusUnprocessableEntity, ""); got["code"] != "nobody_called" {
		t.Errorf("of an empty day: %v", got)
	}
	w.post(http.StatusOK, "staff", "o/counters/1/open", `{}`)
	for range 3 {
		w.issue("cert")
	}
	for range 3 {
		w.advance(2 * time.Minute)
		w.post(http.StatusOK, "staff", "o/counters/1/call-next", `{}`)
		w.advance(time.Minute)
		w.post(http.StatusOK, "staff", "o/tickets/"+w.counterTicket("1")+"/finish", `{}`)
	}
	w.advance(time.Second)
	got := replay(http.StatusOK, "")
	if got["running"] != true || got["calls"] != 3.0 || got["reproduced"] != 3.0 || dig(got, "moved", "same") != 3.0 {
		t.Errorf("played again: %v", got)
	}
	if got := replay(http.StatusUnprocessableEntity, `"date":"tomorrow",`); got["code"] != "out_of_range" {
		t.Errorf("of no date: %v", got)
	}
}

// counterTicket returns the number at a counter of office o.
func (w *world) counterTicket(id queue.CounterID) string {
	w.t.Helper()
	view, err := w.ward.View("o")
	if err != nil {
		w.t.Fatal(err)
	}
	c, _ := view.State.Counter(id)
	ticket, ok := view.State.Ticket(c.Ticket)
	if !ok {
		w.t.Fatalf("counter %s has no ticket", id)
	}
	return string(ticket.Number)
}
