package chart

import (
	"html/template"
	"strings"
)

// Strips compares distributions: a strip for each office, service or weekday, from a
// low quantile over the middle to a high one, and a thin line on to the most.
type Strips struct {
	Words
	Rows   []Strip
	Names  StripNames
	Format func(float64) string
	Axis   func(float64) string // where there is little room; nil: Format
	Steps  []float64
	Limit  *Limit
	Longer bool // draw on to Most; without it the scale ends at the highest High
}

// Strip is one distribution. What is not known is [None].
type Strip struct {
	Label                string
	Low, Mid, High, Most float64
	Before               float64 // the middle of what it is compared with, a hollow mark
	Note                 string  // such as the number of visits behind it
}

// StripNames say what the parts of a strip are; empty: the part is not there.
type StripNames struct{ Low, Mid, High, Most, Before, Note string }

func (s Strips) words() Words { return s.Words }

const (
	stripRow = 34.0
	stripTop = 6.0
)

// SVG draws the strips, one below another. Where there is little room their names
// stand above them.
func (s Strips) SVG(width int) template.HTML {
	tight := width <= Narrow
	row := stripRow
	if tight {
		row = 46
	}
	c := &canvas{width: float64(width), height: stripTop + row*float64(len(s.Rows)) + 28}
	var labels, notes []string
	for _, r := range s.Rows {
		labels, notes = append(labels, r.Label), append(notes, r.Note)
	}
	left, right := min(widest(labels)+14, c.width*0.4), c.width-widest(notes)-14
	if tight {
		left, right = 4, c.width-8
	}
	x := s.across(c, left, right)
	for i, r := range s.Rows {
		top := stripTop + float64(i)*row
		s.name(c, r, top, tight, left)
		y := top + row/2
		if tight {
			y = top + 32
		}
		s.strip(c, r, x, y)
		c.hint(0, top, c.width, row, s.hintOf(r))
	}
	return c.done(s.Words, "drawing strips")
}

// across draws the grid, and returns where a value lies.
func (s Strips) across(c *canvas, left, right float64) func(float64) float64 {
	axis := or(s.Axis, s.Format)
	sc := scaleOf(s.ends(), s.Steps, 0, 1)
	x := func(v float64) float64 { return left + (1-sc.y(v))*(right-left) }
	bottom := c.height - 24
	var marks []Mark
	for _, t := range sc.ticks {
		marks = append(marks, Mark{t / sc.to, axis(t)})
	}
	for _, m := range thin(marks, along{left, right, 1}) {
		at := left + m.At*(right-left)
		c.line("grid", at, stripTop, at, bottom)
		half := room(m.Label) / 2
		c.text("mid soft", min(at, c.width-half), c.height-8, m.Label)
	}
	if s.Limit != nil {
		at := x(s.Limit.Value)
		c.line("limit", at, stripTop, at, bottom)
	}
	return x
}

func (s Strips) ends() []float64 {
	var all []float64
	for _, r := range s.Rows {
		all = append(all, r.High, r.Mid, r.Before)
		if s.Longer {
			all = append(all, r.Most)
		}
	}
	if s.Limit != nil {
		all = append(all, s.Limit.Value)
	}
	return all
}

func (s Strips) name(c *canvas, r Strip, top float64, tight bool, left float64) {
	if tight {
		c.text("at strong", 4, top+letter+3, r.Label)
		c.text("end soft", c.width-8, top+letter+3, r.Note)
		return
	}
	y := top + stripRow/2 + letter*0.36
	c.text("end strong", left-10, y, clip(r.Label, left-12))
	c.text("end soft", c.width-4, y, r.Note)
}

// clip shortens a text to what there is room for.
func clip(text string, most float64) string {
	runes := []rune(text)
	for len(runes) > 1 && room(text) > most {
		runes = runes[:len(runes)-1]
		text = string(runes) + "…"
	}
	return text
}

func (s Strips) strip(c *canvas, r Strip, x func(float64) float64, y float64) {
	if !known(r.Mid) {
		c.text("at soft", x(0)+4, y+letter*0.36, s.say(None, s.Format))
		return
	}
	low := 0.0
	if known(r.Low) {
		low = r.Low
	}
	if known(r.High) {
		if s.Longer && known(r.Most) && r.Most > r.High {
			c.line("whisker", x(r.High), y, x(r.Most), y)
			c.line("whisker", x(r.Most), y-4, x(r.Most), y+4)
		}
		c.rect("strip-far", x(low), y-7, x(r.High)-x(low), 14, 3)
	}
	if known(r.Low) {
		c.rect("strip-mid", x(r.Mid)-2.5, y-9, 5, 18, 1.5)
	} else {
		c.rect("strip-near", x(low), y-7, x(r.Mid)-x(low), 14, 3)
	}
	if known(r.Before) {
		c.path("strip-before", "M"+number(x(r.Before))+" "+number(y-9)+"l5 9l-5 9l-5-9Z")
	}
}

// cells are the parts of a strip that are there, with their names.
func (s Strips) cells(r Strip) (names, values []string) {
	for _, part := range []struct {
		name  string
		value float64
	}{{s.Names.Low, r.Low}, {s.Names.Mid, r.Mid}, {s.Names.High, r.High}, {s.Names.Most, r.Most}, {s.Names.Before, r.Before}} {
		if part.name != "" {
			names, values = append(names, part.name), append(values, s.say(part.value, s.Format))
		}
	}
	if s.Names.Note != "" {
		names, values = append(names, s.Names.Note), append(values, r.Note)
	}
	return names, values
}

func (s Strips) hintOf(r Strip) string {
	names, values := s.cells(r)
	lines := []string{r.Label}
	for i := range names {
		lines = append(lines, names[i]+" "+values[i])
	}
	return strings.Join(lines, "\n")
}

// Twin lists the strips.
func (s Strips) Twin() Table {
	names, _ := s.cells(Strip{})
	t := Table{Caption: s.Title, Head: append([]string{s.First}, names...)}
	for _, r := range s.Rows {
		_, values := s.cells(r)
		t.Rows = append(t.Rows, append([]string{r.Label}, values...))
	}
	return t
}

func (s Strips) key() []swatch {
	near := `<rect class="strip-near" y="2" width="28" height="10" rx="2"/>`
	if s.Names.Low != "" {
		near = `<rect class="strip-mid" x="11.5" width="5" height="14" rx="1.5"/>`
	}
	list := []swatch{{near, s.Names.Mid}, {`<rect class="strip-far" y="2" width="28" height="10" rx="2"/>`, s.Names.High}}
	if s.Longer && s.Names.Most != "" {
		list = append(list, swatch{`<path class="whisker" d="M0 7H26M26 3V11"/>`, s.Names.Most})
	}
	if s.Names.Before != "" {
		list = append(list, swatch{`<path class="strip-before" d="M14 0l5 7l-5 7l-5-7Z"/>`, s.Names.Before})
	}
	if s.Limit != nil {
		list = append(list, swatch{`<path class="limit" d="M14 0V14"/>`, s.Limit.Label})
	}
	return list
}
