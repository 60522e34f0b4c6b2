package chart

import (
	"html/template"
	"math"
	"strconv"
	"strings"
)

// canvas gathers the elements of a drawing.
type canvas struct {
	strings.Builder
	width, height float64
}

// letter is the size of the letters of a chart, in units.
const letter = 13.0

// number writes a length with a tenth at most.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func escape(text string) string { return escaper.Replace(text) }

// room is about how wide a text is: letters of Latin take half of one of Japanese.
func room(text string) float64 {
	n := 0.0
	for _, r := range text {
		switch {
		case r < 0x2000 || r >= 0xff61 && r <= 0xffdc:
			n += 0.58
		default:
			n++
		}
	}
	return n * letter
}

// widest is the room of the longest text.
func widest(texts []string) float64 {
	most := 0.0
	for _, t := range texts {
		most = max(most, room(t))
	}
	return most
}

func (c *canvas) rect(class string, x, y, w, h, round float64) {
	c.WriteString(`<rect class="` + class + `" x="` + number(x) + `" y="` + number(y) + `" width="` + number(max(0, w)) + `" height="` + number(max(0, h)) + `"`)
	if round > 0 {
		c.WriteString(` rx="` + number(round) + `"`)
	}
	c.WriteString(`/>`)
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	c.WriteString(`<path class="` + class + `" d="M` + number(x1) + ` ` + number(y1) + `L` + number(x2) + ` ` + number(y2) + `"/>`)
}

func (c *canvas) path(class, d string) {
	if d != "" {
		c.WriteString(`<path class="` + class + `" d="` + d + `"/>`)
	}
}

func (c *canvas) circle(class string, x, y, r float64) {
	c.WriteString(`<circle class="` + class + `" cx="` + number(x) + `" cy="` + number(y) + `" r="` + number(r) + `"/>`)
}

// text writes a text; class begins with where it is anchored: at (its start), mid or end.
func (c *canvas) text(class string, x, y float64, text string) {
	c.WriteString(`<text class="` + class + `" x="` + number(x) + `" y="` + number(y) + `">` + escape(text) + `</text>`)
}

// hint adds what a pointer is told that rests on a place.
func (c *canvas) hint(x, y, w, h float64, text string) {
	c.WriteString(`<g class="hit"><title>` + escape(text) + `</title>`)
	c.rect("hit-area", x, y, w, h, 0)
	c.WriteString(`</g>`)
}

// done closes the drawing. The two drawings of a chart need names of their own.
func (c *canvas) done(w Words, class string) template.HTML {
	name := escape(w.ID) + "-" + number(c.width)
	head := `<svg class="` + class + `" viewBox="0 0 ` + number(c.width) + ` ` + number(c.height) + `" role="img" aria-labelledby="` + name + `-t ` + name + `-d">` +
		`<title id="` + name + `-t">` + escape(w.Title) + `</title><desc id="` + name + `-d">` + escape(w.Desc) + `</desc>`
	return template.HTML(head + hatches(name) + c.String() + `</svg>`)
}

// hatches are the patterns that fill without colour.
func hatches(name string) string {
	return `<defs><pattern id="` + name + `-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-paper" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/></pattern></defs>`
}
