package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/queue"
	"machi/internal/server"
)

const patience = 2 * time.Minute

// eventually asks until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); {
		if time.Now().After(end) {
			t.Fatal("never: ", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// lines is what programs say, read while they say it.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write takes what is said.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// centre is the real server, behind a line that can be cut.
type centre struct {
	t       *testing.T
	front   *httptest.Server
	away    atomic.Bool
	manager string
	said    *lines
	secrets []string // that nobody may say
}

var morning = time.Date(2026, 4, 1, 9, 30, 0, 0, queue.JST)

func newCentre(t *testing.T) *centre {
	t.Helper()
	c := &centre{t: t, said: &lines{}}
	s, err := server.New(server.Options{Data: t.TempDir(), Clock: morning, Logger: slog.New(slog.NewTextHandler(c.said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	c.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.away.Load() {
			panic(http.ErrAbortHandler)
		}
		s.Handler().ServeHTTP(w, r)
	}))
	c.front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(func() {
		c.front.CloseClientConnections()
		c.front.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	if c.manager, err = s.Grant(ctx, auth.Grant{Role: "manager", Office: "km-setagaya", Name: "tanaka"}); err != nil {
		t.Fatal(err)
	}
	c.secrets = append(c.secrets, c.manager)
	eventually(t, "the server is ready", func() bool { status, _ := c.do("GET", "/readyz", ""); return status == 200 })
	return c
}

// do makes an exchange as the manager.
func (c *centre) do(method, path, body string) (int, map[string]any) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.front.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.manager)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(answer.Body).Decode(&out)
	return answer.StatusCode, out
}

const machines = "/api/v1/offices/km-setagaya/kiosks"

func (c *centre) code() string {
	c.t.Helper()
	status, out := c.do("POST", machines+"/K1/enrol-code", "{}")
	if status != http.StatusCreated {
		c.t.Fatalf("a code: %d %v", status, out)
	}
	code := fmt.Sprint(out["code"])
	c.secrets = append(c.secrets, code)
	return code
}

func (c *centre) enrol(dir string) {
	c.t.Helper()
	out, err := program(c.t, "enrol", "--server", c.front.URL, "--code", c.code(), "--data", dir, "--office", "km-setagaya", "--kiosk", "K1").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "enrolled: office km-setagaya, kiosk K1") {
		c.t.Fatalf("enrol: %v, %s", err, out)
	}
}

// running is a machi-kiosk process.
type running struct {
	c       *centre
	cmd     *exec.Cmd
	address string
}

func (c *centre) run(dir string) *running {
	c.t.Helper()
	cmd := program(c.t, "run", "--server", c.front.URL, "--office", "km-setagaya", "--data", dir, "--listen", "127.0.0.1:0", "--clock", morning.Format(time.RFC3339))
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd.Stderr = c.said
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	m := &running{c: c, cmd: cmd}
	c.t.Cleanup(m.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		c.t.Fatalf("no address: %v, %s", err, c.said)
	}
	m.address = strings.TrimSpace(line)
	return m
}

// stop ends the process as systemd does; again does nothing.
func (m *running) stop() {
	if m.cmd.ProcessState == nil {
		_ = m.cmd.Process.Signal(syscall.SIGTERM)
		_ = m.cmd.Wait()
	}
}

func (m *running) screen() map[string]any {
	answer, err := http.Get(m.address + "screen")
	if err != nil {
		m.c.t.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		m.c.t.Fatal(err)
	}
	return out
}

func (m *running) ready() {
	m.c.t.Helper()
	eventually(m.c.t, "the machine is ready and online", func() bool {
		s := m.screen()
		return s["ready"] == true && s["online"] == true && s["slot"] != float64(-1) && s["unsent"] == float64(0)
	})
}

// barred waits until the machine says why it is closed; "" for a machine that is not.
func (m *running) barred(code string) {
	m.c.t.Helper()
	eventually(m.c.t, "the machine is barred: "+code, func() bool {
		got, _ := m.screen()["barred"].(string)
		return got == code
	})
}

var session atomic.Int64

// press touches a button until it counts, and returns the ticket.
func (m *running) press() map[string]any {
	m.c.t.Helper()
	u, err := url.Parse(m.address)
	if err != nil {
		m.c.t.Fatal(err)
	}
	var out map[string]any
	eventually(m.c.t, "a press that is not too soon", func() bool {
		body := fmt.Sprintf(`{"service":"moving","language":"ja","session":"s%d"}`, session.Add(1))
		r, err := http.NewRequest("POST", m.address+"press", strings.NewReader(body))
		if err != nil {
			m.c.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", "http://"+u.Host)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			m.c.t.Fatal(err)
		}
		defer answer.Body.Close()
		out = map[string]any{}
		if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
			m.c.t.Fatal(err)
		}
		return out["code"] != "too_soon" && out["code"] != "busy"
	})
	return out
}

// TestFromTheCodeToTheRevocation goes the whole way with the real programs: a code,
// a key, a day's work with and without the server, a revocation, and back.
func TestFromTheCodeToTheRevocation(t *testing.T) {
	c, dir := newCentre(t), filepath.Join(t.TempDir(), "data")
	out, err := program(t, "enrol", "--server", c.front.URL, "--code", "00000000", "--data", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "wrong, used or expired") {
		t.Errorf("a wrong code: %v, %s", err, out)
	}
	c.enrol(dir)
	m := c.run(dir)
	m.ready()
	onlyLoopback(t, m.cmd.Process.Pid)

	// Enrolled a moment ago, one contact, and the line is cut: it works alone.
	c.away.Store(true)
	c.front.CloseClientConnections()
	alone := m.press()
	if alone["number"] == nil || alone["offline"] != true {
		t.Errorf("alone: %v", alone)
	}
	c.away.Store(false)
	m.ready()
	if online := m.press(); online["number"] == nil || online["offline"] == true {
		t.Errorf("with the server again: %v", online)
	}

	if status, out := c.do("POST", machines+"/K1/revoke", "{}"); status != http.StatusOK {
		t.Fatalf("revoke: %d %v", status, out)
	}
	m.barred("device_revoked")
	if closed := m.press(); closed["number"] != nil {
		t.Errorf("a revoked machine gives %v", closed)
	}
	c.enrol(dir)
	m.barred("")
	m.ready()
	if again := m.press(); again["number"] == nil {
		t.Errorf("admitted anew: %v", again)
	}
	m.stop()
	copiedDisk(t, c, dir)
	c.saysNoSecret(dir)
}

// copiedDisk starts one disk in two machines: the one that the server hears second
// is found, both are closed, and the one that a manager admits anew works.
func copiedDisk(t *testing.T, c *centre, dir string) {
	t.Helper()
	twin := filepath.Join(t.TempDir(), "twin")
	if err := exec.CommandContext(t.Context(), "cp", "-a", dir, twin).Run(); err != nil {
		t.Fatal(err)
	}
	original := c.run(dir)
	original.ready()
	copied := c.run(twin)
	copied.barred("store_copied")
	original.barred("store_copied")
	if got := copied.press(); got["number"] != nil {
		t.Errorf("the copy gives %v", got)
	}
	_, list := c.do("GET", machines, "")
	if text := fmt.Sprint(list); !strings.Contains(text, "barred:starts") && !strings.Contains(text, "barred:records") {
		t.Errorf("managers are not told: %v", list)
	}
	c.enrol(dir)
	original.barred("")
	copied.barred("device_revoked")
}

// saysNoSecret searches what was said and kept for what nobody may know.
func (c *centre) saysNoSecret(dir string) {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "device.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	var key struct{ Seed []byte }
	if err := json.Unmarshal(raw, &key); err != nil || len(key.Seed) != 32 {
		c.t.Fatalf("no key in %s: %v", dir, err)
	}
	said := c.said.String()
	for _, secret := range append(c.secrets, string(key.Seed), hex.EncodeToString(key.Seed), strings.Trim(strings.SplitAfter(string(raw), `"seed":`)[1], `"}`+"\n")) {
		if strings.Contains(said, secret) {
			c.t.Errorf("a log holds a secret: %.3s…", secret)
		}
	}
}

// onlyLoopback looks, as ss does, at what a process listens on.
func onlyLoopback(t *testing.T, pid int) {
	t.Helper()
	mine := map[string]bool{}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name()))
		if inode, is := strings.CutPrefix(to, "socket:["); err == nil && is {
			mine[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var found []string
	for _, table := range []string{"tcp", "tcp6"} {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // a machine without IPv6
		}
		for line := range strings.Lines(string(raw)) {
			fields := strings.Fields(line)
			if len(fields) < 10 || fields[3] != "0A" || !mine[fields[9]] { // 0A: listens
				continue
			}
			address := procAddress(t, fields[1])
			found = append(found, address.String())
			if !address.IsLoopback() {
				t.Errorf("the machine listens on %v", address)
			}
		}
	}
	for _, table := range []string{"udp", "udp6"} {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		for line := range strings.Lines(string(raw)) {
			if fields := strings.Fields(line); len(fields) > 9 && mine[fields[9]] && fields[3] == "07" {
				t.Errorf("the machine takes datagrams: %s", fields[1])
			}
		}
	}
	if !slices.Contains(found, "127.0.0.1") {
		t.Errorf("the machine listens on %v, want 127.0.0.1 among them", found)
	}
}

// procAddress reads an address as the kernel writes it: words in the order of bytes
// of the machine.
func procAddress(t *testing.T, text string) netip.Addr {
	t.Helper()
	digits, _, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+4 <= len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	address, ok := netip.AddrFromSlice(raw)
	if !ok {
		t.Fatalf("address %q", text)
	}
	return address
}
