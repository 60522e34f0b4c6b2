package trouble_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk"
	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

// desktop is a virtual printer on a socket, as a network printer is.
func desktop(t *testing.T) (*virtual.Printer, print.Printer) {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := virtual.New(virtual.Options{})
	running(t, func(ctx context.Context) error { return p.Serve(ctx, listen) })
	printer, err := print.Open("tcp://"+listen.Addr().String(), print.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p, printer
}

// fate waits until a press has come to its end.
func (m *machine) fate(got kiosk.Ticket) kiosk.Ticket {
	m.w.t.Helper()
	var now kiosk.Ticket
	eventually(m.w.t, "the paper's fate is known", func() bool {
		var ok bool
		now, ok = m.Ticket(got.Command)
		return ok && now.State.Final()
	})
	return now
}

// TestThePrinterFailsInMidTicket pulls the cable, the plug and the paper at moments
// of a ticket, on a machine that is alone: the visitor has the number on the screen,
// it is on at most one paper, and the server hears of paper that may exist.
func TestThePrinterFailsInMidTicket(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	box, printer := desktop(t)
	m.printer = printer
	m.restart()
	w.fall()
	var fates []kiosk.Ticket
	for _, s := range []virtual.Script{
		{Name: "nothing"},
		{Name: "unplugged before", Start: []virtual.Act{virtual.Unplug}},
		{Name: "unplugged in a picture", Steps: []virtual.Step{{On: virtual.Picture, Do: []virtual.Act{virtual.Unplug}}}},
		{Name: "no power at the second row", Steps: []virtual.Step{{On: virtual.Row, Nth: 2, Do: []virtual.Act{virtual.PowerOff}}}},
		{Name: "unplugged at the code", Steps: []virtual.Step{{On: virtual.Code, Do: []virtual.Act{virtual.Unplug}}}},
		{Name: "unplugged at the cut", Steps: []virtual.Step{{On: virtual.Cut, Do: []virtual.Act{virtual.Unplug}}}},
		{Name: "unplugged when the paper has fallen", Steps: []virtual.Step{{On: virtual.Fallen, Do: []virtual.Act{virtual.Unplug}}}},
		{Name: "nothing, again"},
	} {
		box.Do(virtual.Repair)
		box.Play(s)
		got := m.press()
		now := m.fate(got)
		if now.Number != got.Number || now.StatusURL == "" {
			t.Errorf("%s: the screen shows %+v, want %s and its code", s.Name, now, got.Number)
		}
		if healthy := strings.HasPrefix(s.Name, "nothing"); healthy != (now.State == replica.Printed) && healthy {
			t.Errorf("%s: the ticket ended as %s", s.Name, now.State)
		}
		fates = append(fates, now)
		t.Logf("%s: %s", s.Name, now.State)
	}
	box.Do(virtual.Repair)
	w.serve()
	m.settle()
	onPaper(t, w, box, fates)
}

// onPaper holds the fates that the machine believes in against what came out.
func onPaper(t *testing.T, w *world, box *virtual.Printer, fates []kiosk.Ticket) {
	t.Helper()
	d, _ := w.day("2026-04-01")
	live := map[queue.Number]*queue.Ticket{}
	for _, ticket := range d.State().Tickets() {
		if ticket.Status == queue.Waiting {
			live[ticket.Number] = ticket
		}
	}
	for _, end := range fates {
		number, state, papers := end.Number, end.State, 0
		for _, p := range box.Papers() {
			if strings.Contains(p.Text(), end.StatusURL) {
				papers++
			}
		}
		ticket := live[number]
		switch {
		case ticket == nil:
			t.Errorf("%s does not wait at the server", number)
		case papers > 1, state == replica.Printed && papers != 1, state == replica.Failed && papers != 0:
			t.Errorf("%s ended as %s and is on %d papers", number, state, papers)
		case ticket.Has(queue.FlagPrintUnknown) != (state == replica.Unknown):
			t.Errorf("%s ended as %s, the server's flags are %v", number, state, ticket.Flags)
		}
	}
}

// TestASecondAgent starts the real program on the folder of a machine that runs.
func TestASecondAgent(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	bin := filepath.Join(t.TempDir(), "machi-kiosk")
	if out, err := exec.Command("go", "build", "-o", bin, "machi/cmd/machi-kiosk").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	second := exec.Command(bin, "--office", string(branch), "--kiosk", "K1", "--data", m.dir, "--listen", "127.0.0.1:0")
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "MACHI_") {
			second.Env = append(second.Env, kv)
		}
	}
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another ticket machine agent is running") {
		t.Errorf("the second agent: %v\n%s", err, out)
	}
	m.press() // the first one did not notice
	w.audit()
}
