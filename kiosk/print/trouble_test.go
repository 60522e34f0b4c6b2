package print_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

var more = flag.Int("more", 1, "run the random tests this many times as long")

// whole reports whether a paper is the whole of [ticket].
func whole(p virtual.Paper) bool { return p.Cut && p.Digest() == reference() }

func TestTicketsThatThePrinterKeepsAreInDoubtOrNotSent(t *testing.T) {
	for _, ending := range []struct {
		name   string
		act    virtual.Act
		papers int
	}{
		{"and loses with its power", virtual.PowerOff, 0},
		{"and prints later", virtual.Release, 1},
	} {
		t.Run(ending.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, virtual.Script{}, 80)
			printer := d.open(t, "")
			if err := printer.Print(patient(t), "A012", ticket()); err != nil {
				t.Fatal(err)
			}
			d.Do(virtual.Hold)
			if err := printer.Print(patient(t), "A012", ticket()); !errors.Is(err, print.ErrUnknown) {
				t.Errorf("the ticket that is kept: %v, want a doubt", err)
			}
			for range 2 {
				err := printer.Print(patient(t), "A012", ticket())
				if errors.Is(err, print.ErrUnknown) || print.Reason(err) != print.Busy {
					t.Errorf("a ticket behind it: %v, want busy, and certainly no paper", err)
				}
			}
			d.Do(ending.act)
			if n := len(d.Papers()) - 1; n != ending.papers {
				t.Errorf("%d papers came out, want %d", n, ending.papers)
			}
			d.Do(virtual.Repair)
			if err := printer.Print(patient(t), "A012", ticket()); err != nil {
				t.Errorf("the next ticket: %v", err)
			}
			for i, p := range d.Papers() {
				if !whole(p) {
					t.Errorf("paper %d is not one whole ticket", i)
				}
			}
		})
	}
}

// A program that died left the printer in the middle of anything.
func TestANewProgramPartsWhatTheLastOneLeftFromItsFirstTicket(t *testing.T) {
	raw := print.Bytes(types(), ticket(), 576)
	d := newDesk(t, virtual.Script{}, 80)
	chance := rand.New(rand.NewPCG(1, 2))
	for range 12 * *more {
		at := chance.IntN(len(raw))
		d.Feed(raw[:at])
		if err := d.open(t, "").Print(patient(t), "A012", ticket()); err != nil {
			t.Fatalf("after %d of %d bytes: %v", at, len(raw), err)
		}
		papers := d.Papers()
		if !whole(papers[len(papers)-1]) {
			t.Fatalf("after %d of %d bytes, the ticket is not whole, or hangs with another", at, len(raw))
		}
	}
}

// Whatever befalls a printer, in whatever order, each ticket is said to be what it
// is, and when the printer is put right the next one is whole and alone.
func TestFaultsInAnyOrder(t *testing.T) {
	var scripts []virtual.Script
	for _, s := range virtual.Scripts() {
		if s.Lacks == (virtual.Lacks{}) {
			scripts = append(scripts, s)
		}
	}
	for seed := range uint64(2 * *more) {
		chance := rand.New(rand.NewPCG(seed, 7))
		d := newDesk(t, virtual.Script{}, 80)
		printer := d.open(t, "")
		for range 6 {
			script := scripts[chance.IntN(len(scripts))]
			before := len(d.Papers())
			d.Play(script)
			err := printer.Print(patient(t), "A012", ticket())
			papers := d.Papers()[before:]
			switch {
			case err == nil && (len(papers) == 0 || !whole(papers[len(papers)-1])):
				t.Fatalf("seed %d, %s: said to be printed, and is not", seed, script.Name)
			case err != nil && !errors.Is(err, print.ErrUnknown) && len(papers) > 0:
				t.Fatalf("seed %d, %s: said to have no paper (%v), and has some", seed, script.Name, err)
			}
			d.Play(virtual.Script{})
			d.Do(virtual.Repair)
			d.clock.reset()
			if err := printer.Print(patient(t), "A012", ticket()); err != nil {
				t.Fatalf("seed %d, put right after %s: %v", seed, script.Name, err)
			}
			if papers = d.Papers(); !whole(papers[len(papers)-1]) {
				t.Fatalf("seed %d, put right after %s: the ticket is not whole, or not alone", seed, script.Name)
			}
		}
	}
}

func TestAPrinterThatNeverAnswersPrints(t *testing.T) {
	for _, tt := range []struct {
		settings, script, reason string
		doubt                    bool
	}{
		{"", "never-answers", print.Silent, true},
		{"?status=no", "never-answers", "", false},
		{"?status=no", "well", "", false},
		{"?status=before", "never-confirms", "", false},
		{"?status=before", "paper-out-in-number", print.PaperOut, true},
		{"?status=before", "paper-out", print.PaperOut, false},
		{"", "never-confirms", print.Silent, true},
	} {
		t.Run(tt.script+tt.settings, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, scriptOf(t, tt.script), 80)
			printer := d.open(t, tt.settings)
			tickets := 2
			if tt.reason == print.PaperOut {
				tickets = 1
			}
			for i := range tickets {
				err := printer.Print(patient(t), "A012", ticket())
				if print.Reason(err) != tt.reason || errors.Is(err, print.ErrUnknown) != tt.doubt {
					t.Fatalf("ticket %d: %v, want %q, doubt %v", i, err, tt.reason, tt.doubt)
				}
				if cuts := d.Counts()["GS V"]; cuts > i+2 {
					t.Errorf("ticket %d: %d cuts: blank slips fall", i, cuts)
				}
				if tt.reason == "" && len(d.Papers()) != i+1 {
					t.Errorf("ticket %d: %d papers", i, len(d.Papers()))
				}
			}
		})
	}
}

func scriptOf(t *testing.T, name string) virtual.Script {
	t.Helper()
	for _, s := range virtual.Scripts() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no script %s", name)
	return virtual.Script{}
}

func TestAPrinterThatIsNotThereHasPrintedNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"tcp://" + l.Addr().String(), "lp:" + t.TempDir() + "/lp0", "serial:" + t.TempDir() + "/tty"} {
		printer, err := print.Open(target, print.Options{Case: types()})
		if err != nil {
			t.Fatal(err)
		}
		var failed *print.Failed
		if err := printer.Print(patient(t), "A012", ticket()); !errors.As(err, &failed) || failed.Code != print.Offline {
			t.Errorf("%s: Print = %v, want offline", target, err)
		}
		if s, err := printer.Status(patient(t)); err != nil || s != lost {
			t.Errorf("%s: Status = %v, %v, want %v", target, s, err, lost)
		}
	}
}

func TestATicketWhoseTimeIsUp(t *testing.T) {
	d := newDesk(t, scriptOf(t, "keeps-it"), 80)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	printer := d.open(t, "")
	if err := printer.Print(gone, "A012", ticket()); print.Reason(err) != print.Busy || errors.Is(err, print.ErrUnknown) {
		t.Errorf("Print after its time = %v, want busy, certainly no paper", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	d = newDesk(t, virtual.Script{}, 80)
	printer = d.open(t, "")
	if err := printer.Print(ctx, "A012", slip); err != nil {
		t.Fatal(err)
	}
	d.clock.onWord = cancel // the ticket is in the printer, which keeps it
	d.Do(virtual.Hold)
	if err := printer.Print(ctx, "A012", ticket()); !errors.Is(err, print.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("Print while time ran out = %v, want a doubt", err)
	}
}

func TestOneTicketAtATime(t *testing.T) {
	d := newDesk(t, virtual.Script{}, 80)
	printer := d.open(t, "")
	if err := printer.Print(patient(t), "A012", slip); err != nil {
		t.Fatal(err)
	}
	kept := make(chan struct{})
	d.clock.onWord = sync.OnceFunc(func() { close(kept) })
	d.Do(virtual.Hold)
	done := make(chan error, 1)
	go func() { done <- printer.Print(patient(t), "A012", ticket()) }()
	<-kept
	if s, err := printer.Status(patient(t)); err != nil || s != st(print.Busy, print.OK) {
		t.Errorf("Status while it prints = %+v, %v, want busy", s, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() { second <- printer.Print(gone, "A012", ticket()) }()
	cancel()
	if err := <-second; print.Reason(err) != print.Busy || errors.Is(err, print.ErrUnknown) {
		t.Errorf("a second ticket = %v, want busy", err)
	}
	d.Do(virtual.Release)
	if err := <-done; err != nil {
		t.Errorf("the first ticket = %v", err)
	}
	if n := len(d.Papers()); n != 2 {
		t.Errorf("%d papers, want 2", n)
	}
}

func TestARealClockChangesNothing(t *testing.T) {
	d := newDesk(t, virtual.Script{}, 58)
	printer, err := print.Open(d.target, print.Options{
		Paper: 58, Case: types(), Dial: time.Minute, Answer: time.Minute, Write: time.Minute, Confirm: 8 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := printer.Print(patient(t), "A012", ticket()); err != nil {
		t.Error(err)
	}
	if s, err := printer.Status(patient(t)); err != nil || s != ok {
		t.Errorf("Status = %v, %v", s, err)
	}
}
