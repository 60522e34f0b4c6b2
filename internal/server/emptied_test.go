package server_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"machi/internal/eventlog/redistest"
	"machi/internal/server"
)

// TestAServerThatStartsOnAnEmptiedRedisLetsOthersPutBack: if it wrote a key of its own
// first, the others would take that for the log that counts and forget all tokens.
func TestAServerThatStartsOnAnEmptiedRedisLetsOthersPutBack(t *testing.T) {
	redis := redistest.Start(t)
	options := server.Options{Redis: redis.URL(), Data: t.TempDir(), AwaitOthers: patience}
	first := start(t, options)
	token := first.grant("staff")
	eventually(t, "the day is open", func() bool {
		status, _ := first.send("GET", setagaya+"/console?counter=1", token, "", "")
		return status == 200
	})
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	other, closing, err := server.OpenKeeper(t.Context(), server.StoreOptions{Redis: redis.URL(), Logger: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	defer closing()
	redis.MustDo("FLUSHALL")
	waits := &heard{what: "the store is empty", said: make(chan struct{})}
	options.Logger = slog.New(slog.NewTextHandler(waits, nil))
	started, back := make(chan struct{}), make(chan error, 1)
	go func() {
		select {
		case <-waits.said:
		case <-started: // it did not wait
		}
		back <- other.Refresh(t.Context())
	}()
	second := start(t, options)
	close(started)
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	if status, _ := second.send("GET", setagaya+"/console?counter=1", token, "", ""); status == 401 {
		t.Error("the token is lost")
	}
}

// heard closes said when a line of a log holds what.
type heard struct {
	what string
	said chan struct{}
	once sync.Once
}

// Write is called for one line at a time.
func (h *heard) Write(line []byte) (int, error) {
	if strings.Contains(string(line), h.what) {
		h.once.Do(func() { close(h.said) })
	}
	return len(line), nil
}
