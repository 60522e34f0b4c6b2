package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
)

// machine writes what a kiosk's store would write on its own.
type machine struct {
	t      *testing.T
	kiosk  queue.KioskID
	store  string
	origin day.Origin
}

func (m *machine) body(command string, events ...queue.Event) string {
	m.t.Helper()
	return m.bodyBy(queue.Actor{Role: queue.RoleKiosk, ID: string(m.kiosk)}, command, events...)
}

// bodyBy is a body about what somebody did at the machine.
func (m *machine) bodyBy(actor queue.Actor, command string, events ...queue.Event) string {
	m.t.Helper()
	meta := queue.Meta{
		Command: queue.CommandID(command), At: time.Date(2026, 4, 1, 9, 5, 0, 0, queue.JST),
		Actor: actor, Origin: fmt.Sprintf("kiosk/%s/%s", m.kiosk, m.store),
	}
	raw, err := day.Body(meta, events, m.origin, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	m.origin = day.Origin{Number: m.origin.Number + 1, Hash: hashOf(raw)}
	return base64.StdEncoding.EncodeToString(raw)
}

func issuedAlone(number queue.Number, change func(*queue.TicketIssued)) queue.TicketIssued {
	at := time.Date(2026, 4, 1, 9, 5, 0, 0, queue.JST)
	e := queue.TicketIssued{
		Ticket: "K1.aa-1", Number: number, Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving",
		Channel: queue.ChannelKiosk, IssuedAt: at, Arrival: at,
	}
	if change != nil {
		change(&e)
	}
	return e
}

func pushBody(store string, bodies ...string) string {
	raw, err := json.Marshal(map[string]any{"kiosk": "K1", "store": store, "date": "2026-04-01", "bodies": bodies})
	if err != nil {
		panic(err) // strings only
	}
	return string(raw)
}

func (w *world) bind(store string) {
	w.t.Helper()
	w.post(200, "kiosk", "o/kiosks/K1/bind", fmt.Sprintf(`{"store":%q}`, store))
}

// TestWhatAKioskDidAloneIsMerged from its binding to the paper on the board.
func TestWhatAKioskDidAloneIsMerged(t *testing.T) {
	w := newWorld(t)
	w.bind("aa")
	w.bind("aa") // the same machine again has what it has
	if got := w.send(kiosk("kiosks/K1/bind", `{"store":"bb"}`)); got.Code != 409 || object(t, got)["code"] != "no_range_left" {
		t.Errorf("a second store: %d %s", got.Code, got.Body)
	}
	plan := w.get("kiosk", "/api/v1/offices/o/kiosks/K1/plan")
	kiosks := dig(plan, "settings", "kiosks").([]any)
	if diff := cmp.Diff([]any{map[string]any{"slot": 0.0, "store": "aa"}}, dig(kiosks[0], "bindings")); diff != "" {
		t.Errorf("bindings in the plan (-want +got):\n%s", diff)
	}
	m := &machine{t: t, kiosk: "K1", store: "aa"}
	first := m.body("press-1", issuedAlone("A1001", nil))
	for range 2 { // a push whose answer was lost is sent again
		got := w.post(200, "kiosk", "o/commands", pushBody("aa", first))
		if dig(got, "origin", "number") != 1.0 {
			t.Errorf("the server knows %v of the origin", got["origin"])
		}
	}
	asked := w.post(200, "kiosk", "o/commands", `{"kiosk":"K1","store":"aa","inquire":["press-1","press-9"]}`)
	want := map[string]any{"press-1": map[string]any{"ticket": "K1.aa-1", "number": "A1001", "state": "waiting"}}
	if diff := cmp.Diff(want, asked["known"]); diff != "" || dig(asked, "origin", "number") != 1.0 {
		t.Errorf("known (-want +got):\n%s\norigin %v", diff, asked["origin"])
	}
	if got := w.get("", "/api/v1/offices/o"); got["waiting"] != 1.0 {
		t.Errorf("waiting %v", got["waiting"])
	}
	w.post(200, "kiosk", "o/commands", pushBody("aa", m.bodyBy(queue.KioskStaff("K1"), "act-1",
		queue.TicketWithdrawn{Ticket: "K1.aa-1"}, queue.KioskActed{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: "K1.aa-1"})))
	if got := w.get("", "/api/v1/offices/o"); got["waiting"] != 0.0 {
		t.Errorf("withdrawn at the machine while it was alone, and %v wait", got["waiting"])
	}
}

// TestForgedRecordsAreRefused: a kiosk's key writes only what that kiosk may.
func TestForgedRecordsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.bind("aa")
	w.issue("moving")
	before := w.stateHash()
	for _, row := range []struct {
		name string
		as   machine
		make func(*queue.TicketIssued)
		also queue.Event
		by   queue.Actor // the machine itself, if empty
		code string
	}{
		{name: "another's origin", as: machine{kiosk: "K2", store: "aa"}, code: "foreign_record"},
		{name: "another store's origin", as: machine{kiosk: "K1", store: "bb"}, code: "foreign_record"},
		{name: "a server's number", make: func(e *queue.TicketIssued) { e.Pool = queue.PoolServer }, code: "foreign_record"},
		{name: "another kiosk's number", make: func(e *queue.TicketIssued) { e.Kiosk = "K2" }, code: "foreign_record"},
		{name: "a number of another range", make: func(e *queue.TicketIssued) { e.Number = "A2001" }, code: "foreign_record"},
		{name: "the server's range", make: func(e *queue.TicketIssued) { e.Number = "A001" }, code: "foreign_record"},
		{name: "a number that is none", make: func(e *queue.TicketIssued) { e.Number = "" }, code: "foreign_record"},
		{name: "another's overflow", make: func(e *queue.TicketIssued) { e.Number = "K2-0001" }, code: "foreign_record"},
		{name: "a slot that is not bound", make: func(e *queue.TicketIssued) { e.Slot = 1 }, code: "range_not_bound"},
		{name: "a ticket of another issuer", make: func(e *queue.TicketIssued) { e.Ticket = "K2.aa-1" }, code: "foreign_record"},
		{name: "a call", also: queue.TicketCalled{Ticket: "K1.aa-1", Number: "A1001", Counter: "1"}, code: "foreign_record"},
		{name: "another's withdrawal", also: queue.TicketWithdrawn{Ticket: "s1-1"}, code: "foreign_record"},
		{name: "another machine's act", also: queue.KioskActed{Kiosk: "K2", Action: queue.ActSignIn}, code: "foreign_record"},
		{name: "an act on another's ticket", also: queue.KioskActed{Kiosk: "K1", Action: queue.ActReprint, Ticket: "s1-1"}, code: "foreign_record"},
		{name: "an act that is none", by: queue.KioskStaff("K1"), also: queue.KioskActed{Kiosk: "K1", Action: "dance"}, code: "unknown_action"},
		{name: "a long act", by: queue.KioskStaff("K1"), also: queue.KioskActed{Kiosk: "K1", Action: queue.ActSignIn, Detail: strings.Repeat("x", 2001)}, code: "too_long"},
		{name: "a report", also: queue.KioskReported{Kiosk: "K1"}, code: "foreign_record"},
		{name: "a service closed", also: queue.ServiceSet{Service: "moving", State: queue.Stopped}, code: "foreign_record"},
		{name: "an arrival", also: queue.TicketArrived{Ticket: "K1.aa-1"}, code: "foreign_record"},
		{name: "a new day", also: queue.DayClosed{}, code: "foreign_record"},
		{name: "in a clerk's name", by: queue.Actor{Role: queue.RoleStaff, ID: "sato"}, code: "foreign_record"},
		{name: "in the name of another machine's staff", by: queue.KioskStaff("K2"), code: "foreign_record"},
		{name: "a sign-in by a visitor", by: queue.KioskVisitor("K1"), also: queue.KioskActed{Kiosk: "K1", Action: queue.ActSignIn}, code: "foreign_record"},
		{name: "a sign-in by nobody", also: queue.KioskActed{Kiosk: "K1", Action: queue.ActSignIn}, code: "foreign_record"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := row.as
			m.t = t
			if m.kiosk == "" {
				m.kiosk, m.store = "K1", "aa"
			}
			events := []queue.Event{issuedAlone("A1001", row.make)}
			if row.also != nil {
				events = append(events, row.also)
			}
			if row.by == (queue.Actor{}) {
				row.by = queue.Actor{Role: queue.RoleKiosk, ID: string(m.kiosk)}
			}
			got := w.send(kiosk("commands", pushBody("aa", m.bodyBy(row.by, "press-"+row.name[:1], events...))))
			if got.Code < 400 || object(t, got)["code"] != row.code {
				t.Errorf("%d %s, want %s", got.Code, got.Body, row.code)
			}
		})
	}
	if after := w.stateHash(); after != before {
		t.Errorf("a forged record changed the state")
	}
}

func TestGapsAndForksOfAnOrigin(t *testing.T) {
	w := newWorld(t)
	w.bind("aa")
	m := &machine{t: t, kiosk: "K1", store: "aa"}
	first := m.body("press-1", issuedAlone("A1001", nil))
	second := m.body("press-2", issuedAlone("A1002", func(e *queue.TicketIssued) { e.Ticket = "K1.aa-2" }))
	got := w.send(kiosk("commands", pushBody("aa", second)))
	if answer := object(t, got); got.Code != 409 || answer["code"] != "origin_gap" || answer["have"] != "0" {
		t.Errorf("a gap: %d %s", got.Code, got.Body)
	}
	w.post(200, "kiosk", "o/commands", pushBody("aa", first, second))
	twin := &machine{t: t, kiosk: "K1", store: "aa"}
	other := twin.body("press-x", issuedAlone("A1003", func(e *queue.TicketIssued) { e.Ticket = "K1.aa-3" }))
	if got := w.send(kiosk("commands", pushBody("aa", other))); got.Code != 409 || object(t, got)["code"] != "origin_forked" {
		t.Errorf("a fork: %d %s", got.Code, got.Body)
	}
}

// TestRecordsAreWaitedFor by a long poll that begins before there is anything new.
func TestRecordsAreWaitedFor(t *testing.T) {
	w := newWorld(t)
	all := w.get("kiosk", "/api/v1/offices/o/records")
	known := len(all["records"].([]any))
	answered := make(chan map[string]any, 1)
	go func() {
		answered <- object(t, w.send(read(fmt.Sprintf("/api/v1/offices/o/records?after=%d&wait=25", known), "kiosk")))
	}()
	w.issue("moving")
	got := <-answered
	records := got["records"].([]any)
	if len(records) != 1 || dig(records[0], "number") != float64(known+1) || got["time"] == nil {
		t.Errorf("the poll was answered with %v", got)
	}
}

// TestRecordsOfADayOutOfReach are none: a machine whose clock is wrong asks for them,
// and the time in the answer is what mends its clock.
func TestRecordsOfADayOutOfReach(t *testing.T) {
	w := newWorld(t)
	for _, date := range []string{"2000-01-01", "2026-04-03", "2031-04-01"} {
		got := w.get("kiosk", "/api/v1/offices/o/records?after=0&wait=25&date="+date)
		records, is := got["records"].([]any)
		if !is || len(records) != 0 || dig(got["head"], "number") != 0.0 {
			t.Errorf("%s: %v, want no records and the head of an empty day", date, got)
		}
		if at, _ := got["time"].(string); !strings.HasPrefix(at, "2026-04-01T") {
			t.Errorf("%s: the server's time is %q", date, at)
		}
	}
}

// TestStoreFailuresAreSaid, and the same press succeeds once the store does.
func TestStoreFailuresAreSaid(t *testing.T) {
	for _, row := range []struct {
		name  string
		fault memlog.Fault
		code  string
	}{
		{"not on every disk", memlog.Unsafe, "number_not_safe"},
		{"down", memlog.Fail, "store_unreachable"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.store.SetFaults(func(memlog.Op, string) memlog.Fault { return row.fault })
			q := request{method: "POST", path: issuePath, token: "staff", key: "press", body: good}
			got := w.send(q)
			if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" || object(t, got)["code"] != row.code {
				t.Fatalf("%d %s, want %s", got.Code, got.Body, row.code)
			}
			w.store.SetFaults(nil)
			// Data nodes copy in order: with the next record that is safe, this one is.
			next := request{method: "POST", path: issuePath, token: "staff", body: good}
			for limit := time.Now().Add(deadline); w.send(next).Code != http.StatusCreated && time.Now().Before(limit); {
			}
			for limit := time.Now().Add(deadline); got.Code != http.StatusCreated; got = w.send(q) {
				if time.Now().After(limit) {
					t.Fatalf("the store is back, and still: %d %s", got.Code, got.Body)
				}
			}
			again := object(t, w.send(q))
			if number := object(t, got)["number"]; number == nil || number != again["number"] || again["repeated"] != true {
				t.Errorf("number %v, again %v", number, again)
			}
		})
	}
}

// TestALongPollEndsWithTheServer, long before its own time.
func TestALongPollEndsWithTheServer(t *testing.T) {
	w := newWorld(t)
	known := len(w.get("kiosk", "/api/v1/offices/o/records")["records"].([]any))
	answered := make(chan map[string]any, 1)
	go func() {
		answered <- object(t, w.send(read(fmt.Sprintf("/api/v1/offices/o/records?after=%d&wait=25", known), "kiosk")))
	}()
	w.endHub()
	if got := <-answered; len(got["records"].([]any)) != 0 {
		t.Errorf("records out of nothing: %v", got)
	}
	if err := w.waits.last(); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait ended by itself: %v", err)
	}
}
