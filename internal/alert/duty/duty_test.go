package duty

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/alert"
	"machi/internal/board"
	"machi/internal/eventlog/memlog"
	"machi/internal/notify"
	"machi/internal/notify/mail"
	"machi/internal/notify/notifytest"
	"machi/internal/queue"
)

// world is one office that several servers watch, whose troubles a test switches.
type world struct {
	t     *testing.T
	store *memlog.Store
	post  *notifytest.MailServer
	runs  int

	mu    sync.Mutex
	clock time.Time
	down  map[queue.KioskID]bool
	open  bool
	rules alert.Rules
	keeps []*Keeper
}

func newWorld(t *testing.T, servers int) *world {
	t.Helper()
	w := &world{
		t: t, store: memlog.New(), post: notifytest.NewMailServer(t), clock: time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST),
		down: map[queue.KioskID]bool{}, open: true, rules: alert.Usual(),
	}
	w.rules.Steps = []alert.Escalation{{After: 10 * time.Minute, Mail: []string{"desk@city.example"}}, {After: 30 * time.Minute, Mail: []string{"chief@city.example", "desk@city.example"}}}
	for i := range servers {
		w.keeps = append(w.keeps, nil)
		w.restart(i)
	}
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) scene(queue.OfficeID) (alert.Scene, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := alert.Scene{Office: "o", At: w.clock, Open: w.open}
	for _, k := range []queue.KioskID{"K1", "K2", "K3"} {
		m := board.Machine{ID: k, State: board.MachineOK, Since: w.clock}
		if w.down[k] {
			m.State, m.Troubles = board.MachineTrouble, []string{"paper_out"}
		}
		s.Machines = append(s.Machines, m)
	}
	return s, true
}

// restart ends a server as a power cut does, and begins its next run.
func (w *world) restart(i int) {
	w.t.Helper()
	if w.keeps[i] != nil {
		w.keeps[i].stop()
		w.keeps[i].sending.Wait()
		w.keeps[i].running.Wait()
	}
	sender, err := mail.New(mail.Options{Server: w.post.Addr, From: "machi@city.example", Security: mail.Plain})
	if err != nil {
		w.t.Fatal(err)
	}
	w.runs++
	w.keeps[i] = New(Options{
		Store: w.store, Server: fmt.Sprint("s", i), Run: fmt.Sprint(w.runs), Now: w.now, Wall: w.now, Mail: sender,
		Offices: func() []queue.OfficeID { return []queue.OfficeID{"o"} }, Scene: w.scene, Rules: func(queue.OfficeID) alert.Rules { return w.rules },
		Write: func(a alert.Alert) notify.Message {
			return notify.Message{Title: string(a.Kiosk), Body: a.What, Lang: "ja"}
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	w.t.Cleanup(w.keeps[i].stop)
}

// round lets a server look once, and waits for its letters.
func (w *world) round(i int) {
	_ = w.keeps[i].round(w.t.Context())
	w.keeps[i].sending.Wait()
}

func (w *world) all() []alert.Alert {
	w.t.Helper()
	list, err := w.keeps[0].Day(w.t.Context(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) set(k queue.KioskID, down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[k] = down
}

// mailed counts the letters to an address, by their subject.
func (w *world) mailed(to string) map[string]int {
	n := map[string]int{}
	for _, m := range w.post.Taken() {
		if m.To == to {
			n[m.Header.Get("Subject")]++
		}
	}
	return n
}

// TestEveryTroubleIsToldOnce lets servers look, stop and start again over a store that
// fails, while machines break and are put right.
func TestEveryTroubleIsToldOnce(t *testing.T) {
	for seed := range uint64(5) {
		w := newWorld(t, 3)
		chance := rand.New(rand.NewPCG(seed, 9))
		w.store.SetFaults(func(op memlog.Op, _ string) memlog.Fault {
			if op == memlog.OpAppend && chance.IntN(5) == 0 {
				return []memlog.Fault{memlog.Fail, memlog.UnclearDone, memlog.UnclearUndone}[chance.IntN(3)]
			}
			return memlog.None
		})
		w.set("K1", true) // all the time
		for minute := range 60 {
			w.set("K2", minute >= 5 && minute < 30) // long enough for one letter to each
			w.set("K3", minute%4 == 1)              // comes and goes
			for range 3 {
				i := chance.IntN(3)
				if chance.IntN(15) == 0 {
					w.restart(i)
				}
				w.round(i)
				w.pass(20 * time.Second)
			}
		}
		w.store.SetFaults(nil)
		for i := range 3 {
			w.round(i)
		}
		w.check(seed)
	}
}

func (w *world) check(seed uint64) {
	w.t.Helper()
	count := map[queue.KioskID]int{}
	for _, a := range w.all() {
		count[a.Kiosk]++
		if a.Kiosk == "K2" && a.Open() || a.Kiosk == "K1" && !a.Open() {
			w.t.Errorf("seed %d: %+v", seed, a)
		}
	}
	if count["K1"] != 1 || count["K2"] != 1 || count["K3"] != 1 {
		w.t.Errorf("seed %d: alerts %v, want one of each trouble", seed, count)
	}
	desk, chief := w.mailed("desk@city.example"), w.mailed("chief@city.example")
	if desk["K1"] != 2 || chief["K1"] != 1 || desk["K2"] != 1 || chief["K2"] != 0 {
		w.t.Errorf("seed %d: letters to the desk %v, to the chief %v", seed, desk, chief)
	}
}

func TestAnAlertIsTakenOverPutOffAndEndsByItself(t *testing.T) {
	w := newWorld(t, 2)
	w.set("K1", true)
	w.round(0)
	w.round(1)
	open := w.keeps[1].Open()
	if len(open) != 1 || open[0].Kind != alert.Machine || w.keeps[0].Waiting(func(queue.OfficeID) bool { return true }) != 1 {
		t.Fatalf("%+v", open)
	}
	id, ctx := open[0].ID, t.Context()
	act := func(i int, v alert.Verb, by string, until time.Time) error {
		_, err := w.keeps[i].Act(ctx, "o", id, v, by, until)
		return err
	}
	later := func(d time.Duration) {
		for end := w.now().Add(d); w.now().Before(end); w.pass(time.Minute) {
			w.round(0)
		}
	}
	if err := act(0, alert.Take, "sato", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := act(1, alert.Take, "kato", time.Time{}); !errors.Is(err, alert.ErrTaken) {
		t.Errorf("taken over by two: %v", err)
	}
	if err := errors.Join(act(1, alert.Take, "sato", time.Time{})); err != nil {
		t.Errorf("taken over twice by the same: %v", err)
	}
	later(40 * time.Minute)
	if n := len(w.post.Taken()); n != 0 {
		t.Errorf("%d letters about what somebody sees to", n)
	}
	if err := act(1, alert.Snooze, "kato", w.now().Add(20*time.Minute)); err != nil {
		t.Fatal(err)
	}
	later(25 * time.Minute)
	if n := len(w.post.Taken()); n != 0 {
		t.Errorf("%d letters before a snooze and ten minutes are over", n)
	}
	later(8 * time.Minute)
	if got := w.mailed("desk@city.example")["K1"]; got != 1 {
		t.Errorf("%d letters after it", got)
	}
	w.set("K1", false)
	later(3 * time.Minute)
	if a := w.all()[0]; a.Open() || a.Why != alert.Gone || len(w.keeps[0].Open()) != 0 {
		t.Errorf("does not end by itself: %+v", a)
	}
	if err := act(0, alert.Take, "sato", time.Time{}); !errors.Is(err, alert.ErrOver) {
		t.Errorf("taken over at the end: %v", err)
	}
	if _, err := w.keeps[0].Act(ctx, "other", id, alert.Take, "sato", time.Time{}); !errors.Is(err, alert.ErrUnknown) {
		t.Errorf("taken over at another office: %v", err)
	}
	w.set("K1", true)
	later(2 * time.Minute)
	if a := w.all(); len(a) != 1 || !a[0].Open() || a[0].Times != 1 {
		t.Errorf("back at once, and not the same: %+v", a)
	}
}

func TestADayThatIsOverCanBeRead(t *testing.T) {
	w := newWorld(t, 1)
	w.set("K1", true)
	w.round(0)
	w.pass(24 * time.Hour)
	w.set("K1", false)
	w.round(0)
	list, err := w.keeps[0].Day(t.Context(), "2026-04-01")
	if err != nil || len(list) != 1 || list[0].Why != alert.DayEnd || list[0].Ended.Format("01-02 15") != "04-02 03" {
		t.Errorf("%+v, %v", list, err)
	}
	if list := w.all(); len(list) != 0 {
		t.Errorf("today begins with %v", list)
	}
	for _, date := range []queue.Date{"2026-04-03", "2025-04-01"} {
		if _, err := w.keeps[0].Day(context.Background(), date); !errors.Is(err, alert.ErrNotKept) {
			t.Errorf("%s: %v", date, err)
		}
	}
	w.pass(100 * 24 * time.Hour)
	w.round(0)
	names, _ := w.store.Streams(t.Context())
	if strings.Contains(strings.Join(names, " "), "2026-04-01") {
		t.Errorf("kept for ever: %v", names)
	}
}
