package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/curve"
	"machi/internal/queue"
	"machi/internal/web"
	"machi/internal/web/page"
	"machi/internal/web/webtest"
)

var everyLanguage = []string{"ja", "ja-x-easy", "en", "zh", "ko"}

// ordinary is one site for all tests that change nothing of it: its morning takes a
// while to be played.
func ordinary(t *testing.T) *site {
	t.Helper()
	ordinaryOnce.Do(func() { ordinarySite = newSite(t, nil) })
	return ordinarySite
}

var (
	ordinaryOnce sync.Once
	ordinarySite *site
)

// key matches what would be left of a text that does not exist, hole one that was not
// filled.
var (
	leftKey  = regexp.MustCompile(`>(?:day|hours|visit|embed|reason|month|weekday|widget)\.[a-z0-9.-]+<`)
	leftHole = regexp.MustCompile(`>[^<]*\{[a-z]+\}[^<]*<`)
)

func TestAnOfficesDayIsDrawnAndWrittenInEveryLanguage(t *testing.T) {
	s := ordinary(t)
	for _, lang := range everyLanguage {
		text := s.get("/offices/km-kinuta?service=moving&lang=" + lang).Body.String()
		if leftKey.MatchString(text) || leftHole.MatchString(text) {
			t.Errorf("%s: %q %q", lang, leftKey.FindString(text), leftHole.FindString(text))
		}
		for _, want := range []string{`role="img" aria-labelledby="chart-title chart-text"`, `<path class="line" d="M`, `<path class="usual" d="M`, `<option value="moving" selected>`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
	}
}

// TestTheTableSaysWhatTheChartDraws reads both and compares them with the curve.
func TestTheTableSaysWhatTheChartDraws(t *testing.T) {
	w := webtest.New()
	text := ordinary(t).get("/offices/km-kinuta?service=moving&lang=en").Body.String()
	picture, _ := w.Curve("km-kinuta", "")
	line, _ := picture.Line("moving")
	rows := regexp.MustCompile(`<tr><th scope="row">(\d\d:\d\d)</th><td>([^<]*)</td><td>([^<]*)</td>`).FindAllStringSubmatch(text, -1)
	if len(rows) != 17 || rows[0][1] != "08:30" || rows[16][1] != "16:30" {
		t.Fatalf("%d rows: %v", len(rows), rows)
	}
	for i, row := range rows {
		want := "–"
		for _, p := range line.Points {
			if p.At.Format("15:04") == row[1] {
				want = fmt.Sprint(p.Waiting)
			}
		}
		if i > 0 && row[2] != want { // the day opened within the first half hour
			t.Errorf("%s: %s wait, want %s", row[1], row[2], want)
		}
		if usual := fmt.Sprintf("%.0f", line.Usual[i].Waiting+1e-9); row[3] != usual {
			t.Errorf("%s: usually %s, want %s", row[1], row[3], usual)
		}
	}
	last := line.Points[len(line.Points)-1]
	if want := fmt.Sprintf("%d waiting at 10:40.", last.Waiting); strings.Count(text, want) != 2 { // to see, and of the picture
		t.Errorf("%q stands there %d times", want, strings.Count(text, want))
	}
	if steps := regexp.MustCompile(`<path class="usual" d="([^"]+)"`).FindStringSubmatch(text); len(steps) != 2 || strings.Count(steps[1], "H") != len(line.Usual) {
		t.Errorf("the usual course has not %d steps: %v", len(line.Usual), steps)
	}
}

// dark is a server that knows nothing of days.
type dark struct{ off bool }

func (d dark) Curve(queue.OfficeID, queue.Date) (curve.Picture, bool) {
	return curve.Expected(queue.Settings{}, webtest.Now, curve.Usual{}), d.off
}

func TestWhatIsNotKnownIsSaid(t *testing.T) {
	for want, curves := range map[string]page.Curves{
		"Nothing has been seen of today yet.": dark{},
		"No reception today.":                 dark{off: true},
	} {
		text := newSite(t, func(d *web.Deps) { d.Curves = curves }).get("/offices/km-kinuta?lang=en").Body.String()
		if !strings.Contains(text, want) || strings.Contains(text, `class="chart"`) {
			t.Errorf("no %q, or a chart of nothing", want)
		}
	}
	few := ordinary(t).get("/offices/br-futakotamagawa?lang=en").Body.String()
	if !strings.Contains(few, "once 3 days like today have been recorded (now: 0)") || !strings.Contains(few, `class="line"`) || strings.Contains(few, `<path class="usual" d="M0`) {
		t.Error("the office without a past does not say so, or draws one")
	}
}

func TestHoursSayWhatIsDifferentAndWhy(t *testing.T) {
	s := ordinary(t)
	for path, wants := range map[string][]string{
		"/offices/km-setagaya?lang=ja": {"8:30〜19:00", "引越しシーズンの延長受付", "番号札は 8:15 からお渡しします。", "<strong>4月4日（土）</strong> <span>9:00〜16:00</span>", "<strong>4月15日（水）</strong> <span>休み</span>", "設備点検", "昭和の日"},
		"/offices/km-setagaya?lang=en": {`<span lang="ja">引越しシーズンの延長受付</span>`, "<strong>Wed 29 Apr</strong> <span>Closed</span>", "Showa Day", "<strong>Wed 6 May</strong> <span>Closed</span>", "Substitute holiday"},
		"/offices/mn-center?lang=en":   {"<dt>Saturday</dt><dd>9:00–12:00</dd>"},
		"/offices/br-kyodo?lang=en":    {"A part of these hours is still being confirmed."},
		"/closures?lang=ko":            {"설비", "쇼와의 날", "/offices/mn-center"},
	} {
		text := s.get(path).Body.String()
		for _, want := range wants {
			if want == "설비" {
				want = `lang="ja">設備点検` // nobody has translated it
			}
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
	if text := s.get("/offices/br-taishido?lang=ja").Body.String(); strings.Contains(text, "<strong>4月4日") {
		t.Error("an ordinary Saturday is told as a change")
	}
}

// shut is an office of which today is a day off.
type shut struct{}

func (shut) Timetable(queue.OfficeID) (page.Timetable, bool) {
	return page.Timetable{Schedule: calendar.Schedule{Sunday: calendar.Hours{Opens: 9 * 3600e9, Closes: 12 * 3600e9}}}, true
}

func TestAClosedOfficeSaysWhenItOpens(t *testing.T) {
	text := newSite(t, func(d *web.Deps) { d.Timetables = shut{} }).get("/offices/km-setagaya?lang=en").Body.String()
	if !strings.Contains(text, "Next reception: Sun 5 Apr, from 9:00.") {
		t.Error("it does not say when it opens next")
	}
}

func TestAServiceShowsTheNumberOfItsSeriesThatWasCalledLast(t *testing.T) {
	w := webtest.New()
	o, _ := w.Office("km-kinuta")
	text := ordinary(t).get("/offices/km-kinuta").Body.String()
	for _, s := range o.Services {
		want := ""
		for _, c := range o.Calls {
			if want == "" && strings.HasPrefix(string(c.Number), string(s.Series)) && c.Stage == queue.StageReception {
				want = string(c.Number)
			}
		}
		_, card, _ := strings.Cut(text, `data-service="`+string(s.ID)+`"`)
		card, _, _ = strings.Cut(card, "</li>")
		if want == "" || !strings.Contains(card, `data-f="number">`+want+`<`) {
			t.Errorf("%s: no %q in its card", s.ID, want)
		}
	}
}

func TestOfficePagesAreKeptUntilTheyChange(t *testing.T) {
	s := ordinary(t)
	for _, path := range []string{"/offices/km-kinuta", "/closures", "/embed", "/widget/km-kinuta", "/widget.js"} {
		first := s.get(path)
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", first.Header().Get("ETag"))
		again := httptest.NewRecorder()
		s.echo.ServeHTTP(again, r)
		if first.Code != http.StatusOK || again.Code != http.StatusNotModified || again.Body.Len() > 0 || !strings.HasPrefix(first.Header().Get("Cache-Control"), "public, max-age=") {
			t.Errorf("%s: %d, again %d, %q", path, first.Code, again.Code, first.Header().Get("Cache-Control"))
		}
	}
}

func TestAWidgetKnowsNobody(t *testing.T) {
	s := ordinary(t)
	r := httptest.NewRequest(http.MethodGet, "/widget/km-kinuta?lang=ko&theme=dark", nil)
	r.AddCookie(&http.Cookie{Name: "machi_lang", Value: "en"})
	got := httptest.NewRecorder()
	s.echo.ServeHTTP(got, r)
	text := got.Body.String()
	if len(got.Result().Cookies()) > 0 || strings.Contains(got.Header().Get("Vary"), "Cookie") || !strings.Contains(text, `lang="ko"`) || !strings.Contains(text, `data-theme="dark"`) {
		t.Errorf("cookies %v, Vary %q, %.200s", got.Result().Cookies(), got.Header().Get("Vary"), text)
	}
	if !strings.Contains(got.Header().Get("Content-Security-Policy"), "frame-ancestors *") || got.Header().Get("X-Frame-Options") != "" {
		t.Errorf("it cannot be framed: %v", got.Header())
	}
	if inline.MatchString(text) {
		t.Errorf("inline: %q", inline.FindString(text))
	}
	if got := s.get("/widget/nowhere"); got.Code != http.StatusNotFound || got.Header().Get("X-Frame-Options") != "" {
		t.Errorf("of an office that is not there: %d", got.Code)
	}
}

// TestTheElementIsSmallAndHasAllWords: what is sent fits a few kilobytes and holds the
// words of every language, and no remark.
func TestTheElementIsSmallAndHasAllWords(t *testing.T) {
	s := ordinary(t)
	whole := s.get("/widget.js")
	r := httptest.NewRequest(http.MethodGet, "/widget.js", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	small := httptest.NewRecorder()
	s.echo.ServeHTTP(small, r)
	if n := small.Body.Len(); n > 4200 || small.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%d bytes are sent, want at most 4,200", n)
	}
	text := whole.Body.String()
	_, rest, _ := strings.Cut(text, "const catalogue=")
	var words map[string]map[string]string
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&words); err != nil || len(words) != len(everyLanguage) || words["ko"]["level.busy"] == "" || words["zh"]["until.range"] == "" {
		t.Errorf("words of %d languages: %v", len(words), err)
	}
	for _, level := range []board.Level{board.LevelQuiet, board.LevelUnknown, board.LevelVeryBusy} {
		if !strings.Contains(text, `["`+string(level)+`", "M`) {
			t.Errorf("%s has no shape", level)
		}
	}
	if strings.Contains(text, "import ") || strings.Contains(text, "export ") || strings.Contains(text, "@param") {
		t.Error("it is not a script of its own, or has remarks")
	}
	if got := whole.Header(); got.Get("Cross-Origin-Resource-Policy") != "cross-origin" || got.Get("Set-Cookie") != "" {
		t.Errorf("%v", got)
	}
}

func TestTheCodeToCopyIsThatOfTheChoice(t *testing.T) {
	s := ordinary(t)
	text := s.get("/embed?office=mn-center&in=en&colours=dark&lang=ja").Body.String()
	for _, want := range []string{
		`&lt;script src=&#34;http://example.com/widget.js&#34; async&gt;`, `office=&#34;mn-center&#34; lang=&#34;en&#34; theme=&#34;dark&#34;&gt;`,
		`src="/widget/mn-center?lang=en&amp;theme=dark"`, `My Number Card Center - Waiting now`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if odd := s.get("/embed?office=%22%3E&in=%22&colours=x").Body.String(); strings.Contains(odd, `theme=&#34;`) || !strings.Contains(odd, `office=&#34;km-setagaya&#34; lang=&#34;ja&#34;&gt;`) {
		t.Error("what is no choice is taken")
	}
}
