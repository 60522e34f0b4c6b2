package report_test

import (
	"testing"

	"machi/internal/report"
)

func TestAPlanTellsWhatBecameOfIt(t *testing.T) {
	half, tenth := 15.0, 0.1
	p := report.Plan{Office: setagaya, Years: []int{2025, 2026}, Aims: []report.Aim{
		{ID: "i1", Name: report.Words{JA: "①繁忙期の応援体制構築", EN: "①繁忙期の応援体制構築"}, Owner: "地域行政部", Years: map[int]report.AimYear{2025: {Plan: "実施・検証", Result: "4支所で延長"}}},
		{ID: "f1", Figure: "wait_p50", Years: map[int]report.AimYear{2025: {Target: &half}, 2026: {Target: &half}}},
		{ID: "f2", Figure: "within15", Years: map[int]report.AimYear{2025: {Target: &tenth}}},
	}}
	o := order(t, report.Day, "2026-04-01", setagaya)
	if err := p.Complete(o, world(40)); err != nil {
		t.Fatal(err)
	}
	wait := p.Aims[1].Years
	if wait[2025].Reached == nil || *wait[2025].Reached || wait[2026].Reached != nil || !wait[2026].Running || wait[2026].Actual == nil {
		t.Errorf("the wait: %+v", wait)
	}
	if y := p.Aims[2].Years[2025]; y.Reached == nil || !*y.Reached || *y.Actual.Number != 0.375 {
		t.Errorf("the share: %+v", y)
	}
	table := p.Table()
	for i, want := range []string{"実施・検証", "4支所で延長"} {
		if got := table.Rows[0].Cells[i].Text.JA; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for i, want := range []string{"15.0分以内", "19.9分　未達成", "15.0分以内", "19.9分（途中）"} {
		if got := table.Rows[1].Cells[i].Text.JA; got != want && i%2 == 0 || len(got) != len(want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if table.Columns[0].Name.JA != "R7 計画" || table.Rows[0].Name.JA != "①繁忙期の応援体制構築（地域行政部）" {
		t.Errorf("%+v %+v", table.Columns[0], table.Rows[0].Name)
	}
	for _, d := range p.Choices {
		if d.Key == "wait_p50" {
			t.Error("a figure that is in the table can be chosen")
		}
	}
}
