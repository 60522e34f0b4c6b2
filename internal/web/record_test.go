package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"machi/internal/web/page"
)

// TestARecordIsSmallAndKept checks what a phone on a slow line pays for the page.
func TestARecordIsSmallAndKept(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range []string{"/record", "/record/km-setagaya"} {
		first := s.get(path)
		if size := first.Body.Len(); size > 60_000 {
			t.Errorf("%s has %d bytes", path, size)
		}
		if cache := first.Header().Get("Cache-Control"); !strings.HasPrefix(cache, "public, max-age=") {
			t.Errorf("%s: Cache-Control %q", path, cache)
		}
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", first.Header().Get("ETag"))
		again := httptest.NewRecorder()
		s.echo.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s again: %d with %d bytes", path, again.Code, again.Body.Len())
		}
		if chosen := s.get(path + "?lang=en"); chosen.Header().Get("Set-Cookie") == "" || strings.Contains(chosen.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: a page that sets a cookie is kept for others", path)
		}
	}
}

func TestARecordSaysWhatItHasAndNoMore(t *testing.T) {
	s := newSite(t, nil)
	for path, want := range map[string]string{
		"/record/km-setagaya?lang=en":       "Of the last 200 people we told a waiting time, ",
		"/record/km-setagaya?lang=ja":       "直近200人",
		"/record/br-futakotamagawa?lang=en": "That is too few for a percentage.",
		"/record/mn-center?lang=en":         "There is no record yet.",
		"/offices/km-setagaya?lang=en":      `<a href="/record/km-setagaya">How we check</a>`,
		"/?lang=en":                         `href="/record"`,
		"/t/waiting?lang=en":                "we told you",
		"/t/done?lang=en":                   "We called you after",
	} {
		if body := s.get(path).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	if body := s.get("/record/br-futakotamagawa?lang=en").Body.String(); regexp.MustCompile(`\d%`).MatchString(body) {
		t.Error("a share is told of twelve people")
	}
	if body := s.get("/offices/mn-center?lang=en").Body.String(); strings.Contains(body, "How we check") {
		t.Error("an office without a record speaks of it")
	}
	if w := s.get("/record/nowhere"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown office: %d", w.Code)
	}
}

// TestEveryPictureHasATwin wants the figures of a chart in a table as well.
func TestEveryPictureHasATwin(t *testing.T) {
	s := newSite(t, nil)
	for path, tables := range map[string]int{"/record/km-setagaya": 2, "/manager/km-setagaya/record": 5} {
		body := s.get(path).Body.String()
		if n := strings.Count(body, "<table"); n != tables {
			t.Errorf("%s has %d tables, want %d", path, n, tables)
		}
		for _, svg := range regexp.MustCompile(`<svg[^>]*>(?:<title|)`).FindAllString(body, -1) {
			if !strings.Contains(svg, "aria-hidden") && !strings.Contains(svg, "<title") {
				t.Errorf("%s: a picture without words: %s", path, svg)
			}
		}
	}
}

func TestOnlyManagersOfAnOfficeSeeItsReport(t *testing.T) {
	s := newSite(t, nil)
	s.who = page.Identity{Name: "鈴木", Manager: true, Role: "manager", Office: "km-kinuta"}
	if w := s.get("/manager/km-setagaya/record"); w.Code != http.StatusSeeOther {
		t.Errorf("another office's manager: %d", w.Code)
	}
	s.out = true
	if w := s.get("/manager/km-setagaya/record"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/staff/login") {
		t.Errorf("a stranger: %d", w.Code)
	}
}
