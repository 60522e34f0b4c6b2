package eventlog_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"machi/internal/eventlog"
)

// What release 1 writes for the record of the two tests that use them.
const (
	goldenHash   = "1a72185219a1d8da5a255e1421726ad5b78a7ffe479147d65d501236b13e341e"
	goldenStored = "00000040205facca01010000000000000007010000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000e5be85e381a1"
)

// frameOf puts a sound length and checksum before a payload.
func frameOf(payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)))
	return append(b, payload...)
}

func TestCheckStream(t *testing.T) {
	longest := strings.Repeat("x", eventlog.MaxStreamName)
	for _, good := range []string{"km-setagaya:2026-04-01", "A", "a_b.c/d@e+f", longest} {
		if err := eventlog.CheckStream(good); err != nil {
			t.Errorf("CheckStream(%q) = %v", good, err)
		}
	}
	for _, bad := range []string{"", longest + "x", "a b", "{a}", "a*", "a?", "窓口", "a\n", "a%", `a\`} {
		if err := eventlog.CheckStream(bad); !errors.Is(err, eventlog.ErrStreamName) {
			t.Errorf("CheckStream(%q) = %v", bad, err)
		}
	}
}
