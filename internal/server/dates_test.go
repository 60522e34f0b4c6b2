package server_test

import (
	"net/http"
	"testing"

	"machi/internal/server"
)

// TestNoDateIsTooFarToBeAnswered asks about the ends of the calendar: nothing hangs, and
// nothing is the server's fault.
func TestNoDateIsTooFarToBeAnswered(t *testing.T) {
	s := start(t, server.Options{})
	token := s.grant("manager")
	for _, path := range []string{
		setagaya + "/forecast?from=9999-10-03&to=9999-12-31", setagaya + "/forecast?from=9999-12-31", setagaya + "/forecast?from=0001-01-01", setagaya + "/forecast?from=0000-12-25&to=0000-12-31",
		setagaya + "/staffing?date=9999-12-31", setagaya + "/replay?date=0001-01-01", setagaya + "/figures.parquet?from=9999-10-03&to=9999-12-31", setagaya + "/plan?from=2100",
		setagaya + "/reports/day/2200-12-31", setagaya + "/reports/year/2200", setagaya + "/reports/year/1990", setagaya + "/reports/month/9999-12", "/api/v1/reports?year=2100",
		"/api/v1/measures?from=9999-10-03&to=9999-12-31&by=date", "/api/v1/measures?from=0001-01-01&to=9999-12-31",
		"/api/v1/alerts?date=9999-12-31", "/api/v1/alerts?date=0001-01-01", "/api/v1/open-data/days.json?from=9999-10-03&to=9999-12-31", "/api/v1/open-data/days.json?to=0001-01-01",
		"/api/v1/open-data/months.json?from=1990-01&to=2200-12", "/api/v1/open-data/months.json?to=1990-01", "/api/v1/open-data/plan.json?year=2100",
		"/api/v1/open-data/history.json?from=9999-12-01&to=9999-12-31",
	} {
		if status, out := s.send("GET", path, token, "", ""); status >= http.StatusInternalServerError || status == 0 {
			t.Errorf("%s: %d %v", path, status, out)
		}
	}
	for path, body := range map[string]string{
		setagaya + "/almanac/days/9999-12-31": `{"level":"busy","reason":"x"}`, setagaya + "/almanac/days/%2e%2e": `{"level":"busy","reason":"x"}`,
		setagaya + "/almanac/events/e": `{"name":"x","from":"9999-12-31"}`,
	} {
		if status, out := s.send("PUT", path, token, "far", body); status < 400 || status >= 500 || out["code"] == nil || out["field"] == nil {
			t.Errorf("%s: %d %v", path, status, out)
		}
	}
	if status, out := s.send("POST", setagaya+"/what-if", token, "", `{"date":"9999-12-31"}`); status < 400 || status >= 500 || out["field"] != "date" {
		t.Errorf("what if: %d %v", status, out)
	}
}
