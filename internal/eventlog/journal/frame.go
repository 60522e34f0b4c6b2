package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"machi/internal/eventlog"
)

// The header of a frame, all integers big-endian:
//
//	offset  size  field
//	0       4     magic
//	4       4     length of the content
//	8       4     CRC-32C of the content
//	12      4     CRC-32C of the twelve bytes before
const (
	headerSize = 16
	sectorSize = 512
	// maxContent bounds a frame's content: a batch and the names of its streams.
	maxContent = eventlog.MaxBatchBytes + 1<<20
)

var (
	magic      = []byte("MJ\x01\n")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// appendFrame appends a frame with this content to dst.
func appendFrame(dst, content []byte) []byte {
	start := len(dst)
	dst = append(dst, magic...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(content)))
	dst = binary.BigEndian.AppendUint32(dst, crc32.Checksum(content, castagnoli))
	dst = binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
	return append(dst, content...)
}

// header returns the length of the content that the header at the start of b
// announces, and false if b does not begin with a sound header.
func header(b []byte) (length int, ok bool) {
	if len(b) < headerSize || !bytes.Equal(b[:4], magic) ||
		crc32.Checksum(b[:12], castagnoli) != binary.BigEndian.Uint32(b[12:]) {
		return 0, false
	}
	length = int(binary.BigEndian.Uint32(b[4:]))
	return length, length <= maxContent
}

// frameAt returns the content of the whole frame at the start of b.
func frameAt(b []byte) (content []byte, ok bool) {
	length, ok := header(b)
	if !ok || len(b) < headerSize+length {
		return nil, false
	}
	content = b[headerSize : headerSize+length]
	return content, crc32.Checksum(content, castagnoli) == binary.BigEndian.Uint32(b[8:])
}

// frame is one whole frame found in a file.
type frame struct {
	offset  int64 // of its header, in the file
	content []byte
}

func (f frame) end() int64 { return f.offset + headerSize + int64(len(f.content)) }

// scan returns the whole frames at the start of b, which was read from the file
// at offset base, and the offset behind the last of them.
func scan(b []byte, base int64) (frames []frame, end int64) {
	end = base
	for {
		content, ok := frameAt(b[end-base:])
		if !ok {
			return frames, end
		}
		f := frame{offset: end, content: content}
		frames, end = append(frames, f), f.end()
	}
}

// nextFrame returns how many bytes into b the next whole frame begins, or -1.
func nextFrame(b []byte) int {
	for at := 0; ; {
		i := bytes.Index(b[at:], magic)
		if i < 0 {
			return -1
		}
		if _, ok := frameAt(b[at+i:]); ok {
			return at + i
		}
		at += i + 1
	}
}

// judge says what the bytes behind the last whole frame are, which begin at
// offset base of the file: nil for a torn end that may be cut off, else ErrCorrupt.
func judge(rest []byte, base int64) error {
	switch {
	case len(rest) == 0:
		return nil
	case nextFrame(rest) >= 0:
		return fmt.Errorf("%w: damaged at byte %d, with whole frames behind it", eventlog.ErrCorrupt, base)
	case len(rest) < headerSize, lostSector(rest, base):
		return nil
	}
	if length, ok := header(rest); ok && len(rest) < headerSize+length {
		return nil
	}
	return fmt.Errorf("%w: damaged at byte %d", eventlog.ErrCorrupt, base)
}

// lostSector reports whether a sector of the file, or the part of one that lies
// inside rest, holds nothing but zero bytes. However short a part is, it tells: a frame
// begins with its magic and ends with a record's body, which is JSON.
func lostSector(rest []byte, base int64) bool {
	for at := 0; at < len(rest); {
		stop := min(len(rest), at+sectorSize-int((base+int64(at))%sectorSize))
		if len(bytes.Trim(rest[at:stop], "\x00")) == 0 {
			return true
		}
		at = stop
	}
	return false
}
