package files

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"machi/internal/report"
)

// summary is the first sheet: what the report is, and what one looks at first.
func (b *book) summary(r report.Report) {
	s := b.begin(b.say("概要", "Summary"))
	s.text(1, b.name(r.Title), "title")
	s.row++
	s.text(1, b.name(r.Office.Name)+"　"+b.name(r.Span), "lead")
	s.row++
	s.text(1, r.StandingWords().In(b.lang), "soft")
	s.row += 2
	for i, head := range []string{b.say("項目", "Figure"), b.say("値", "Value"), b.say("単位", "Unit"), report.BeforeWords(r.Kind).In(b.lang), report.YearAgoWords(r.Kind).In(b.lang), b.say("件数（もと）", "Visits behind it")} {
		if head != "" {
			s.text(i+1, head, "head")
		}
	}
	for _, c := range r.Cards {
		s.row++
		s.text(1, b.name(c.Name), "row")
		s.value(2, c.Unit, c.Now)
		s.text(3, c.Unit.Name().In(b.lang), "row")
		s.value(4, c.Unit, c.Before)
		if r.Kind != report.Year {
			s.value(5, c.Unit, c.YearAgo)
		}
		s.number(6, report.Count, float64(c.Now.Behind), "")
	}
	s.row++
	for _, n := range r.Notes {
		s.row++
		s.text(1, b.name(n), "note")
		s.do(s.file.MergeCell(s.name, cellAt(1, s.row), cellAt(6, s.row)))
		s.do(s.file.SetRowHeight(s.name, s.row, 32))
		s.widths[1] = 0
	}
	for _, l := range r.Lacks {
		s.row++
		s.text(1, b.say("記録のない日: ", "No record: ")+b.name(l.Office)+" "+report.DayWords(l.Date).In(b.lang)+" "+report.WhyWords(l.Why).In(b.lang), "soft")
	}
	s.widths = map[int]float64{1: 30, 2: 12, 3: 8, 4: 18, 5: 18, 6: 16}
	s.end(r, 8, 60, false)
}

// value writes a figure, or leaves the cell empty.
func (s *sheet) value(col int, u report.Unit, v report.Value) {
	look := ""
	if v.Few {
		look = "few"
	}
	if v.Number != nil {
		s.number(col, u, *v.Number, look)
		return
	}
	s.do(s.file.SetCellStyle(s.name, cellAt(col, s.row), cellAt(col, s.row), s.style("row")))
}

// table is a sheet with one table, its head frozen and repeated on every page.
func (b *book) table(t report.Table, r report.Report) {
	s := b.begin(sheetName(b.name(t.Title)))
	s.text(1, b.name(t.Title)+"　"+b.name(r.Office.Name)+"　"+b.name(r.Span), "lead")
	s.widths[1] = 0
	s.row = 3
	s.text(1, b.name(t.First), "head")
	for i, c := range t.Columns {
		name := headed(c, b.lang)
		s.text(i+2, name, "head")
		s.widths[i+2] = min(letters(name)/2+2, 18) // two lines
	}
	s.do(s.file.SetRowHeight(s.name, s.row, 36))
	for _, row := range t.Rows {
		s.row++
		s.line(t, row)
	}
	if text := b.name(t.Note); text != "" {
		s.row += 2
		s.text(1, text, "soft")
		s.widths[1] = max(12, s.widths[1]-letters(text))
	}
	s.do(s.file.SetPanes(s.name, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 3, TopLeftCell: "B4", ActivePane: "bottomRight"}))
	s.do(s.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + strings.ReplaceAll(s.name, "'", "''") + "'!$3:$3", Scope: s.name}))
	s.end(r, 9, 44, len(t.Columns) > 8)
}

func (s *sheet) line(t report.Table, row report.Row) {
	look := "row"
	if row.Sum {
		look = "sum"
	}
	s.text(1, s.book.name(row.Name), look)
	for i, c := range row.Cells {
		switch {
		case t.Columns[i].Unit == report.Plain && c.Text != (report.Words{}):
			s.text(i+2, s.book.name(c.Text), look)
		case row.Sum && c.Number != nil:
			s.number(i+2, t.Columns[i].Unit, *c.Number, "sum")
		default:
			s.value(i+2, t.Columns[i].Unit, c.Value)
		}
	}
}

// sheetName is a title as a sheet may be called.
func sheetName(title string) string {
	title = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, title)
	letters := []rune(title)
	return string(letters[:min(len(letters), excelize.MaxSheetNameLength)])
}

// meanings is the last sheet: what every figure is.
func (b *book) meanings(r report.Report) {
	s := b.begin(b.say("用語の定義", "Definitions"))
	for i, head := range []string{b.say("項目", "Figure"), b.say("単位", "Unit"), b.say("定義", "Meaning"), "key"} {
		s.text(i+1, head, "head")
	}
	for _, d := range r.Words {
		s.row++
		s.text(1, b.name(d.Name), "row")
		s.text(2, d.Unit.Name().In(b.lang), "row")
		s.text(3, b.name(d.Meaning), "wrap")
		s.text(4, d.Key, "row")
		s.do(s.file.SetRowHeight(s.name, s.row, 34))
	}
	s.widths[3] = 70
	s.end(r, 8, 70, true)
}

// style returns a look, made once. A look that ends in ' keeps a spreadsheet program
// from making a formula of the text when somebody edits it.
func (b *book) style(look string) int {
	if id, ok := b.styles[look]; ok {
		return id
	}
	bare := strings.TrimSuffix(look, "'")
	id, err := b.file.NewStyle(lookOf(bare))
	b.do(err)
	if bare != look && err == nil {
		yes := true
		id = b.quoted(id, &yes)
	}
	b.styles[look] = id
	return id
}

// quoted copies a style with the mark of a text that begins like a formula.
func (b *book) quoted(id int, yes *bool) int {
	list := b.file.Styles.CellXfs
	copied := list.Xf[id]
	copied.QuotePrefix = yes
	list.Xf = append(list.Xf, copied)
	list.Count = len(list.Xf)
	return len(list.Xf) - 1
}

func lookOf(look string) *excelize.Style {
	line := []excelize.Border{{Type: "bottom", Color: "D9D4C7", Style: 1}}
	style := &excelize.Style{Font: &excelize.Font{Family: "游ゴシック", Size: 10.5}, Alignment: &excelize.Alignment{Vertical: "center"}}
	formats := map[report.Unit]string{report.Count: "#,##0", report.Minutes: "#,##0.0", report.Hours: "#,##0.0", report.Share: "0.0%", report.Ratio: "0.00"}
	for unit, format := range formats {
		if strings.HasSuffix(look, string(unit)) {
			style.CustomNumFmt, style.Border = &format, line
			look = strings.TrimSuffix(look, string(unit))
		}
	}
	switch look {
	case "title":
		style.Font.Size, style.Font.Bold = 18, true
	case "lead":
		style.Font.Size, style.Font.Bold = 12, true
	case "soft":
		style.Font.Color = "4A5562"
	case "note":
		style.Font.Color, style.Alignment.WrapText = "4A5562", true
	case "head":
		style.Font.Bold, style.Font.Color = true, "FFFFFF"
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1D3F66"}}
		style.Alignment = &excelize.Alignment{Vertical: "center", Horizontal: "center", WrapText: true}
	case "row":
		style.Border = line
	case "wrap":
		style.Border, style.Alignment.WrapText = line, true
	case "few":
		style.Font.Italic, style.Font.Color = true, "6B6558"
	case "sum":
		style.Font.Bold = true
		style.Border = []excelize.Border{{Type: "top", Color: "1D3F66", Style: 1}}
	}
	return style
}
