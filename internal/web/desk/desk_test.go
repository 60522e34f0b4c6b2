package desk_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/catalog"
	"machi/internal/guide"
	"machi/internal/ui"
	"machi/internal/web/desk"
	"machi/internal/web/page"
	"machi/internal/web/webtest"
)

// floor is the desks' pages over a ward in the middle of a morning, before an API
// that notes what reaches it.
type floor struct {
	echo *echo.Echo
	who  page.Identity
	out  bool
	said []string // method, path and body of what reached the API
	code string   // of the problem that the API answers with; empty: none
}

// morning and guideOf are made once: nothing changes them.
var (
	morning = sync.OnceValue(webtest.New)
	guideOf = sync.OnceValue(func() *guide.Guide {
		c, err := catalog.Default()
		if err != nil {
			panic(err) // the built-in catalogue has tests of its own
		}
		return guide.New(func() *catalog.Catalog { return c })
	})
)

func newFloor(t *testing.T) *floor {
	t.Helper()
	assets, err := ui.NewAssets(map[string]fs.FS{"desk": desk.Files})
	if err != nil {
		t.Fatal(err)
	}
	w := morning()
	f := &floor{echo: echo.New(), who: page.Identity{ID: "t1", Name: "佐藤", Office: "km-setagaya"}}
	site := page.Site{Assets: assets, City: board.Text{"ja": "世田谷区"}, Now: func() time.Time { return webtest.Now }}
	pages, err := desk.New(site, desk.Deps{
		Boards: w, Consoles: w, Views: w, Guide: guideOf(),
		Identify: func(echo.Context) (page.Identity, bool) { return f.who, !f.out }, PublicURL: "https://machi.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	pages.Register(f.echo)
	f.echo.Any("/api/v1/*", f.api)
	return f
}

// api answers as a server that gave A099 would.
func (f *floor) api(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	f.said = append(f.said, c.Request().Method+" "+strings.TrimPrefix(c.Request().URL.EscapedPath(), "/api/v1/offices/")+" "+string(body))
	if f.code != "" {
		return c.JSON(http.StatusConflict, map[string]string{"code": f.code})
	}
	return c.JSON(http.StatusOK, map[string]any{
		"number": "A099", "office_name": map[string]string{"ja": "世田谷"}, "service_name": map[string]string{"ja": "引越し"}, "state": "waiting",
		"ahead": 3, "status_url": "/t/s3cret", "issued_at": webtest.Now,
	})
}

func (f *floor) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.echo.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// post sends a form and returns where it leads, and what reached the API.
func (f *floor) post(path string, form url.Values) (status int, to string, said []string) {
	f.said = nil
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	f.echo.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location"), f.said
}

var (
	inline = regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	bare   = regexp.MustCompile(`>(?:[a-z]+\.)+[a-z_-]+<`)
)

// firstNumber returns a number of a state that the morning knows.
func firstNumber(t *testing.T, state string) string {
	t.Helper()
	desk, _ := morning().Reception("km-setagaya", "")
	for _, row := range desk.Tickets {
		if string(row.State) == state {
			return string(row.Number)
		}
	}
	t.Fatalf("nobody is %s", state)
	return ""
}

func TestEveryPageIsWholeInBothLanguages(t *testing.T) {
	f := newFloor(t)
	at := "/staff/km-setagaya/"
	paths := []string{
		at + "desk", at + "desk?q=" + url.QueryEscape("引越し 子ども"), at + "desk?q=xyzzy", at + "desk?matter=move-in", at + "desk?matter=marriage",
		at + "desk?matter=passport", at + "desk?matter=none", at + "desk?service=moving", at + "desk?service=none", at + "desk?n=1",
		at + "desk?t=" + firstNumber(t, "waiting"), at + "desk?t=" + firstNumber(t, "called"), at + "desk?t=Z999",
		at + "desk?issued=" + firstNumber(t, "waiting") + "&matter=move-in", at + "desk?problem=too_soon&about=A001", at + "desk?did=merge&about=A001",
		at + "delivery", at + "delivery?counter=1", at + "delivery?counter=6", at + "delivery?counter=none", at + "delivery?only=processing",
		at + "slip/A099", at + "slip/A099?width=58&matter=move-in",
	}
	for _, path := range paths {
		for _, lang := range []string{"ja", "en"} {
			t.Run(path+" "+lang, func(t *testing.T) {
				join := "?"
				if strings.Contains(path, "?") {
					join = "&"
				}
				w := f.get(path + join + "lang=" + lang)
				body := w.Body.String()
				if w.Code != http.StatusOK || !strings.Contains(body, `<html lang="`+lang+`"`) || !strings.Contains(body, "</html>") {
					t.Fatalf("%d, %d bytes", w.Code, len(body))
				}
				if found := inline.FindString(body); found != "" {
					t.Errorf("has something inline: %q", found)
				}
				if strings.Count(body, "<h1") != 1 || strings.Count(body, "<main") != 1 {
					t.Error("wants one heading of the first order and one main part")
				}
				if key := bare.FindString(body); key != "" {
					t.Errorf("shows a key in place of its text: %s", key)
				}
				if w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("may be kept: %q", w.Header().Get("Cache-Control"))
				}
			})
		}
	}
}

func TestTheSlipBearsTheTicketsOwnAddress(t *testing.T) {
	f := newFloor(t)
	body := f.get("/staff/km-setagaya/slip/A099").Body.String()
	if !strings.Contains(body, `class="paper-qr"`) || strings.Contains(body, "s3cret") {
		t.Error("wants the address as a code, not as text")
	}
	foreign := f.get("/staff/km-setagaya/slip/A099?paper=en&matter=move-in&lang=ja").Body.String()
	if !strings.Contains(foreign, `lang="en">`) || !strings.Contains(foreign, "Given ") || !strings.Contains(foreign, "番号札を印刷") || !strings.Contains(foreign, "paper=en&amp;width=58") {
		t.Error("wants the paper in the visitor's language, and the page around it in the clerk's")
	}
	f.code = "unknown_ticket"
	if w := f.get("/staff/km-setagaya/slip/Z999"); w.Code != http.StatusNotFound {
		t.Errorf("a ticket that nobody knows: %d", w.Code)
	}
}

func TestStrangersAndOtherOfficesSeeNothing(t *testing.T) {
	f := newFloor(t)
	for _, path := range []string{"desk", "delivery", "slip/A001"} {
		if w := f.get("/staff/br-kyodo/" + path); w.Code != http.StatusForbidden {
			t.Errorf("%s of another office: %d", path, w.Code)
		}
	}
	f.out = true
	for _, path := range []string{"desk", "delivery", "slip/A001"} {
		if w := f.get("/staff/km-setagaya/" + path); w.Code != http.StatusSeeOther {
			t.Errorf("%s without a session: %d", path, w.Code)
		}
	}
	for _, path := range []string{"desk/do/tickets", "delivery/do/ready"} {
		if status, to, said := f.post("/staff/km-setagaya/"+path, url.Values{"numbers": {"A001"}}); status != http.StatusSeeOther || to != "/staff/login" || said != nil {
			t.Errorf("%s without a session: %d to %s, said %v", path, status, to, said)
		}
	}
}

func TestACounterOfAnotherIsTakenOverAndNotUsed(t *testing.T) {
	f := newFloor(t)
	f.who.Name, f.who.Role = "鈴木", "staff"
	body := f.get("/staff/km-setagaya/delivery?counter=1").Body.String()
	if !strings.Contains(body, `name="take_over" value="true"`) {
		t.Error("it cannot be taken over")
	}
	for _, verb := range []string{"call-next", "announce", "hand-over", "recall", "no-show", "serve", "finish", "pause", "close", "undo"} {
		if strings.Contains(body, `data-do="`+verb+`"`) {
			t.Errorf("%s is offered, which the API would refuse", verb)
		}
	}
	f.who.Name = "佐藤"
	if body := f.get("/staff/km-setagaya/delivery?counter=1").Body.String(); strings.Contains(body, "take_over") || !strings.Contains(body, `data-do="announce"`) {
		t.Error("its holder cannot use it")
	}
}

func TestAReceptionistSeesDeliveriesAndHandsNothingOver(t *testing.T) {
	f := newFloor(t)
	f.who.Role = "reception"
	body := f.get("/staff/km-setagaya/delivery?counter=1").Body.String()
	if strings.Contains(body, "hand-over") || strings.Contains(body, "do/counters/") || strings.Contains(body, `href="/staff/km-setagaya"`) {
		t.Error("the page offers what the API would refuse")
	}
	if body := f.get("/staff/km-setagaya/desk").Body.String(); !strings.Contains(body, "/staff/km-setagaya/delivery") {
		t.Error("the way to the deliveries is missing")
	}
}

func TestFormsBecomeTheirCommands(t *testing.T) {
	key := url.Values{"idempotency_key": {"k"}}
	with := func(pairs ...string) url.Values {
		v := url.Values{}
		for name, values := range key {
			v[name] = values
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	tests := []struct {
		name, path string
		form       url.Values
		said       []string
		to         string
	}{
		{
			"a ticket", "desk/do/tickets?matter=move-in", with("service", "moving", "priority", "true", "language", "en"),
			[]string{`POST km-setagaya/tickets {"channel":"reception","language":"en","priority":true,"service":"moving"}`},
			"desk?issued=A099&matter=move-in",
		},
		{"a merge", "desk/do/tickets/A012/merge?t=A012&id=x", with("into", "a011 "), []string{`POST km-setagaya/tickets/A012/merge {"into":"a011 "}`}, "desk?about=A011&did=merge&t=A011"},
		{"a withdrawal", "desk/do/tickets/A012/withdraw?t=A012", with(), []string{`POST km-setagaya/tickets/A012/withdraw {}`}, "desk?about=A012&did=withdraw"},
		{"a check-in", "desk/do/check-in", with("code", "123 456"), []string{`POST km-setagaya/check-in {"code":"123456"}`}, "desk?about=A099&did=check-in"},
		{"several ready", "delivery/do/ready?counter=6", with("numbers", "A001", "numbers", "", "numbers", "A002"), []string{
			`POST km-setagaya/tickets/A001/ready {}`, `POST km-setagaya/tickets/A002/ready {}`,
		}, "delivery?about=A001+A002&counter=6&did=ready"},
		{"nothing ready", "delivery/do/ready", with("numbers", ""), nil, "delivery?problem=missing_field"},
		{"several announced", "delivery/do/counters/6/announce", with("numbers", "A001", "numbers", "A002"), []string{
			`POST km-setagaya/counters/6/announce {"numbers":["A001","A002"]}`,
		}, "delivery?about=A001+A002&did=announce"},
		{"a hand-over", "delivery/do/tickets/A001/hand-over", with("counter", "6"), []string{`POST km-setagaya/tickets/A001/hand-over {"counter":"6"}`}, "delivery?about=A001&did=hand-over"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFloor(t)
			status, to, said := f.post("/staff/km-setagaya/"+test.path, test.form)
			if diff := cmp.Diff(test.said, said); status != http.StatusSeeOther || diff != "" {
				t.Errorf("%d, said (-want +got):\n%s", status, diff)
			}
			if want := "/staff/km-setagaya/" + test.to; to != want {
				t.Errorf("leads to %s, want %s", to, want)
			}
		})
	}
}

func TestARefusalIsSaidWhereTheDeskStood(t *testing.T) {
	f := newFloor(t)
	f.code = "wrong_status"
	_, to, _ := f.post("/staff/km-setagaya/desk/do/tickets/A012/hold?t=A012&q=x", url.Values{"idempotency_key": {"k"}, "reason": {"x"}})
	if to != "/staff/km-setagaya/desk?about=A012&problem=wrong_status&q=x&t=A012" {
		t.Errorf("leads to %s", to)
	}
	_, to, said := f.post("/staff/km-setagaya/delivery/do/ready", url.Values{"idempotency_key": {"k"}, "numbers": {"A001", "A002"}})
	if !strings.Contains(to, "about=A001") || len(said) != 1 {
		t.Errorf("goes on after a refusal: %v, to %s", said, to)
	}
	if body := f.get(to).Body.String(); !strings.Contains(body, ui.StaffTexts.Say(ui.Japanese, "problem.wrong_status")) {
		t.Error("the refusal is not said")
	}
}

func TestNothingElseIsReachedByAForm(t *testing.T) {
	f := newFloor(t)
	for _, path := range []string{
		"desk/do/counters/1/open", "desk/do/tickets/A001", "desk/do/tickets/../state", "desk/do/tickets/..%2F..%2Fstate/x", "desk/do/state", "desk/do/kiosks/K1/revoke",
		"delivery/do/state", "delivery/do/tickets/%2e%2e/state", "delivery/do/counters/1%3Fx/open", "delivery/do/kiosks/pin/x", "delivery/do/",
	} {
		if status, _, said := f.post("/staff/km-setagaya/"+path, url.Values{"idempotency_key": {"k"}}); said != nil || status == http.StatusSeeOther {
			t.Errorf("%s: %d, said %v", path, status, said)
		}
	}
}

func TestWhatWasTypedIsNeverMarkup(t *testing.T) {
	f := newFloor(t)
	evil := `"><script>alert(1)</script>`
	for _, name := range []string{"q", "n", "t", "id", "matter", "service", "issued", "counter", "only", "problem", "about", "did"} {
		for _, at := range []string{"desk", "delivery"} {
			if body := f.get("/staff/km-setagaya/" + at + "?" + url.Values{name: {evil}}.Encode()).Body.String(); strings.Contains(body, "<script>alert") {
				t.Errorf("%s of %s is written as it is", name, at)
			}
		}
	}
}
