package files

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"machi/internal/report"
)

// Mark is the byte order mark, which makes spreadsheet programs read a CSV as UTF-8.
const Mark = "\ufeff"

// Safe keeps a text from being read as a formula by a spreadsheet program.
func Safe(text string) string {
	if dangerous(text) {
		return "'" + text
	}
	return text
}

// dangerous reports whether a spreadsheet program may take a text for a formula.
func dangerous(text string) bool { return strings.IndexAny(text, "=+-@\t\r\n\x00＝＋－＠") == 0 }

// CSV writes a table of a report by RFC 4180, UTF-8 with a mark, with a header that
// names the units. Shares are in percent; what is not known is empty.
func CSV(t report.Table, lang string) []byte {
	out := bytes.NewBufferString(Mark)
	w := csv.NewWriter(out)
	w.UseCRLF = true
	header := []string{"key", Safe(t.First.In(lang))}
	for _, c := range t.Columns {
		header = append(header, Safe(headed(c, lang)))
	}
	_ = w.Write(header) // a buffer does not fail
	for _, r := range t.Rows {
		line := []string{Safe(r.Key), Safe(r.Name.In(lang))}
		for i, cell := range r.Cells {
			line = append(line, plain(t.Columns[i].Unit, cell, lang))
		}
		_ = w.Write(line)
	}
	w.Flush()
	return out.Bytes()
}

// headed names a column with its unit.
func headed(c report.Column, lang string) string {
	unit := c.Unit.Name().In(lang)
	switch {
	case unit == "":
		return c.Name.In(lang)
	case lang == "en":
		return c.Name.EN + " (" + unit + ")"
	}
	return c.Name.JA + "（" + unit + "）"
}

// plain writes a cell as programs read it.
func plain(u report.Unit, c report.Cell, lang string) string {
	if c.Number == nil || u == report.Plain {
		return Safe(c.Text.In(lang))
	}
	if u == report.Share {
		return strconv.FormatFloat(100**c.Number, 'f', 1, 64)
	}
	return strconv.FormatFloat(*c.Number, 'f', -1, 64)
}
