package history_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"machi/internal/eventlog/memlog"
	"machi/internal/history"
	"machi/internal/queue"
)

// crowd is the table of an office with many services in two stages and many counters,
// of which each serves all of them.
func crowd(t *testing.T, date queue.Date, services, counters, visits int) history.Day {
	t.Helper()
	d := history.Day{Office: km, Date: date, Source: history.FromImport}
	from := on(t, date, "08:30")
	var all []queue.ServiceID
	for i := range services {
		all = append(all, queue.ServiceID(fmt.Sprintf("service-with-a-name-%02d", i)))
	}
	counter := func(i int) queue.CounterID { return queue.CounterID(fmt.Sprint("C", i%counters)) }
	for i := range counters {
		d.Spells = append(d.Spells, history.Spell{
			Counter: counter(i), Services: all, Stages: []queue.Stage{queue.StageReception, queue.StageDelivery}, From: from, To: from.Add(9 * time.Hour),
		})
	}
	for i := range visits {
		at := from.Add(time.Duration(i) * 8 * time.Hour / time.Duration(visits)).Truncate(time.Second)
		talk := time.Duration(3+i%17) * time.Minute / 2
		leg := func(stage queue.Stage, joined time.Time, by int) history.Leg {
			called := joined.Add(time.Duration(i*7%900) * time.Second)
			return history.Leg{Service: all[i%services], Stage: stage, Joined: joined, Called: called, Started: called, Finished: called.Add(talk), Counter: counter(by), Outcome: history.Served}
		}
		first := leg(queue.StageReception, at, i)
		second := leg(queue.StageDelivery, first.Finished, i*3+1)
		d.Visits = append(d.Visits, history.Visit{
			Number: queue.Number(fmt.Sprintf("A%03d", i+1)), Service: all[i%services], Channel: queue.ChannelKiosk, Issued: at,
			Legs: []history.Leg{first, second}, Outcome: history.Served, Ended: second.Finished,
		})
	}
	return d
}

// TestAVeryLargeOfficeHasLessonsToo: five times the services of a ward's largest
// office still fit into what is stored.
func TestAVeryLargeOfficeHasLessonsToo(t *testing.T) {
	c := &clock{}
	c.set(on(t, "2026-04-03", "09:00"))
	s := serve(t, memlog.New(), nil, c, nil)
	for _, date := range []queue.Date{"2026-04-01", "2026-04-02"} {
		if _, err := s.archive.Put(t.Context(), crowd(t, date, 40, 40, 200)); err != nil {
			t.Fatal(err)
		}
	}
	s.round(false)
	l, ok := s.Known(km, "2026-04-03")
	if !ok {
		t.Fatal("no lessons")
	}
	raw, err := json.Marshal(l.Taught)
	if err != nil || len(raw) < 64<<10 {
		t.Fatalf("lessons of %d bytes, %v: not a large office", len(raw), err)
	}
	if kept, ok, err := s.archive.Lessons(t.Context(), km, "2026-04-03"); err != nil || !ok || kept.Hash != l.Hash {
		t.Errorf("kept %v %v, %v", ok, kept.Hash, err)
	}
	if len(raw) > history.MaxLessons/2 {
		t.Errorf("lessons of %d bytes", len(raw))
	}
}
