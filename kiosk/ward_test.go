package kiosk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/pin"
	"machi/internal/queue"
	"machi/kiosk"
)

// ward is a server as a ticket machine sees one: the five exchanges of the kiosk
// protocol over a real day. It can be taken off the network and brought back.
type ward struct {
	t    testing.TB
	addr string

	mu    sync.Mutex
	day   *day.Day
	code  string        // what it answers to an issue, instead of a number
	delay time.Duration // before it answers an issue
	bar   string        // the code with which it refuses the machine altogether
	asked int
	away  atomic.Bool // its connections break
	hung  atomic.Bool // it accepts connections and answers nothing
	// mumbles: it does what a visitor or staff want, and its answer is lost.
	mumbles atomic.Bool
	// page: what stands before it answers acts with a page that is no problem.
	page atomic.Bool
}

func newWard(t testing.TB) *ward {
	w := &ward{t: t, day: day.New()}
	open, err := w.day.Decide(queue.Meta{Command: "open", At: time.Now(), Origin: "ward"}, queue.OpenDay{Settings: settings()}, eventlog.Incarnation{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.day.Apply(*open); err != nil {
		t.Fatal(err)
	}
	w.listen()
	return w
}

// settings are those of an office that is open all of today.
func settings() queue.Settings {
	series := func(id queue.SeriesID) queue.SeriesSettings {
		return queue.SeriesSettings{
			ID: id, Main: queue.Range{First: 1, Last: 799},
			Kiosks: map[queue.KioskID][]queue.Range{"K1": {{First: 801, Last: 850}, {First: 901, Last: 950}}},
		}
	}
	reception := []queue.Stage{queue.StageReception}
	return queue.Settings{
		Office: "test-office", Date: queue.BusinessDay(time.Now()), Version: "1",
		Services: []queue.ServiceSettings{
			{ID: "moving", Series: "A", Stages: reception, Expected: 15 * time.Minute},
			{ID: "certificate", Series: "B", Stages: reception, Expected: 4 * time.Minute},
		},
		Series: []queue.SeriesSettings{series("A"), series("B")},
		Counters: []queue.CounterSettings{
			{ID: "1", Services: []queue.ServiceID{"moving", "certificate"}, Stages: reception},
		},
		Kiosks: []queue.KioskSettings{{ID: "K1"}}, Rule: queue.DefaultRule(),
	}
}

func (w *ward) url() string { return "http://" + w.addr }

// listen takes an address and keeps it for all of the test: an address that was
// given back could be another test's ward when this one's machine calls again.
func (w *ward) listen() {
	w.t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.addr = listen.Addr().String()
	served := &http.Server{Handler: w.routes()}
	go func() { _ = served.Serve(listen) }()
	w.t.Cleanup(func() { _ = served.Close() })
}

func (w *ward) up() { w.away.Store(false) }

func (w *ward) down() { w.away.Store(true) }

func (w *ward) routes() http.Handler {
	mux := http.NewServeMux()
	base := "/api/v1/offices/test-office"
	mux.HandleFunc("POST "+base+"/tickets", w.issue)
	mux.HandleFunc("POST "+base+"/commands", w.commands)
	mux.HandleFunc("GET "+base+"/records", w.records)
	mux.HandleFunc("POST "+base+"/kiosks/K1/bind", w.bind)
	mux.HandleFunc("GET "+base+"/kiosks/K1/plan", w.plan)
	mux.HandleFunc("POST "+base+"/kiosks/K1/acts", w.act)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.away.Load() {
			panic(http.ErrAbortHandler) // breaks the connection, says nothing
		}
		if w.hung.Load() {
			<-r.Context().Done() // accepted, and never answered
			return
		}
		if r.Header.Get("Authorization") != "Bearer kiosk-token" {
			no(rw, http.StatusUnauthorized, "unauthorized")
			return
		}
		w.mu.Lock()
		bar := w.bar
		w.mu.Unlock()
		if bar != "" {
			no(rw, http.StatusForbidden, bar)
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

func no(rw http.ResponseWriter, status int, code string) {
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(map[string]string{"code": code})
}

func yes(rw http.ResponseWriter, body any) { _ = json.NewEncoder(rw).Encode(body) }

// do decides a command, once for each id.
func (w *ward) do(id string, c queue.Command) (*queue.Outcome, error) {
	return w.doAs(queue.Actor{}, id, c)
}

func (w *ward) doAs(actor queue.Actor, id string, c queue.Command) (*queue.Outcome, error) {
	if done, ok := w.day.State().Outcome(queue.CommandID(id)); ok {
		return done, nil
	}
	r, err := w.day.Decide(queue.Meta{Command: queue.CommandID(id), At: time.Now(), Origin: "ward", Actor: actor}, c, eventlog.Incarnation{})
	if err != nil {
		return nil, err
	}
	if err := w.day.Apply(*r); err != nil {
		return nil, err
	}
	done, _ := w.day.State().Outcome(queue.CommandID(id))
	return done, nil
}

func (w *ward) issue(rw http.ResponseWriter, r *http.Request) {
	var in struct {
		Service    queue.ServiceID
		Channel    queue.Channel
		Ticket     queue.TicketID
		SecretHash string `json:"secret_hash"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	w.mu.Lock()
	delay, code := w.delay, w.code
	w.asked++
	w.mu.Unlock()
	time.Sleep(delay) // a slow server: the machine must not wait for it
	if code != "" {
		no(rw, http.StatusServiceUnavailable, code)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	done, err := w.do(r.Header.Get("Idempotency-Key"), queue.IssueTicket{
		Ticket: in.Ticket, Service: in.Service, Channel: in.Channel, Secret: in.SecretHash,
	})
	if err != nil {
		no(rw, http.StatusConflict, string(err.(*queue.Refusal).Code))
		return
	}
	issue, is := done.Events[0].(queue.TicketIssued)
	if !is {
		no(rw, http.StatusConflict, "idempotency_key_reused")
		return
	}
	rw.WriteHeader(http.StatusCreated)
	yes(rw, map[string]any{"number": issue.Number})
}

// act does what a visitor wants, and keeps the answer back while it mumbles.
func (w *ward) act(rw http.ResponseWriter, r *http.Request) {
	var in struct {
		Action queue.KioskAction
		Ticket queue.TicketID
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	if w.page.Load() {
		http.Error(rw, "<h1>404</h1>", http.StatusNotFound)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.doAs(in.Action.ActorOf("K1"), r.Header.Get("Idempotency-Key"), queue.ActKiosk{Kiosk: "K1", Action: in.Action, Ticket: in.Ticket})
	var refused *queue.Refusal
	switch {
	case w.mumbles.Load():
		panic(http.ErrAbortHandler)
	case errors.As(err, &refused):
		no(rw, http.StatusConflict, string(refused.Code))
	case err != nil:
		no(rw, http.StatusInternalServerError, err.Error())
	default:
		yes(rw, struct{}{})
	}
}

func (w *ward) commands(rw http.ResponseWriter, r *http.Request) {
	var in struct {
		Kiosk, Store string
		Bodies       [][]byte
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, raw := range in.Bodies {
		fact, err := w.day.Fact(raw)
		switch {
		case err == nil:
			err = w.day.Apply(fact)
		case err == day.ErrKnown:
			err = nil
		}
		if err != nil {
			no(rw, http.StatusConflict, "origin_gap")
			return
		}
	}
	yes(rw, map[string]any{"origin": w.day.Origin("kiosk/" + in.Kiosk + "/" + in.Store)})
}

func (w *ward) records(rw http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	wait, _ := strconv.Atoi(r.URL.Query().Get("wait"))
	for end := time.Now().Add(time.Duration(wait) * time.Second); ; {
		w.mu.Lock()
		list, head := w.day.Records(after, 500), w.day.Head()
		w.mu.Unlock()
		if w.away.Load() {
			panic(http.ErrAbortHandler)
		}
		if len(list) > 0 || !time.Now().Before(end) || r.Context().Err() != nil {
			yes(rw, map[string]any{"records": list, "head": head, "time": time.Now().Format(time.RFC3339Nano)})
			return
		}
		time.Sleep(20 * time.Millisecond) // long poll
	}
}

func (w *ward) bind(rw http.ResponseWriter, r *http.Request) {
	var in struct{ Store string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.do("bind-"+in.Store, queue.BindRange{Kiosk: "K1", Store: in.Store})
	bindings := w.day.State().Bindings("K1")
	at := slices.IndexFunc(bindings, func(b queue.Binding) bool { return b.Store == in.Store })
	if at < 0 {
		no(rw, http.StatusConflict, "no_range_left")
		return
	}
	yes(rw, map[string]any{"slot": bindings[at].Slot, "store": in.Store})
}

func (w *ward) plan(rw http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	yes(rw, planOf(*w.day.State().Settings()))
}

func planOf(s queue.Settings) kiosk.Plan {
	p := kiosk.Plan{Settings: s, PIN: pinHash()}
	p.Office.Name = kiosk.Words{"ja": "世田谷総合支所 くみん窓口", "en": "Setagaya Citizens' Counter"}
	p.Services = []kiosk.PlanService{
		{ID: "moving", Name: kiosk.Words{"ja": "引っ越し（転入・転居・転出）", "en": "Moving"}, Purpose: "moving"},
		{ID: "certificate", Name: kiosk.Words{"ja": "住民票・印鑑証明", "en": "Certificates"}, Purpose: "certificate"},
	}
	p.Purposes = []kiosk.Purpose{
		{ID: "moving", Name: kiosk.Words{"ja": "引っ越しの手続き"}}, {ID: "certificate", Name: kiosk.Words{"ja": "証明書をとる"}},
	}
	return p
}

// pinHash is that of 1234; to make it anew for every plan would take long.
var pinHash = sync.OnceValue(func() string { return pin.Hash("1234") })

// tickets returns the ward's tickets by number.
func (w *ward) tickets() map[queue.Number]*queue.Ticket {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[queue.Number]*queue.Ticket{}
	for _, t := range w.day.State().Tickets() {
		if other, twice := all[t.Number]; twice {
			w.t.Errorf("number %s is borne by %s and %s", t.Number, other.ID, t.ID)
		}
		all[t.Number] = t
	}
	return all
}

// eventually polls until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatal(fmt.Sprint("never: ", what))
}
