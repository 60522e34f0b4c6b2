package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/internal/calendar"
)

// countsFile writes a hundred weekdays with more people on Mondays, and returns the file.
func countsFile(t *testing.T, after string) string {
	t.Helper()
	text := strings.Builder{}
	text.WriteString("date,slot,service,count\n")
	for d := (calendar.Day{Year: 2003, Month: time.March, Day: 3}); d.String() <= "2003-07-18"; d = d.Add(1) {
		n := 40
		switch d.Weekday() {
		case time.Saturday, time.Sunday:
			continue
		case time.Monday:
			n = 60
		}
		if d.String() == "2003-05-26" {
			continue // a holiday
		}
		for hour := 9; hour < 12; hour++ {
			fmt.Fprintf(&text, "%s,%02d:00,calls,%d\n", d, hour, n+(d.Day+hour)%3)
		}
	}
	file := filepath.Join(t.TempDir(), "counts.csv")
	if err := os.WriteFile(file, []byte(text.String()+after), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestForecastOfAHistory(t *testing.T) {
	holidays := filepath.Join(t.TempDir(), "holidays.csv")
	if err := os.WriteFile(holidays, []byte("date\n2003-05-26\n2003-07-29\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := func(file string) []string {
		return []string{"forecast", "--history", file, "--as-of", "2003-07-18", "--horizon", "14", "--holidays", holidays}
	}
	out, err := machi(t, args(countsFile(t, ""))...)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if lines[0] != "date,slot,service,p10,p50,p90,level" || len(lines) != 1+9*3 || !strings.HasPrefix(lines[1], "2003-07-21,09:00,calls,") {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	if strings.Contains(out, "2003-07-29") {
		t.Error("a holiday is forecast as open")
	}
	var p10, p50, p90 float64
	var level int
	if _, err := fmt.Sscanf(lines[1], "2003-07-21,09:00,calls,%f,%f,%f,%d", &p10, &p50, &p90, &level); err != nil || p10 > p50 || p50 > p90 || p50 < 57 || p50 > 65 || level != 4 {
		t.Errorf("a Monday: %s, %v", lines[1], err)
	}
	later, err := machi(t, args(countsFile(t, "2003-07-21,09:00,calls,9000\n"))...)
	if err != nil || later != out {
		t.Errorf("what came later changes the forecast: %v", err)
	}
}

func TestForecastRefusesWhatItCannotRead(t *testing.T) {
	file := countsFile(t, "2003-07-18,9,calls,5\n")
	for want, args := range map[string][]string{
		"counts.csv: line":        {"forecast", "--history", file, "--as-of", "2003-07-18"},
		"--as-of \"18.7.\": want": {"forecast", "--history", file, "--as-of", "18.7."},
		"--horizon 0: want":       {"forecast", "--history", file, "--as-of", "2003-07-18", "--horizon", "0"},
	} {
		if out, err := machi(t, args...); err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
