package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"machi/internal/web"
	"machi/internal/web/page"
	"machi/internal/web/webtest"
)

// newPast is a site whose first two offices have closed days.
func newPast(t *testing.T, change func(*web.Deps)) *site {
	return newSite(t, func(d *web.Deps) {
		w := webtest.New()
		d.Measures, d.Films = w, w
		if change != nil {
			change(d)
		}
	})
}

// wordsOf are the words of a page without its tags.
func wordsOf(body string) string {
	text := regexp.MustCompile(`(?s)<(script|style|title|desc)[^>]*>.*?</(script|style|title|desc)>|<[^>]*>`).ReplaceAllString(body, " ")
	return strings.Join(strings.Fields(text), " ")
}

func TestHistorySaysWhatClosedDaysShow(t *testing.T) {
	s := newPast(t, nil)
	for path, want := range map[string][]string{
		"/manager/history?lang=ja":                                              {"直近28日", "来庁から帰るまで", "前年", "集計に入っていない日があります（1日）", "世田谷総合支所 くみん窓口 2026年3月10日（火） 記録が読めません", "意味"},
		"/manager/history?span=year&lang=en":                                    {"1 Apr 2025 to", "so nothing is compared", "How many came each day"},
		"/manager/history?office=km-kitazawa&span=week&lang=en":                 {"Replay a day", "Wed 25 Mar 2026 to Tue 31 Mar 2026 (5 days with visitors)"},
		"/manager/history?office=mn-center&lang=en":                             {"Nothing has been recorded here yet"},
		"/manager/history?office=nowhere&lang=en":                               {"One of the offices is not known."},
		"/manager/history?service=nothing&lang=en":                              {"The procedure is not known."},
		"/manager/history?span=custom&from=2026-03-09&to=2026-02-01&lang=en":    {"The last day cannot be read", "Last 28 days"},
		"/manager/history?span=custom&from=x&to=2026-02-01&lang=en":             {"The first day cannot be read"},
		"/manager/history?span=custom&from=2025-12-15&to=2026-03-31&lang=en":    {"so nothing is compared"}, // two thirds of a year ago
		"/manager/history?span=custom&from=2020-01-01&to=2026-02-01&lang=en":    {"more than 800 days behind it"},
		"/manager/history?span=custom&from=2026-02-02&to=2026-02-02&lang=en":    {"(1 days with visitors)"},
		"/manager/history?span=custom&from=2026-03-02&to=2999-01-01&lang=en":    {"The last day cannot be read"},
		"/manager/history?span=month&service=insurance&office=km-setagaya":      {"国民健康保険・年金"},
		"/manager/history?span=custom&from=2026-04-01&to=2026-04-20&lang=en":    {"The first day cannot be read"},
		"/manager/history?span=quarter&compare=none&office=km-setagaya&lang=en": {"Last 13 weeks"},
	} {
		got := s.get(path)
		text := wordsOf(got.Body.String())
		for _, w := range want {
			if got.Code != http.StatusOK || !strings.Contains(text, w) {
				t.Errorf("%s: %d, and does not say %q", path, got.Code, w)
			}
		}
	}
	body := s.get("/manager/history?span=month&compare=none&lang=en").Body.String()
	if strings.Contains(wordsOf(body), "Last year") {
		t.Error("what is not compared speaks of last year")
	}
	for _, id := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if !strings.Contains(body, `id="`+id[1]+`"`) {
			t.Errorf("a figure's meaning #%s is not on the page", id[1])
		}
	}
	if regexp.MustCompile(`insight\.[a-z]`).MatchString(wordsOf(body)) {
		t.Errorf("a text is missing: %v", regexp.MustCompile(`insight\.[a-z0-9.]+`).FindAllString(wordsOf(body), -1))
	}
	if regexp.MustCompile(`<[a-z]+[^>]* style=`).MatchString(body) {
		t.Error("a style stands in the page, which its policy forbids")
	}
}

func TestADayIsShownAgainWithoutScript(t *testing.T) {
	s := newPast(t, nil)
	path := "/manager/km-setagaya/replay?date=2026-03-31&lang=en"
	for query, want := range map[string][]string{
		"&at=11:02": {"Time 11:02", "Counter 3", "Inside", "Told", "It really took"},
		"":          {"Longest line", "Day before"},
		"&at=03:00": {"Nobody has been called yet"},
		"&at=x":     {"Longest line"},
	} {
		text := wordsOf(s.get(path + query).Body.String())
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", query, w)
			}
		}
	}
	for path, want := range map[string]string{
		"/manager/km-setagaya/replay?date=2026-03-10&lang=en": "The record of this day cannot be read",
		"/manager/km-setagaya/replay?date=2026-03-29&lang=en": "Choose a day that has one.",
		"/manager/mn-center/replay?lang=en":                   "Each day can be seen here when it is over.",
		"/manager/km-setagaya/replay?date=2999-01-01":         "2026年3月31日（火）",
	} {
		if text := wordsOf(s.get(path).Body.String()); !strings.Contains(text, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	if w := s.get("/manager/nowhere/replay"); w.Code != http.StatusSeeOther {
		t.Errorf("an unknown office: %d", w.Code)
	}
}

// A manager of one office sees nothing of the others.
func TestManagersLookBackAtTheirOwnOfficesOnly(t *testing.T) {
	one := newPast(t, func(d *web.Deps) {
		d.Identify = func(echo.Context) (page.Identity, bool) {
			return page.Identity{Manager: true, Grants: []page.Grant{{Role: "manager", Office: "km-setagaya"}, {Role: "staff", Office: "km-kitazawa"}}}, true
		}
	})
	text := one.get("/manager/history?office=km-kitazawa&lang=en").Body.String()
	if !strings.Contains(text, "One of the offices is not known.") || strings.Contains(text, "Kitazawa") {
		t.Error("a clerk's office is shown to its clerk as to its manager")
	}
	if w := one.get("/manager/km-kitazawa/replay"); w.Code != http.StatusSeeOther {
		t.Errorf("the replay of another office: %d", w.Code)
	}
	clerk := newPast(t, func(d *web.Deps) {
		d.Identify = func(echo.Context) (page.Identity, bool) { return page.Identity{Role: "staff"}, true }
	})
	nobody := newPast(t, func(d *web.Deps) {
		d.Identify = func(echo.Context) (page.Identity, bool) { return page.Identity{}, false }
	})
	for _, path := range []string{"/manager/history", "/manager/km-setagaya/replay"} {
		if w := clerk.get(path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/staff" {
			t.Errorf("%s for a clerk: %d", path, w.Code)
		}
		if w := nobody.get(path); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/staff/login?next=") {
			t.Errorf("%s for nobody: %d", path, w.Code)
		}
	}
}
