package print

import "image"

// Bytes are a ticket's bytes for a printer of so many dots that knows everything.
func Bytes(c *Case, t Ticket, dots int) []byte {
	return c.bytesOf(t, profile{dots: dots, kanji: true, fine: true, qr: true, cut: "partial", status: "yes"})
}

// Clean is what of a text may reach a printer.
func Clean(text string) string { return clean(text) }

// SJIS encodes a text for kanji mode.
func SJIS(text string) ([]byte, bool) { return sjis(text) }

// Rows breaks a text for a native row of so many half cells.
func Rows(text string, cells int, left bool) []string {
	s := &sheet{set: native{drawn: drawn{nil, 12*cells + 2*margin}, kanji: true}}
	return s.split(run{text: text, w: 1, h: 1}, style{lang: "ja", left: left}, 12*cells)
}

// Number draws a number for a paper of so many dots.
func Number(c *Case, text string, dots int) *image.Gray { return c.number(text, dots) }

// Hear returns how many words a printer's bytes are, and what each says is wrong.
func Hear(raw []byte) (words int, faults []string) {
	var e ear
	var c condition
	for _, w := range e.hear(raw) {
		words++
		switch w.kind {
		case isAuto:
			faults = append(faults, fromAuto(w.auto).fault())
		case isReal:
			for n := 1; n <= 4; n++ {
				c.fromReal(n, w.byte)
			}
			faults = append(faults, c.fault())
			_ = c.status()
		}
	}
	return words, faults
}
