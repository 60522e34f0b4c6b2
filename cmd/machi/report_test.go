package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/eventlog/journal"
	machines "machi/internal/measure/counted"
	"machi/internal/queue"
	reports "machi/internal/report"
	"machi/internal/report/filed"
	"machi/internal/server"
)

// TestAReportIsMadeByHand makes the report of a closed day as each kind of file, with
// what machines counted and the day that lacks, and spoils no file by a wrong question.
func TestAReportIsMadeByHand(t *testing.T) {
	data := t.TempDir()
	date, missing := oldDays(t, data)
	noteCounts(t, data, machines.Count{
		Office: "mc-ikejiri", Date: date, Kiosk: "K1", Alone: 90, Offers: []machines.Offer{{Service: "certificate", Kind: "store", Shown: 9, Taken: 4}},
	})
	ask := func(more ...string) (string, error) {
		return machi(t, append([]string{"report", "--data", data, "--office", "mc-ikejiri", "--kind", "day", "--period", string(date)}, more...)...)
	}
	for format, begin := range map[string]string{"csv": "\ufeff", "xlsx": "PK", "parquet": "PAR1"} {
		if out, err := ask("--format", format); err != nil || !strings.HasPrefix(out, begin) || len(out) < 200 {
			t.Errorf("%s: %v, %d bytes", format, err, len(out))
		}
	}
	if out, err := ask("--format", "csv", "--table", "work", "--lang", "en"); err != nil || !strings.Contains(out, "Visits diverted,4,") || !strings.Contains(out, "Machines on their own,1.5,") {
		t.Errorf("what machines counted is not there: %v\n%s", err, out)
	}
	out := filepath.Join(t.TempDir(), "report.csv")
	if _, err := ask("--format", "csv", "--out", out); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][]string{{"--table", "nope"}, {"--office", "nowhere"}, {"--period", "2026-13-01"}} {
		if said, err := ask(append([]string{"--format", "csv", "--out", out}, wrong...)...); err == nil {
			t.Errorf("%v: %s", wrong, said)
		}
	}
	if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
		t.Errorf("a report that failed left %d bytes of %d, %v", len(after), len(before), err)
	}
	desk, shut, err := server.OpenReports(t.Context(), server.StoreOptions{Data: data, Logger: slog.Default()}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer shut()
	r, err := desk.Report(t.Context(), filed.ID{Office: "mc-ikejiri", Kind: reports.Day, Key: string(missing)})
	if err != nil || !slices.ContainsFunc(r.Lacks, func(l reports.Lack) bool { return l.Date == missing }) {
		t.Errorf("a day without a table is not named: %v, %+v", err, r.Lacks)
	}
}

func noteCounts(t *testing.T, data string, c machines.Count) {
	t.Helper()
	store, err := journal.OpenStore(filepath.Join(data, "auth"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := func() time.Time { return time.Now().In(queue.JST) }
	if err := machines.New(machines.Options{Store: store, Now: now}).Note(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}
