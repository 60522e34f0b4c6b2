package day_test

import (
	"testing"

	"machi/internal/day"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// FuzzFact pushes bytes as a kiosk would: what is taken must apply, and what is
// refused must leave the day as it was.
func FuzzFact(f *testing.F) {
	o := open(&testing.T{}, "s1")
	kiosk := o.copyAs("kiosk/K1/s")
	r := kiosk.do(queue.IssueTicket{Ticket: "K1-1", Service: "moving", Channel: queue.ChannelKiosk, Pool: queue.PoolKiosk, Kiosk: "K1"})
	f.Add(r.Body)
	f.Add([]byte(`{"schema":1,"command":"c","origin":"k","origin_number":1,"at":"2026-04-01T09:00:00Z","events":[{"kind":"day_closed","data":{}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := o.Clone()
		before := hash(t, d)
		record, err := d.Fact(raw)
		if err == nil {
			err = d.Apply(record)
			if err != nil {
				t.Fatalf("taken, but it does not apply: %v", err)
			}
			return
		}
		if hash(t, d) != before {
			t.Errorf("refused with %v, but the day has changed", err)
		}
	})
}

// BenchmarkReplay folds a day of 10,000 records from their bytes. Budget: 1 s.
func BenchmarkReplay(b *testing.B) {
	t := &testing.T{}
	o := open(t, "s1")
	settings := queuetest.Settings()
	settings.Rule.MaxWaiting, settings.Series[0].Main.Last = 0, 799
	settings.Series[0].Next, settings.Series[0].Kiosks, settings.Series[0].Desk = queue.Range{}, nil, queue.Range{}
	o.do(queue.ChangeSettings{Settings: settings})
	o.do(queue.OpenCounter{Counter: "1"})
	log := queuetest.New(settings, "names")
	for o.Head().Number < 10_000 {
		o.issue(log.Ticket())
		o.do(queue.CallNext{Counter: "1"})
		c, _ := o.State().Counter("1")
		o.do(queue.Finish{Ticket: c.Ticket})
	}
	records := o.Records(0, 0)
	for b.Loop() {
		if _, err := day.Replay(records); err != nil {
			b.Fatal(err)
		}
	}
}
