package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/curve"
	"machi/internal/queue"
)

// historyDays is how many days may be asked for at once, and given unasked.
const (
	historyDays  = 31
	historyUsual = 7
)

// historyRow is one service of one office in one half hour of a closed day.
type historyRow struct {
	Office     queue.OfficeID  `json:"office_id"`
	OfficeName string          `json:"office_name"`
	Service    queue.ServiceID `json:"service_id"`
	Name       string          `json:"service_name"`
	Date       queue.Date      `json:"date"`
	From       string          `json:"from"`
	Visits     int             `json:"visits"`
	Called     *int            `json:"called"`
	Middle     *int            `json:"waited_p50_seconds"`
	Ninth      *int            `json:"waited_p90_seconds"`
}

var historyColumns = []column[historyRow]{
	{"office_id", "string", "窓口のID", "Office", func(r historyRow) string { return string(r.Office) }},
	{"office_name", "string", "窓口の名称", "Its name", func(r historyRow) string { return r.OfficeName }},
	{"service_id", "string", "手続きのID", "Service", func(r historyRow) string { return string(r.Service) }},
	{"service_name", "string", "手続きの名称", "Its name", func(r historyRow) string { return r.Name }},
	{"date", "date", "開庁日", "Business day", func(r historyRow) string { return string(r.Date) }},
	{"from", "time", "30分の始まり", "When the half hour begins", func(r historyRow) string { return r.From }},
	{"visits", "integer", "お渡しした番号札の数（3未満の行はありません）", "Numbers given; half hours with fewer than 3 have no row", func(r historyRow) string { return strconv.Itoa(r.Visits) }},
	{"called", "integer", "そのうちお呼びした数（3未満は空欄）", "How many of them were called; empty: fewer than 3", func(r historyRow) string { return whole(r.Called) }},
	{"waited_p50_seconds", "integer", "呼ばれるまでの時間の中央値（秒、分に切り上げ）", "Wait until called, median (s, in whole minutes)", func(r historyRow) string { return whole(r.Middle) }},
	{"waited_p90_seconds", "integer", "9割の方が呼ばれるまでの時間（秒、分に切り上げ）", "Wait until called, 90th percentile (s, in whole minutes)", func(r historyRow) string { return whole(r.Ninth) }},
}

// historyRows lists what is published of the days that a request names: ?from, ?to and
// ?office.
func (a *API) historyRows(c echo.Context) ([]historyRow, error) {
	today := queue.BusinessDay(a.now())
	to, err := dateParam(c, "to", addDays(today, -1))
	if err != nil {
		return nil, err
	}
	from, err := dateParam(c, "from", addDays(to, 1-historyUsual))
	if err != nil {
		return nil, err
	}
	if to < from || to > addDays(from, historyDays-1) {
		return nil, problemf(codeBadValue, "to", "at most %d days from from", historyDays)
	}
	frames, err := a.frames()
	if err != nil {
		return nil, err
	}
	rows, wanted := []historyRow{}, queue.OfficeID(c.QueryParam("office"))
	found := wanted == ""
	for _, f := range frames {
		if wanted != "" && f.Office != wanted || a.curves == nil {
			continue
		}
		found = true
		names := map[queue.ServiceID]string{}
		for _, s := range f.Board.Services {
			names[s.ID] = s.Name.In("ja")
		}
		days := a.curves.Tallies(f.Office, from, to)
		for _, date := range slices.Sorted(maps.Keys(days)) {
			for _, t := range days[date] {
				rows = append(rows, historyOf(t, f.Office, f.Board.Name.In("ja"), names[t.Service], date))
			}
		}
	}
	if !found {
		return nil, problem(codeBadValue, "office")
	}
	return rows, nil
}

func historyOf(t curve.Tally, office queue.OfficeID, officeName, name string, date queue.Date) historyRow {
	row := historyRow{Office: office, OfficeName: officeName, Service: t.Service, Name: name, Date: date, From: t.From.Format("15:04:05"), Visits: t.Visits}
	if t.Called > 0 {
		middle, ninth := int(t.Middle/time.Second), int(t.Ninth/time.Second)
		row.Called, row.Middle, row.Ninth = &t.Called, &middle, &ninth
	}
	return row
}

func (a *API) historyJSON(c echo.Context) error {
	rows, err := a.historyRows(c)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"rows": rows, "fewest": curve.Enough, "rehearsal": a.hub.Rehearsal()})
	if err != nil {
		return err
	}
	return sendOpen(c, recordCache, echo.MIMEApplicationJSON, raw)
}

func (a *API) historyCSV(c echo.Context) error {
	rows, err := a.historyRows(c)
	if err != nil {
		return err
	}
	return sendTable(a, c, recordCache, "history.csv", historyColumns, rows)
}
