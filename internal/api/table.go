package api

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/encoding/japanese"
)

// column is one column of a published table: its name, what stands in it, and how a
// row fills it. The header, the cells and the dictionary are all made of it.
type column[R any] struct {
	name   string
	kind   string // of Table Schema: string, integer, number, boolean, date, time, datetime
	ja, en string
	of     func(R) string
}

// csvOf writes rows as a table with a header.
func csvOf[R any](columns []column[R], rows []R) []byte {
	header, lines := make([]string, len(columns)), make([][]string, len(rows))
	for i, c := range columns {
		header[i] = c.name
	}
	for n, row := range rows {
		lines[n] = make([]string, len(columns))
		for i, c := range columns {
			lines[n][i] = c.cell(row)
		}
	}
	return writeCSV(header, lines)
}

// cell is what a row has in the column: a number as it is, even one below zero, and
// of anything else nothing that a spreadsheet program would run.
func (c column[R]) cell(row R) string {
	if c.kind == "number" || c.kind == "integer" {
		return c.of(row)
	}
	return cell(c.of(row))
}

// csvTable writes lines of texts, none of which a spreadsheet program would run as a
// formula.
func csvTable(header []string, lines [][]string) []byte {
	for _, line := range lines {
		for i := range line {
			line[i] = cell(line[i])
		}
	}
	return writeCSV(header, lines)
}

// writeCSV writes lines by RFC 4180 with CRLF.
func writeCSV(header []string, lines [][]string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write(header) // a buffer does not fail
	for _, line := range lines {
		_ = w.Write(line)
	}
	w.Flush()
	return out.Bytes()
}

// cell keeps a text from being read as a formula by a spreadsheet program.
func cell(text string) string {
	if strings.IndexAny(text, "=+-@\t\r\n\x00＝＋－＠") == 0 {
		return "'" + text
	}
	return text
}

const csvType = "text/csv; charset=utf-8"

// withMark puts the byte order mark before a table, which is what makes the ward's
// spreadsheet programs read it as UTF-8.
func withMark(table []byte) []byte { return append([]byte("\ufeff"), table...) }

// sjisTwins are letters that Shift_JIS has another of, and what stands for them there.
var sjisTwins = strings.NewReplacer("〜", "～", "−", "－", "‖", "∥", "—", "―", "–", "-", "¢", "￠", "£", "￡", "¬", "￢", "\u00a0", " ")

// sjisMissing stands for every other letter that Shift_JIS does not have.
const sjisMissing = "〓"

// sjis encodes a table for programs that know nothing else.
func sjis(table []byte) []byte {
	var out bytes.Buffer
	encoder := japanese.ShiftJIS.NewEncoder()
	for _, letter := range sjisTwins.Replace(string(table)) {
		coded, err := encoder.String(string(letter))
		if err != nil {
			encoder.Reset()
			coded, _ = encoder.String(sjisMissing) // it has that one
		}
		out.WriteString(coded)
	}
	return out.Bytes()
}

// licence is what open data may be used under.
const licence = `<https://creativecommons.org/licenses/by/4.0/>; rel="license"`

// sendOpen answers with open data: tagged, and with its licence.
func sendOpen(c echo.Context, cache, kind string, body []byte) error {
	c.Response().Header().Set("Link", licence+`, </api/v1/open-data/datapackage.json>; rel="describedby"`)
	return sendTagged(c, `"`+hashSecret(string(body))[:32]+`"`, cache, kind, body)
}

// sendTable answers with a table as a file: UTF-8, or Shift_JIS to who asks for it.
func sendTable[R any](a *API, c echo.Context, cache, name string, columns []column[R], rows []R) error {
	body, kind := csvOf(columns, rows), csvType
	switch encoding := c.QueryParam("encoding"); encoding {
	case "", "utf-8":
		body = withMark(body)
	case "sjis":
		body, kind = sjis(body), "text/csv; charset=Shift_JIS"
	default:
		return problemf(codeBadValue, "encoding", "want utf-8 or sjis")
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, a.attachment(name))
	return sendOpen(c, cache, kind, body)
}

// attachment names a table that is downloaded. The name says what a rehearsal made: of
// the page and its headers nothing is left in somebody's folder.
func (a *API) attachment(name string) string {
	if a.hub.Rehearsal() {
		name = "rehearsal-" + name
	}
	return `attachment; filename="` + name + `"`
}

// whole writes a number that may be missing.
func whole(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
