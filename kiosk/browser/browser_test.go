package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestReasonToStartAnew(t *testing.T) {
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))
	l := limits{start: 30 * time.Second, hang: 5 * time.Second, night: 3*time.Hour + 10*time.Minute}
	well := sight{now: noon, started: noon.Add(-time.Hour), opened: "http://a/", address: "http://a/", beat: time.Second}
	for name, c := range map[string]struct {
		change func(s *sight)
		want   string
	}{
		"a page that gives signs of life":        {func(*sight) {}, ""},
		"a process that has ended":               {func(s *sight) { s.ended = true }, "ended"},
		"a page that is silent":                  {func(s *sight) { s.beat = 6 * time.Second }, "hung"},
		"a new browser without a page yet":       {func(s *sight) { s.started, s.beat = noon.Add(-20*time.Second), -1 }, ""},
		"a browser that never shows its page":    {func(s *sight) { s.beat = -1 }, "no page"},
		"the last one's sign of life":            {func(s *sight) { s.started, s.beat = noon.Add(-6*time.Second), 7*time.Second }, ""},
		"an agent that does not answer":          {func(s *sight) { s.address, s.beat = "", -1 }, ""},
		"an agent that came back elsewhere":      {func(s *sight) { s.address = "http://b/" }, "moved"},
		"a browser of yesterday, after three":    {func(s *sight) { s.started = noon.Add(-20 * time.Hour) }, "night"},
		"a browser of this night, after three":   {func(s *sight) { s.started = noon.Add(-8 * time.Hour) }, ""},
		"a browser of yesterday, before three":   {func(s *sight) { s.now, s.started = noon.Add(-10*time.Hour), noon.Add(-20*time.Hour) }, ""},
		"a browser that was started at midnight": {func(s *sight) { s.started = noon.Add(-12 * time.Hour) }, "night"},
	} {
		t.Run(name, func(t *testing.T) {
			s := well
			c.change(&s)
			if got := l.reason(s); got != c.want {
				t.Errorf("reason(%+v) = %q, want %q", s, got, c.want)
			}
		})
	}
}

func TestPauseGrowsForBrowsersThatDieYoung(t *testing.T) {
	wait := time.Duration(0)
	for _, want := range []time.Duration{time.Second / 4, time.Second / 2, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second} {
		if wait = pause(wait, time.Second); wait != want {
			t.Errorf("pause = %v, want %v", wait, want)
		}
	}
	if got := pause(wait, time.Minute); got != 0 {
		t.Errorf("pause after a browser that lived = %v, want 0", got)
	}
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	if err := Run(t.Context(), Options{}); err == nil {
		t.Error("Run without options = nil")
	}
	o := Options{Address: func() (string, error) { return "", nil }, Program: "no-such-browser", Profile: t.TempDir()}
	if err := Run(t.Context(), o); err == nil {
		t.Error("Run with a browser that is not there = nil")
	}
}

// agent is the side of the ticket machine that the browser sees.
type agent struct {
	mu    sync.Mutex
	beat  time.Time
	loads int
	seen  chan int // the number of the load that gave a sign of life
}

func (a *agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case r.URL.Path == "/":
		a.loads++
		fmt.Fprintf(w, `<!doctype html><title>machine</title><script>
			const beat = () => fetch("heartbeat?load=%d", {method: "POST"}).finally(() => setTimeout(beat, 100)); beat();
		</script>`, a.loads)
	case r.URL.Path == "/heartbeat" && r.Method == http.MethodPost:
		a.beat = time.Now()
		var load int
		_, _ = fmt.Sscan(r.URL.Query().Get("load"), &load)
		select {
		case a.seen <- load:
		default:
		}
	case r.URL.Path == "/heartbeat":
		var age *float64
		if !a.beat.IsZero() {
			since := time.Since(a.beat).Seconds()
			age = &since
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"age_seconds": age})
	}
}

// loadAfter waits until a page that was loaded later gives a sign of life.
func (a *agent) loadAfter(t *testing.T, load int) int {
	t.Helper()
	limit := time.After(2 * time.Minute)
	for {
		select {
		case n := <-a.seen:
			if n > load {
				return n
			}
		case <-limit:
			t.Fatalf("no page came to life after load %d", load)
		}
	}
}

func TestBrowserComesBackWhenItIsKilledAndWhenItHangs(t *testing.T) {
	a := &agent{seen: make(chan int)}
	server := httptest.NewServer(a)
	defer server.Close()
	pids := make(chan int, 64)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{
			Address: func() (string, error) { return server.URL + "/", nil }, Program: "chromium", Profile: t.TempDir() + "/profile",
			Flags:  []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"},
			Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Started: func(pid int) { pids <- pid },
			StartWithin: time.Minute,
		})
	}()
	load := a.loadAfter(t, 0)
	pid := <-pids
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) { // a slow one was renewed already
		t.Fatal(err)
	}
	load = a.loadAfter(t, load)
	pid = newest(t, pids, pid)
	if err := syscall.Kill(-pid, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) { // it hangs, and does not even end when asked to
		t.Fatal(err)
	}
	a.loadAfter(t, load)
	pid = newest(t, pids, pid)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
		t.Errorf("browser %d still runs", pid)
	}
}

// newest returns the browser that was started last.
func newest(t *testing.T, pids <-chan int, pid int) int {
	t.Helper()
	for {
		select {
		case pid = <-pids:
		default:
			return pid
		}
	}
}
