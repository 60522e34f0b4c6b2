package server_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/server"
)

// day is a closed day of the main office like any other, with the same visits as
// yesterday's so many days ago.
func closedDay(back int) history.Day {
	d := yesterday(25)
	shift := -time.Duration(back-1) * 24 * time.Hour
	d.Date = queue.BusinessDay(morning.AddDate(0, 0, -back))
	for i := range d.Visits {
		v := &d.Visits[i]
		v.Issued, v.Ended = v.Issued.Add(shift), v.Ended.Add(shift)
		for j := range v.Legs {
			l := &v.Legs[j]
			l.Joined, l.Called, l.Started, l.Finished = l.Joined.Add(shift), l.Called.Add(shift), l.Started.Add(shift), l.Finished.Add(shift)
		}
	}
	return d
}

// standing is a rehearsal's clock that stands until a test moves it, however long the
// test takes.
type standing struct{ moved atomic.Int64 }

func (s *standing) now() time.Time { return morning.Add(time.Duration(s.moved.Load())) }

func (s *standing) move(d time.Duration) { s.moved.Add(int64(d)) }

// course is what the API says of a day's course.
type course struct {
	AsOf     string `json:"as_of"`
	Kind     string `json:"usual_kind"`
	Days     int    `json:"usual_days"`
	Known    bool   `json:"usual_is_known"`
	Services []struct {
		Service string `json:"service"`
		Samples []struct {
			At      string `json:"at"`
			Waiting int    `json:"waiting"`
		} `json:"samples"`
		Usual []usualHalf `json:"usual"`
	} `json:"services"`
}

type usualHalf struct {
	From    string  `json:"from"`
	Waiting float64 `json:"waiting"`
	Waited  *int    `json:"waited_p50_seconds"`
}

func (r *running) course(query string) course {
	r.t.Helper()
	var c course
	if err := json.Unmarshal([]byte(r.page("/api/v1/offices/km-setagaya/curve"+query)), &c); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// TestTheCourseOfADayIsShownBesideTheUsualOne: of the tickets of today and three closed
// days, in the API, on the page and in the open data; and of a server that reads the
// same folder after it.
func TestTheCourseOfADayIsShownBesideTheUsualOne(t *testing.T) {
	data, clock := t.TempDir(), &standing{}
	s := start(t, server.Options{Speed: 100, Now: clock.now, Data: data})
	if c := s.course(""); c.Known || c.Days != 0 {
		t.Errorf("without closed days: %+v", c)
	}
	if text := s.page("/offices/km-setagaya?lang=en"); !strings.Contains(text, "The usual course is shown once 3 days like today have been recorded (now: 0).") {
		t.Error("the page does not say why there is no usual course")
	}
	manager := s.grant("manager")
	for n := range 4 {
		if status, out := s.send("POST", setagaya+"/tickets", manager, fmt.Sprint("curve-", n), `{"service":"moving","channel":"reception"}`); status != http.StatusCreated {
			t.Fatalf("%d %v", status, out)
		}
	}
	for _, back := range []int{1, 2, 5} { // 31, 30 and 27 March 2026: weekdays of the moving season
		if _, err := s.Archive().Put(t.Context(), closedDay(back)); err != nil {
			t.Fatal(err)
		}
	}
	clock.move(10 * time.Minute)
	var c course
	eventually(t, "a course with a sample and a usual day", func() bool {
		c = s.course("")
		all := c.Services[0].Samples
		return c.Known && len(all) > 0 && all[len(all)-1].Waiting == 4
	})
	if c.Kind != "moving" || c.Days != 3 || c.Services[0].Service != "" || c.Services[1].Service != "moving" {
		t.Errorf("%s of %d days, %+v", c.Kind, c.Days, c.Services[:2])
	}
	for _, line := range c.Services[:2] {
		if last := line.Samples[len(line.Samples)-1]; last.Waiting != 4 || !strings.HasSuffix(last.At, "+09:00") {
			t.Errorf("%q: the newest sample is %+v, want 4 who wait", line.Service, last)
		}
		i := slices.IndexFunc(line.Usual, func(h usualHalf) bool { return h.From == morning.Format("15:04") })
		if i < 0 || line.Usual[i].Waited == nil || *line.Usual[i].Waited != 24*60 || line.Usual[i].Waiting < 5 {
			t.Errorf("%q: usual %+v, want 24 minutes at %s", line.Service, line.Usual, morning.Format("15:04"))
		}
	}
	if next := s.course("?date=2026-04-02"); len(next.Services[0].Samples) != 0 || !next.Known {
		t.Errorf("tomorrow: %+v, want the usual course alone", next)
	}
	for _, bad := range []string{"?date=2026-03-31", "?date=2027-01-01", "?date=soon"} {
		if status, out := s.send("GET", setagaya+"/curve"+bad, "", "", ""); status != http.StatusUnprocessableEntity || out["code"] != "bad_value" {
			t.Errorf("%s: %d %v", bad, status, out)
		}
	}
	page := s.page("/offices/km-setagaya?lang=en&service=moving")
	for _, want := range []string{`<path class="usual" d="M`, `<title id="chart-title">Moving in / within / out: people waiting`, "4 waiting at ", "weekdays of the moving season, 27 Mar to 31 Mar"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	s.planAYear()
	s.checkOpenData()

	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, server.Options{Speed: 100, Now: clock.now, Data: data})
	eventually(t, "the same course after a restart", func() bool {
		now := again.course("")
		samples := c.Services[0].Samples
		return now.Known && len(now.Services[0].Samples) >= len(samples) && slices.Equal(now.Services[0].Samples[:len(samples)], samples)
	})
}

// planAYear puts a row into the ward's table of measures, and repeats and spoils it.
func (r *running) planAYear() {
	r.t.Helper()
	token, items := r.grant("manager"), "/api/v1/offices/ward/plan/items"
	status, made := r.send("POST", items, token, "plan-1", `{"name": "待たない窓口", "owner": "地域行政部"}`)
	id, _ := made["id"].(string)
	if status != http.StatusCreated || id == "" {
		r.t.Fatalf("a row is added: %d %v", status, made)
	}
	if status, again := r.send("POST", items, token, "plan-1", `{"name": "待たない窓口", "owner": "地域行政部"}`); again["id"] != made["id"] {
		r.t.Errorf("the same command again: %d %v, want the row %s", status, again, id)
	}
	year := items + "/" + id + "/years/2026"
	if status, out := r.send("PUT", year, token, "plan-2", `{"version": 1, "plan": "実施・検証"}`); status != http.StatusOK {
		r.t.Fatalf("its year is planned: %d %v", status, out)
	}
	if status, out := r.send("PUT", year, token, "plan-3", `{"version": 1, "plan": "やめる"}`); status != http.StatusConflict {
		r.t.Errorf("a change of an old version: %d %v, want a conflict", status, out)
	}
	if status, out := r.send("PUT", items+"/"+id+"/years/soon", token, "plan-4", `{"version": 2, "plan": "x"}`); status != http.StatusUnprocessableEntity || out["field"] != "year" {
		r.t.Errorf("a year that is none: %d %v", status, out)
	}
	if text := r.page("/api/v1/open-data/plan.csv"); !strings.Contains(text, "待たない窓口") || !strings.Contains(text, ",2026,実施・検証,") {
		r.t.Errorf("the published table is %s", text)
	}
}

// checkOpenData reads every table that the dictionary names, in both encodings, and
// again with its tag.
func (r *running) checkOpenData() {
	r.t.Helper()
	var dictionary struct {
		Licenses  []struct{ Name string }
		Resources []struct {
			Path   string
			Schema struct {
				Fields []struct{ Name, Type, Description string }
				Key    []string `json:"primaryKey"`
			}
		}
	}
	if err := json.Unmarshal([]byte(r.page("/api/v1/open-data/datapackage.json")), &dictionary); err != nil {
		r.t.Fatal(err)
	}
	var tables []string
	for _, resource := range dictionary.Resources {
		tables = append(tables, resource.Path)
	}
	if want := []string{"congestion.csv", "history.csv", "days.csv", "months.csv", "plan.csv", "record.csv", "offices.csv"}; !slices.Equal(tables, want) || dictionary.Licenses[0].Name != "CC-BY-4.0" {
		r.t.Fatalf("tables %v, want %v; %+v", tables, want, dictionary.Licenses)
	}
	for _, resource := range dictionary.Resources {
		path := "/api/v1/open-data/" + resource.Path
		text, marked := strings.CutPrefix(r.page(path), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || !marked || len(rows) < 2 {
			r.t.Errorf("%s: %d rows, marked %v: %v", path, len(rows), marked, err)
			continue
		}
		var names []string
		for _, f := range resource.Schema.Fields {
			names = append(names, f.Name)
		}
		if !slices.Equal(rows[0], names) {
			r.t.Errorf("%s begins with %v, the dictionary says %v", path, rows[0], names)
		}
		for _, key := range resource.Schema.Key {
			if !slices.Contains(names, key) {
				r.t.Errorf("%s: no column %s", path, key)
			}
		}
		decoded, err := io.ReadAll(japanese.ShiftJIS.NewDecoder().Reader(strings.NewReader(r.page(path + "?encoding=sjis"))))
		if got, err2 := csv.NewReader(strings.NewReader(string(decoded))).ReadAll(); err != nil || err2 != nil || len(got) != len(rows) || got[1][0] != rows[1][0] {
			r.t.Errorf("%s in Shift_JIS: %d rows of %d: %v %v", path, len(got), len(rows), err, err2)
		}
		r.checkTag(path, strings.HasPrefix(resource.Path, "congestion"))
		if strings.Contains(text, "A001") {
			r.t.Errorf("%s names somebody's number", path)
		}
	}
	if history := r.page("/api/v1/open-data/history.csv?from=2026-03-31&to=2026-03-31&office=km-setagaya"); !strings.Contains(history, ",moving,") || !strings.Contains(history, ",2026-03-31,"+morning.Format("15:04")+":00,25,25,1440,2040\r\n") {
		r.t.Errorf("the history of yesterday is %s", history)
	}
}

// checkTag asks again with the tag of an answer; what changes by the second may be new.
func (r *running) checkTag(path string, restless bool) {
	r.t.Helper()
	first, err := http.Get(r.Addr() + path)
	if err != nil {
		r.t.Fatal(err)
	}
	first.Body.Close()
	request, err := http.NewRequest(http.MethodGet, r.Addr()+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	tag := first.Header.Get("ETag")
	request.Header.Set("If-None-Match", tag)
	again, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	again.Body.Close()
	if tag == "" || !restless && again.StatusCode != http.StatusNotModified {
		r.t.Errorf("%s: tag %q, again %d", path, tag, again.StatusCode)
	}
	if link := first.Header.Get("Link"); !strings.Contains(link, "creativecommons.org/licenses/by/4.0/") || first.Header.Get("Access-Control-Allow-Origin") != "*" {
		r.t.Errorf("%s: Link %q, CORS %q", path, link, first.Header.Get("Access-Control-Allow-Origin"))
	}
}

// TestNothingButAWidgetMayStandInAFrame asks for every page that anybody may see.
func TestNothingButAWidgetMayStandInAFrame(t *testing.T) {
	s := start(t, server.Options{})
	for row, class := range rows {
		method, path, _ := strings.Cut(row, " ")
		if method != http.MethodGet || class != "all" || strings.Contains(path, "/live") {
			continue
		}
		path = strings.NewReplacer(":office", "km-setagaya", ":secret", "none", "*", "x").Replace(path)
		request, err := http.NewRequest(http.MethodGet, s.Addr()+path+"?lang=en", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		policy, deny := answer.Header.Get("Content-Security-Policy"), answer.Header.Get("X-Frame-Options")
		if path == "/widget/km-setagaya" {
			if answer.StatusCode != http.StatusOK || !strings.Contains(policy, "frame-ancestors *") || deny != "" || answer.Header.Get("Set-Cookie") != "" {
				t.Errorf("the widget: %d, %q, %q, cookie %q", answer.StatusCode, policy, deny, answer.Header.Get("Set-Cookie"))
			}
			continue
		}
		if strings.Contains(policy, "frame-ancestors *") || answer.StatusCode == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") && (deny != "DENY" || !strings.Contains(policy, "frame-ancestors 'none'")) {
			t.Errorf("%s may be framed: %q, %q", path, policy, deny)
		}
	}
}
