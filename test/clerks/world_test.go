package clerks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"machi/internal/auth"
	"machi/internal/eventlog/redistest"
	"machi/internal/queue"
	"machi/internal/server"
)

// patience bounds what must happen sooner or later, on however busy a machine.
const patience = 2 * time.Minute

const hallID queue.OfficeID = "hall"

// world is two servers over one Redis, and what its clients have seen.
type world struct {
	t     *testing.T
	doors []string // base URLs
	token string
	http  *http.Client
	began time.Time
	keys  atomic.Int64

	mu      sync.Mutex
	history []porcupine.Operation
}

// catalogue is one office with one line and many counters.
func catalogue(t *testing.T, counters int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString(`kinds: [{id: hall, hours: {weekdays: "08:30-23:30"}}]
offices:
  - id: hall
    kind: hall
    name: {ja: 大きな窓口, en: Hall}
    services: [{id: other, series: B}]
    series: [{id: B, main: 1-90000, next: 90001-95000, desk: 95001-99000}]
    rule: {undo_seconds: 900}
    counters:
`)
	for i := range counters {
		fmt.Fprintf(&text, "      - {id: %q, services: [other], stages: [reception]}\n", counterID(i))
	}
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func counterID(i int) string { return strconv.Itoa(i + 1) }

func open(t *testing.T, counters int) *world {
	t.Helper()
	redis := redistest.Start(t)
	w := &world{t: t, began: time.Now(), http: &http.Client{
		Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * counters},
	}}
	t.Cleanup(w.http.CloseIdleConnections)
	path := catalogue(t, counters)
	day := time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)
	var first *server.Server
	for range 2 {
		s, err := server.New(server.Options{
			Data: t.TempDir(), Redis: redis.URL(), Catalog: path, Clock: day.Add(time.Since(w.began)),
			Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		})
		if err != nil {
			t.Fatal(err)
		}
		run(t, s)
		w.doors = append(w.doors, s.Addr()+"/api/v1/offices/"+string(hallID)+"/")
		if first == nil {
			first = s
		}
	}
	var err error
	if w.token, err = first.Grant(t.Context(), auth.Grant{Role: "staff", Office: hallID, Name: "clerks"}); err != nil {
		t.Fatal(err)
	}
	return w
}

func run(t *testing.T, s *server.Server) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// reply is what is read of answers, tickets and problems alike.
type reply struct {
	Number, Code string
	Ticket       json.RawMessage
}

// number is the ticket's own where one was called, else that of the ticket issued.
func (r reply) number() (string, error) {
	if len(r.Ticket) == 0 || r.Ticket[0] == '"' {
		return r.Number, nil
	}
	var t struct{ Number string }
	err := json.Unmarshal(r.Ticket, &t)
	return t.Number, err
}

// post sends a command until it is answered, as every client must: with the same
// key, through one server after the other. A number that the other server gave a
// moment ago may still be unknown at this one.
func (w *world) post(door int, path, body string) (int, reply) {
	key := "press-" + strconv.FormatInt(w.keys.Add(1), 10)
	for limit := time.Now().Add(patience); time.Now().Before(limit); door++ {
		status, out := w.once(w.doors[door%len(w.doors)]+path, key, body)
		switch {
		case status == 0, status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
		case status == http.StatusUnauthorized: // the token is still on its way to the other server
		case status == http.StatusNotFound && out.Code == string(queue.UnknownTicket):
		default:
			return status, out
		}
	}
	w.t.Errorf("%s: no server answers", path)
	return 0, reply{}
}

// once makes one exchange. Status 0 means that nothing is known of its outcome.
func (w *world) once(url, key, body string) (int, reply) {
	var out reply
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0, out
	}
	r.Header = http.Header{
		"Authorization": {"Bearer " + w.token}, "Content-Type": {"application/json"}, "Idempotency-Key": {key},
	}
	got, err := w.http.Do(r)
	if err != nil {
		return 0, out
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return 0, out
	}
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			w.t.Errorf("%s: %d %v: %s", url, got.StatusCode, err, raw)
		}
	}
	return got.StatusCode, out
}

// act does what a wish asks for, and writes down when and with what answer. Who
// is at the counter must be told: a finish names the number.
func (w *world) act(client, door int, is wish, number int) answer {
	path, body := w.request(is, number)
	call := time.Since(w.began)
	status, out := w.post(door, path, body)
	back := time.Since(w.began)
	said := answer{code: out.Code}
	if number, err := out.number(); err != nil {
		w.t.Error(err)
	} else if status < 300 && (is.verb == issue || is.verb == callNext || is.verb == finishNext) && number != "" {
		said.number, err = strconv.Atoi(strings.TrimPrefix(number, "B"))
		if err != nil {
			w.t.Error(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, porcupine.Operation{ClientId: client, Input: is, Output: said, Call: int64(call), Return: int64(back)})
	return said
}

func (w *world) request(is wish, number int) (path, body string) {
	counter := "counters/" + counterID(is.counter) + "/"
	switch is.verb {
	case issue:
		return "tickets", `{"service":"other","channel":"reception"}`
	case finish:
		return fmt.Sprintf("tickets/B%03d/finish", number), fmt.Sprintf(`{"counter":%q}`, counterID(is.counter))
	}
	return counter + string(is.verb), "{}"
}

// seen takes the history since the last call.
func (w *world) seen() []porcupine.Operation {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.history
	w.history = nil
	return list
}

// sofar returns a copy of the history since then.
func (w *world) sofar() []porcupine.Operation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.history)
}
