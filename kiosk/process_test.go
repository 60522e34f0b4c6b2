package kiosk_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk"
)

// The environment of a child that is a ticket machine and dies at a point.
const (
	childDir    = "MACHI_TEST_KIOSK_DIR"
	childServer = "MACHI_TEST_KIOSK_SERVER"
	childPoint  = "MACHI_TEST_KIOSK_DIES_AT"
)

// childMain runs a ticket machine that makes one press and is killed, as by a
// power cut, when it reaches the point. It ends this process if it is a child.
func childMain() {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	o := kiosk.Options{
		Printer: paperIn(dir), Server: os.Getenv(childServer), Token: "kiosk-token", Office: "test-office", Kiosk: "K1", Dir: dir,
		Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler), At: func(point string) {
			if point == os.Getenv(childPoint) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // the signal ends this goroutine too
			}
		},
	}
	k, err := kiosk.New(o)
	if err != nil {
		fmt.Println("new:", err)
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
		os.Exit(1)
	}()
	go func() { _ = k.Run(context.Background()) }()
	if os.Getenv(childPoint) == "" {
		standIdle(k)
	}
	for { // until the store is checked and the machine runs
		if _, err := k.Screen(context.Background()); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	t, err := k.Press(context.Background(), kiosk.Choice{Service: "moving"})
	fmt.Println("pressed:", t.Number, t.Code, err)
	if err != nil || t.State == replica.Refused {
		os.Exit(1)
	}
	for { // until the printed mark, or the parent's kill
		if now, ok := k.Ticket(t.Command); ok && now.State == replica.Printed {
			fmt.Println("done:", now.Number)
			break
		}
		time.Sleep(5 * time.Millisecond) // the machine works in other goroutines
	}
	select {}
}

// standIdle lets several ticks pass, as a machine does between two visitors: it
// must still be there for the next one.
func standIdle(k *kiosk.Kiosk) {
	for range 30 {
		if _, err := k.Screen(context.Background()); err != nil {
			fmt.Println("idle:", err)
			os.Exit(1)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// kill starts a child that dies at a point and returns what it said. Where the
// point never comes, the child is killed after its last word.
func dieAt(t *testing.T, dir, server, point string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), childDir+"="+dir, childServer+"="+server, childPoint+"="+point)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "done:") && point == "" {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait()
	if state, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || state.Signal() != syscall.SIGKILL {
		t.Fatalf("the machine was not killed at %q: %v; it said %q", point, child.ProcessState, said)
	}
	return said
}

func papers(dir string) []string {
	found, _ := filepath.Glob(filepath.Join(dir, "printed", "*.png"))
	return found
}

func TestKilledAtEveryPointOfAPress(t *testing.T) {
	points := []string{
		"before:pressed", "after:pressed", "before:numbered", "after:numbered", "before:starting", "after:starting",
		"paper:before", "paper:after", "before:printed", "",
	}
	for _, online := range []bool{true, false} {
		for _, point := range points {
			t.Run(fmt.Sprintf("online=%t/%s", online, point), func(t *testing.T) {
				t.Parallel()
				killAndRestart(t, online, point)
			})
		}
	}
}

// killAndRestart kills a machine in a press and checks what a restart makes of it:
// paper has a live ticket, a ticket that nobody can have seen is withdrawn, and no
// number is given twice.
func killAndRestart(t *testing.T, online bool, point string) {
	w, dir := newWard(t), t.TempDir()
	setUp := start(t, options(t, dir, w.url()))
	setUp.ready()
	setUp.stop()
	if !online {
		w.down()
	}
	said := dieAt(t, dir, w.url(), point)
	paper := papers(dir)
	if !online {
		w.up()
	}
	m := start(t, options(t, dir, w.url()))
	m.ready()
	eventually(t, "everything is sent", func() bool { return m.screen().Unsent == 0 })
	next := m.press("moving")
	if next.State == replica.Refused {
		t.Fatalf("press after the restart = %+v", next)
	}
	check(t, w, paper, point, next.Number)
	if t.Failed() {
		t.Logf("the machine that was killed said: %s", said)
	}
}

func check(t *testing.T, w *ward, paper []string, point string, next queue.Number) {
	t.Helper()
	live := map[queue.Number]*queue.Ticket{}
	for n, ticket := range w.tickets() {
		if ticket.Status == queue.Waiting {
			live[n] = ticket
		}
	}
	delete(live, next)
	for _, path := range paper {
		number := queue.Number(strings.Split(filepath.Base(path), "-")[3])
		if live[number] == nil {
			t.Errorf("there is paper of %s, but no live ticket", number)
		}
	}
	seen := strings.HasPrefix(point, "paper") || point == "after:starting" || point == "before:printed" || point == ""
	if seen && len(live) != 1 || !seen && len(live) != 0 {
		t.Errorf("%d live tickets besides %s, the visitor may have seen one: %t", len(live), next, seen)
	}
	for n, ticket := range live {
		if point != "" && !ticket.Has(queue.FlagPrintUnknown) {
			t.Errorf("%s is not flagged although nobody knows whether there is paper", n)
		}
	}
}
