package queue_test

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/queue"
)

func settings() queue.Settings {
	return queue.Settings{
		Office: "o", Date: "2026-04-01", Version: "1",
		Services: []queue.ServiceSettings{{ID: "moving", Series: "A", Stages: []queue.Stage{"reception", "processing", "delivery"}}, {ID: "cert", Series: "B", Stages: []queue.Stage{"reception"}}},
		Series:   []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 799}, Kiosks: map[queue.KioskID][]queue.Range{"K1": {{First: 1001, Last: 1600}}}}, {ID: "B", Main: queue.Range{First: 1, Last: 799}}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"moving", "cert"}, Stages: []queue.Stage{"reception", "delivery"}}, {ID: "2", Services: []queue.ServiceID{"moving", "cert"}, Stages: []queue.Stage{"reception"}}},
		Kiosks:   []queue.KioskSettings{{ID: "K1"}},
		Rule:     queue.DefaultRule(),
	}
}

func TestSmoke(t *testing.T) {
	s := queue.New()
	at := time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)
	n := 0
	do := func(c queue.Command) []queue.Event {
		t.Helper()
		n++
		at = at.Add(10 * time.Second)
		m := queue.Meta{Command: queue.CommandID(fmt.Sprint("c", n)), At: at, Actor: queue.Actor{Role: "staff", ID: "x"}}
		ev, err := queue.Decide(s, m, c)
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		raw, _ := queue.EncodeEvents(ev)
		ev, err = queue.DecodeEvents(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(queue.Entry{Meta: m, Events: ev}); err != nil {
			t.Fatal(err)
		}
		return ev
	}
	do(queue.OpenDay{Settings: settings()})
	do(queue.IssueTicket{Ticket: "s-1", Service: "moving", Channel: "kiosk"})
	do(queue.IssueTicket{Ticket: "s-2", Service: "cert", Channel: "kiosk"})
	do(queue.OpenCounter{Counter: "1"})
	before, _ := s.Canonical()
	do(queue.CallNext{Counter: "1"})
	do(queue.Undo{Counter: "1"})
	after, _ := s.Canonical()
	if string(before) != string(after) {
		t.Errorf("undo:\n%s\n%s", before, after)
	}
	do(queue.CallNext{Counter: "1"})
	do(queue.Start{Ticket: "s-1"})
	do(queue.FinishAndCallNext{Counter: "1", Processing: true})
	do(queue.MarkReady{Ticket: "s-1"})
	do(queue.MarkNoShow{Ticket: "s-2"})
	do(queue.Restore{Ticket: "s-2", Place: "back"})
	do(queue.CloseDay{})
	for _, x := range s.Tickets() {
		t.Logf("%+v", *x)
	}
}
