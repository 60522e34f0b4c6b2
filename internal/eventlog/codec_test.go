package eventlog_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
)

func TestRecordsRoundTrip(t *testing.T) {
	records := logtest.Records(eventlog.Head{}, 50)
	records = append(records, eventlog.Record{Number: -1, Fact: true}, eventlog.Record{})
	stored := eventlog.EncodeRecords(records)
	total := 0
	for _, r := range records {
		total += eventlog.StoredSize(r)
	}
	if len(stored) != total {
		t.Errorf("%d bytes are stored, StoredSize says %d", len(stored), total)
	}
	got, err := eventlog.DecodeRecords(stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(records, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("other records (-want +got):\n%s", diff)
	}
}

// TestStoredFormIsFixed keeps a later release able to read what this one wrote.
func TestStoredFormIsFixed(t *testing.T) {
	r := eventlog.Record{Number: 7, Prev: eventlog.Hash{1}, Incarnation: eventlog.Incarnation{2}, Fact: true, Body: []byte("待ち")}
	if got := hex.EncodeToString(eventlog.AppendRecord(nil, r)); got != goldenStored {
		t.Errorf("stored form = %s, want %s", got, goldenStored)
	}
}

func TestEveryDamageIsFound(t *testing.T) {
	records := logtest.Records(eventlog.Head{}, 3)
	stored := eventlog.EncodeRecords(records)
	last := len(stored) - eventlog.StoredSize(records[2])
	for bit := range len(stored) * 8 {
		flipped := bytes.Clone(stored)
		flipped[bit/8] ^= 1 << (bit % 8)
		if got, err := eventlog.DecodeRecords(flipped); !errors.Is(err, eventlog.ErrCorrupt) {
			t.Fatalf("bit %d flipped: %d records, %v", bit, len(got), err)
		}
	}
	for cut := last + 1; cut < len(stored); cut++ {
		if got, err := eventlog.DecodeRecords(stored[:cut]); !errors.Is(err, eventlog.ErrCorrupt) || len(got) != 2 {
			t.Fatalf("cut at byte %d: %d records, %v", cut, len(got), err)
		}
	}
}

func TestUnknownFormsAreRefused(t *testing.T) {
	for name, head := range map[string]string{
		"a later version": "020000000000000000",
		"an unknown flag": "010200000000000000",
	} {
		fixed, err := hex.DecodeString(head)
		if err != nil {
			t.Fatal(err)
		}
		payload := append(fixed, make([]byte, 58-len(fixed))...)
		if _, _, err := eventlog.DecodeRecord(frameOf(payload)); !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodedBodyIsACopy(t *testing.T) {
	stored := eventlog.EncodeRecords(logtest.Records(eventlog.Head{}, 1))
	r, _, err := eventlog.DecodeRecord(stored)
	if err != nil {
		t.Fatal(err)
	}
	before := r.Hash()
	clear(stored)
	if r.Hash() != before {
		t.Error("the record changes with the bytes it was read from")
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, r := range append(logtest.Records(eventlog.Head{}, 4), eventlog.Record{}) {
		stored := eventlog.AppendRecord(nil, r)
		f.Add(stored)
		f.Add(stored[:len(stored)-1])
		f.Add(append(stored, 0, 0, 0, 58))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, n, err := eventlog.DecodeRecord(b)
		if err != nil {
			if !errors.Is(err, eventlog.ErrCorrupt) {
				t.Fatalf("another error than ErrCorrupt: %v", err)
			}
			return
		}
		if n != eventlog.StoredSize(r) || !bytes.Equal(eventlog.AppendRecord(nil, r), b[:n]) {
			t.Fatalf("%x is read as %+v, which is stored differently", b[:n], r)
		}
	})
}
