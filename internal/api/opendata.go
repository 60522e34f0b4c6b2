package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
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

var congestionHeader = []string{
	"office_id", "office_name", "service_id", "service_name", "accepting", "waiting",
	"level", "until_called_low_seconds", "until_called_high_seconds", "as_of",
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
	return sendTagged(c, `"`+hashSecret(string(raw))[:32]+`"`, publicCache, echo.MIMEApplicationJSON, raw)
}

// congestionCSV follows RFC 4180 with a byte order mark, which is what makes the
// ward's spreadsheet programs read it as UTF-8.
func (a *API) congestionCSV(c echo.Context) error {
	rows, err := a.congestionRows()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write(congestionHeader) // a buffer does not fail
	for _, row := range rows {
		_ = w.Write(row.cells())
	}
	w.Flush()
	c.Response().Header().Set(echo.HeaderContentDisposition, a.attachment("congestion.csv"))
	tag := `"` + hashSecret(out.String())[:32] + `"`
	return sendTagged(c, tag, publicCache, "text/csv; charset=utf-8", out.Bytes())
}

func (r congestionRow) cells() []string {
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	return []string{
		cell(r.Office), cell(r.OfficeName), cell(r.Service), cell(r.Name), strconv.FormatBool(r.Accepting),
		strconv.Itoa(r.Waiting), cell(r.Level), number(r.Low), number(r.High), r.AsOf.Format(time.RFC3339),
	}
}

// cell keeps a text from being read as a formula by a spreadsheet program.
func cell(text string) string {
	if strings.IndexAny(text, "=+-@\t\r\n\x00＝＋－＠") == 0 {
		return "'" + text
	}
	return text
}

// attachment names a table that is downloaded. The name says what a rehearsal made: of
// the page and its headers nothing is left in somebody's folder.
func (a *API) attachment(name string) string {
	if a.hub.Rehearsal() {
		name = "rehearsal-" + name
	}
	return `attachment; filename="` + name + `"`
}
