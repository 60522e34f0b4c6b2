package files_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/report/files"
)

func number(n float64) *float64 { return &n }

// sample is a month's report with texts that would like to be formulas.
func sample() report.Report {
	arrivals, _ := report.Look("arrivals")
	return report.Report{
		Kind: report.Month, Key: "2026-04", From: "2026-04-01", To: "2026-04-30",
		Title: report.Words{JA: "窓口業務月報", EN: "Monthly counter report"}, Span: report.Words{JA: "令和8年4月", EN: "April 2026"},
		Office:   report.Office{ID: "km-setagaya", Name: report.Words{JA: "世田谷くみん窓口", EN: "Setagaya"}},
		Standing: report.Final, Revision: 2, Asked: time.Date(2026, 5, 1, 8, 0, 0, 0, queue.JST), Made: time.Date(2026, 5, 1, 8, 0, 0, 0, queue.JST),
		Cards: []report.Card{
			{Figure: "arrivals", Name: arrivals.Name, Unit: report.Count, Now: report.Value{Number: number(12345), Behind: 12345}, Before: report.Value{Number: number(11000)}},
			{Figure: "wait_p90", Name: report.Words{JA: "呼出まで 9割"}, Unit: report.Minutes, Now: report.Value{Number: number(42.5), Behind: 12000}},
		},
		Parts: []report.Table{{
			Key: "services", Title: report.Words{JA: "業務別", EN: "By service"}, First: report.Words{JA: "業務", EN: "Service"},
			Columns: []report.Column{
				{Key: "arrivals", Figure: "arrivals", Name: arrivals.Name, Unit: report.Count},
				{Key: "within15", Name: report.Words{JA: "15分以内", EN: "Within 15 min"}, Unit: report.Share},
				{Key: "bias", Name: report.Words{JA: "かたより", EN: "Bias"}, Unit: report.Minutes},
				{Key: "note", Name: report.Words{JA: "メモ", EN: "Note"}, Unit: report.Plain},
			},
			Rows: []report.Row{
				{Key: "moving", Name: report.Words{JA: `=HYPERLINK("https://example.com","住民異動")`}, Cells: []report.Cell{
					{Value: report.Value{Number: number(1234)}},
					{Value: report.Value{Number: number(0.853)}},
					{Value: report.Value{Number: number(-3.5), Few: true}},
					{Text: report.Words{JA: "@SUM(1)"}},
				}},
				{Key: "total", Name: report.Words{JA: "合計・全体"}, Sum: true, Cells: []report.Cell{{Value: report.Value{Number: number(1234)}}, {}, {}, {}}},
			},
		}},
		Words: []report.Entry{arrivals},
		Lacks: []report.Lack{{Office: report.Words{JA: "世田谷くみん窓口"}, Date: "2026-04-10", Why: "damaged"}},
		Notes: []report.Words{{JA: "中央値は推計です。", EN: "Medians are estimates."}},
	}
}

func opened(t *testing.T, r report.Report, lang string) *excelize.File {
	t.Helper()
	raw, err := files.XLSX(r, lang)
	if err != nil {
		t.Fatal(err)
	}
	noFormulas(t, raw)
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// noFormulas looks into the file itself: no part of it may hold a formula or a link.
func noFormulas(t *testing.T, raw []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<f>", "<f ", "<hyperlink", "externalLink"} {
			if bytes.Contains(text, []byte(bad)) && strings.HasSuffix(part.Name, ".xml") {
				t.Errorf("%s holds %s", part.Name, bad)
			}
		}
	}
}

func cell(t *testing.T, f *excelize.File, sheet, at string) (string, excelize.CellType) {
	t.Helper()
	raw, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	kind, err := f.GetCellType(sheet, at)
	if err != nil {
		t.Fatal(err)
	}
	return raw, kind
}

func TestAWorkbookHoldsNumbersAsNumbersAndTextsAsTexts(t *testing.T) {
	f := opened(t, sample(), "ja")
	if got := strings.Join(f.GetSheetList(), " "); got != "概要 業務別 用語の定義" {
		t.Fatalf("sheets: %s", got)
	}
	for at, want := range map[string]string{
		"A3": "業務", "B3": "発券数（件）", "C3": "15分以内（%）", "A4": `=HYPERLINK("https://example.com","住民異動")`, "E4": "@SUM(1)",
	} {
		if got, kind := cell(t, f, "業務別", at); got != want || kind != excelize.CellTypeSharedString {
			t.Errorf("%s is %q of type %v, want %q", at, got, kind, want)
		}
	}
	for at, want := range map[string]string{"B4": "1234", "C4": "0.853", "D4": "-3.5"} {
		if got, kind := cell(t, f, "業務別", at); got != want || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s is %q of type %v, want the number %s", at, got, kind, want)
		}
	}
	for at, want := range map[string]string{"B4": "1,234", "C4": "85.3%", "D4": "-3.5"} {
		if got, err := f.GetCellValue("業務別", at); err != nil || got != want {
			t.Errorf("%s is shown as %q, %v, want %s", at, got, err, want)
		}
	}
	if got, _ := cell(t, f, "業務別", "C5"); got != "" {
		t.Errorf("what is not known is %q", got)
	}
	if got, _ := cell(t, f, "概要", "A3"); got != "第2版（記録の訂正による）　2026年5月1日 08:00 作成" {
		t.Errorf("the standing is %q", got)
	}
}

func TestAWorkbookIsReadyToPrint(t *testing.T) {
	f := opened(t, sample(), "ja")
	for sheet, columns := range map[string]map[string]float64{"業務別": {"A": 44, "B": 9}, "用語の定義": {"C": 70}, "概要": {"A": 30}} {
		for col, want := range columns {
			if got, err := f.GetColWidth(sheet, col); err != nil || got != want {
				t.Errorf("%s %s is %v wide, %v, want %v", sheet, col, got, err, want)
			}
		}
		layout, err := f.GetPageLayout(sheet)
		if err != nil || *layout.Size != 9 || *layout.FitToWidth != 1 {
			t.Errorf("%s: %+v, %v", sheet, layout, err)
		}
	}
	panes, err := f.GetPanes("業務別")
	if err != nil || !panes.Freeze || panes.YSplit != 3 {
		t.Errorf("%+v, %v", panes, err)
	}
	names := f.GetDefinedName()
	if len(names) != 1 || names[0].RefersTo != "'業務別'!$3:$3" && names[0].RefersTo != "業務別!$3:$3" {
		t.Errorf("%+v", names)
	}
	props, err := f.GetDocProps()
	if err != nil || props.Title != "窓口業務月報 令和8年4月 世田谷くみん窓口" {
		t.Errorf("%+v, %v", props, err)
	}
}

func TestAWorkbookSpeaksEnglishToo(t *testing.T) {
	f := opened(t, sample(), "en")
	if got := strings.Join(f.GetSheetList(), " "); got != "Summary By service Definitions" {
		t.Fatalf("sheets: %s", got)
	}
	if got, _ := cell(t, f, "By service", "B3"); got != "Numbers given (count)" {
		t.Errorf("%q", got)
	}
}

func TestTheSameReportIsTheSameFile(t *testing.T) {
	first, err := files.XLSX(sample(), "ja")
	again, err2 := files.XLSX(sample(), "ja")
	if err != nil || err2 != nil || !bytes.Equal(first, again) {
		t.Errorf("%d and %d bytes, %v, %v", len(first), len(again), err, err2)
	}
}

func TestATableIsCSVThatNoProgramRuns(t *testing.T) {
	raw := files.CSV(sample().Parts[0], "ja")
	if !bytes.HasPrefix(raw, []byte("\ufeff")) || !bytes.Contains(raw, []byte("\r\n")) {
		t.Errorf("%q", raw[:20])
	}
	lines, err := csv.NewReader(bytes.NewReader(raw[3:])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"key", "業務", "発券数（件）", "15分以内（%）", "かたより（分）", "メモ"},
		{"moving", `'=HYPERLINK("https://example.com","住民異動")`, "1234", "85.3", "-3.5", "'@SUM(1)"},
		{"total", "合計・全体", "1234", "", "", ""},
	}
	for i := range want {
		if strings.Join(lines[i], "|") != strings.Join(want[i], "|") {
			t.Errorf("line %d: %q, want %q", i, lines[i], want[i])
		}
	}
	for _, evil := range []string{"=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＠x", "\x00=1"} {
		if files.Safe(evil) != "'"+evil {
			t.Errorf("%q stays %q", evil, files.Safe(evil))
		}
	}
}
