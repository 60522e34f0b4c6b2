package server_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"machi/internal/server"
)

const lessonsOf = setagaya + "/lessons"

// TestAClosedDayTeachesTheNext: yesterday is closed by the server that comes next, what
// it taught is told to machines, and stays when the file of the store is lost.
func TestAClosedDayTeachesTheNext(t *testing.T) {
	data := t.TempDir()
	first := start(t, server.Options{Data: data})
	staff, manager := first.grant("staff"), first.grant("manager")
	first.post(setagaya+"/tickets", staff, "one", issueBody)
	if status, out := first.send("GET", lessonsOf, manager, "", ""); status != 200 || out["lessons"] != nil || out["hash"] != "" || out["date"] != "2026-04-01" {
		t.Errorf("before any day was closed: %d %v", status, out)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}

	next := server.Options{Data: data, Clock: morning.AddDate(0, 0, 3)} // no server ran on two days
	second := start(t, next)
	var taught map[string]any
	eventually(t, "there are lessons", func() bool {
		_, taught = second.send("GET", lessonsOf, manager, "", "")
		return taught["lessons"] != nil
	})
	if taught["through"] != "2026-04-01" || taught["date"] != "2026-04-04" || taught["hash"] == "" {
		t.Errorf("%v", taught)
	}
	d, ok, err := second.Archive().Day(context.Background(), "km-setagaya", "2026-04-01")
	if err != nil || !ok || len(d.Visits) != 1 || d.Visits[0].Service != "moving" {
		t.Errorf("the closed day: %+v, %v, %v", d, ok, err)
	}
	if status, _ := second.send("GET", lessonsOf+"?date=2026-04-02", manager, "", ""); status != 200 {
		t.Errorf("another date: %d", status)
	}
	if status, out := second.send("GET", lessonsOf+"?date=tomorrow", manager, "", ""); status != 422 || out["field"] != "date" {
		t.Errorf("no date: %d %v", status, out)
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}

	if err := os.Remove(filepath.Join(data, "machi.db")); err != nil {
		t.Fatal(err)
	}
	third := start(t, next)
	eventually(t, "the lessons are back", func() bool {
		_, out := third.send("GET", lessonsOf, manager, "", "")
		return out["hash"] == taught["hash"]
	})
}
