package speech

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// sound is uncompressed sound: its format and its samples.
type sound struct {
	format  [16]byte // of the fmt chunk: coding, channels, rate, bytes
	samples []byte
}

var errNotWAV = errors.New("speech: not an uncompressed WAV file")

// read takes a WAV file apart. A length that the writer did not know, as of a
// program that writes to a pipe, ends with the file.
func read(raw []byte) (sound, error) {
	var s sound
	if len(raw) < 12 || string(raw[:4]) != "RIFF" || string(raw[8:12]) != "WAVE" {
		return s, errNotWAV
	}
	known := false
	for rest := raw[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[8:]
		if size > len(rest) {
			size = len(rest)
		}
		switch {
		case name == "fmt " && size >= 16:
			copy(s.format[:], rest)
			known = binary.LittleEndian.Uint16(rest) == 1
		case name == "data" && known:
			s.samples = rest[:size]
			return s, nil
		}
		rest = rest[min(size+size%2, len(rest)):]
	}
	return s, errNotWAV
}

// write makes a WAV file.
func (s sound) write() []byte {
	var b bytes.Buffer
	number := func(n int) { _ = binary.Write(&b, binary.LittleEndian, uint32(n)) } // never fails
	b.WriteString("RIFF")
	number(36 + len(s.samples))
	b.WriteString("WAVEfmt ")
	number(len(s.format))
	b.Write(s.format[:])
	b.WriteString("data")
	number(len(s.samples))
	b.Write(s.samples)
	return b.Bytes()
}

// mend gives a WAV file its true lengths.
func mend(raw []byte) ([]byte, error) {
	s, err := read(raw)
	if err != nil {
		return nil, err
	}
	return s.write(), nil
}
