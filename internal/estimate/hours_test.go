package estimate

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// TestLearntHoursSayWhenNobodyIsThereYet: with no counter open, who waits is told
// nothing on the first day, and later when the counters usually open.
func TestLearntHoursSayWhenNobodyIsThereYet(t *testing.T) {
	var lessons *place.Lessons
	opening := time.Date(2026, 4, 6, 9, 0, 0, 0, queue.JST)
	for n := range 6 {
		f, at := NewFollower(lessons), opening.AddDate(0, 0, n)
		l := queuetest.New(queuetest.Settings(), fmt.Sprint("s", n))
		do := func(c queue.Command) {
			l.At = at
			if _, err := l.Do(queuetest.Staff("x"), c); err != nil {
				t.Fatalf("%T: %v", c, err)
			}
		}
		at = at.Add(-10 * time.Minute)
		for range 3 {
			do(queue.IssueTicket{Ticket: l.Ticket(), Service: "cert", Channel: queue.ChannelKiosk})
		}
		fed := 0
		feed := func() {
			for ; fed < len(l.Entries); fed++ {
				if err := f.Apply(l.Entries[fed]); err != nil {
					t.Fatal(err)
				}
			}
		}
		feed()
		early := f.Office(at, Conditions{}).Services["cert"].Called
		if n == 0 && early.Known {
			t.Errorf("on the first day a newcomer is told %+v before a counter is open", early)
		}
		if n == 5 && (!early.Known || early.High < 9*time.Minute || early.P50 > time.Hour) {
			t.Errorf("ten minutes before the usual opening a newcomer is told %+v", early)
		}
		at = opening.AddDate(0, 0, n)
		do(queue.OpenCounter{Counter: "1"})
		for i := range 40 {
			if i > 2 {
				do(queue.IssueTicket{Ticket: l.Ticket(), Service: "cert", Channel: queue.ChannelKiosk})
			}
			do(queue.CallNext{Counter: "1"})
			at = at.Add(5 * time.Minute)
			c, _ := l.State.Counter("1")
			do(queue.Finish{Ticket: c.Ticket})
		}
		do(queue.CloseCounter{Counter: "1"})
		feed()
		raw, err := json.Marshal(f.Lessons())
		if err != nil {
			t.Fatal(err)
		}
		lessons = &place.Lessons{}
		if err := json.Unmarshal(raw, lessons); err != nil {
			t.Fatal(err)
		}
	}
}
