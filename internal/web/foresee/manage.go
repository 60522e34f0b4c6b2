package foresee

import (
	"cmp"
	"crypto/rand"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/almanac"
	"machi/internal/board"
	"machi/internal/chart"
	"machi/internal/expect"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// managePage is a manager's view of an office's days to come.
type managePage struct {
	view
	Office   board.Office
	Offices  []board.Office // that the manager may look at
	Month    month
	Day      dayPart
	Remarks  []almanac.Remark
	Records  []recordRow
	Outcomes []expect.Outcome // of the days that were told a week ahead; empty: too few
	Chart    template.HTML    // what was told and what came; empty: too little to compare
	Form     sayForm
	Problem  string
	Field    string
	Done     bool
}

// sayForm is what stands in the form about a day.
type sayForm struct {
	Level   string
	Percent string
	Reason  string
	Given   bool // staff have said something of the day
}

// recordRow is how good the forecasts were that were told so many days ahead.
type recordRow struct {
	Ahead int
	expect.Record
}

// manager returns a manager's view; ok is false when the answer has been given.
func (p *Pages) manager(c echo.Context) (v view, who page.Identity, ok bool, err error) {
	who, in := p.deps.Identify(c)
	switch {
	case !in:
		return v, who, false, page.SignIn(c)
	case !who.Manager:
		return v, who, false, page.SeeOther(c, "/staff")
	}
	v = view{View: p.site.View(c, ui.StaffTexts, "staff"), today: queue.BusinessDay(p.site.Now())}
	v.Style, v.NoIndex = "foresee/manage.css", true
	return v, who, true, nil
}

// may reports whether a member of staff manages an office.
func may(who page.Identity, id queue.OfficeID) bool {
	role := who.At(id)
	return role == "manager" || role == "admin"
}

// manage shows the forecast of one of the offices that the asker manages.
func (p *Pages) manage(c echo.Context) error {
	v, who, ok, err := p.manager(c)
	if !ok {
		return err
	}
	data := managePage{view: v, Done: c.QueryParam("done") != ""}
	for _, o := range p.deps.Boards.Offices() {
		if may(who, o.ID) {
			data.Offices = append(data.Offices, o)
		}
	}
	i := max(0, slices.IndexFunc(data.Offices, func(o board.Office) bool { return string(o.ID) == c.QueryParam("office") }))
	if len(data.Offices) == 0 {
		return page.SeeOther(c, "/manager")
	}
	return p.showManage(c, data, data.Offices[i], c.QueryParam("date"))
}

func (p *Pages) showManage(c echo.Context, data managePage, o board.Office, date string) error {
	data.Office = o
	first, last := data.today, shifted(data.today, expect.Horizon-1)
	chosen := asked(date, first, last, p.nextOpen([]board.Office{o}, first, last))
	if data.Query == nil {
		data.Query = url.Values{}
	}
	data.Query.Set("office", string(o.ID))
	data.Month = p.month(data.view, o.ID, cmp.Or(c.QueryParam("month"), string(chosen)[:7]), chosen, "/manager/forecast")
	if d, ok := p.deps.Forecasts.Forecast(o.ID, chosen); ok {
		data.Day = p.dayPart(data.view, o.ID, d, "")
		if d.Override != nil && data.Problem == "" {
			data.Form = sayForm{Level: string(d.Override.Level), Reason: d.Override.Reason, Given: true}
			if d.Override.Percent != 0 {
				data.Form.Percent = strconv.Itoa(d.Override.Percent)
			}
		}
	}
	var known struct {
		Remarks []almanac.Remark `json:"remarks"`
	}
	data.Problem = cmp.Or(data.Problem, page.Fetch(c, almanacAPI(o.ID), &known))
	data.Remarks = known.Remarks
	for _, ahead := range []int{1, 7, 28} {
		r, _ := p.deps.Forecasts.Foretold(o.ID, ahead)
		data.Records = append(data.Records, recordRow{ahead, r})
		if ahead == toldAhead && r.Enough() {
			data.Chart, data.Outcomes = data.chart(r), r.ByLevel()
		}
	}
	data.Title = data.T("fcm.title") + " " + data.Name(o.Name)
	return p.private(c, "forecast-manage", data)
}

func (p *Pages) private(c echo.Context, name string, data any) error {
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
	return page.Render(c, http.StatusOK, p.pages, name, data)
}

func almanacAPI(id queue.OfficeID) string {
	return "/api/v1/offices/" + url.PathEscape(string(id)) + "/almanac"
}

// managed returns the office of the path if the asker manages it; ok is false when the
// answer has been given.
func (p *Pages) managed(c echo.Context) (v view, o board.Office, ok bool, err error) {
	v, who, ok, err := p.manager(c)
	if !ok {
		return v, o, false, err
	}
	o, found := p.deps.Boards.Office(queue.OfficeID(c.Param("office")))
	if !found || !may(who, o.ID) {
		return v, o, false, page.SeeOther(c, "/manager")
	}
	return v, o, true, nil
}

// say passes on what a manager says of a day, or takes back.
func (p *Pages) say(c echo.Context) error {
	v, o, ok, err := p.managed(c)
	if !ok {
		return err
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	data := managePage{view: v, Offices: []board.Office{o}}
	data.Form = sayForm{Level: form.Get("level"), Percent: form.Get("percent"), Reason: form.Get("reason"), Given: form.Get("given") != ""}
	path := almanacAPI(o.ID) + "/days/" + url.PathEscape(form.Get("date"))
	percent, known := share(form.Get("percent"))
	switch {
	case form.Get("do") == "unsay":
		data.Problem = page.Relay(c, http.MethodDelete, path, url.Values{"idempotency_key": form["idempotency_key"]})
	case !known:
		data.Problem = badValue
	default:
		body := map[string]any{"reason": form.Get("reason")}
		if data.Form.Level != "" {
			body["level"] = data.Form.Level
		}
		if percent != 0 {
			body["percent"] = percent
		}
		data.Problem = page.Put(c, path, form.Get("idempotency_key"), body)
	}
	if data.Problem != "" {
		return p.showManage(c, data, o, form.Get("date"))
	}
	back := url.Values{"office": {string(o.ID)}, "date": {form.Get("date")}, "done": {"1"}}
	return page.SeeOther(c, "/manager/forecast?"+back.Encode())
}

// badValue is the code of a problem with what stands in a form.
const badValue = "bad_value"

// share reads a percentage that was typed; 0: nothing was, which stands for as many as
// the model says. False: it is no number of the kind.
func share(text string) (percent int, ok bool) {
	if text = page.Digits(text); text == "" {
		return 0, true
	}
	percent, err := strconv.Atoi(text)
	return percent, err == nil && percent > 0
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (view) Key() string { return rand.Text() }

// ProblemWords says what kept a form from being done.
func (v view) ProblemWords(code string) string {
	return v.Or("fcm.problem."+code, v.Or("problem."+code, "problem.other", "code", code))
}

// Levels lists what can be said of a day.
func (view) Levels() []board.Level { return expect.Levels }

// Said says what staff said of a day.
func (v view) Said(r almanac.Remark) string {
	text := ""
	if r.Level != "" {
		text = v.T("fc.level." + r.Level)
	}
	if r.Percent != 0 {
		if text != "" {
			text += v.T("fc.and")
		}
		text += v.T("fcm.share", "percent", r.Percent)
	}
	return text
}

// When says a moment.
func (v view) When(at time.Time) string {
	return v.Date(queue.BusinessDay(at)) + " " + clock(at)
}

// Percent says a share in whole percent.
func (view) Percent(share float64) string { return strconv.Itoa(int(math.Round(100*share))) + "%" }

// Signed says a share with its sign.
func (v view) Signed(share float64) string {
	switch n := math.Round(100 * share); {
	case n > 0:
		return "+" + v.Percent(share)
	case n < 0:
		return "−" + v.Percent(-share)
	}
	return "±0%"
}

// Share says so many of so many.
func (v view) Share(n, of int) string {
	if of == 0 {
		return "–"
	}
	return v.T("fcm.of", "n", n, "all", of, "percent", int(math.Round(100*float64(n)/float64(of))))
}

// Round says a number of people.
func (view) Round(n float64) int { return int(math.Round(n)) }

// chart draws what was told beside what came.
func (v view) chart(r expect.Record) template.HTML {
	told := chart.Series{Name: v.T("fcm.chart.told"), Look: chart.Second, Range: v.T("fcm.chart.range")}
	came := chart.Series{Name: v.T("fcm.chart.came"), Look: chart.Main}
	l := chart.Lines{Words: chart.Words{ID: "told", Title: v.T("fcm.chart"), Desc: v.T("fcm.chart.desc", "ahead", r.Ahead, "n", r.Days), Table: v.T("fcm.chart.table"), First: v.T("fc.at")}}
	for _, c := range r.List {
		l.Along = append(l.Along, v.Date(c.Date))
		told.Values, told.Low, told.High = append(told.Values, math.Round(c.Expected.P50)), append(told.Low, c.Expected.P10), append(told.High, c.Expected.P90)
		came.Values = append(came.Values, float64(c.Came))
	}
	for i := 0; i < len(l.Along); i += 5 {
		day := dayOf(r.List[i].Date)
		l.Marks = append(l.Marks, chart.Mark{At: float64(i), Label: strconv.Itoa(int(day.Month)) + "/" + strconv.Itoa(day.Day)})
	}
	l.Series = []chart.Series{came, told}
	l.Format = func(n float64) string { return v.T("fcm.people", "n", int(math.Round(n))) }
	l.Axis = func(n float64) string { return strconv.Itoa(int(n)) }
	return chart.Figure(l, chart.Wide)
}
