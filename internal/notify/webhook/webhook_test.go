package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"machi/internal/eventlog"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
	"machi/internal/queue"
)

// got is a request that a receiver took.
type got struct {
	header http.Header
	body   []byte
	event  Event
}

// world is a receiver, and servers that send to it over a real Redis.
type world struct {
	t     *testing.T
	redis *redistest.Server
	hook  *httptest.Server

	mu     sync.Mutex
	taken  []got
	asked  int
	answer func(n int) int
	skip   time.Duration
	scene  Scene
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, redis: redistest.Start(t), answer: func(int) int { return 200 }}
	w.hook = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.asked++
		status := w.answer(w.asked)
		if status == 200 {
			g := got{header: r.Header, body: raw}
			if err := json.Unmarshal(raw, &g.event); err != nil {
				t.Error(err)
			}
			w.taken = append(w.taken, g)
		}
		out.WriteHeader(status)
	}))
	t.Cleanup(w.hook.Close)
	return w
}

func (w *world) wall() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.skip)
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) all() []got {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]got(nil), w.taken...)
}

var loopback = &Guard{Allow: prefixes("127.0.0.0/8")}

// start runs a server, and returns its endpoints and its deliveries.
func (w *world) start(name string) (*Book, *Service) {
	w.t.Helper()
	var store eventlog.Store
	store, err := redislog.Open(redislog.Options{URL: w.redis.URL()})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = store.Close() })
	log, err := store.Open(Stream)
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := OpenBook(w.t.Context(), log, []byte("key"), loopback, w.wall)
	if err != nil {
		w.t.Fatal(err)
	}
	s := New(Options{
		Book: b, Store: store, Server: name, Run: "1", Key: []byte("key"), Source: "https://machi.example", Guard: loopback, Wall: w.wall, Every: 10 * time.Millisecond, Lease: 1000 * time.Hour,
		Now: func() time.Time { return time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST) },
		Scenes: func() []Scene {
			w.mu.Lock()
			defer w.mu.Unlock()
			return []Scene{w.scene}
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = b.Run(ctx) })
	running.Go(func() { _ = s.Run(ctx) })
	w.t.Cleanup(func() { cancel(); running.Wait() })
	return b, s
}

func (w *world) eventually(what string, so func() bool) {
	w.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-limit.C:
			w.t.Fatalf("%s did not happen", what)
		case <-tick.C:
		}
	}
}

// scenery is an office where two wait and one is called.
func scenery(level string, called time.Time) Scene {
	s := Scene{Office: "km-setagaya", At: time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST), Lines: []Line{{"moving", level, 7}}, Turns: []Turn{
		{ID: "s1-000001", Number: "A001", Service: "moving", Stage: queue.StageReception, Waits: true, Ahead: 2},
		{ID: "s1-000002", Number: "A002", Service: "", Stage: queue.StageReception, Waits: true, Ahead: 9},
	}}
	if !called.IsZero() {
		s.Turns = append(s.Turns, Turn{ID: "s1-000003", Number: "B003", Service: "cert", Stage: queue.StageReception, Counter: "4", CalledAt: called, Calls: 1})
	}
	return s
}

func TestEventsReachEveryEndpointOnceSignedAndNameNobody(t *testing.T) {
	w := newWorld(t)
	b, _ := w.start("a")
	_, _ = w.start("b")
	at := time.Date(2026, 4, 1, 9, 59, 30, 0, queue.JST)
	w.set(func() {
		w.scene = scenery("busy", at)
		w.answer = func(n int) int { return []int{500, 404, 200}[min(n-1, 2)] }
	})
	e, secret, err := b.Add(t.Context(), "k", Endpoint{URL: w.hook.URL + "/in", Events: Types, By: "root"})
	if err != nil {
		t.Fatal(err)
	}
	if again, none, err := b.Add(t.Context(), "k", Endpoint{URL: w.hook.URL + "/in", Events: Types}); err != nil || again.ID != e.ID || none != "" {
		t.Errorf("the same request: %+v %q %v", again, none, err)
	}
	w.eventually("three events", func() bool { w.set(func() { w.skip += time.Second }); return len(w.all()) == 3 })
	key, err := standard.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]Event{}
	for _, g := range w.all() {
		if err := key.VerifyIgnoringTimestamp(g.body, g.header); err != nil {
			t.Errorf("%s: %v", g.body, err)
		}
		if id := g.header.Get("Webhook-Id"); id != "msg_"+g.event.ID && g.event.Type != OfficeThreshold {
			t.Errorf("webhook-id %s of %s", id, g.event.ID)
		}
		for _, private := range []string{"s1-0000", "secret", "A002"} {
			if strings.Contains(string(g.body), private) {
				t.Errorf("%s names %q", g.body, private)
			}
		}
		seen[g.event.Type] = g.event
	}
	called, near, level := seen[TicketCalled], seen[TicketNear], seen[OfficeThreshold]
	if called.Data.Number != "B003" || called.Data.Counter != "4" || !called.Time.Equal(at) || called.Version != "1.0" || called.Subject != "km-setagaya" {
		t.Errorf("called: %+v", called)
	}
	if near.Data.Number != "A001" || *near.Data.Ahead != 2 || near.Data.Ticket == "" || near.Data.Ticket == called.Data.Ticket {
		t.Errorf("near: %+v", near)
	}
	if !*level.Data.Over || level.Data.Level != "busy" || *level.Data.Waiting != 7 {
		t.Errorf("threshold: %+v", level)
	}
	w.set(func() { w.scene = scenery("quiet", time.Time{}); w.skip += 3 * time.Minute })
	w.eventually("the end of the congestion", func() bool { return len(w.all()) == 4 })
	if last := w.all()[3].event; last.Type != OfficeThreshold || *last.Data.Over {
		t.Errorf("after it: %+v", last)
	}
	rotate(t, w, b, e.ID, secret)
}

// rotate changes an endpoint's secret and looks at who can check signatures after it.
func rotate(t *testing.T, w *world, b *Book, id, old string) {
	t.Helper()
	secret, err := b.Rotate(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []struct {
		wait time.Duration
		old  bool
	}{{time.Hour, true}, {24 * time.Hour, false}} {
		n := len(w.all())
		w.set(func() {
			w.skip += after.wait
			w.scene = scenery("quiet", time.Date(2026, 4, 1, 9, 59, n, 0, queue.JST))
		})
		w.eventually("a call", func() bool { return len(w.all()) == n+1 })
		g := w.all()[n]
		for s, want := range map[string]bool{secret: true, old: after.old} {
			key, err := standard.NewWebhook(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := key.VerifyIgnoringTimestamp(g.body, g.header); (err == nil) != want {
				t.Errorf("%v after the change, old secret %v: %v", after.wait, s == old, err)
			}
		}
	}
}

func TestWhatCannotBeDeliveredEndsInAListAndCanBeSentAgain(t *testing.T) {
	w := newWorld(t)
	b, s := w.start("a")
	w.set(func() { w.answer = func(int) int { return 503 } })
	e, _, err := b.Add(t.Context(), "k", Endpoint{URL: w.hook.URL, Events: []string{TicketCalled}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Try(t.Context(), "nobody"); !errors.Is(err, ErrUnknown) {
		t.Errorf("nobody: %v", err)
	}
	if err := s.Try(t.Context(), e.ID); err != nil {
		t.Fatal(err)
	}
	state := func() Delivery {
		list, err := s.Deliveries(t.Context(), e.ID)
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		return list[0]
	}
	w.eventually("a dead delivery", func() bool { w.set(func() { w.skip += 10 * time.Second }); return state().State == "dead" })
	dead := state()
	if dead.Tries != mostTry || dead.Reason != "status 503" || dead.Type != Test {
		t.Errorf("dead: %+v", dead)
	}
	w.set(func() { w.answer = func(int) int { return 200 } })
	for range 2 {
		if err := s.Retry(t.Context(), e.ID, dead.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.eventually("the second delivery", func() bool { return state().State == "sent" })
	if all := w.all(); len(all) != 1 || all[0].header.Get("Webhook-Id") != dead.Message {
		t.Errorf("delivered: %+v", all)
	}
	if err := b.Remove(t.Context(), e.ID); err != nil || len(b.Endpoints()) != 0 {
		t.Errorf("removed: %v, %v", err, b.Endpoints())
	}
	if _, err := s.Deliveries(t.Context(), e.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("of a removed one: %v", err)
	}
}

func TestAnEndpointThatDoesNotAnswerKeepsNoOtherWaiting(t *testing.T) {
	w := newWorld(t)
	hang, release := make(chan struct{}, 100), make(chan struct{})
	mute := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		hang <- struct{}{}
		<-release
	}))
	t.Cleanup(mute.Close)
	defer close(release)
	b, s := w.start("a")
	m, _, err := b.Add(t.Context(), "k1", Endpoint{URL: mute.URL, Events: []string{TicketCalled}})
	if err != nil {
		t.Fatal(err)
	}
	e, _, err := b.Add(t.Context(), "k2", Endpoint{URL: w.hook.URL, Events: []string{TicketCalled}})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := errors.Join(s.Try(t.Context(), m.ID), s.Try(t.Context(), e.ID)); err != nil {
			t.Fatal(err)
		}
	}
	w.eventually("the other one served", func() bool { return len(w.all()) == 5 })
	if n := len(hang); n > atOnce {
		t.Errorf("%d requests hang at once", n)
	}
}

func TestNothingInsideANetworkIsReached(t *testing.T) {
	g := &Guard{Allow: prefixes("10.20.0.0/16")}
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "10.20.3.4": true, "::ffff:10.20.3.4": true,
		"127.0.0.1": false, "10.0.0.1": false, "10.21.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::7f00:1": false, "ff02::1": false,
		"198.18.0.1": false, "192.0.2.1": false, "2001:db8::1": false,
	} {
		if got := g.may(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for url, field := range map[string]string{
		"https://example.jp/hook": "", "https://example.jp:8443/": "", "http://10.20.0.1/": "", "https://10.20.0.1/": "",
		"http://example.jp/": "url", "https://127.0.0.1/": "url", "https://[::1]/": "url", "https://localhost/": "url", "https://redis/": "url", "https://a.local/": "url",
		"https://2130706433/": "url", "https://0x7f.1/": "url", "https://0177.0.0.1/": "url", "https://127.1/": "url", "https://metadata.google.internal/": "url",
		"https://u:p@example.jp/": "url", "ftp://example.jp/": "url", "https://example.jp/#x": "url", "": "url", "https://[fe80::1%25eth0]/": "url",
	} {
		e := Endpoint{URL: url, Events: []string{TicketNear, TicketNear}}
		err := e.complete(g)
		var f *Fault
		if (err == nil) != (field == "") || err != nil && (!errors.As(err, &f) || f.Field != field) {
			t.Errorf("%s: %v", url, err)
		}
		if err == nil && (len(e.Events) != 1 || e.Near != 3 || e.Level != "busy") {
			t.Errorf("completed to %+v", e)
		}
	}
	for field, e := range map[string]Endpoint{
		"events": {URL: "https://example.jp", Events: []string{"x"}}, "near": {URL: "https://example.jp", Events: Types[:1], Near: 51},
		"level": {URL: "https://example.jp", Events: Types[:1], Level: "quiet"}, "note": {URL: "https://example.jp", Events: Types[:1], Note: strings.Repeat("x", 201)},
	} {
		var f *Fault
		if err := e.complete(g); !errors.As(err, &f) || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestANameThatChangesItsAddressIsConnectedToWhereItWasLookedAt: one answer of the name
// service is looked at and connected to, and a single inner address spoils a name.
func TestANameThatChangesItsAddressIsConnectedToWhereItWasLookedAt(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	reached := make(chan struct{}, 1)
	go func() {
		for {
			c, err := inner.Accept()
			if err != nil {
				return
			}
			reached <- struct{}{}
			_ = c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(inner.Addr().String())
	for name, answers := range map[string][]string{
		"inside.example": {"127.0.0.1"}, "both.example": {"93.184.216.34", "127.0.0.1"}, "mapped.example": {"::ffff:127.0.0.1"}, "nowhere.example": {},
	} {
		lookups := 0
		g := &Guard{Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			lookups++
			if host != name {
				return nil, fmt.Errorf("asked for %s", host)
			}
			var list []netip.Addr
			for _, a := range answers {
				list = append(list, netip.MustParseAddr(a))
			}
			return list, nil
		}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+net.JoinHostPort(name, port)+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Client().Do(r)
		if err == nil || len(answers) > 0 && !errors.Is(err, ErrInside) || lookups != 1 {
			t.Errorf("%s: %v after %d look-ups", name, err, lookups)
		}
	}
	select {
	case <-reached:
		t.Error("the inside was reached")
	default:
	}
	redirected := 0
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		redirected++
		http.Redirect(w, r, "http://"+inner.Addr().String()+"/", http.StatusTemporaryRedirect)
	}))
	defer to.Close()
	answer, err := loopback.Client().Post(to.URL, "application/json", strings.NewReader("{}"))
	if err != nil || answer.StatusCode != http.StatusTemporaryRedirect || redirected != 1 {
		t.Errorf("a redirection: %v, %d requests", err, redirected)
	}
	if err == nil {
		_ = answer.Body.Close()
	}
}
