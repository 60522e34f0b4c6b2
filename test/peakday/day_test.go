package peakday_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/catalog"
	"machi/internal/eventlog/redistest"
	"machi/internal/queue"
	"machi/internal/server"
	"machi/kiosk"
	"machi/kiosk/store"
)

func TestMain(m *testing.M) {
	store.CheckChild()
	code := m.Run()
	if tools.dir != "" {
		_ = os.RemoveAll(tools.dir) // a leftover in the temporary folder harms nobody
	}
	os.Exit(code)
}

const branch queue.OfficeID = "km-setagaya"

// machine is a real ticket machine in this process.
type machine struct {
	*kiosk.Kiosk
	id   queue.KioskID
	dir  string
	off  atomic.Bool
	stop func() error
}

func (m *machine) isCut() bool { return m.off.Load() }

func (m *machine) screen(t *testing.T) kiosk.Screen {
	t.Helper()
	s, err := m.Screen(context.Background())
	if err != nil {
		t.Fatalf("machine %s: %v", m.id, err)
	}
	return s
}

// house is everything that runs on the day.
type house struct {
	t        *testing.T
	clock    *clock
	redis    *redistest.Server
	servers  []*server.Server
	stops    []func() error
	doors    *doors
	wire     *wire
	machines []*machine
	settings queue.Settings
}

// catalogue is the built-in one with few offices, of which ours stays open until late, and
// with a longer undo, because the clock goes in steps.
func catalogue(t *testing.T) string {
	t.Helper()
	all, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("offices:\n")
	for _, id := range all.IDs() {
		if id != branch && id != "cc-carrot" && id != "mn-center" { // to which services refer
			text.WriteString("  - {id: " + string(id) + ", remove: true}\n")
		}
	}
	text.WriteString(`  - id: km-setagaya
    exceptions: [{date: "2026-04-01", hours: "08:30-23:30", reason: 繁忙期}]
    rule: {undo_seconds: 900}
`)
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T) *house {
	h := &house{t: t, redis: redistest.Start(t)}
	path := catalogue(t)
	offices, err := catalog.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if h.settings, err = offices.Settings(branch, "2026-04-01"); err != nil {
		t.Fatal(err)
	}
	h.clock = newClock(at(8, 25))
	for range 2 {
		h.serve(path)
	}
	h.doors = newDoors(t, h.servers[0].Addr(), h.servers[1].Addr())
	return h
}

func (h *house) serve(path string) {
	h.t.Helper()
	s, err := server.New(server.Options{
		Data: h.t.TempDir(), Redis: h.redis.URL(), Catalog: path, Clock: h.clock.now(), Now: h.clock.now, Speed: speed,
		Logger: slog.New(slog.NewTextHandler(h.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.servers = append(h.servers, s)
	h.stops = append(h.stops, running(h.t, s.Run))
}

// running runs something until the returned function, or the end of the test, stops it.
func running(t *testing.T, run func(context.Context) error) func() error {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return stop
}

// grant makes a token that both servers know.
func (h *house) grant(g auth.Grant) string {
	h.t.Helper()
	token, err := h.servers[0].Grant(context.Background(), g)
	if err != nil {
		h.t.Fatal(err)
	}
	for door := range h.servers {
		eventually(h.t, "the token works", func() bool {
			status, _ := h.doors.once(context.Background(), door, http.MethodPost, officePath+"tickets", token, "", nil)
			return status != 0 && status != 401 && status < 500 // a ticket for nothing: refused for another reason
		})
	}
	return token
}

// install starts a machine at an address and waits until it could work alone.
func (h *house) install(id queue.KioskID, at string) *machine {
	h.t.Helper()
	m := &machine{id: id, dir: h.t.TempDir()}
	token := h.grant(auth.Grant{Role: "kiosk", Office: branch, Kiosk: id})
	var err error
	m.Kiosk, err = kiosk.New(kiosk.Options{
		Server: at, Token: token, Office: branch, Kiosk: id, Dir: m.dir, Listen: "127.0.0.1:0",
		Clock: h.clock.now(), Now: h.clock.machine(string(id)), AskWithin: 2 * time.Second, Patience: patience, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	m.stop = running(h.t, m.Run)
	eventually(h.t, "the machine has a plan and a range", func() bool {
		s := m.screen(h.t)
		return s.Ready && s.Slot >= 0 && s.Online
	})
	h.machines = append(h.machines, m)
	return m
}

// TestPeakDay is the whole day.
func TestPeakDay(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole day takes a while")
	}
	before := runtime.NumGoroutine()
	h := open(t)
	l := &lobby{
		clock: h.clock, doors: h.doors, left: total(), keep: total() / 6, answered: map[string]string{},
		staff: h.grant(auth.Grant{Role: "staff", Office: branch, Name: "くみん窓口"}),
		web:   h.grant(auth.Grant{Role: "web", Office: branch, Name: "web"}),
	}
	h.wire = newWire(t, strings.TrimPrefix(h.servers[0].Addr(), "http://"))
	one, two := h.install("K1", h.wire.url()), h.install("K2", h.servers[1].Addr())
	undone := h.work(l, one, two)
	for _, m := range h.machines {
		eventually(t, string(m.id)+" is online again", func() bool { return m.screen(t).Online })
		if err := m.stop(); err != nil {
			t.Errorf("machine %s ended with %v", m.id, err)
		}
	}
	t.Logf("nobody is left in the office at %s; %d actions were undone", h.clock.now().Format("15:04"), undone)
	a := &audit{t: t, house: h, lobby: l}
	a.run()
	h.close(before)
}

// work lets everybody work until nobody is in the office any more.
func (h *house) work(l *lobby, one, two *machine) int64 {
	ctx, cancel := context.WithCancel(context.Background())
	var people, staff sync.WaitGroup
	var undone atomic.Int64
	for i, c := range h.settings.Counters {
		clerk := &clerk{
			lobby: l, counter: string(c.ID), settings: h.settings, undone: &undone, rand: rand.New(rand.NewPCG(1, uint64(i))),
		}
		h.clock.act(&staff, func() { clerk.run(ctx) })
	}
	for i := range uint64(6) {
		h.clock.act(&people, func() { l.walkIns(i) })
	}
	people.Go(func() { l.queueAt(one, 1) })
	people.Go(func() { l.queueAt(two, 2) })
	h.clock.act(&people, func() { h.cutOff(l, one) })
	people.Wait()
	h.t.Logf("the last of %d people has a ticket at %s", total(), h.clock.now().Format("15:04"))
	back := &backOffice{lobby: l, tape: newTape(h, 0), rand: rand.New(rand.NewPCG(2, 2))}
	h.clock.act(&people, func() {
		back.run(ctx, func() bool { return one.screen(h.t).Unsent+two.screen(h.t).Unsent == 0 })
	})
	people.Wait()
	cancel()
	staff.Wait()
	return undone.Load()
}

// cutOff takes the wire of a machine from ten to two, while somebody presses every
// twenty minutes at least. Some people are left for after it is back.
func (h *house) cutOff(l *lobby, m *machine) {
	h.clock.until(at(10, 0))
	h.wire.cut()
	m.off.Store(true)
	for n := range 12 {
		h.clock.until(at(10, 20*(n+1)))
		eventually(h.t, "the machine gives numbers alone", func() bool { return l.pressedAlone(m.id) > n })
	}
	m.off.Store(false)
	h.wire.mend()
	eventually(h.t, "the machine has sent everything", func() bool { return m.screen(h.t).Unsent == 0 })
	l.admitAll()
}

// close stops everything and waits until nothing of it is left.
func (h *house) close(before int) {
	h.t.Helper()
	for _, stop := range h.stops {
		if err := stop(); err != nil {
			h.t.Errorf("a server ended with %v", err)
		}
	}
	h.wire.close()
	h.redis.Kill9()
	h.doors.http.CloseIdleConnections()
	for limit := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			_ = pprof.Lookup("goroutine").WriteTo(h.t.Output(), 1)
			h.t.Fatalf("%d goroutines before the day, %d after it", before, runtime.NumGoroutine())
		}
	}
}
