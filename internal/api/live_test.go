package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// deadline bounds what must happen soon, on however busy a machine.
const deadline = 60 * time.Second

// message is a live message as a program reads it.
type message struct {
	Type, Office, Epoch string
	Seq                 uint64
	Data                map[string]any
}

// serve puts the world on a loopback port.
func (w *world) serve() string {
	server := httptest.NewServer(w.api)
	w.t.Cleanup(server.Close)
	w.t.Cleanup(w.stop) // before the server closes: it would wait for event streams
	return server.URL
}

func dial(t *testing.T, url, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/api/v1/live"+query, header)
	if conn != nil {
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(deadline))
	}
	return conn, response, err
}

func receive(t *testing.T, conn *websocket.Conn) message {
	t.Helper()
	var m message
	if err := conn.ReadJSON(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// until reads messages until one fits.
func until(t *testing.T, next func() message, fits func(message) bool) message {
	t.Helper()
	last := map[string]uint64{}
	for {
		m := next()
		if key := m.Type + m.Office + m.Epoch; m.Seq < last[key] {
			t.Fatalf("%s: number %d after %d", m.Type, m.Seq, last[key])
		} else {
			last[key] = m.Seq
		}
		if fits(m) {
			return m
		}
	}
}

func waiting(n int) func(message) bool {
	return func(m message) bool { return m.Type == "office" && m.Data["waiting"] == float64(n) }
}

func TestAWatcherIsShownTheNewestState(t *testing.T) {
	w := newWorld(t)
	url := w.serve()
	w.issue("moving")
	conn, _, err := dial(t, url, "?office=o", nil)
	if err != nil {
		t.Fatal(err)
	}
	first := receive(t, conn)
	if !waiting(1)(first) || first.Office != "o" || first.Epoch == "" {
		t.Fatalf("first message: %+v", first)
	}
	for range 20 {
		w.issue("moving")
	}
	got := until(t, func() message { return receive(t, conn) }, waiting(21))
	if got.Seq <= first.Seq || got.Epoch != first.Epoch {
		t.Errorf("number %d of %s after %d of %s", got.Seq, got.Epoch, first.Seq, first.Epoch)
	}
}

func TestAWatcherOfAllOfficesIsShownEach(t *testing.T) {
	w := newWorld(t)
	conn, _, err := dial(t, w.serve(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := receive(t, conn), receive(t, conn); a.Office != "o" || b.Office != "p" {
		t.Errorf("shown %s and %s", a.Office, b.Office)
	}
}

// TestOrigins tries what a page of another site would, and what a program does.
func TestOrigins(t *testing.T) {
	w := newWorld(t)
	url := w.serve()
	host := strings.TrimPrefix(url, "http://")
	for origin, open := range map[string]bool{
		"": true, url: true, "https://wall.example": true, strings.ToUpper(url): true,
		"null": false, "https://evil.example": false, "http://" + host + ".evil.example": false, "http://evil" + host: false,
		"http://" + host + "@evil.example": false, "http://x@" + host: false, "file://" + host: false, "http://" + host + "/": false,
		"https://wall.example.evil.example": false, "https://wall.example:8443": false, "http://wall.example": false,
		"http://127.0.0.1": false, "http://localhost": false, "//" + host: false, host: false, "http://" + host + "?": true,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, response, err := dial(t, url, "?office=o", header)
		if got := err == nil; got != open {
			t.Errorf("origin %q: open %v, want %v (%v)", origin, got, open, response)
		}
		if conn != nil {
			_ = conn.Close()
		}
		if !open && response != nil && response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: status %d", origin, response.StatusCode)
		}
	}
}

func TestAConsoleIsForStaffOfTheOffice(t *testing.T) {
	w := newWorld(t)
	url := w.serve()
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	cookie := func(origin string) http.Header {
		return http.Header{"Cookie": {"machi_session=staff"}, "Origin": {origin}}
	}
	rows := []struct {
		name   string
		header http.Header
		status int
	}{
		{"nobody", nil, 401},
		{"kiosk", bearer("kiosk"), 403},
		{"other office", bearer("staff-p"), 403},
		{"cookie without origin", http.Header{"Cookie": {"machi_session=staff"}}, 403},
		{"cookie from the wall's origin", cookie("https://wall.example"), 403},
		{"clerk", bearer("staff"), 101},
		{"cookie from our page", cookie(url), 101},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			conn, response, err := dial(t, url, "?office=o&console=1", row.header)
			if response == nil || response.StatusCode != row.status {
				t.Fatalf("%v %v, want %d", response, err, row.status)
			}
			if conn != nil {
				_ = conn.Close()
			}
		})
	}
	conn, _, err := dial(t, url, "?office=o&console=1", bearer("staff"))
	if err != nil {
		t.Fatal(err)
	}
	w.post(200, "staff", "o/counters/1/open", "")
	got := until(t, func() message { return receive(t, conn) }, func(m message) bool {
		return m.Type == "console" && dig(m.Data, "counter", "state") == "open"
	})
	if dig(got.Data, "counter", "id") != "1" {
		t.Errorf("console of %v", dig(got.Data, "counter", "id"))
	}
}

func TestWatchersAreBounded(t *testing.T) {
	w := newWorld(t)
	url := w.serve()
	for range 8 {
		if _, _, err := dial(t, url, "?office=o", nil); err != nil {
			t.Fatal(err)
		}
	}
	_, response, err := dial(t, url, "?office=o", nil)
	if err == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("the ninth watcher of eight: %v %v", response, err)
	}
}

func TestATalkativeWatcherIsCut(t *testing.T) {
	w := newWorld(t)
	conn, _, err := dial(t, w.serve(), "?office=o", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.WriteMessage(websocket.TextMessage, make([]byte, 513)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("cut with %v", err)
	}
}

// TestWatchersAreToldOfARestart, and when to come back.
func TestWatchersAreToldOfARestart(t *testing.T) {
	w := newWorld(t)
	conn, _, err := dial(t, w.serve(), "?office=o", nil)
	if err != nil {
		t.Fatal(err)
	}
	receive(t, conn)
	w.stop()
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != websocket.CloseServiceRestart {
		t.Fatalf("closed with %v", err)
	}
	var hint struct {
		Retry int `json:"retry_ms"`
	}
	if err := json.Unmarshal([]byte(closed.Text), &hint); err != nil || hint.Retry < 1000 || hint.Retry > 10_000 {
		t.Errorf("hint %q: %v", closed.Text, err)
	}
}

func TestEventStream(t *testing.T) {
	w := newWorld(t)
	url := w.serve()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/live/sse?office=o&console=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer staff")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if kind := response.Header.Get("Content-Type"); response.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("status %d, %s", response.StatusCode, kind)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	next := func() message {
		for lines.Scan() {
			if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
				var m message
				if err := json.Unmarshal([]byte(data), &m); err != nil {
					t.Fatal(err)
				}
				return m
			}
		}
		t.Fatal("the stream ended: ", lines.Err())
		return message{}
	}
	until(t, next, waiting(0))
	w.issue("moving")
	until(t, next, waiting(1))
	until(t, next, func(m message) bool { return m.Type == "console" && len(m.Data["waiting"].([]any)) == 1 })
	w.post(200, "staff", "o/counters/1/open", "")
	until(t, next, func(m message) bool { return m.Type == "console" && dig(m.Data, "counter", "state") == "open" })
}

// TestLiveMessagesAreDescribed checks a frame against the same description as the
// answers: what it does not name must not leave.
func TestLiveMessagesAreDescribed(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	s, err := w.hub.Snapshot("o")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(s.Frame.Message, &value); err != nil {
		t.Fatal(err)
	}
	schema := loadDescription(t).Components.Schemas["LiveMessage"].Value
	if err := schema.VisitJSON(value, jsonSchema); err != nil {
		t.Errorf("%v\n%s", err, s.Frame.Message)
	}
	if tag := fmt.Sprintf("%q", s.Frame.Epoch+"."+fmt.Sprint(s.Frame.Seq)); tag != s.Frame.ETag {
		t.Errorf("ETag %s, want %s", s.Frame.ETag, tag)
	}
}
