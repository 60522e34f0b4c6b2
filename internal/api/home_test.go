package api_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/bits"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/quota"
)

// allowHome lets office o of a world give tickets to people at home.
func (w *world) allowHome(rule queue.FromHome) {
	w.t.Helper()
	view, err := w.ward.View("o")
	if err != nil {
		w.t.Fatal(err)
	}
	s := *view.State.Settings()
	s.Rule.Home = rule
	_, err = w.ward.Do(w.t.Context(), "o", office.Request{ID: queue.CommandID(fmt.Sprint("rule-", w.keys.Add(1))), Actor: queue.Actor{Role: queue.RoleSystem}, Command: queue.ChangeSettings{Settings: s}})
	if err != nil {
		w.t.Fatal(err)
	}
}

var openHome = queue.FromHome{On: true, Rule: quota.Rule{PerSlot: 4, PerNetwork: 3}, Keep: 30 * time.Minute, Expire: time.Hour}

// taker is somebody at home: a browser with its cookie, behind an address.
type taker struct {
	w       *world
	address string
	cookie  string
}

func (p *taker) send(method, path, key, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1/offices/"+path, strings.NewReader(body))
	r.RemoteAddr = p.address + ":1234"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	if p.cookie != "" {
		r.Header.Set("Cookie", p.cookie)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got := httptest.NewRecorder()
	p.w.api.ServeHTTP(got, r)
	conform(p.w.t, p.w.api, r, got)
	for _, c := range got.Result().Cookies() {
		if c.Name == "machi_device" {
			p.cookie = c.Name + "=" + c.Value
		}
	}
	return got
}

// take asks for a ticket, having done the work.
func (p *taker) take(key string) *httptest.ResponseRecorder {
	work := object(p.w.t, p.send("GET", "o/from-home", "", ""))["proof"]
	proof := solve(dig(work, "challenge").(string)+":"+key, int(dig(work, "bits").(float64)))
	return p.send("POST", "o/from-home", key, `{"service":"moving","language":"en","proof":"`+proof+`"}`)
}

func solve(text string, want int) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(fmt.Sprintf("%s:%d", text, n)))
		zeros := 0
		for _, b := range sum {
			zeros += bits.LeadingZeros8(b)
			if b != 0 {
				break
			}
		}
		if zeros >= want {
			return fmt.Sprint(n)
		}
	}
}

// problemIn returns the code of a problem, with its status.
func problemIn(t *testing.T, r *httptest.ResponseRecorder) string {
	t.Helper()
	var p struct {
		Code   string `json:"code"`
		Status int    `json:"status"`
	}
	if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil || r.Code < 400 {
		return fmt.Sprint(r.Code)
	}
	if r.Header().Get("Content-Type") != "application/problem+json" || p.Status != r.Code {
		t.Errorf("not a problem: %s", r.Body)
	}
	return p.Code
}

func TestATicketFromHomeFromTheSofaToTheCounter(t *testing.T) {
	w := newWorld(t)
	w.allowHome(openHome)
	p := &taker{w: w, address: "192.0.2.7"}
	got := p.take("sofa")
	if got.Code != http.StatusCreated || p.cookie == "" {
		t.Fatalf("status %d, cookie %q: %s", got.Code, p.cookie, got.Body)
	}
	ticket := object(t, got)
	again := object(t, (&taker{w: w, address: "192.0.2.7"}).take("sofa")) // the answer was lost, and the cookie with it
	if again["number"] != ticket["number"] || again["secret"] != ticket["secret"] || again["repeated"] != true {
		t.Errorf("sent again: %v, want %v", again, ticket)
	}
	if mine := object(t, p.send("GET", "o/from-home", "", ""))["mine"]; dig(mine, "secret") != ticket["secret"] || dig(mine, "away") != true || dig(mine, "keep_until") == nil {
		t.Errorf("the device's own ticket: %v", mine)
	}
	if mine := object(t, (&taker{w: w, address: "192.0.2.7"}).send("GET", "o/from-home", "", ""))["mine"]; mine != nil {
		t.Errorf("another device sees %v", mine)
	}
	w.post(200, "staff", "o/counters/1/open", `{}`)
	if code := w.send(request{method: "POST", path: "/api/v1/offices/o/counters/1/call-next", token: "staff", body: `{}`}).Code; code != http.StatusNoContent {
		t.Errorf("called before the holder has come: %d", code)
	}
	if code := problemIn(t, p.send("POST", "o/arrive", "a1", `{"code":"000000"}`)); code != "door_code_wrong" {
		t.Errorf("a guessed code: %s", code)
	}
	today := w.get("manager", "/api/v1/offices/o/from-home/today")
	_, key, _ := strings.Cut(today["door_url"].(string), "#")
	if code := problemIn(t, p.send("POST", "o/door", "d0", `{"key":"guess"}`)); code != "door_key_wrong" {
		t.Errorf("a guessed key: %s", code)
	}
	shown := object(t, p.send("POST", "o/door", "d1", `{"key":"`+key+`"}`))
	arrived := p.send("POST", "o/arrive", "a2", `{"code":"`+shown["code"].(string)+`"}`)
	if arrived.Code != http.StatusOK || object(t, arrived)["away"] != false {
		t.Fatalf("arrived: %d %s", arrived.Code, arrived.Body)
	}
	if code := problemIn(t, (&taker{w: w, address: "192.0.2.9"}).send("POST", "o/arrive", "a3", `{"code":"`+shown["code"].(string)+`"}`)); code != "no_ticket_from_home" {
		t.Errorf("somebody without a ticket: %s", code)
	}
	if called := w.post(200, "staff", "o/counters/1/call-next", `{}`); dig(called, "ticket", "number") != ticket["number"] {
		t.Errorf("called %v", called)
	}
}

func TestRefusalsOfTicketsFromHome(t *testing.T) {
	w := newWorld(t)
	p := &taker{w: w, address: "192.0.2.1"}
	want := func(name, code string, got *httptest.ResponseRecorder) {
		t.Helper()
		if have := problemIn(t, got); have != code {
			t.Errorf("%s: %s, want %s", name, have, code)
		}
	}
	plain := `{"service":"moving"}`
	want("an office that gives none", "from_home_off", p.send("POST", "o/from-home", "k1", plain))
	w.allowHome(openHome)
	want("no key", "idempotency_key_missing", p.send("POST", "o/from-home", "", plain))
	want("an unknown service", "unknown_service", p.send("POST", "o/from-home", "k2", `{"service":"tax"}`))
	want("an unknown office", "unknown_office", p.send("POST", "x/from-home", "k3", plain))
	want("a page of another site", "cross_site", p.send("POST", "o/from-home", "k4", plain, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"))
	want("a wrong proof", "proof_wrong", p.send("POST", "o/from-home", "k5", `{"service":"moving","proof":"no"}`))
	want("the first", "201", p.take("k6"))
	want("a second of the device", "from_home_one_per_device", p.take("k7"))
	other := func(last int) *taker { return &taker{w: w, address: fmt.Sprint("192.0.2.", last)} }
	want("without the work", "201", other(2).send("POST", "o/from-home", "k8", plain))
	want("without the work, over half", "from_home_quota", (&taker{w: w, address: "198.51.100.1"}).send("POST", "o/from-home", "k9", plain))
	want("the third of a network", "201", other(3).take("k10"))
	refused := other(4).take("k11")
	want("the fourth of a network", "from_home_network", refused)
	if refused.Header().Get("Retry-After") == "" {
		t.Error("nobody says when to ask again")
	}
	want("another network", "201", (&taker{w: w, address: "198.51.100.1"}).take("k12"))
	want("the slot is used up", "from_home_quota", (&taker{w: w, address: "203.0.113.1"}).take("k13"))
	if state := object(t, (&taker{w: w, address: "203.0.113.1"}).send("GET", "o/from-home", "", "")); state["why"] != "from_home_quota" || state["left"] != 0.0 || state["opens_again"] == nil {
		t.Errorf("the page would say %v", state)
	}
	w.advance(24 * time.Hour)
	w.advance(-w.now().Sub(time.Date(2026, 4, 1, 20, 0, 0, 0, queue.JST)))
	want("in the evening", "outside_reception_hours", other(9).take("k14"))
}

// TestSixtyFourTakersNeverExceedTheSlot has them all ask at once.
func TestSixtyFourTakersNeverExceedTheSlot(t *testing.T) {
	w := newWorld(t)
	w.allowHome(openHome)
	var all sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for i := range 64 {
		all.Go(func() {
			code := problemIn(t, (&taker{w: w, address: fmt.Sprintf("10.0.%d.1", i)}).take(fmt.Sprint("race-", i)))
			mu.Lock()
			defer mu.Unlock()
			got[code]++
		})
	}
	all.Wait()
	if got["201"] != 4 || got["from_home_quota"] != 60 {
		t.Errorf("%v, want 4 tickets and 60 refusals", got)
	}
}

func TestTheLogSaysNothingOfWhoWasAtHome(t *testing.T) {
	w := newWorld(t)
	w.allowHome(openHome)
	p := &taker{w: w, address: "203.0.113.77"}
	if got := p.take("private"); got.Code != http.StatusCreated {
		t.Fatal(got.Body)
	}
	records, _, err := w.ward.Records(t.Context(), "o", "", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, device, _ := strings.Cut(p.cookie, "=")
	for _, r := range records {
		for _, secret := range []string{"203.0.113", device} {
			if strings.Contains(string(r.Body), secret) {
				t.Errorf("record %d holds %q", r.Number, secret)
			}
		}
	}
	view, _ := w.ward.View("o")
	for _, ticket := range view.State.Tickets() {
		if len(ticket.Marks.Network) > 4 {
			t.Errorf("the mark of a network is %q: so long that it is nobody else's", ticket.Marks.Network)
		}
	}
}

// TestWrongDoorCodesAreCountedByTicket has one person guess from many addresses, and
// everybody else at the door share the address of the first guesses.
func TestWrongDoorCodesAreCountedByTicket(t *testing.T) {
	w := newWorld(t)
	w.allowHome(openHome)
	guesser, honest := &taker{w: w, address: "192.0.2.7"}, &taker{w: w, address: "192.0.2.7"}
	guesser.take("guesser")
	secret := object(t, honest.take("honest"))["secret"].(string)
	want := func(got *httptest.ResponseRecorder, code string) {
		t.Helper()
		if have := problemIn(t, got); have != code {
			t.Fatalf("%s, want %s", have, code)
		}
	}
	for i := range 10 {
		if i > 5 {
			guesser.address = fmt.Sprintf("198.51.%d.7", i)
		}
		want(guesser.send("POST", "o/arrive", fmt.Sprint("g", i), `{"code":"000000"}`), "door_code_wrong")
	}
	guesser.address = "203.0.113.7"
	want(guesser.send("POST", "o/arrive", "g11", `{"code":"000000"}`), "rate_limited")
	for i := range 30 {
		want((&taker{w: w, address: honest.address}).send("POST", "o/arrive", fmt.Sprint("n", i), `{"code":"000000"}`), "no_ticket_from_home")
		want(honest.send("POST", "o/door", fmt.Sprint("d", i), `{"key":"of a screen with an old address"}`), "door_key_wrong")
	}
	r := httptest.NewRequest("GET", "/api/v1/tickets/"+url.PathEscape(secret), nil)
	r.RemoteAddr = honest.address + ":1234"
	got := httptest.NewRecorder()
	if w.api.ServeHTTP(got, r); got.Code != http.StatusOK {
		t.Errorf("somebody else's own ticket: %d", got.Code)
	}
	_, key, _ := strings.Cut(w.get("manager", "/api/v1/offices/o/from-home/today")["door_url"].(string), "#")
	code := object(t, honest.send("POST", "o/door", "d", `{"key":"`+key+`"}`))["code"].(string)
	want(honest.send("POST", "o/arrive", "h", `{"code":"`+code+`"}`), "200")
}
