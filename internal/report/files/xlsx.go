package files

import (
	"bytes"
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/width"

	"machi/internal/report"
)

// book writes one workbook. The first error is kept and ends the writing.
type book struct {
	file   *excelize.File
	lang   string
	styles map[string]int
	err    error
}

// XLSX writes a report as a workbook: a sheet that sums it up, one for each table, and
// one that says what the figures mean. Numbers are numbers, dates are texts as the
// report says them; every sheet is set for A4.
func XLSX(r report.Report, lang string) ([]byte, error) {
	b := &book{file: excelize.NewFile(), lang: lang, styles: map[string]int{}}
	defer b.file.Close() //nolint:errcheck // it holds no file on disk
	b.do(b.file.SetDefaultFont("游ゴシック"))
	b.summary(r)
	for _, t := range r.Parts {
		b.table(t, r)
	}
	if r.Plan != nil {
		b.table(*r.Plan, r)
	}
	b.meanings(r)
	b.do(b.file.SetDocProps(&excelize.DocProperties{
		Title: b.name(r.Title) + " " + b.name(r.Span) + " " + b.name(r.Office.Name), Creator: "machi", LastModifiedBy: "machi", Language: lang,
		Created: r.Asked.UTC().Format(time.RFC3339), Modified: r.Asked.UTC().Format(time.RFC3339), Revision: fmt.Sprint(r.Revision),
	}))
	b.file.SetActiveSheet(0)
	if b.err != nil {
		return nil, fmt.Errorf("xlsx: %w", b.err)
	}
	var out bytes.Buffer
	if err := b.file.Write(&out); err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	return out.Bytes(), nil
}

func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) name(w report.Words) string { return w.In(b.lang) }

// say picks a text of the workbook's language.
func (b *book) say(ja, en string) string { return report.Words{JA: ja, EN: en}.In(b.lang) }

// sheet is one sheet that is being written.
type sheet struct {
	*book
	name   string
	row    int
	widths map[int]float64
}

// begin adds a sheet. The workbook's first one is there already.
func (b *book) begin(name string) *sheet {
	if len(b.file.GetSheetList()) == 1 && len(b.styles) == 0 {
		b.do(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.do(err)
	}
	return &sheet{book: b, name: name, row: 1, widths: map[int]float64{}}
}

// text writes a text, never a formula.
func (s *sheet) text(col int, text, look string) {
	if dangerous(text) {
		look += "'"
	}
	at := cellAt(col, s.row)
	s.do(s.file.SetCellStr(s.name, at, text))
	s.do(s.file.SetCellStyle(s.name, at, at, s.style(look)))
	s.fit(col, text)
}

// number writes a number in its unit's format.
func (s *sheet) number(col int, u report.Unit, n float64, look string) {
	at := cellAt(col, s.row)
	if u == report.Count {
		s.do(s.file.SetCellInt(s.name, at, int64(n)))
	} else {
		s.do(s.file.SetCellFloat(s.name, at, n, -1, 64))
	}
	s.do(s.file.SetCellStyle(s.name, at, at, s.style(look+string(u))))
	s.fit(col, u.Format(n))
}

// fit keeps in mind how wide a column must be.
func (s *sheet) fit(col int, text string) {
	s.widths[col] = max(s.widths[col], letters(text)+2)
}

// letters returns how wide a text is, in digits: Japanese letters take two.
func letters(text string) float64 {
	n := 0.0
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
			n += 2
		default:
			n++
		}
	}
	return n
}

// end sets the widths, between bounds, and how the sheet is printed.
func (s *sheet) end(r report.Report, least, most float64, wide bool) {
	for col, w := range s.widths {
		letter, err := excelize.ColumnNumberToName(col)
		s.do(err)
		s.do(s.file.SetColWidth(s.name, letter, letter, min(max(w, least), most)))
	}
	paper, orientation, one, free := 9, "portrait", 1, 0 // 9 is A4
	if wide {
		orientation = "landscape"
	}
	s.do(s.file.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &paper, Orientation: &orientation, FitToWidth: &one, FitToHeight: &free}))
	fit := true
	s.do(s.file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	side, edge := 0.5, 0.6
	s.do(s.file.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge}))
	s.do(s.file.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{
		OddFooter: "&L&8" + header(s.book.name(r.Office.Name)+" "+s.book.name(r.Title)+" "+s.book.name(r.Span)) + "&R&8&P / &N",
	}))
}

// header keeps what a footer would read as a code.
func header(text string) string {
	out := ""
	for _, r := range text {
		if r == '&' {
			out += "&"
		}
		out += string(r)
	}
	return out
}

func cellAt(col, row int) string {
	name, _ := excelize.CoordinatesToCellName(col, row) // both are above zero
	return name
}
