package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/server"
)

// yesterday is a closed day of the main office: n people were told 20 to 30 minutes,
// and every fifth was called late.
func yesterday(n int) history.Day {
	d := history.Day{Office: "km-setagaya", Date: "2026-03-31", Source: history.FromImport}
	for i := range n {
		issued := morning.AddDate(0, 0, -1).Add(time.Duration(i) * time.Minute)
		waited := 24 * time.Minute
		if i%5 == 0 {
			waited = 34 * time.Minute
		}
		called := issued.Add(waited)
		d.Visits = append(d.Visits, history.Visit{
			Number: queue.Number(fmt.Sprintf("A%03d", i+1)), Service: "moving", Channel: queue.ChannelKiosk, Issued: issued,
			Told: &history.Told{Ahead: 3, Low: 20 * time.Minute, P50: 25 * time.Minute, High: 30 * time.Minute},
			Legs: []history.Leg{{
				Service: "moving", Stage: queue.StageReception, Joined: issued, Called: called, Started: called,
				Finished: called.Add(5 * time.Minute), Counter: "3", Outcome: history.Served,
			}},
			Outcome: history.Served, Ended: called.Add(5 * time.Minute),
		})
	}
	return d
}

func (r *running) page(path string) string {
	r.t.Helper()
	answer, err := http.Get(r.Addr() + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(raw)
}

// TestAClosedDayBecomesARecord puts a day beside a running server and reads from it
// what people are told of its estimates.
func TestAClosedDayBecomesARecord(t *testing.T) {
	s := start(t, server.Options{Speed: 100, Now: (&standing{}).now})
	manager := s.grant("manager")
	if status, out := s.send("GET", setagaya+"/record", manager, "", ""); status != http.StatusOK || out["day_count"] != 0.0 {
		t.Fatalf("an empty record: %d %v", status, out)
	}
	if text := s.page("/record/km-setagaya?lang=en"); !strings.Contains(text, "There is no record yet.") {
		t.Error("the page does not say that there is no record")
	}
	if _, err := s.Archive().Put(t.Context(), yesterday(25)); err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	eventually(t, "the record of yesterday", func() bool {
		_, out = s.send("GET", setagaya+"/record", manager, "", "")
		return out["day_count"] == 1.0
	})
	total, _ := out["total"].(map[string]any)
	for field, want := range map[string]any{"people": 25.0, "kept": 20.0, "late": 5.0, "kept_share": 0.8, "late_share": 0.2, "late_by_half_seconds": 240.0, "mean_error_seconds": 156.0} {
		if total[field] != want {
			t.Errorf("%s is %v, want %v", field, total[field], want)
		}
	}
	for path, want := range map[string]string{
		"/record/km-setagaya?lang=en":   "Of the last 25 people we told a waiting time, 80% were called within it.",
		"/offices/km-setagaya?lang=en":  "80% were called within it.",
		"/api/v1/open-data/record.csv":  "km-setagaya,",
		"/api/v1/open-data/record.json": `"people":25`,
		"/record?lang=ja":               "訓練中",
	} {
		text := s.page(path)
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q", path, want)
		}
		if strings.Contains(text, "A001") {
			t.Errorf("%s names somebody's number", path)
		}
	}
}
