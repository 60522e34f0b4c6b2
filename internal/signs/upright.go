package signs

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation reads from a photograph how the camera was held: 1 to 8, as Exif
// counts. What cannot be read is 1, upright.
func orientation(raw []byte) int {
	at := bytes.Index(raw[:min(len(raw), 1<<16)], []byte("Exif\x00\x00"))
	if !bytes.HasPrefix(raw, []byte("\xff\xd8")) || at < 0 {
		return 1
	}
	tiff := raw[at+6:]
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	start := int(order.Uint32(tiff[4:]))
	if start < 8 || start+2 > len(tiff) {
		return 1
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if n := int(order.Uint16(entries[8:])); n >= 1 && n <= 8 {
				return n
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// upright turns a picture as its camera was held.
func upright(from image.Image, held int) image.Image {
	if held == 1 {
		return from
	}
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	x0, y0 := from.Bounds().Min.X, from.Bounds().Min.Y
	size := image.Rect(0, 0, w, h)
	if held > 4 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := source(held, x, y, w, h)
			to.Set(x, y, from.At(x0+sx, y0+sy))
		}
	}
	return to
}

// source returns where in a picture of w by h a pixel of the upright one comes from.
func source(held, x, y, w, h int) (int, int) {
	switch held {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}
