package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/notify/line"
	"machi/internal/notify/mail"
	"machi/internal/notify/notifytest"
	"machi/internal/server"
)

// mark stands in every private text of the day.
const mark = "zqmark"

// marked is a day full of what nobody outside may read.
type marked struct {
	*running
	t       *testing.T
	root    caller
	manager caller
	clerk   caller
	private map[string]string // by what it is: what was made by chance, such as a secret
	own     map[string][]string
	tickets []string // secrets
}

// TestNothingPrivateLeaves fills a day with private texts and secrets, and then fetches
// every public route and reads every live frame: none holds one of them. A public route
// that is not fetched fails.
func TestNothingPrivateLeaves(t *testing.T) {
	m := newMarked(t)
	frames := m.watch()
	m.fill()
	m.kept()
	m.discreet()
	for query, read := range frames {
		m.clean("frames of "+query, read(), nil)
	}
	seen := 0
	for _, r := range m.Handler().(*api.API).Echo().Routes() {
		if r.Method == echo.RouteNotFound || r.Method == http.MethodOptions || rows[r.Method+" "+r.Path] != "all" {
			continue
		}
		seen++
		if r.Method == http.MethodGet {
			m.fetch(r.Path)
		} else {
			m.answers(ask(m.running, r.Method, filled.Replace(r.Path), caller{}, nil), r.Method+" "+r.Path, nil)
		}
	}
	if seen < 60 {
		t.Errorf("%d public routes", seen)
	}
}

// newMarked starts a server on which everything is switched on.
func newMarked(t *testing.T) *marked {
	t.Helper()
	file := filepath.Join(t.TempDir(), "offices.yaml")
	if err := os.WriteFile(file, []byte("offices: [{id: km-setagaya, rule: {check_in: true}, from_home: {enabled: true, check_in_by_sheet: true}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, server.Options{
		Catalog: file, PublicURL: "https://machi.example", SecretKey: []byte("a key that is always the same"),
		Security:     server.SecurityContact{Contacts: []string{"mailto:security@city.example"}},
		WebhookAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Tell: server.Tell{
			PushSubject: "https://machi.example/", PushHosts: []string{"https://push.example"},
			Mail: mail.Options{Server: "127.0.0.1:9", Security: mail.Plain, From: "no-reply@city.example.jp"},
			Line: line.Options{Secret: notifytest.LineSecret, Token: mark + "-line-token", Endpoint: notifytest.NewLineService(t).URL}, LineAddURL: "https://line.example/add",
		},
	})
	m := &marked{running: s, t: t, private: map[string]string{}, own: map[string][]string{}}
	m.root = m.program(auth.Grant{Role: "admin", Name: mark + " program"})
	m.manager, m.clerk = m.person("manager", account.Manager), m.person("clerk", account.Staff)
	return m
}

func (m *marked) program(g auth.Grant) caller {
	m.t.Helper()
	token, err := m.Grant(m.t.Context(), g)
	if err != nil {
		m.t.Fatal(err)
	}
	m.private["a token"] = token
	return caller{token: token}
}

func (m *marked) person(what string, role account.Role) caller {
	m.t.Helper()
	in, err := m.People().SignInSubject(m.t.Context(), account.Subject{Issuer: "https://city.example", ID: mark + what},
		account.Person{Login: mark + what, Name: mark + " " + what, Grants: []account.Grant{{Role: role, Office: "km-setagaya"}}}, "192.0.2.1", "test")
	if err != nil {
		m.t.Fatal(err)
	}
	m.private["the session of the "+what] = in.Token
	return caller{cookie: in.Token}
}

// do sends a command that must succeed.
func (m *marked) do(path, body string, who caller) map[string]any {
	m.t.Helper()
	status, out := send(m.t, m.running, http.MethodPost, path, body, who)
	if status >= http.StatusBadRequest {
		m.t.Fatalf("%s %s: %d %v", path, body, status, out)
	}
	return out
}

// fill makes the day: what clerks write, what residents hand over, what managers set.
func (m *marked) fill() {
	m.t.Helper()
	const at = "offices/km-setagaya/"
	m.do(at+"counters/3/open", `{}`, m.clerk)
	for _, counter := range []string{"4", "5", "6"} {
		m.do(at+"counters/"+counter+"/open", `{"staff":"`+mark+` staff"}`, m.root)
	}
	var numbers []string
	for range 6 {
		out := m.do(at+"tickets", `{"service":"moving","channel":"reception"}`, m.root)
		numbers = append(numbers, out["number"].(string))
		m.holds(out)
	}
	for counter, who := range map[string]caller{"3": m.clerk, "4": m.root} {
		m.do(at+"counters/"+counter+"/call-next", `{}`, who)
	}
	m.do(at+"tickets/"+numbers[0]+"/start", `{}`, m.clerk)
	m.do(at+"tickets/"+numbers[0]+"/hold", `{"reason":"`+mark+` reason","room":"`+mark+` room"}`, m.clerk)
	m.do(at+"tickets/"+numbers[5]+"/note", `{"text":"`+mark+` note"}`, m.clerk)
	m.do(at+"tickets/"+numbers[4]+"/transfer", `{"service":"koseki","note":"`+mark+` passed on"}`, m.root)
	m.do(at+"counters/5/ask-help", `{"text":"`+mark+` help"}`, m.root)
	m.do(at+"counters/6/pause", `{"reason":"`+mark+` pause"}`, m.root)
	m.fromHome(at)
	m.toBeTold("tickets/" + m.tickets[5] + "/tell")
	m.walls()
	m.machines(at)
	m.do("emergencies", `{"office":"km-setagaya","kind":"fire"}`, m.manager) // the last frame has it
}

// holds keeps a ticket's secrets, which are its holder's own.
func (m *marked) holds(out map[string]any) {
	secret := out["secret"].(string)
	m.tickets = append(m.tickets, secret)
	m.private["the secret of "+fmt.Sprint(out["number"])] = secret
	m.own[secret] = append(m.own[secret], secret)
	if code, ok := out["check_in_code"].(string); ok {
		m.private["the check-in code of "+fmt.Sprint(out["number"])] = code
		m.own[secret] = append(m.own[secret], code)
	}
}

// fromHome takes tickets that are not at the office, and reads what the door shows.
func (m *marked) fromHome(at string) {
	m.t.Helper()
	m.holds(m.do(at+"tickets", `{"service":"moving","channel":"web"}`, m.root))
	r := httptest.NewRequest(http.MethodPost, "/api/v1/"+at+"from-home", strings.NewReader(`{"service":"moving","language":"ja"}`))
	for name, value := range map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Idempotency-Key": m.t.Name() + ".home"} {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusCreated || len(w.Result().Cookies()) != 1 {
		m.t.Fatalf("from home: %d %s", w.Code, w.Body)
	}
	var taken map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &taken); err != nil {
		m.t.Fatal(err)
	}
	m.holds(taken)
	m.private["the word of a device"] = w.Result().Cookies()[0].Value
	_, today := send(m.t, m.running, "GET", at+"from-home/today", "", m.manager)
	_, m.private["the key of the door"], _ = strings.Cut(today["door_url"].(string), "#")
	sheet, err := url.Parse(today["sheet_url"].(string))
	if err != nil {
		m.t.Fatal(err)
	}
	m.private["the sheet at the door"] = sheet.Query().Get("sheet")
}

// toBeTold leaves addresses in each of the three ways.
func (m *marked) toBeTold(path string) {
	m.t.Helper()
	m.do(path, `{"channel":"mail","people":1,"mail":"`+mark+`@example.jp"}`, caller{})
	keys := `{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}`
	m.do(path, `{"channel":"push","people":1,"lang":"en","push":{"endpoint":"https://push.example/`+mark+`","keys":`+keys+`}}`, caller{})
	m.private["the key of a browser"], m.private["the word of a browser"] = "BCVxsr7N_eNgVRqvHtD0zTZsEc6", "BTBZMqHH6r4Tts7J_aSIgg"
	code := m.do(path, `{"channel":"line","people":1}`, caller{})["code"].(string)
	signature, said := notifytest.Says("U"+mark, code)
	r := httptest.NewRequest(http.MethodPost, "/api/v1/line/webhook", strings.NewReader(string(said)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Line-Signature", signature)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		m.t.Fatalf("LINE: %d %s", w.Code, w.Body)
	}
}

// walls registers a screen and puts one item on it; a second stays a draft.
func (m *marked) walls() {
	m.t.Helper()
	screen := m.do("screens", `{"office":"km-setagaya","name":"`+mark+` screen"}`, m.manager)
	m.private["the token of a screen"] = screen["token"].(string)
	m.do("signage/km-setagaya/alive", `{"screen":"`+mark+`","token":"`+screen["token"].(string)+`"}`, caller{})
	item := m.do("signs", `{"office":"km-setagaya",`+text+`}`, m.manager)
	m.do("signs/"+item["id"].(string)+"/submit", `{"version":1}`, m.manager)
	m.do("signs", `{"office":"km-setagaya",`+strings.Replace(text, "題", mark+" draft", 1)+`}`, m.manager)
}

// machines makes what machines, programs and new people get.
func (m *marked) machines(at string) {
	m.t.Helper()
	m.private["the code of a machine"] = m.do(at+"kiosks/K1/enrol-code", `{}`, m.manager)["code"].(string)
	hook := httptest.NewServer(http.NotFoundHandler())
	m.t.Cleanup(hook.Close)
	m.private["the secret of a webhook"] = m.do("webhooks", `{"url":"`+hook.URL+"/"+mark+`","events":["ticket.near"],"note":"`+mark+`"}`, m.root)["secret"].(string)
	_, password, err := m.People().Add(m.t.Context(), account.New{Login: mark + "new", Name: mark + " new", Grants: []account.Grant{{Role: account.Staff, Office: "km-setagaya"}}}, "test")
	if err != nil {
		m.t.Fatal(err)
	}
	m.private["a first password"] = password
}

// kept checks that the private texts are there at all, for those who may read them.
func (m *marked) kept() {
	m.t.Helper()
	var log struct{ Records []struct{ Body []byte } }
	if err := json.Unmarshal(ask(m.running, "GET", setagaya+"/records?after=0", m.root, nil).Body.Bytes(), &log); err != nil {
		m.t.Fatal(err)
	}
	raw := ""
	for _, r := range log.Records {
		raw += string(r.Body)
	}
	for _, what := range []string{" reason", " room", " note", " passed on", " help", " pause", " staff", " clerk"} {
		if !strings.Contains(raw, mark+what) {
			m.t.Errorf("the log holds no %q", mark+what)
		}
	}
	for what, text := range m.private {
		if len(text) < 6 {
			m.t.Errorf("%s is %q", what, text)
		}
	}
}

// watch opens live connections of both kinds, and returns what reads each of them up to
// the day's last frame.
func (m *marked) watch() map[string]func() string {
	m.t.Helper()
	readers := map[string]func() string{}
	for _, query := range []string{"", "?office=km-setagaya", "?office=km-setagaya&heartbeat=1"} {
		conn, status := dial(m.running, query, caller{}, m.Addr())
		if conn == nil {
			m.t.Fatalf("socket %q: %d", query, status)
		}
		m.t.Cleanup(func() { _ = conn.Close() })
		readers["the socket "+query] = m.read(func() (string, error) {
			_, frame, err := conn.ReadMessage()
			return string(frame), err
		})
		answer, err := http.Get(m.Addr() + "/api/v1/live/sse" + query)
		if err != nil {
			m.t.Fatal(err)
		}
		m.t.Cleanup(func() { _ = answer.Body.Close() })
		lines := bufio.NewReader(answer.Body)
		readers["the stream "+query] = m.read(func() (string, error) { return lines.ReadString('\n') })
	}
	return readers
}

// read takes frames as they come, so that none is skipped, up to the last one.
func (m *marked) read(next func() (string, error)) func() string {
	all := make(chan string, 1)
	go func() {
		var frames strings.Builder
		defer func() { all <- frames.String() }()
		for {
			frame, err := next()
			frames.WriteString(frame + "\n")
			if err != nil || strings.Contains(frame, `"kind":"fire"`) {
				return
			}
		}
	}()
	return func() string {
		select {
		case frames := <-all:
			if !strings.Contains(frames, `"kind":"fire"`) {
				m.t.Errorf("a live connection ended early: %.300s", frames)
			}
			return frames
		case <-time.After(patience):
			m.t.Fatal("the last frame does not come")
			return ""
		}
	}
}

// asked are the queries of public routes that say nothing without.
var asked = map[string][]string{
	"/api/v1/offices/:office/forecast": {"from=2026-04-06&to=2026-04-12"},
	"/api/v1/open-data/history.csv":    {"from=2026-03-01&to=2026-03-31"},
	"/api/v1/open-data/history.json":   {"from=2026-03-01&to=2026-03-31"},
	"/api/v1/offices/:office/spoken":   {"lang=ja"},
	"/":                                {"", "sort=near&from=kyodo", "matter=move-in", "q=ひっこし"},
	"/go":                              {"matter=move-in&from=kyodo"},
	"/staff/login":                     {"", "error=code_wrong"},
	"/offices/:office":                 {"", "service=moving"},
	"/api/v1/offices/:office/curve":    {"", "date=2026-04-01"},
	"/api/v1/tickets/:secret":          {""},
	"/t/:secret":                       {"", "problem=too_often"},
	"/api/v1/offices/:office/voice":    {"lang=ja&number=A001&counter=3"},
	"/offices/:office/arrive":          {"", "code=000000"},
	"/embed":                           {"", "office=km-setagaya"},
	"/api/v1/open-data/record.csv":     {""},
	"/staff/oidc/callback":             {"state=x&code=y", "error=access_denied"},
}

// empty are public routes that have nothing to show on this server, and what they answer.
var empty = map[string]int{
	"/signage/media/:hash": 404, "/tell/stop/:token": 404, "/ui/*": 404, "/api/v1/offices/:office/voice": 501,
	"/staff/oidc/start": 404, "/staff/oidc/callback": 404,
}

// fetch asks for a route in every way that shows something else, in two languages.
func (m *marked) fetch(route string) {
	if strings.HasPrefix(route, "/api/v1/live") {
		return // the frames were read
	}
	queries := asked[route]
	if queries == nil {
		queries = []string{""}
	}
	secrets := []string{""}
	if strings.Contains(route, ":secret") {
		secrets = append(slices.Clone(m.tickets), "nobody's")
	}
	for _, secret := range secrets {
		path := filled.Replace(strings.NewReplacer(":secret", secret, ":matter", "move-in").Replace(route))
		for _, query := range queries {
			for _, lang := range []string{"ja", "en"} {
				full := path + "?" + strings.TrimPrefix(query+"&lang="+lang, "&")
				if strings.HasPrefix(route, "/api/") {
					full = strings.TrimSuffix(path+"?"+query, "?")
				}
				w := ask(m.running, http.MethodGet, full, caller{}, nil)
				if want := m.want(route, secret); w.Code != want {
					m.t.Errorf("GET %s: %d, want %d", full, w.Code, want)
				}
				m.answers(w, full, m.own[secret])
			}
		}
	}
}

func (m *marked) want(route, secret string) int {
	switch status, ok := empty[route]; {
	case ok:
		return status
	case secret == "nobody's":
		return http.StatusNotFound
	}
	return http.StatusOK
}

// answers looks through all of an answer.
func (m *marked) answers(w *httptest.ResponseRecorder, what string, own []string) {
	m.clean(what, fmt.Sprint(w.Header())+"\n"+w.Body.String(), own)
}

// word finds a text that stands alone: six digits may stand in a longer figure by chance.
func word(text, within string) bool {
	return regexp.MustCompile(`(^|[^0-9A-Za-z])` + regexp.QuoteMeta(text) + `($|[^0-9A-Za-z])`).MatchString(within)
}

// clean fails where a text holds something private. The holder of a ticket may read
// what is the ticket's own.
func (m *marked) clean(what, text string, own []string) {
	m.t.Helper()
	lower := strings.ToLower(text)
	for _, sign := range []string{mark, strings.ToLower(m.t.Name())} { // also the ids of commands
		if at := strings.Index(lower, sign); at >= 0 {
			m.t.Errorf("%s holds %q", what, text[max(0, at-80):min(len(text), at+80)])
		}
	}
	for name, secret := range m.private {
		if !slices.Contains(own, secret) && strings.Contains(text, secret) && word(secret, text) {
			m.t.Errorf("%s holds %s", what, name)
		}
	}
}

// discreet checks that walls name no service that is nobody's business to wait for.
func (m *marked) discreet() {
	m.t.Helper()
	_, out := m.send("GET", setagaya, "", "", "")
	wall, found := ask(m.running, "GET", "/signage/km-setagaya", caller{}, nil).Body.String(), 0
	for _, s := range out["services"].([]any) {
		service := s.(map[string]any)
		if service["private"] != true {
			continue
		}
		found++
		for _, name := range service["name"].(map[string]any) {
			if strings.Contains(wall, name.(string)) {
				m.t.Errorf("the wall names %s", name)
			}
		}
	}
	if found == 0 {
		m.t.Error("the office has no private service")
	}
}
