package reports

import (
	"html/template"
	"math"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/chart"
	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/report/filed"
	"machi/internal/web/page"
)

// paperPage is one report, as it is printed.
type paperPage struct {
	view
	Report    report.Report
	Revisions []filed.Entry
	Parts     []part
	Problem   string
	Before    string // the period before, as a path
	After     string
	File      string
}

// part is a table of the report, with its chart if it has one.
type part struct {
	report.Table
	Chart template.HTML
	CSV   string
	Wide  bool
}

func (p *Pages) paper(c echo.Context) error {
	v, offices, ok, err := p.managed(c)
	if !ok {
		return err
	}
	office, kind, key := queue.OfficeID(c.Param("office")), report.Kind(c.Param("kind")), c.Param("period")
	if pick(offices, office) != office {
		return page.SeeOther(c, "/manager")
	}
	period, err := report.ParsePeriod(kind, key)
	if err != nil {
		return echo.ErrNotFound
	}
	data := paperPage{view: v, File: filePath(office, kind, key)}
	data.Style = "reports/paper.css"
	data.Before = paperPath(office, kind, stepped(period, -1).Key())
	if next := stepped(period, 1); next.From <= queue.BusinessDay(p.site.Now()) {
		data.After = paperPath(office, kind, next.Key())
	}
	data.Problem = page.Fetch(c, data.File, &data.Report)
	var answer struct{ Revisions []filed.Entry }
	if page.Fetch(c, data.File+"/revisions", &answer) == "" {
		data.Revisions = answer.Revisions
	}
	data.Title = data.W(data.Report.Title) + " " + data.W(data.Report.Office.Name) + " " + data.W(data.Report.Span)
	data.Parts = data.parts()
	return page.Render(c, http.StatusOK, p.pages, "paper", data)
}

// stepped returns the next period, or the one before.
func stepped(p report.Period, by int) report.Period {
	if by < 0 {
		return report.PeriodOf(p.Kind, shifted(p.From, -1))
	}
	return report.PeriodOf(p.Kind, shifted(p.To, 1))
}

// wideColumns is from how many columns on a table is printed across.
const wideColumns = 9

func (p paperPage) parts() []part {
	var list []part
	tables := p.Report.Parts
	if p.Report.Plan != nil {
		tables = append(slices.Clone(tables), *p.Report.Plan)
	}
	for _, t := range tables {
		list = append(list, part{Table: t, Chart: p.chart(t), CSV: p.File + ".csv?table=" + t.Key, Wide: len(t.Columns) >= wideColumns})
	}
	return list
}

// charted are the tables that are drawn: their rows follow one another in time.
var charted = []string{"hours", "days", "months"}

// chart draws how many came, row by row.
func (p paperPage) chart(t report.Table) template.HTML {
	if !slices.Contains(charted, t.Key) || len(t.Rows) < 3 {
		return ""
	}
	came := chart.Series{Name: p.T("reports.came"), Look: chart.Main}
	bars := chart.Bars{
		Words:  chart.Words{ID: "chart-" + t.Key, Title: p.W(t.Title) + " " + p.T("reports.came"), Desc: p.T("reports.chart.desc"), Table: p.T("reports.chart.table"), First: p.W(t.First)},
		Format: report.Count.Format, Height: 190,
	}
	for _, r := range t.Rows {
		if r.Sum {
			continue
		}
		bars.Along = append(bars.Along, p.short(t.Key, r))
		came.Values = append(came.Values, valueOf(t, r, "arrivals"))
	}
	bars.Series = []chart.Series{came}
	return chart.Figure(bars, chart.Wide)
}

// short names a row below a bar.
func (p paperPage) short(table string, r report.Row) string {
	if table == "days" && len(r.Key) == len("2026-04-01") {
		return r.Key[8:]
	}
	return p.W(r.Name)
}

func valueOf(t report.Table, r report.Row, column string) float64 {
	for i, c := range t.Columns {
		if c.Key == column && r.Cells[i].Number != nil {
			return *r.Cells[i].Number
		}
	}
	return math.NaN()
}

// Show writes a cell.
func (v view) Show(u report.Unit, c report.Cell) string {
	switch {
	case c.Text != (report.Words{}):
		return v.W(c.Text)
	case c.Number == nil:
		return "–"
	}
	return u.Format(*c.Number)
}

// Number writes a figure without its unit.
func (v view) Number(u report.Unit, value report.Value) string {
	if value.Number == nil {
		return "–"
	}
	return u.Format(*value.Number)
}

// Unit writes a unit behind a big figure; a share bears its own.
func (v view) Unit(u report.Unit) string {
	if u == report.Share {
		return ""
	}
	return v.W(u.Name())
}

// Against says how far a card's figure is from what it was.
func (p paperPage) Against(c report.Card, ago bool) string {
	label, diff, ok := report.BeforeWords(p.Report.Kind), 0.0, false
	if diff, ok = c.Change(); ago {
		label = report.YearAgoWords(p.Report.Kind)
		diff, ok = c.YearChange()
	}
	if !ok || p.W(label) == "" {
		return ""
	}
	unit := p.Unit(c.Unit)
	number := c.Unit.Format(math.Abs(diff))
	if c.Unit == report.Share {
		number, unit = report.Minutes.Format(100*math.Abs(diff)), p.T("reports.points")
	}
	sign := "±"
	switch {
	case diff > 0:
		sign = "+"
	case diff < 0:
		sign = "−"
	}
	return p.W(label) + " " + sign + number + unit
}

// Wider reports whether any table is printed across.
func (p paperPage) Wider() bool {
	return slices.ContainsFunc(p.Parts, func(t part) bool { return t.Wide })
}

// Lacking says a day that is not in the report.
func (p paperPage) Lacking(l report.Lack) string {
	return p.W(l.Office) + " " + p.W(report.DayWords(l.Date)) + " " + p.W(report.WhyWords(l.Why))
}

// shownLacks bounds the days that are named on paper.
const shownLacks = 12

// Lacks returns the first days that are not in the report.
func (p paperPage) Lacks() []report.Lack {
	return p.Report.Lacks[:min(shownLacks, len(p.Report.Lacks))]
}

// MoreLacks is how many are not named.
func (p paperPage) MoreLacks() int { return max(0, len(p.Report.Lacks)-shownLacks) }

// Revised says what a revision changed of the figures that one looks at first.
func (p paperPage) Revised(i int) string {
	if i+1 >= len(p.Revisions) {
		return ""
	}
	text := ""
	for _, key := range report.Headlines {
		d, _ := report.Look(key)
		now, was := p.Revisions[i].Heads[key], p.Revisions[i+1].Heads[key]
		if now != was {
			if text != "" {
				text += p.T("reports.between")
			}
			text += p.W(d.Name) + " " + d.Unit.Format(was) + " → " + d.Unit.Format(now)
		}
	}
	return text
}
