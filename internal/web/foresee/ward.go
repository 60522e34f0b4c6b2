package foresee

import (
	"cmp"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/expect"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// shownDays is how many days the ward's page lists.
const shownDays = 14

// wardPage is all offices on one day, and two weeks at a glance.
type wardPage struct {
	view
	Chosen queue.Date
	Days   []chip
	Rows   []wardRow
	Others []named
	Grid   []gridRow
}

// chip is a day to choose.
type chip struct {
	Date    queue.Date
	Current bool
	Today   bool
	Off     bool // every office is closed
}

type named struct {
	ID   queue.OfficeID
	Name board.Text
}

// wardRow is an office on the day.
type wardRow struct {
	named
	Kind  string
	Day   expect.Day
	Waits string
	Calm  string
}

// gridRow is an office over two weeks.
type gridRow struct {
	named
	Days []expect.Day
}

func (p *Pages) ward(c echo.Context) error {
	data := wardPage{view: p.view(c)}
	first, last := data.today, shifted(data.today, shownDays-1)
	offices := p.deps.Boards.Offices()
	data.Chosen = asked(c.QueryParam("date"), first, last, p.nextOpen(offices, first, last))
	for date := first; date <= last; date = shifted(date, 1) {
		data.Days = append(data.Days, chip{date, date == data.Chosen, date == data.today, p.firstOpen(offices, date) < 0})
	}
	for _, o := range offices {
		n := named{o.ID, o.Name}
		d, ok := p.deps.Forecasts.Forecast(o.ID, data.Chosen)
		switch {
		case ok && d.Open() && d.Known():
			data.Rows = append(data.Rows, wardRow{named: n, Kind: o.Kind, Day: d, Waits: data.Waits(d.Waits), Calm: data.Parts(Calm(d))})
		case !ok || d.Open():
			data.Others = append(data.Others, n)
		}
		if row := (gridRow{named: n, Days: p.days(o.ID, first, last)}); slices.ContainsFunc(row.Days, expect.Day.Known) {
			data.Grid = append(data.Grid, row)
		}
	}
	slices.SortStableFunc(data.Rows, func(a, b wardRow) int {
		return cmp.Or(cmp.Compare(expect.Rank(a.Day.Level), expect.Rank(b.Day.Level)), cmp.Compare(a.Day.Waits.P80, b.Day.Waits.P80))
	})
	data.Title, data.Summary = data.T("fc.title")+" | "+data.T("site.title"), data.T("fc.lead")
	return page.RenderTagged(c, p.pages, "forecast-ward", data)
}

// days returns an office's days that are foreseen, from one to another.
func (p *Pages) days(id queue.OfficeID, from, to queue.Date) []expect.Day {
	var days []expect.Day
	for date := from; date <= to; date = shifted(date, 1) {
		d, ok := p.deps.Forecasts.Forecast(id, date)
		if !ok {
			d = expect.Day{Office: id, Date: date, Level: board.LevelUnknown}
		}
		days = append(days, d)
	}
	return days
}

// firstOpen returns the first office that is open on a day; below zero: none.
func (p *Pages) firstOpen(offices []board.Office, date queue.Date) int {
	return slices.IndexFunc(offices, func(o board.Office) bool {
		d, ok := p.deps.Forecasts.Forecast(o.ID, date)
		return ok && d.Open()
	})
}

// nextOpen is the first day on which somebody still can come: not today any more once
// every reception has ended.
func (p *Pages) nextOpen(offices []board.Office, first, last queue.Date) queue.Date {
	now := p.site.Now()
	for date := first; date <= last; date = shifted(date, 1) {
		for _, o := range offices {
			if d, ok := p.deps.Forecasts.Forecast(o.ID, date); ok && d.Open() && now.Before(d.Closes) {
				return date
			}
		}
	}
	return first
}
