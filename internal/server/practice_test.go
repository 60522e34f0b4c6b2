package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/server"
)

// practise begins practice and returns the office.
func (r *running) practise(token, counter string) string {
	r.t.Helper()
	status, room := r.send("POST", "/api/v1/practice", token, "", `{"office":"km-setagaya","counter":"`+counter+`"}`)
	office, _ := room["office"].(string)
	if status != http.StatusCreated || !strings.HasPrefix(office, "practice-") {
		r.t.Fatalf("practice: %d %v", status, room)
	}
	path := "/api/v1/offices/" + office
	eventually(r.t, "people wait in the practice office", func() bool {
		_, o := r.send("GET", path, token, "", "")
		waiting, _ := o["waiting"].(float64)
		return waiting >= 5
	})
	return office
}

// lessons returns what has been tried at a practice office.
func (r *running) lessons(office, token string) []string {
	r.t.Helper()
	status, out := r.send("GET", "/staff/"+office+"/lessons", token, "", "")
	if status != http.StatusOK {
		r.t.Fatalf("lessons: %d %v", status, out)
	}
	var done []string
	list, _ := out["lessons"].([]any)
	for _, l := range list {
		lesson, _ := l.(map[string]any)
		if lesson["done"] == true {
			done = append(done, fmt.Sprint(lesson["id"]))
		}
	}
	return done
}

func TestPracticeTouchesNothingReal(t *testing.T) {
	s := start(t, server.Options{})
	clerk, admin := s.grant("staff"), s.grant("admin")
	s.post(setagaya+"/tickets", admin, "real-1", `{"service":"moving","channel":"reception"}`)
	before, err := s.day(admin, "km-setagaya").Hash()
	if err != nil {
		t.Fatal(err)
	}
	office := s.practise(clerk, "3")
	if done := s.lessons(office, clerk); len(done) != 0 {
		t.Errorf("pretend people have done the pupil's lessons: %v", done)
	}
	if _, board := s.send("GET", "/api/v1/offices/"+office, clerk, "", ""); !strings.HasPrefix(fmt.Sprint(board["as_of"]), morning.Format(time.DateOnly)) {
		t.Errorf("practice is at %v, on another day than the office", board["as_of"])
	}
	status, found := s.send("GET", "/api/v1/offices/"+office+"/triage?q="+url.QueryEscape("引越し"), clerk, "", "")
	if matters, _ := found["matters"].([]any); status != http.StatusOK || len(matters) == 0 {
		t.Errorf("the desk of a practice office finds nothing: %d %v", status, found)
	}
	counter := "/api/v1/offices/" + office + "/counters/3/"
	_, _ = s.post(counter+"open", clerk, "p1", `{}`)
	status, called := s.post(counter+"call-next", clerk, "p2", `{}`)
	ticket, _ := called["ticket"].(map[string]any)
	if status != http.StatusOK || ticket["state"] != "called" {
		t.Fatalf("call-next: %d %v", status, called)
	}
	number := "/api/v1/offices/" + office + "/tickets/" + fmt.Sprint(ticket["number"]) + "/"
	_, _ = s.post(number+"start", clerk, "p3", `{"counter":"3"}`)
	_, _ = s.post(number+"finish", clerk, "p4", `{"counter":"3"}`)
	_, _ = s.post(counter+"undo", clerk, "p5", `{}`)
	if got, want := s.lessons(office, clerk), []string{"open", "call", "start", "finish", "undo"}; !slices.Equal(got, want) {
		t.Errorf("lessons done: %v, want %v", got, want)
	}
	after, err := s.day(admin, "km-setagaya").Hash()
	if err != nil || after != before {
		t.Errorf("the real office's day changed: %v, was %v (%v)", after, before, err)
	}
	_, offices := s.send("GET", "/api/v1/offices", "", "", "")
	if strings.Contains(fmt.Sprint(offices), office) {
		t.Error("the list of offices names a practice office")
	}
}

func TestPracticeIsForStaffAndEndsWithThem(t *testing.T) {
	s := start(t, server.Options{})
	clerk, kiosk := s.grant("staff"), s.grant("kiosk")
	if status, _ := s.send("POST", "/api/v1/practice", kiosk, "", `{"office":"km-setagaya","counter":"3"}`); status != http.StatusForbidden {
		t.Errorf("a machine practises: %d", status)
	}
	for body, field := range map[string]string{`{"office":"km-setagaya"}`: "counter", `{"office":"none","counter":"3"}`: "office", `{"office":"km-setagaya","counter":"99"}`: "counter"} {
		if status, out := s.send("POST", "/api/v1/practice", clerk, "", body); status < 400 || status >= 500 || out["field"] != field {
			t.Errorf("%s: %d %v, want a problem with %s", body, status, out, field)
		}
	}
	first := s.practise(clerk, "3")
	if status, _ := s.send("GET", "/api/v1/offices/"+first+"/console?counter=3", kiosk, "", ""); status != http.StatusUnauthorized {
		t.Errorf("a machine reads a practice console: %d", status)
	}
	if second := s.practise(clerk, "3"); second == first {
		t.Error("practice began anew in the old room")
	}
	if status, _ := s.send("GET", "/api/v1/offices/"+first, clerk, "", ""); status != http.StatusNotFound {
		t.Errorf("the room before lives on: %d", status)
	}
	if to := s.redirect("/staff/"+first+"/3", clerk); to != "/staff/practice" {
		t.Errorf("the page of a room that ended leads to %q", to)
	}
	var last int
	for range 12 { // eleven more rooms, then none
		last, _ = s.send("POST", "/api/v1/practice", s.grant("staff"), "", `{"office":"km-setagaya","counter":"3"}`)
	}
	if last != http.StatusServiceUnavailable {
		t.Errorf("a thirteenth room: %d", last)
	}
	_, _ = s.send("POST", "/api/v1/practice/end", clerk, "", "{}")
	if status, _ := s.send("POST", "/api/v1/practice", clerk, "", `{"office":"km-setagaya","counter":"3"}`); status != http.StatusCreated {
		t.Errorf("a room that was given up is not given again: %d", status)
	}
}

// redirect returns where a page sends its reader on to.
func (r *running) redirect(path, token string) string {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodGet, r.Addr()+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "machi_session", Value: token})
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.Header.Get("Location")
}
