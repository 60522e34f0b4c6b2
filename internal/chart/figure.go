package chart

import (
	"html/template"
	"math"
	"strings"
)

// None is a value that is not known.
var None = math.NaN()

func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Words are what every chart says of itself, in the page's language. They may hold any
// text; it is escaped.
type Words struct {
	ID    string // unique on the page, a name for HTML
	Title string
	Desc  string // what is to be seen, in a sentence
	Table string // on the button that opens the twin
	First string // the head of the twin's first column
	None  string // a value that is not known; empty: –
}

// Chart is something that can be drawn.
type Chart interface {
	// SVG draws the chart so many units wide, one unit being a CSS pixel.
	SVG(width int) template.HTML
	// Twin is the same as a table.
	Twin() Table
	words() Words
	key() []swatch
}

// The widths that charts are drawn in: over a whole page, in half of it, on a phone.
const (
	Wide   = 1060
	Half   = 500
	Narrow = 340
)

// Table is the twin of a chart. The first cell of each row is its head.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// swatch is a sign of the key: a small drawing and what it stands for.
type swatch struct {
	draw string // SVG in a box of 28 by 14
	name string
}

// Figure draws a chart with its key and its twin, so many units wide where there is
// room, and for a phone where there is not.
func Figure(c Chart, width int) template.HTML {
	w := c.words()
	var b strings.Builder
	b.WriteString(`<figure class="chart" id="` + escape(w.ID) + `"><div class="chart-wide">`)
	b.WriteString(string(c.SVG(width)))
	b.WriteString(`</div><div class="chart-narrow">`)
	b.WriteString(string(c.SVG(Narrow)))
	b.WriteString(`</div>`)
	writeKey(&b, c.key())
	writeTwin(&b, w, c.Twin())
	b.WriteString(`</figure>`)
	return template.HTML(b.String()) // all of it is drawn here, and texts are escaped
}

func writeKey(b *strings.Builder, signs []swatch) {
	if len(signs) == 0 {
		return
	}
	b.WriteString(`<ul class="chart-key">`)
	for _, s := range signs {
		b.WriteString(`<li><svg viewBox="0 0 28 14" aria-hidden="true">` + s.draw + `</svg>` + escape(s.name) + `</li>`)
	}
	b.WriteString(`</ul>`)
}

func writeTwin(b *strings.Builder, w Words, t Table) {
	b.WriteString(`<details class="chart-twin"><summary>` + escape(w.Table) + `<span class="quietly"> ` + escape(w.Title) + `</span></summary>`)
	b.WriteString(`<div class="chart-scroll" tabindex="0" role="group" aria-label="` + escape(w.Title) + `">`)
	b.WriteString(string(t.HTML()))
	b.WriteString(`</div></details>`)
}

// HTML returns the table.
func (t Table) HTML() template.HTML {
	var b strings.Builder
	b.WriteString(`<table class="chart-table"><caption class="quietly">` + escape(t.Caption) + `</caption><thead><tr>`)
	for _, h := range t.Head {
		b.WriteString(`<th scope="col">` + escape(h) + `</th>`)
	}
	b.WriteString(`</tr></thead><tbody>`)
	for _, row := range t.Rows {
		b.WriteString(`<tr>`)
		for i, cell := range row {
			if i == 0 {
				b.WriteString(`<th scope="row">` + escape(cell) + `</th>`)
				continue
			}
			b.WriteString(`<td>` + escape(cell) + `</td>`)
		}
		b.WriteString(`</tr>`)
	}
	b.WriteString(`</tbody></table>`)
	return template.HTML(b.String())
}

// say puts a value into words.
func (w Words) say(v float64, format func(float64) string) string {
	switch {
	case known(v):
		return format(v)
	case w.None != "":
		return w.None
	}
	return "–"
}
