package eventlog_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
)

func TestRecordHashCoversEverything(t *testing.T) {
	base := logtest.Records(eventlog.Head{}, 3)[2]
	for name, change := range map[string]func(r *eventlog.Record){
		"number":      func(r *eventlog.Record) { r.Number++ },
		"prev":        func(r *eventlog.Record) { r.Prev[31] ^= 1 },
		"incarnation": func(r *eventlog.Record) { r.Incarnation[15] ^= 1 },
		"fact":        func(r *eventlog.Record) { r.Fact = !r.Fact },
		"body":        func(r *eventlog.Record) { r.Body = append([]byte{0}, r.Body...) },
	} {
		other := base
		change(&other)
		if other.Hash() == base.Hash() {
			t.Errorf("a change of the %s does not change the hash", name)
		}
	}
	if base.Head() != (eventlog.Head{Number: 3, Hash: base.Hash(), Incarnation: logtest.Life}) {
		t.Error("the head is not the record's")
	}
}

// TestRecordHashIsFixed keeps a later release from reading today's logs as corrupt.
func TestRecordHashIsFixed(t *testing.T) {
	r := eventlog.Record{Number: 7, Prev: eventlog.Hash{1}, Incarnation: eventlog.Incarnation{2}, Fact: true, Body: []byte("待ち")}
	if got, want := r.Hash().String(), goldenHash; got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
}

func TestChain(t *testing.T) {
	records := logtest.Records(eventlog.Head{}, 5)
	head, err := eventlog.Head{}.Chain(records)
	if err != nil || head != records[4].Head() {
		t.Errorf("Chain = %v, %v", head, err)
	}
	if head, err := (eventlog.Head{}).Chain(nil); err != nil || head != (eventlog.Head{}) {
		t.Errorf("Chain of nothing = %v, %v", head, err)
	}
	other := logtest.Named("other", eventlog.Head{}, 5)
	for name, broken := range map[string][]eventlog.Record{
		"a gap":               {records[0], records[2]},
		"another history":     {records[0], other[1]},
		"the same one twice":  {records[0], records[0]},
		"not from the start":  records[1:],
		"another incarnation": {records[0], withLife(records[1])},
	} {
		if _, err := (eventlog.Head{}).Chain(broken); !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("Chain with %s = %v", name, err)
		}
	}
}

func withLife(r eventlog.Record) eventlog.Record {
	r.Incarnation[0] ^= 0xff
	return r
}

func TestCheckBatch(t *testing.T) {
	records := logtest.Records(eventlog.Head{}, 4)
	if head, err := eventlog.CheckBatch(records[0].Head(), records[1:]); err != nil || head != records[3].Head() {
		t.Errorf("CheckBatch = %v, %v", head, err)
	}
	if head, err := eventlog.CheckBatch(records[1].Head(), records[1:]); !errors.Is(err, eventlog.ErrCorrupt) || head != records[1].Head() {
		t.Errorf("CheckBatch after the wrong head = %v, %v", head, err)
	}
	huge := logtest.Next(eventlog.Head{}, make([]byte, eventlog.MaxRecordBytes))
	if _, err := eventlog.CheckBatch(eventlog.Head{}, []eventlog.Record{huge}); !errors.Is(err, eventlog.ErrTooLarge) {
		t.Errorf("CheckBatch of a huge record = %v", err)
	}
	overhead := eventlog.StoredSize(eventlog.Record{}) - 8 // the checksum and the length are not counted
	full := logtest.Next(eventlog.Head{}, make([]byte, eventlog.MaxRecordBytes-overhead))
	if _, err := eventlog.CheckBatch(eventlog.Head{}, []eventlog.Record{full}); err != nil {
		t.Errorf("CheckBatch of a record of exactly the limit = %v", err)
	}
	if r, _, err := eventlog.DecodeRecord(eventlog.AppendRecord(nil, full)); err != nil || r.Hash() != full.Hash() {
		t.Errorf("a record of exactly the limit does not come back: %v", err)
	}
}

func TestCheckPage(t *testing.T) {
	records := logtest.Records(eventlog.Head{}, 6)
	other := logtest.Named("other", eventlog.Head{}, 6)
	for _, c := range []struct {
		name  string
		after int64
		page  []eventlog.Record
		good  int
		names string
	}{
		{"whole", 2, records[2:], 4, ""},
		{"empty", 9, nil, 0, ""},
		{"the first is missing", 1, records[2:], 0, "number 2 is missing"},
		{"one is missing", 0, append(records[:2:2], records[3:]...), 2, "number 3 is missing"},
		{"another history", 0, append(records[:4:4], other[4:]...), 4, "record 5"},
	} {
		got, err := eventlog.CheckPage(c.after, c.page)
		if len(got) != c.good || (err != nil) != (c.names != "") {
			t.Errorf("%s: %d records, %v; want %d", c.name, len(got), err, c.good)
		}
		if err != nil && (!errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), c.names)) {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
}

func TestHeadInJSON(t *testing.T) {
	head := logtest.Records(eventlog.Head{}, 1)[0].Head()
	raw, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	var back eventlog.Head
	if err := json.Unmarshal(raw, &back); err != nil || back != head {
		t.Errorf("%s comes back as %v, %v", raw, back, err)
	}
	if !strings.Contains(string(raw), `"incarnation":"`+head.Incarnation.String()+`"`) {
		t.Errorf("%s holds no hexadecimal incarnation", raw)
	}
	for _, bad := range []string{`{"hash":"00"}`, `{"hash":"` + strings.Repeat("zz", 32) + `"}`, `{"incarnation":"1"}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func body() eventlog.Body {
	return eventlog.Body{
		Schema: 1, Command: "01ABC", Origin: "kiosk-1", OriginNumber: 3, OriginPrev: eventlog.Hash{9},
		At: time.Date(2026, 4, 1, 8, 30, 0, 5, time.FixedZone("", 9*3600)), Actor: "kiosk:kiosk-1", Fingerprint: "f",
		Clock:  &eventlog.Clock{Boot: "b", Monotonic: 1, Offset: -2, OffsetError: 3, OffsetMonotonic: 4},
		Events: json.RawMessage(`[{"kind":"issued"}]`),
	}
}

func TestBodyRoundTrip(t *testing.T) {
	raw, err := body().Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := eventlog.DecodeBody(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(body(), got); diff != "" {
		t.Errorf("other body (-want +got):\n%s", diff)
	}
	again, err := got.Encode()
	if err != nil || eventlog.BodyHash(again) != eventlog.BodyHash(raw) {
		t.Errorf("encoding twice differs: %s, %s, %v", raw, again, err)
	}
}

func TestBodyRefused(t *testing.T) {
	for _, bad := range []string{``, `[]`, `{"schema":0}`, `{"schema":-1}`, `{"schema":3}`, `{"schema":1,"origin_prev":"xy"}`} {
		if _, err := eventlog.DecodeBody([]byte(bad)); !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("DecodeBody(%s) = %v", bad, err)
		}
	}
	broken := body()
	broken.Events = json.RawMessage(`{`)
	if _, err := broken.Encode(); err == nil || !strings.Contains(err.Error(), "01ABC") {
		t.Errorf("Encode of broken events = %v, want an error naming the command", err)
	}
}
