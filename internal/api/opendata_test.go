package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"machi/internal/api"
	"machi/internal/live"
	"machi/internal/queue"
)

// A table that lies in somebody's folder must not pass for a real one.
func TestATableOfARehearsalIsNamedSo(t *testing.T) {
	a := bare(func(d *api.Deps) {
		d.Hub = live.New(live.Options{Offices: func() []queue.OfficeID { return nil }, Rehearsal: true})
	})
	got := httptest.NewRecorder()
	a.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/api/v1/open-data/congestion.csv", nil))
	if name := got.Header().Get(echo.HeaderContentDisposition); !strings.Contains(name, `"rehearsal-congestion.csv"`) {
		t.Errorf("status %d, named %q", got.Code, name)
	}
}
