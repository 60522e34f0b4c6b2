package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"machi/internal/server"
)

// TestClosedDaysAreMeasured puts a day beside a running server, asks for its figures,
// corrects it, and asks again.
func TestClosedDaysAreMeasured(t *testing.T) {
	s := start(t, server.Options{Speed: 100, Now: (&standing{}).now})
	manager := s.grant("manager")
	ask := func(query string) map[string]any {
		t.Helper()
		status, out := s.send("GET", "/api/v1/measures?"+query, manager, "", "")
		if status != http.StatusOK {
			t.Fatalf("%s: %d %v", query, status, out)
		}
		return out
	}
	arrivals := func() any { return ask("from=2026-03-31&to=2026-03-31")["total"].(map[string]any)["arrivals"] }
	for _, visits := range []int{25, 30} { // late records
		if _, err := s.Archive().Put(t.Context(), yesterday(visits)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the figures of yesterday", func() bool { return arrivals() == float64(visits) })
	}
	rows, _ := ask("from=2026-03-01&to=2026-03-31&by=service,half_hour&office=km-setagaya")["rows"].([]any)
	first, _ := rows[0].(map[string]any)
	for field, want := range map[string]any{"service": "moving", "from": "09:00", "arrivals": 30.0, "restored": nil, "told_late": 6.0} {
		if first[field] != want {
			t.Errorf("%s is %v, want %v", field, first[field], want)
		}
	}
	wait, _ := first["until_called"].(map[string]any)
	if p90, _ := wait["p90_seconds"].(float64); p90 < 2030 || p90 > 2040 || wait["max_seconds"] != 2040.0 || wait["mean_seconds"] != 1560.0 {
		t.Errorf("waits are %v", wait)
	}
	for query, field := range map[string]string{
		"from=2026-03-31&to=2026-03-01": "to", "from=31.3.": "from", "by=colour": "by", "by=hour,half_hour": "by", "office=nowhere": "office",
		"from=2020-01-01": "to", "by=date,date": "by",
	} {
		if status, out := s.send("GET", "/api/v1/measures?"+query, manager, "", ""); status < 400 || status > 499 || out["field"] != field {
			t.Errorf("%s: %d, field %v, want %s", query, status, out["field"], field)
		}
	}
	status, text := s.text("/api/v1/measures.csv?from=2026-03-01&to=2026-03-31&by=office", manager)
	if status != http.StatusOK || !strings.HasPrefix(text, "\ufeffoffice_id,") || !strings.Contains(text, "\r\nkm-setagaya,") {
		t.Errorf("%d %.200s", status, text)
	}
}

// text gets a text with a token.
func (r *running) text(path, token string) (status int, text string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.Addr()+path, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}
