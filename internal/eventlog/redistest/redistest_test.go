package redistest_test

import (
	"strings"
	"testing"

	"machi/internal/eventlog/redistest"
)

func TestServerKeepsItsDataOverKillAndPause(t *testing.T) {
	s := redistest.Start(t)
	s.MustDo("SET", "name", "待ち\r\n")
	s.Kill9()
	s.Kill9()
	if _, err := s.Do("PING"); err == nil {
		t.Error("a killed server answers")
	}
	s.Restart()
	if got := s.MustDo("GET", "name"); got != "待ち\r\n" {
		t.Errorf("after the restart name = %q", got)
	}
	s.Pause()
	s.Continue()
	if got := s.MustDo("PING"); got != "PONG" {
		t.Errorf("PING = %q", got)
	}
	if got := s.MustDo("CONFIG", "GET", "appendfsync"); got != "[appendfsync always]" {
		t.Errorf("CONFIG GET appendfsync = %q", got)
	}
	if got, err := s.Do("GET", "nothing"); got != "" || err != nil {
		t.Errorf("GET of a missing key = %q, %v", got, err)
	}
	if _, err := s.Do("NONSENSE"); err == nil || !strings.Contains(err.Error(), "unknown command") {
		t.Errorf("a wrong command = %v", err)
	}
	if s.URL() != "redis://127.0.0.1:"+s.Port() || s.URL() != "redis://"+s.Addr() {
		t.Errorf("URL = %s", s.URL())
	}
	if !strings.Contains(s.Log(), "Ready to accept connections") || !strings.HasSuffix(s.AppendOnlyDir(), "appendonlydir") {
		t.Errorf("log = %s", s.Log())
	}
}
