package files_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"machi/internal/report"
	"machi/internal/report/files"
)

func TestColumnsAreReadBackAsTheyWereWritten(t *testing.T) {
	p50, hour, restored := 600.0, int32(9), int64(2)
	facts := []report.Fact{
		{
			Office: "km-setagaya", OfficeName: "世田谷くみん窓口", Service: "moving", Name: "=住民異動", Date: 20544, Hour: &hour, Weekday: 3, Fiscal: 2026,
			Arrivals: 12, Restored: &restored, Wait: report.Took{Count: 11, Sum: 6600.5, P50: &p50},
		},
		{Office: "km-kitazawa", OfficeName: "北沢くみん窓口", Date: 20544},
	}
	var out bytes.Buffer
	p := files.NewParquet(&out, "Setagaya 2026-04")
	for _, f := range facts { // group by group
		if err := p.Add([]report.Fact{f}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if source, ok := file.Lookup("source"); !ok || source != "Setagaya 2026-04" || file.NumRows() != 2 || p.Rows() != 2 {
		t.Errorf("%q, %d rows", source, file.NumRows())
	}
	date, _ := file.Schema().Lookup("date")
	if got := date.Node.Type().LogicalType(); got == nil || got.String() != "DATE" {
		t.Errorf("a date is %v", got)
	}
	if wait, ok := file.Schema().Lookup("until_called", "p50_seconds"); !ok || !wait.Node.Optional() {
		t.Errorf("the wait is %+v", wait)
	}
	back, err := parquet.Read[report.Fact](bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	first := back[0]
	if first.OfficeName != "世田谷くみん窓口" || first.Name != "=住民異動" || *first.Hour != 9 || *first.Wait.P50 != 600 || first.Wait.Sum != 6600.5 || *first.Restored != 2 {
		t.Errorf("%+v", first)
	}
	if back[1].Hour != nil || back[1].Wait.P50 != nil || back[1].Restored != nil {
		t.Errorf("what is not known is %+v", back[1])
	}
	if names := slices.Collect(columnNames(file.Schema())); !slices.Contains(names, "fiscal_year") {
		t.Errorf("%v", names)
	}
}

func columnNames(s *parquet.Schema) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, f := range s.Fields() {
			if !yield(f.Name()) {
				return
			}
		}
	}
}
