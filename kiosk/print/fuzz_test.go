package print_test

import (
	"bytes"
	"strings"
	"testing"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

// tickets may hold these commands and no others: no drawer, no memory, no macro.
var tickets = map[string]bool{
	"ESC @": true, "ESC R": true, "ESC t": true, "ESC 3": true, "ESC J": true, "ESC a": true, "ESC E": true, "FS &": true, "FS C": true,
	"GS !": true, "GS B": true, "GS P": true, "GS V": true, "GS v 0": true, "GS ( k": true, "LF": true, "letter": true, "kanji": true,
}

func FuzzNoTextIsACommand(f *testing.F) {
	f.Add("引っ越し（転入・転居・転出）", "en", "A012")
	f.Add("\x1bp\x00\x19\xfa", "ja", "\x10\x14\x01\x00\x05")
	f.Add("㈱髙﨑①𠮷〜−—‖¥¢£¬", "zh", "K1-0001")
	f.Add("\x8f\x1b@表示\x1d(A", "ko", "ａ０１２")
	f.Add(strings.Repeat("長", 120), "ja-x-easy", strings.Repeat("9", 40))
	f.Fuzz(func(t *testing.T, text, language, number string) {
		raw := print.Bytes(types(), print.Ticket{
			Ward: text, Office: text, Service: text, ServiceElse: text, Language: language, Number: number, Bring: []string{text}, Note: text,
			Footer: []string{text}, CheckIn: text, StatusURL: "https://h/" + text, Ahead: -1, Copy: true,
		}, 384)
		p := virtual.New(virtual.Options{Dots: 384, Case: types()})
		p.Feed(raw)
		if notes := p.Complaints(); len(notes) > 0 {
			t.Errorf("the printer complains: %v", notes)
		}
		for name := range p.Counts() {
			if !tickets[name] {
				t.Errorf("a ticket has %s", name)
			}
		}
		for _, urgent := range [][]byte{{0x10, 0x04}, {0x10, 0x05}, {0x10, 0x14}} {
			if bytes.Contains(raw, urgent) {
				t.Errorf("a ticket has the real-time command % x", urgent)
			}
		}
		if papers := p.Papers(); len(papers) != 1 || !papers[0].Cut {
			t.Errorf("%d papers, want one", len(papers))
		}
	})
}

func FuzzWhatAPrinterSaysIsAlwaysSomething(f *testing.F) {
	f.Add([]byte{0x12, 0x16, 0x32, 0x72})
	f.Add([]byte{0x18, 0x00, 0x0C, 0x00, 0x00, 0x5F, 'A', 0x00})
	f.Add([]byte{0x5F, 0xFF, 0x11, 0x13, 0x10, 0x10, 0x12, 0x0F})
	f.Fuzz(func(t *testing.T, raw []byte) {
		words, faults := print.Hear(raw)
		if words > len(raw) {
			t.Errorf("%d words of %d bytes", words, len(raw))
		}
		for _, code := range faults {
			switch code {
			case "", print.Error, print.CoverOpen, print.PaperOut, print.Offline:
			default:
				t.Errorf("a fault of no name: %q", code)
			}
		}
	})
}

func FuzzThePrinterTakesAnyBytes(f *testing.F) {
	f.Add([]byte("\x1b@\x1dv0\x00\xff\xff\xff\xff\x1d(k\xff\xff\x1dVB"))
	f.Add([]byte("\x1d(k\x03\x001Q0\x1d!\xff\x1b3\xffA\n\x1bJ\xff"))
	f.Add(resynced)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := virtual.New(virtual.Options{Dots: 384, Case: types()})
		p.Feed(raw)
		for _, paper := range p.Papers() {
			if n := paper.Image().Rect.Dy(); n > 20000 {
				t.Errorf("a paper of %d dots", n)
			}
		}
	})
}

var resynced = append(make([]byte, 3000), "\x1b@\x1dVB\x00\x10\x04\x01\x1dr\x01"...)
