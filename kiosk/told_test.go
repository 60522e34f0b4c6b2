package kiosk_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/kiosk"
)

// line is a way to the server that can be cut.
type line struct {
	*httptest.Server
	cut atomic.Bool
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	l := &line{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

// issued returns the tickets of the office's day, as its log has them.
func (b *branch) issued() map[queue.Number]*queue.Ticket {
	b.t.Helper()
	_, out := exchange(b.t, "GET", b.Addr()+setagaya+"records?after=0&limit=500", nil, map[string]string{"Authorization": "Bearer " + b.reader})
	raw, err := json.Marshal(out)
	if err != nil {
		b.t.Fatal(err)
	}
	var log struct{ Records []eventlog.Record }
	if err := json.Unmarshal(raw, &log); err != nil {
		b.t.Fatal(err)
	}
	folded, err := day.Replay(log.Records)
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[queue.Number]*queue.Ticket{}
	for _, t := range folded.State().Tickets() {
		found[t.Number] = t
	}
	return found
}

// TestWhatWasSaidIsKeptWithTheTicket takes a number by every way there is and finds
// with each ticket what its visitor was told.
func TestWhatWasSaidIsKeptWithTheTicket(t *testing.T) {
	b := newBranch(t)
	for _, counter := range []string{"3", "4"} {
		b.must("POST", setagaya+"counters/"+counter+"/open", struct{}{})
	}
	way := newLine(t, b.Addr())
	m := b.machine(func(o *kiosk.Options) { o.Server = way.URL })
	eventually(t, "the machine tells a wait", func() bool {
		v := m.service("moving")
		return v.Quote != nil && v.Quote.HighMinutes > 0
	})
	said := map[queue.Number]kiosk.Quote{}
	press := func(offline bool) {
		got := m.press("moving")
		if got.Offline != offline || got.Quote == nil || got.Quote.HighMinutes == 0 {
			t.Fatalf("pressed: %+v, %+v; alone: %v", got, got.Quote, offline)
		}
		said[got.Number] = *got.Quote
	}
	press(false)
	way.cut.Store(true)
	press(true)
	way.cut.Store(false)
	web := b.grant(auth.Grant{Role: "web", Name: "web"})
	for channel, token := range map[string]string{"reception": b.admin, "web": web, "appointment": b.admin} {
		body := map[string]any{"service": "moving", "channel": channel}
		if channel == "appointment" {
			body["appointment"] = morning.Add(time.Hour).Format(time.RFC3339)
		}
		status, out := exchange(t, "POST", b.Addr()+setagaya+"tickets", body, map[string]string{"Authorization": "Bearer " + token, "Idempotency-Key": channel})
		if status != http.StatusCreated || out["until_called"] == nil {
			t.Fatalf("%s: %d %v", channel, status, out)
		}
		number, _ := out["number"].(string)
		said[queue.Number(number)] = kiosk.Quote{}
	}
	var tickets map[queue.Number]*queue.Ticket
	eventually(t, "all tickets are at the server", func() bool {
		tickets = b.issued()
		return len(tickets) == len(said)
	})
	for number, want := range said {
		kept := tickets[number].Quote
		if kept == nil || kept.High <= 0 {
			t.Errorf("%s by %s: nothing is kept of what was said", number, tickets[number].Channel)
			continue
		}
		low, high := int(kept.Low.Minutes()), int(kept.High.Minutes())
		if want.HighMinutes > 0 && (low != want.LowMinutes || high != want.HighMinutes) {
			t.Errorf("%s: %d to %d minutes are kept, %+v was said", number, low, high, want)
		}
	}
}

// TestPriorityIsToldItsOwnWait takes tickets behind a long line: whom the rule lets
// pass is not promised the wait of a walk-in, by the machine or by the server.
func TestPriorityIsToldItsOwnWait(t *testing.T) {
	b := newBranch(t)
	b.must("POST", setagaya+"counters/3/open", struct{}{})
	for range 12 {
		b.must("POST", setagaya+"tickets", map[string]any{"service": "moving", "channel": "reception"})
	}
	m := b.machine(nil)
	eventually(t, "the machine tells a wait", func() bool {
		v := m.service("moving")
		return v.Quote != nil && v.Quote.HighMinutes > 0 && v.Quote.Ahead == 12
	})
	first := m.choose(kiosk.Choice{Service: "moving", Priority: true})
	walkIn := m.press("moving")
	if first.Quote == nil || walkIn.Quote == nil || first.Quote.HighMinutes == 0 || first.Quote.HighMinutes >= walkIn.Quote.LowMinutes {
		t.Errorf("at the machine %+v is promised with priority, %+v without", first.Quote, walkIn.Quote)
	}
	out := b.must("POST", setagaya+"tickets", map[string]any{"service": "moving", "channel": "reception", "priority": true})
	number, _ := out["number"].(string)
	kept := b.issued()
	q, of := kept[queue.Number(number)].Quote, kept[walkIn.Number].Quote
	if q == nil || of == nil || q.High == 0 || q.High >= of.Low {
		t.Errorf("by the server %+v is promised with priority, %+v without", q, of)
	}
}

// TestWhatWasNotSaidIsNotKept presses a machine that tells no wait: the server does
// not write down one of its own.
func TestWhatWasNotSaidIsNotKept(t *testing.T) {
	b := newBranch(t)
	m := b.machine(nil)
	got := m.press("moving")
	var kept *queue.Ticket
	eventually(t, "the ticket is at the server", func() bool {
		kept = b.issued()[got.Number]
		return kept != nil
	})
	if told := got.Quote != nil && got.Quote.HighMinutes > 0; told != (kept.Quote != nil && kept.Quote.High > 0) {
		t.Errorf("%+v was said, %+v is kept", got.Quote, kept.Quote)
	}
}
