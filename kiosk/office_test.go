package kiosk_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/queue"
	"machi/internal/server"
	"machi/kiosk"
)

// branch is a real server with the real offices, at which the machine K1 of
// km-setagaya stands.
type branch struct {
	*server.Server
	t      testing.TB
	admin  string // token
	reader string // token of another machine
}

// morning is a Wednesday on which every office is open.
var morning = time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST)

const setagaya = "/api/v1/offices/km-setagaya/"

func newBranch(t testing.TB) *branch {
	t.Helper()
	offices := filepath.Join(t.TempDir(), "offices.yaml")
	if err := os.WriteFile(offices, []byte("offices: [{id: km-setagaya, rule: {check_in: true}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{
		Listen: "127.0.0.1:0", Data: t.TempDir(), Catalog: offices, Clock: morning, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	b := &branch{Server: s, t: t}
	eventually(t, "the server is ready", func() bool {
		answer, err := http.Get(s.Addr() + "/readyz")
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	})
	b.admin = b.grant(auth.Grant{Role: "admin", Name: "test"})
	b.reader = b.grant(auth.Grant{Role: "kiosk", Office: "km-setagaya", Kiosk: "K2", Name: "reader"})
	return b
}

func (b *branch) grant(g auth.Grant) string {
	b.t.Helper()
	token, err := b.Grant(context.Background(), g)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

// ask makes one exchange as the admin.
func (b *branch) ask(method, path string, body any) (int, map[string]any) {
	b.t.Helper()
	return exchange(b.t, method, b.Addr()+path, body, map[string]string{
		"Authorization": "Bearer " + b.admin, "Idempotency-Key": rand.Text(),
	})
}

func (b *branch) must(method, path string, body any) map[string]any {
	b.t.Helper()
	status, out := b.ask(method, path, body)
	if status >= 300 {
		b.t.Fatalf("%s %s = %d %v", method, path, status, out)
	}
	return out
}

// machine starts K1 with a PIN of 1234.
func (b *branch) machine(change func(*kiosk.Options)) *machine {
	b.t.Helper()
	b.must("POST", setagaya+"kiosks/pin", map[string]string{"pin": "1234"})
	o := options(b.t, b.t.TempDir(), b.Addr())
	o.Office, o.Token = "km-setagaya", b.grant(auth.Grant{Role: "kiosk", Office: "km-setagaya", Kiosk: "K1", Name: "K1"})
	o.Clock, o.Speed = morning, 1
	if change != nil {
		change(&o)
	}
	m := start(b.t, o)
	m.dir, m.needs = o.Dir, true
	m.ready()
	return m
}

// acts counts the audited acts of the day.
func (b *branch) acts() map[string]int {
	b.t.Helper()
	_, out := exchange(b.t, "GET", b.Addr()+setagaya+"records?after=0&limit=500", nil, map[string]string{"Authorization": "Bearer " + b.reader})
	found := map[string]int{}
	raw, err := json.Marshal(out)
	if err != nil {
		b.t.Fatal(err)
	}
	var log struct{ Records []struct{ Body []byte } }
	if err := json.Unmarshal(raw, &log); err != nil {
		b.t.Fatal(err)
	}
	for _, r := range log.Records {
		for _, a := range queue.KioskActions {
			found[string(a)] += strings.Count(string(r.Body), `"action":"`+string(a)+`"`)
		}
	}
	return found
}

func exchange(t testing.TB, method, url string, body any, header map[string]string) (int, map[string]any) {
	t.Helper()
	var payload io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		payload = strings.NewReader(string(raw))
	}
	r, err := http.NewRequestWithContext(context.Background(), method, url, payload)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	raw, err := io.ReadAll(answer.Body)
	if err == nil && len(raw) > 0 && raw[0] == '{' {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatalf("%s %s: %v: %s", method, url, err, raw)
	}
	return answer.StatusCode, out
}

// post sends to the machine what its page would.
func (m *machine) post(path string, body any) (int, map[string]any) {
	m.t.Helper()
	if m.needs {
		m.ready() // on a busy machine a press may have given the server up for a moment
	}
	origin := strings.Join(strings.Split(m.Addr(), "/")[:3], "/")
	return exchange(m.t, "POST", m.Addr()+path, body, map[string]string{"Origin": origin})
}

type object = map[string]any

// want checks an answer: its status and the values at some of its fields.
func want(t testing.TB, what string, status int, got object, wantStatus int, fields object) {
	t.Helper()
	if status != wantStatus {
		t.Errorf("%s: status %d %v, want %d", what, status, got, wantStatus)
	}
	for name, value := range fields {
		if got[name] != value {
			t.Errorf("%s: %s = %v, want %v", what, name, got[name], value)
		}
	}
}

// signIn opens the staff mode.
func (m *machine) signIn() string {
	m.t.Helper()
	status, out := m.post("desk/sign-in", object{"pin": "1234"})
	session, _ := out["session"].(string)
	if status != http.StatusOK || session == "" {
		m.t.Fatalf("sign-in = %d %v", status, out)
	}
	return session
}

// tickets lists what staff see, by number.
func (m *machine) tickets(session, q string) map[string]object {
	m.t.Helper()
	status, out := m.post("desk/list", object{"session": session, "q": q})
	if status != http.StatusOK {
		m.t.Fatalf("list = %d %v", status, out)
	}
	byNumber := map[string]object{}
	for _, row := range out["tickets"].([]any) {
		byNumber[row.(object)["number"].(string)] = row.(object)
	}
	return byNumber
}

// papers returns the texts of the tickets that were printed.
func (m *machine) papers() []string {
	m.t.Helper()
	found, _ := filepath.Glob(filepath.Join(m.dir, "printed", "*.txt"))
	var texts []string
	for _, path := range found {
		raw, err := os.ReadFile(path)
		if err != nil {
			m.t.Fatal(err)
		}
		texts = append(texts, string(raw))
	}
	return texts
}

func (m *machine) printedWith(parts ...string) bool {
	return slices.ContainsFunc(m.papers(), func(text string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(text, p) })
	})
}

// printed waits until a press has its paper.
func (m *machine) printed(service queue.ServiceID) kiosk.Ticket {
	m.t.Helper()
	t := m.press(service)
	eventually(m.t, "the paper of "+string(t.Number), func() bool {
		now, ok := m.Ticket(t.Command)
		return ok && now.State == "printed"
	})
	return t
}
