package signs_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/signs"
)

const script = "<script>alert(1)</script>"

// drawn is a picture with a red corner at its upper left.
func drawn(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{40, 90, 160, 255})
			if x < w/4 && y < h/4 {
				m.Set(x, y, color.RGBA{220, 20, 20, 255})
			}
		}
	}
	return m
}

func pngOf(w, h int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, drawn(w, h)) // a buffer does not fail
	return b.Bytes()
}

func jpegOf(w, h int) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, drawn(w, h), nil) // a buffer does not fail
	return b.Bytes()
}

// claiming is a small PNG that says it is as large as a house.
func claiming(w, h uint32) []byte {
	raw := pngOf(16, 16)
	binary.BigEndian.PutUint32(raw[16:], w)
	binary.BigEndian.PutUint32(raw[20:], h)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

// held is a JPEG whose camera was held on its side, and which says where it was taken.
func held(orientation byte) []byte {
	exif := append([]byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), orientation, 0, 0, 0, 0, 0, 0)
	exif = append(exif, "GPS 35.6464N"...)
	part := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	raw := jpegOf(64, 32)
	return slices.Concat(raw[:2], part, exif, raw[2:])
}

func box(name, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + name + body
}

func mp4(more ...string) []byte {
	return []byte(box("ftyp", "isom\x00\x00\x02\x00isomiso2") + box("moov", "movie") + box("mdat", "data") + strings.Join(more, ""))
}

func webm(kind string, tail string) []byte {
	head := "\x42\x82" + string([]byte{0x80 | byte(len(kind))}) + kind
	return []byte("\x1a\x45\xdf\xa3" + string([]byte{0x80 | byte(len(head))}) + head + "\x18\x53\x80\x67\x84seg!" + tail)
}

func TestOnlyPicturesAndVideosAreKept(t *testing.T) {
	for name, raw := range map[string][]byte{
		"nothing":                         {},
		"HTML":                            []byte("<!doctype html>" + script),
		"HTML behind a PNG's first bytes": []byte("\x89PNG\r\n\x1a\n" + script),
		"SVG":                             []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`),
		"GIF":                             []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"),
		"PDF":                             []byte("%PDF-1.7"),
		"a picture as large as a house":   claiming(60_000, 60_000),
		"a picture of one row":            pngOf(400, 1),
		"half a picture":                  pngOf(300, 200)[:400],
		"too many bytes":                  append(pngOf(64, 64), make([]byte, signs.MaxPicture)...),
		"half a WebP":                     []byte("RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00"),
		"an MP4 with HTML behind it":      append(mp4(), script...),
		"an MP4 with a box of nobody":     mp4(box("html", script)),
		"an MP4 without a movie":          []byte(box("ftyp", "isom\x00\x00\x02\x00isom") + box("mdat", "data")),
		"a box that goes on for ever":     mp4("\xff\xff\xff\xffmdat"),
		"a Matroska file":                 webm("matroska", ""),
		"a WebM with HTML behind it":      webm("webm", script),
		"a video that is too large":       mp4(box("mdat", strings.Repeat("x", signs.MaxVideo))),
	} {
		var fault *signs.Fault
		if m, _, err := signs.Digest(raw); !errors.As(err, &fault) || fault.Field != "file" {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	for want, raw := range map[string][]byte{"image/png": pngOf(320, 180), "image/jpeg": jpegOf(320, 180), "video/mp4": mp4(), "video/webm": webm("webm", "")} {
		if m, kept, err := signs.Digest(raw); err != nil || m.Type != want || m.Size != int64(len(kept)) {
			t.Errorf("%s: %+v, %v", want, m, err)
		}
	}
}

// TestNothingButPixelsIsServed hides a page, a place and an archive in pictures.
func TestNothingButPixelsIsServed(t *testing.T) {
	hiding := map[string][]byte{
		"behind a PNG":  append(pngOf(64, 32), script+"PK\x03\x04"...),
		"behind a JPEG": append(jpegOf(64, 32), script...),
		"in a JPEG":     held(1),
	}
	for name, raw := range hiding {
		m, kept, err := signs.Digest(raw)
		if err != nil || m.Width != 64 || m.Height != 32 {
			t.Fatalf("%s: %+v, %v", name, m, err)
		}
		for _, secret := range []string{"script", "PK\x03", "GPS", "Exif"} {
			if bytes.Contains(kept, []byte(secret)) {
				t.Errorf("%s: %q is kept", name, secret)
			}
		}
	}
}

func TestAPhotographStandsAsItsCameraWasHeld(t *testing.T) {
	corner := map[byte]image.Point{1: {4, 4}, 3: {60, 28}, 6: {28, 4}, 8: {4, 60}}
	for orientation, red := range corner {
		m, kept, err := signs.Digest(held(orientation))
		if err != nil {
			t.Fatal(err)
		}
		if sideways := orientation > 4; sideways != (m.Height == 64) {
			t.Errorf("held %d: %d x %d", orientation, m.Width, m.Height)
		}
		picture, err := jpeg.Decode(bytes.NewReader(kept))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := picture.At(red.X, red.Y).RGBA(); r < b {
			t.Errorf("held %d: the red corner is not at %v", orientation, red)
		}
	}
}

// asked is a store that counts what is asked of it.
type asked struct {
	eventlog.Store
	n int
}

func (s *asked) Open(stream string) (eventlog.Log, error) {
	s.n++
	return s.Store.Open(stream)
}

// TestStrangersAskForPartsAndGuesses serves a video again and again, as players do that
// ask for its parts, and hashes that nobody has.
func TestStrangersAskForPartsAndGuesses(t *testing.T) {
	store := &asked{Store: openStore(t)}
	k := signs.Kit{Book: openBook(t, store, &clock{morning}), Shelf: openShelf(t, store)}
	m, kept, err := signs.Digest(mp4(box("mdat", strings.Repeat("x", 4<<20))))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Shelf.Put(t.Context(), m.Hash, kept); err != nil {
		t.Fatal(err)
	}
	before := store.n
	var first, last runtime.MemStats
	runtime.ReadMemStats(&first)
	for i := range 50 {
		if got, _, err := k.Served(t.Context(), m.Hash); err != nil || got != m {
			t.Fatal(got, err)
		}
		if _, _, err := k.Served(t.Context(), fmt.Sprintf("%064x", i)); !errors.Is(err, signs.ErrNoMedia) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&last)
	if read := (last.TotalAlloc - first.TotalAlloc) / uint64(len(kept)); read > 10 {
		t.Errorf("the video was read %d times", read)
	}
	if store.n != before {
		t.Errorf("the store was asked %d times", store.n-before)
	}
}

// TestServersShareAShelf puts bytes at one server and fetches them at another; half of
// them, or damaged ones, are nobody's.
func TestServersShareAShelf(t *testing.T) {
	store := openStore(t)
	one, other := openShelf(t, store), openShelf(t, store)
	raw := bytes.Repeat([]byte("0123456789abcdef"), 60_000) // several chunks
	m, kept, err := signs.Digest(mp4(box("mdat", string(raw))))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // again changes nothing
		if err := one.Put(t.Context(), m.Hash, kept); err != nil {
			t.Fatal(err)
		}
	}
	path, err := other.File(t.Context(), m.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, kept) {
		t.Error("other bytes came back")
	}
	if found, err := other.Media(t.Context(), m.Hash); err != nil || found != m {
		t.Errorf("described as %+v, %v", found, err)
	}
	for _, bad := range []string{"", "../" + m.Hash, strings.Repeat("0", 64), m.Hash + "/..", strings.ToUpper(m.Hash)} {
		if _, err := one.File(t.Context(), bad); !errors.Is(err, signs.ErrNoMedia) {
			t.Errorf("File(%q): %v", bad, err)
		}
	}
	never := func(os.FileInfo) bool { return false }
	forget(t, store, m.Hash)
	if err := one.Tend(t.Context(), map[string]bool{m.Hash: true}, never); err != nil {
		t.Fatal(err)
	}
	if _, err := openShelf(t, store).File(t.Context(), m.Hash); err != nil {
		t.Errorf("what the store forgot was not put back: %v", err)
	}
	if err := one.Tend(t.Context(), map[string]bool{}, never); err != nil {
		t.Fatal(err)
	}
	if _, err := openShelf(t, store).File(t.Context(), m.Hash); !errors.Is(err, signs.ErrNoMedia) {
		t.Errorf("what nobody refers to is still there: %v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "part-*")); len(files) > 0 {
		t.Errorf("half files: %v", files)
	}
}
