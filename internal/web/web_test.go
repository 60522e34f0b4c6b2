package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/web"
	"machi/internal/web/page"
	"machi/internal/web/webtest"
	"machi/signage"
)

// site is the pages on a server whose API is a test's.
type site struct {
	echo *echo.Echo
	who  page.Identity
	out  bool // nobody is signed in
}

func newSite(t *testing.T, change func(*web.Deps)) *site {
	t.Helper()
	w := webtest.New()
	s := &site{echo: echo.New(), who: page.Identity{Name: "佐藤", Manager: true}}
	deps := web.Deps{
		City: board.Text{"ja": "世田谷区", "en": "Setagaya City"}, Now: func() time.Time { return webtest.Now },
		Boards: w, Tickets: w, Consoles: w, Dashboards: w, Lives: w, Alerts: w, Aheads: w, Records: w, Curves: w, Timetables: w, Signage: signage.Files,
		Identify: func(echo.Context) (page.Identity, bool) { return s.who, !s.out },
	}
	if change != nil {
		change(&deps)
	}
	pages, err := web.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	pages.Register(s.echo)
	return s
}

func (s *site) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.echo.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func (s *site) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://example.com")
	r.AddCookie(&http.Cookie{Name: "machi_session", Value: "token"})
	w := httptest.NewRecorder()
	s.echo.ServeHTTP(w, r)
	return w
}

var everyPage = []string{
	"/", "/?for=moving", "/?q=ひっこし", "/?q=xyzzy", "/?sort=near&from=kyodo", "/go", "/go?matter=move-in&from=kyodo&by=transit", "/matters", "/matters?q=住民票", "/offline", "/offices/km-setagaya", "/offices/km-kinuta?service=moving", "/closures", "/accessibility", "/embed", "/t/waiting", "/t/waiting?problem=too_often", "/t/waiting/tell", "/t/away", "/t/called", "/t/done", "/t/done/tell", "/family", "/signage/km-setagaya", "/record", "/record/km-setagaya", "/record/br-futakotamagawa", "/record/mn-center",
	"/staff/login", "/staff/login?error=code_wrong&next=/staff/km-setagaya/1", "/staff/first", "/staff", "/staff/km-setagaya", "/staff/km-setagaya/1", "/staff/km-setagaya/2", "/staff/km-setagaya/6", "/manager", "/admin", "/admin/helpers", "/admin/sessions", "/admin/audit", "/manager/km-setagaya/machines", "/manager/km-setagaya/record", "/manager/mn-center/record", "/manager/km-kitazawa/machines?done=pin",
}

// inline matches what a strict policy forbids in a page.
var inline = regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)

func TestEveryPageIsWholeInEveryLanguage(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range everyPage {
		for _, lang := range []string{"ja", "en"} {
			t.Run(path+" "+lang, func(t *testing.T) {
				join := "?"
				if strings.Contains(path, "?") {
					join = "&"
				}
				w := s.get(path + join + "lang=" + lang)
				body := w.Body.String()
				if w.Code != http.StatusOK || !strings.Contains(body, `<html lang="`+lang+`"`) || !strings.Contains(body, "</html>") {
					t.Fatalf("%d, %d bytes", w.Code, len(body))
				}
				if found := inline.FindString(body); found != "" {
					t.Errorf("has something inline: %q", found)
				}
				policy := w.Header().Get("Content-Security-Policy")
				if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
					t.Errorf("policy %q", policy)
				}
				if strings.Count(body, "<h1") != 1 || strings.Count(body, "<main") != 1 {
					t.Error("wants one heading of the first order and one main part")
				}
				if key := regexp.MustCompile(`>(?:[a-z]+\.)+[a-z_-]+<`).FindString(body); key != "" {
					t.Errorf("shows a key in place of its text: %s", key)
				}
			})
		}
	}
}

func TestResidentsPagesSpeakFiveLanguages(t *testing.T) {
	s := newSite(t, nil)
	for lang, want := range map[string]string{"ja": "いまの混みぐあい", "ja-x-easy": "いまの こみぐあい", "en": "Waiting now", "zh": "当前等候情况", "ko": "지금 대기 현황"} {
		if body := s.get("/?lang=" + lang).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s: %q is not on the page", lang, want)
		}
	}
}

func TestFilesOfAPageAreThere(t *testing.T) {
	s := newSite(t, nil)
	file := regexp.MustCompile(`"(/ui/[^"#]+)`)
	for _, path := range everyPage {
		for _, match := range file.FindAllStringSubmatch(s.get(path).Body.String(), -1) {
			if w := s.get(match[1]); w.Code != http.StatusOK {
				t.Errorf("%s asks for %s: %d", path, match[1], w.Code)
			}
		}
	}
}

func TestATicketsPageIsItsHoldersAlone(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range []string{"/t/waiting", "/t/unknown"} {
		h := s.get(path).Header()
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", path, name, got, want)
			}
		}
	}
	if w := s.get("/t/unknown"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown secret: %d", w.Code)
	}
}

func TestStaffPagesAskWhoIsThere(t *testing.T) {
	s := newSite(t, nil)
	s.out = true
	for _, path := range []string{"/staff", "/staff/km-setagaya", "/staff/km-setagaya/1", "/manager", "/manager/km-setagaya/machines"} {
		if w := s.get(path); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/staff/login?next=%2F") {
			t.Errorf("%s: %d to %q", path, w.Code, w.Header().Get("Location"))
		}
	}
	s.out, s.who = false, page.Identity{Name: "鈴木", Office: "km-kinuta"}
	if w := s.get("/staff/km-setagaya/1"); w.Code != http.StatusForbidden {
		t.Errorf("another office's console: %d", w.Code)
	}
	if w := s.get("/manager"); w.Header().Get("Location") != "/staff" {
		t.Errorf("a clerk at the managers' page: %d", w.Code)
	}
	if w := s.get("/manager/km-kinuta/machines"); w.Header().Get("Location") != "/staff" {
		t.Errorf("a clerk at the machines' page: %d", w.Code)
	}
	s.who.Manager = true
	if w := s.get("/manager/km-setagaya/machines"); w.Header().Get("Location") != "/manager" {
		t.Errorf("another office's machines: %d", w.Code)
	}
	if w := s.get("/staff/km-kinuta/1"); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the own console: %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	if w := s.get("/staff/km-kinuta/99"); w.Code != http.StatusNotFound {
		t.Errorf("a counter that is not there: %d", w.Code)
	}
}

func TestARehearsalIsSaidOnEveryPage(t *testing.T) {
	s := newSite(t, func(d *web.Deps) { d.Rehearsal = true })
	for _, path := range everyPage {
		if body := s.get(path + "").Body.String(); !strings.Contains(body, `class="rehearsal"`) {
			t.Errorf("%s does not say so", path)
		}
	}
	if body := newSite(t, nil).get("/").Body.String(); strings.Contains(body, `class="rehearsal"`) {
		t.Error("a real day is called a rehearsal")
	}
}

func TestAFormIsPassedOnAsItsSendersCommand(t *testing.T) {
	s := newSite(t, nil)
	var key, cookie, origin string
	var body map[string]any
	s.echo.POST("/api/v1/offices/km-setagaya/tickets/:number/finish", func(c echo.Context) error {
		r := c.Request()
		key, cookie, origin = r.Header.Get("Idempotency-Key"), r.Header.Get("Cookie"), r.Header.Get("Origin")
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &body); err != nil || c.Param("number") != "A012" {
			return c.JSON(http.StatusBadRequest, map[string]string{"code": "bad_json"})
		}
		return c.JSON(http.StatusOK, map[string]string{})
	})
	form := url.Values{"idempotency_key": {"k1"}, "counter": {"1"}, "processing": {"true"}, "quantity": {"2"}, "outcome": {""}}
	w := s.post("/staff/km-setagaya/1/do/tickets/A012/finish", form)
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/staff/km-setagaya/1" {
		t.Errorf("%d to %q", w.Code, got)
	}
	if key != "k1" || cookie != "machi_session=token" || origin != "http://example.com" {
		t.Errorf("key %q, cookie %q, origin %q", key, cookie, origin)
	}
	if len(body) != 3 || body["counter"] != "1" || body["processing"] != true || body["quantity"] != 2.0 {
		t.Errorf("body %v", body)
	}
}

func TestWhatGoesWrongWithAFormIsSaidInWords(t *testing.T) {
	s := newSite(t, nil)
	s.echo.POST("/api/v1/offices/km-setagaya/counters/1/call-next", func(c echo.Context) error {
		return c.JSON(http.StatusConflict, map[string]string{"code": "counter_not_open"})
	})
	w := s.post("/staff/km-setagaya/1/do/counters/1/call-next", url.Values{"idempotency_key": {"k"}})
	if got := w.Header().Get("Location"); got != "/staff/km-setagaya/1?problem=counter_not_open" {
		t.Fatalf("to %q", got)
	}
	if body := s.get(w.Header().Get("Location")).Body.String(); !strings.Contains(body, "窓口が開いていません") {
		t.Error("the page does not say what went wrong")
	}
	if body := s.get("/staff/km-setagaya/1?problem=%3Cscript%3E").Body.String(); strings.Contains(body, "<script>") {
		t.Error("an invented problem is not escaped")
	}
}

func TestAFormReachesCommandsAlone(t *testing.T) {
	s := newSite(t, nil)
	reached := false
	s.echo.POST("/api/v1/*", func(c echo.Context) error { reached = true; return c.NoContent(http.StatusNoContent) })
	for _, command := range []string{"state", "services/moving/state", "tickets/../../../admin", "tickets/%2e%2e/x", "tickets/%2Fadmin/x", "counters/2/close", ""} {
		w := s.post("/staff/km-setagaya/1/do/"+command, url.Values{})
		if w.Code < 400 && !strings.Contains(w.Header().Get("Location"), "problem") {
			t.Errorf("%q: %d", command, w.Code)
		}
	}
	if reached {
		t.Error("a form reached what is no command of a counter or a ticket")
	}
}

func TestAHolderCanWithdrawWithoutScript(t *testing.T) {
	s := newSite(t, nil)
	status := http.StatusOK
	s.echo.DELETE("/api/v1/tickets/:secret", func(c echo.Context) error {
		return c.JSON(status, map[string]string{"code": "wrong_status"})
	})
	if got := s.post("/t/waiting/withdraw", url.Values{"idempotency_key": {"k"}}).Header().Get("Location"); got != "/t/waiting" {
		t.Errorf("to %q", got)
	}
	status = http.StatusConflict
	if got := s.post("/t/waiting/withdraw", url.Values{"idempotency_key": {"k"}}).Header().Get("Location"); got != "/t/waiting?problem=wrong_status" {
		t.Errorf("after a refusal to %q", got)
	}
}
