package queue_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// busyDay returns a day of about so many entries: visitors come, are called,
// served and leave, and a fifth of them have a longer story.
func busyDay(b *testing.B, entries int) *queuetest.Log {
	b.Helper()
	settings := queuetest.Settings()
	settings.Series[0].Main.Last, settings.Series[0].Next = 799, queue.Range{}
	settings.Series[0].Kiosks, settings.Series[0].Desk = nil, queue.Range{}
	settings.Rule.MaxWaiting = 0
	r := rand.New(rand.NewPCG(1, 1))
	l, clerk := queuetest.New(settings, "s0"), queuetest.Staff("x")
	run := func(c queue.Command) {
		if _, err := l.Do(clerk, c); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []queue.CounterID{"1", "2"} {
		run(queue.OpenCounter{Counter: c})
	}
	for i := 0; len(l.Entries) < entries; i++ {
		l.At = l.At.Add(3 * time.Second)
		run(queue.IssueTicket{Ticket: l.Ticket(), Service: []queue.ServiceID{"moving", "cert"}[r.IntN(2)], Channel: queue.ChannelKiosk, Priority: r.IntN(10) == 0})
		if i < 40 {
			continue // forty wait, all day
		}
		counter := []queue.CounterID{"1", "2"}[i%2]
		run(queue.CallNext{Counter: counter})
		c, _ := l.State.Counter(counter)
		run(queue.Start{Ticket: c.Ticket})
		run(queue.Finish{Ticket: c.Ticket})
	}
	return l
}

// BenchmarkDecideAndApply is the cost of one command on a day of 3,000 entries
// with forty tickets waiting. Budget: 100 µs.
func BenchmarkDecideAndApply(b *testing.B) {
	l := busyDay(b, 3000)
	clerk := queuetest.Staff("x")
	for b.Loop() {
		if _, err := l.Do(clerk, queue.CallNext{Counter: "1"}); err != nil {
			b.Fatal(err)
		}
		if _, err := l.Do(clerk, queue.Undo{Counter: "1"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReplay folds a day of 10,000 entries. Budget: 200 ms.
func BenchmarkReplay(b *testing.B) {
	l := busyDay(b, 10000)
	for b.Loop() {
		if _, err := queue.Replay(l.Entries); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClone copies a day of 3,000 entries. Budget: 1 ms.
func BenchmarkClone(b *testing.B) {
	l := busyDay(b, 3000)
	for b.Loop() {
		l.State.Clone()
	}
}

// BenchmarkCanonical writes the comparable form of a day of 3,000 entries.
// Budget: 20 ms.
func BenchmarkCanonical(b *testing.B) {
	l := busyDay(b, 3000)
	for b.Loop() {
		if _, err := l.State.Canonical(); err != nil {
			b.Fatal(err)
		}
	}
}
