package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestClosedDaysAreVerifiedAndExported over two runs of a server, on two days.
func TestClosedDaysAreVerifiedAndExported(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data, "--clock", "2026-04-01T09:00:00+09:00")
	out, err := machi(t, "token", "create", "--role", "admin", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	token := lastLine(out)
	p.issue(token, "one")
	p.kill()
	p = serve(t, "--data", data, "--clock", "2026-04-02T09:00:00+09:00")
	for limit := time.Now().Add(patience); !strings.Contains(lessons(t, p, token), `"through":"2026-04-01"`); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the day is never closed")
		}
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	out, err = machi(t, "verify", "--data", data)
	if err != nil || !strings.Contains(out, "history/km-setagaya/2026-04 ") || !strings.Contains(out, "tables 1 compared 1 lessons 1 ok") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	for what, want := range map[string]string{"table": `{"visit":{"number":"A001","service":"moving"`, "lessons": `"through":"2026-04-01"`} {
		out, err := machi(t, "export", "--what", what, "--office", "km-setagaya", "--date", map[string]string{"table": "2026-04-01", "lessons": "2026-04-02"}[what], "--data", data)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("export of the %s: %v\n%s", what, err, out)
		}
	}
	if out, err := machi(t, "export", "--what", "table", "--office", "km-setagaya", "--date", "2026-04-02", "--data", data); err == nil {
		t.Errorf("a day that is not over was exported:\n%s", out)
	}
}

// lessons asks what the main office's day is estimated with.
func lessons(t *testing.T, p *process, token string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.url+"/api/v1/offices/km-setagaya/lessons", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
