package chart

import "html/template"

// Spark is a course in little, beside a figure that says what it is. Nobody who cannot
// see it misses anything.
func Spark(values []float64) template.HTML {
	c := &canvas{width: 120, height: 30}
	s := scaleOf(values, nil, 3, 27)
	gap := 116 / float64(max(1, len(values)-1))
	f := frame{s, along{2 - gap/2, 118 + gap/2, len(values)}} // from edge to edge
	c.path("band band-main", f.area(make([]float64, len(values)), values))
	c.path("line line-main", f.course(values))
	return template.HTML(`<svg class="spark" viewBox="0 0 120 30" preserveAspectRatio="none" aria-hidden="true">` + c.String() + `</svg>`)
}

// Bar is a share of a whole as a bar in a table, from 0 to 1. What it says stands
// beside it.
func Bar(share float64) template.HTML {
	c := &canvas{}
	if known(share) {
		c.rect("bar-main", 0, 0, 100*min(1, max(0, share)), 6, 0)
	}
	return template.HTML(`<svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-rest" width="100" height="6"/>` + c.String() + `</svg>`)
}
