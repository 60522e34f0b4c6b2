package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/auth"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/redistest"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/server"
)

// patience bounds what must happen soon, on however busy a machine.
const patience = 2 * time.Minute

// setagaya is the office that the tests work at.
const setagaya = "/api/v1/offices/km-setagaya"

var morning = time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)

// running is a server that serves until the test ends.
type running struct {
	*server.Server
	t    *testing.T
	stop func() error
}

func start(t *testing.T, o server.Options) *running {
	t.Helper()
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	if o.Clock.IsZero() {
		o.Clock = morning
	}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	r := &running{Server: s, t: t, stop: sync.OnceValue(func() error { cancel(); return <-ended })}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	eventually(t, "the server is ready", func() bool { status, _ := r.send("GET", "/readyz", "", "", ""); return status == 200 })
	return r
}

// eventually asks until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("never: ", what)
		}
	}
}

// send makes one exchange; an exchange that fails has status 0.
func (r *running) send(method, path, token, key, body string) (int, map[string]any) {
	request, err := http.NewRequest(method, r.Addr()+path, strings.NewReader(body))
	if err != nil {
		r.t.Error(err)
		return 0, nil
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	var out map[string]any
	raw, err := io.ReadAll(answer.Body)
	if err == nil && len(raw) > 0 {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		r.t.Errorf("%s %s: %v: %s", method, path, err, raw)
	}
	return answer.StatusCode, out
}

// post repeats a command with its key until there is an answer, as clients do.
func (r *running) post(path, token, key, body string) (int, map[string]any) {
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		if status, out := r.send("POST", path, token, key, body); status != 0 && status != http.StatusServiceUnavailable {
			return status, out
		}
	}
	r.t.Errorf("POST %s: the server stays unavailable", path)
	return 0, nil
}

func (r *running) grant(role auth.Role) string {
	r.t.Helper()
	token, err := r.Grant(context.Background(), auth.Grant{Role: role, Name: string(role)})
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// knows waits until a token that was made through another server works here.
func (r *running) knows(token string) {
	r.t.Helper()
	eventually(r.t, "the token works", func() bool {
		status, _ := r.send("GET", setagaya+"/dashboard", token, "", "")
		return status == http.StatusOK
	})
}

// day reads an office's day through the API and checks all of it.
func (r *running) day(token, id string) *day.Day {
	r.t.Helper()
	var all []eventlog.Record
	for {
		var page struct{ Records []eventlog.Record }
		_, out := r.send("GET", fmt.Sprintf("/api/v1/offices/%s/records?after=%d", id, len(all)), token, "", "")
		raw, err := json.Marshal(out)
		if err != nil {
			r.t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			r.t.Fatal(err)
		}
		if len(page.Records) == 0 {
			break
		}
		all = append(all, page.Records...)
	}
	d, err := office.Verify(all)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, v := range invariant.CheckRecords(all) {
		r.t.Error(v)
	}
	return d
}

func hash(t *testing.T, d *day.Day) eventlog.Hash {
	t.Helper()
	h, err := d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const issueBody = `{"service":"moving","channel":"kiosk"}`

// TestTwoServersOnOneRedisAtOnce lets 64 clients press, and 64 clients call, at the
// same moment through both servers.
func TestTwoServersOnOneRedisAtOnce(t *testing.T) {
	redis := redistest.Start(t)
	servers := []*running{start(t, server.Options{Redis: redis.URL()}), start(t, server.Options{Redis: redis.URL()})}
	token := servers[0].grant("admin")
	servers[1].knows(token)
	const clients = 64
	numbers := atOnce(clients, func(n int) string {
		status, out := servers[n%2].post(setagaya+"/tickets", token, fmt.Sprintf("press-%d", n), issueBody)
		if status != http.StatusCreated {
			t.Errorf("press %d: %d %v", n, status, out)
		}
		return fmt.Sprint(out["number"])
	})
	unique(t, "number", numbers, clients)

	var counters []string // those that have a ticket now; some of the office only hand over
	for n, counter := range counterIDs(t, servers[0]) {
		servers[n%2].post(setagaya+"/counters/"+counter+"/open", token, "open-"+counter, `{"services":["moving"]}`)
		if status, _ := servers[n%2].post(setagaya+"/counters/"+counter+"/call-next", token, "first-"+counter, ""); status == 200 {
			counters = append(counters, counter)
		}
	}
	left := clients - len(counters)
	called := atOnce(clients, func(n int) string {
		path := setagaya + "/counters/" + counters[n%len(counters)] + "/finish-and-call-next"
		status, out := servers[n%2].post(path, token, fmt.Sprintf("call-%d", n), "")
		switch status {
		case http.StatusOK:
			return fmt.Sprint(out["ticket"].(map[string]any)["number"])
		case http.StatusNoContent, http.StatusConflict: // nobody waits any more, or nobody is at the counter
			return ""
		}
		t.Errorf("call %d: %d %v", n, status, out)
		return ""
	})
	unique(t, "call", called, left)

	eventually(t, "both servers hold the same day", func() bool {
		return servers[0].day(token, "km-setagaya").Head() == servers[1].day(token, "km-setagaya").Head()
	})
	if diff := cmp.Diff(hash(t, servers[0].day(token, "km-setagaya")), hash(t, servers[1].day(token, "km-setagaya"))); diff != "" {
		t.Errorf("the servers hold different states:\n%s", diff)
	}
}

// atOnce runs clients that all wait for one start.
func atOnce(n int, client func(int) string) []string {
	out := make([]string, n)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			out[i] = client(i)
		})
	}
	close(begin)
	all.Wait()
	return out
}

// unique counts what is not empty and fails on whatever is there twice.
func unique(t *testing.T, what string, list []string, want int) {
	t.Helper()
	seen := map[string]bool{}
	for _, x := range list {
		if x != "" && seen[x] {
			t.Errorf("%s %s twice", what, x)
		}
		seen[x] = x != ""
	}
	delete(seen, "")
	if len(seen) != want {
		t.Errorf("%d different: %s, want %d", len(seen), what, want)
	}
}

func counterIDs(t *testing.T, r *running) []string {
	t.Helper()
	_, out := r.send("GET", setagaya, "", "", "")
	var ids []string
	for _, c := range out["counters"].([]any) {
		ids = append(ids, c.(map[string]any)["id"].(string))
	}
	if len(ids) == 0 {
		t.Fatal("the office has no counters")
	}
	return ids
}

// TestTheOtherServerKnowsTheSecret: servers on one Redis derive the same secrets.
func TestTheOtherServerKnowsTheSecret(t *testing.T) {
	redis := redistest.Start(t)
	one, two := start(t, server.Options{Redis: redis.URL()}), start(t, server.Options{Redis: redis.URL()})
	token := one.grant("admin")
	two.knows(token)
	_, first := one.post(setagaya+"/tickets", token, "press", issueBody)
	_, again := two.post(setagaya+"/tickets", token, "press", issueBody)
	if first["secret"] != again["secret"] || first["number"] != again["number"] || first["secret"] == nil {
		t.Errorf("one key, answered with %v and %v", first, again)
	}
	eventually(t, "the other server shows the ticket", func() bool {
		status, _ := two.send("GET", "/api/v1/tickets/"+fmt.Sprint(first["secret"]), "", "", "")
		return status == 200
	})
}

func TestRestartKeepsTheDay(t *testing.T) {
	data := t.TempDir()
	first := start(t, server.Options{Data: data})
	token := first.grant("staff")
	_, before := first.post(setagaya+"/tickets", token, "one", issueBody)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, server.Options{Data: data, Clock: morning.Add(time.Hour)})
	_, again := second.post(setagaya+"/tickets", token, "one", issueBody)
	_, next := second.post(setagaya+"/tickets", token, "two", issueBody)
	if again["number"] != before["number"] || again["secret"] != before["secret"] || next["number"] == before["number"] || next["ticket"] == before["ticket"] {
		t.Errorf("before %v, again %v, next %v", before, again, next)
	}
	if first := before["rehearsal"]; first != true {
		t.Errorf("a rehearsal that does not say so: %v", before)
	}
}

func TestRefusedOptions(t *testing.T) {
	taken := t.TempDir()
	start(t, server.Options{Data: taken})
	lossy := redistest.Start(t, "--appendfsync", "everysec")
	for _, row := range []struct {
		name    string
		options server.Options
		want    error
	}{
		{"no folder", server.Options{}, nil},
		{"a folder in use", server.Options{Data: taken}, journal.ErrLocked},
		{"a Redis that forgets", server.Options{Data: t.TempDir(), Redis: lossy.URL()}, nil},
		{"no Redis", server.Options{Data: t.TempDir(), Redis: "redis://127.0.0.1:1"}, nil},
		{"a bad address", server.Options{Data: t.TempDir(), Listen: "nowhere:x"}, nil},
		{"replicas of nothing", server.Options{Data: t.TempDir(), RedisReplicas: 1}, nil},
		{"speed without clock", server.Options{Data: t.TempDir(), Speed: 2}, nil},
		{"a short key", server.Options{Data: t.TempDir(), SecretKey: []byte("short")}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := server.New(row.options)
			if err == nil {
				_ = s.Close()
				t.Fatal("the server started")
			}
			if row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("refused with %v, want %v", err, row.want)
			}
		})
	}
}

func TestAdminListener(t *testing.T) {
	s := start(t, server.Options{AdminListen: "127.0.0.1:0"})
	for path, want := range map[string]string{"/metrics": "machi_live_frames_total", "/debug/pprof/cmdline": ""} {
		answer, err := http.Get(s.AdminAddr() + path)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != 200 || !strings.Contains(string(raw), want) {
			t.Errorf("%s: %d %v", path, answer.StatusCode, err)
		}
		if status, _ := s.send("GET", path, "", "", ""); status != 404 {
			t.Errorf("%s is on the public listener: %d", path, status)
		}
	}
}

// TestANewTokenWorksForManyAtOnce on a server that has not heard of it.
func TestANewTokenWorksForManyAtOnce(t *testing.T) {
	redis := redistest.Start(t)
	one, two := start(t, server.Options{Redis: redis.URL()}), start(t, server.Options{Redis: redis.URL()})
	token := one.grant("admin")
	for n, got := range atOnce(32, func(int) string {
		status, _ := two.send("GET", setagaya+"/dashboard", token, "", "")
		return fmt.Sprint(status)
	}) {
		if got != "200" {
			t.Errorf("request %d: %s", n, got)
		}
	}
}
