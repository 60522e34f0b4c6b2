package api

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/curve"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/report"
)

// Bounds of what is published at once.
const (
	openDays   = 93
	openMonths = 36
)

func (a *API) openDayRoutes() []route {
	return []route{
		{"GET", base + "/open-data/days.json", public, a.daysJSON},
		{"GET", base + "/open-data/days.csv", public, a.daysCSV},
		{"GET", base + "/open-data/months.json", public, a.monthsJSON},
		{"GET", base + "/open-data/months.csv", public, a.monthsCSV},
		{"GET", base + "/open-data/plan.json", public, a.planJSON},
		{"GET", base + "/open-data/plan.csv", public, a.planCSV},
	}
}

// periodRow is one service of one office on a closed day, or in a month.
type periodRow struct {
	Office      queue.OfficeID  `json:"office_id"`
	OfficeName  string          `json:"office_name"`
	Service     queue.ServiceID `json:"service_id"`
	Name        string          `json:"service_name"`
	Period      string          `json:"period"` // a date, or a month such as 2026-04
	Days        int             `json:"days"`
	Visits      int             `json:"visits"`
	Called      *int            `json:"called"`
	Within15    *int            `json:"called_within_15_minutes"`
	Within30    *int            `json:"called_within_30_minutes"`
	Middle      *int            `json:"waited_p50_seconds"`
	Ninth       *int            `json:"waited_p90_seconds"`
	VisitMiddle *int            `json:"visit_p50_seconds"`
	VisitNinth  *int            `json:"visit_p90_seconds"`
}

func periodColumns(name, kind, ja, en string) []column[periodRow] {
	return []column[periodRow]{
		{"office_id", "string", "窓口のID", "Office", func(r periodRow) string { return string(r.Office) }},
		{"office_name", "string", "窓口の名称", "Its name", func(r periodRow) string { return r.OfficeName }},
		{"service_id", "string", "手続きのID", "Service", func(r periodRow) string { return string(r.Service) }},
		{"service_name", "string", "手続きの名称", "Its name", func(r periodRow) string { return r.Name }},
		{name, kind, ja, en, func(r periodRow) string { return r.Period }},
		{"days", "integer", "集計した日数", "Days counted", func(r periodRow) string { return strconv.Itoa(r.Days) }},
		{"visits", "integer", "お渡しした番号札の数（3未満の行はありません）", "Numbers given; fewer than 3 have no row", func(r periodRow) string { return strconv.Itoa(r.Visits) }},
		{"called", "integer", "そのうちお呼びした数（3未満は空欄）", "How many of them were called; empty: fewer than 3", func(r periodRow) string { return whole(r.Called) }},
		{"called_within_15_minutes", "integer", "15分以内にお呼びした数", "Called within 15 minutes", func(r periodRow) string { return whole(r.Within15) }},
		{"called_within_30_minutes", "integer", "30分以内にお呼びした数", "Called within 30 minutes", func(r periodRow) string { return whole(r.Within30) }},
		{"waited_p50_seconds", "integer", "呼ばれるまでの時間の中央値（秒、分に切り上げ）", "Wait until called, median (s, in whole minutes)", func(r periodRow) string { return whole(r.Middle) }},
		{"waited_p90_seconds", "integer", "9割の方が呼ばれるまでの時間（秒、分に切り上げ）", "Wait until called, 90th percentile (s, in whole minutes)", func(r periodRow) string { return whole(r.Ninth) }},
		{"visit_p50_seconds", "integer", "来庁から帰庁までの時間の中央値（秒、分に切り上げ）", "From arrival to leaving, median (s, in whole minutes)", func(r periodRow) string { return whole(r.VisitMiddle) }},
		{"visit_p90_seconds", "integer", "9割の方の来庁から帰庁までの時間（秒、分に切り上げ）", "From arrival to leaving, 90th percentile (s, in whole minutes)", func(r periodRow) string { return whole(r.VisitNinth) }},
	}
}

var (
	dayColumns   = periodColumns("date", "date", "開庁日", "Business day")
	monthColumns = periodColumns("month", "yearmonth", "月", "Month")
)

// dayRows lists what is published of the days that a request names: ?from, ?to, ?office.
func (a *API) dayRows(c echo.Context) ([]periodRow, error) {
	to, err := dateParam(c, "to", addDays(queue.BusinessDay(a.now()), -1))
	if err != nil {
		return nil, err
	}
	from, err := dateParam(c, "from", addDays(to, -30))
	if err != nil {
		return nil, err
	}
	if to < from || to > addDays(from, openDays-1) {
		return nil, problemf(codeBadValue, "to", "at most %d days from from", openDays)
	}
	return a.periodRows(c, from, to, measure.ByDate)
}

// monthRows lists the months that are over, of those that a request names: ?from and ?to
// such as 2026-04, ?office. The last twelve where none is named.
func (a *API) monthRows(c echo.Context) ([]periodRow, error) {
	this := report.PeriodOf(report.Month, queue.BusinessDay(a.now()))
	last, err := monthParam(c, "to", this.Before())
	if err != nil {
		return nil, err
	}
	ago, _ := last.YearAgo()
	first, err := monthParam(c, "from", report.PeriodOf(report.Month, addDays(ago.To, 1)))
	if err != nil {
		return nil, err
	}
	if last.To >= this.From {
		last = this.Before()
	}
	if last.To < first.From {
		return []periodRow{}, nil
	}
	if last.To > addDays(first.From, openMonths*31) {
		return nil, problemf(codeBadValue, "to", "at most %d months from from", openMonths)
	}
	return a.periodRows(c, first.From, last.To, measure.ByMonth)
}

func monthParam(c echo.Context, name string, otherwise report.Period) (report.Period, error) {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise, nil
	}
	p, err := report.ParsePeriod(report.Month, text)
	if err != nil {
		return p, problemf(codeBadValue, name, "want YYYY-MM")
	}
	return p, nil
}

func (a *API) periodRows(c echo.Context, from, to queue.Date, by measure.Dimension) ([]periodRow, error) {
	frames, err := a.frames()
	if err != nil {
		return nil, err
	}
	rows, wanted := []periodRow{}, queue.OfficeID(c.QueryParam("office"))
	found := wanted == ""
	for _, f := range frames {
		if wanted != "" && f.Office != wanted || a.filings == nil {
			continue
		}
		found = true
		answer, err := a.filings.Measures(c.Request().Context(), measure.Query{Offices: []queue.OfficeID{f.Office}, From: from, To: to, By: []measure.Dimension{measure.ByService, by}})
		if err != nil {
			return nil, a.measureProblem(err)
		}
		names := map[queue.ServiceID]string{}
		for _, s := range f.Board.Services {
			names[s.ID] = s.Name.In("ja")
		}
		for _, r := range answer.Rows {
			if r.Arrivals >= curve.Enough {
				rows = append(rows, periodOf(r, f.Office, f.Board.Name.In("ja"), names[r.Key.Service]))
			}
		}
	}
	if !found {
		return nil, problem(codeBadValue, "office")
	}
	return rows, nil
}

func periodOf(r measure.Row, office queue.OfficeID, officeName, name string) periodRow {
	row := periodRow{Office: office, OfficeName: officeName, Service: r.Key.Service, Name: name, Period: string(r.Date) + r.Month, Days: r.Days, Visits: r.Arrivals}
	if n := r.UntilCalled; n.Count >= curve.Enough {
		row.Called, row.Within15, row.Within30 = &n.Count, &r.Within15, &r.Within30
		row.Middle, row.Ninth = upMinutes(n.P50), upMinutes(n.P90)
	}
	if n := r.Visit; n.Count >= curve.Enough {
		row.VisitMiddle, row.VisitNinth = upMinutes(n.P50), upMinutes(n.P90)
	}
	return row
}

// upMinutes rounds up to whole minutes, in seconds.
func upMinutes(d time.Duration) *int {
	n := int(math.Ceil(d.Minutes())) * 60
	return &n
}

func (a *API) openRows(c echo.Context, rows any, err error) error {
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"rows": rows, "fewest": curve.Enough, "rehearsal": a.hub.Rehearsal()})
	if err != nil {
		return err
	}
	return sendOpen(c, recordCache, echo.MIMEApplicationJSON, raw)
}

func (a *API) daysJSON(c echo.Context) error {
	rows, err := a.dayRows(c)
	return a.openRows(c, rows, err)
}

func (a *API) daysCSV(c echo.Context) error {
	rows, err := a.dayRows(c)
	if err != nil {
		return err
	}
	return sendTable(a, c, recordCache, "days.csv", dayColumns, rows)
}

func (a *API) monthsJSON(c echo.Context) error {
	rows, err := a.monthRows(c)
	return a.openRows(c, rows, err)
}

func (a *API) monthsCSV(c echo.Context) error {
	rows, err := a.monthRows(c)
	if err != nil {
		return err
	}
	return sendTable(a, c, recordCache, "months.csv", monthColumns, rows)
}

// planRow is one fiscal year of one row of the ward's table of measures.
type planRow struct {
	Item    string   `json:"item_id"`
	Name    string   `json:"name"`
	Owner   string   `json:"owner"`
	Year    int      `json:"fiscal_year"`
	Plan    string   `json:"plan"`
	Unit    string   `json:"unit"`
	Target  *float64 `json:"target"`
	Actual  *float64 `json:"actual"`
	Result  string   `json:"result"`
	Meaning string   `json:"definition"`
	Running bool     `json:"year_running"`
}

var planColumns = []column[planRow]{
	{"item_id", "string", "取組み・指標のID", "Measure", func(r planRow) string { return r.Item }},
	{"name", "string", "取組み・指標の名称", "Its name", func(r planRow) string { return r.Name }},
	{"owner", "string", "所管", "Whose work it is", func(r planRow) string { return r.Owner }},
	{"fiscal_year", "integer", "年度（4月に始まる年の西暦）", "Fiscal year, by the year in which it begins", func(r planRow) string { return strconv.Itoa(r.Year) }},
	{"plan", "string", "計画", "Plan, in words", func(r planRow) string { return r.Plan }},
	{"unit", "string", "単位（minutes 分, share 割合, count 件, ratio 倍, hours 時間）", "Unit of the next two: minutes, share, count, ratio or hours", func(r planRow) string { return r.Unit }},
	{"target", "number", "計画値", "Target", func(r planRow) string { return decimal(r.Target) }},
	{"actual", "number", "実績値（記録から算出）", "Result, computed of the records", func(r planRow) string { return decimal(r.Actual) }},
	{"result", "string", "実績", "Result, in words", func(r planRow) string { return r.Result }},
	{"definition", "string", "定義", "Definition", func(r planRow) string { return r.Meaning }},
	{"year_running", "boolean", "年度の途中か", "Whether the year is not over", func(r planRow) string { return strconv.FormatBool(r.Running) }},
}

func decimal(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

// planRows lists the ward's table of measures of the running fiscal year, the three
// before and the next. What was tried is not published.
func (a *API) planRows(c echo.Context) ([]planRow, error) {
	rows := []planRow{}
	if a.filings == nil {
		return rows, nil
	}
	running, err := a.fiscalParam(c, "year")
	if err != nil {
		return nil, err
	}
	years := []int{running - 3, running - 2, running - 1, running, running + 1}
	p, err := a.filings.Plan(c.Request().Context(), report.Ward, years)
	if err != nil {
		return nil, a.measureProblem(err)
	}
	for _, aim := range p.Aims {
		for _, year := range years {
			y := aim.Years[year]
			row := planRow{
				Item: aim.ID, Name: aim.Name.JA, Owner: aim.Owner, Year: year, Plan: y.Plan, Unit: string(aim.Unit), Target: y.Target,
				Result: y.Result, Meaning: aim.Meaning.JA, Running: y.Running && year <= running,
			}
			if y.Actual != nil {
				row.Actual = y.Actual.Number
			}
			if row.Plan != "" || row.Result != "" || row.Target != nil || row.Actual != nil {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

func (a *API) planJSON(c echo.Context) error {
	rows, err := a.planRows(c)
	return a.openRows(c, rows, err)
}

func (a *API) planCSV(c echo.Context) error {
	rows, err := a.planRows(c)
	if err != nil {
		return err
	}
	return sendTable(a, c, recordCache, "plan.csv", planColumns, rows)
}
