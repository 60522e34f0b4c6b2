package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"machi/internal/server"
)

// TestPracticeIsReachedByItsNameAlone asks in ways that two programs might read
// differently. No answer of a practice office tells of a real one, nor the other way,
// and the door of a practice office is as narrow as the real one.
func TestPracticeIsReachedByItsNameAlone(t *testing.T) {
	s := start(t, server.Options{Secure: true})
	clerk, admin := s.grant("staff"), s.grant("admin")
	room := s.practise(clerk, "3")
	encoded := "%70" + room[1:]
	before, err := s.day(admin, "km-setagaya").Hash()
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/api/v1/offices/" + room + "/../km-setagaya/console?counter=3", 404},
		{"GET", "/api/v1/offices/" + room + "%2f..%2fkm-setagaya/console?counter=3", 404},
		{"GET", "/api/v1/offices/km-setagaya%2f..%2f" + room + "/console?counter=3", 404},
		{"GET", "/api/v1/offices/" + encoded + "/console?counter=3", 404},
		{"GET", "/api/v1/live/sse?office=" + room + "&office=km-setagaya", 404},
		{"GET", "/api/v1/live/sse?office=km-setagaya&office=" + room, 404},
		{"POST", "/api/v1/offices/" + room + "/helpers", 403},
		{"POST", "/api/v1/offices/" + room + "/state", 403},
		{"POST", "/api/v1/offices/" + room + "/commands", 403},
		{"PUT", "/api/v1/offices/" + room + "/rule", 403},
		{"GET", "/api/v1/offices/" + room + "/dashboard", 403},
		{"POST", "/api/v1/offices/" + room + "/kiosks/K1/enrol-code", 403},
		{"POST", "/api/v1/offices/" + room + "/counters/3/open", 200},
	} {
		token := clerk
		if q.status == 403 {
			token = admin // whoever comes is a clerk here
		}
		body := ""
		if q.method != "GET" {
			body = "{}"
		}
		if status, out := s.send(q.method, q.path, token, fmt.Sprint("door-", i), body); status != q.status {
			t.Errorf("%s %s: %d %v, want %d", q.method, q.path, status, out, q.status)
		}
	}
	url := "ws" + strings.TrimPrefix(s.Addr(), "http") + "/api/v1/live?console=3&office=" + room + "&office=km-setagaya"
	if conn, answer, err := websocket.DefaultDialer.Dial(url, http.Header{"Authorization": {"Bearer " + clerk}}); err == nil || answer == nil || answer.StatusCode < 400 {
		t.Errorf("one connection for both: %v", err)
		if conn != nil {
			_ = conn.Close()
		}
	}
	for _, path := range []string{"/api/v1/offices/km-setagaya/console?counter=3", "/api/v1/offices/" + room + "/console?counter=3", "/staff/" + room + "/lessons"} {
		for cookie, status := range map[string]int{"machi_session": 401, "__Host-machi_session": 200} {
			if got := s.byCookie(path, cookie, clerk); got != status {
				t.Errorf("%s by the cookie %s: %d, want %d", path, cookie, got, status)
			}
		}
	}
	if after, err := s.day(admin, "km-setagaya").Hash(); err != nil || after != before {
		t.Errorf("the real office's day changed (%v)", err)
	}
}

// byCookie returns the status of a page for whoever bears a cookie.
func (r *running) byCookie(path, name, value string) int {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodGet, r.Addr()+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: name, Value: value})
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}
