package public

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/promise"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// recordPage is the record of one office.
type recordPage struct {
	recordView
	Office page.Named
	Record promise.Record
	Chart  bandChart
}

// recordsPage is the record of all offices.
type recordsPage struct {
	recordView
	Total   promise.Sample
	From    queue.Date
	To      queue.Date
	Offices []recordRow
}

// recordRow is one office in the list.
type recordRow struct {
	ID   queue.OfficeID
	Name board.Text
	promise.Sample
}

// recordView is a view that can put a record into words.
type recordView struct{ ui.View }

func (p *Pages) records(c echo.Context) error {
	data := recordsPage{recordView: recordView{p.view(c)}}
	data.Title = data.T("record.title") + " | " + data.T("site.title")
	data.Style = "public/record.css"
	for _, o := range p.deps.Records.Named() {
		r, ok := p.deps.Records.Record(o.ID)
		data.Offices = append(data.Offices, recordRow{o.ID, o.Name, r.Newest})
		if !ok {
			continue
		}
		data.Total = promise.Sum(data.Total, r.All)
		if r.From != "" && (data.From == "" || r.From < data.From) {
			data.From = r.From
		}
		data.To = max(data.To, r.To)
	}
	// Those with a record first; otherwise in the order of the ward.
	slices.SortStableFunc(data.Offices, func(a, b recordRow) int { return emptiness(a) - emptiness(b) })
	return page.RenderTagged(c, p.pages, "records", data)
}

func emptiness(r recordRow) int {
	switch {
	case r.Enough():
		return 0
	case r.People > 0:
		return 1
	}
	return 2
}

func (p *Pages) record(c echo.Context) error {
	offices := p.deps.Records.Named()
	i := slices.IndexFunc(offices, func(o page.Named) bool { return string(o.ID) == c.Param("office") })
	if i < 0 {
		return p.missing(c)
	}
	o := offices[i]
	r, _ := p.deps.Records.Record(o.ID)
	data := recordPage{recordView: recordView{p.view(c)}, Office: o, Record: r}
	data.Chart = chartOf(data.recordView, r.Bands)
	data.Title = data.T("record.of", "office", data.Name(o.Name)) + " | " + data.T("site.title")
	data.Style = "public/record.css"
	return page.RenderTagged(c, p.pages, "record", data)
}

// recordLine is one sentence on an office's record; empty: there is not enough of it.
func (p *Pages) recordLine(v ui.View, id queue.OfficeID) string {
	r, ok := p.deps.Records.Record(id)
	if !ok || !r.Newest.Enough() {
		return ""
	}
	return recordView{v}.Sentence("record.sum", r.Newest)
}

// toldLine says what the holder was told, what became of those who were told the
// same, or what became of it.
func (p *Pages) toldLine(v ui.View, t board.TicketStatus) (told, same string) {
	if t.Told == nil {
		return "", ""
	}
	said := v.Until(&board.Estimate{Low: t.Told.Low, High: t.Told.High})
	if t.Told.Called != nil {
		return v.T("ticket.told.was", "t", v.Hour(t.Told.At), "range", said, "wait", v.Span(*t.Told.Called)), ""
	}
	told = v.T("ticket.told", "t", v.Hour(t.Told.At), "range", said)
	r, ok := p.deps.Records.Record(t.Office)
	if !ok {
		return told, ""
	}
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	if s, ok := r.About(seconds(t.Told.Low), seconds(t.Told.High)); ok {
		same = recordView{v}.Sentence("ticket.told.same", s)
	}
	return told, same
}

// Sentence fills a sentence with what became of a sample.
func (v recordView) Sentence(key string, s promise.Sample) string {
	kept, early, late := s.Percent()
	return v.T(key, "n", v.Count(s.People), "kept", s.Kept, "percent", kept, "early", early, "late", late)
}

// Count says a number of people, thousands apart.
func (recordView) Count(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// Minutes says a length of time in minutes, rounded up.
func (v recordView) Minutes(d time.Duration) string { return v.Span(int(d / time.Second)) }

// Range says a range as it was shown.
func (v recordView) Range(low, high time.Duration) string {
	return v.Until(&board.Estimate{Low: int(low / time.Second), High: int(high / time.Second)})
}

// Band names a band by the upper ends in it.
func (v recordView) Band(b promise.Band) string {
	switch {
	case b.To == 0:
		return v.T("record.band.last", "from", v.Minutes(b.From-5*time.Minute))
	case b.From <= 5*time.Minute:
		return v.T("record.band.first", "to", v.Minutes(b.To))
	}
	return v.T("record.band", "from", v.Minutes(b.From), "to", v.Minutes(b.To))
}

// Date says a day without its year, or with it where that is usual.
func (v recordView) Date(d queue.Date) string {
	from, _, err := d.Bounds()
	if err != nil {
		return ""
	}
	if v.Lang == ui.English {
		return from.Format("2 January 2006")
	}
	return v.T("record.day", "y", from.Year(), "m", int(from.Month()), "d", from.Day())
}

// Percent returns the shares of a sample.
func (v recordView) Percent(s promise.Sample) shares {
	kept, early, late := s.Percent()
	return shares{kept, early, late}
}

type shares struct{ Kept, Early, Late int }

// Before returns where the late part of a bar of a hundred begins.
func (recordView) Before(s shares) int { return s.Kept + s.Early }

// about is a sample with the words for it, for a template.
type about struct {
	View   recordView
	Sample promise.Sample
}

// About hands a sample to a template.
func (v recordView) About(s promise.Sample) about { return about{v, s} }

// Usual returns the range that most people were told lately, or nil.
func (p recordPage) Usual() *promise.Range {
	if r, ok := p.Record.Usual(); ok {
		return &r
	}
	return nil
}

// Others counts who is not compared for reasons that few have.
func (recordPage) Others(a promise.Apart) int { return a.Postponed + a.Uncertain }

// Dots returns a hundred marks, one for each in a hundred people.
func (v recordView) Dots(s promise.Sample) []dot {
	share := v.Percent(s)
	list := make([]dot, 100)
	for i := range list {
		list[i] = dot{X: 10 + i%20*20, Y: 10 + i/20*20, Kind: "kept"}
		switch {
		case i >= share.Kept+share.Early:
			list[i].Kind = "late"
		case i >= share.Kept:
			list[i].Kind = "early"
		}
	}
	return list
}

// dot is one mark of the picture of a hundred people.
type dot struct {
	X, Y int
	Kind string
}

// bandChart is a bar for each length of wait.
type bandChart struct {
	Height int
	Bars   []bandBar
}

type bandBar struct {
	Y           int
	Label, Side string
	Few         bool
	Kept        segment
	Early       segment
	Late        segment
}

// segment is a part of a bar, with its share where there is room for it.
type segment struct {
	X, Width, TextY int
	Text            string
}

// The measures of the chart, in the units of a narrow phone.
const (
	barWidth  = 340
	barStep   = 58
	barLegend = 34
)

func chartOf(v recordView, bands []promise.Band) bandChart {
	chart := bandChart{Height: barStep * len(bands)}
	for i, b := range bands {
		bar := bandBar{Y: 22 + i*barStep, Label: v.Band(b), Side: v.T("record.n", "n", b.People), Few: !b.Enough()}
		share := v.Percent(b.Sample)
		bar.Kept = part(bar.Y, 0, share.Kept)
		bar.Early = part(bar.Y, share.Kept, share.Early)
		bar.Late = part(bar.Y, share.Kept+share.Early, share.Late)
		chart.Bars = append(chart.Bars, bar)
	}
	return chart
}

func part(y, from, share int) segment {
	s := segment{X: from * barWidth / 100, TextY: y + 15}
	s.Width = (from+share)*barWidth/100 - s.X
	if s.Width >= barLegend {
		s.Text = strconv.Itoa(share) + "%"
	}
	return s
}
