package public

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/board"
	"machi/internal/curve"
	"machi/internal/queue"
	"machi/internal/ui"
)

// dayPart is the course of an office's day beside the usual one: a sentence, a chart,
// and the same as a table.
type dayPart struct {
	Known   bool // there is something to draw
	Off     bool // no numbers are given today
	Service queue.ServiceID
	Choices []dayChoice
	Name    string // of the service, or all
	AsOf    time.Time
	Now     string // how it stands, as a sentence; empty: nothing was seen yet
	Compare string // with the usual day; empty: nobody can say
	Calm    string // when it usually is calm; empty: nobody can say
	Usual   string // of which days it is the middle, or why there is none
	Chart   dayChart
	Rows    []dayRow
}

type dayChoice struct {
	ID   queue.ServiceID
	Name string
}

// dayRow is a half hour of the table; what is not known is empty.
type dayRow struct{ From, Today, Usual, Told, Waited string }

func (p *Pages) dayPart(v ui.View, o board.Office, service queue.ServiceID) dayPart {
	part := dayPart{Choices: []dayChoice{{curve.All, v.T("day.all")}}, Name: v.T("day.all")}
	for _, s := range o.Services {
		part.Choices = append(part.Choices, dayChoice{s.ID, v.Name(s.Name)})
		if s.ID == service {
			part.Service, part.Name = s.ID, v.Name(s.Name)
		}
	}
	if p.deps.Curves == nil {
		return part
	}
	picture, ok := p.deps.Curves.Curve(o.ID, "")
	if !ok {
		return part
	}
	line, _ := picture.Line(part.Service)
	part.Off = !picture.Opens.Before(picture.Closes)
	part.Known = !part.Off && (len(line.Points) > 0 || len(line.Usual) > 0)
	part.Usual = usualWords(v, picture.Usual)
	if !part.Known {
		return part
	}
	part.say(v, picture, line)
	part.Chart = drawDay(picture, line)
	part.Rows = dayRows(v, picture, line)
	return part
}

// usualWords says of which days the usual course is the middle.
func usualWords(v ui.View, u curve.Usual) string {
	if u.Days < curve.Fewest {
		return v.T("day.usual.few", "n", curve.Fewest, "have", u.Days)
	}
	return v.T("day.usual.of", "n", u.Days, "kind", v.T("day.kind."+string(u.Kind)), "from", shortDate(v, u.From), "to", shortDate(v, u.To))
}

func shortDate(v ui.View, d queue.Date) string {
	from, _, err := d.Bounds()
	if err != nil {
		return ""
	}
	return v.T("day.date", "m", v.T("month."+strconv.Itoa(int(from.Month()))), "d", from.Day())
}

// say puts the newest sample into words, and compares it with the usual day.
func (part *dayPart) say(v ui.View, p curve.Picture, line curve.Line) {
	part.Calm = calm(v, line.Usual)
	if len(line.Points) == 0 {
		return
	}
	last := line.Points[len(line.Points)-1]
	part.AsOf = last.At
	part.Now = v.T("day.now", "t", v.Hour(last.At), "n", last.Waiting)
	usual, ok := usualAt(line.Usual, last.At)
	if !ok || last.At.After(p.Closes) {
		return
	}
	n := int(math.Round(usual))
	key := "day.same"
	switch few := math.Max(2, 0.25*usual); {
	case float64(last.Waiting) > usual+few:
		key = "day.more"
	case float64(last.Waiting) < usual-few:
		key = "day.fewer"
	}
	part.Compare = v.T(key, "n", n)
}

func usualAt(halves []curve.Half, at time.Time) (float64, bool) {
	for _, h := range halves {
		if since := sinceMidnight(at.In(queue.JST)); h.From <= since && since < h.From+curve.Slot {
			return h.Waiting, true
		}
	}
	return 0, false
}

// calmest is how many times of the day are named as calm.
const calmest = 2

// calm names the hours in which people usually wait the shortest, where the day has
// some that are clearly so.
func calm(v ui.View, halves []curve.Half) string {
	var timed []curve.Half
	for _, h := range halves {
		if h.Known {
			timed = append(timed, h)
		}
	}
	if len(timed) < 2*calmest {
		return ""
	}
	slices.SortStableFunc(timed, func(a, b curve.Half) int { return int(a.Waited - b.Waited) })
	if longest := timed[len(timed)-1].Waited; timed[calmest-1].Waited > longest*2/3 {
		return ""
	}
	best := timed[:calmest]
	slices.SortFunc(best, func(a, b curve.Half) int { return int(a.From - b.From) })
	var names []string
	for _, h := range best {
		names = append(names, v.T("label.range", "from", clockOf(h.From), "to", clockOf(h.From+curve.Slot)))
	}
	return v.T("day.calm", "list", strings.Join(names, v.T("day.and")))
}

// dayRows lists the half hours of the day.
func dayRows(v ui.View, p curve.Picture, line curve.Line) []dayRow {
	var rows []dayRow
	opens := p.Opens.In(queue.JST).Truncate(curve.Slot)
	for at := opens; at.Before(p.Closes); at = at.Add(curve.Slot) {
		row := dayRow{From: v.Hour(at)}
		for _, point := range line.Points {
			if within := point.At.Sub(at); within < 0 || within >= curve.Slot {
				continue
			}
			if row.Today == "" {
				row.Today = strconv.Itoa(point.Waiting)
			}
			if point.Known {
				row.Told = v.Span(int(point.Told / time.Second))
			}
		}
		for _, h := range line.Usual {
			if h.From != sinceMidnight(at) {
				continue
			}
			row.Usual = strconv.Itoa(int(math.Round(h.Waiting)))
			if h.Known {
				row.Waited = v.Span(int(h.Waited / time.Second))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// dayChart is the picture, in the units of a narrow phone.
type dayChart struct {
	Width, Height, Left, Right, Top, Bottom int

	Area, Today, Usual string // paths; empty: nothing to draw
	NowX, NowY         string // of the newest sample; empty: none
	Across             []tick // people
	Along              []tick // hours
}

// tick is a line of the grid.
type tick struct {
	At    string
	Label string
}

// plot turns moments and people into units.
type plot struct {
	dayChart
	from, to time.Time
	most     float64
}

func drawDay(p curve.Picture, line curve.Line) dayChart {
	c := plot{dayChart: dayChart{Width: 360, Height: 190, Left: 30, Right: 350, Top: 14, Bottom: 160}}
	c.from, c.to = p.Opens.In(queue.JST).Truncate(time.Hour), p.Closes.In(queue.JST).Add(time.Hour-1).Truncate(time.Hour)
	peak := 4.0
	for _, point := range line.Points {
		peak = math.Max(peak, float64(point.Waiting))
	}
	for _, h := range line.Usual {
		peak = math.Max(peak, h.Waiting)
	}
	step := niceStep(peak)
	c.most = step * math.Ceil(peak/step)
	for n := 0.0; n <= c.most; n += step {
		c.Across = append(c.Across, tick{c.y(n), strconv.Itoa(int(n))})
	}
	every := time.Hour
	if c.to.Sub(c.from) > 6*time.Hour {
		every = 2 * time.Hour
	}
	for at := c.from; !at.After(c.to); at = at.Add(every) {
		c.Along = append(c.Along, tick{c.x(at), strconv.Itoa(at.Hour())})
	}
	c.today(line.Points)
	c.usual(line.Usual)
	return c.dayChart
}

// niceStep returns a distance between lines of the grid that gives at most four.
func niceStep(peak float64) float64 {
	for scale := 1.0; ; scale *= 10 {
		for _, n := range []float64{1, 2, 5} {
			if n*scale*4 >= peak {
				return n * scale
			}
		}
	}
}

func (c *plot) x(at time.Time) string {
	share := at.Sub(c.from).Seconds() / c.to.Sub(c.from).Seconds()
	return units(float64(c.Left) + share*float64(c.Right-c.Left))
}

func (c *plot) y(n float64) string {
	return units(float64(c.Bottom) - n/c.most*float64(c.Bottom-c.Top))
}

func units(n float64) string { return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) }

// today draws the samples within the hours of the chart.
func (c *plot) today(points []curve.Point) {
	var path strings.Builder
	first, last := "", ""
	for _, p := range points {
		if p.At.Before(c.from) || p.At.After(c.to) {
			continue
		}
		letter := "L"
		if first == "" {
			letter, first = "M", c.x(p.At)
		}
		last = c.x(p.At)
		c.NowX, c.NowY = last, c.y(float64(p.Waiting))
		path.WriteString(letter + c.NowX + " " + c.NowY)
	}
	if first == "" {
		return
	}
	c.Today = path.String()
	c.Area = c.Today + "V" + strconv.Itoa(c.Bottom) + "H" + first + "Z"
}

// usual draws half hours as steps.
func (c *plot) usual(halves []curve.Half) {
	var path strings.Builder
	midnight := c.from.Truncate(time.Minute).Add(-sinceMidnight(c.from))
	for _, h := range halves {
		from, to := midnight.Add(h.From), midnight.Add(h.From+curve.Slot)
		if to.After(c.to) || from.Before(c.from) {
			continue
		}
		letter := "L"
		if path.Len() == 0 {
			letter = "M"
		}
		path.WriteString(letter + c.x(from) + " " + c.y(h.Waiting) + "H" + c.x(to))
	}
	c.Usual = path.String()
}
