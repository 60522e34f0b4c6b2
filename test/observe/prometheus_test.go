package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/queue"
	"machi/internal/server"
)

const (
	branch   = "km-setagaya"
	patience = 2 * time.Minute // only a broken program needs it
)

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	look, limit := time.NewTicker(50*time.Millisecond), time.NewTimer(patience)
	defer look.Stop()
	defer limit.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatal("never: ", what)
		}
	}
}

// office is a server on an ordinary morning, and a program that acts there.
type office struct {
	t      *testing.T
	server *server.Server
	token  string
	acts   int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	s, err := server.New(server.Options{
		Data: t.TempDir(), AdminListen: "127.0.0.1:0", Clock: time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST), Logger: slog.New(slog.DiscardHandler),
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
			t.Error(err)
		}
	})
	token, err := s.Grant(t.Context(), auth.Grant{Role: "staff", Office: branch, Name: "observe"})
	if err != nil {
		t.Fatal(err)
	}
	return &office{t: t, server: s, token: token}
}

// act sends a command, which must be taken.
func (o *office) act(path, body string) {
	o.t.Helper()
	o.acts++
	r, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.server.Addr()+"/api/v1/offices/"+branch+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+o.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprint("observe-", o.acts))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		o.t.Fatalf("%s: %s", path, answer.Status)
	}
}

// watcher is a running Prometheus.
type watcher struct {
	t   *testing.T
	url string
}

// watch starts Prometheus with the shipped rules on one server.
func watch(t *testing.T, target string) *watcher {
	t.Helper()
	dir := t.TempDir()
	rules, err := filepath.Abs("../../deploy/prometheus")
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q, %q]
scrape_configs: [{job_name: machi, static_configs: [{targets: [%q]}]}]
`, rules+"/rules.yml", rules+"/alerts.yml", strings.TrimPrefix(target, "http://"))
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &watcher{t: t, url: "http://" + freeAddress(t)}
	var said bytes.Buffer
	c := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+strings.TrimPrefix(w.url, "http://"), "--log.level=warn")
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil || t.Failed() {
			t.Logf("prometheus: %v\n%s", err, &said)
		}
	})
	return w
}

// freeAddress returns an address that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// ask reads an answer of Prometheus; false: there is none.
func (w *watcher) ask(path string, into any) bool {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var whole struct {
		Status, Error string
		Data          json.RawMessage
	}
	if json.NewDecoder(answer.Body).Decode(&whole) != nil {
		return false
	}
	if whole.Status != "success" {
		w.t.Fatalf("%s: %s", path, whole.Error)
	}
	if err := json.Unmarshal(whole.Data, into); err != nil {
		w.t.Fatal(err)
	}
	return true
}

// sample is one series' value now.
type sample struct {
	Metric map[string]string
	Value  [2]any // moment, value as text
}

// query evaluates an expression, which must be valid.
func (w *watcher) query(expr string) []sample {
	w.t.Helper()
	var found struct{ Result []sample }
	w.ask("/api/v1/query?query="+url.QueryEscape(expr), &found)
	return found.Result
}

// says reports whether an expression has exactly this one value.
func (w *watcher) says(expr, value string) bool {
	w.t.Helper()
	list := w.query(expr)
	return len(list) == 1 && list[0].Value[1] == value
}

// TestPrometheusSeesAnOffice lets a real Prometheus scrape a real server, whose lines it
// must tell rightly; then every rule and every panel of every dashboard is evaluated.
func TestPrometheusSeesAnOffice(t *testing.T) {
	o := newOffice(t)
	o.act("/counters/3/open", "{}")
	for _, service := range []string{"moving", "moving", "moving", "certificate"} {
		o.act("/tickets", `{"service": "`+service+`", "channel": "reception"}`)
	}
	o.act("/counters/3/call-next", "{}")
	w := watch(t, o.server.AdminAddr())
	for expr, value := range map[string]string{
		`up{job="machi"}`: "1",
		`sum(machi_queue_waiting{office="km-setagaya"})`:                              "3",
		`sum(machi_queue_issued_today{office="km-setagaya"})`:                         "4",
		`machi_queue_issued_today{office="km-setagaya",service="certificate"}`:        "1",
		`machi_counter_open{office="km-setagaya",counter="3"}`:                        "1",
		`machi_counter_serving{office="km-setagaya",counter="3"}`:                     "1",
		`machi_counter_open{office="km-setagaya",counter="4"}`:                        "0",
		`office:machi_counter_serving:sum{office="km-setagaya"}`:                      "1",
		`sum(machi_office_until_called_seconds_count{office="km-setagaya"})`:          "1",
		`office:machi_queue_waiting:sum{office="km-setagaya"}`:                        "3",
		`count(count by (office) (machi_board_timestamp_seconds{office=~"km-.*"}))>1`: fmt.Sprint(offices("km-")),
	} {
		eventually(t, expr+" is "+value, func() bool { return w.says(expr, value) })
	}
	t.Run("every rule is judged", func(t *testing.T) { judged(t, w) })
	for _, p := range panels(t) {
		for _, expr := range p.exprs {
			w.query(variables.Replace(expr)) // fails where it is not valid
		}
	}
}

// offices counts those of the catalogue that can be open on the morning.
func offices(prefix string) int {
	n := 0
	for _, id := range all() {
		if strings.HasPrefix(string(id), prefix) {
			n++
		}
	}
	return n
}

// judged waits until every rule was evaluated, without an error, and looks at what fires:
// of an office in order nothing may.
func judged(t *testing.T, w *watcher) {
	type rule struct{ Name, Health, LastError, State string }
	var got struct{ Groups []struct{ Rules []rule } }
	eventually(t, "all rules are evaluated", func() bool {
		got.Groups = nil
		if !w.ask("/api/v1/rules", &got) || len(got.Groups) == 0 {
			return false
		}
		for _, g := range got.Groups {
			for _, r := range g.Rules {
				if r.Health == "unknown" {
					return false
				}
			}
		}
		return true
	})
	n := 0
	for _, g := range got.Groups {
		for _, r := range g.Rules {
			n++
			if r.Health != "ok" || r.State == "firing" {
				t.Errorf("%s: %s %s %s", r.Name, r.Health, r.State, r.LastError)
			}
		}
	}
	if n < 25 {
		t.Errorf("%d rules, want those of rules.yml and alerts.yml", n)
	}
}
