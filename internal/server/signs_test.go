package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"machi/internal/server"
)

// send sends a JSON command as a caller.
func send(t *testing.T, s *running, method, path, body string, who caller) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Idempotency-Key", strings.NewReplacer("/", ".").Replace(t.Name())+"."+fresh())
	if who.token != "" {
		r.Header.Set("Authorization", "Bearer "+who.token)
	}
	if who.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "machi_session", Value: who.cookie})
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	var out map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &out) // an answer without a body has nothing to say
	return w.Code, out
}

var sent int

func fresh() string {
	sent++
	return strconv.Itoa(sent)
}

const text = `"kind":"notice","title":{"ja":"題"},"body":{"ja":"文"},"schedule":{"from":"2026-04-01","seconds":10,"weight":1}`

// TestWhoMayPutWhatOnWalls tries items, screens and emergencies of an office and of all
// as managers of one office, of another and of all, and as people who manage none.
func TestWhoMayPutWhatOnWalls(t *testing.T) {
	s := start(t, server.Options{})
	all := callers(t, s)
	for _, c := range []struct{ what, path, one, ward string }{
		{"an item", "signs", `{"office":"km-setagaya",` + text + `}`, `{` + text + `}`},
		{"an emergency", "emergencies", `{"office":"km-setagaya","kind":"fire"}`, `{"kind":"fire"}`},
		{"a screen", "screens", `{"office":"km-setagaya","name":"lobby"}`, ""},
	} {
		for who, want := range map[string][2]int{
			"manager": {201, 403}, "admin": {201, 201}, "manager-far": {403, 403}, "clerk": {403, 403}, "reception": {403, 403}, "signage": {403, 403}, "nobody": {401, 401},
		} {
			for i, body := range []string{c.one, c.ward} {
				if body == "" {
					continue
				}
				if status, out := send(t, s, "POST", c.path, body, all[who]); status != want[i] {
					t.Errorf("%s of %s as %s: %d %v", c.what, []string{"an office", "the ward"}[i], who, status, out)
				}
			}
		}
	}
	_, list := send(t, s, "GET", "signs", "", all["manager-far"])
	for _, item := range list["items"].([]any) {
		if office := item.(map[string]any)["office"]; office == "km-setagaya" {
			t.Error("a manager sees the drafts of another office")
		}
	}
	if _, list := send(t, s, "GET", "screens", "", all["manager-far"]); len(list["screens"].([]any)) != 0 {
		t.Errorf("a manager sees the screens of another office: %v", list)
	}
}

// TestAScreenProvesWhatItShows registers a screen, and lets it and strangers report.
func TestAScreenProvesWhatItShows(t *testing.T) {
	s := start(t, server.Options{})
	all := callers(t, s)
	_, screen := send(t, s, "POST", "screens", `{"office":"km-setagaya","name":"lobby"}`, all["manager"])
	token := screen["token"].(string)
	status, item := send(t, s, "POST", "signs", `{"office":"km-setagaya",`+text+`}`, all["manager"])
	if status != http.StatusCreated {
		t.Fatal(status, item)
	}
	for body, want := range map[string]int{
		`{"screen":"w1"}`: 200, `{"screen":"w1","token":"` + token + `"}`: 200, `{}`: 422, `{"screen":"<b>"}`: 422, `{"screen":"w1","size":"` + strings.Repeat("9", 81) + `"}`: 422,
		`{"screen":"w1","played":[{"n":1,"item":"../x","seconds":5}]}`: 422, `{"screen":"w1","secret":1}`: 400,
	} {
		status, out := send(t, s, "POST", "signage/km-setagaya/alive", body, caller{})
		if status != want || status == 200 && out["registered"] != strings.Contains(body, token) {
			t.Errorf("%s: %d %v, want %d", body, status, out, want)
		}
	}
	if _, out := send(t, s, "POST", "signage/km-kitazawa/alive", `{"screen":"w2","token":"`+token+`"}`, caller{}); out["registered"] != false {
		t.Error("a screen speaks for another office")
	}
	_, list := send(t, s, "GET", "screens", "", all["manager"])
	if list["unregistered"] != 1.0 || list["screens"].([]any)[0].(map[string]any)["state"] != "alive" {
		t.Errorf("%v", list)
	}
	if _, list := send(t, s, "GET", "signage/km-setagaya", "", caller{}); len(list["items"].([]any)) != 0 {
		t.Error("a draft is public")
	}
	if status, out := send(t, s, "POST", "signs/"+item["id"].(string)+"/submit", `{"version":1}`, all["manager"]); status != 200 || out["state"] != "approved" {
		t.Fatal(status, out)
	}
	_, list = send(t, s, "GET", "signage/km-setagaya", "", caller{})
	shown := list["items"].([]any)
	if raw, _ := json.Marshal(shown); len(shown) != 1 || strings.Contains(string(raw), "tanaka") || strings.Contains(string(raw), "writers") {
		t.Errorf("walls are told %s", raw)
	}
}
