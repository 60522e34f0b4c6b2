package redistest_test

import (
	"fmt"
	"runtime"
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

// listener is a test that only remembers why it was ended.
type listener struct {
	testing.TB
	said string
}

func (l *listener) Fatalf(format string, args ...any) {
	l.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestMissingServerFailsWithTheWayOut(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	l, ended := &listener{TB: t}, make(chan struct{})
	go func() {
		defer close(ended)
		redistest.Start(l)
	}()
	<-ended
	if !strings.Contains(l.said, "make setup") {
		t.Errorf("without redis-server the test says %q", l.said)
	}
}

func TestServerThatCannotStart(t *testing.T) {
	l, ended := &listener{TB: t}, make(chan struct{})
	go func() {
		defer close(ended)
		redistest.Start(l, "--no-such-option", "1")
	}()
	<-ended
	if !strings.Contains(l.said, "no-such-option") {
		t.Errorf("a server that cannot start says %q", l.said)
	}
}
