package print_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

// newLine joins a virtual printer to a pseudo terminal: a serial line, or a device
// file. Unlike a network port it stays when a conversation ends, with all that is on it.
func newLine(t *testing.T, kind string, script virtual.Script) *desk {
	t.Helper()
	master, path := terminal(t, kind == "lp")
	c := newClock()
	d := &desk{clock: c, target: kind + ":" + path, options: print.Options{
		Case: types(), Dial: dial, Answer: answer, Write: write, Confirm: confirm, After: c.after,
	}}
	d.Printer = virtual.New(virtual.Options{Case: types(), Script: script, Quiet: c.quiet})
	var served sync.WaitGroup
	served.Go(func() { d.Attach(master) })
	t.Cleanup(func() {
		_ = master.Close() // may be unplugged already
		served.Wait()
	})
	return d
}

// terminal returns the printer's end of a new pseudo terminal and the path of the
// machine's end, which is kept open and passes every byte as it is. One that is
// empty reads as ended where nothing has come, as some USB printers do.
func terminal(t *testing.T, empty bool) (*os.File, string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := master.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number uint32
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		if failed == nil {
			number, failed = unix.IoctlGetUint32(int(fd), unix.TIOCGPTN)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	slave, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slave.Close() })
	clear := unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B38400}
	if !empty {
		clear.Cc[unix.VMIN] = 1
	}
	if err := unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, &clear); err != nil {
		t.Fatal(err)
	}
	return master, path
}

func TestLinesPrintAndFail(t *testing.T) {
	for _, tt := range []struct {
		kind, script, reason string
		doubt                bool
	}{
		{"serial", "well", "", false},
		{"lp", "well", "", false},
		{"serial", "noise-in-between", "", false},
		{"lp", "paper-out", print.PaperOut, false},
		{"serial", "cover-open-in-number", print.CoverOpen, true},
		{"lp", "unplugged-in-number", print.Offline, true},
		{"serial", "unplugged-after-cut", print.Offline, true},
		{"lp", "hangs-at-row", print.Offline, true},
	} {
		t.Run(tt.kind+" "+tt.script, func(t *testing.T) {
			t.Parallel()
			d := newLine(t, tt.kind, virtual.Script{})
			printer := d.open(t, "")
			if err := printer.Print(patient(t), "A011", slip); err != nil {
				t.Fatal(err)
			}
			d.Play(scriptOf(t, tt.script))
			err := printer.Print(patient(t), "A012", ticket())
			if print.Reason(err) != tt.reason || errors.Is(err, print.ErrUnknown) != tt.doubt {
				t.Errorf("Print = %v, want %q, doubt %v", err, tt.reason, tt.doubt)
			}
			if papers := d.Papers()[1:]; err == nil && (len(papers) != 1 || papers[0].Text() == "") {
				t.Errorf("%d papers", len(papers))
			}
		})
	}
}

// On a line, a printer that printed one ticket late says so in the middle of the
// next: that is no word about the next.
func TestALateWordIsNotAboutTheNextTicket(t *testing.T) {
	d := newLine(t, "lp", virtual.Script{})
	printer := d.open(t, "")
	if err := printer.Print(patient(t), "A011", slip); err != nil {
		t.Fatal(err)
	}
	d.Do(virtual.Hold)
	if err := printer.Print(patient(t), "A012", ticket()); !errors.Is(err, print.ErrUnknown) {
		t.Fatalf("the ticket that is kept: %v", err)
	}
	d.clock.reset()
	d.Play(virtual.Script{Lacks: virtual.Lacks{Auto: true}, Steps: []virtual.Step{
		{On: virtual.Asked, Nth: 2, Do: []virtual.Act{virtual.Release}},
		{On: virtual.Cut, Nth: 2, Do: []virtual.Act{virtual.PaperOut}},
	}})
	if err := printer.Print(patient(t), "A012", ticket()); !errors.Is(err, print.ErrUnknown) || print.Reason(err) != print.PaperOut {
		t.Errorf("the next ticket, whose paper ended before the cut: %v, want a doubt", err)
	}
}

// A printer that takes no more bytes does not hold the machine.
func TestALineThatTakesNoMoreIsGivenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lp0")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	nobody, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	if _, err := unix.FcntlInt(nobody.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
		t.Fatal(err)
	}
	chunks := 0
	printer, err := print.Open("lp:"+path+"?status=no", print.Options{Case: types(), Write: write, After: func(d time.Duration, f func()) func() bool {
		if d != write {
			return func() bool { return true }
		}
		if chunks++; chunks == 5 { // of 1 kB: the line is full
			go f()
		}
		return func() bool { return true }
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := printer.Print(patient(t), "A012", ticket()); !errors.Is(err, print.ErrUnknown) || print.Reason(err) != print.Offline {
		t.Errorf("Print = %v, want a doubt", err)
	}
}
