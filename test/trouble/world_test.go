package trouble_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/catalog"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/replica"
	"machi/internal/server"
	"machi/kiosk"
	"machi/kiosk/print"
	"machi/kiosk/store"
)

var more = flag.Int("more", 1, "let the long tests run this many times as long")

const branch = queue.OfficeID("km-setagaya")

func TestMain(m *testing.M) {
	store.CheckChild()
	// A child of the race detector's waits a second before it ends, for nothing.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	os.Exit(m.Run())
}

// folder returns a folder in memory, where there is enough of it: these tests are
// about who does what, and the disk has tests of its own.
func folder(t testing.TB) string {
	t.Helper()
	const memory = "/dev/shm"
	var s syscall.Statfs_t
	if err := syscall.Statfs(memory, &s); err != nil || int64(s.Bavail)*s.Bsize < 512<<20 {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "machi-trouble-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// eventually waits for a condition; only a broken program reaches the limit.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	look, limit := time.NewTicker(2*time.Millisecond), time.NewTimer(2*time.Minute)
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

// clock is a machine's clocks, which a test turns.
type clock struct {
	mu    sync.Mutex
	began time.Time
	wall  time.Time     // what the wall clock said when the test began
	skip  time.Duration // that the machine's world went ahead of the test's
	hurry time.Duration // that only its timers went ahead
	jump  time.Duration // that only its wall clock went wrong
	boot  int
	up    time.Duration // when it was booted
}

func newClock(at time.Time) *clock { return &clock{began: time.Now(), wall: at} }

func (c *clock) now() replica.Now {
	c.mu.Lock()
	defer c.mu.Unlock()
	real := time.Since(c.began)
	lived := real + c.skip
	return replica.Now{
		Wall: c.wall.Add(lived + c.jump).Round(0), Monotonic: lived - c.up, Boot: fmt.Sprint("boot", c.boot), Timer: lived + c.hurry,
	}
}

// truth is what a right clock would say.
func (c *clock) truth() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall.Add(time.Since(c.began) + c.skip)
}

// pass lets time pass for the whole world, push only for a machine's timers: the
// next visitor need not be waited for.
func (c *clock) pass(d time.Duration) { c.mu.Lock(); c.skip += d; c.mu.Unlock() }
func (c *clock) push(d time.Duration) { c.mu.Lock(); c.hurry += d; c.mu.Unlock() }

// wrong sets how far the wall clock is off, as a machine finds it at a boot.
func (c *clock) wrong(by time.Duration) { c.mu.Lock(); c.jump = by; c.mu.Unlock() }

// reboot ends the monotonic clock.
func (c *clock) reboot() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.boot++
	c.up = time.Since(c.began) + c.skip - time.Second
}

// world is an office, its server and its machines.
type world struct {
	t        testing.TB
	clock    *clock
	data     string
	catalog  string
	server   *server.Server
	stop     func()
	token    map[queue.KioskID]string
	machines []*machine
	papers   papers
}

// newWorld starts a server at nine on the first of April. Lines are of the office's
// catalogue.
func newWorld(t testing.TB, lines ...string) *world {
	t.Helper()
	w := &world{
		t: t, clock: newClock(time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)), data: folder(t),
		token: map[queue.KioskID]string{}, papers: papers{by: map[string]paper{}},
	}
	w.catalogue(strings.Join(lines, ""))
	w.serve()
	return w
}

// catalogue writes the office's catalogue: the built-in one without other offices,
// open from early to late, with more lines for the office.
func (w *world) catalogue(lines string) {
	w.t.Helper()
	all, err := catalog.Default()
	if err != nil {
		w.t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("offices:\n")
	for _, id := range all.IDs() {
		if id != branch && id != "cc-carrot" && id != "mn-center" { // to which services refer
			text.WriteString("  - {id: " + string(id) + ", remove: true}\n")
		}
	}
	text.WriteString("  - id: " + string(branch) + "\n    hours: {weekdays: \"04:00-23:45\", saturday: \"04:00-23:45\", sunday: \"04:00-23:45\"}\n" + lines)
	w.catalog = filepath.Join(w.t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(w.catalog, []byte(text.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// serve starts the server at what its clock says now, and mends all wires.
func (w *world) serve() {
	w.t.Helper()
	s, err := server.New(server.Options{
		Data: w.data, Catalog: w.catalog, Clock: w.clock.truth(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.server = s
	stop := running(w.t, s.Run)
	w.stop = func() {
		if err := stop(); err != nil {
			w.t.Errorf("the server ended with %v", err)
		}
	}
	for _, m := range w.machines {
		m.wire.lead(w.address())
		m.wire.set(whole)
	}
}

func (w *world) address() string { return strings.TrimPrefix(w.server.Addr(), "http://") }

// fall takes the server away. A machine that was online need not notice before its
// next press.
func (w *world) fall() {
	for _, m := range w.machines {
		m.wire.set(refuses)
	}
	w.stop()
}

// running runs something until the returned function, or the end of the test, stops it.
func running(t testing.TB, run func(context.Context) error) func() error {
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

// tokenOf returns the machine's token.
func (w *world) tokenOf(id queue.KioskID) string {
	w.t.Helper()
	if w.token[id] == "" {
		token, err := w.server.Grant(context.Background(), auth.Grant{Role: "kiosk", Office: branch, Kiosk: id})
		if err != nil {
			w.t.Fatal(err)
		}
		w.token[id] = token
	}
	return w.token[id]
}

// machine is a ticket machine with its wire and its clock.
type machine struct {
	*kiosk.Kiosk
	w       *world
	id      queue.KioskID
	dir     string
	wire    *wire
	clock   *clock
	printer print.Printer
	off     func() error
}

// machine sets a machine up and waits until it could work alone.
func (w *world) machine(id queue.KioskID) *machine {
	w.t.Helper()
	m := &machine{w: w, id: id, dir: folder(w.t), clock: w.clock}
	m.printer = &slot{papers: &w.papers}
	m.connect()
	m.on()
	m.settle()
	return m
}

// connect gives the machine its own wire.
func (m *machine) connect() {
	m.wire = newWire(m.w.t, uint64(len(m.w.machines)))
	m.wire.lead(m.w.address())
	m.w.machines = append(m.w.machines, m)
	m.w.tokenOf(m.id)
}

// on switches the machine on. Its files are checked in this process, unless they
// are such that they could end it.
func (m *machine) on(check ...func(context.Context, string) error) {
	m.w.t.Helper()
	o := kiosk.Options{
		Server: m.wire.url(), Token: m.w.token[m.id], Office: branch, Kiosk: m.id, Dir: m.dir, Listen: "127.0.0.1:0",
		Printer: m.printer, Now: m.clock.now, Logger: slog.New(slog.DiscardHandler), CheckStore: boltlog.Verify,
		Patience: time.Minute,
	}
	for _, c := range check {
		o.CheckStore = c
	}
	var err error
	if m.Kiosk, err = kiosk.New(o); err != nil {
		m.w.t.Fatal(err)
	}
	m.off = running(m.w.t, m.Run)
}

// restart switches the machine off and on; its monotonic clock begins anew.
func (m *machine) restart(check ...func(context.Context, string) error) {
	m.w.t.Helper()
	if err := m.off(); err != nil {
		m.w.t.Errorf("the machine ended with %v", err)
	}
	m.clock.reboot()
	m.on(check...)
}

func (m *machine) screen() kiosk.Screen {
	m.w.t.Helper()
	s, err := m.Screen(context.Background())
	if err != nil {
		m.w.t.Fatal(err)
	}
	return s
}

// settle waits until the server has all that the machine owes and gives numbers, and
// the machine knows from it what time it is.
func (m *machine) settle() {
	m.w.t.Helper()
	var s kiosk.Screen
	defer func() {
		if m.w.t.Failed() {
			m.w.t.Logf("%s: online %v, %d unsent, slot %d, alarms %v", m.id, s.Online, s.Unsent, s.Slot, s.Alarms)
		}
	}()
	m.hurry(string(m.id)+" is online and owes nothing", func() bool {
		s = m.screen()
		return s.Ready && s.Slot >= 0 && s.Online && s.Unsent == 0 && !s.At.IsZero()
	})
}

// hurry is eventually with timers that run ahead of the machine, so that pauses need
// not be waited for; but not for ever, because then every answer would seem late.
func (m *machine) hurry(what string, holds func() bool) {
	m.w.t.Helper()
	looks := 0
	eventually(m.w.t, what, func() bool {
		if looks++; looks < 300 {
			m.clock.push(20 * time.Millisecond)
		}
		return holds()
	})
}

// touch lets the next visitor press, as soon as the one before has gone.
func (m *machine) touch(service queue.ServiceID) kiosk.Ticket {
	m.w.t.Helper()
	var got kiosk.Ticket
	eventually(m.w.t, "the machine is free", func() bool {
		var err error
		if got, err = m.Press(context.Background(), kiosk.Choice{Service: service}); err != nil {
			m.w.t.Fatal(err)
		}
		if got.Code == "too_soon" {
			m.clock.push(2 * time.Second)
		}
		return got.Code != "too_soon" && got.Code != replica.Busy
	})
	return got
}

// press lets the next visitor press, who must get a ticket.
func (m *machine) press() kiosk.Ticket {
	m.w.t.Helper()
	got := m.touch("moving")
	if got.Number == "" || got.Code != "" {
		m.w.t.Fatalf("%s refused a visitor: %+v", m.id, got)
	}
	return got
}

// papers are all that left the printers.
type papers struct {
	mu    sync.Mutex
	by    map[string]paper // date and ticket id
	twice []string
}

type paper struct {
	date   queue.Date
	number queue.Number
	ticket queue.TicketID
}

// paperName is what a machine calls its prints: date, number, ticket.
var paperName = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)-(.+)-([A-Z0-9]+\.[0-9a-f]{8}(?:\.[A-Z0-9]+)?-\d{6})$`)

// slot is a printer of which everything comes out.
type slot struct{ papers *papers }

func (s *slot) Print(_ context.Context, name string, t print.Ticket) error {
	part := paperName.FindStringSubmatch(name)
	s.papers.mu.Lock()
	defer s.papers.mu.Unlock()
	if part == nil || part[2] != t.Number {
		s.papers.twice = append(s.papers.twice, "a strange paper: "+name)
		return nil
	}
	p := paper{queue.Date(part[1]), queue.Number(part[2]), queue.TicketID(part[3])}
	if _, again := s.papers.by[name]; again {
		s.papers.twice = append(s.papers.twice, name)
	}
	s.papers.by[name] = p
	return nil
}

func (s *slot) Status(context.Context) (print.Status, error) {
	return print.Status{Printer: print.OK, Paper: print.OK}, nil
}

func (p *papers) all() []paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []paper
	for _, paper := range p.by {
		all = append(all, paper)
	}
	return all
}

// day reads a day's log from the server.
func (w *world) day(date queue.Date) (*day.Day, []eventlog.Record) {
	w.t.Helper()
	d, all := day.New(), []eventlog.Record(nil)
	for {
		url := fmt.Sprintf("%s/api/v1/offices/%s/records?after=%d&limit=500&date=%s", w.server.Addr(), branch, d.Head().Number, date)
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, token := range w.token {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			w.t.Fatal(err)
		}
		var page struct{ Records []eventlog.Record }
		err = json.NewDecoder(answer.Body).Decode(&page)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			w.t.Fatalf("records of %s: %s, %v", date, answer.Status, err)
		}
		if len(page.Records) == 0 {
			return d, all
		}
		for _, rec := range page.Records {
			if err := d.Apply(rec); err != nil {
				w.t.Fatal(err)
			}
		}
		all = append(all, page.Records...)
	}
}

// audit holds everything that was printed against the server's logs: each paper is
// one ticket of its day under its number, no number is on two papers of a day, and
// an overflow number is on one paper for ever. It returns the papers by day.
func (w *world) audit() map[queue.Date][]paper {
	w.t.Helper()
	for _, name := range w.papers.twice {
		w.t.Errorf("printed twice: %s", name)
	}
	days, held := map[queue.Date][]paper{}, map[string]paper{}
	for _, p := range w.papers.all() {
		days[p.date] = append(days[p.date], p)
		key := string(p.date) + " " + string(p.number)
		if strings.Contains(string(p.number), "-") {
			key = string(p.number)
		}
		if other, twice := held[key]; twice {
			w.t.Errorf("%s is on the papers of %s and %s", key, other.ticket, p.ticket)
		}
		held[key] = p
	}
	for date, list := range days {
		d, records := w.day(date)
		for _, v := range invariant.CheckRecords(records) {
			w.t.Errorf("%s: %v", date, v)
		}
		for _, p := range list {
			if ticket, ok := d.State().Ticket(p.ticket); !ok || ticket.Number != p.number || ticket.Status == queue.Withdrawn {
				w.t.Errorf("%s: the paper %s of %s is %+v at the server", date, p.number, p.ticket, ticket)
			}
		}
		slices.SortFunc(list, func(a, b paper) int { return strings.Compare(string(a.ticket), string(b.ticket)) })
	}
	return days
}
