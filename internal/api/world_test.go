package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/account"
	"machi/internal/api"
	"machi/internal/audit"
	"machi/internal/auth"
	"machi/internal/board"
	"machi/internal/catalog"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/satisfaction"
)

// world is an API over a real ward that runs two offices, "o" and "p".
type world struct {
	mouth    mouth // the walls' voice
	t        testing.TB
	api      *api.API
	ward     *office.Ward
	waits    waits
	hub      *live.Hub
	store    *memlog.Store
	registry *prometheus.Registry
	devices  *auth.Keeper // of machines that sign
	accounts *account.Keeper
	trail    trail
	stop     context.CancelFunc
	endHub   context.CancelFunc // what a server does first when it goes down
	keys     atomic.Int64

	mu    sync.Mutex
	clock time.Time
}

// waits is a ward that remembers how the newest wait ended.
type waits struct {
	*office.Ward

	mu    sync.Mutex
	ended error
}

// Wait waits and remembers.
func (w *waits) Wait(ctx context.Context, id queue.OfficeID, after eventlog.Head) error {
	err := w.Ward.Wait(ctx, id, after)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = ctx.Err()
	return err
}

func (w *waits) last() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// tokens of the world: role and office.
var tokens = map[string]api.Identity{
	"staff":     {ID: "t1", Name: "sato", Role: api.RoleStaff, Office: "o"},
	"staff-p":   {ID: "t2", Name: "suzuki", Role: api.RoleStaff, Office: "p"},
	"manager":   {ID: "t3", Name: "tanaka", Role: api.RoleManager, Office: "o"},
	"admin":     {ID: "t4", Name: "root", Role: api.RoleAdmin},
	"kiosk":     {ID: "t5", Name: "K1", Role: api.RoleKiosk, Office: "o", Kiosk: "K1"},
	"kiosk-2":   {ID: "t6", Name: "K2", Role: api.RoleKiosk, Office: "o", Kiosk: "K2"},
	"signage":   {ID: "t7", Name: "wall", Role: api.RoleSignage, Office: "o"},
	"reception": {ID: "t9", Name: "ito", Role: api.RoleReception, Office: "o"},
	"web":       {ID: "t8", Name: "web", Role: api.RoleWeb},
}

type keeper struct{ accounts *account.Keeper }

func (k keeper) Authenticate(ctx context.Context, token string) (api.Identity, error) {
	if strings.HasPrefix(token, account.TokenPrefix) {
		s, who, err := k.accounts.Check(ctx, token)
		if err != nil {
			return api.Identity{}, api.ErrToken
		}
		return api.PersonOf(s, who, k.accounts.Owes(who)), nil
	}
	id, ok := tokens[token]
	if !ok {
		return api.Identity{}, api.ErrToken
	}
	return id, nil
}

func settings(id queue.OfficeID, date queue.Date) (queue.Settings, error) {
	from, _, err := date.Bounds()
	opens, closes := from.Add(5*time.Hour+30*time.Minute), from.Add(14*time.Hour)
	stages := []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}
	all := []queue.ServiceID{"moving", "cert"}
	rule := queue.DefaultRule()
	rule.CheckIn = true
	return queue.Settings{
		Office: id, Date: date, Version: "1", Rule: rule,
		Services: []queue.ServiceSettings{
			{ID: "moving", Series: "A", Stages: stages, Opens: opens, Closes: closes, Expected: 10 * time.Minute},
			{ID: "cert", Series: "B", Stages: stages[:1], Opens: opens, Closes: closes, Expected: 5 * time.Minute},
		},
		Series: []queue.SeriesSettings{
			{ID: "A", Main: queue.Range{First: 1, Last: 799}, Kiosks: map[queue.KioskID][]queue.Range{
				"K1": {{First: 1001, Last: 1600}}, "K2": {{First: 2001, Last: 2600}},
			}},
			{ID: "B", Main: queue.Range{First: 1, Last: 799}, Desk: queue.Range{First: 900, Last: 901}},
		},
		Counters: []queue.CounterSettings{
			{ID: "1", Services: all, Stages: stages}, {ID: "2", Services: all, Stages: stages}, {ID: "3", Services: all[:1], Stages: stages},
		},
		Kiosks: []queue.KioskSettings{{ID: "K1"}, {ID: "K2"}},
	}, err
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST), store: memlog.New(), registry: prometheus.NewRegistry()}
	offices := func() []queue.OfficeID { return []queue.OfficeID{"o", "p"} }
	var serial, random atomic.Int64
	bits := func() (b [16]byte) {
		copy(b[:], fmt.Sprintf("%016d", random.Add(1)))
		return b
	}
	book := newBook(t, w.store, w.now)
	ruled := func(id queue.OfficeID, date queue.Date) (queue.Settings, error) {
		s, err := settings(id, date)
		s.Rule = book.Over(id, s.Rule)
		return s, err
	}
	ward, err := office.New(office.Options{
		Store: w.store, Settings: ruled, Offices: offices, Server: "s1", Now: w.now, Random: bits,
		TicketID: func() (queue.TicketID, error) { return queue.TicketID(fmt.Sprintf("s1-%d", serial.Add(1))), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.ward, w.waits.Ward = ward, ward
	info := func(id queue.OfficeID) (board.Info, bool) {
		text := func(ja, en string) board.Text { return board.Text{"ja": ja, "en": en} }
		return board.Info{ID: id, Kind: "branch", Name: text("窓口", "Office"), Services: map[queue.ServiceID]board.ServiceInfo{
			"moving": {Name: text("転入", "Moving in")}, "cert": {Name: text("証明", "Certificates")},
		}}, id == "o" || id == "p"
	}
	w.hub = live.New(live.Options{Views: ward, Offices: offices, Info: info, Now: w.now, Start: "run1", Prepare: api.Prepare, MaxWatchers: 8, Registerer: w.registry})
	log, err := memlog.New().Open(auth.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if w.devices, err = auth.Open(t.Context(), log, time.Now); err != nil {
		t.Fatal(err)
	}
	w.trail = trail{audit.NewBook(audit.Options{Store: memlog.New(), Now: time.Now}), w.store}
	w.accounts, err = account.Open(t.Context(), account.Options{
		Store: memlog.New(), Key: []byte("key"), Cost: account.Cost{Memory: 8, Passes: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.api = api.New(api.Deps{
		Devices: w.devices, Guide: worldGuide(), Homes: func(queue.OfficeID) catalog.Home { return catalog.Home{Door: true, Sheet: true} },
		Ward: &w.waits, Hub: w.hub, Auth: keeper{w.accounts}, Accounts: w.accounts, Audit: w.trail, Trail: w.trail, Offices: offices, Settings: ruled, Now: w.now, Random: bits,
		Rules: worldRules{book, ward},
		Faces: satisfaction.New(satisfaction.Options{Store: w.store, Today: func() queue.Date { return queue.BusinessDay(w.now()) }}),
		Plan: func(id queue.OfficeID, s queue.Settings) (any, error) {
			return map[string]any{"settings": s, "office": map[string]any{"id": id}, "services": []any{}}, nil
		},
		Voice:        &w.mouth,
		DeriveSecret: func(command string) string { return "s3cret-" + strings.ReplaceAll(command, "/", "-") },
		Ready:        func(context.Context) error { return nil },
		Origins:      []string{"https://wall.example"}, Registerer: w.registry,
	})
	w.run()
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// run starts ward and hub and waits until both offices have opened their day.
func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = w.ward.Run(ctx) })
	front, hang := context.WithCancel(ctx)
	running.Go(func() { _ = w.hub.Run(front) })
	w.stop, w.endHub = cancel, hang
	w.t.Cleanup(func() { cancel(); running.Wait() })
	for _, id := range []queue.OfficeID{"o", "p"} {
		view, err := w.ward.ViewOf(ctx, id, queue.BusinessDay(w.now()))
		for err == nil && !view.State.Opened() {
			if err = w.ward.Wait(ctx, id, view.Head); err == nil {
				view, err = w.ward.View(id)
			}
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// stateHash identifies the state of both offices.
func (w *world) stateHash() string {
	w.t.Helper()
	out := ""
	for _, id := range []queue.OfficeID{"o", "p"} {
		records, _, err := w.ward.Records(context.Background(), id, "", 0, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		d, err := day.Replay(records)
		if err != nil {
			w.t.Fatal(err)
		}
		hash, err := d.Hash()
		if err != nil {
			w.t.Fatal(err)
		}
		out += fmt.Sprint(len(records), hash)
	}
	return out
}

// request is what a test sends; empty fields get what a decent client sends.
type request struct {
	method, path, token, body, key string
	header                         map[string]string
	noKey                          bool
}

func (w *world) send(q request) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(q.method, q.path, strings.NewReader(q.body))
	if q.token != "" {
		r.Header.Set("Authorization", "Bearer "+q.token)
	}
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.key == "" {
		q.key = fmt.Sprintf("key-%d", w.keys.Add(1))
	}
	if q.method == http.MethodPost && !q.noKey {
		r.Header.Set("Idempotency-Key", q.key)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	w.api.ServeHTTP(recorder, r)
	conform(w.t, w.api, r, recorder)
	return recorder
}

// post sends a command that must be answered with a status.
func (w *world) post(status int, token, path, body string) map[string]any {
	w.t.Helper()
	answer := w.send(request{method: "POST", path: "/api/v1/offices/" + path, token: token, body: body})
	if answer.Code != status {
		w.t.Fatalf("POST %s %s: status %d, want %d: %s", path, body, answer.Code, status, answer.Body)
	}
	return object(w.t, answer)
}

// get reads a path that must be answered with 200.
func (w *world) get(token, path string) map[string]any {
	w.t.Helper()
	answer := w.send(request{method: "GET", path: path, token: token})
	if answer.Code != http.StatusOK {
		w.t.Fatalf("GET %s: status %d: %s", path, answer.Code, answer.Body)
	}
	return object(w.t, answer)
}

func object(t testing.TB, r *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	if r.Body.Len() == 0 {
		return nil
	}
	var out map[string]any
	if err := json.NewDecoder(bytes.NewReader(r.Body.Bytes())).Decode(&out); err != nil {
		t.Fatalf("not a JSON object: %v: %s", err, r.Body)
	}
	return out
}

// dig returns a nested field of a JSON object.
func dig(v any, path ...string) any {
	for _, name := range path {
		o, _ := v.(map[string]any)
		v = o[name]
	}
	return v
}

// issue gives a ticket and returns the answer.
func (w *world) issue(service string) map[string]any {
	w.t.Helper()
	return w.post(http.StatusCreated, "staff", "o/tickets", fmt.Sprintf(`{"service":%q,"channel":"kiosk"}`, service))
}
