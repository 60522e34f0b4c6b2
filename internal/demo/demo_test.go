package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/demo"
)

// lockedBuffer may be read while the demo writes.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// office is what the test reads of an office.
type office struct {
	ID      string `json:"id"`
	Waiting int    `json:"waiting"`
	Calls   []struct {
		Number string `json:"number"`
	} `json:"calls"`
}

func offices(t *testing.T, addr string) map[string]office {
	t.Helper()
	res, err := http.Get(addr + "/api/v1/offices")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Offices []office }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	byID := map[string]office{}
	for _, o := range answer.Offices {
		byID[o.ID] = o
	}
	return byID
}

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen", what)
		}
		time.Sleep(50 * time.Millisecond) // polling a running program
	}
}

func TestNumbersMoveInEveryOffice(t *testing.T) {
	var out lockedBuffer
	ready := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- demo.Run(ctx, demo.Options{
			Speed: 60, NoPast: true, Listen: "127.0.0.1:0", Dir: t.TempDir(), Out: &out, Logger: slog.New(slog.DiscardHandler),
			Ready: func(addr string) { ready <- addr },
		})
	}()
	var addr string
	select {
	case addr = <-ready:
	case err := <-done:
		t.Fatalf("the demo ended: %v", err)
	}
	eventually(t, "a call in each of 18 offices", func() bool {
		called := 0
		for _, o := range offices(t, addr) {
			if len(o.Calls) > 0 {
				called++
			}
		}
		return called == 18
	})
	first := offices(t, addr)["km-setagaya"].Calls[0].Number
	eventually(t, "another call at the main office", func() bool {
		calls := offices(t, addr)["km-setagaya"].Calls
		return len(calls) > 0 && calls[0].Number != first
	})
	for _, want := range []string{addr + "/", "/signage/km-setagaya", "/offices/km-setagaya/door", "ticket machine 2", "PIN 1234", "machi_"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo did not print %q:\n%s", want, out.String())
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("the demo ended with %v", err)
	}
}

func TestBadSpeedIsRefused(t *testing.T) {
	if err := demo.Run(t.Context(), demo.Options{Speed: -1}); err == nil {
		t.Error("a demo runs backwards")
	}
}
