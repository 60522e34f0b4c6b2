package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"machi/internal/catalog"
	"machi/internal/server"
	"machi/internal/yearly"
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
	s.nothingIsZeroThatNobodyCounted(ask)
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

// nothingIsZeroThatNobodyCounted asks about a day with records of its own by lines, of
// which no call is known again, and by hours, of which no offer is.
func (r *running) nothingIsZeroThatNobodyCounted(ask func(string) map[string]any) {
	r.t.Helper()
	offices, err := catalog.Default()
	if err != nil {
		r.t.Fatal(err)
	}
	settings, err := offices.Settings("km-kitazawa", "2026-03-30")
	if err != nil {
		r.t.Fatal(err)
	}
	table, err := yearly.Table(settings, yearly.Options{Seed: 1})
	if err == nil {
		_, err = r.Archive().Put(r.t.Context(), table)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	of := "office=km-kitazawa&from=2026-03-30&to=2026-03-30"
	eventually(r.t, "the figures of the day", func() bool { return ask(of)["total"].(map[string]any)["restored"] != nil })
	for by, unknown := range map[string][]string{"hour": {"offered", "diverted", "kiosk_offline_seconds"}, "stage": {"offered", "diverted", "kiosk_offline_seconds", "restored", "recalls", "transfers"}} {
		rows, _ := ask(of + "&by=" + by)["rows"].([]any)
		row, _ := rows[0].(map[string]any)
		for _, field := range unknown {
			if n, there := row[field]; !there || n != nil {
				r.t.Errorf("by %s: %s is %v, which nobody counts so", by, field, n)
			}
		}
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
