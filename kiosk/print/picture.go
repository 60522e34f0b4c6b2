package print

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/boombuler/barcode/qr"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

const (
	// width is the head of an 80 mm printer at 203 dots per inch.
	width  = 576
	margin = 24
	// numberSize is the largest number; a long overflow number is made smaller.
	numberSize = 208
	maxHeight  = 2400
	qrModule   = 6 // dots
	qrQuiet    = 4 // modules that must stay white around a QR code
)

// Picture draws the ticket, width 576 dots, black and white.
func (c *Case) Picture(t Ticket) (*image.Gray, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	page := image.NewGray(image.Rect(0, 0, width, maxHeight))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	y := 16
	for _, l := range t.lines() {
		y = c.line(page, y, l)
	}
	if t.StatusURL != "" {
		y = c.code(page, y, t)
	}
	cut := page.SubImage(image.Rect(0, 0, width, min(maxHeight, y+24))).(*image.Gray)
	threshold(cut)
	return cut, nil
}

// line draws a text centred under y, broken into as many rows as it needs, and
// returns where it ends.
func (c *Case) line(page *image.Gray, y int, l line) int {
	y += l.gap
	if l.size == numberSize {
		l.size = c.fit(l)
	}
	for _, row := range c.rows(l) {
		y = c.row(page, y, row, l)
	}
	return y
}

// fit returns the largest size at which a text fits into one row.
func (c *Case) fit(l line) int {
	for size := l.size; size > 24; size -= 4 {
		if c.measure(l.text, size, l.bold) <= width-2*margin {
			return size
		}
	}
	return 24
}

func (c *Case) measure(text string, size int, bold bool) int {
	face, times := c.face(text, size, bold)
	return font.MeasureString(face, text).Ceil() * times
}

// rows breaks a text where it is too wide: at a space if there is one, and
// otherwise anywhere, as Japanese is.
func (c *Case) rows(l line) []string {
	var rows []string
	row, space := []rune{}, -1
	for _, r := range l.text {
		row = append(row, r)
		if r == ' ' {
			space = len(row)
		}
		if c.measure(string(row), l.size, l.bold) <= width-2*margin {
			continue
		}
		at := len(row) - 1
		if space > 0 {
			at = space
		}
		rows = append(rows, string(row[:at]))
		row, space = append([]rune{}, row[at:]...), -1
	}
	return append(rows, string(row))
}

func (c *Case) row(page *image.Gray, y int, text string, l line) int {
	face, times := c.face(text, l.size, l.bold)
	m := face.Metrics()
	w, ascent, height := font.MeasureString(face, text).Ceil(), m.Ascent.Ceil(), m.Ascent.Ceil()+m.Descent.Ceil()
	if l.size > 80 {
		// Figures have no descent, and a large face keeps too much air above them.
		ascent, height = m.CapHeight.Ceil()+4, m.CapHeight.Ceil()+10
		if m.CapHeight == 0 {
			ascent, height = m.Ascent.Ceil(), m.Ascent.Ceil()+2
		}
	}
	small := image.NewGray(image.Rect(0, 0, w+1, height+1))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: small, Src: image.Black, Face: face, Dot: fixed.P(0, ascent)}
	d.DrawString(text)
	enlarge(page, small, (width-w*times)/2, y, times)
	return y + height*times + max(2, l.size/8)
}

// enlarge copies a picture, each dot as a square of times by times dots.
func enlarge(page, small *image.Gray, x0, y0, times int) {
	b := small.Bounds()
	for y := range b.Dy() * times {
		for x := range b.Dx() * times {
			if v := small.GrayAt(x/times, y/times); v.Y < 255 {
				page.SetGray(x0+x, y0+y, v)
			}
		}
	}
}

// code draws the QR code of the status page, and what it is for.
func (c *Case) code(page *image.Gray, y int, t Ticket) int {
	modules, err := Code(t.StatusURL)
	if err != nil {
		return y // too long for a QR code: the number alone is a whole ticket
	}
	y += 14 + qrQuiet*qrModule
	x0 := (width - len(modules)*qrModule) / 2
	for i, row := range modules {
		for j, dark := range row {
			if dark {
				r := image.Rect(x0+j*qrModule, y+i*qrModule, x0+(j+1)*qrModule, y+(i+1)*qrModule)
				draw.Draw(page, r, image.Black, image.Point{}, draw.Src)
			}
		}
	}
	y += (len(modules) + qrQuiet) * qrModule
	for _, w := range t.speaks() {
		y = c.line(page, y, line{text: w.scan, size: 22, gap: 2})
	}
	return y
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

// threshold makes every dot black or white: a thermal head knows nothing else.
func threshold(page *image.Gray) {
	for y := page.Rect.Min.Y; y < page.Rect.Max.Y; y++ {
		for x := page.Rect.Min.X; x < page.Rect.Max.X; x++ {
			v := color.Gray{Y: 255}
			if page.GrayAt(x, y).Y < 128 {
				v.Y = 0
			}
			page.SetGray(x, y, v)
		}
	}
}
