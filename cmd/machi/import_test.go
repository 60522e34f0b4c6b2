package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"machi/internal/queue"
)

// TestAnOldMachinesLogIsImportedOnce reads a log in Shift_JIS, refuses one with a
// bad row as a whole, and finds that the same import again changes nothing.
func TestAnOldMachinesLogIsImportedOnce(t *testing.T) {
	dir, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	day := time.Now().AddDate(0, 0, -7).In(queue.JST).Format("2006/01/02")
	log := "受付日,番号,業務,発券,呼出,終了\n"
	for _, row := range []string{"A001,引越し,08:31,08:40,08:52", "A002,引越し,08:33,08:53,09:04", "B001,証明書,08:35,08:36,08:39"} {
		log += day + "," + row + "\n"
	}
	shiftJIS := func(text string) string {
		text, err := japanese.ShiftJIS.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	mapping := file("map.yaml", `
layout: tickets
encoding: shift_jis
time: [YYYY/MM/DD HH:mm]
columns: {date: 受付日, ticket: 番号, service: 業務, issued: 発券, called: 呼出, finished: 終了}
services: {引越し: moving, 証明書: certificate}
`)
	run := func(log string, more ...string) (string, error) {
		return machi(t, append([]string{"import", "--mapping", mapping, "--office", "km-setagaya", "--data", data, file("log.csv", shiftJIS(log))}, more...)...)
	}
	if out, err := run(log + day + ",A003,引越し,08:40,25:61,\n"); err == nil || out != "" || !strings.Contains(err.Error(), `line 5: 呼出 "25:61"`) {
		t.Errorf("a bad row: %q, %v", out, err)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("something was stored: %v", err)
	}
	for range 2 {
		out, err := run(log)
		if err != nil || !strings.Contains(out, "1 days, ") || !strings.Contains(out, "moving: 2 tickets, 2 called after 14.5 min") || !strings.Contains(out, "1 days are imported") {
			t.Fatalf("imported: %q, %v", out, err)
		}
	}
	if out, err := machi(t, "verify", "--data", data); err != nil || !strings.Contains(out, "records 1 ") {
		t.Errorf("verified: %q, %v", out, err)
	}
	if _, err := run(strings.ReplaceAll(log, "証明書,", "年金,"), "--leave-out", "1", "--dry-run"); err != nil {
		t.Errorf("a row is left out: %v", err)
	}
	if _, err := machi(t, "import", "--office", "km-nowhere", "--data", data, file("own.csv", "time,event,ticket,service,priority,counter,visit\n2024-02-01T09:00:00,issue,1,moving,0,,\n")); err == nil || !strings.Contains(err.Error(), "no office km-nowhere") {
		t.Errorf("an office that is not: %v", err)
	}
}
