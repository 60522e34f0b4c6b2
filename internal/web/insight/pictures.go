package insight

import (
	"html/template"
	"slices"
	"strconv"
	"time"

	"machi/internal/chart"
	"machi/internal/measure"
	"machi/internal/queue"
)

// picture is a chart with its heading.
type picture struct {
	ID    string
	Title string
	Lead  string
	Chart template.HTML
	Note  string
	Wide  bool
}

func (p historyPage) picture(c chart.Chart, id string, wide bool) picture {
	width := chart.Half
	if wide {
		width = chart.Wide
	}
	return picture{ID: id, Title: p.T("insight." + id), Lead: p.T("insight." + id + ".desc"), Chart: chart.Figure(c, width), Wide: wide}
}

// pictures are the charts of the page, in their order.
func (p historyPage) pictures() []picture {
	list := []picture{p.coursePicture(), p.arrivalsPicture()}
	span := days(p.From, p.To)
	if span >= byWeek {
		list = append(list, p.yearPicture(true))
	}
	list = append(list, p.heatPicture("heat.arrivals"), p.heatPicture("heat.waits"), p.flatPicture(), p.stagePicture())
	if len(p.each) > 1 {
		list = append(list, p.officePicture("offices.visit", func(f measure.Figures) measure.Dist { return f.Visit }), p.officePicture("offices.called", func(f measure.Figures) measure.Dist { return f.UntilCalled }))
	}
	if len(p.services) > 1 {
		list = append(list, p.servicePicture())
	}
	if len(p.kinds) > 1 {
		list = append(list, p.kindPicture())
	}
	if span >= byDay && span < byWeek {
		list = append(list, p.yearPicture(false))
	}
	return list
}

// label names a part of the course.
func (p historyPage) label(at time.Time) string {
	switch p.grain {
	case "month":
		return p.T("insight.month", "y", at.Year(), "month", p.month(at.Month()))
	case "week":
		return p.T("insight.week", "d", p.short(at))
	}
	return p.short(at) + " " + p.weekday(at.Weekday())
}

// along are the names of the course's parts, and what stands below the chart.
func (p historyPage) along() (names []string, marks []chart.Mark) {
	for i, part := range p.course {
		names = append(names, p.label(part.From))
		text := p.short(part.From)
		if p.grain == "month" {
			text = p.month(part.From.Month())
		}
		marks = append(marks, chart.Mark{At: float64(i), Label: text})
	}
	return names, marks
}

// earlierParts are the parts of the time before that lie where the course's do; nil:
// there is no such.
func (p historyPage) earlierParts() []*measure.Figures {
	if !p.compares {
		return nil
	}
	was := map[time.Time]*measure.Figures{}
	for _, part := range parts(p.earlier, p.grain) {
		at := part.From.AddDate(0, 0, 364)
		if p.grain == "month" {
			at = part.From.AddDate(1, 0, 0)
		}
		was[at] = &part.Figures
	}
	list := make([]*measure.Figures, len(p.course))
	for i, part := range p.course {
		list[i] = was[part.From]
	}
	return list
}

func (p historyPage) coursePicture() picture {
	names, marks := p.along()
	half := chart.Series{Name: p.T("insight.half")}
	most := chart.Series{Name: p.T("insight.ninth.short"), Look: chart.Second}
	for _, part := range p.course {
		half.Values, most.Values = append(half.Values, middle(part.Visit)), append(most.Values, ninth(part.Visit))
	}
	series := []chart.Series{half, most}
	if was := p.earlierParts(); was != nil {
		then := chart.Series{Name: p.T("insight.half.before"), Look: chart.Pale}
		for _, f := range was {
			v := chart.None
			if f != nil {
				v = middle(f.Visit)
			}
			then.Values = append(then.Values, v)
		}
		series = append(series, then)
	}
	return p.picture(chart.Lines{Words: p.chart("course", p.T("insight.grain."+p.grain)), Along: names, Marks: marks, Series: series, Format: p.minutes, Axis: p.tick, Steps: chart.Minutes}, "course", true)
}

func (p historyPage) arrivalsPicture() picture {
	names, marks := p.along()
	now := chart.Series{Name: p.T("insight.now")}
	for _, part := range p.course {
		now.Values = append(now.Values, float64(part.Arrivals))
	}
	series := []chart.Series{now}
	if was := p.earlierParts(); was != nil {
		then := chart.Series{Name: p.T("insight.then"), Look: chart.Pale}
		for _, f := range was {
			v := chart.None
			if f != nil {
				v = float64(f.Arrivals)
			}
			then.Values = append(then.Values, v)
		}
		series = append(series, then)
	}
	c := chart.Bars{Words: p.chart("numbers", p.T("insight.grain."+p.grain)), Along: names, Marks: marks, Series: series, Format: p.people, Axis: p.number, Height: 220}
	return p.picture(c, "numbers", true)
}

func (p historyPage) yearPicture(wide bool) picture {
	y := chart.Year{
		Words: p.chart("days", p.T("insight.grain.month")), From: startOf(p.From), Format: p.people, Empty: p.T("insight.closed"),
		Weekdays: p.weekdays(), Months: p.months(), Date: p.date,
	}
	at := map[queue.Date]int{}
	for _, r := range p.dates {
		at[r.Date] = r.Arrivals
	}
	for d := p.From; d <= p.To; d = addDays(d, 1) {
		v := chart.None
		if n := at[d]; n > 0 {
			v = float64(n)
		}
		y.Days = append(y.Days, v)
	}
	return p.picture(y, "days", wide)
}

// opened counts the dates on which anybody came, by weekday from Monday.
func (p historyPage) opened() (count [7]int) {
	for _, r := range p.dates {
		if open(r) {
			count[(int(startOf(r.Date).Weekday())+6)%7]++
		}
	}
	return count
}

// rare is the share of a day's visits below which an hour is not shown, in thousandths.
const rare = 5

// hoursOf are the first and the last hour in which people come.
func (p historyPage) hoursOf() (first, last int) {
	all := 0
	for _, n := range p.total.ByHour {
		all += n
	}
	first, last = -1, -1
	for h, n := range p.total.ByHour {
		if n > 0 && n*1000 >= all*rare {
			last = h
			if first < 0 {
				first = h
			}
		}
	}
	return first, last
}

func (p historyPage) heatPicture(id string) picture {
	opened := p.opened()
	first, last := p.hoursOf()
	h := chart.Heat{Words: p.chart(id, p.T("insight.weekday"))}
	for hour := first; hour <= last && first >= 0; hour++ {
		h.Cols = append(h.Cols, p.T("insight.hour", "h", hour))
	}
	names := p.weekdays()
	for w := range 7 {
		if opened[w] == 0 {
			continue
		}
		row := make([]float64, len(h.Cols))
		for i := range row {
			row[i] = chart.None
		}
		for _, r := range p.cells {
			if i := r.Half/2 - first; r.Weekday == w+1 && i >= 0 && i < len(row) {
				row[i] = cellOf(id, r.Figures, opened[w])
			}
		}
		h.Rows, h.Cells = append(h.Rows, names[w]), append(h.Cells, row)
	}
	h.Empty = p.T("insight.few.cell")
	if id == "heat.waits" {
		h.Format, h.Short, h.Axis, h.Nice = p.minutes, p.bare, p.tick, []float64{5, 10, 15, 20, 30, 45, 60, 90, 120, 180}
	} else {
		h.Format, h.Short = p.people, p.bare
	}
	return p.picture(h, id, false)
}

// bare says a value where its unit is known.
func (p historyPage) bare(v float64) string { return p.Count(int(v + 0.5)) }

func cellOf(id string, f measure.Figures, days int) float64 {
	if id == "heat.waits" {
		return middle(f.UntilCalled)
	}
	return float64(f.Arrivals) / float64(days)
}

func (p historyPage) flatPicture() picture {
	first, last := p.hoursOf()
	b := chart.Bars{Words: p.chart("flat", p.T("insight.hour.head")), Format: p.shareOf, Axis: p.percentTick, Values: false}
	now := chart.Series{Name: p.T("insight.now")}
	was := chart.Series{Name: p.T("insight.then"), Look: chart.Second}
	all, before := p.total.Arrivals, p.before.Arrivals
	for h := first; h <= last && first >= 0; h++ {
		b.Along = append(b.Along, p.T("insight.hour", "h", h))
		now.Values, was.Values = append(now.Values, share(p.total.ByHour[h], all)), append(was.Values, share(p.before.ByHour[h], before))
	}
	b.Series = []chart.Series{now}
	if p.compares {
		b.Series = append(b.Series, was)
	}
	pic := p.picture(b, "flat", false)
	pic.Note = p.peakWords()
	return pic
}

// shareOf says a share of all visits.
func (p historyPage) shareOf(v float64) string { return p.Percent(v) }

// peakWords says how flat the days were.
func (p historyPage) peakWords() string {
	now, ok := p.total.Peak()
	if !ok {
		return ""
	}
	say := func(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) }
	if was, ok := p.before.Peak(); ok && p.compares {
		return p.T("insight.peak.before", "n", say(now), "was", say(was))
	}
	return p.T("insight.peak", "n", say(now))
}

func (p historyPage) names(before bool) chart.StripNames {
	n := chart.StripNames{Mid: p.T("insight.half"), High: p.T("insight.ninth.short"), Most: p.T("insight.most"), Note: p.T("insight.visits")}
	if before {
		n.Before = p.T("insight.half.before")
	}
	return n
}

// strip is a distribution as a strip; few visits give none.
func (p historyPage) strip(label string, now, was measure.Dist) chart.Strip {
	s := chart.Strip{Label: label, Low: chart.None, Mid: chart.None, High: chart.None, Most: chart.None, Before: chart.None, Note: p.T("insight.n", "n", p.Count(now.Count))}
	if now.Count >= enough {
		s.Mid, s.High, s.Most = inMinutes(now.P50), inMinutes(now.P90), inMinutes(now.Max)
	}
	if p.compares && was.Count >= enough {
		s.Before = inMinutes(was.P50)
	}
	return s
}

func (p historyPage) strips(id, first string, rows []chart.Strip, before bool) picture {
	return p.picture(chart.Strips{
		Words: p.chart(id, first), Rows: rows, Names: p.names(before && p.compares), Format: p.minutes, Axis: p.tick, Steps: chart.Minutes,
	}, id, false)
}

func (p historyPage) stagePicture() picture {
	now, was := p.total, p.before
	rows := []chart.Strip{
		p.strip(p.T("insight.stage.called"), now.UntilCalled, was.UntilCalled),
		p.strip(p.T("insight.stage.service"), now.Service, was.Service),
	}
	if now.Processing.Count > 0 {
		rows = append(rows, p.strip(p.T("insight.stage.processing"), now.Processing, was.Processing))
	}
	if now.Delivery.Count > 0 {
		rows = append(rows, p.strip(p.T("insight.stage.delivery"), now.Delivery, was.Delivery))
	}
	rows = append(rows, p.strip(p.T("insight.stage.visit"), now.Visit, was.Visit))
	return p.strips("stages", p.T("insight.stage"), rows, true)
}

// officePicture keeps the order of the ward: it compares and does not rank.
func (p historyPage) officePicture(id string, of func(measure.Figures) measure.Dist) picture {
	var rows []chart.Strip
	for _, o := range p.offices {
		match := func(r measure.Row) bool { return r.Office == o.ID }
		rows = append(rows, p.strip(p.Name(o.Name), of(pick(p.each, match)), of(pick(p.eachWas, match))))
	}
	return p.strips(id, p.T("insight.office"), rows, true)
}

// pick returns the figures of the row that is meant; none: zero.
func pick(rows []measure.Row, is func(measure.Row) bool) measure.Figures {
	if i := slices.IndexFunc(rows, is); i >= 0 {
		return rows[i].Figures
	}
	return measure.Figures{}
}

func (p historyPage) servicePicture() picture {
	var rows []chart.Strip
	for _, r := range p.services {
		was := pick(p.was, func(o measure.Row) bool { return o.Key.Service == r.Key.Service })
		rows = append(rows, p.strip(p.ServiceName(r.Key.Service), r.UntilCalled, was.UntilCalled))
	}
	return p.strips("services", p.T("insight.service"), rows, true)
}

func (p historyPage) kindPicture() picture {
	var rows []chart.Strip
	for _, r := range p.kinds {
		rows = append(rows, p.strip(p.T("insight.kind."+string(r.Kind)), r.UntilCalled, measure.Dist{}))
	}
	return p.strips("kinds", p.T("insight.kind"), rows, false)
}
