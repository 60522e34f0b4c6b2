package api_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"machi/internal/api"
	"machi/internal/audit"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
)

// trail is the audit trail over the offices' logs of a world.
type trail struct {
	book *audit.Book
	days *memlog.Store
}

// Search looks for entries.
func (t trail) Search(ctx context.Context, q audit.Query) (audit.Answer, error) {
	return t.book.Search(ctx, t.days, q)
}

// Note writes an entry.
func (t trail) Note(ctx context.Context, e api.AuditEntry) error {
	return t.book.Note(ctx, audit.Entry{At: e.At, Who: e.Who, Role: string(e.Role), Action: e.Action, Office: e.Office, Target: e.Target, Result: e.Result, Detail: e.Detail})
}

func found(t *testing.T, w *world, token, query string) []map[string]any {
	t.Helper()
	got := w.send(request{method: "GET", path: "/api/v1/audit?" + query, token: token})
	if got.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", query, got.Code, got.Body)
	}
	var list []map[string]any
	for _, e := range object(t, got)["entries"].([]any) {
		list = append(list, e.(map[string]any))
	}
	return list
}

func TestOneSearchAnswersWhoDidWhat(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	for _, verb := range []string{"open", "call-next", "undo"} {
		if got := w.send(request{method: "POST", path: "/api/v1/offices/o/counters/1/" + verb, token: "staff", key: "k-" + verb}); got.Code >= 300 {
			t.Fatalf("%s: %d %s", verb, got.Code, got.Body)
		}
	}
	w.send(request{method: "POST", path: "/api/v1/offices/o/counters/1/open", token: "manager", key: "k-over", body: `{"staff":"tanaka","take_over":true}`})
	w.send(request{method: "POST", path: "/api/v1/offices/o/kiosks/K1/revoke", token: "manager", body: "{}"})
	for query, want := range map[string]string{
		"who=sato":                      "undo ticket_called counter_opened ticket_issued",
		"action=undo":                   "undo",
		"action=take_over":              "take_over",
		"who=tanaka":                    "kiosk.revoke take_over",
		"source=audit":                  "kiosk.revoke",
		"q=A001&action=ticket":          "ticket_called ticket_issued",
		"office=o&action=take_over":     "take_over",
		"from=2020-01-01&to=2020-01-02": "",
	} {
		var acts []string
		for _, e := range found(t, w, "admin", query) {
			acts = append(acts, e["action"].(string))
		}
		if got := strings.Join(acts, " "); got != want {
			t.Errorf("%s: found %q, want %q", query, got, want)
		}
	}
	if all, people := len(found(t, w, "admin", "everybody=true")), len(found(t, w, "admin", "")); all <= people {
		t.Errorf("%d acts of everybody, %d of people", all, people)
	}
}

func TestManagersFindWhatHappenedAtTheirOffice(t *testing.T) {
	w := newWorld(t)
	tr := w.trail
	for _, office := range []queue.OfficeID{"o", "p", ""} {
		if err := tr.Note(t.Context(), api.AuditEntry{Who: "x", Action: "login", Office: office}); err != nil {
			t.Fatal(err)
		}
	}
	if got := found(t, w, "manager", "source=audit"); len(got) != 1 || got[0]["office"] != "o" {
		t.Errorf("the manager of o finds %v", got)
	}
	if got := found(t, w, "admin", "source=audit"); len(got) != 3 {
		t.Errorf("the admin finds %v", got)
	}
	for path, status := range map[string]int{
		"/api/v1/audit?office=p": 403, "/api/v1/audit.csv?office=p": 403, "/api/v1/audit?from=x": 422, "/api/v1/audit?to=31-12-2026": 422, "/api/v1/audit?before=x": 422,
		"/api/v1/audit?limit=0": 422, "/api/v1/audit?limit=501": 422, "/api/v1/audit?source=x": 422, "/api/v1/audit?from=2026-01-01&to=2026-12-31": 422,
		"/api/v1/audit?from=2026-02-01&to=2026-01-01": 422, "/api/v1/audit?q=" + strings.Repeat("x", 201): 422,
	} {
		if got := w.send(request{method: "GET", path: path, token: "manager"}); got.Code != status {
			t.Errorf("%s: %d, want %d", path, got.Code, status)
		}
	}
}

// TestAnExportHoldsNoFormula feeds a table with what spreadsheet programs would run.
func TestAnExportHoldsNoFormula(t *testing.T) {
	w := newWorld(t)
	tr := w.trail
	payloads := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "＋1", "－1", "＠1", "=HYPERLINK(\"http://x\")", "a\"b,c\r\nd"}
	for _, p := range payloads {
		if err := tr.Note(t.Context(), api.AuditEntry{Who: p, Role: api.Role(p), Action: p, Office: queue.OfficeID(p), Target: p, Result: p, Detail: p}); err != nil {
			t.Fatal(err)
		}
	}
	got := w.send(request{method: "GET", path: "/api/v1/audit.csv", token: "admin"})
	text, bom := strings.CutPrefix(got.Body.String(), "\ufeff")
	if !bom || got.Header().Get("Content-Type") != "text/csv; charset=utf-8" || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", got.Code, got.Header())
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < len(payloads)+2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r\n\x00＝＋－＠") == 0 {
				t.Errorf("a cell begins like a formula: %q", cell)
			}
		}
	}
	if last := rows[len(rows)-1]; last[4] != "daily_head" || len(last[10]) != 64 {
		t.Errorf("the last row is no head: %v", last)
	}
	if acts := found(t, w, "admin", "action=export"); len(acts) != 1 || acts[0]["who"] != "root" {
		t.Errorf("the export itself: %v", acts)
	}
}
