package foresee

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// officePage is the calendar of one office, and one day of it.
type officePage struct {
	view
	Office   board.Office
	Month    month
	Young    bool // nothing can be said of any day
	Day      dayPart
	Best     []best
	Record   recordPart
	Services []board.Service
	Service  queue.ServiceID // that the hours are of; empty: all
}

// month is a month as a sheet of weeks.
type month struct {
	Name          string
	Weekdays      []string
	Weeks         [][]cell
	Before, After string // addresses of the pages; empty: nothing is known there
}

// cell is a day of a month; without a date it stands beside the month.
type cell struct {
	Date     queue.Date
	Day      expect.Day
	Gone     bool // it is over, or too far ahead
	Today    bool
	Current  bool
	Why      string // of a day off, in the office's own words
	WhyLang  string
	Selected string // address of the page with the day
}

// dayPart is the chosen day.
type dayPart struct {
	expect.Day
	Name, Waits, Comes string
	Why                []string
	Calm, Peak         string
	Closed             string // why the office is closed, in its own words
	ClosedLang         string
	Hours              []hourRow
}

// hourRow is a half hour. Bar is of a hundred.
type hourRow struct {
	From          string
	Sign          Sign
	Waits, People string
	Bar, Middle   int
	Best          bool
}

// best is a time that is better than others.
type best struct {
	Date queue.Date
	When string
	Sign Sign
	Wait string
	run  run
}

// recordPart is how good the last month was.
type recordPart struct {
	Enough             bool
	Days               int
	Line, Error, Tried string
	List               []expect.Compared
}

func (p *Pages) office(c echo.Context) error {
	o, ok := p.deps.Boards.Office(queue.OfficeID(c.Param("office")))
	if !ok {
		return p.missing(c)
	}
	data := officePage{view: p.view(c), Office: o, Services: o.Services}
	first, last := data.today, shifted(data.today, expect.Horizon-1)
	date := asked(c.QueryParam("date"), first, last, "")
	if date == "" {
		date = p.nextOpen([]board.Office{o}, first, last)
	}
	for _, s := range o.Services {
		if string(s.ID) == c.QueryParam("service") && !s.Private {
			data.Service = s.ID
		}
	}
	data.Month = p.month(data.view, o.ID, cmp.Or(c.QueryParam("month"), string(date)[:7]), date, "/offices/"+string(o.ID)+"/forecast")
	two := p.days(o.ID, first, shifted(first, shownDays-1))
	data.Young = !slices.ContainsFunc(two, expect.Day.Known)
	if d, ok := p.deps.Forecasts.Forecast(o.ID, date); ok {
		data.Day = p.dayPart(data.view, o.ID, d, data.Service)
	}
	data.Best = data.better(two, p.site.Now())
	data.Record = p.record(data.view, o.ID)
	data.Title, data.Summary = data.T("fc.of", "office", data.Name(o.Name))+" | "+data.T("site.title"), data.T("fc.lead")
	return page.RenderTagged(c, p.pages, "forecast-office", data)
}

// month lays out the month that is asked for, as far as there is a forecast of it.
func (p *Pages) month(v view, id queue.OfficeID, name string, chosen queue.Date, path string) month {
	first, last := v.today, shifted(v.today, expect.Horizon-1)
	begin, err := time.Parse("2006-01", name)
	if err != nil || name < string(first)[:7] || name > string(last)[:7] {
		begin, _ = time.Parse("2006-01", string(chosen)[:7])
	}
	m := month{Name: v.T("fc.month", "y", begin.Year(), "m", v.T("month."+strconv.Itoa(int(begin.Month()))))}
	link := func(month string, date queue.Date) string {
		address := path + "?month=" + month
		if v.Query.Has("office") {
			address += "&office=" + string(id)
		}
		if date != "" {
			address += "&date=" + string(date)
		}
		return address
	}
	if before := begin.AddDate(0, -1, 0).Format("2006-01"); before >= string(first)[:7] {
		m.Before = link(before, chosen)
	}
	if after := begin.AddDate(0, 1, 0).Format("2006-01"); after <= string(last)[:7] {
		m.After = link(after, chosen)
	}
	for n := range 7 {
		m.Weekdays = append(m.Weekdays, v.T("weekday."+strconv.Itoa(n)))
	}
	week := make([]cell, int(begin.Weekday()))
	for at := begin; at.Month() == begin.Month(); at = at.AddDate(0, 0, 1) {
		x := cell{Date: queue.Date(at.Format(time.DateOnly))}
		x.Gone, x.Today, x.Current = x.Date < first || x.Date > last, x.Date == v.today, x.Date == chosen
		x.Day = expect.Day{Date: x.Date, Level: board.LevelUnknown}
		if d, ok := p.deps.Forecasts.Forecast(id, x.Date); ok {
			x.Day = d
		}
		x.Selected = link(begin.Format("2006-01"), x.Date)
		if week = append(week, x); len(week) == 7 {
			m.Weeks, week = append(m.Weeks, week), nil
		}
	}
	if len(week) > 0 {
		m.Weeks = append(m.Weeks, append(week, make([]cell, 7-len(week))...))
	}
	return m
}

// dayPart puts a day into words; with a service, as it is for those who come for that.
func (p *Pages) dayPart(v view, id queue.OfficeID, d expect.Day, service queue.ServiceID) dayPart {
	if l, ok := d.Line(service); ok {
		d.Arrivals, d.Waits, d.Level, d.Halves = l.Arrivals, l.Waits, l.Level, l.Halves
	}
	part := dayPart{Day: d, Name: v.Date(d.Date), Waits: v.Waits(d.Waits), Why: v.Reasons(d), Calm: v.Parts(Calm(d)), Peak: v.Parts(Peak(d))}
	if d.Basis != expect.FromNothing {
		part.Comes = v.Comes(d.Arrivals)
	}
	if !d.Open() {
		part.Closed, part.ClosedLang = p.closed(v, id, d.Date)
	}
	part.Hours = v.hours(d.Halves)
	return part
}

// hours lists half hours, each with a bar beside the longest.
func (v view) hours(halves []expect.Half) []hourRow {
	most := 1.0
	length := func(h expect.Half) (middle, high float64) {
		if h.Waits.Known {
			return h.Waits.P50.Minutes(), h.Waits.P90.Minutes()
		}
		return h.Arrivals.P50, h.Arrivals.P90
	}
	for _, h := range halves {
		_, high := length(h)
		most = max(most, high)
	}
	var rows []hourRow
	for _, h := range halves {
		if h.Arrivals.P90 < 0.5 && expect.Rank(h.Level) == 0 {
			continue // before the doors open, where nobody comes
		}
		middle, high := length(h)
		rows = append(rows, hourRow{
			From: clock(h.From), Sign: v.Short(h.Level), Waits: v.Waits(h.Waits), People: v.People(h.Arrivals),
			Bar: int(math.Round(100 * high / most)), Middle: int(math.Round(100 * middle / most)),
		})
	}
	return rows
}

// closed says why an office is closed on a day, and in which language.
func (p *Pages) closed(v view, id queue.OfficeID, date queue.Date) (why, lang string) {
	if p.deps.Timetables == nil {
		return "", ""
	}
	t, ok := p.deps.Timetables.Timetable(id)
	if !ok {
		return "", ""
	}
	h := t.On(dayOf(date))
	if h.Reason == "" {
		return "", ""
	}
	if why = v.T("reason." + h.Reason); why == "reason."+h.Reason {
		return h.Reason, "ja"
	}
	return why, ""
}

// listed is how many better times are named.
const listed = 5

// better lists the best times of days to come, one of each day, the calmest first.
func (v view) better(days []expect.Day, now time.Time) []best {
	var list []best
	for _, d := range days {
		if !d.Open() || !d.Known() || d.Basis != expect.FromWaits {
			continue
		}
		runs := slices.DeleteFunc(Calm(d), func(r run) bool { return r.To.Add(-expect.Slot).Before(now) })
		if len(runs) == 0 {
			continue
		}
		r := slices.MinFunc(runs, calmer)
		list = append(list, best{Date: d.Date, When: v.Part(r), Sign: v.Short(r.Level), Wait: v.Waits(r.Waits), run: r})
	}
	slices.SortStableFunc(list, func(a, b best) int { return calmer(a.run, b.run) })
	return list[:min(listed, len(list))]
}

// toldAhead is how many days ahead the forecasts were told that the record is of.
const toldAhead = 7

func (p *Pages) record(v view, id queue.OfficeID) recordPart {
	r, _ := p.deps.Forecasts.Foretold(id, toldAhead)
	part := recordPart{Enough: r.Enough(), Days: r.Days, List: slices.Clone(r.List)}
	slices.Reverse(part.List)
	if !part.Enough {
		return part
	}
	part.Line = v.T("fc.record.line", "n", r.Days, "hits", r.Hits, "near", r.Near, "far", r.Days-r.Hits-r.Near)
	part.Error = v.T("fc.record.error", "percent", int(math.Round(100*r.Error)))
	if r.Rehearsed {
		part.Tried = v.T("fc.record.tried")
	}
	return part
}

// Off reports whether a day was not as it was told.
func (officePage) Off(c expect.Compared) bool { return c.Told != c.Was }

// MadeAt says when the forecast of the chosen day was made.
func (p officePage) MadeAt() string {
	at := p.Day.Made.In(queue.JST)
	return p.Date(queue.Date(calendar.DayOf(at).String())) + " " + clock(at)
}

// ServiceName is the service that the day is told of; empty: all.
func (p officePage) ServiceName() string {
	for _, s := range p.Services {
		if s.ID == p.Service {
			return p.Name(s.Name)
		}
	}
	return ""
}
