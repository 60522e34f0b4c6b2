package chart

import (
	"html/template"
	"strings"
)

// Bars is a chart of values beside one another: of hours, weekdays, months.
type Bars struct {
	Words
	Along   []string // what each position is, in the twin and under the pointer
	Marks   []Mark   // what stands below the chart; nil: Along
	Series  []Series // at most three
	Stacked bool     // on one another instead of side by side
	Format  func(float64) string
	Axis    func(float64) string // where there is little room; nil: Format
	Steps   []float64
	Limit   *Limit
	Values  bool // write the values of the first series above the bars, where they fit
	Height  int
}

func (b Bars) words() Words { return b.Words }

// SVG draws the bars.
func (b Bars) SVG(width int) template.HTML {
	c := &canvas{width: float64(width), height: height(b.Height, width)}
	name := escape(b.ID) + "-" + number(c.width)
	marks := b.Marks
	if marks == nil {
		marks = marksOf(b.Along)
	}
	f := c.plot(b.tops(), b.Steps, or(b.Axis, b.Format), marks, len(b.Along))
	for i := range b.Along {
		b.column(c, f, i, name)
	}
	if b.Limit != nil {
		y := f.y(b.Limit.Value)
		c.line("limit", f.left, y, f.right, y)
		c.text("end limit-label", f.right, y-5, b.Limit.Label)
	}
	c.hints(f, b.hintOf)
	return c.done(b.Words, "drawing bars")
}

// tops are the highest points of all columns.
func (b Bars) tops() []float64 {
	var all []float64
	for i := range b.Along {
		sum := 0.0
		for _, s := range b.Series {
			v := at(s.Values, i)
			all = append(all, v)
			if known(v) {
				sum += v
			}
		}
		if b.Stacked {
			all = append(all, sum)
		}
	}
	if b.Limit != nil {
		all = append(all, b.Limit.Value)
	}
	return all
}

func (b Bars) column(c *canvas, f frame, i int, name string) {
	side := len(b.Series)
	if b.Stacked {
		side = 1
	}
	wide := min(f.step()*0.78/float64(max(1, side)), 56)
	left, below := f.x(float64(i))-wide*float64(side)/2, 0.0
	for n, s := range b.Series {
		v := at(s.Values, i)
		if !known(v) {
			continue
		}
		x := left
		if !b.Stacked {
			x += float64(n) * wide
		}
		top, bottom := f.y(below+v), f.y(below)
		c.bar(s.look(), name, x, top, wide, bottom-top)
		if b.Stacked {
			below += v
		}
		if text := b.Format(v); n == 0 && b.Values && !b.Stacked && room(text) <= f.step() {
			c.text("mid value", x+wide/2, top-4, text)
		}
	}
}

// bar draws one bar in a look that needs no colour.
func (c *canvas) bar(look Look, name string, x, y, w, h float64) {
	round := min(3, w/4)
	if look == Second {
		c.WriteString(`<g fill="url(#` + name + `-h)">`)
		c.rect("bar-second", x+0.75, y, w-1.5, h, round)
		c.WriteString(`</g>`)
		return
	}
	c.rect("bar-"+string(look), x+0.75, y, w-1.5, h, round)
}

func (b Bars) hintOf(i int) string {
	var parts []string
	for _, s := range b.Series {
		if v := at(s.Values, i); known(v) {
			parts = append(parts, s.Name+" "+b.Format(v))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return b.Along[i] + "\n" + strings.Join(parts, "\n")
}

// Twin lists the columns.
func (b Bars) Twin() Table {
	t := Table{Caption: b.Title, Head: []string{b.First}}
	for _, s := range b.Series {
		t.Head = append(t.Head, s.Name)
	}
	for i, name := range b.Along {
		row := []string{name}
		for _, s := range b.Series {
			row = append(row, b.say(at(s.Values, i), b.Format))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (b Bars) key() []swatch {
	if len(b.Series) < 2 {
		return nil
	}
	var list []swatch
	for _, s := range b.Series {
		draw := `<rect class="bar-` + string(s.look()) + `" x="4" y="1" width="20" height="12" rx="2"/>`
		if s.look() == Second {
			name := escape(b.ID) + "-key"
			draw = hatches(name) + `<g fill="url(#` + name + `-h)">` + draw + `</g>`
		}
		list = append(list, swatch{draw, s.Name})
	}
	return list
}
