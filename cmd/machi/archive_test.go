package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/internal/catalog"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/server"
	"machi/internal/yearly"
)

// TestLogsGoIntoTheArchiveAndComeBack archives two old days, deletes from the store the
// one that has a table, verifies and exports it from the archive, and restores it.
func TestLogsGoIntoTheArchiveAndComeBack(t *testing.T) {
	data, dir := t.TempDir(), filepath.Join(t.TempDir(), "archive")
	counted, uncounted := oldDays(t, data)
	to := []string{"--data", data, "--to", dir}
	if out, err := machi(t, append([]string{"archive"}, to...)...); err != nil || !strings.Contains(out, "2 days archived, 0 were there already, 0 faults") {
		t.Fatalf("%v\n%s", err, out)
	}
	export := []string{"export", "--data", data, "--office", "mc-ikejiri", "--date", string(counted)}
	before, err := machi(t, export...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := machi(t, append([]string{"archive", "--purge", "--check"}, to...)...)
	if err == nil || !strings.Contains(out, "0 days archived, 2 were there already") || !strings.Contains(out, "1 days before ") ||
		!strings.Contains(out, "FAULT mc-ikejiri "+string(uncounted)+": it stays in the store: there is no table of it") {
		t.Fatalf("purge: %v\n%s", err, out)
	}
	if out, err := machi(t, export...); err == nil {
		t.Errorf("the store still has the day:\n%s", out)
	}
	if after, err := machi(t, append(export, "--archive", dir)...); err != nil || after != before {
		t.Errorf("exported from the archive: %v, %d bytes, were %d", err, len(after), len(before))
	}
	if out, err := machi(t, "verify", "--data", data, "--archive", dir); err != nil || !strings.Contains(out, "tables 1 compared 1 lessons 0 ok") || !strings.Contains(out, ".1.jsonl.gz days ") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	if out, err := machi(t, "restore", "--data", data, "--from", dir); err != nil || !strings.Contains(out, "1 days restored, 1 were there already, 0 faults") {
		t.Errorf("restore: %v\n%s", err, out)
	}
	if after, err := machi(t, export...); err != nil || after != before {
		t.Errorf("exported again: %v, %d bytes, were %d", err, len(after), len(before))
	}
	spoil(t, dir)
	if out, err := machi(t, "verify", "--data", data, "--archive", dir); err == nil || !strings.Contains(out, "FAULT") {
		t.Errorf("a spoilt archive is verified: %v\n%s", err, out)
	}
	if _, err := machi(t, append([]string{"archive", "--keep-days", "30"}, to...)...); err == nil {
		t.Error("days that may still change are deleted")
	}
}

// oldDays writes two days of about 100 days ago, one with its table.
func oldDays(t *testing.T, data string) (counted, uncounted queue.Date) {
	t.Helper()
	offices, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	o := server.StoreOptions{Data: data, Logger: slog.Default()}
	store, err := server.OpenStore(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for back := 100; counted == ""; back++ {
		date := queue.BusinessDay(time.Now().AddDate(0, 0, -back))
		s, err := offices.Settings("mc-ikejiri", date)
		if err != nil {
			t.Fatal(err)
		}
		records, err := yearly.Records(s, yearly.Options{}, nil)
		if errors.Is(err, yearly.ErrShut) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		log, err := store.Open(day.Stream(s.Office, date))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(t.Context(), eventlog.Head{}, records); err != nil {
			t.Fatal(err)
		}
		if uncounted == "" {
			uncounted = date
			continue
		}
		counted = date
		table, err := history.Build(s.Office, date, records)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.OpenArchive(store, o).Put(t.Context(), table); err != nil {
			t.Fatal(err)
		}
	}
	return counted, uncounted
}

// spoil changes a byte of each file of an archive.
func spoil(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)/2] ^= 1
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
