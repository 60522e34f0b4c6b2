package api_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"machi/internal/api"
	"machi/internal/catalog"
)

// odd is a catalogue whose words a spreadsheet program, or Shift_JIS, would stumble on.
var odd = &catalog.Catalog{
	Ward: catalog.Text{"ja": "世田谷区"}, Of: catalog.Municipality{Code: "131121", Prefecture: "東京都"},
	Offices: []*catalog.Office{{
		ID: "o", Name: catalog.Text{"ja": "=HYPERLINK(\"x\")", "en": "-1+1"}, Kana: "せたがや ゔぃ", Address: "𠮷田町〜1−2, \"別館\"\n2階",
		Phone: "+81-3-5432-1111", Position: []float64{-35.5, 139.65},
	}},
}

func oddTable(t *testing.T, query string) []byte {
	t.Helper()
	a := bare(func(d *api.Deps) { d.Catalog = func() *catalog.Catalog { return odd } })
	r := httptest.NewRequest(http.MethodGet, "/api/v1/open-data/offices.csv"+query, nil)
	got := httptest.NewRecorder()
	a.ServeHTTP(got, r)
	conform(t, a, r, got)
	if got.Code != http.StatusOK {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	return got.Body.Bytes()
}

func cellsOf(t *testing.T, text string) map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	cells := map[string]string{}
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	return cells
}

func TestTablesRunNoFormulas(t *testing.T) {
	cells := cellsOf(t, strings.TrimPrefix(string(oddTable(t, "")), "\ufeff"))
	for name, want := range map[string]string{
		"名称": `'=HYPERLINK("x")`, "名称_英語": "'-1+1", "電話番号": "'+81-3-5432-1111", "緯度": "-35.5", "経度": "139.65",
		"全国地方公共団体コード": "131121", "地方公共団体名": "東京都世田谷区", "名称_カナ": "セタガヤ ヴィ", "利用可能曜日": "",
	} {
		if cells[name] != want {
			t.Errorf("%s is %q, want %q", name, cells[name], want)
		}
	}
}

func TestShiftJISHasALetterForEveryLetter(t *testing.T) {
	raw := oddTable(t, "?encoding=sjis")
	text, err := japanese.ShiftJIS.NewDecoder().String(string(raw))
	if err != nil || strings.Contains(text, "\ufffd") {
		t.Fatalf("%v: %q", err, text)
	}
	if got, want := cellsOf(t, text)["所在地_連結表記"], "〓田町～1－2, \"別館\"\n2階"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnUnknownEncodingIsRefused(t *testing.T) {
	a := bare(func(*api.Deps) {})
	for _, path := range []string{"congestion", "history", "record", "offices"} {
		got := httptest.NewRecorder()
		a.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/api/v1/open-data/"+path+".csv?encoding=utf-16", nil))
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `"encoding"`) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}
