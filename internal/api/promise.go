package api

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/promise"
	"machi/internal/queue"
)

// Promises are what people were told, compared with what became of it. Its methods
// answer from memory; false: no day of the office has been compared yet.
type Promises interface {
	Record(office queue.OfficeID) (promise.Record, bool)
	Report(office queue.OfficeID) (promise.Report, bool)
}

// recordCache lets a proxy keep a record for a while: it changes once a day.
const recordCache = "public, max-age=300, stale-if-error=86400"

func (a *API) promiseRoutes() []route {
	return []route{
		{"GET", base + "/offices/:office/record", managers, a.record},
		{"GET", base + "/open-data/record.json", public, a.recordsJSON},
		{"GET", base + "/open-data/record.csv", public, a.recordsCSV},
	}
}

// recordAnswer is an office's whole record. Shares are null where fewer people than
// enough were told.
type recordAnswer struct {
	Office    queue.OfficeID `json:"office"`
	From      queue.Date     `json:"from"` // empty: no day was compared
	To        queue.Date     `json:"to"`
	Days      int            `json:"day_count"`
	Enough    int            `json:"enough"`
	Rehearsal bool           `json:"rehearsal"`
	Newest    sample         `json:"newest"` // the newest 200
	Bands     []band         `json:"bands"`
	Ranges    []toldRange    `json:"ranges"`
	Total     figures        `json:"total"`
	Services  []figures      `json:"services"`
	Hours     []figures      `json:"hours"`
	Weekdays  []figures      `json:"weekdays"`
	ByDay     []figures      `json:"days"`
	Weeks     []figures      `json:"weeks"`
}

// sample is what became of a number of promises. Late says how much longer those
// waited who were called after the range.
type sample struct {
	People     int      `json:"people"`
	Kept       int      `json:"kept"`
	Early      int      `json:"early"`
	Late       int      `json:"late"`
	KeptShare  *float64 `json:"kept_share"`
	EarlyShare *float64 `json:"early_share"`
	LateShare  *float64 `json:"late_share"`
	LateHalf   *int     `json:"late_by_half_seconds"`
	LateMost   *int     `json:"late_by_most_seconds"`
}

// band is the people who were told an upper end from From to To; To null: any above.
type band struct {
	From int  `json:"from_seconds"`
	To   *int `json:"to_seconds"`
	sample
}

type toldRange struct {
	Low  int `json:"low_seconds"`
	High int `json:"high_seconds"`
	sample
}

// figures are the errors of one part: a service, an hour, a weekday from 1 for
// Monday, a date, or a week by its Monday. Mean errors are null for nobody.
type figures struct {
	Key string `json:"key"`
	sample
	Error    *int `json:"mean_error_seconds"`
	Bias     *int `json:"mean_bias_seconds"`
	NoShow   int  `json:"no_shows"`
	Gone     int  `json:"left"`
	GoneLate int  `json:"left_late"`
	Untold   int  `json:"untold"`
	Endless  int  `json:"without_end"`
	Apart    int  `json:"not_compared"` // asked for more time, or a moment is not certain
}

// record tells a manager how good an office's estimates were.
func (a *API) record(c echo.Context) error {
	id := officeOf(c)
	if _, err := a.hub.Snapshot(id); err != nil {
		return err
	}
	out := recordAnswer{Office: id, Enough: promise.Enough, Rehearsal: a.hub.Rehearsal(), Bands: []band{}, Ranges: []toldRange{}}
	report := promise.Report{}
	if a.promises != nil {
		r, _ := a.promises.Record(id)
		report, _ = a.promises.Report(id)
		out.From, out.To, out.Days, out.Newest = r.From, r.To, r.Days, sampleOf(r.Newest)
		out.Bands, out.Ranges = bandsOf(r), rangesOf(r)
	}
	out.Total = figuresOf(promise.Row{Key: "total", Figures: report.Total})
	out.Services, out.Hours, out.Weekdays = allFigures(report.Services), allFigures(report.Hours), allFigures(report.Weekdays)
	out.ByDay, out.Weeks = allFigures(report.Days), allFigures(report.Weeks)
	return a.private(c, out)
}

func bandsOf(r promise.Record) []band {
	list := []band{}
	for _, b := range r.Bands {
		row := band{From: wholeSeconds(b.From), sample: sampleOf(b.Sample)}
		if b.To > 0 {
			to := wholeSeconds(b.To)
			row.To = &to
		}
		list = append(list, row)
	}
	return list
}

func rangesOf(r promise.Record) []toldRange {
	list := []toldRange{}
	for _, one := range r.Ranges {
		list = append(list, toldRange{wholeSeconds(one.Low), wholeSeconds(one.High), sampleOf(one.Sample)})
	}
	return list
}

func sampleOf(s promise.Sample) sample {
	out := sample{People: s.People, Kept: s.Kept, Early: s.Early, Late: s.Late}
	out.KeptShare, out.EarlyShare, out.LateShare = share(s, s.Kept), share(s, s.Early), share(s, s.Late)
	if s.Late > 0 && s.Enough() {
		half, most := wholeSeconds(s.Half), wholeSeconds(s.Most)
		out.LateHalf, out.LateMost = &half, &most
	}
	return out
}

// share is a part of a sample, to three places; nil where too few were told.
func share(s promise.Sample, n int) *float64 {
	if !s.Enough() {
		return nil
	}
	value := math.Round(1000*float64(n)/float64(s.People)) / 1000
	return &value
}

func allFigures(rows []promise.Row) []figures {
	list := []figures{}
	for _, r := range rows {
		list = append(list, figuresOf(r))
	}
	return list
}

func figuresOf(r promise.Row) figures {
	f := figures{
		Key: r.Key, sample: sampleOf(r.Sample), NoShow: r.Apart.NoShow, Gone: r.Apart.Gone, GoneLate: r.Apart.GoneLate,
		Untold: r.Apart.Untold, Endless: r.Apart.Endless, Apart: r.Apart.Postponed + r.Apart.Uncertain,
	}
	if r.People > 0 {
		off, bias := wholeSeconds(r.Error), wholeSeconds(r.Bias)
		f.Error, f.Bias = &off, &bias
	}
	return f
}

func wholeSeconds(d time.Duration) int { return int(d.Round(time.Second) / time.Second) }

// recordRow is one band of one office in the open data.
type recordRow struct {
	Office     string     `json:"office_id"`
	OfficeName string     `json:"office_name"`
	Since      queue.Date `json:"since"`
	Through    queue.Date `json:"through"`
	band
}

// recordRows lists the bands of which enough people were told: a row of fewer would
// say more of somebody's visit than of the estimates.
func (a *API) recordRows() ([]recordRow, error) {
	frames, err := a.frames()
	if err != nil {
		return nil, err
	}
	rows := []recordRow{}
	for _, f := range frames {
		if a.promises == nil {
			break
		}
		r, _ := a.promises.Record(f.Board.ID)
		for i, b := range bandsOf(r) {
			if r.Bands[i].Enough() {
				rows = append(rows, recordRow{string(f.Board.ID), f.Board.Name.In("ja"), r.From, r.To, b})
			}
		}
	}
	return rows, nil
}

func (a *API) recordsJSON(c echo.Context) error {
	rows, err := a.recordRows()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"rows": rows, "enough": promise.Enough, "rehearsal": a.hub.Rehearsal()})
	if err != nil {
		return err
	}
	return sendOpen(c, recordCache, echo.MIMEApplicationJSON, raw)
}

var recordColumns = []column[recordRow]{
	{"office_id", "string", "窓口のID", "Office", func(r recordRow) string { return r.Office }},
	{"office_name", "string", "窓口の名称", "Its name", func(r recordRow) string { return r.OfficeName }},
	{"since", "date", "集計の最初の日", "First day counted", func(r recordRow) string { return string(r.Since) }},
	{"through", "date", "集計の最後の日", "Last day counted", func(r recordRow) string { return string(r.Through) }},
	{"told_from_seconds", "integer", "お知らせした目安の上限（これより長い、秒）", "Upper end that people were told, above this (s)", func(r recordRow) string { return strconv.Itoa(r.From) }},
	{"told_to_seconds", "integer", "お知らせした目安の上限（これ以下、秒。空欄は上なし）", "Upper end that people were told, up to this (s); empty: any", func(r recordRow) string { return whole(r.To) }},
	{"people", "integer", "人数", "People", func(r recordRow) string { return strconv.Itoa(r.People) }},
	{"kept", "integer", "目安のとおりに呼ばれた人数", "Called within the range", func(r recordRow) string { return strconv.Itoa(r.Kept) }},
	{"early", "integer", "目安より早く呼ばれた人数", "Called before it", func(r recordRow) string { return strconv.Itoa(r.Early) }},
	{"late", "integer", "目安より遅く呼ばれた人数", "Called after it", func(r recordRow) string { return strconv.Itoa(r.Late) }},
	{"late_by_half_seconds", "integer", "遅れた方の半数はこの秒数以内の遅れ", "Half of the late waited at most so much longer (s)", func(r recordRow) string { return whole(r.LateHalf) }},
	{"late_by_most_seconds", "integer", "遅れた方の9割はこの秒数以内の遅れ", "Nine in ten of the late waited at most so much longer (s)", func(r recordRow) string { return whole(r.LateMost) }},
}

// recordsCSV is the same as a table, in the form of the congestion's.
func (a *API) recordsCSV(c echo.Context) error {
	rows, err := a.recordRows()
	if err != nil {
		return err
	}
	return sendTable(a, c, recordCache, "record.csv", recordColumns, rows)
}
