package invariant_test

import (
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

// BenchmarkCheck judges a day of 1,500 entries and 500 tickets. Budget: 2 s.
func BenchmarkCheck(b *testing.B) {
	settings := queuetest.Settings()
	settings.Series[0].Main.Last = 700
	settings.Series[0].Next, settings.Series[0].Desk, settings.Series[0].Kiosks = queue.Range{}, queue.Range{}, nil
	l, clerk := queuetest.New(settings, "s0"), queuetest.Staff("x")
	run := func(c queue.Command) {
		l.At = l.At.Add(time.Second)
		if _, err := l.Do(clerk, c); err != nil {
			b.Fatal(err)
		}
	}
	run(queue.OpenCounter{Counter: "1"})
	for range 500 {
		run(queue.IssueTicket{Ticket: l.Ticket(), Service: "moving", Channel: queue.ChannelKiosk})
		run(queue.CallNext{Counter: "1"})
		c, _ := l.State.Counter("1")
		run(queue.Finish{Ticket: c.Ticket})
	}
	for b.Loop() {
		if found := invariant.Check(l.Entries); len(found) > 0 {
			b.Fatal(found)
		}
	}
}
