package api_test

import (
	"strings"
	"testing"
)

func TestATelephoneIsToldInOneSentence(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	for path, want := range map[string][]string{
		"/api/v1/offices/o/spoken":                        {"窓口は、午", "お一人がお待ちで", "。"},
		"/api/v1/offices/o/spoken?lang=en":                {"At Office, as of", "one person is waiting"},
		"/api/v1/offices/o/spoken?lang=ko":                {"한 명이 기다리고"},
		"/api/v1/offices/o/spoken?lang=ja&purpose=moving": {"お一人がお待ちで"},
	} {
		got := w.send(read(path, ""))
		if got.Code != 200 || got.Header().Get("Content-Type") != "text/plain; charset=utf-8" || got.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d, %v", path, got.Code, got.Header())
		}
		for _, part := range want {
			if !strings.Contains(got.Body.String(), part) {
				t.Errorf("%s lacks %q: %s", path, part, got.Body)
			}
		}
		if again := w.send(with(read(path, ""), "If-None-Match", got.Header().Get("ETag"))); again.Code != 304 {
			t.Errorf("%s with its tag: %d", path, again.Code)
		}
	}
	for path, field := range map[string]string{"?lang=tlh": "lang", "?purpose=moon": "purpose"} {
		if got := w.send(read("/api/v1/offices/o/spoken"+path, "")); got.Code != 422 || !strings.Contains(got.Body.String(), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
	if got := w.send(read("/api/v1/offices/x/spoken", "")); got.Code != 404 {
		t.Errorf("no office: %d", got.Code)
	}
}
