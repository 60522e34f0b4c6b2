package webhook

import (
	"testing"
	"time"

	"machi/internal/queue"
)

func TestAnAlertIsToldWhenItBeginsIsPassedOnAndEnds(t *testing.T) {
	m := &maker{[]byte("key"), "/"}
	e := Endpoint{ID: "e", Events: []string{OfficeAlert}}
	at := time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST)
	a := Alert{ID: "a1", Kind: "nobody", Urgent: true, Service: "moving", Waiting: 4, Step: "open", Counter: "3", Began: at}
	told := map[string]bool{}
	look := func(after time.Duration) (phases []string) {
		for _, h := range m.alerts(e, Scene{Office: "o", At: at.Add(after), Alerts: []Alert{a}}) {
			if !told[h.Event.ID] {
				told[h.Event.ID] = true
				phases = append(phases, h.Event.Data.Alert.Phase)
			}
			if d := h.Event.Data; d.Alert.Kind != "nobody" || d.Service != "moving" || d.Counter != "3" || *d.Waiting != 4 {
				t.Errorf("%+v", d)
			}
		}
		return phases
	}
	if got := look(0); len(got) != 1 || got[0] != AlertBegan {
		t.Errorf("at the beginning: %v", got)
	}
	if got := look(time.Minute); len(got) != 0 {
		t.Errorf("told again: %v", got)
	}
	a.Level, a.PassedOn = 1, at.Add(5*time.Minute)
	if got := look(5 * time.Minute); len(got) != 1 || got[0] != AlertPassedOn {
		t.Errorf("passed on: %v", got)
	}
	a.Ended = at.Add(7 * time.Minute)
	if got := look(7 * time.Minute); len(got) != 1 || got[0] != AlertEnded {
		t.Errorf("at the end: %v", got)
	}
	if got := m.alerts(e, Scene{Office: "o", At: at.Add(time.Hour), Alerts: []Alert{a}}); len(got) != 0 {
		t.Errorf("a server that starts tells of the whole day: %v", got)
	}
	if got := m.alerts(Endpoint{ID: "e", Events: []string{TicketNear}}, Scene{Office: "o", At: at, Alerts: []Alert{a}}); len(got) != 0 {
		t.Errorf("told who did not ask: %v", got)
	}
}
