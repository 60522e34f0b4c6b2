package chart

import (
	"html/template"
	"strconv"
)

// Classes is how many lightnesses heat has.
const Classes = 6

// Heat is a field of values: weekdays by hours, offices by months. Light is little and
// dark is much, and where there is room the value stands in its cell.
type Heat struct {
	Words
	Rows, Cols []string
	Cells      [][]float64 // by row
	Format     func(float64) string
	Short      func(float64) string // in a cell; nil: Format
	Axis       func(float64) string // a limit in the key; nil: Format
	// Limits part the classes, at most Classes-1 of them, in order; nil: [Steps] of the
	// cells. They stand in the key.
	Limits []float64
	Nice   []float64 // what limits may be, where they are not given
	Empty  string    // what a cell without a value is, in the key; empty: not said
}

func (h Heat) words() Words { return h.Words }

func (h Heat) limits() []float64 {
	if h.Limits != nil {
		return h.Limits[:min(Classes-1, len(h.Limits))]
	}
	var all []float64
	for _, row := range h.Cells {
		all = append(all, row...)
	}
	return Steps(all, Classes, h.Nice)
}

// SVG draws the field.
func (h Heat) SVG(width int) template.HTML {
	left := min(widest(h.Rows)+10, float64(width)*0.42)
	cell := (float64(width) - left - 2) / float64(max(1, len(h.Cols)))
	tall := min(max(cell*0.62, 26), 34)
	c := &canvas{width: float64(width), height: 24 + tall*float64(len(h.Rows)) + 4}
	limits := h.limits()
	for _, m := range thin(marksOf(h.Cols), along{left, left + cell*float64(len(h.Cols)), len(h.Cols)}) {
		c.text("mid soft", left+(m.At+0.5)*cell, 16, m.Label)
	}
	for i, row := range h.Rows {
		y := 24 + float64(i)*tall
		c.text("end", left-8, y+tall/2+letter*0.36, clip(row, left-8))
		for j, col := range h.Cols {
			h.cell(c, limits, at(h.Cells[i], j), row+" "+col, [4]float64{left + float64(j)*cell, y, cell, tall})
		}
	}
	return c.done(h.Words, "drawing heat")
}

func (h Heat) cell(c *canvas, limits []float64, v float64, name string, box [4]float64) {
	x, y, wide, tall := box[0], box[1], box[2], box[3]
	if !known(v) {
		c.rect("heat-none", x+1, y+1, wide-2, tall-2, 2)
		return
	}
	n := strconv.Itoa(heatClass(v, limits))
	c.WriteString(`<g><title>` + escape(name+" "+h.Format(v)) + `</title>`)
	c.rect("heat heat-"+n, x+1, y+1, wide-2, tall-2, 2)
	if text := or(h.Short, h.Format)(v); room(text)*0.86 <= wide-4 {
		c.text("mid cell on-"+n, x+wide/2, y+tall/2+letter*0.36, text)
	}
	c.WriteString(`</g>`)
}

// heatClass spreads fewer limits over all lightnesses.
func heatClass(v float64, limits []float64) int {
	if len(limits) == 0 {
		return 0
	}
	return class(v, limits) * (Classes - 1) / len(limits)
}

// Twin is the field as a table.
func (h Heat) Twin() Table {
	t := Table{Caption: h.Title, Head: append([]string{h.First}, h.Cols...)}
	for i, name := range h.Rows {
		row := []string{name}
		for j := range h.Cols {
			row = append(row, h.say(at(h.Cells[i], j), h.Format))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (h Heat) key() []swatch { return heatKey(h.limits(), or(h.Axis, h.Format), h.Empty) }

// or returns a way to say a value, or another where there is none.
func or(say, otherwise func(float64) string) func(float64) string {
	if say != nil {
		return say
	}
	return otherwise
}

func heatKey(limits []float64, format func(float64) string, empty string) []swatch {
	var list []swatch
	for i := range len(limits) + 1 {
		text := "– " + format(at(limits, 0))
		switch {
		case len(limits) == 0:
			continue
		case i == len(limits):
			text = format(limits[i-1]) + " –"
		case i > 0:
			text = format(limits[i-1]) + " – " + format(limits[i])
		}
		n := strconv.Itoa(i * (Classes - 1) / len(limits))
		list = append(list, swatch{`<rect class="heat heat-` + n + `" x="0.5" y="0.5" width="27" height="13" rx="2"/>`, text})
	}
	if empty != "" {
		list = append(list, swatch{`<rect class="heat-none" x="0.5" y="0.5" width="27" height="13" rx="2"/>`, empty})
	}
	return list
}
