package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"machi/internal/account"
	"machi/internal/queue"
)

const goodPassword = "ねこが三匹 屋根の上で寝る"

// hire makes an account whose password is its own.
func (w *world) hire(login string, grants ...account.Grant) account.Account {
	w.t.Helper()
	a, _, err := w.accounts.Add(w.t.Context(), account.New{Login: login, Name: "佐藤", Grants: grants, Password: goodPassword}, "test")
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// person is somebody's browser.
type person struct {
	w      *world
	cookie string
}

// signIn signs a person in at the page's form.
func (w *world) signIn(login, password string) (person, *httptest.ResponseRecorder) {
	w.t.Helper()
	got := w.send(request{method: "POST", path: "/staff/login", body: fmt.Sprintf(`{"login":%q,"password":%q}`, login, password), header: browser})
	cookie, _, _ := strings.Cut(got.Header().Get("Set-Cookie"), ";")
	return person{w, cookie}, got
}

var browser = map[string]string{"Sec-Fetch-Site": "same-origin"}

func (p person) do(method, path, body string) *httptest.ResponseRecorder {
	p.w.t.Helper()
	return p.w.send(request{method: method, path: "/api/v1/" + path, body: body, header: map[string]string{"Cookie": p.cookie, "Sec-Fetch-Site": "same-origin"}})
}

// must does what has to be answered with a status.
func (p person) must(status int, method, path, body string) map[string]any {
	p.w.t.Helper()
	got := p.do(method, path, body)
	if got.Code != status {
		p.w.t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, got.Code, status, got.Body)
	}
	return object(p.w.t, got)
}

func at(role account.Role, office queue.OfficeID) account.Grant {
	return account.Grant{Role: role, Office: office}
}

func TestAClerkSignsInWorksAndSignsOut(t *testing.T) {
	w := newWorld(t)
	a := w.hire("sato", at(account.Staff, "o"))
	p, got := w.signIn("ＳＡＴＯ", goodPassword)
	if got.Code != http.StatusOK || dig(object(t, got), "next") != "/staff/o" {
		t.Fatalf("signed in: %d %s", got.Code, got.Body)
	}
	for _, want := range []string{"machi_session=machis_", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(got.Header().Get("Set-Cookie"), want) {
			t.Errorf("the cookie lacks %s: %s", want, got.Header().Get("Set-Cookie"))
		}
	}
	me := p.must(200, "GET", "me", "")
	if me["id"] != a.ID || me["name"] != "佐藤 (sato)" || me["role"] != "staff" || me["office"] != "o" || len(me["sessions"].([]any)) != 1 {
		t.Errorf("me: %v", me)
	}
	open := p.must(200, "POST", "offices/o/counters/1/open", `{"staff":"somebody else"}`)
	if got := dig(open, "counter", "staff"); got != "佐藤 (sato)" {
		t.Errorf("the counter is %v's", got)
	}
	if got := p.do("POST", "offices/p/counters/1/open", `{}`); got.Code != http.StatusForbidden {
		t.Errorf("at another office: %d", got.Code)
	}
	hostile := w.send(request{method: "POST", path: "/api/v1/offices/o/counters/1/close", body: `{}`, header: map[string]string{"Cookie": p.cookie, "Sec-Fetch-Site": "cross-site"}})
	if hostile.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", hostile.Code)
	}
	out := w.send(request{method: "POST", path: "/staff/logout", header: map[string]string{"Cookie": p.cookie, "Sec-Fetch-Site": "same-origin"}})
	if out.Code != http.StatusNoContent || !strings.Contains(out.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signed out: %d %s", out.Code, out.Header().Get("Set-Cookie"))
	}
	if got := p.do("GET", "me", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("the old cookie after signing out: %d", got.Code)
	}
}

func TestTwoOfOneNameAreNotTheSameStaff(t *testing.T) {
	w := newWorld(t)
	w.hire("sato", at(account.Staff, "o"))
	w.hire("sato2", at(account.Staff, "o"))
	one, _ := w.signIn("sato", goodPassword)
	two, _ := w.signIn("sato2", goodPassword)
	one.must(200, "POST", "offices/o/counters/1/open", `{}`)
	if got := two.do("POST", "offices/o/counters/1/open", `{"staff":"佐藤 (sato)"}`); got.Code != http.StatusConflict {
		t.Errorf("the other 佐藤 opens the counter: %d %s", got.Code, got.Body)
	}
}

// TestAPageThatMissedATakeOverCallsNobody lets the first clerk's page go on after a
// colleague took the counter; a program that acts for staff stays as it is.
func TestAPageThatMissedATakeOverCallsNobody(t *testing.T) {
	w := newWorld(t)
	w.hire("sato", at(account.Staff, "o"))
	w.hire("sato2", at(account.Staff, "o"))
	one, _ := w.signIn("sato", goodPassword)
	two, _ := w.signIn("sato2", goodPassword)
	for range 4 {
		w.issue("moving")
	}
	one.must(200, "POST", "offices/o/counters/1/open", `{}`)
	one.must(200, "POST", "offices/o/counters/1/call-next", `{}`)
	early := w.now().Add(time.Second).Format(time.RFC3339)
	w.advance(time.Minute)
	two.must(200, "POST", "offices/o/counters/1/open", `{"take_over":true}`)
	w.advance(time.Minute)
	late := fmt.Sprintf(`{"counter":"1","clicked_at":%q}`, w.now().Format(time.RFC3339))
	for path, body := range map[string]string{
		"counters/1/call-next": `{}`, "counters/1/finish-and-call-next": `{}`, "counters/1/undo": `{}`, "counters/1/pause": `{"reason":"休憩"}`,
		"tickets/A001/start": `{"counter":"1"}`, "tickets/A001/no-show": `{}`, "tickets/A001/finish": late, "tickets/A002/call": `{"counter":"1"}`,
	} {
		got := one.must(409, "POST", "offices/o/"+path, body)
		if got["code"] != "counter_taken" || got["field"] != "counter" || got["have"] != "佐藤 (sato2)" {
			t.Errorf("%s after the take-over: %v", path, got)
		}
	}
	one.must(200, "POST", "offices/o/tickets/A001/start", fmt.Sprintf(`{"counter":"1","clicked_at":%q}`, early))
	two.must(200, "POST", "offices/o/counters/1/finish-and-call-next", `{}`)
	w.post(200, "staff", "o/counters/1/finish-and-call-next", "")
	one.must(200, "POST", "offices/o/counters/1/open", `{"take_over":true}`)
	one.must(200, "POST", "offices/o/counters/1/finish-and-call-next", `{}`)
}

func TestAPersonHasAnotherRoleAtEachOffice(t *testing.T) {
	w := newWorld(t)
	w.hire("mori", at(account.Reception, "o"), at(account.Staff, "p"))
	p, _ := w.signIn("mori", goodPassword)
	for path, want := range map[string]int{
		"offices/o/reception": 200, "offices/o/console?counter=1": 403, "offices/p/console?counter=1": 200, "offices/p/dashboard": 403, "accounts": 403,
	} {
		if got := p.do("GET", path, ""); got.Code != want {
			t.Errorf("GET %s: %d, want %d", path, got.Code, want)
		}
	}
}

func TestWhoOwesSomethingCanDoNothingElse(t *testing.T) {
	w := newWorld(t)
	boss := w.hire("boss", at(account.Manager, "o"))
	password, err := w.accounts.Reset(t.Context(), boss.ID, "test")
	if err != nil {
		t.Fatal(err)
	}
	p, got := w.signIn("boss", password)
	if answer := object(t, got); answer["owes"] != "password_change_required" || answer["next"] != "/staff/me" {
		t.Fatalf("signed in with a given password: %v", answer)
	}
	if got := p.do("GET", "offices/o/dashboard", ""); got.Code != 403 || object(t, got)["code"] != "password_change_required" {
		t.Errorf("before the change: %d %s", got.Code, got.Body)
	}
	if got := p.do("POST", "me/password", fmt.Sprintf(`{"old":%q,"new":"password1234"}`, password)); got.Code != 422 || object(t, got)["have"] != "common" {
		t.Errorf("a common password: %d %s", got.Code, got.Body)
	}
	old := p
	changed := p.do("POST", "me/password", fmt.Sprintf(`{"old":%q,"new":%q}`, password, goodPassword))
	if changed.Code != http.StatusNoContent {
		t.Fatalf("change: %d %s", changed.Code, changed.Body)
	}
	p.cookie, _, _ = strings.Cut(changed.Header().Get("Set-Cookie"), ";")
	if got := old.do("GET", "me", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("the session before the change: %d", got.Code)
	}
	if got := p.do("GET", "offices/o/dashboard", ""); object(t, got)["code"] != "totp_required" {
		t.Errorf("without an authenticator: %d %s", got.Code, got.Body)
	}
	if made := p.must(201, "POST", "me/totp", ""); !strings.HasPrefix(made["url"].(string), "otpauth://totp/Machi") {
		t.Errorf("authenticator: %v", made)
	}
	if got := p.do("POST", "me/totp/confirm", `{"code":"000000"}`); object(t, got)["code"] != "code_wrong" {
		t.Errorf("a wrong code: %s", got.Body)
	}
}

// TestManagersManageTheirOwnStaffAlone tries what a manager of office o may and may
// not do with accounts.
func TestManagersManageTheirOwnStaffAlone(t *testing.T) {
	w := newWorld(t)
	own, both := w.hire("own", at(account.Staff, "o")), w.hire("both", at(account.Staff, "o"), at(account.Staff, "p"))
	peer, other := w.hire("peer", at(account.Manager, "o")), w.hire("other", at(account.Staff, "p"))
	root := w.hire("root", at(account.Admin, ""))
	do := func(token, path, body string) (int, any) {
		got := w.send(request{method: "POST", path: "/api/v1/" + path, token: token, body: body})
		if got.Body.Len() == 0 {
			return got.Code, nil
		}
		return got.Code, object(t, got)["code"]
	}
	for _, verb := range []string{"disable", "enable", "reset", "sessions/revoke"} {
		for who, want := range map[string]int{own.ID: 0, both.ID: 403, peer.ID: 403, other.ID: 404, root.ID: 404, "nobody": 404} {
			status, code := do("manager", "accounts/"+who+"/"+verb, "")
			if want == 0 && status >= 300 || want != 0 && status != want {
				t.Errorf("a manager, %s of %s: %d %v, want %d", verb, who, status, code, want)
			}
		}
	}
	grants := map[string]int{
		`[{"role":"reception","office":"o"}]`: 204, `[{"role":"manager","office":"o"}]`: 403, `[{"role":"staff","office":"p"}]`: 403,
		`[{"role":"staff"}]`: 403, `[{"role":"admin"}]`: 403, `[{"role":"staff","office":"zz"}]`: 404, `[]`: 422, `[{"role":"kiosk","office":"o"}]`: 422,
	}
	for list, want := range grants {
		if status, code := do("manager", "accounts/"+own.ID+"/grants", `{"grants":`+list+`}`); status != want {
			t.Errorf("a manager gives %s: %d %v, want %d", list, status, code, want)
		}
		want = map[int]int{204: 201}[want] + map[bool]int{true: want}[want != 204]
		if status, code := do("manager", "accounts", `{"login":"new","name":"新","grants":`+list+`}`); status != want {
			t.Errorf("a manager makes %s: %d %v, want %d", list, status, code, want)
		}
	}
	if status, code := do("admin", "accounts/"+root.ID+"/disable", ""); status != 409 || code != "last_admin" {
		t.Errorf("the last administrator is disabled: %d %v", status, code)
	}
	seen := w.get("manager", "/api/v1/accounts")["accounts"].([]any)
	if len(seen) != 4 || len(w.get("admin", "/api/v1/accounts")["accounts"].([]any)) != 6 {
		t.Errorf("a manager sees %v", seen)
	}
}

func TestAHelperWorksUntilTheDayEnds(t *testing.T) {
	w := newWorld(t)
	helper := w.post(201, "manager", "o/helpers", `{"name":"応援 一郎","role":"reception"}`)
	_, end, _ := queue.BusinessDay(time.Now()).Bounds()
	if until, err := time.Parse(time.RFC3339, helper["until"].(string)); err != nil || !until.Equal(end) {
		t.Errorf("until %v, want %v", helper["until"], end)
	}
	p, got := w.signIn(helper["login"].(string), helper["password"].(string))
	if next := dig(object(t, got), "next"); got.Code != 200 || next != "/staff/o/desk" {
		t.Fatalf("the helper signs in: %d, to %v", got.Code, next)
	}
	p.must(200, "GET", "offices/o/reception", "")
	for body, want := range map[string]int{`{"name":"x","role":"manager"}`: 422, `{"name":"","role":"staff"}`: 422, `{"name":"x","role":"staff","login":"me"}`: 400} {
		if got := w.send(request{method: "POST", path: "/api/v1/offices/o/helpers", token: "manager", body: body}); got.Code != want {
			t.Errorf("%s: %d, want %d", body, got.Code, want)
		}
	}
	id := helper["id"].(string)
	if got := w.send(request{method: "POST", path: "/api/v1/accounts/" + id + "/disable", token: "manager"}); got.Code != 204 {
		t.Errorf("sent home: %d %s", got.Code, got.Body)
	}
	if got := p.do("GET", "me", ""); got.Code != 401 {
		t.Errorf("a helper who was sent home: %d", got.Code)
	}
}

func TestSessionsAreListedAndRevoked(t *testing.T) {
	w := newWorld(t)
	w.hire("sato", at(account.Staff, "o"))
	here, _ := w.signIn("sato", goodPassword)
	there, _ := w.signIn("sato", goodPassword)
	lost, _ := w.signIn("sato", goodPassword)
	id := func(p person) string {
		for _, s := range p.must(200, "GET", "me", "")["sessions"].([]any) {
			if dig(s, "current") == true {
				return dig(s, "id").(string)
			}
		}
		t.Fatal("no session is the current one")
		return ""
	}
	here.must(204, "POST", "me/sessions/revoke", fmt.Sprintf(`{"session":%q}`, id(lost)))
	if got := here.do("POST", "me/sessions/revoke", `{"session":"zz"}`); got.Code != 404 {
		t.Errorf("a session that is not there: %d", got.Code)
	}
	list := w.get("manager", "/api/v1/sessions")["sessions"].([]any)
	if len(list) != 2 || len(w.get("admin", "/api/v1/sessions?account=zz")["sessions"].([]any)) != 0 {
		t.Errorf("sessions: %v", list)
	}
	if got := w.send(request{method: "POST", path: "/api/v1/sessions/" + id(there) + "/revoke", token: "manager"}); got.Code != 204 {
		t.Errorf("a manager ends it: %d %s", got.Code, got.Body)
	}
	for name, p := range map[string]person{"lost": lost, "there": there} {
		if got := p.do("GET", "me", ""); got.Code != 401 {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	here.must(204, "POST", "me/sessions/revoke", "")
	here.must(204, "POST", "me/seen", "")
}

func TestAStaffSocketEndsWithItsSession(t *testing.T) {
	w := newWorld(t)
	w.hire("sato", at(account.Staff, "o"))
	p, _ := w.signIn("sato", goodPassword)
	url := w.serve()
	conn, _, err := dial(t, url, "?office=o&console=1", http.Header{"Cookie": {p.cookie}, "Origin": {url}})
	if err != nil {
		t.Fatal(err)
	}
	receive(t, conn)
	p.must(204, "POST", "me/seen", "")
	if got := w.send(request{method: "POST", path: "/staff/logout", header: map[string]string{"Cookie": p.cookie, "Sec-Fetch-Site": "same-origin"}}); got.Code != 204 {
		t.Fatal(got.Code)
	}
	for {
		_, _, err := conn.ReadMessage()
		if closed, ok := err.(*websocket.CloseError); ok {
			if closed.Code != 4401 {
				t.Errorf("closed with %d", closed.Code)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestGuessesAtOnceOverHTTP guesses two hundred times at once.
func TestGuessesAtOnceOverHTTP(t *testing.T) {
	w := newWorld(t)
	w.hire("sato", at(account.Staff, "o"))
	var wrong, refused atomic.Int64
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			_, got := w.signIn("sato", fmt.Sprint("guess number ", i))
			switch code := object(t, got)["code"]; {
			case code == "bad_credentials":
				wrong.Add(1)
			case got.Code == http.StatusTooManyRequests && got.Header().Get("Retry-After") != "" && got.Header().Get("Set-Cookie") == "":
				refused.Add(1)
			default:
				t.Errorf("guess %d: %d %v", i, got.Code, code)
			}
		})
	}
	group.Wait()
	if wrong.Load() > 5 || wrong.Load()+refused.Load() != 200 {
		t.Errorf("%d guesses were looked at, %d refused", wrong.Load(), refused.Load())
	}
}

func TestLinksOnTheDoorLeadNowhereElse(t *testing.T) {
	w := newWorld(t)
	w.hire("sato", at(account.Staff, "o"))
	for next, want := range map[string]string{"": "/staff/o", "/staff/o/1": "/staff/o/1", "//evil.example": "/staff/o", "https://evil.example": "/staff/o", `/\evil`: "/staff/o"} {
		form := "login=sato&password=" + strings.ReplaceAll(goodPassword, " ", "+") + "&next=" + next
		got := w.send(request{method: "POST", path: "/staff/login", body: form, header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Accept": "text/html",
		}})
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != want {
			t.Errorf("next %q: %d to %q, want %q", next, got.Code, got.Header().Get("Location"), want)
		}
	}
	if got := w.send(request{method: "POST", path: "/staff/login", body: `{"login":"sato","password":"x"}`, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}); got.Code != 403 {
		t.Errorf("a form of another site: %d", got.Code)
	}
}
