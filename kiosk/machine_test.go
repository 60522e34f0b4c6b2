package kiosk_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk"
	"machi/kiosk/print"
)

func TestPressOutlivesTheBrowserThatMadeIt(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	w.mu.Lock()
	w.delay = 100 * time.Millisecond
	w.mu.Unlock()
	gone, cancel := context.WithCancel(t.Context())
	choice := kiosk.Choice{Service: "moving", Language: "ja", Session: "one"}
	go func() {
		eventually(t, "the server is asked", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.asked == 1 })
		cancel()
	}()
	_, _ = m.Press(gone, choice) // the browser hangs up, or the answer was faster
	again, err := m.Press(t.Context(), choice)
	if err != nil || again.Number == "" {
		t.Fatalf("the same choice again = %+v, %v, want the ticket", again, err)
	}
	third, err := m.Press(t.Context(), choice)
	if err != nil || third.Number != again.Number || third.Command != again.Command {
		t.Errorf("and again = %+v, %v, want %s", third, err, again.Number)
	}
	choice.Service = "certificate"
	eventually(t, "another choice of the session is refused", func() bool {
		other, err := m.Press(t.Context(), choice)
		return err == nil && other.Code == "session_used"
	})
	eventually(t, "there is one ticket", func() bool { return len(w.tickets()) == 1 && m.screen().Unsent == 0 })
}

func TestSecretGoesWithTheVisitor(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	o := options(t, t.TempDir(), w.url())
	o.Printer = brokenPrinter{&print.Failed{Code: print.PaperOut}}
	m := start(t, o)
	m.ready()
	failed := func() kiosk.Ticket {
		got := m.press("moving")
		eventually(t, "the paper's fate", func() bool {
			got, _ = m.Ticket(got.Command)
			return got.State == replica.Failed
		})
		if got.Code != print.PaperOut || !got.ShownOnly || got.StatusURL == "" {
			t.Fatalf("without paper = %+v, want number and code on the screen", got)
		}
		return got
	}
	first, second := failed(), failed()
	if now, _ := m.Ticket(first.Command); now.StatusURL != "" {
		t.Errorf("the secret stays although the next visitor has a ticket: %+v", now)
	}
	status, out := m.post("taken", object{"command": second.Command})
	want(t, "taken", status, out, http.StatusNoContent, nil)
	if now, _ := m.Ticket(second.Command); now.StatusURL != "" {
		t.Errorf("the secret stays after the visitor took it: %+v", now)
	}
}

func TestPlanThatTheDiskDoesNotTakeHoldsNoTicketBack(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	o := options(t, t.TempDir(), w.url())
	if err := os.Mkdir(filepath.Join(o.Dir, "plan.json.part"), 0o700); err != nil {
		t.Fatal(err)
	}
	m := start(t, o)
	m.ready()
	if got := m.press("moving"); got.Number == "" {
		t.Errorf("press = %+v, want a number", got)
	}
	if alarms := m.screen().Alarms; !strings.Contains(strings.Join(alarms, " "), "plan_not_kept") {
		t.Errorf("alarms = %v, want plan_not_kept", alarms)
	}
}

func TestBarredMachineGivesNoNumbersUntilItIsAdmitted(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"device_revoked", "store_copied"} {
		t.Run(code, func(t *testing.T) {
			w := newWard(t)
			o := options(t, t.TempDir(), w.url())
			m := start(t, o)
			m.ready()
			set := func(code string) { w.mu.Lock(); w.bar = code; w.mu.Unlock() }
			set(code)
			eventually(t, "the machine is barred", func() bool { m.press("moving"); return m.screen().Barred == code })
			if got := m.press("moving"); got.Code != code {
				t.Errorf("press = %+v, want %s", got, code)
			}
			m.stop()
			m = start(t, o)
			if got := m.press("moving"); got.Code != code {
				t.Errorf("press after a restart = %+v, want %s", got, code)
			}
			set("")
			eventually(t, "the machine is admitted", func() bool { return m.screen().Barred == "" })
			if got := m.press("moving"); got.Number == "" {
				t.Errorf("press = %+v, want a number", got)
			}
		})
	}
}

// TestPowerCutInACopyLeavesAPaperNobodyKnows takes the disk as it is before the
// copy's first byte, and starts a machine from it.
func TestPowerCutInACopyLeavesAPaperNobodyKnows(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	o := options(t, t.TempDir(), w.url())
	var cut string
	papers := 0
	o.At = func(point string) { // called by the one goroutine that prints
		if point == "paper:before" {
			if papers++; papers == 2 {
				cut = t.TempDir()
				copyDisk(t, o.Dir, cut)
			}
		}
	}
	m := start(t, o)
	m.ready()
	paper := m.printed("moving")
	session := m.signIn()
	id := m.tickets(session, "")[string(paper.Number)]["id"]
	status, out := m.post("desk/act", object{"session": session, "action": "reprint", "ticket": id})
	if cut == "" {
		// The fake ward does not list tickets: the machine answers with its own.
		t.Fatalf("no copy was printed: %d %v", status, out)
	}
	m.stop()
	o.Dir, o.At = cut, nil
	m = start(t, o)
	m.ready()
	if row := m.tickets(m.signIn(), "")[string(paper.Number)]; row["print_state"] != "unknown" {
		t.Errorf("after the cut the ticket is %v, want print_state unknown", row)
	}
	eventually(t, "the server's flag", func() bool {
		ticket := w.tickets()[paper.Number]
		return ticket.Has(queue.FlagPrintUnknown) && ticket.Status == queue.Waiting
	})
}

// copyDisk copies what is on the disk; nothing is written meanwhile.
func copyDisk(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), raw, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// newerPaper follows the screen as a page does until the paper is not ok any more.
func (m *machine) newerPaper() string {
	for etag := ""; ; {
		answer, err := http.Get(m.Addr() + "screen?after=" + etag)
		if err != nil {
			return err.Error()
		}
		var s kiosk.Screen
		err = json.NewDecoder(answer.Body).Decode(&s)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return err.Error()
		}
		if s.Paper != print.OK && s.Paper != print.Unknown {
			return s.Paper
		}
		etag = answer.Header.Get("ETag")
	}
}

// moody is a printer whose words a test sets.
type moody struct {
	print.Printer
	status chan print.Status
}

func (p *moody) Status(ctx context.Context) (print.Status, error) {
	select {
	case s := <-p.status:
		p.status <- s
		return s, nil
	case <-ctx.Done():
		return print.Status{}, ctx.Err()
	}
}

func (p *moody) set(s print.Status) {
	<-p.status
	p.status <- s
}

func TestReportsAndOffersReachTheServer(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	printer := &moody{Printer: brokenPrinter{}, status: make(chan print.Status, 1)}
	printer.status <- print.Status{Printer: print.OK, Paper: print.OK}
	m := b.machine(func(o *kiosk.Options) { o.Printer = printer })
	machine := func() object {
		for _, row := range b.must("GET", setagaya+"dashboard", nil)["machines"].([]any) {
			if row.(object)["id"] == "K1" {
				return row.(object)
			}
		}
		return nil
	}
	eventually(t, "the manager sees the machine", func() bool { return machine()["state"] == "ok" })
	newer := make(chan string, 1)
	go func() { newer <- m.newerPaper() }()
	printer.set(print.Status{Printer: print.OK, Paper: print.NearEnd})
	session := m.signIn()
	status, out := m.post("desk/act", object{"session": session, "action": "paper_replaced"}) // has the printer asked at once
	want(t, "a look at the paper", status, out, http.StatusOK, nil)
	eventually(t, "the manager sees that the paper is near its end", func() bool {
		troubles, _ := machine()["troubles"].([]any)
		return len(troubles) == 1
	})
	if got := <-newer; got != print.NearEnd {
		t.Errorf("the page hears of paper %q", got)
	}
	v := m.service("certificate")
	kinds := map[string]kiosk.ScreenInstead{}
	for _, i := range v.Instead {
		kinds[i.Kind] = i
	}
	if _, ok := kinds["convenience_store"]; !ok || kinds["office"].Name["ja"] == "" {
		t.Fatalf("offers = %+v, want the convenience store and another office with its name", v.Instead)
	}
	for _, taken := range []bool{false, false, true} {
		status, out = m.post("offer", object{"service": "certificate", "kind": "convenience_store", "taken": taken})
		want(t, "an offer", status, out, http.StatusNoContent, nil)
	}
	status, out = m.post("offer", object{"service": "certificate", "kind": "lottery"})
	want(t, "an offer that nobody makes", status, out, http.StatusBadRequest, object{"code": "unknown_offer"})
	_, out = m.post("desk/state", object{"session": session})
	counts, _ := out["offers"].([]any)
	if len(counts) != 1 || counts[0].(object)["shown"] != 2.0 || counts[0].(object)["taken"] != 1.0 {
		t.Errorf("offers = %v, want shown twice and taken once", counts)
	}
	status, out = m.post("heartbeat", object{"page": "attract"})
	want(t, "a heartbeat", status, out, http.StatusNoContent, nil)
	_, out = exchange(t, "GET", m.Addr()+"heartbeat", nil, nil)
	if age, ok := out["age_seconds"].(float64); !ok || age < 0 {
		t.Errorf("the newest heartbeat is %v seconds old", out["age_seconds"])
	}
}

func outsideHours(t *testing.T, _ *branch, m *machine) {
	for _, v := range m.screen().Services {
		inside := (v.Opens.IsZero() || !morning.Before(v.Opens)) && (v.Closes.IsZero() || morning.Before(v.Closes))
		if v.Accepting != inside || !inside && v.Code != "outside_hours" {
			t.Errorf("%s from %v to %v at ten: accepting %v, %q", v.ID, v.Opens, v.Closes, v.Accepting, v.Code)
		}
		if v.Accepting && v.Quote == nil {
			t.Errorf("%s promises nothing although the line is known", v.ID)
		}
	}
}
