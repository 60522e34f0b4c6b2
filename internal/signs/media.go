package signs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math/bits"
	"slices"

	"golang.org/x/image/webp"
)

// Media is a picture or a video. Its bytes lie on a [Shelf] under their hash.
type Media struct {
	Hash   string `json:"hash"` // SHA-256 of the bytes, in hexadecimal
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width,omitempty"` // of pictures
	Height int    `json:"height,omitempty"`
}

// The types that are kept.
const (
	typePNG  = "image/png"
	typeJPEG = "image/jpeg"
	typeMP4  = "video/mp4"
	typeWebM = "video/webm"
)

// Video reports whether it moves.
func (m Media) Video() bool { return m.Type == typeMP4 || m.Type == typeWebM }

// The bounds of an upload.
const (
	MaxPicture = 8 << 20  // bytes
	MaxVideo   = 16 << 20 // bytes
	MaxSide    = 4096     // pixels
	minSide    = 16
	quality    = 88
)

// format is a kind of picture that can be read.
type format struct {
	begins func(raw []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = []format{
	{func(raw []byte) bool { return bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")) }, png.DecodeConfig, png.Decode},
	{func(raw []byte) bool { return bytes.HasPrefix(raw, []byte("\xff\xd8\xff")) }, jpeg.DecodeConfig, jpeg.Decode},
	{func(raw []byte) bool {
		return len(raw) > 16 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP"
	}, webp.DecodeConfig, webp.Decode},
}

// Digest checks what somebody uploaded by its content, whatever its name or declared
// type, and returns what is kept. A picture is decoded and drawn anew, so that nothing
// of the file but its pixels is ever served: no place where it was taken, and nothing
// that hides behind it. A video is kept as it is if it is one container from its first
// byte to its last. It returns a *[Fault] for everything else.
func Digest(raw []byte) (Media, []byte, error) {
	for _, f := range formats {
		if f.begins(raw) {
			return picture(raw, f)
		}
	}
	kind := ""
	switch {
	case isMP4(raw):
		kind = typeMP4
	case isWebM(raw):
		kind = typeWebM
	default:
		return Media{}, nil, fault("file", "PNG, JPEG, WebP, MP4 or WebM")
	}
	if len(raw) > MaxVideo {
		return Media{}, nil, fault("file", "a video has at most %d MiB", MaxVideo>>20)
	}
	return named(Media{Type: kind}, raw)
}

func named(m Media, kept []byte) (Media, []byte, error) {
	sum := sha256.Sum256(kept)
	m.Hash, m.Size = hex.EncodeToString(sum[:]), int64(len(kept))
	return m, kept, nil
}

// picture draws a picture anew. Its size is read before a pixel is: a small file can
// claim to be as large as a house.
func picture(raw []byte, f format) (Media, []byte, error) {
	if len(raw) > MaxPicture {
		return Media{}, nil, fault("file", "a picture has at most %d MiB", MaxPicture>>20)
	}
	size, err := f.config(bytes.NewReader(raw))
	if err != nil {
		return Media{}, nil, fault("file", "the picture cannot be read")
	}
	if min(size.Width, size.Height) < minSide || max(size.Width, size.Height) > MaxSide {
		return Media{}, nil, fault("file", "%d to %d pixels on each side", minSide, MaxSide)
	}
	drawn, err := f.decode(bytes.NewReader(raw))
	if err != nil {
		return Media{}, nil, fault("file", "the picture cannot be read")
	}
	drawn = upright(drawn, orientation(raw))
	m := Media{Type: typePNG, Width: drawn.Bounds().Dx(), Height: drawn.Bounds().Dy()}
	var kept bytes.Buffer
	if see, ok := drawn.(interface{ Opaque() bool }); !f.lossless(raw) && ok && see.Opaque() {
		m.Type = typeJPEG
		err = jpeg.Encode(&kept, drawn, &jpeg.Options{Quality: quality})
	} else {
		err = png.Encode(&kept, drawn)
	}
	if err != nil || kept.Len() > 4*MaxPicture {
		return Media{}, nil, fault("file", "the picture cannot be kept")
	}
	return named(m, kept.Bytes())
}

// lossless reports whether a picture is to stay exact, as drawings and letters must.
func (f format) lossless(raw []byte) bool { return bytes.HasPrefix(raw, []byte("\x89PNG")) }

// brands are the sorts of MP4 that browsers play.
var brands = []string{"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "dash"}

// isMP4 reports whether a file is boxes from its beginning to its end, with a brand
// that is known, one movie and its data.
func isMP4(raw []byte) bool {
	if len(raw) < 16 || string(raw[4:8]) != "ftyp" || !slices.Contains(brands, string(raw[8:12])) {
		return false
	}
	movie, data := false, false
	for at := 0; at < len(raw); {
		if len(raw)-at < 8 {
			return false
		}
		size, head := uint64(binary.BigEndian.Uint32(raw[at:])), uint64(8)
		name := string(raw[at+4 : at+8])
		if size == 1 {
			if len(raw)-at < 16 {
				return false
			}
			size, head = binary.BigEndian.Uint64(raw[at+8:]), 16
		}
		if size < head || size > uint64(len(raw)-at) || !slices.Contains(boxes, name) {
			return false
		}
		movie, data = movie || name == "moov", data || name == "mdat"
		at += int(size)
	}
	return movie && data
}

var boxes = []string{"ftyp", "moov", "mdat", "free", "skip", "sidx", "moof", "mfra", "styp", "udta", "meta", "uuid"}

// The elements that a WebM file begins with.
const (
	elementHead    = 0x1a45dfa3
	elementType    = 0x4282
	elementSegment = 0x18538067
)

// isWebM reports whether a file is one head that says webm and one segment that ends
// with the file.
func isWebM(raw []byte) bool {
	id, size, rest := element(raw)
	if id != elementHead || size > uint64(len(rest)) {
		return false
	}
	head, body := rest[:size], rest[size:]
	for len(head) > 0 {
		id, size, rest = element(head)
		if rest == nil || size > uint64(len(rest)) {
			return false
		}
		if id == elementType {
			if string(bytes.TrimRight(rest[:size], "\x00")) != "webm" {
				return false
			}
			id, size, rest = element(body)
			return id == elementSegment && rest != nil && (size == uint64(len(rest)) || size == unknownSize)
		}
		head = rest[size:]
	}
	return false
}

// unknownSize says that an element goes on to the end of the file.
const unknownSize = 1<<56 - 1

// element reads the id and the size of an EBML element, and returns what follows;
// nil: there is none.
func element(raw []byte) (id, size uint64, rest []byte) {
	n := prefix(raw, 4)
	if n == 0 {
		return 0, 0, nil
	}
	for _, b := range raw[:n] {
		id = id<<8 | uint64(b)
	}
	raw = raw[n:]
	if n = prefix(raw, 8); n == 0 {
		return 0, 0, nil
	}
	size = uint64(raw[0]) & (1<<(8-n) - 1)
	ones := size == 1<<(8-n)-1
	for _, b := range raw[1:n] {
		size, ones = size<<8|uint64(b), ones && b == 0xff
	}
	if ones {
		size = unknownSize
	}
	return id, size, raw[n:]
}

// prefix returns how many bytes a number of EBML takes; 0: it is none.
func prefix(raw []byte, most int) int {
	if len(raw) == 0 {
		return 0
	}
	n := bits.LeadingZeros8(raw[0]) + 1
	if n > most || n > len(raw) {
		return 0
	}
	return n
}

// describe tells what kept bytes are.
func describe(hash string, raw []byte) (Media, error) {
	m := Media{Hash: hash, Size: int64(len(raw))}
	switch {
	case isMP4(raw):
		m.Type = typeMP4
	case isWebM(raw):
		m.Type = typeWebM
	default:
		size, name, err := image.DecodeConfig(bytes.NewReader(raw))
		if err != nil {
			return Media{}, ErrNoMedia
		}
		m.Type, m.Width, m.Height = "image/"+name, size.Width, size.Height
	}
	return m, nil
}
