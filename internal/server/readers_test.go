package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"machi/internal/api"
	"machi/internal/server"
	"machi/internal/web/remote"
)

// readable fills an office into a path of the list of what programs read.
var readable = strings.NewReplacer("{office}", "km-setagaya", ":office", "km-setagaya")

// reader asks as a page of another site, or a program, does.
func reader(s *running, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Origin", "https://other.example")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got := httptest.NewRecorder()
	s.Handler().ServeHTTP(got, r)
	return got
}

// TestWhatProgramsRead asks one server for all that its page for programs lists.
func TestWhatProgramsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offices.yaml")
	text := "offices: [{id: km-setagaya, exceptions: [{date: \"2026-05-20\", hours: closed, reason: 設備点検}, {date: \"2026-05-23\", hours: \"09:00-12:00\", reason: 臨時開庁}]}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, server.Options{
		Catalog: file, PublicURL: "https://machi.example",
		Security: server.SecurityContact{Contacts: []string{"mailto:security@city.example"}, Policy: "https://city.example/security"},
	})
	t.Run("is listed, and open to every site", func(t *testing.T) { openToAll(t, s) })
	t.Run("calendar", func(t *testing.T) { closuresAsCalendar(t, s) })
	t.Run("feed", func(t *testing.T) { closuresAsFeed(t, s) })
	t.Run("texts", func(t *testing.T) {
		security := reader(s, "GET", "/.well-known/security.txt").Body.String()
		for _, line := range []string{"Contact: mailto:security@city.example\n", "Expires: 20", "Policy: https://city.example/security\n", "Canonical: https://machi.example/.well-known/security.txt\n"} {
			if !strings.Contains(security, line) {
				t.Errorf("security.txt has no %q:\n%s", line, security)
			}
		}
		if robots := reader(s, "GET", "/robots.txt").Body.String(); robots != "User-agent: *\nDisallow: /\n" {
			t.Errorf("robots.txt of a rehearsal: %q", robots)
		}
	})
}

// notShared are read by programs, but by no page of another site: pages frame or load
// them, they need a token, or they are asked for by the server's own name.
var notShared = []string{"/api/v1/webhooks", "/widget/{office}", "/widget.js", "/robots.txt", "/.well-known/security.txt", "/api/v1/live"}

// openToAll holds the page for programs, the routes and their headers against each
// other.
func openToAll(t *testing.T, s *running) {
	page := reader(s, "GET", "/developers?lang=en").Body.String()
	listed := map[string]bool{}
	for _, part := range remote.Readings {
		for _, r := range part.List {
			listed[readable.Replace(r.Path)] = true
			if !strings.Contains(page, r.Path) || strings.Contains(page, "dev."+r.Key) {
				t.Errorf("the page does not say what %s is", r.Path)
			}
			if slices.Contains(notShared, r.Path) {
				continue
			}
			path := readable.Replace(r.Path)
			got := reader(s, "HEAD", path)
			if got.Code != http.StatusOK || got.Header().Get("Access-Control-Allow-Origin") != "*" || got.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: status %d, open to %q", path, got.Code, got.Header().Get("Access-Control-Allow-Origin"))
			}
			if asked := reader(s, "OPTIONS", path, "Access-Control-Request-Method", "GET"); asked.Code != http.StatusNoContent || asked.Header().Get("Access-Control-Allow-Methods") != "GET, HEAD" {
				t.Errorf("%s: a page that asks first gets %d, %v", path, asked.Code, asked.Header())
			}
		}
	}
	fill := strings.NewReplacer(":office", "km-setagaya", ":counter", "1", ":number", "A001", ":secret", "x", ":kiosk", "K1", "*", "base.css")
	for _, r := range s.Handler().(*api.API).Echo().Routes() {
		path := fill.Replace(r.Path)
		if r.Method != http.MethodGet || r.Path == "/api/v1/live/sse" || strings.HasPrefix(r.Path, "/ui/") {
			continue
		}
		if open := reader(s, "HEAD", path).Header().Get("Access-Control-Allow-Origin") != ""; open && !listed[path] {
			t.Errorf("%s is open to every site, and the page for programs does not list it", r.Path)
		}
	}
}

// closuresAsCalendar reads the calendar as a program does.
func closuresAsCalendar(t *testing.T, s *running) {
	const path = "/offices/km-setagaya/closures.ics"
	first := reader(s, "GET", path)
	raw := strings.ReplaceAll(first.Body.String(), "\r\n ", "")
	if first.Header().Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.HasPrefix(raw, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") {
		t.Fatalf("%v\n%s", first.Header(), raw)
	}
	for _, want := range []string{
		"UID:closure-2026-05-20-km-setagaya@machi\r\nDTSTAMP:20260331T150000Z\r\nDTSTART;VALUE=DATE:20260520\r\nDTEND;VALUE=DATE:20260521\r\nSUMMARY;LANGUAGE=ja:世田谷総合支所 くみん窓口 休み（設備点検）\r\n",
		"DTSTART:20260523T000000Z\r\nDTEND:20260523T030000Z\r\nSUMMARY;LANGUAGE=ja:世田谷総合支所 くみん窓口 受付 09:00-12:00（臨時開庁）\r\n",
		"URL:https://machi.example/offices/km-setagaya\r\n", "休み（年末年始）", "休み（振替休日）",
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(raw, "forecast-") {
		t.Error("a forecast that nobody could make")
	}
	seen := map[string]bool{}
	for line := range strings.Lines(raw) {
		if uid, ok := strings.CutPrefix(line, "UID:"); ok {
			if seen[uid] {
				t.Errorf("UID %s is there twice", uid)
			}
			seen[uid] = true
		}
	}
	if again := reader(s, "GET", path, "If-None-Match", first.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
	if code := reader(s, "GET", "/offices/nowhere/closures.ics").Code; code != http.StatusNotFound {
		t.Errorf("an unknown office: %d", code)
	}
}

// closuresAsFeed reads both feeds.
func closuresAsFeed(t *testing.T, s *running) {
	for path, want := range map[string]string{"/offices/km-setagaya/feed.json": "設備点検", "/feed.json": "設備点検"} {
		var feed struct {
			Version string `json:"version"`
			URL     string `json:"feed_url"`
			Items   []struct {
				ID   string `json:"id"`
				Text string `json:"content_text"`
				URL  string `json:"url"`
			} `json:"items"`
		}
		got := reader(s, "GET", path)
		if err := json.Unmarshal(got.Body.Bytes(), &feed); err != nil || feed.Version != "https://jsonfeed.org/version/1.1" || feed.URL != "https://machi.example"+path {
			t.Fatalf("%s: %v, %+v", path, err, feed)
		}
		if got.Header().Get("Content-Type") != "application/feed+json; charset=utf-8" {
			t.Errorf("%s: %s", path, got.Header().Get("Content-Type"))
		}
		seen, found := map[string]bool{}, false
		for _, item := range feed.Items {
			if seen[item.ID] || item.ID == "" || item.URL == "" {
				t.Errorf("%s: item %+v", path, item)
			}
			seen[item.ID], found = true, found || strings.Contains(item.Text, want)
		}
		if !found {
			t.Errorf("%s does not tell of %s", path, want)
		}
	}
}
