package virtual

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"slices"
	"strings"

	"machi/kiosk/print"
)

// maxDots bounds a paper's length: about two metres.
const maxDots = 16000

// Paper is what came out of the printer up to one cut.
type Paper struct {
	Dots int // width
	Cut  bool

	types *print.Case
	ops   []op
	y     int
}

// Letters are letters of the printer's own, side by side.
type Letters struct {
	Text          string
	Cells         int // half-width
	W, H          int // multiples
	Bold, Inverse bool
}

// op is something that left ink: one of letters, bits or a code.
type op struct {
	x, y    int
	letters []Letters
	bits    []byte
	wide    int // bytes of a row of bits
	code    string
	module  int
}

func (p *Paper) feed(dots int) { p.y = min(p.y+dots, maxDots) }

// Blank reports whether the paper is without ink.
func (p Paper) Blank() bool { return len(p.ops) == 0 }

// Text returns the letters that the printer itself set, a line each, and the
// contents of its QR codes.
func (p Paper) Text() string {
	var out strings.Builder
	for _, o := range p.ops {
		for _, l := range o.letters {
			out.WriteString(l.Text)
		}
		if o.code != "" {
			out.WriteString(o.code)
		}
		if o.bits == nil {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// Digest is equal for papers that look the same.
func (p Paper) Digest() string {
	h := sha256.New()
	for _, o := range p.ops {
		fmt.Fprintf(h, "%d %d %v %x %d %s %d\n", o.x, o.y, o.letters, o.bits, o.wide, o.code, o.module)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// letter adds a letter to the row that is being set.
func (p *Printer) letter(r rune, cells int) {
	m := &p.mode
	have := 0
	for _, l := range m.line {
		have += 12 * l.Cells * l.W
	}
	if have+12*cells*m.w > p.o.Dots {
		p.note("a row is wider than the paper: %c", r)
		p.newLine()
	}
	same := Letters{W: m.w, H: m.h, Bold: m.bold, Inverse: m.inverse}
	if last := len(m.line) - 1; last >= 0 {
		l := m.line[last]
		l.Text, l.Cells = "", 0
		if l == same {
			m.line[last].Text += string(r)
			m.line[last].Cells += cells
			return
		}
	}
	same.Text, same.Cells = string(r), cells
	m.line = append(m.line, same)
}

// newLine prints the row and moves on.
func (p *Printer) newLine() {
	high := p.flush()
	p.paper.feed(max(0, p.mode.pitch-high))
}

// flush prints the row that is being set, and returns how high it was.
func (p *Printer) flush() int {
	m := &p.mode
	if len(m.line) == 0 {
		return 0
	}
	wide, high := 0, 0
	for _, l := range m.line {
		wide, high = wide+12*l.Cells*l.W, max(high, 24*l.H)
	}
	p.ink(op{x: p.left(wide), letters: m.line}, high)
	m.line = nil
	return high
}

// left is where something so wide begins.
func (p *Printer) left(wide int) int {
	switch p.mode.align {
	case 1, '1':
		return (p.o.Dots - wide) / 2
	case 2, '2':
		return p.o.Dots - wide
	}
	return 0
}

func (p *Printer) ink(o op, high int) {
	o.y = p.paper.y
	if o.y+high > maxDots {
		p.note("the paper does not end")
		return
	}
	p.paper.ops = append(p.paper.ops, o)
	p.paper.feed(high)
}

func (p *Printer) picture(bits []byte, wide, rows int) {
	if 8*wide > p.o.Dots {
		p.note("a picture is wider than the paper")
		return
	}
	p.ink(op{x: p.left(8 * wide), bits: bits, wide: wide}, rows)
}

func (p *Printer) qr() {
	modules, err := print.Code(p.mode.code)
	if err != nil || p.mode.code == "" {
		p.note("no QR code for %q", p.mode.code)
		return
	}
	side := len(modules) * p.mode.module
	if side > p.o.Dots {
		p.note("a QR code is wider than the paper")
		return
	}
	p.ink(op{x: p.left(side), code: p.mode.code, module: p.mode.module}, side)
}

// cut ends the paper.
func (p *Printer) cut() {
	p.flush()
	if !p.paper.Blank() {
		p.proof = true
	}
	p.paper.feed(80) // to the blade
	p.paper.Cut = true
	p.papers = append(p.papers, *p.paper)
	if len(p.papers) > maxPapers {
		p.papers = slices.Delete(p.papers, 0, 1)
	}
	p.o.Out(*p.paper)
	p.paper = &Paper{Dots: p.o.Dots, types: p.o.Case}
	p.happens(Fallen)
}

// Papers returns what came out, oldest first, blank slips left out; the last may
// still hang in the printer, not cut.
func (p *Printer) Papers() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Paper
	for _, paper := range append(slices.Clone(p.papers), *p.paper) {
		if !paper.Blank() {
			out = append(out, paper)
		}
	}
	return out
}

// Complaints returns what was not ESC/POS or is no business of a ticket.
func (p *Printer) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.notes)
}

// Counts returns how often each command came.
func (p *Printer) Counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for name, n := range p.counts {
		out[name] = n
	}
	return out
}

// Image draws the paper.
func (p Paper) Image() *image.Gray {
	page := image.NewGray(image.Rect(0, 0, p.Dots, max(1, p.y)))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	for _, o := range p.ops {
		switch {
		case o.bits != nil:
			o.drawBits(page)
		case o.code != "":
			o.drawCode(page)
		default:
			o.drawLetters(page, p.types)
		}
	}
	return page
}

func (o op) drawBits(page *image.Gray) {
	for i, b := range o.bits {
		for bit := range 8 {
			if b&(0x80>>bit) != 0 {
				page.Pix[page.PixOffset(o.x+8*(i%o.wide)+bit, o.y+i/o.wide)] = 0
			}
		}
	}
}

func (o op) drawCode(page *image.Gray) {
	modules, _ := print.Code(o.code) // was asked before
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				r := image.Rect(0, 0, o.module, o.module).Add(image.Pt(o.x+x*o.module, o.y+y*o.module))
				draw.Draw(page, r, image.Black, image.Point{}, draw.Src)
			}
		}
	}
}

// drawLetters sets each letter in its cell, the smaller ones on the foot of the row.
func (o op) drawLetters(page *image.Gray, types *print.Case) {
	high, x := 0, o.x
	for _, l := range o.letters {
		high = max(high, 24*l.H)
	}
	for _, l := range o.letters {
		for _, r := range l.Text {
			cell := types.Cell(r, l.Bold)
			w, h := cell.Rect.Dx()*l.W, 24*l.H
			for dy := range h {
				for dx := range w {
					if dark := cell.GrayAt(dx/l.W, dy/l.H).Y == 0; dark != l.Inverse {
						page.Pix[page.PixOffset(x+dx, o.y+high-h+dy)] = 0
					}
				}
			}
			x += w
		}
	}
}
