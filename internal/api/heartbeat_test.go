package api_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

func TestWhoAsksIsSentHeartbeats(t *testing.T) {
	w := newWorld(t)
	url := w.serve()
	t.Run("WebSocket", func(t *testing.T) {
		conn, _, err := dial(t, url, "?office=o&heartbeat=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		for m := receive(t, conn); m.Type != "heartbeat"; m = receive(t, conn) {
			if m.Type != "office" {
				t.Fatalf("a message of type %q", m.Type)
			}
		}
	})
	t.Run("event stream", func(t *testing.T) {
		response, err := http.Get(url + "/api/v1/live/sse?office=o&heartbeat=1")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "event: heartbeat") {
				return
			}
		}
		t.Fatalf("the stream ended without a heartbeat: %v", lines.Err())
	})
}
