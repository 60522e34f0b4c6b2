package estimate

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/queue"
)

// ward returns a follower of an office with 8 services and 12 counters in the middle
// of a day in which so many wait.
func ward(waiting int) (*Follower, time.Time) {
	f, at, n := NewFollower(nil), time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST), 0
	do := func(c queue.Command) {
		n++
		m := queue.Meta{Command: queue.CommandID(fmt.Sprint(n)), At: at, Actor: queue.Actor{Role: queue.RoleStaff, ID: "x"}}
		events, err := queue.Decide(f.State(), m, c)
		if err == nil && len(events) > 0 {
			err = f.Apply(queue.Entry{Meta: m, Events: events})
		}
		if err != nil {
			panic(fmt.Sprintf("%T: %v", c, err))
		}
	}
	settings := queue.Settings{Office: "o", Date: "2026-04-01", Version: "1", Rule: queue.DefaultRule()}
	stages := []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}
	for i := range 8 {
		series := queue.SeriesID(rune('A' + i))
		settings.Series = append(settings.Series, queue.SeriesSettings{ID: series, Main: queue.Range{First: 1, Last: 9999}})
		v := queue.ServiceSettings{ID: queue.ServiceID(fmt.Sprint("v", i)), Series: series, Stages: stages[:1], Expected: time.Duration(4+i) * time.Minute}
		if i%3 == 0 {
			v.Stages = stages
		}
		settings.Services = append(settings.Services, v)
	}
	for i := range 12 {
		c := queue.CounterSettings{ID: queue.CounterID(fmt.Sprint(i)), Stages: []queue.Stage{queue.StageReception, queue.StageDelivery}}
		for k := range 4 {
			c.Services = append(c.Services, settings.Services[(i+k*(1+i%3))%8].ID)
		}
		if i%4 == 0 {
			c.Own = c.Services[:1]
		}
		settings.Counters = append(settings.Counters, c)
	}
	do(queue.OpenDay{Settings: settings})
	for _, c := range settings.Counters {
		do(queue.OpenCounter{Counter: c.ID})
	}
	issued := 0
	issue := func() {
		issued++
		do(queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprintf("s-%05d", issued)), Service: settings.Services[issued%8].ID, Channel: queue.ChannelKiosk, Priority: issued%9 == 0})
	}
	for i := range 300 {
		at = at.Add(20 * time.Second)
		issue()
		c, _ := f.State().Counter(settings.Counters[i%12].ID)
		if c.Ticket != "" {
			do(queue.Finish{Ticket: c.Ticket, Counter: c.ID})
		}
		if _, ok := queue.Next(f.State(), c.ID, "", at); ok {
			do(queue.CallNext{Counter: c.ID})
		}
	}
	for f.State().WaitingCount() < waiting {
		at = at.Add(15 * time.Second)
		issue()
	}
	return f, at
}

// BenchmarkOffice asks for everybody of an office with 8 services and 12 counters,
// until called and until finished. It prints the estimates per second of one core.
func BenchmarkOffice(b *testing.B) {
	for _, waiting := range []int{15, 60, 250, 1000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			f, at := ward(waiting)
			o := f.Office(at, Conditions{})
			count := 2 * (len(o.Services) + len(o.Tickets))
			for b.Loop() {
				f.Office(at, Conditions{})
			}
			b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "estimates/s")
		})
	}
}

// BenchmarkOrder plays out the calls to come.
func BenchmarkOrder(b *testing.B) {
	for _, waiting := range []int{60, 250, 1000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			f, at := ward(waiting)
			for b.Loop() {
				newOrder(f.State(), at, lasting, everybody, whoeverOpened).calls()
			}
		})
	}
}
