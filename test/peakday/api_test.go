package peakday_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// patience bounds what must happen sooner or later, on however busy a machine.
const patience = 3 * time.Minute

const officePath = "/api/v1/offices/km-setagaya/"

// eventually asks until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("never: ", what)
		}
	}
}

// doors are the addresses of the servers, and a client that may use either.
type doors struct {
	t     *testing.T
	bases []string
	http  *http.Client
	keys  atomic.Int64
}

func newDoors(t *testing.T, bases ...string) *doors {
	return &doors{t: t, bases: bases, http: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
}

// key makes an idempotency key.
func (d *doors) key(who string) string { return fmt.Sprintf("%s-%d", who, d.keys.Add(1)) }

// reply is what the tests read of answers, tickets and problems alike.
type reply struct {
	Number, Secret, State, Code, Have string
	Ticket                            visit
}

// visit is a ticket in an answer: its id where it is issued, else all of it.
type visit struct{ ID, Number, Service, Stage, State string }

func (v *visit) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		return json.Unmarshal(raw, &v.ID)
	}
	type plain visit
	return json.Unmarshal(raw, (*plain)(v))
}

// once makes one exchange. Status 0 means that nothing is known of its outcome.
func (d *doors) once(ctx context.Context, door int, method, path, token, key string, body any) (int, []byte) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			d.t.Error(err)
			return 0, nil
		}
		payload = strings.NewReader(string(raw))
	}
	r, err := http.NewRequestWithContext(ctx, method, d.bases[door%len(d.bases)]+path, payload)
	if err != nil {
		d.t.Error(err)
		return 0, nil
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := d.http.Do(r)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, raw
}

// send repeats a command with its key, at one door after the other, until there is
// an answer, as every client must.
func (d *doors) send(door int, method, path, token, key string, body any) (int, reply) {
	for limit := time.Now().Add(patience); time.Now().Before(limit); door++ {
		status, raw := d.once(context.Background(), door, method, path, token, key, body)
		if status == 0 || status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		var out reply
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &out); err != nil {
				d.t.Errorf("%s %s: %d %v: %s", method, path, status, err, raw)
			}
		}
		return status, out
	}
	d.t.Errorf("%s %s: no server answers", method, path)
	return 0, reply{}
}
