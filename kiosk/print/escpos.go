package print

import (
	"bytes"
	"image"
)

// profile is what a printer can do.
type profile struct {
	dots   int    // of the head
	kanji  bool   // has Japanese letters of its own
	fine   bool   // takes pictures quickly
	qr     bool   // draws QR codes itself
	cut    string // full, partial or none
	status string // yes: it says when it has printed; before: only how it is; no: nothing
}

// The control bytes of ESC/POS.
const (
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
	dle = 0x10
)

// native sets what it can with the printer's own letters: half cells of 12 dots.
type native struct {
	drawn
	kanji, fine bool
}

// draws says yes to what the printer has no letters for, and to the name of the
// service: doubled letters of 24 dots are coarse.
func (n native) draws(text string, s style) bool {
	if !n.kanji || s.lang == "zh" || s.lang == "ko" || s.head && n.fine {
		return true
	}
	_, ok := sjis(text)
	return !ok
}

func (n native) measure(text string, r run, s style) int {
	if s.drawn {
		return n.drawn.measure(text, r, s)
	}
	return 12 * cells(text) * r.w
}

// bytesOf lays a ticket out and encodes it for a printer. The bytes hold no status
// request: those are sent apart.
func (c *Case) bytesOf(t Ticket, p profile) []byte {
	w := &writer{}
	w.start()
	set := native{drawn: drawn{c, p.dots}, kanji: p.kanji, fine: p.fine && len(c.fonts[0]) > 0}
	for _, item := range newSheet(t, set).items {
		switch it := item.(type) {
		case row:
			if !it.drawn {
				w.row(it)
				continue
			}
		case code:
			if p.qr && w.code(it, p.dots) {
				continue
			}
		}
		gap, strip := c.strip(item, p.dots)
		if strip != nil {
			w.feed(gap)
			w.picture(strip)
		}
	}
	w.end(p)
	return w.Bytes()
}

// writer makes the commands of a ticket. All sizes are in dots.
type writer struct {
	bytes.Buffer
}

func (w *writer) put(b ...byte) { w.Write(b) }

// start makes the printer forget what was before: Shift_JIS kanji, the Japanese
// character set, units of one dot.
func (w *writer) start() {
	w.put(esc, '@')
	w.put(fs, '&', fs, 'C', 1)
	w.put(esc, 'R', 8, esc, 't', 1)
	w.put(gs, 'P', 203, 203)
	w.put(esc, '3', 0)
}

// feed moves the paper on.
func (w *writer) feed(dots int) {
	for ; dots > 0; dots -= 255 {
		w.put(esc, 'J', byte(min(dots, 255)))
	}
}

// row prints letters that the printer has.
func (w *writer) row(r row) {
	w.feed(r.gap)
	align, tall := byte(1), 1
	if r.left {
		align = 0
	}
	w.put(esc, 'a', align)
	if r.inverse {
		w.put(gs, 'B', 1)
	}
	for _, run := range r.runs {
		text, _ := sjis(run.text) // was asked before
		w.put(gs, '!', byte(run.w-1)<<4|byte(run.h-1))
		w.put(esc, 'E', bit(run.bold))
		w.Write(text)
		tall = max(tall, run.h)
	}
	w.put(esc, '3', byte(24*tall+4), '\n')
	if r.inverse {
		w.put(gs, 'B', 0)
	}
	w.put(esc, 'E', 0, gs, '!', 0)
}

func bit(on bool) byte {
	if on {
		return 1
	}
	return 0
}

// code has the printer draw a QR code itself; false if it is too long for one.
func (w *writer) code(q code, dots int) bool {
	modules, err := Code(q.url)
	if err != nil {
		return false
	}
	w.feed(q.gap)
	w.put(esc, 'a', 1)
	n := len(q.url) + 3
	w.put(gs, '(', 'k', 4, 0, '1', 'A', '2', 0)                                // model 2
	w.put(gs, '(', 'k', 3, 0, '1', 'C', byte(moduleOf(q, len(modules), dots))) // dots of a module
	w.put(gs, '(', 'k', 3, 0, '1', 'E', '1')                                   // error correction M
	w.put(gs, '(', 'k', byte(n), byte(n>>8), '1', 'P', '0')                    // the address
	w.WriteString(q.url)
	w.put(gs, '(', 'k', 3, 0, '1', 'Q', '0') // print
	return true
}

// maxBand bounds the bytes of one picture command, so that a command that was cut
// short is soon over.
const maxBand = 2048

// picture prints a strip. White rows are fed, the rest goes in bands.
func (w *writer) picture(strip *image.Gray) {
	dots := strip.Rect.Dx()
	wide := (dots + 7) / 8
	rows := make([][]byte, strip.Rect.Dy())
	for y := range rows {
		rows[y] = pack(strip, y, wide)
	}
	w.put(esc, 'a', 0)
	for len(rows) > 0 {
		blank := 0
		for blank < len(rows) && isBlank(rows[blank]) {
			blank++
		}
		w.feed(blank)
		rows = rows[blank:]
		inked := 0
		for inked < len(rows) && inked < maxBand/wide && !isBlank(rows[inked]) {
			inked++
		}
		w.band(rows[:inked])
		rows = rows[inked:]
	}
}

// band prints rows of dots, no wider than their ink.
func (w *writer) band(rows [][]byte) {
	if len(rows) == 0 {
		return
	}
	wide := 1
	for _, row := range rows {
		wide = max(wide, len(bytes.TrimRight(row, "\x00")))
	}
	w.put(gs, 'v', '0', 0, byte(wide), byte(wide>>8), byte(len(rows)), byte(len(rows)>>8))
	for _, row := range rows {
		w.Write(row[:wide])
	}
}

// pack returns a row of dots as bits. A printer looks for its urgent commands (DLE)
// inside pictures too, so a lone dot that would read as one is made two.
func pack(strip *image.Gray, y, wide int) []byte {
	out := make([]byte, wide)
	from := strip.PixOffset(0, y)
	for x, dot := range strip.Pix[from : from+strip.Rect.Dx()] {
		if dot < dark {
			out[x/8] |= 0x80 >> (x % 8)
		}
	}
	for i, b := range out {
		if b == dle {
			out[i] = 0x18
		}
	}
	return out
}

func isBlank(row []byte) bool { return len(bytes.Trim(row, "\x00")) == 0 }

// tail is how far the blade is from the head, with some air: what is fed by hand on
// a printer without a blade.
const tail = 160

func (w *writer) end(p profile) {
	w.feed(24)
	switch p.cut {
	case "full":
		w.put(gs, 'V', 'A', 0)
	case "partial":
		w.put(gs, 'V', 'B', 0)
	default:
		w.feed(tail)
	}
}

// resync ends whatever command another hand left half sent, and parts what it left
// on the paper from the next ticket.
func resync(p profile) []byte {
	w := &writer{}
	w.Write(make([]byte, maxBand+512))
	w.put(esc, '@')
	w.end(p)
	return w.Bytes()
}
