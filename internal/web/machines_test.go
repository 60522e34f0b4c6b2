package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"machi/internal/web/page"
)

func TestStaffAndManagersReadWhatIsWrongWithAMachine(t *testing.T) {
	s := newSite(t, nil)
	for _, row := range []struct{ path, want string }{
		{"/staff/km-setagaya/1?lang=ja", "応答なし"},
		{"/staff/km-setagaya/1?lang=en", "No answer"},
		{"/staff/km-kitazawa/1?lang=ja", "用紙切れ"},
		{"/manager?lang=ja", "発券機 K1 用紙切れ"},
		{"/manager?lang=ja", "用紙を交換してください"},
		{"/manager?lang=en", "Machine K1 Out of paper"},
		{"/manager/km-setagaya/machines?lang=ja", "未接続"},
		{"/manager/km-setagaya/machines?lang=en", "Not connected"},
		{"/manager/km-setagaya/machines?lang=ja", "コンビニ"},
	} {
		if body := s.get(row.path).Body.String(); !strings.Contains(body, row.want) {
			t.Errorf("%s does not say %q", row.path, row.want)
		}
	}
	if body := s.get("/staff/km-setagaya/1").Body.String(); strings.Contains(body, `data-key="mK3"`) {
		t.Error("the console names a machine that was never connected")
	}
}

func TestAnEnrolmentCodeIsShownOnce(t *testing.T) {
	s := newSite(t, nil)
	status, key := http.StatusCreated, ""
	s.echo.POST("/api/v1/offices/km-setagaya/kiosks/K1/enrol-code", func(c echo.Context) error {
		key = c.Request().Header.Get("Idempotency-Key")
		return c.JSON(status, map[string]string{"code": "12345678", "expires_at": "2026-04-01T10:52:07+09:00"})
	})
	form := url.Values{"idempotency_key": {"k1"}}
	w := s.post("/manager/km-setagaya/machines/K1/enrol-code", form)
	body := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(body, "1234 5678") || !strings.Contains(body, "10:52:07") || key != "k1" {
		t.Errorf("%d, key %q: the code is not shown", w.Code, key)
	}
	if w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Header().Get("Location"), "1234") {
		t.Errorf("the code may be kept: %v", w.Header())
	}
	status = http.StatusForbidden
	if got := s.post("/manager/km-setagaya/machines/K1/enrol-code", form).Header().Get("Location"); !strings.Contains(got, "/manager/km-setagaya/machines?problem=") {
		t.Errorf("after a refusal to %q", got)
	}
}

func TestAManagersFormsReachMachinesAlone(t *testing.T) {
	s := newSite(t, nil)
	var reached []string
	var body map[string]any
	s.echo.POST("/api/v1/*", func(c echo.Context) error {
		reached = append(reached, c.Request().URL.Path)
		if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]string{})
	})
	for path, done := range map[string]string{
		"/manager/km-setagaya/machines/K1/revoke": "revoke", "/manager/km-setagaya/pin": "pin",
	} {
		if got := s.post(path, url.Values{"pin": {"0042"}}).Header().Get("Location"); got != "/manager/km-setagaya/machines?done="+done {
			t.Errorf("%s: to %q", path, got)
		}
	}
	if len(reached) != 2 || body["pin"] != "0042" {
		t.Errorf("reached %v, body %v: want the PIN with its zeros", reached, body)
	}
	reached = nil
	s.post("/manager/km-setagaya/machines/K1/start", nil)
	s.post("/manager/km-setagaya/machines/K1%2F..%2F..%2Fstate/revoke", nil)
	s.who = page.Identity{Name: "鈴木", Office: "km-setagaya"}
	s.post("/manager/km-setagaya/machines/K1/revoke", nil)
	s.post("/manager/km-setagaya/pin", url.Values{"pin": {"1234"}})
	for _, path := range reached {
		if !strings.HasSuffix(path, "/revoke") || strings.Count(path, "/") != 7 {
			t.Errorf("a form reached %s", path)
		}
	}
	if len(reached) > 1 {
		t.Errorf("a clerk's or a forged form reached %v", reached)
	}
}

func TestACheckInIsTypedOrScanned(t *testing.T) {
	s := newSite(t, nil)
	var body map[string]any
	s.echo.POST("/api/v1/offices/km-setagaya/check-in", func(c echo.Context) error {
		body = nil
		if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]string{"number": "A012"})
	})
	for typed, want := range map[string][2]string{
		"123456": {"code", "123456"}, "１２３ ４５６": {"code", "123456"}, "123-456": {"code", "123456"},
		"https://machi.example/t/abc-DEF_1?lang=en": {"secret", "abc-DEF_1"}, "ｈｔｔｐｓ：／／machi／t／abc": {"secret", "abc"}, "abc": {"secret", "abc"},
	} {
		w := s.post("/staff/km-setagaya/1/do/check-in", url.Values{"code": {typed}})
		if got := w.Header().Get("Location"); got != "/staff/km-setagaya/1?did=check-in&number=A012" || len(body) != 1 || body[want[0]] != want[1] {
			t.Errorf("%q: body %v, want %v; to %q", typed, body, want, got)
		}
	}
}

func TestAHolderWhoIsAwayIsShownHowToCheckIn(t *testing.T) {
	s := newSite(t, nil)
	for lang, want := range map[string]string{"ja": "窓口に着いたら", "ja-x-easy": "きかい", "en": "When you arrive", "zh": "报到", "ko": "접수"} {
		body := s.get("/t/away?lang=" + lang).Body.String()
		if !strings.Contains(body, want) || !strings.Contains(body, `class="qr"`) || !strings.Contains(body, "check-in-code") {
			t.Errorf("%s: does not say how to check in", lang)
		}
	}
	if body := s.get("/t/waiting").Body.String(); strings.Contains(body, `class="qr"`) || !strings.Contains(body, `id="later"`) {
		t.Error("a holder who is here is asked to check in, or may not ask for time")
	}
}

func TestAHolderCanAskForMoreTimeWithoutScript(t *testing.T) {
	s := newSite(t, nil)
	key := ""
	s.echo.POST("/api/v1/tickets/:secret/later", func(c echo.Context) error {
		key = c.Request().Header.Get("Idempotency-Key")
		return c.JSON(http.StatusOK, map[string]string{})
	})
	if got := s.post("/t/waiting/later", url.Values{"idempotency_key": {"k"}}).Header().Get("Location"); got != "/t/waiting" || key != "k" {
		t.Errorf("to %q with key %q", got, key)
	}
}
