package manager

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/promise"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// recordPage shows how good an office's estimates were.
type recordPage struct {
	ui.View
	Office board.Office
	Report promise.Report
	Chart  weekChart
	Parts  []recordPart
	Worst  string // where to look first; empty: nowhere
	Faces  string // what residents said of their visits
}

// recordPart is a table of the report.
type recordPart struct {
	ID, Title, First string
	Rows             []recordLine
}

// recordLine is a row of a table. Shares are words: of few people, counts.
type recordLine struct {
	Label             string
	People            int
	Few               bool
	Kept, Early, Late string
	Error, Bias       string
	Gone              int
	KeptShare, LateAt int // of a bar of a hundred
	LateShare         int
}

func (p *Pages) record(c echo.Context) error {
	d, ok, err := p.managed(c)
	if !ok {
		return err
	}
	data := recordPage{View: p.site.View(c, ui.StaffTexts, "staff"), Office: d.Office}
	data.Report, _ = p.deps.Records.Report(d.Office.ID)
	data.Parts, data.Chart = data.parts(), data.chart()
	data.Worst, data.Faces = data.worst(), facesOf(c, d.Office.ID).Line(data.View)
	data.Title = data.T("past.title") + " " + data.Name(d.Office.Name)
	data.Style, data.NoIndex = "manager/record.css", true
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, "past", data)
}

// headed is the head of a table.
type headed struct {
	View  ui.View
	First string
}

// Headed names the first column of a table.
func (p recordPage) Headed(first string) headed { return headed{p.View, first} }

// shownRecordDays bounds the days that are listed.
const shownRecordDays = 14

func (p recordPage) parts() []recordPart {
	r := p.Report
	days := r.Days[max(0, len(r.Days)-shownRecordDays):]
	return []recordPart{
		{"services", p.T("past.services"), p.T("past.service"), p.lines(r.Services, p.service)},
		{"hours", p.T("past.hours"), p.T("past.hour"), p.lines(r.Hours, func(key string) string { return p.T("past.at", "h", key) })},
		{"weekdays", p.T("past.weekdays"), p.T("past.weekday"), p.lines(r.Weekdays, p.weekday)},
		{"days", p.T("past.days"), p.T("past.day"), p.lines(days, p.day)},
		{"weeks", p.T("past.weeks"), p.T("past.week"), p.lines(r.Weeks, p.day)},
	}
}

func (p recordPage) lines(rows []promise.Row, label func(string) string) []recordLine {
	var list []recordLine
	for _, r := range rows {
		list = append(list, p.Line(label(r.Key), r.Figures))
	}
	return list
}

// Line puts figures into words.
func (p recordPage) Line(label string, f promise.Figures) recordLine {
	l := recordLine{Label: label, People: f.People, Few: !f.Enough(), Gone: f.Apart.GoneLate, Error: "–", Bias: "–"}
	if f.People > 0 {
		l.Error, l.Bias = p.length(f.Error), p.Lean(f.Bias)
	}
	if l.Few {
		l.Kept, l.Early, l.Late = strconv.Itoa(f.Kept), strconv.Itoa(f.Early), strconv.Itoa(f.Late)
		return l
	}
	kept, early, late := f.Percent()
	percent := func(n int) string { return strconv.Itoa(n) + "%" }
	l.Kept, l.Early, l.Late = percent(kept), percent(early), percent(late)
	l.KeptShare, l.LateAt, l.LateShare = kept, kept+early, late
	return l
}

// length says a time in minutes, to a tenth.
func (p recordPage) length(d time.Duration) string {
	return p.T("past.minutes", "m", strconv.FormatFloat(d.Minutes(), 'f', 1, 64))
}

// Lean says how far people waited longer or shorter than the middle of the estimate.
func (p recordPage) Lean(d time.Duration) string {
	switch {
	case d >= 3*time.Second:
		return "+" + p.length(d)
	case d <= -3*time.Second:
		return "−" + p.length(-d)
	}
	return "±" + p.length(0)
}

func (p recordPage) service(id string) string {
	for _, s := range p.Office.Services {
		if string(s.ID) == id {
			return p.Name(s.Name)
		}
	}
	return id
}

func (p recordPage) weekday(key string) string {
	n, _ := strconv.Atoi(key) // 1 to 7
	return p.T("rule.weekday." + strconv.Itoa(n%7))
}

func (p recordPage) day(key string) string { return rulePage{View: p.View}.Day(queue.Date(key)) }

// Period says from when to when.
func (p recordPage) Period() string {
	return p.T("past.period", "from", p.day(string(p.Report.From)), "to", p.day(string(p.Report.To)))
}

// worst names the service or the hour of which most people waited longer than they
// were told, where that is clearly more than one in ten.
func (p recordPage) worst() string {
	const much = 15 // percent
	text, most := "", much
	for _, part := range p.Parts[:2] {
		for _, l := range part.Rows {
			if !l.Few && l.LateShare > most {
				text, most = p.T("past.worst", "what", l.Label, "late", l.Late, "n", l.People), l.LateShare
			}
		}
	}
	return text
}

// weekChart is a column for each week.
type weekChart struct {
	Width int
	Weeks []weekColumn
}

type weekColumn struct {
	X, Middle         int
	Label, Text       string
	Few               bool
	Kept, Early, Late column
}

// column is a part of a column, in a chart of two units for one in a hundred.
type column struct{ Y, Height int }

const (
	weekStep = 78
	weekTop  = 10
)

func (p recordPage) chart() weekChart {
	chart := weekChart{Width: 48 + weekStep*len(p.Report.Weeks)}
	for i, r := range p.Report.Weeks {
		l := p.Line("", r.Figures)
		w := weekColumn{X: 48 + i*weekStep, Middle: 48 + i*weekStep + 28, Few: l.Few, Text: l.Kept, Label: shortDay(r.Key)}
		early := l.LateAt - l.KeptShare
		w.Late = column{weekTop, 2 * l.LateShare}
		w.Early = column{weekTop + 2*l.LateShare, 2 * early}
		w.Kept = column{weekTop + 2*(l.LateShare+early), 2 * l.KeptShare}
		chart.Weeks = append(chart.Weeks, w)
	}
	return chart
}

// shortDay is a date as 4/6.
func shortDay(key string) string {
	at, err := time.Parse(time.DateOnly, key)
	if err != nil {
		return key
	}
	return at.Format("1/2")
}
