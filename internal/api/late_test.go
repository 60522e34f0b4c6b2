package api_test

import (
	"net/http"
	"testing"
	"time"
)

func TestACommandIsNotDoneForSomebodyElseNorLate(t *testing.T) {
	past, future := time.Now().Add(-time.Minute).Format(time.RFC3339), time.Now().Add(time.Hour).Format(time.RFC3339)
	for _, c := range []struct {
		name, header, value string
		status              int
		code                string
	}{
		{"the one who is signed in", "Machi-Person", tokens["staff"].ID, http.StatusOK, ""},
		{"somebody else", "Machi-Person", tokens["manager"].ID, http.StatusConflict, "other_person"},
		{"in time", "Machi-Not-After", future, http.StatusOK, ""},
		{"late", "Machi-Not-After", past, http.StatusConflict, "arrived_late"},
		{"a moment that is none", "Machi-Not-After", "soon", http.StatusUnprocessableEntity, "bad_value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			before := w.stateHash()
			r := request{method: "POST", path: "/api/v1/offices/o/counters/1/open", token: "staff", body: `{}`, header: map[string]string{c.header: c.value}}
			answer := w.send(r)
			if answer.Code != c.status || (c.code != "" && object(t, answer)["code"] != c.code) {
				t.Errorf("status %d: %s", answer.Code, answer.Body)
			}
			if changed := w.stateHash() != before; changed != (c.code == "") {
				t.Errorf("the state changed: %v", changed)
			}
		})
	}
}

// TestWhatWasDoneInTimeIsAnsweredLate: the answer was lost, and the repetition takes
// its time.
func TestWhatWasDoneInTimeIsAnsweredLate(t *testing.T) {
	w := newWorld(t)
	r := request{method: "POST", path: "/api/v1/offices/o/counters/1/open", token: "staff", body: `{}`, key: "press-1"}
	if answer := w.send(r); answer.Code != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	before := w.stateHash()
	r.header = map[string]string{"Machi-Not-After": time.Now().Add(-time.Minute).Format(time.RFC3339)}
	if answer := w.send(r); answer.Code != http.StatusOK {
		t.Errorf("late, but done: status %d: %s", answer.Code, answer.Body)
	}
	if w.stateHash() != before {
		t.Error("it was done twice")
	}
}

func TestEveryAnswerToStaffTellsTheOfficesClock(t *testing.T) {
	w := newWorld(t)
	for _, token := range []string{"staff", ""} {
		answer := w.send(request{method: "GET", path: "/api/v1/offices/o/console?counter=1", token: token})
		at, err := time.Parse(time.RFC3339Nano, answer.Header().Get("Machi-Now"))
		if err != nil || !at.Equal(w.now()) {
			t.Errorf("as %q: clock %v, %v, want %v", token, at, err, w.now())
		}
	}
}
