package kiosk_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog/boltlog"
	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk"
	"machi/kiosk/print"
	"machi/kiosk/store"
)

func TestMain(m *testing.M) {
	store.CheckChild()
	childMain()
	// A child under the race detector would sleep for a second when it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	os.Exit(m.Run())
}

// machine is a ticket machine under test.
type machine struct {
	*kiosk.Kiosk
	dir   string
	t     testing.TB
	stop  func()
	needs bool // of the server for what people do: wait until it answers
}

// plainTypes are the program's own: to read the machine's fonts takes long.
var plainTypes = sync.OnceValue(func() *print.Case { return print.OpenCase("/nowhere.ttf") })

func paperIn(dir string) print.Printer {
	return print.File{Dir: filepath.Join(dir, "printed"), Case: plainTypes()}
}

func options(t testing.TB, dir, server string) kiosk.Options {
	return kiosk.Options{
		Printer: paperIn(dir), Server: server, Token: "kiosk-token", Office: "test-office", Kiosk: "K1", Dir: dir, Listen: "127.0.0.1:0",
		Logger: slog.New(slog.DiscardHandler), CheckStore: boltlog.Verify,
	}
}

func start(t testing.TB, o kiosk.Options) *machine {
	t.Helper()
	k, err := kiosk.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	m := &machine{Kiosk: k, t: t}
	stopped := false
	m.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
	t.Cleanup(m.stop)
	return m
}

func (m *machine) press(service queue.ServiceID) kiosk.Ticket {
	m.t.Helper()
	return m.choose(kiosk.Choice{Service: service, Language: "en"})
}

func (m *machine) choose(choice kiosk.Choice) kiosk.Ticket {
	m.t.Helper()
	var got kiosk.Ticket
	// Two presses within 1.5 seconds are one finger: ask again as a visitor would.
	eventually(m.t, "a press that is not too soon", func() bool {
		var err error
		if got, err = m.Press(context.Background(), choice); err != nil {
			m.t.Fatal(err)
		}
		return got.Code != "too_soon" && got.Code != replica.Busy
	})
	return got
}

func (m *machine) screen() kiosk.Screen {
	m.t.Helper()
	s, err := m.Screen(context.Background())
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

func (m *machine) ready() {
	m.t.Helper()
	eventually(m.t, "the machine has a plan and a range", func() bool {
		s := m.screen()
		return s.Ready && s.Slot >= 0 && s.Online
	})
}

func TestOnlineThenAloneThenMerged(t *testing.T) {
	w := newWard(t)
	dir := t.TempDir()
	m := start(t, options(t, dir, w.url()))
	m.ready()
	online := m.press("moving")
	if online.Number != "A001" || online.Offline {
		t.Fatalf("online press = %+v, want A001 of the server", online)
	}
	w.down()
	first, second := m.press("moving"), m.press("certificate")
	if first.Number != "A801" || second.Number != "B801" || !first.Offline || !second.Offline {
		t.Fatalf("presses alone = %+v, %+v, want A801 and B801 of the own range", first, second)
	}
	w.up()
	eventually(t, "the outbox is empty and the machine online", func() bool { s := m.screen(); return s.Unsent == 0 && s.Online })
	tickets := w.tickets()
	for _, n := range []queue.Number{"A001", "A801", "B801"} {
		if tickets[n] == nil || tickets[n].Status != queue.Waiting {
			t.Errorf("the server has %s = %+v, want a waiting ticket", n, tickets[n])
		}
	}
	if again := m.press("moving"); again.Offline {
		t.Errorf("press after the return = %+v, want a number of the server", again)
	}
	for _, n := range []string{"A001", "A801", "B801"} {
		eventually(t, "the paper of "+n, func() bool {
			found, _ := filepath.Glob(filepath.Join(dir, "printed", "*-"+n+"-*.png"))
			return len(found) == 1
		})
	}
}

func TestLostAnswerPaperWins(t *testing.T) {
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	w.mu.Lock()
	w.delay = 1200 * time.Millisecond // the number is given, its answer comes too late
	w.mu.Unlock()
	got := m.press("moving")
	if got.Number != "A801" {
		t.Fatalf("press with a slow server = %+v, want A801", got)
	}
	eventually(t, "one ticket, with the number on the paper", func() bool {
		tickets := w.tickets()
		return len(tickets) == 1 && tickets["A801"] != nil && m.screen().Unsent == 0
	})
}

func TestNotSafeIsSilence(t *testing.T) {
	for _, code := range []string{"number_not_safe", "store_unreachable", "in_doubt", "overloaded"} {
		t.Run(code, func(t *testing.T) {
			w := newWard(t)
			m := start(t, options(t, t.TempDir(), w.url()))
			m.ready()
			w.mu.Lock()
			w.code = code
			w.mu.Unlock()
			if got := m.press("moving"); got.Number != "A801" || got.Code != "" {
				t.Errorf("press = %+v, want A801", got)
			}
		})
	}
}

func TestBootsAloneFromTheStoredPlan(t *testing.T) {
	w := newWard(t)
	dir := t.TempDir()
	m := start(t, options(t, dir, w.url()))
	m.ready()
	m.stop()
	w.down()
	m = start(t, options(t, dir, w.url()))
	if got := m.press("certificate"); got.Number != "B801" || got.State == replica.Refused {
		t.Errorf("press after a boot without a network = %+v, want B801", got)
	} else if got.Quote != nil {
		t.Errorf("it promises %+v of a line that it has not seen", *got.Quote)
	}
}

func TestNeverConnectedSaysSo(t *testing.T) {
	m := start(t, options(t, t.TempDir(), ""))
	if got := m.press("moving"); got.State != replica.Refused || got.Code != replica.NotSetUp {
		t.Errorf("press = %+v, want refused as %s", got, replica.NotSetUp)
	}
	if m.screen().Ready {
		t.Error("the screen says that the machine is ready")
	}
}

type brokenPrinter struct{ err error }

func (p brokenPrinter) Print(context.Context, string, print.Ticket) error { return p.err }

func (p brokenPrinter) Status(context.Context) (print.Status, error) {
	return print.Status{Printer: print.OK, Paper: print.CoverOpen}, nil
}

func TestPrintFailureLeavesATicketOnTheScreen(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want replica.PressState
	}{
		{"no paper", &print.Failed{Code: print.CoverOpen}, replica.Failed},
		{"nobody knows", print.ErrUnknown, replica.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWard(t)
			o := options(t, t.TempDir(), w.url())
			o.Printer = brokenPrinter{tt.err}
			m := start(t, o)
			m.ready()
			got := m.press("moving")
			eventually(t, "the paper's fate", func() bool {
				now, ok := m.Ticket(got.Command)
				return ok && now.State == tt.want && now.Number == "A001" && now.StatusURL != ""
			})
			if tt.want == replica.Unknown {
				eventually(t, "the flag at the server", func() bool {
					ticket := w.tickets()["A001"]
					return ticket.Has(queue.FlagPrintUnknown) && ticket.Status == queue.Waiting
				})
			}
		})
	}
}

func TestSecondAgentIsRefused(t *testing.T) {
	dir := t.TempDir()
	start(t, options(t, dir, ""))
	if _, err := kiosk.New(options(t, dir, "")); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second agent: %v, want ErrInUse", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*kiosk.Options)
		want   string
	}{
		{"no office", func(o *kiosk.Options) { o.Office = "" }, "must be named"},
		{"open to the network", func(o *kiosk.Options) { o.Listen = "0.0.0.0:0" }, "loopback"},
		{"a name as address", func(o *kiosk.Options) { o.Listen = "kiosk:80" }, "loopback"},
		{"no URL", func(o *kiosk.Options) { o.Server = "ward" }, "want http"},
		{"a clock that runs back", func(o *kiosk.Options) { o.Speed = -1 }, "speed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, t.TempDir(), "")
			tt.change(&o)
			if _, err := kiosk.New(o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestPagesAreGuarded(t *testing.T) {
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	base := m.Addr()
	host := strings.Split(base, "/")[2]
	choice := `{"service":"moving"}`
	for _, tt := range []struct {
		name, method, url, host, origin, kind, body string
		want                                        int
	}{
		{"a press", "POST", base + "press", host, "http://" + host, "application/json", choice, http.StatusCreated},
		{"no origin", "POST", base + "press", host, "", "application/json", choice, http.StatusForbidden},
		{"a foreign origin", "POST", base + "press", host, "http://evil.test", "application/json", choice, http.StatusForbidden},
		{"a foreign name that points here", "POST", base + "press", "evil.test", "http://evil.test", "application/json", choice, http.StatusMisdirectedRequest},
		{"a form", "POST", base + "press", host, "http://" + host, "text/plain", choice, http.StatusUnsupportedMediaType},
		{"a guess at the path", "POST", "http://" + host + "/press", host, "http://" + host, "application/json", choice, http.StatusNotFound},
		{"a GET of the press", "GET", base + "press", host, "", "", "", http.StatusMethodNotAllowed},
		{"no JSON", "POST", base + "press", host, "http://" + host, "application/json", "{", http.StatusBadRequest},
		{"an unknown field", "POST", base + "press", host, "http://" + host, "application/json", `{"number":"A001"}`, http.StatusBadRequest},
		{"too long", "POST", base + "press", host, "http://" + host, "application/json", `{"service":"` + strings.Repeat("x", 5000) + `"}`, http.StatusBadRequest},
		{"the page", "GET", base, host, "", "", "", http.StatusOK},
		{"the screen", "GET", base + "screen", host, "", "", "", http.StatusOK},
		{"an unknown ticket", "GET", base + "ticket/x", host, "", "", "", http.StatusNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(w.tickets())
			r, err := http.NewRequestWithContext(t.Context(), tt.method, tt.url, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Host = tt.host
			for name, value := range map[string]string{"Origin": tt.origin, "Content-Type": tt.kind} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != tt.want {
				t.Errorf("status = %d, want %d", answer.StatusCode, tt.want)
			}
			if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("content policy = %q", policy)
			}
			if tt.want != http.StatusCreated && len(w.tickets()) != before {
				t.Error("a ticket was made")
			}
		})
	}
}

func TestPressOverTheScreenAnswersATicketWithItsCode(t *testing.T) {
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	got := m.press("moving")
	answer, err := http.Get(m.Addr() + "ticket/" + string(got.Command) + "/qr.svg")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "image/svg+xml" {
		t.Errorf("code = %d %s, want a picture", answer.StatusCode, kind)
	}
	if !strings.HasPrefix(got.StatusURL, w.url()+"/t/") {
		t.Errorf("status URL = %q, want one of the server", got.StatusURL)
	}
}

func TestRehearsalSaysSo(t *testing.T) {
	w := newWard(t)
	o := options(t, t.TempDir(), w.url())
	o.Clock, o.Speed = time.Now(), 2
	m := start(t, o)
	m.ready()
	m.press("moving")
	if !m.screen().Rehearsal {
		t.Error("the screen does not say that this is a rehearsal")
	}
	eventually(t, "a ticket that says so", func() bool {
		found, _ := filepath.Glob(filepath.Join(o.Dir, "printed", "*.txt"))
		if len(found) != 1 {
			return false
		}
		text, err := os.ReadFile(found[0])
		return err == nil && strings.Contains(string(text), "訓練用")
	})
}

func TestPlanIsReadInEitherForm(t *testing.T) {
	for _, tt := range []struct{ name, bring string }{
		{"texts by language", `[{"ja":"本人確認書類","en":"ID"}]`},
		{"plain texts", `["本人確認書類"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v kiosk.PlanService
			if err := json.Unmarshal([]byte(`{"id":"moving","bring":`+tt.bring+`}`), &v); err != nil {
				t.Fatal(err)
			}
			if len(v.Bring) != 1 || v.Bring[0].In("ja") != "本人確認書類" {
				t.Errorf("bring = %v", v.Bring)
			}
		})
	}
}
