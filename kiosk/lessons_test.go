package kiosk

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/replica"
)

// TestLessonsAreKeptAndUsedWhileCutOff asks a server for lessons, once in a while, and
// starts again with the newest when there is no server.
func TestLessonsAreKeptAndUsedWhileCutOff(t *testing.T) {
	m := place.New(place.Options{})
	for i := range 5 {
		at := time.Date(2026, 4, 1, 9, 10*i, 0, 0, time.UTC)
		id := fmt.Sprint(i)
		m.Observe(place.Event{At: at, Kind: place.Issue, Ticket: id, Class: "moving"})
		m.Observe(place.Event{At: at, Kind: place.Call, Ticket: id, Class: "moving", Counter: "1"})
		m.Observe(place.Event{At: at.Add(5 * time.Minute), Kind: place.Finish, Ticket: id, Class: "moving", Counter: "1"})
	}
	taught, err := json.Marshal(m.Lessons())
	if err != nil {
		t.Fatal(err)
	}
	asked, answered := 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("ETag", `"1"`)
		if r.URL.Path != "/api/v1/offices/o/lessons" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		answered++
		fmt.Fprintf(w, `{"office":"o","date":"2026-04-02","hash":"abc","lessons":%s}`, taught)
	}))
	defer server.Close()
	now := replica.Now{Timer: time.Hour}
	o := Options{Dir: t.TempDir(), Server: server.URL, Office: "o", Kiosk: "K1", Token: "t", Logger: slog.New(slog.DiscardHandler), Now: func() replica.Now { return now }}
	k := &Kiosk{o: o, watch: newWatch(o), lessons: openLessons(o.Dir)}
	if k.client, err = newClient(o, "store", func(string) {}); err != nil {
		t.Fatal(err)
	}
	if k.lessons.current() != nil {
		t.Error("lessons before anybody was asked")
	}
	for range 40 { // twenty minutes
		k.askLessons(t.Context(), "2026-04-02")
		now.Timer += 30 * time.Second
	}
	if asked != 4 || answered != 1 {
		t.Errorf("asked %d times and answered in full %d times, want 4 and 1", asked, answered)
	}
	want, err := json.Marshal(k.lessons.current())
	if err != nil || string(want) != string(taught) {
		t.Errorf("the lessons are %s, %v", want, err)
	}
	again := openLessons(o.Dir)
	if got, _ := json.Marshal(again.current()); string(got) != string(want) {
		t.Errorf("after a restart the lessons are %s", got)
	}
	if _, due := again.due("2026-04-03", now.Timer); !due {
		t.Error("a new day's lessons are not asked for")
	}
	if err := os.WriteFile(filepath.Join(o.Dir, "lessons.json"), []byte(`{"lessons":{"version":-1}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if broken := openLessons(o.Dir); broken.current() != nil || broken.known.ETag != "" {
		t.Error("what cannot be read is used")
	}
}

// TestAnOlderServerKnowsNoLessons: what is known stays, and nobody is alarmed.
func TestAnOlderServerKnowsNoLessons(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	said := &strings.Builder{}
	o := Options{
		Dir: t.TempDir(), Server: server.URL, Office: "o", Kiosk: "K1", Token: "t", Logger: slog.New(slog.NewTextHandler(said, nil)),
		Now: func() replica.Now { return replica.Now{Timer: time.Hour} },
	}
	k := &Kiosk{o: o, watch: newWatch(o), lessons: openLessons(o.Dir)}
	var err error
	if k.client, err = newClient(o, "store", func(string) {}); err != nil {
		t.Fatal(err)
	}
	taught := place.New(place.Options{}).Lessons()
	if err := k.lessons.keep(storedLessons{Date: "2026-04-01", Hash: "abc", Lessons: taught}); err != nil {
		t.Fatal(err)
	}
	k.askLessons(t.Context(), "2026-04-02")
	if k.lessons.current() != taught || said.Len() > 0 {
		t.Errorf("lessons %v; it said %q", k.lessons.current(), said)
	}
}
