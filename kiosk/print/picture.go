package print

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/boombuler/barcode/qr"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	ximage "golang.org/x/image/draw"
)

const (
	maxHeight = 4000 // dots: half a metre of paper
	qrModule  = 6    // dots
	qrSmall   = 4
	qrQuiet   = 4 // modules that must stay white around a QR code
	ruleDots  = 3

	// The number is at least 21 mm high at 203 dots per inch, and larger where the
	// paper is wide enough.
	leastNumber = 168
	mostNumber  = 208
	// squeezed is how narrow figures may become before a long number takes two rows.
	squeezed = 0.55
)

// drawn sets everything as pictures, for a paper so many dots wide.
type drawn struct {
	c    *Case
	dots int
}

func (d drawn) width() int               { return d.dots }
func (d drawn) draws(string, style) bool { return true }
func (d drawn) measure(text string, r run, s style) int {
	return d.c.measure(text, r, s.lang)
}

// sizeOf is the size of a drawn letter in dots: a little more than the printer's own
// for small ones, since fonts leave air around theirs.
func sizeOf(r run) int {
	return [...]int{24, 26, 36, 36, 48}[min(r.w*r.h, 4)]
}

func (c *Case) measure(text string, r run, lang string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return widthOf(c.pieces(text, lang, sizeOf(r), r.bold))
}

// Picture draws the ticket for a paper of 80 mm, black and white.
func (c *Case) Picture(t Ticket) (*image.Gray, error) { return c.PictureOn(t, 80) }

// PictureOn draws the ticket for a paper of 58 or 80 mm.
func (c *Case) PictureOn(t Ticket, paper int) (*image.Gray, error) {
	dots, err := dotsOf(paper)
	if err != nil {
		return nil, err
	}
	page := white(dots, maxHeight)
	y := 16
	for _, item := range newSheet(t, drawn{c, dots}).items {
		gap, strip := c.strip(item, dots)
		if strip == nil || y+gap+strip.Rect.Dy() > maxHeight {
			continue
		}
		y += gap
		paste(page, strip, 0, y)
		y += strip.Rect.Dy()
	}
	cut := page.SubImage(image.Rect(0, 0, dots, min(maxHeight, y+40))).(*image.Gray)
	threshold(cut)
	return cut, nil
}

// dotsOf is the width of a printer's head at 203 dots per inch.
func dotsOf(paper int) (int, error) {
	switch paper {
	case 58:
		return 384, nil
	case 80, 0:
		return 576, nil
	}
	return 0, fmt.Errorf("print: paper of %d mm: want 58 or 80", paper)
}

// strip draws one piece of a sheet across the whole paper, and says how much is to
// be left free above it.
func (c *Case) strip(it item, dots int) (gap int, strip *image.Gray) {
	switch it := it.(type) {
	case row:
		return it.gap, c.row(it, dots)
	case number:
		return it.gap, c.number(it.text, dots)
	case rule:
		return it.gap, image.NewGray(image.Rect(0, 0, dots, ruleDots)) // black

	case code:
		return it.gap, codeStrip(it, dots)
	}
	return 0, nil
}

func white(w, h int) *image.Gray {
	page := image.NewGray(image.Rect(0, 0, w, h))
	if len(page.Pix) > 0 {
		page.Pix[0] = 255
	}
	for done := 1; done < len(page.Pix); done *= 2 {
		copy(page.Pix[done:], page.Pix[:done])
	}
	return page
}

// paste copies a picture, row by row.
func paste(to, from *image.Gray, x, y int) {
	for row := range from.Rect.Dy() {
		at := from.PixOffset(0, row)
		copy(to.Pix[to.PixOffset(x, y+row):], from.Pix[at:at+from.Rect.Dx()])
	}
}

// row draws the runs of a row on one base line.
func (c *Case) row(r row, dots int) *image.Gray {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, total, tall := make([][]piece, len(r.runs)), 0, 0
	for i, run := range r.runs {
		all[i] = c.pieces(run.text, r.lang, sizeOf(run), run.bold)
		total += widthOf(all[i])
		tall = max(tall, sizeOf(run))
	}
	strip := white(dots, tall*5/4)
	x := (dots - total) / 2
	if r.left {
		x = margin
	}
	for _, pieces := range all {
		for _, p := range pieces {
			x += p.draw(strip, x, tall)
		}
	}
	if r.inverse {
		invert(strip, max(0, (dots-total)/2), min(dots, (dots+total)/2))
	}
	return strip
}

// draw sets a piece on a base line and returns its width.
func (p piece) draw(to *image.Gray, x, base int) int {
	if p.times == 1 {
		write(to, p.face, fixed.P(x, base), p.text)
		return font.MeasureString(p.face, p.text).Ceil()
	}
	m := p.face.Metrics()
	w, ascent := font.MeasureString(p.face, p.text).Ceil(), m.Ascent.Ceil()
	small := white(w+1, ascent+m.Descent.Ceil()+1)
	write(small, p.face, fixed.P(0, ascent), p.text)
	for y := range small.Rect.Dy() * p.times {
		for i := range small.Rect.Dx() * p.times {
			if v := small.GrayAt(i/p.times, y/p.times); v.Y < 255 {
				to.SetGray(x+i, base-ascent*p.times+y, v)
			}
		}
	}
	return w * p.times
}

// write sets letters in black from a point of the base line on. It does what
// [font.Drawer] does, for white paper alone and many times as fast.
func write(to *image.Gray, face font.Face, dot fixed.Point26_6, text string) {
	before := rune(-1)
	for _, r := range text {
		if before >= 0 {
			dot.X += face.Kern(before, r)
		}
		at, mask, from, advance, _ := face.Glyph(dot, r)
		if mask != nil {
			stamp(to, at, mask, from)
		}
		dot.X += advance
		before = r
	}
}

// stamp makes black what a mask covers.
func stamp(to *image.Gray, at image.Rectangle, mask image.Image, from image.Point) {
	seen := at.Intersect(to.Rect)
	alpha, fast := mask.(*image.Alpha)
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			mx, my := from.X+x-at.Min.X, from.Y+y-at.Min.Y
			var cover byte
			if fast {
				cover = alpha.AlphaAt(mx, my).A
			} else {
				_, _, _, a := mask.At(mx, my).RGBA()
				cover = byte(a >> 8)
			}
			dot := &to.Pix[to.PixOffset(x, y)]
			*dot = min(*dot, 255-cover)
		}
	}
}

// number draws a number as large as the paper is wide, in two rows if it is long.
func (c *Case) number(text string, dots int) *image.Gray {
	c.mu.Lock()
	defer c.mu.Unlock()
	room, parts := dots-dots/12, []string{text}
	if wide := c.figures(text, leastNumber).wide(); float64(room) < squeezed*float64(wide) {
		parts = halves(text)
	}
	high := leastNumber * room / c.figures(parts[0], leastNumber).wide()
	high = max(leastNumber, min(high, mostNumber))
	const between = 24
	strip := white(dots, len(parts)*(high+between)-between)
	for i, part := range parts {
		ink := c.figures(part, high).draw()
		w := min(ink.Rect.Dx(), room)
		at := image.Rect((dots-w)/2, i*(high+between), (dots-w)/2+w, i*(high+between)+high)
		if w == ink.Rect.Dx() {
			paste(strip, ink, at.Min.X, at.Min.Y)
			continue
		}
		ximage.ApproxBiLinear.Scale(strip, at, ink, ink.Rect, draw.Src, nil)
	}
	return strip
}

// halves cuts a long number after its hyphen, or in the middle.
func halves(text string) []string {
	for i, r := range text[:len(text)-1] {
		if r == '-' {
			return []string{text[:i+1], text[i+1:]}
		}
	}
	return []string{text[:len(text)/2], text[len(text)/2:]}
}

// figures is a number in a face in which its figures are so many dots high.
type figures struct {
	text string
	high int
	face font.Face
	ink  fixed.Rectangle26_6
	top  fixed.Int26_6 // of the figures, above the base line
}

// figures finds the face. The caller holds mu.
func (c *Case) figures(text string, high int) figures {
	f := c.figureFont(text)
	const probe = 200
	b, _ := font.BoundString(c.face(f, probe), "0A")
	face := c.face(f, high*probe/max(1, (b.Max.Y-b.Min.Y).Ceil()))
	top, _ := font.BoundString(face, "0A")
	ink, _ := font.BoundString(face, text)
	return figures{text: text, high: high, face: face, ink: ink, top: top.Min.Y}
}

func (f figures) wide() int { return (f.ink.Max.X - f.ink.Min.X).Ceil() + 2 }

// draw cuts the number to its ink.
func (f figures) draw() *image.Gray {
	out := white(f.wide(), f.high)
	write(out, f.face, fixed.Point26_6{X: fixed.I(1) - f.ink.Min.X, Y: -f.top}, f.text)
	return out
}

// figureFont is the bold font of the machine that has all of a number.
func (c *Case) figureFont(text string) *opentype.Font {
	for _, t := range c.fonts[1] {
		all := true
		for _, r := range text {
			all = all && c.covers(t.font, r)
		}
		if all {
			return t.font
		}
	}
	return c.figure
}

// codeStrip draws a QR code; nil if the address is too long: the number alone is a
// whole ticket.
func codeStrip(q code, dots int) *image.Gray {
	modules, err := Code(q.url)
	if err != nil {
		return nil
	}
	module := moduleOf(q, len(modules), dots)
	strip := white(dots, len(modules)*module)
	x0 := (dots - len(modules)*module) / 2
	for i, line := range modules {
		for j, set := range line {
			if set {
				r := image.Rect(x0+j*module, i*module, x0+(j+1)*module, (i+1)*module)
				draw.Draw(strip, r, image.Black, image.Point{}, draw.Src)
			}
		}
	}
	return strip
}

// moduleOf is the size of a code's modules in dots: as wanted, or as the paper and
// the white around it allow.
func moduleOf(q code, modules, dots int) int {
	want := qrModule
	if q.small {
		want = qrSmall
	}
	return max(2, min(want, dots/(modules+2*qrQuiet)))
}

// Code returns the modules of the QR code of a text; true is dark.
func Code(text string) ([][]bool, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("print: QR code: %w", err)
	}
	n := code.Bounds().Dx()
	modules := make([][]bool, n)
	for y := range n {
		modules[y] = make([]bool, n)
		for x := range n {
			r, _, _, _ := code.At(x, y).RGBA()
			modules[y][x] = r == 0
		}
	}
	return modules, nil
}

// dark is what a thermal head, which knows only black and white, makes black.
const dark = 128

func threshold(page *image.Gray) {
	for i, v := range page.Pix {
		page.Pix[i] = 255
		if v < dark {
			page.Pix[i] = 0
		}
	}
}

func invert(page *image.Gray, from, to int) {
	for y := page.Rect.Min.Y; y < page.Rect.Max.Y; y++ {
		for x := from; x < to; x++ {
			page.SetGray(x, y, color.Gray{Y: 255 - page.GrayAt(x, y).Y})
		}
	}
}
