package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/web"
	"machi/internal/web/page"
)

// relayed has a site note which writes of its pages reach the API.
func relayed(s *site, paths ...string) *[]string {
	var list []string
	for _, path := range paths {
		s.echo.Any(path, func(c echo.Context) error {
			if c.Request().Method != http.MethodGet {
				list = append(list, c.Request().Method+" "+c.Request().URL.Path)
			}
			return c.JSON(http.StatusOK, map[string]any{})
		})
	}
	return &list
}

func TestAPercentageThatIsNoneIsNotPassedOver(t *testing.T) {
	s := newSite(t, func(d *web.Deps) { d.Forecasts = newForeseen(queue.BusinessDay(d.Now())) })
	sent := relayed(s, "/api/v1/offices/:office/almanac", "/api/v1/offices/:office/almanac/days/:date", "/api/v1/offices/:office/almanac/events/:event")
	for _, percent := range []string{"120%", "abc", "1.5", "-20", "0"} {
		for _, path := range []string{"/manager/km-setagaya/forecast", "/manager/km-setagaya/special-days"} {
			w := s.post(path, url.Values{"date": {"2026-04-07"}, "level": {"busy"}, "reason": {"理由"}, "name": {"催し"}, "from": {"2026-04-07"}, "percent": {percent}, "idempotency_key": {"k"}})
			if w.Code == http.StatusSeeOther || !strings.Contains(w.Body.String(), `role="alert"`) {
				t.Errorf("%s with %s: %d", path, percent, w.Code)
			}
		}
	}
	if len(*sent) != 0 {
		t.Errorf("%v", *sent)
	}
	if w := s.post("/manager/km-setagaya/forecast", url.Values{"date": {"2026-04-07"}, "level": {"busy"}, "reason": {"理由"}, "percent": {"１２０"}, "idempotency_key": {"k"}}); w.Code != http.StatusSeeOther || len(*sent) != 1 {
		t.Errorf("full-width digits: %d, %v", w.Code, *sent)
	}
}

func TestAPlanIsNotWrittenIntoAnotherOffice(t *testing.T) {
	s := newSite(t, nil)
	s.who = page.Identity{Name: "佐藤", Manager: true, Role: "manager", Office: "km-kinuta", Grants: []page.Grant{{Role: "manager", Office: "km-kinuta"}}}
	sent := relayed(s, "/api/v1/offices/:office/plan", "/api/v1/offices/:office/plan/history", "/api/v1/offices/:office/plan/items")
	for _, office := range []string{"km-setagaya", "ward", ""} {
		if w := s.post("/manager/reports/plan", url.Values{"do": {"add"}, "office": {office}, "name": {"予約"}, "idempotency_key": {"k"}}); w.Code != http.StatusSeeOther || len(*sent) != 0 {
			t.Errorf("%q: %d, %v", office, w.Code, *sent)
		}
	}
	if s.post("/manager/reports/plan", url.Values{"do": {"add"}, "office": {"km-kinuta"}, "name": {"予約"}, "idempotency_key": {"k"}}); len(*sent) != 1 {
		t.Errorf("%v", *sent)
	}
}
