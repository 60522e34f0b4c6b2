package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/notify"
	"machi/internal/notify/line"
	"machi/internal/notify/mail"
	"machi/internal/notify/notifytest"
	"machi/internal/notify/webpush"
	"machi/internal/queue"
	"machi/internal/told"
)

// world is a ward whose tickets stand as a test says, with servers that tell.
type world struct {
	t     *testing.T
	push  *notifytest.PushService
	mail  *notifytest.MailServer
	line  *notifytest.LineService
	logs  *safeBuffer
	store func() eventlog.Store

	mu    sync.Mutex
	clock time.Time // of the offices
	skip  time.Duration
	at    map[string]notify.Standing
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newWorld(t *testing.T, store func() eventlog.Store) *world {
	return &world{
		t: t, store: store, push: notifytest.NewPushService(t), mail: notifytest.NewMailServer(t), line: notifytest.NewLineService(t), logs: &safeBuffer{},
		clock: time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST), at: map[string]notify.Standing{},
	}
}

// now is the offices' clock, which stands still until a test moves it.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

// wall runs with the machine's, and ahead of it as far as a test says.
func (w *world) wall() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.skip)
}

func (w *world) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// hurry lets pauses between tries pass.
func (w *world) hurry(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.skip += d
}

func (w *world) stand(ticket string, ahead int) {
	w.set(ticket, notify.Standing{Status: queue.Waiting, Ahead: ahead, Span: told.Span{Low: ahead * 5, High: ahead*5 + 10}})
}

func (w *world) call(ticket, counter string) {
	w.set(ticket, notify.Standing{Status: queue.Called, Called: true, Counter: queue.CounterID(counter)})
}

func (w *world) set(ticket string, s notify.Standing) {
	s.Office, s.Name, s.Number = "o", map[string]string{"ja": "世田谷窓口", "en": "Setagaya"}, "A012"
	if s.Stage == "" {
		s.Stage = queue.StageReception
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[ticket] = s
}

func (w *world) standing(_ queue.OfficeID, ticket string) (notify.Standing, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.at[ticket]
	return s, ok
}

// machine is one server.
type machine struct {
	*notify.Engine
	dir   string
	store eventlog.Store
	stop  func()
}

// start runs a server on a folder. It is stopped at the test's end, or before.
func (w *world) start(name, dir string) *machine {
	w.t.Helper()
	key, err := webpush.Derive([]byte("the installation's secret"))
	if err != nil {
		w.t.Fatal(err)
	}
	push, err := webpush.New(webpush.Options{Key: key, Subject: "https://city.example/contact", Hosts: []string{w.push.URL}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.push.Expect(push.Public())
	mailer, err := mail.New(mail.Options{Server: w.mail.Addr, Security: mail.Plain, From: "世田谷区 <no-reply@city.example.jp>"})
	if err != nil {
		w.t.Fatal(err)
	}
	account, err := line.New(line.Options{Secret: notifytest.LineSecret, Token: notifytest.LineToken, Endpoint: w.line.URL})
	if err != nil {
		w.t.Fatal(err)
	}
	m := &machine{dir: dir, store: w.store()}
	m.Engine = notify.New(notify.Options{
		Store: m.store, Dir: filepath.Join(dir, "vault"), Server: name, Run: fmt.Sprint(time.Now().UnixNano()), Now: w.now, Wall: w.wall, Standing: w.standing,
		Senders: map[notify.Channel]notify.Sender{notify.Push: push, notify.Mail: mailer, notify.Line: account}, CheckPush: push.Check,
		Parse: account.Parse, Reply: account.Reply, PublicURL: "https://machi.example", Every: 10 * time.Millisecond, Lease: time.Minute,
		Channels: notify.Channels{Push: &notify.PushChannel{Key: push.Public()}, Mail: true, Line: &notify.LineChannel{AddURL: "https://line.example/add"}},
		Logger:   slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = m.Run(ctx) }()
	var once sync.Once
	m.stop = func() { once.Do(func() { cancel(); <-done }) }
	w.t.Cleanup(m.stop)
	return m
}

// ask asks to be told of a ticket.
func (w *world) ask(m *machine, r notify.Request) notify.View {
	w.t.Helper()
	v, err := m.Add(w.t.Context(), w.request(r))
	if err != nil {
		w.t.Fatalf("%s: %v", r.Key, err)
	}
	return v
}

func (w *world) request(r notify.Request) notify.Request {
	r.Office, r.Secret = "o", "secret-of-"+r.Ticket
	if r.Lang == "" {
		r.Lang = "ja"
	}
	return r
}

// eventually waits until something is so; only a broken program lets it wait for long.
func (w *world) eventually(what string, so func() bool) {
	w.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-limit.C:
			w.t.Fatalf("%s did not happen\n%s", what, w.logs)
		case <-tick.C:
		}
	}
}

// becomes waits until a rule of a ticket has a state.
func (w *world) becomes(m *machine, ticket, id string, want notify.State) {
	w.t.Helper()
	w.eventually(fmt.Sprintf("rule %s of %s becoming %s", id, ticket, want), func() bool {
		for _, v := range m.Rules(ticket) {
			if v.ID == id {
				return v.State == want
			}
		}
		return false
	})
}
