package chart

import (
	"html/template"
	"strconv"
	"time"
)

// Year is a field of days: a column for each week, Monday above. On a phone weeks lie
// below one another.
type Year struct {
	Words
	From   time.Time // the first day; its clock does not matter
	Days   []float64 // from it on; [None]: closed, or nothing is known
	Format func(float64) string
	Limits []float64 // see [Heat]
	Nice   []float64
	Empty  string
	// Weekdays are named from Monday, Months from January, Date names a day in full.
	Weekdays [7]string
	Months   [12]string
	Date     func(time.Time) string
}

func (y Year) words() Words { return y.Words }

func (y Year) limits() []float64 {
	if y.Limits != nil {
		return y.Limits[:min(Classes-1, len(y.Limits))]
	}
	return Steps(y.Days, Classes, y.Nice)
}

// weekday counts from Monday.
func weekday(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

func (y Year) weeks() int { return (weekday(y.From) + len(y.Days) + 6) / 7 }

// SVG draws the days.
func (y Year) SVG(width int) template.HTML {
	if width <= Narrow {
		return y.down(width)
	}
	left := widest(y.Weekdays[:]) + 10
	cell := min((float64(width)-left)/float64(max(1, y.weeks())), 24)
	c := &canvas{width: float64(width), height: 24 + 7*cell + 4}
	for i, name := range y.Weekdays {
		c.text("end soft small", left-6, 24+(float64(i)+0.5)*cell+letter*0.34, name)
	}
	limits := y.limits()
	free := 0.0 // behind the newest name of a month
	y.each(func(i, week, day int, at time.Time, v float64) {
		x := left + float64(week)*cell
		if name := y.Months[at.Month()-1]; at.Day() == 1 && x >= free && x+room(name) <= c.width {
			c.text("at soft", x, 16, name)
			free = x + room(name) + 6
		}
		y.day(c, limits, at, v, x, 24+float64(day)*cell, cell, cell)
	})
	return c.done(y.Words, "drawing year")
}

// down draws weeks below one another.
func (y Year) down(width int) template.HTML {
	left := widest(y.Months[:]) + 12
	cell := (float64(width) - left - 2) / 7
	const tall = 16.0
	c := &canvas{width: float64(width), height: 24 + tall*float64(y.weeks()) + 4}
	limits := y.limits()
	for i, name := range y.Weekdays {
		c.text("mid soft", left+(float64(i)+0.5)*cell, 16, name)
	}
	y.each(func(i, week, day int, at time.Time, v float64) {
		top := 24 + float64(week)*tall
		if at.Day() == 1 || i == 0 && at.Day() < 20 {
			c.text("end soft", left-8, top+tall*0.78, y.Months[at.Month()-1])
		}
		y.day(c, limits, at, v, left+float64(day)*cell, top, cell, tall)
	})
	return c.done(y.Words, "drawing year")
}

func (y Year) each(do func(i, week, day int, at time.Time, v float64)) {
	first := weekday(y.From)
	for i, v := range y.Days {
		do(i, (first+i)/7, (first+i)%7, y.From.AddDate(0, 0, i), v)
	}
}

func (y Year) day(c *canvas, limits []float64, at time.Time, v, left, top, wide, tall float64) {
	if !known(v) {
		c.rect("heat-none", left+1, top+1, wide-2, tall-2, 2)
		return
	}
	c.WriteString(`<g><title>` + escape(y.Date(at)+" "+y.Format(v)) + `</title>`)
	c.rect("heat heat-"+strconv.Itoa(heatClass(v, limits)), left+1, top+1, wide-2, tall-2, 2)
	c.WriteString(`</g>`)
}

// Twin has a row for each month and a column for each of its days.
func (y Year) Twin() Table {
	t := Table{Caption: y.Title, Head: []string{y.First}}
	for d := range 31 {
		t.Head = append(t.Head, strconv.Itoa(d+1))
	}
	var row []string
	for i, v := range y.Days {
		at := y.From.AddDate(0, 0, i)
		if row == nil || at.Day() == 1 {
			row = make([]string, 32)
			row[0] = strconv.Itoa(at.Year()) + " " + y.Months[at.Month()-1]
			t.Rows = append(t.Rows, row)
		}
		row[at.Day()] = y.say(v, y.Format)
	}
	return t
}

func (y Year) key() []swatch { return heatKey(y.limits(), y.Format, y.Empty) }
