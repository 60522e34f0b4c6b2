package notifytest_test

import (
	"net"
	"runtime"
	"testing"

	"machi/internal/notify/notifytest"
)

// TestAMailServerThatWentDownAtOnceTakesNobody: with one processor it has not begun to
// serve when it goes.
func TestAMailServerThatWentDownAtOnceTakesNobody(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s := notifytest.NewMailServer(t)
	s.Down()
	if c, err := net.Dial("tcp", s.Addr); err == nil {
		_ = c.Close()
		t.Error("a server that is down is reached")
	}
}
