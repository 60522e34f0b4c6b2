package server_test

import (
	"net/http"
	"testing"

	"machi/internal/server"
)

// TestAClosedDayIsShownAgain: to managers of the office, as its table has it.
func TestAClosedDayIsShownAgain(t *testing.T) {
	clock := &standing{}
	s := start(t, server.Options{Speed: 100, Now: clock.now})
	if _, err := s.Archive().Put(t.Context(), yesterday(25)); err != nil {
		t.Fatal(err)
	}
	manager := s.grant("manager")
	status, out := s.send("GET", setagaya+"/replay", manager, "", "")
	lines, _ := out["lines"].([]any)
	calls, _ := out["calls"].([]any)
	if status != http.StatusOK || out["date"] != "2026-03-31" || out["visits"] != 25.0 || len(lines) == 0 || len(calls) == 0 {
		t.Errorf("yesterday: %d, %v visits in %d lines with %d calls", status, out["visits"], len(lines), len(calls))
	}
	for query, want := range map[string]string{"?date=2026-03-30": "no_such_day", "?date=2026-04-01": "bad_value", "?date=soon": "bad_value"} {
		if status, out := s.send("GET", setagaya+"/replay"+query, manager, "", ""); status < 400 || out["code"] != want || out["field"] != "date" {
			t.Errorf("%s: %d %v, want %s", query, status, out, want)
		}
	}
	if status, out := s.send("GET", setagaya+"/replay", s.grant("staff"), "", ""); status != http.StatusForbidden {
		t.Errorf("a clerk: %d %v", status, out)
	}
}
