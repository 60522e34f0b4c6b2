package chart

import (
	"html/template"
	"strconv"
	"strings"
)

// Look is how a line or a bar is drawn.
type Look string

// The looks, which can be told apart without colour.
const (
	Main   Look = "main"   // thick and whole; bars are full
	Second Look = "second" // dashed; bars are hatched
	Third  Look = "third"  // dotted; bars are outlines
	Pale   Look = "pale"   // thin: what something is compared with
)

// Series is a row of values, one for each position.
type Series struct {
	Name   string
	Look   Look // of at most one series each; empty: Main
	Values []float64
	// Low and High are a range around the values, drawn as a band; nil: none.
	Low, High []float64
	Range     string // what the band is; empty: it stands in neither key nor twin
}

func (s Series) look() Look {
	if s.Look == "" {
		return Main
	}
	return s.Look
}

// ranged reports whether the band says something of its own.
func (s Series) ranged() bool { return s.Low != nil && s.Range != "" }

func at(values []float64, i int) float64 {
	if i >= 0 && i < len(values) {
		return values[i]
	}
	return None
}

// Lines is a chart of values that follow one another: over the hours of a day, or the
// days of a year.
type Lines struct {
	Words
	Along  []string // what each position is, in the twin and under the pointer
	Marks  []Mark   // what stands below the chart; nil: Along
	Series []Series
	Format func(float64) string // a value in words
	Axis   func(float64) string // the same where there is little room; nil: Format
	Steps  []float64            // between lines of the grid, such as [Minutes]; nil: any
	Limit  *Limit               // a line across, such as a target
	Here   *Mark                // a line upright, such as now
	Height int                  // units; 0: as usual
}

// Limit is a value that others are held against.
type Limit struct {
	Value float64
	Label string
}

func (l Lines) words() Words { return l.Words }

// frame is the part of a chart where values are drawn, with its grid.
type frame struct {
	scale
	along
}

// plot draws the grid and the marks of a chart and says where values go.
func (c *canvas) plot(values, steps []float64, axis func(float64) string, marks []Mark, n int) frame {
	f := frame{scale: scaleOf(values, steps, 12, c.height-30)}
	var labels []string
	for _, t := range f.ticks {
		labels = append(labels, axis(t))
	}
	f.along = along{left: widest(labels) + 10, right: c.width - 12, n: n}
	for i, t := range f.ticks {
		kind := "grid"
		if i == 0 {
			kind = "base"
		}
		c.line(kind, f.left, f.y(t), f.right, f.y(t))
		c.text("end soft", f.left-8, f.y(t)+letter*0.36, labels[i])
	}
	for _, m := range thin(marks, f.along) {
		x := f.x(m.At)
		half := room(m.Label) / 2
		c.text("mid soft", min(max(x, half), c.width-half), c.height-10, m.Label)
	}
	return f
}

// height is how high a chart of a width is where nobody said so.
func height(asked, width int) float64 {
	switch {
	case asked > 0 && width > Half:
		return float64(asked)
	case width > Half:
		return 300
	case width > Narrow:
		return 260
	}
	return 220
}

// SVG draws the lines.
func (l Lines) SVG(width int) template.HTML {
	c := &canvas{width: float64(width), height: height(l.Height, width)}
	f := c.plot(l.all(), l.Steps, or(l.Axis, l.Format), l.marks(), len(l.Along))
	for _, s := range l.Series {
		c.path("band band-"+string(s.look()), f.area(s.Low, s.High))
	}
	if l.Limit != nil {
		y := f.y(l.Limit.Value)
		c.line("limit", f.left, y, f.right, y)
		c.text("end limit-label", f.right, y-5, l.Limit.Label)
	}
	for _, s := range l.behindFirst() {
		c.path("line line-"+string(s.look()), f.course(s.Values))
		for i, v := range s.Values {
			if known(v) && !known(at(s.Values, i-1)) && !known(at(s.Values, i+1)) {
				c.circle("dot dot-"+string(s.look()), f.x(float64(i)), f.y(v), 2.5)
			}
		}
	}
	if l.Here != nil {
		c.here(f, *l.Here)
	}
	c.hints(f, l.hintOf)
	return c.done(l.Words, "drawing lines")
}

// here draws the line upright. Its group says how wide a position is, for modules that
// move it.
func (c *canvas) here(f frame, m Mark) {
	x := f.x(m.At)
	c.WriteString(`<g class="here-mark" data-step="` + strconv.FormatFloat(f.step(), 'f', 4, 64) + `">`)
	c.line("here", x, f.top-6, x, f.bottom)
	if half := room(m.Label) / 2; half > 0 {
		c.text("mid here-label", min(max(x, f.left+half), f.right-half), f.top-1, m.Label)
	}
	c.WriteString(`</g>`)
}

// behindFirst returns the series in the order in which they are drawn: what something
// is compared with lies below.
func (l Lines) behindFirst() []Series {
	var list []Series
	for _, look := range []Look{Pale, Third, Second, Main} {
		for _, s := range l.Series {
			if s.look() == look {
				list = append(list, s)
			}
		}
	}
	return list
}

func (l Lines) all() []float64 {
	var all []float64
	for _, s := range l.Series {
		all = append(append(append(all, s.Values...), s.Low...), s.High...)
	}
	if l.Limit != nil {
		all = append(all, l.Limit.Value)
	}
	return all
}

func (l Lines) marks() []Mark {
	if l.Marks != nil {
		return l.Marks
	}
	return marksOf(l.Along)
}

// course is the path of values, with gaps where nothing is known.
func (f frame) course(values []float64) string {
	var b strings.Builder
	pen := "M"
	for i, v := range values {
		if !known(v) {
			pen = "M"
			continue
		}
		b.WriteString(pen + number(f.x(float64(i))) + " " + number(f.y(v)))
		pen = "L"
	}
	return b.String()
}

// area is the path around what lies between two rows of values.
func (f frame) area(low, high []float64) string {
	var b strings.Builder
	for i := 0; i < len(low); i++ {
		from := i
		for i < len(low) && known(low[i]) && known(at(high, i)) {
			i++
		}
		if i-from < 1 {
			continue
		}
		b.WriteString("M" + number(f.x(float64(from))) + " " + number(f.y(low[from])))
		for j := from; j < i; j++ {
			b.WriteString("L" + number(f.x(float64(j))) + " " + number(f.y(high[j])))
		}
		for j := i - 1; j >= from; j-- {
			b.WriteString("L" + number(f.x(float64(j))) + " " + number(f.y(low[j])))
		}
		b.WriteString("Z")
	}
	return b.String()
}

// mostHints bounds the places of a chart that answer to a pointer.
const mostHints = 130

func (c *canvas) hints(f frame, say func(i int) string) {
	if f.n > mostHints {
		return
	}
	for i := range f.n {
		if text := say(i); text != "" {
			c.hint(f.left+float64(i)*f.step(), f.top, f.step(), f.bottom-f.top, text)
		}
	}
}

func (l Lines) hintOf(i int) string {
	var parts []string
	for _, s := range l.Series {
		if v := at(s.Values, i); known(v) {
			parts = append(parts, s.Name+" "+l.Format(v))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return l.Along[i] + "\n" + strings.Join(parts, "\n")
}

// Twin lists the positions.
func (l Lines) Twin() Table {
	t := Table{Caption: l.Title, Head: []string{l.First}}
	for _, s := range l.Series {
		t.Head = append(t.Head, s.Name)
		if s.ranged() {
			t.Head = append(t.Head, s.Range)
		}
	}
	for i, name := range l.Along {
		row := []string{name}
		for _, s := range l.Series {
			row = append(row, l.say(at(s.Values, i), l.Format))
			if s.ranged() {
				row = append(row, l.span(at(s.Low, i), at(s.High, i)))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (l Lines) span(low, high float64) string {
	if !known(low) || !known(high) {
		return l.say(None, l.Format)
	}
	return l.Format(low) + " – " + l.Format(high)
}

func (l Lines) key() []swatch {
	var list []swatch
	for _, s := range l.Series {
		list = append(list, swatch{`<path class="line line-` + string(s.look()) + `" d="M1 7H27"/>`, s.Name})
		if s.ranged() {
			list = append(list, swatch{`<rect class="band band-` + string(s.look()) + `" y="1" width="28" height="12"/>`, s.Range})
		}
	}
	return list
}
