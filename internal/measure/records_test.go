package measure_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// played is a random day that the queue decided, as its records tell it.
func played(t *testing.T, seed uint64, steps int) []eventlog.Record {
	t.Helper()
	d, chance := day.New(), rand.New(rand.NewPCG(seed, 30))
	settings := queuetest.Settings()
	settings.Date = "2026-04-01"
	at := time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)
	n := 0
	do := func(c queue.Command) {
		n++
		m := queue.Meta{Command: queue.CommandID(fmt.Sprint(n)), At: at, Actor: queuetest.Staff("x"), Origin: "s0"}
		r, err := d.Decide(m, c, eventlog.Incarnation{1})
		if err == nil && r != nil {
			err = d.Apply(*r)
		}
		if err != nil && n == 1 {
			t.Fatal(err)
		}
	}
	do(queue.OpenDay{Settings: settings})
	log := queuetest.New(queuetest.Settings(), "names")
	for range steps {
		at = at.Add(time.Duration(1+chance.IntN(90)) * time.Second)
		log.State, log.At = d.State(), at
		switch c := log.Command(chance.IntN).(type) {
		case queue.Serve, queue.HandOver: // without a call: other tests say when that was
		default:
			do(c)
		}
	}
	return d.Records(0, 0)
}

// told is what a reader of the records alone counts.
type told struct {
	arrivals, recalls, restored, moved, absent int
	issued, called                             map[queue.TicketID]time.Time
	served                                     map[queue.TicketID]bool
}

// read counts what records say, without what was taken back.
func read(t *testing.T, records []eventlog.Record) told {
	t.Helper()
	var entries []queue.Entry
	undone := map[queue.CommandID]bool{}
	for _, r := range records {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		e, err := day.Entry(body, r.Fact)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range e.Events {
			if u, is := event.(queue.ActionUndone); is {
				undone[u.Command] = true
			}
		}
		entries = append(entries, e)
	}
	c := told{issued: map[queue.TicketID]time.Time{}, called: map[queue.TicketID]time.Time{}, served: map[queue.TicketID]bool{}}
	for _, e := range entries {
		if undone[e.Command] {
			continue
		}
		for _, event := range e.Events {
			switch event := event.(type) {
			case queue.TicketIssued:
				c.arrivals++
				c.issued[event.Ticket] = event.IssuedAt
			case queue.TicketArrived: // who took a number at home waits from then on
				c.issued[event.Ticket] = e.At
			case queue.QuickServed:
				c.arrivals++
				c.served[event.Ticket] = true
				c.called[event.Ticket] = time.Time{}
			case queue.TicketCalled:
				if _, again := c.called[event.Ticket]; !again {
					c.called[event.Ticket] = e.At
				}
			case queue.TicketRecalled:
				c.recalls++
			case queue.TicketRestored:
				c.restored++
			case queue.TicketTransferred:
				c.moved++
			case queue.TicketMissed:
				c.absent++
			case queue.ServiceFinished:
				c.served[event.Ticket] = true
			case queue.TicketServed:
				c.served[event.Ticket] = true
			}
		}
	}
	return c
}

// TestFiguresAreThoseOfTheRecords counts random days from their raw records, and holds
// the figures against it.
func TestFiguresAreThoseOfTheRecords(t *testing.T) {
	for seed := range uint64(4) {
		records := played(t, seed, 600)
		table, err := history.Build("o", "2026-04-01", records)
		if err != nil {
			t.Fatal(err)
		}
		a, err := measure.Gather(measure.Query{From: "2026-04-01", To: "2026-04-01"}, slices.Values([]*measure.Month{measure.MonthOf(measure.Of(table, measure.Extra{}))}))
		if err != nil {
			t.Fatal(err)
		}
		want := read(t, records)
		f := a.Total
		got := []int{f.Arrivals, f.Recalls, f.Restored, f.Transfers, f.Absent, f.Served}
		if naive := []int{want.arrivals, want.recalls, want.restored, want.moved, want.absent, len(want.served)}; !slices.Equal(got, naive) {
			t.Errorf("seed %d: arrivals, recalls, restored, transfers, calls unanswered, served: %v, the records say %v", seed, got, naive)
		}
		var waits []time.Duration
		for id, at := range want.called {
			if !at.IsZero() { // otherwise nobody knows when
				waits = append(waits, max(0, at.Sub(want.issued[id])))
			}
		}
		if f.Called != len(want.called) {
			t.Errorf("seed %d: %d called, the records say %d", seed, f.Called, len(want.called))
		}
		if text := differ(f.UntilCalled, waits); text != "" {
			t.Errorf("seed %d: until called: %s", seed, text)
		}
	}
}
