package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web/webtest"
)

var cardOf = regexp.MustCompile(`id="card"[^>]* data-ticket="([^"]+)"`)

// card returns the number that the console shows beside, and the page.
func (s *site) card(looked string) (string, string) {
	body := s.get("/staff/km-setagaya/1?ticket=" + url.QueryEscape(looked)).Body.String()
	if m := cardOf.FindStringSubmatch(body); m != nil {
		return m[1], body
	}
	return "", body
}

func TestANumberIsFoundByItsFiguresByItsPaperOrInTheDay(t *testing.T) {
	s := newSite(t, nil)
	console, _ := webtest.New().Console("km-setagaya", "1")
	waits := console.Waiting[0].Number
	s.echo.GET("/api/v1/tickets/:secret", func(c echo.Context) error {
		if c.Param("secret") == "elsewhere" {
			return c.JSON(http.StatusOK, board.TicketStatus{Office: "km-kinuta", OfficeName: board.Text{"ja": "砧"}})
		}
		return c.JSON(http.StatusOK, board.TicketStatus{Office: "km-setagaya", Number: waits})
	})
	s.echo.GET("/api/v1/offices/km-setagaya/tickets/:number", func(c echo.Context) error {
		if c.Param("number") != "Z099" {
			return c.JSON(http.StatusNotFound, map[string]string{"code": "unknown_ticket"})
		}
		return c.JSON(http.StatusOK, map[string]any{"ticket": board.ConsoleTicket{Number: "Z099", State: queue.Done}})
	})
	for _, test := range []struct{ name, looked, want, says string }{
		{"a whole number", string(waits), string(waits), ""},
		{"in small letters", strings.ToLower(string(waits)), string(waits), ""},
		{"a scanned paper", "https://machi.example/t/abc?lang=en", string(waits), ""},
		{"a number that the console does not list", "z099", "Z099", ""},
		{"an unknown number", "Q001", "", "その番号は見つかりません"},
		{"another office's paper", "https://machi.example/t/elsewhere", "", "ほかの庁舎の番号です"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, body := s.card(test.looked)
			if got != test.want || !strings.Contains(body, test.says) {
				t.Errorf("found %q, want %q; says %q: %t", got, test.want, test.says, strings.Contains(body, test.says))
			}
		})
	}
}

func TestFiguresThatSeveralNumbersEndInAreAskedBack(t *testing.T) {
	s := newSite(t, nil)
	console, _ := webtest.New().Console("km-setagaya", "1")
	count := map[string]int{}
	figures := regexp.MustCompile(`[1-9][0-9]*$`)
	for _, ticket := range append(console.Waiting, console.Aside...) {
		count[figures.FindString(string(ticket.Number))]++
	}
	for typed, n := range count {
		got, body := s.card(typed)
		if several := strings.Count(body, `href="/staff/km-setagaya/1?ticket=`) > len(console.Waiting)+len(console.Aside); several != (n > 1) || (got != "") != (n == 1) {
			t.Errorf("%s, which %d numbers end in: found %q, asks back: %t", typed, n, got, several)
		}
	}
}

func TestAFormMayNameListsAndCounts(t *testing.T) {
	s := newSite(t, nil)
	var body map[string]any
	s.echo.POST("/api/v1/offices/km-setagaya/*", func(c echo.Context) error {
		body = nil
		return json.NewDecoder(c.Request().Body).Decode(&body)
	})
	s.post("/staff/km-setagaya/1/do/counters/1/open", url.Values{"services": {"moving", "certificate"}, "expect": {"A012"}})
	if diff := cmp.Diff(map[string]any{"services": []any{"moving", "certificate"}}, body); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	s.post("/staff/km-setagaya/1/do/counters/1/announce", url.Values{"numbers": {"A001 A002"}})
	if diff := cmp.Diff(map[string]any{"numbers": []any{"A001", "A002"}}, body); diff != "" {
		t.Errorf("announce (-want +got):\n%s", diff)
	}
	s.post("/staff/km-setagaya/1/do/counters/1/finish-and-call-next", url.Values{"counter": {"1"}, "served.moving": {"2"}, "served.mynumber": {""}})
	if diff := cmp.Diff(map[string]any{"served": []any{map[string]any{"service": "moving", "quantity": 2.0}}}, body); diff != "" {
		t.Errorf("finish and call next (-want +got):\n%s", diff)
	}
}

func TestATicketIssuedAtTheCounterMayBeCalledAtOnce(t *testing.T) {
	s := newSite(t, nil)
	var asked []string
	s.echo.POST("/api/v1/offices/km-setagaya/*", func(c echo.Context) error {
		asked = append(asked, c.Param("*")+" "+c.Request().Header.Get("Idempotency-Key"))
		return c.JSON(http.StatusCreated, map[string]string{"number": "A031"})
	})
	w := s.post("/staff/km-setagaya/1/do/tickets", url.Values{"idempotency_key": {"k"}, "service": {"moving"}, "channel": {"reception"}, "then": {"call"}})
	if got := w.Header().Get("Location"); got != "/staff/km-setagaya/1?did=tickets&number=A031" {
		t.Errorf("to %q", got)
	}
	if diff := cmp.Diff([]string{"tickets k", "tickets/A031/call k-call"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestAnothersCounterOffersNothingButToTakeItOver(t *testing.T) {
	s := newSite(t, nil)
	s.who.Name = "鈴木"
	body := s.get("/staff/km-setagaya/1").Body.String()
	if !strings.Contains(body, `name="take_over"`) || !strings.Contains(body, "佐藤さんが使っています") {
		t.Error("does not say whose it is")
	}
	for _, verb := range []string{"call-next", "/finish", "/hold", "/undo", "/close", "tickets\""} {
		if strings.Contains(body, "do/counters/1/"+verb) || strings.Contains(body, `/do/tickets"`) {
			t.Errorf("offers %s", verb)
		}
	}
}
