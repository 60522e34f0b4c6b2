package server_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/xuri/excelize/v2"

	"machi/internal/catalog"
	"machi/internal/queue"
	"machi/internal/server"
	"machi/internal/yearly"
)

// file reads what an address answers.
func (r *running) file(token, path string) (int, []byte) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.Addr()+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, raw
}

// TestAReportIsMadeWhenItsPeriodIsOver closes two days, waits for their reports, and
// reads one as every file.
func TestAReportIsMadeWhenItsPeriodIsOver(t *testing.T) {
	clock := &standing{} // at a hundred times its pace the server looks for what is over several times a second
	s := start(t, server.Options{Speed: 100, Now: clock.now})
	offices, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, date := range []queue.Date{"2026-03-30", "2026-03-31"} {
		settings, err := offices.Settings("km-setagaya", date)
		if err != nil {
			t.Fatal(err)
		}
		table, err := yearly.Table(settings, yearly.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Archive().Put(t.Context(), table); err != nil {
			t.Fatal(err)
		}
	}
	token := s.grant("manager")
	path := setagaya + "/reports/day/2026-03-31"
	eventually(t, "the day's report is made", func() bool {
		status, out := s.send("GET", path, token, "", "")
		return status == http.StatusOK && out["revision"] == 1.0 && out["standing"] == "final"
	})
	status, raw := s.file(token, path+".xlsx")
	book, err := excelize.OpenReader(bytes.NewReader(raw))
	if status != http.StatusOK || err != nil {
		t.Fatalf("%d, %v", status, err)
	}
	defer book.Close()
	if got, _ := book.GetCellValue("概要", "A1"); got != "窓口業務日報" {
		t.Errorf("the workbook begins with %q", got)
	}
	for file, begins := range map[string]string{path + ".csv?table=services": "\ufeffkey,業務", setagaya + "/figures.parquet?from=2026-03-30&to=2026-03-31": "PAR1"} {
		if status, raw := s.file(token, file); status != http.StatusOK || !bytes.HasPrefix(raw, []byte(begins)) {
			t.Errorf("%s: %d %.40q", file, status, raw)
		}
	}
	for file, field := range map[string]string{setagaya + "/reports/week/1": "kind", setagaya + "/reports/day/x": "period", path + ".csv?table=luck": "table", setagaya + "/figures.parquet?from=2020-01-01": "to"} {
		if status, out := s.send("GET", file, token, "", ""); status != http.StatusBadRequest && status != http.StatusUnprocessableEntity || out["field"] != field {
			t.Errorf("%s: %d %v", file, status, out)
		}
	}
}
