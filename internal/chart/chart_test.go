package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"machi/internal/chart"
)

func minutes(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + "分" }

func words(id string) chart.Words {
	return chart.Words{ID: id, Title: "待ち時間 <&\"'>", Desc: "長くなった", Table: "表で見る", First: "時刻", None: "不明"}
}

var hours = []string{"9時", "10時", "11時", "12時", "13時", "14時", "15時", "16時"}

// gallery is one chart of each kind, with what is awkward in each: gaps, nothing at
// all, one value alone.
func gallery() map[string]chart.Chart {
	none := chart.None
	return map[string]chart.Chart{
		"lines": chart.Lines{
			Words: words("lines"), Along: hours, Format: minutes, Steps: chart.Minutes, Limit: &chart.Limit{Value: 30, Label: "目標 30分"}, Here: &chart.Mark{At: 3.5, Label: "いま"},
			Series: []chart.Series{
				{Name: "今年", Values: []float64{5, 12, 31, none, 18, none, 9, 4}, Low: []float64{2, 8, 20, none, 9, none, 4, 1}, High: []float64{9, 20, 48, none, 25, none, 15, 8}, Range: "80%の範囲"},
				{Name: "前年", Look: chart.Pale, Values: []float64{7, 15, 35, 40}},
			},
		},
		"empty lines": chart.Lines{Words: words("none"), Format: minutes, Series: []chart.Series{{Name: "今年"}}},
		"bars":        chart.Bars{Words: words("bars"), Along: hours, Format: minutes, Values: true, Series: []chart.Series{{Name: "今年", Values: []float64{1, 2, none, 0}}, {Name: "前年", Look: chart.Second, Values: []float64{3, 2, 1, 4}}}},
		"stacked":     chart.Bars{Words: words("stacked"), Along: hours[:2], Format: minutes, Stacked: true, Series: []chart.Series{{Name: "窓口", Values: []float64{1, 2}}, {Name: "機械", Look: chart.Second, Values: []float64{3, 2}}}},
		"strips": chart.Strips{
			Words: words("strips"), Format: minutes, Longer: true, Names: chart.StripNames{Mid: "中央値", High: "90%", Most: "最長", Before: "前年", Note: "件数"},
			Rows: []chart.Strip{{Label: "世田谷総合支所 くみん窓口", Low: none, Mid: 12, High: 40, Most: 133, Before: 14, Note: "12,345件"}, {Label: "経堂出張所", Low: none, Mid: none, High: none, Most: none, Before: none, Note: "0件"}},
		},
		"heat":       chart.Heat{Words: words("heat"), Rows: []string{"月", "火"}, Cols: hours, Format: minutes, Cells: [][]float64{{1, 5, 9, 20, none, 3, 2, 1}, {2, 3}}, Empty: "受付なし"},
		"empty heat": chart.Heat{Words: words("cold"), Rows: []string{"月"}, Cols: hours, Format: minutes, Cells: [][]float64{nil}},
		"year": chart.Year{
			Words: words("year"), From: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), Days: yearOf(365), Format: minutes, Date: func(t time.Time) string { return t.Format(time.DateOnly) },
			Weekdays: [7]string{"月", "火", "水", "木", "金", "土", "日"}, Months: [12]string{"1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"},
		},
	}
}

func yearOf(n int) []float64 {
	days := make([]float64, n)
	for i := range days {
		days[i] = math.Round(200 + 150*math.Sin(float64(i)/40) + float64(i*7919%83))
		if i%7 > 4 {
			days[i] = chart.None
		}
	}
	return days
}

// parse reads a figure as XML does, and returns the names of its elements.
func parse(t *testing.T, figure string) (names, ids []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(figure))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names, ids
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, is := token.(xml.StartElement); is {
			names = append(names, e.Name.Local)
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "id":
					ids = append(ids, a.Value)
				case "style", "onclick", "onload":
					t.Errorf("<%s> has %s, which the content policy forbids", e.Name.Local, a.Name.Local)
				}
			}
		}
	}
}

func TestEveryChartIsWholeAtEveryWidth(t *testing.T) {
	wrong := regexp.MustCompile(`NaN|Inf|="-[\d.]+" (height|rx)|(width|height|r)="-`)
	for name, c := range gallery() {
		for _, width := range []int{chart.Wide, chart.Half} {
			figure := string(chart.Figure(c, width))
			names, ids := parse(t, figure)
			if bad := wrong.FindString(figure); bad != "" {
				t.Errorf("%s: %q is drawn", name, bad)
			}
			slices.Sort(ids)
			if n := len(slices.Compact(slices.Clone(ids))); n != len(ids) {
				t.Errorf("%s: names are used twice: %v", name, ids)
			}
			for _, part := range []string{"title", "desc", "details", "table", "caption"} {
				if !slices.Contains(names, part) {
					t.Errorf("%s: no %s", name, part)
				}
			}
			if strings.Contains(figure, "<&") {
				t.Errorf("%s: a text is not escaped", name)
			}
			if figure != string(chart.Figure(c, width)) {
				t.Errorf("%s is drawn in two ways", name)
			}
		}
	}
}

func TestATwinSaysWhatTheChartShows(t *testing.T) {
	charts := gallery()
	for name, want := range map[string][]string{
		"lines":  {"12時", "不明", "不明", "40分"},
		"bars":   {"11時", "不明", "1分"},
		"strips": {"経堂出張所", "不明", "不明", "不明", "不明", "0件"},
		"heat":   {"火", "2分", "3分", "不明", "不明", "不明", "不明", "不明", "不明"},
		"year":   nil,
	} {
		twin := charts[name].Twin()
		for _, row := range twin.Rows {
			if len(row) != len(twin.Head) && name != "year" {
				t.Errorf("%s: %d cells below %d heads", name, len(row), len(twin.Head))
			}
		}
		if want != nil && !slices.ContainsFunc(twin.Rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("%s: no row %q in %q", name, want, twin.Rows)
		}
	}
	year := charts["year"].Twin()
	if len(year.Rows) != 12 || year.Rows[0][0] != "2025 4月" || year.Rows[1][31] == "" || year.Rows[10][29] != "" {
		t.Errorf("the year's twin is %q", year.Rows)
	}
}

// Lines are apart by their strokes, bars by their filling: not by colour alone.
func TestLooksDifferWithoutColour(t *testing.T) {
	figure := string(chart.Figure(gallery()["bars"], chart.Wide))
	if strings.Count(figure, `<g fill="url(#bars-1060-h)">`) != 4 || !strings.Contains(figure, `id="bars-1060-h"`) {
		t.Error("the second bars are not hatched")
	}
	if !strings.Contains(string(chart.Figure(gallery()["heat"], chart.Wide)), `class="mid cell on-`) {
		t.Error("no value stands in a cell of the heat")
	}
}

func TestLimitsReadWell(t *testing.T) {
	for _, test := range []struct {
		values, nice, want []float64
	}{
		{nil, nil, nil},
		{[]float64{0, 0, 0}, nil, nil},
		{[]float64{1, 1, 1, 1, 1, 1}, nil, []float64{1}},
		{[]float64{3, 8, 13, 22, 31, 45, 60}, chart.Minutes, []float64{10, 15, 30, 60}},
		{[]float64{10, 20, 30, 40, 50, 60}, nil, []float64{20, 25, 30, 40, 50}},
	} {
		if got := chart.Steps(test.values, chart.Classes, test.nice); !slices.Equal(got, test.want) {
			t.Errorf("limits of %v are %v, want %v", test.values, got, test.want)
		}
	}
}

func BenchmarkYear(b *testing.B) {
	year := gallery()["year"]
	for b.Loop() {
		chart.Figure(year, chart.Wide)
	}
}
