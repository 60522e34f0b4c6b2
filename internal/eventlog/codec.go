package eventlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// The stored form of a record, version 1, all integers big-endian:
//
//	offset  size  field
//	0       4     length of everything behind the checksum
//	4       4     CRC-32C of everything behind it
//	8       1     version of this form (1)
//	9       1     flags: bit 0 = fact
//	10      8     number
//	18      32    prev
//	50      16    incarnation
//	66      ..    body
//
// A checksum of its own for every record is what finds a flipped bit: Redis and
// bbolt both hand back damaged values without an error.
const (
	frameHead    = 8
	frameFixed   = 1 + 1 + 8 + 32 + 16
	frameVersion = 1
	flagFact     = 1

	// MaxRecordBytes bounds one stored record; a longer one is refused.
	MaxRecordBytes = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// StoredSize returns the length of the stored form of r in bytes.
func StoredSize(r Record) int { return frameHead + frameFixed + len(r.Body) }

// AppendRecord appends the stored form of r to dst.
func AppendRecord(dst []byte, r Record) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, frameHead)...)
	var flags byte
	if r.Fact {
		flags = flagFact
	}
	dst = append(dst, frameVersion, flags)
	dst = binary.BigEndian.AppendUint64(dst, uint64(r.Number))
	dst = append(dst, r.Prev[:]...)
	dst = append(dst, r.Incarnation[:]...)
	dst = append(dst, r.Body...)
	payload := dst[start+frameHead:]
	binary.BigEndian.PutUint32(dst[start:], uint32(len(payload)))
	binary.BigEndian.PutUint32(dst[start+4:], crc32.Checksum(payload, castagnoli))
	return dst
}

// EncodeRecords returns the stored form of records, one after another.
func EncodeRecords(records []Record) []byte {
	var out []byte
	for _, r := range records {
		out = AppendRecord(out, r)
	}
	return out
}

// DecodeRecord reads one stored record from the start of b and returns how many
// bytes it took. It returns ErrCorrupt for bytes that are torn or damaged.
func DecodeRecord(b []byte) (Record, int, error) {
	if len(b) < frameHead {
		return Record{}, 0, fmt.Errorf("%w: %d bytes are too few for a record", ErrCorrupt, len(b))
	}
	size := int(binary.BigEndian.Uint32(b))
	if size < frameFixed || size > MaxRecordBytes {
		return Record{}, 0, fmt.Errorf("%w: a record of %d bytes", ErrCorrupt, size)
	}
	if len(b) < frameHead+size {
		return Record{}, 0, fmt.Errorf("%w: torn: %d of %d bytes", ErrCorrupt, len(b)-frameHead, size)
	}
	payload := b[frameHead : frameHead+size]
	if crc32.Checksum(payload, castagnoli) != binary.BigEndian.Uint32(b[4:]) {
		return Record{}, 0, fmt.Errorf("%w: the checksum differs", ErrCorrupt)
	}
	if payload[0] != frameVersion || payload[1]&^flagFact != 0 {
		return Record{}, 0, fmt.Errorf("%w: unknown form %d, flags %#x", ErrCorrupt, payload[0], payload[1])
	}
	r := Record{Fact: payload[1]&flagFact != 0, Number: int64(binary.BigEndian.Uint64(payload[2:]))}
	copy(r.Prev[:], payload[10:])
	copy(r.Incarnation[:], payload[42:])
	r.Body = append([]byte(nil), payload[frameFixed:]...)
	return r, frameHead + size, nil
}

// DecodeRecords reads all stored records in b. On damage it returns the records
// before it together with the error.
func DecodeRecords(b []byte) ([]Record, error) {
	var out []Record
	for len(b) > 0 {
		r, n, err := DecodeRecord(b)
		if err != nil {
			return out, err
		}
		out = append(out, r)
		b = b[n:]
	}
	return out, nil
}
