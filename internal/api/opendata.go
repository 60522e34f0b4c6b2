package api

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
)

// congestionRow is one service of one office in the open data.
type congestionRow struct {
	Office     string    `json:"office_id"`
	OfficeName string    `json:"office_name"`
	Service    string    `json:"service_id"`
	Name       string    `json:"service_name"`
	Accepting  bool      `json:"accepting"`
	Waiting    int       `json:"waiting"`
	Level      string    `json:"level"`
	Low        *int      `json:"until_called_low_seconds"`
	High       *int      `json:"until_called_high_seconds"`
	AsOf       time.Time `json:"as_of"`
}

var congestionColumns = []column[congestionRow]{
	{"office_id", "string", "窓口のID", "Office", func(r congestionRow) string { return r.Office }},
	{"office_name", "string", "窓口の名称", "Its name", func(r congestionRow) string { return r.OfficeName }},
	{"service_id", "string", "手続きのID", "Service", func(r congestionRow) string { return r.Service }},
	{"service_name", "string", "手続きの名称", "Its name", func(r congestionRow) string { return r.Name }},
	{"accepting", "boolean", "受付しているか", "Whether numbers are given", func(r congestionRow) string { return strconv.FormatBool(r.Accepting) }},
	{"waiting", "integer", "お待ちの人数", "People waiting", func(r congestionRow) string { return strconv.Itoa(r.Waiting) }},
	{"level", "string", "混みぐあい（quiet 空いている, moderate やや混雑, busy 混雑, very_busy 大変混雑, closed 時間外, suspended 休止, unknown 不明）", "Level: quiet, moderate, busy, very_busy, closed, suspended or unknown", func(r congestionRow) string { return r.Level }},
	{"until_called_low_seconds", "integer", "呼ばれるまでの目安の下限（秒。空欄は不明）", "Wait until called, low end (s); empty: unknown", func(r congestionRow) string { return whole(r.Low) }},
	{"until_called_high_seconds", "integer", "呼ばれるまでの目安の上限（秒。空欄は不明）", "Wait until called, high end (s); empty: unknown", func(r congestionRow) string { return whole(r.High) }},
	{"as_of", "datetime", "この値の時刻", "When this was so", func(r congestionRow) string { return r.AsOf.Format(time.RFC3339) }},
}

func (a *API) congestionRows() ([]congestionRow, error) {
	frames, err := a.frames()
	if err != nil {
		return nil, err
	}
	rows := []congestionRow{}
	for _, f := range frames {
		for _, s := range f.Board.Services {
			rows = append(rows, congestionOf(f.Board, s))
		}
	}
	return rows, nil
}

func congestionOf(o board.Office, s board.Service) congestionRow {
	row := congestionRow{
		Office: string(o.ID), OfficeName: o.Name.In("ja"), Service: string(s.ID), Name: s.Name.In("ja"),
		Accepting: s.Accepting, Waiting: s.Waiting, Level: string(s.Level), AsOf: o.AsOf,
	}
	if e := s.UntilCalled; e != nil {
		row.Low, row.High = &e.Low, &e.High
	}
	return row
}

func (a *API) congestionJSON(c echo.Context) error {
	rows, err := a.congestionRows()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"rows": rows, "rehearsal": a.hub.Rehearsal()})
	if err != nil {
		return err
	}
	return sendOpen(c, publicCache, echo.MIMEApplicationJSON, raw)
}

func (a *API) congestionCSV(c echo.Context) error {
	rows, err := a.congestionRows()
	if err != nil {
		return err
	}
	return sendTable(a, c, publicCache, "congestion.csv", congestionColumns, rows)
}
