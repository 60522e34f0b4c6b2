package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asMachi makes the test's own binary be machi.
const asMachi = "MACHI_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMachi) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// patience bounds what a process may take on a busy machine.
const patience = 2 * time.Minute

// command returns a machi that was not started yet, without the tester's settings.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "MACHI_") && !strings.HasPrefix(kv, "REDIS_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, asMachi+"=1")
	return cmd
}

// machi runs a subcommand to its end and returns its standard output.
func machi(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := command(t, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.String())
	}
	return string(out), err
}

// process is a running machi serve.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	done chan error
	once sync.Once
}

func serve(t *testing.T, args ...string) *process {
	t.Helper()
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)
	p := &process{t: t, cmd: command(t, args...), done: make(chan error, 1)}
	p.cmd.Stderr = t.Output()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, found := strings.CutPrefix(lines.Text(), "serving "); found {
			p.url = url
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		p.done <- p.cmd.Wait()
	}()
	if p.url == "" {
		t.Fatal("machi serve ended before it served")
	}
	p.ready()
	return p
}

// ready waits until every office answers.
func (p *process) ready() {
	p.t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		r, err := http.Get(p.url + "/readyz")
		if err != nil {
			continue
		}
		_ = r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return
		}
	}
	p.t.Fatal("the server does not become ready")
}

// kill ends the process as a power cut would; again does nothing.
func (p *process) kill() {
	p.once.Do(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
	})
}

// stop ends the process as an operator does.
func (p *process) stop() error {
	var err error
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		err = <-p.done
	})
	return err
}

type ticket struct{ Number, Secret, State, Code string }

// send asks with a key until there is an answer that is no "try again".
func (p *process) send(method, path, token, key, body string) (int, ticket) {
	p.t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
		if err != nil {
			p.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			p.t.Fatal(err)
		}
		var out ticket
		err = json.NewDecoder(answer.Body).Decode(&out)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusServiceUnavailable {
			if err != nil {
				p.t.Fatal(err)
			}
			return answer.StatusCode, out
		}
	}
	p.t.Fatal("the server stays unavailable")
	return 0, ticket{}
}

const (
	issuePath = "/api/v1/offices/km-setagaya/tickets"
	issueBody = `{"service":"moving","channel":"kiosk"}`
)

func (p *process) issue(token, key string) ticket {
	p.t.Helper()
	status, got := p.send("POST", issuePath, token, key, issueBody)
	if status != http.StatusCreated {
		p.t.Fatalf("issue: %d %+v", status, got)
	}
	return got
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestNothingIsLostInAPowerCut kills the server without warning, twice, and finds
// every ticket that was answered, under the number and the secret that it had.
func TestNothingIsLostInAPowerCut(t *testing.T) {
	data := t.TempDir()
	day := []string{"--data", data, "--clock", "2026-04-01T09:00:00+09:00"}
	issued := map[string]ticket{}
	var token string
	for life := range 3 {
		p := serve(t, day...)
		if life == 0 {
			out, err := machi(t, "token", "create", "--role", "staff", "--office", "km-setagaya", "--data", data)
			if err != nil {
				t.Fatal(err)
			}
			token = lastLine(out)
		}
		for key, before := range issued {
			if again := p.issue(token, key); again.Number != before.Number || again.Secret != before.Secret {
				t.Fatalf("key %s was answered with %+v, and now with %+v", key, before, again)
			}
			if status, got := p.send("GET", "/api/v1/tickets/"+before.Secret, "", "", ""); status != 200 || got.State != "waiting" {
				t.Fatalf("ticket %s: %d %+v", before.Number, status, got)
			}
		}
		for n := range 20 {
			key := fmt.Sprintf("press-%d-%d", life, n)
			issued[key] = p.issue(token, key)
		}
		p.kill()
	}
	numbers := map[string]bool{}
	for _, got := range issued {
		numbers[got.Number] = true
	}
	if len(numbers) != len(issued) {
		t.Errorf("%d tickets bear %d numbers", len(issued), len(numbers))
	}
	if out, err := machi(t, "verify", "--data", data); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// TestATokenWorksFromItsCreationToItsEnd beside a running server.
func TestATokenWorksFromItsCreationToItsEnd(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data, "--clock", "2026-04-01T09:00:00+09:00")
	out, err := machi(t, "token", "create", "--role", "staff", "--office", "km-setagaya", "--name", "counter 3", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	token := lastLine(out)
	p.issue(token, "one")
	list, err := machi(t, "token", "list", "--data", data)
	if err != nil || !strings.Contains(list, "counter 3") || strings.Contains(list, token) {
		t.Fatalf("list: %v\n%s", err, list)
	}
	id, _, _ := strings.Cut(lastLine(list), " ")
	if out, err := machi(t, "token", "revoke", id, "--data", data); err != nil {
		t.Fatalf("revoke %s: %v\n%s", id, err, out)
	}
	for n := 0; ; n++ {
		status, _ := p.send("POST", issuePath, token, fmt.Sprintf("after-%d", n), issueBody)
		if status == http.StatusUnauthorized {
			break
		}
		if n > 10_000 {
			t.Fatal("a revoked token still works")
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

func TestRefusedStarts(t *testing.T) {
	data := t.TempDir()
	config := filepath.Join(data, "machi.yaml")
	if err := os.WriteFile(config, []byte("listen: 127.0.0.1:0\nlisten-adress: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown key in the file", []string{"serve", "--config", config}, "listen-adress"},
		{"unknown flag", []string{"serve", "--port", "1"}, "--port"},
		{"bad clock", []string{"serve", "--data", data, "--clock", "8:30"}, "clock"},
		{"speed without clock", []string{"serve", "--data", data, "--speed", "60"}, "speed"},
		{"no Redis there", []string{"serve", "--data", data, "--redis", "redis://127.0.0.1:1"}, "Redis"},
		{"no such catalogue", []string{"serve", "--data", data, "--catalog", filepath.Join(data, "none.yaml")}, "none.yaml"},
		{"bad role", []string{"token", "create", "--role", "king", "--data", data}, "role"},
		{"unknown office", []string{"token", "create", "--role", "staff", "--office", "nowhere", "--data", data}, "nowhere"},
		{"a PIN for an unknown office", []string{"kiosk", "pin", "--office", "nowhere", "--remove", "--data", data}, "nowhere"},
		{"a code for an unknown machine", []string{"kiosk", "code", "--office", "km-setagaya", "--kiosk", "K9", "--data", data}, "K9"},
		{"revoke nothing", []string{"token", "revoke", "XXXX", "--data", data}, "XXXX"},
		{"export of no day", []string{"export", "--office", "km-setagaya", "--date", "today", "--data", data}, "today"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if out, err := machi(t, row.args...); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want it to name %q\n%s", err, row.want, out)
			}
		})
	}
}

// TestADataFolderHasOneServer: the second is refused and says why.
func TestADataFolderHasOneServer(t *testing.T) {
	data := t.TempDir()
	serve(t, "--data", data)
	_, err := machi(t, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "", "--data", data)
	if err == nil || !strings.Contains(err.Error(), "another server runs") {
		t.Errorf("the second server: %v", err)
	}
}

// TestTheEnvironmentWinsOverTheFile and a flag over both.
func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "machi.yaml")
	if err := os.WriteFile(config, []byte("data: "+filepath.Join(dir, "file")+"\nclock: bad-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ env, flag, want string }{
		{"", "", "bad-file"}, {"bad-env", "", "bad-env"}, {"bad-env", "bad-flag", "bad-flag"},
	} {
		args := []string{"serve", "--config", config}
		if row.flag != "" {
			args = append(args, "--clock", row.flag)
		}
		cmd := command(t, args...)
		cmd.Env = append(cmd.Env, "MACHI_CLOCK="+row.env)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), row.want) {
			t.Errorf("%+v: %v\n%s", row, err, out)
		}
	}
}

func TestExport(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data, "--clock", "2026-04-01T09:00:00+09:00")
	out, err := machi(t, "token", "create", "--role", "staff", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	p.issue(lastLine(out), "one")
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	out, err = machi(t, "export", "--office", "km-setagaya", "--date", "2026-04-01", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 || !strings.Contains(lines[1], `"ticket_issued"`) {
		t.Errorf("exported %d lines:\n%s", len(lines), out)
	}
	answersAnExport(t, out)
}

// TestRepairPutsBackALostFile from the side journal, down to the last record.
func TestRepairPutsBackALostFile(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data, "--clock", "2026-04-01T09:00:00+09:00")
	out, err := machi(t, "token", "create", "--role", "staff", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		p.issue(lastLine(out), fmt.Sprintf("press-%d", n))
	}
	p.kill()
	before, err := machi(t, "verify", "--data", data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(data, "machi.db")); err != nil {
		t.Fatal(err)
	}
	if out, err := machi(t, "verify", "--repair", "--data", data); err != nil {
		t.Fatalf("repair: %v\n%s", err, out)
	}
	after, err := machi(t, "verify", "--data", data)
	if err != nil || days(after) != days(before) {
		t.Errorf("verify before the loss and after the repair differ (%v):\n%s\n%s", err, before, after)
	}
	if !strings.Contains(before, " entries 1 ") || !strings.Contains(after, " entries 2 ") {
		t.Errorf("the token and the repair are not in the audit trail:\n%s\n%s", before, after)
	}
	spoilTrail(t, data)
	if out, err := machi(t, "verify", "--data", data); err == nil || !strings.Contains(out, "FAULT") {
		t.Errorf("a spoiled audit trail is in order: %v\n%s", err, out)
	}
}

// days returns what verify says of offices' days.
func days(out string) string {
	lines := strings.Split(out, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "audit:") }), "\n")
}

// spoilTrail makes another act of the repair that the audit trail tells of.
func spoilTrail(t *testing.T, data string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "auth", "audit*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], bytes.Replace(raw, []byte("store.repair"), []byte("store.verify"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}
