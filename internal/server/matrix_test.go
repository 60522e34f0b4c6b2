package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/queue"
	"machi/internal/server"
	"machi/internal/ui"
)

// caller is somebody at the door: a cookie, a token of a program, or nothing.
type caller struct{ cookie, token string }

// The classes of callers. "far" ones belong to another office than the path names.
var classes = map[string][]string{
	"all":       {"nobody", "kiosk", "kiosk-far", "signage", "web", "reception", "clerk", "clerk-far", "manager", "manager-far", "admin", "admin-token", "expired", "revoked", "owes"},
	"person":    {"reception", "clerk", "clerk-far", "manager", "manager-far", "admin", "admin-token", "owes"},
	"staff":     {"reception", "clerk", "clerk-far", "manager", "manager-far", "admin", "admin-token"},
	"counters":  {"clerk", "clerk-far", "manager", "manager-far", "admin", "admin-token"}, // a clerk anywhere
	"reception": {"reception", "clerk", "manager", "admin", "admin-token"},
	"clerk":     {"clerk", "manager", "admin", "admin-token"},
	"manager":   {"manager", "admin", "admin-token"},
	"chief":     {"manager", "manager-far", "admin", "admin-token"}, // a manager anywhere
	"root":      {"admin", "admin-token"},
	"kiosk":     {"kiosk", "admin-token"}, // the machine that the path names
	"machine":   {"kiosk", "admin", "admin-token"},
	"estimator": {"kiosk", "manager", "admin", "admin-token"},
	"desk":      {"kiosk", "reception", "clerk", "manager", "admin", "admin-token"},
	"issuer":    {"kiosk", "web", "reception", "clerk", "manager", "admin", "admin-token"},
}

// rows says for every route of the assembled server who may use it.
var rows = readRows()

// readRows reads testdata/routes.txt: method, path, class.
func readRows() map[string]string {
	raw, err := os.ReadFile("testdata/routes.txt")
	if err != nil {
		panic(err)
	}
	list := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] != "#" {
			list[f[0]+" "+f[1]] = f[2]
		}
	}
	return list
}

// callers lets everybody in who may come to the door.
func callers(t *testing.T, s *running) map[string]caller {
	t.Helper()
	token := func(g auth.Grant) caller {
		text, err := s.Grant(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		return caller{token: text}
	}
	session := func(name string, role account.Role, office queue.OfficeID) caller {
		in, err := s.People().SignInSubject(t.Context(), account.Subject{Issuer: "https://city.example", ID: name},
			account.Person{Login: name, Name: name, Grants: []account.Grant{{Role: role, Office: office}}}, "192.0.2.1", "test")
		if err != nil {
			t.Fatal(err)
		}
		return caller{cookie: in.Token}
	}
	here, far := queue.OfficeID("km-setagaya"), queue.OfficeID("km-kitazawa")
	all := map[string]caller{
		"nobody": {}, "kiosk": token(auth.Grant{Role: "kiosk", Office: here, Kiosk: "K1"}), "kiosk-far": token(auth.Grant{Role: "kiosk", Office: far, Kiosk: "K1"}),
		"signage": token(auth.Grant{Role: "signage", Office: here}), "web": token(auth.Grant{Role: "web"}), "admin-token": token(auth.Grant{Role: "admin"}),
		"expired":   token(auth.Grant{Role: "admin", Expires: time.Now().Add(-time.Hour)}),
		"reception": session("uketsuke", account.Reception, here), "clerk": session("sato", account.Staff, here), "clerk-far": session("suzuki", account.Staff, far),
		"manager": session("tanaka", account.Manager, here), "manager-far": session("kato", account.Manager, far), "admin": session("root", account.Admin, ""),
		"revoked": session("gone", account.Admin, ""),
	}
	gone, err := s.People().ByLogin("gone")
	if err == nil {
		err = s.People().Disable(t.Context(), gone.ID, "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	all["owes"] = owing(t, s)
	return all
}

// owing is an administrator who has not changed the first password, nor set up the
// second factor.
func owing(t *testing.T, s *running) caller {
	t.Helper()
	_, password, err := s.People().Add(t.Context(), account.New{Login: "new", Name: "new", Grants: []account.Grant{{Role: account.Admin}}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.People().SignIn(t.Context(), account.Credentials{Login: "new", Password: password, Source: "192.0.2.2"})
	if err != nil {
		t.Fatal(err)
	}
	return caller{cookie: in.Token}
}

// ask sends a request of a caller. A stream ends as soon as it begins.
func ask(s *running, method, path string, who caller, header map[string]string) *httptest.ResponseRecorder {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body := ""
	if method == http.MethodPost || method == http.MethodPut {
		body = `{"no such field":1}`
	}
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if !strings.HasPrefix(path, "/api/") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if header == nil {
		header = map[string]string{"Sec-Fetch-Site": "same-origin"}
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	cookie := who.cookie
	if page := !strings.HasPrefix(path, "/api/"); page && who.token != "" { // a browser has it as a cookie
		cookie = who.token
	} else if who.token != "" {
		r.Header.Set("Authorization", "Bearer "+who.token)
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: api.SessionCookie, Value: cookie})
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(ending{w, cancel}, r)
	return w
}

// ending hangs up at the first byte of a stream.
type ending struct {
	*httptest.ResponseRecorder
	hang func()
}

// Flush ends the request.
func (e ending) Flush() { e.hang() }

var filled = strings.NewReplacer(":office", "km-setagaya", ":kiosk", "K1", ":counter", "3", ":number", "A001", ":service", "zz", ":secret", "zz",
	":sign", "zz", ":move", "approve", ":screen", "zz", ":emergency", "zz", ":hash", "zz", ":account", "zz", ":session", "zz", ":verb", "disable", ":id", "zz", ":date", "2026-04-01", "*", "zz")

// shut reports whether an answer keeps somebody out: a refusal, in words or as the
// code of a problem, or the way to another page than the one that was asked for.
func shut(path string, w *httptest.ResponseRecorder) bool {
	switch {
	case w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden:
		return true
	case strings.HasPrefix(path, "/api/"):
		return false
	case w.Code == http.StatusOK:
		return strings.Contains(w.Body.String(), ui.StaffTexts.Say(ui.Japanese, "problem.cross_site"))
	case w.Code != http.StatusSeeOther:
		return false
	}
	to, query, _ := strings.Cut(w.Header().Get("Location"), "?")
	for _, code := range []string{"unauthenticated", "forbidden", "cross_site", "password_change_required", "totp_required"} {
		if strings.Contains(query, "problem="+code) {
			return true
		}
	}
	area := strings.SplitN(path, "/", 3)[1]
	return to == "/staff/login" || to == "/staff/me" && !strings.HasPrefix(path, "/staff/me") || area != "staff" && !strings.HasPrefix(to, "/"+area) || to == "/manager" && path != to
}

// doors are public: what they refuse is what was typed or brought.
var doors = []string{"/staff/login", "/staff/first", "/staff/logout", "/staff/oidc/start", "/staff/oidc/callback"}

// TestWhoMayDoWhat holds the assembled server against the table: every route, every
// socket, and every route that changes something with a cookie from elsewhere.
func TestWhoMayDoWhat(t *testing.T) {
	s := start(t, server.Options{})
	all := callers(t, s)
	if status, out := s.post(setagaya+"/tickets", all["admin-token"].token, "one", issueBody); out["number"] != "A001" {
		t.Fatalf("%d %v: the paths name A001", status, out)
	}
	t.Run("every route", func(t *testing.T) { everyRoute(t, s, all) })
	t.Run("cookies from elsewhere", func(t *testing.T) { cookiesFromElsewhere(t, s, all["admin"]) })
	t.Run("every socket", func(t *testing.T) { everySocket(t, s, all) })
}

// everyRoute sends everybody to every route: API, pages, practice and streams. A
// route without a row fails, and a row without a route.
func everyRoute(t *testing.T, s *running, all map[string]caller) {
	seen := map[string]bool{}
	for _, r := range s.Handler().(*api.API).Echo().Routes() {
		name := r.Method + " " + r.Path
		if r.Method == http.MethodHead {
			name = "GET " + r.Path
		}
		if r.Method == http.MethodOptions || r.Method == echo.RouteNotFound {
			continue
		}
		class, ok := rows[name]
		if !ok || classes[class] == nil {
			t.Errorf("%s has no row, or one of no class: %q", name, class)
			continue
		}
		if seen[name] || slices.Contains(doors, r.Path) {
			seen[name] = true
			continue
		}
		seen[name] = true
		path := filled.Replace(r.Path)
		for who, c := range all {
			w := ask(s, r.Method, path, c, nil)
			if open := !shut(path, w); open != slices.Contains(classes[class], who) || w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
				t.Errorf("%s %s as %s: %d to %q, class %s", r.Method, path, who, w.Code, w.Header().Get("Location"), class)
			}
		}
	}
	for name := range rows {
		if !seen[name] {
			t.Errorf("%s has a row and no route", name)
		}
	}
	for who, c := range all { // nothing that was tried has ended anybody's session
		if slices.Contains(classes["person"], who) && ask(s, "GET", "/api/v1/me", c, nil).Code != http.StatusOK {
			t.Errorf("%s is not signed in any more", who)
		}
	}
}

// cookiesFromElsewhere tries every route that changes something with an
// administrator's cookie, from pages that are not ours.
func cookiesFromElsewhere(t *testing.T, s *running, admin caller) {
	for name, class := range rows {
		method, path, _ := strings.Cut(name, " ")
		if method == http.MethodGet || class == "all" && !slices.Contains(doors, path) {
			continue
		}
		path = filled.Replace(path)
		for what, header := range map[string]map[string]string{
			"cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "http://example.com"}, "same-site": {"Sec-Fetch-Site": "same-site"},
			"a stranger": {"Origin": "https://evil.example"}, "null": {"Origin": "null"}, "a suffix": {"Origin": "http://example.com.evil.example"},
			"another port": {"Origin": "http://example.com:8081"}, "nothing said": {"X": "1"},
		} {
			if w := ask(s, method, path, admin, header); !shut(path, w) {
				t.Errorf("%s %s from %s: %d to %q", method, path, what, w.Code, w.Header().Get("Location"))
			}
		}
	}
	if w := ask(s, "GET", "/api/v1/me", admin, nil); w.Code != http.StatusOK {
		t.Errorf("the session itself has ended: %d", w.Code)
	}
}

// sockets lists what a live connection may ask for, and who may have it.
var sockets = map[string]string{
	"": "all", "?office=km-setagaya": "all", "?office=km-setagaya&heartbeat=1": "all", "?office=km-setagaya&console=3": "clerk",
}

// everySocket opens live connections as everybody, over the network, and as a stream
// of events.
func everySocket(t *testing.T, s *running, all map[string]caller) {
	for query, class := range sockets {
		for who, c := range all {
			may := slices.Contains(classes[class], who)
			conn, status := dial(s, query, c, s.Addr())
			if (conn != nil) != may {
				t.Errorf("socket %q as %s: %d", query, who, status)
			}
			if conn != nil {
				speak(t, conn)
			}
			if w := ask(s, "GET", "/api/v1/live/sse"+query, c, nil); shut("/api/v1/live/sse", w) == may {
				t.Errorf("stream %q as %s: %d", query, who, w.Code)
			}
		}
	}
	for _, origin := range []string{"null", "https://evil.example", s.Addr() + ".evil.example", s.Addr() + "0", "http://user@" + s.Addr()[7:], s.Addr() + "/x", "https" + s.Addr()[4:] + "x", "file://", ""} {
		conn, status := dial(s, "?office=km-setagaya&console=3", all["clerk"], origin)
		if conn != nil {
			_ = conn.Close()
			t.Errorf("a page of %q opens the clerk's socket: %d", origin, status)
		}
	}
}

func dial(s *running, query string, c caller, origin string) (*websocket.Conn, int) {
	h := http.Header{}
	if origin != "" {
		h.Set("Origin", origin)
	}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != "" {
		h.Set("Cookie", api.SessionCookie+"="+c.cookie)
	}
	conn, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.Addr(), "http")+"/api/v1/live"+query, h)
	status := 0
	if answer != nil {
		status = answer.StatusCode
		_ = answer.Body.Close()
	}
	if err != nil {
		return nil, status
	}
	return conn, status
}

// speak sends what a browser never does: no message of a client has a meaning.
func speak(t *testing.T, conn *websocket.Conn) {
	t.Helper()
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Error(err)
	}
	for _, message := range []string{`{"office":"km-setagaya","console":"3"}`, `{"type":"subscribe"}`, "\x00"} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Errorf("nothing comes: %v", err)
	}
	_ = conn.WriteMessage(websocket.TextMessage, make([]byte, 1<<16)) // more than it reads
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}
