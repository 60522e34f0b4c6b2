package estimate_test

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

var opening = time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)

func settings() queue.Settings {
	both := []queue.Stage{queue.StageReception, queue.StageDelivery}
	return queue.Settings{
		Office: "km-test", Date: "2026-04-01", Version: "1", Rule: queue.DefaultRule(),
		Services: []queue.ServiceSettings{
			{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}, Expected: 10 * time.Minute},
			{ID: "certificate", Series: "B", Stages: []queue.Stage{queue.StageReception}, Expected: 4 * time.Minute},
		},
		Series: []queue.SeriesSettings{
			{ID: "A", Main: queue.Range{First: 1, Last: 799}},
			{ID: "B", Main: queue.Range{First: 1, Last: 799}},
		},
		Counters: []queue.CounterSettings{
			{ID: "1", Services: []queue.ServiceID{"moving", "certificate"}, Stages: both},
			{ID: "2", Services: []queue.ServiceID{"moving"}, Stages: both},
		},
	}
}

// floor is a small office under test.
type floor struct {
	t     *testing.T
	state *queue.State
	at    time.Time
	n     int
}

func newFloor(t *testing.T) *floor {
	f := &floor{t: t, state: queue.New(), at: opening}
	f.do(queue.OpenDay{Settings: settings()})
	return f
}

func (f *floor) do(c queue.Command) {
	f.t.Helper()
	f.n++
	m := queue.Meta{Command: queue.CommandID(fmt.Sprint(f.n)), At: f.at, Actor: queue.Actor{Role: queue.RoleStaff, ID: "t"}}
	events, err := queue.Decide(f.state, m, c)
	if err != nil {
		f.t.Fatalf("%T: %v", c, err)
	}
	if err := f.state.Apply(queue.Entry{Meta: m, Events: events}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *floor) issue(id string, service queue.ServiceID, priority bool) queue.TicketID {
	f.t.Helper()
	ticket := queue.TicketID("s-" + id)
	f.do(queue.IssueTicket{Ticket: ticket, Service: service, Channel: queue.ChannelKiosk, Priority: priority})
	return ticket
}

func (f *floor) estimate() estimate.Office { return estimate.Estimate(f.state, f.at) }

func TestNothingOpenIsUnknown(t *testing.T) {
	f := newFloor(t)
	id := f.issue("1", "moving", false)
	got := f.estimate()
	if got.Tickets[id].Called.Known || got.Services["moving"].Called.Known {
		t.Errorf("with no counter open the estimate is %+v, want unknown", got)
	}
	if got.Services["moving"].Ahead != 1 {
		t.Errorf("ahead of a newcomer = %d, want 1", got.Services["moving"].Ahead)
	}
}

func TestFreeCounterIsNow(t *testing.T) {
	f := newFloor(t)
	f.do(queue.OpenCounter{Counter: "1"})
	called := f.estimate().Services["certificate"].Called
	if !called.Known || called.P50 != 0 || called.High > time.Minute {
		t.Errorf("a newcomer at a free counter is told %+v, want no wait", called)
	}
	if low, high := called.Shown(); low != 0 || high != 5*time.Minute {
		t.Errorf("shown %v to %v, want 0 to 5 minutes", low, high)
	}
}

// Somebody who took a number at home keeps a place in the line: whoever comes
// after is told so, and so is the one who is still on the way.
func TestWhoIsOnTheWayCounts(t *testing.T) {
	here, away := newFloor(t), newFloor(t)
	for _, f := range []*floor{here, away} {
		if f == away {
			s := settings()
			s.Version, s.Rule.CheckIn = "2", true
			f.do(queue.ChangeSettings{Settings: s})
		}
		f.do(queue.OpenCounter{Counter: "2"})
		for i := range 4 {
			f.do(queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprint("s-", i)), Service: "moving", Channel: queue.ChannelWeb})
		}
	}
	if ticket, _ := away.state.Ticket("s-0"); !ticket.Away {
		t.Fatal("nobody is away")
	}
	got, want := away.estimate(), here.estimate()
	if got.Services["moving"] != want.Services["moving"] || got.Tickets["s-3"] != want.Tickets["s-3"] {
		t.Errorf("with people on the way %+v, with the same people here %+v", got.Services["moving"], want.Services["moving"])
	}
}

func TestRecentTimesMoveTheEstimate(t *testing.T) {
	quick, slow := newFloor(t), newFloor(t)
	for f, talk := range map[*floor]time.Duration{quick: 2 * time.Minute, slow: 25 * time.Minute} {
		f.do(queue.OpenCounter{Counter: "2"})
		for i := range 8 {
			id := f.issue(fmt.Sprint("past", i), "moving", false)
			f.do(queue.CallNext{Counter: "2"})
			f.do(queue.Start{Ticket: id})
			f.at = f.at.Add(talk)
			f.do(queue.Finish{Ticket: id})
		}
		f.issue("a", "moving", false)
	}
	q, s := quick.estimate().Services["moving"].Called.P50, slow.estimate().Services["moving"].Called.P50
	if q >= s/3 {
		t.Errorf("after talks of 2 and of 25 minutes a newcomer is told %v and %v", q, s)
	}
}

func TestLaterIsNeverToldLess(t *testing.T) {
	f := newFloor(t)
	f.do(queue.OpenCounter{Counter: "1"})
	f.do(queue.OpenCounter{Counter: "2"})
	for i := range 60 {
		f.at = f.at.Add(20 * time.Second)
		f.issue(fmt.Sprint(i), []queue.ServiceID{"moving", "certificate"}[i%2], i%7 == 0)
		if i%9 == 0 {
			f.do(queue.CallNext{Counter: "2"})
			f.do(queue.Finish{Ticket: mustTicket(t, f, "2")})
		}
	}
	got := f.estimate()
	for _, line := range f.state.Lines() {
		var last estimate.Wait
		for _, ticket := range f.state.Line(line) {
			if ticket.Priority {
				continue
			}
			w := got.Tickets[ticket.ID]
			checkRange(t, ticket.ID, w.Called)
			checkRange(t, ticket.ID, w.Finished)
			if w.Called.P50 < last.Called.P50 || w.Called.Low < last.Called.Low || w.Called.High < last.Called.High {
				t.Errorf("%s is told %+v, less than the one before, %+v", ticket.ID, w.Called, last.Called)
			}
			last = w
		}
	}
}

func TestBeyondTheDayIsUnknown(t *testing.T) {
	f := newFloor(t)
	f.do(queue.OpenCounter{Counter: "2"})
	var last queue.TicketID
	for i := range 200 {
		f.at = f.at.Add(time.Second)
		last = f.issue(fmt.Sprint(i), "moving", false)
	}
	got := f.estimate()
	if got.Services["moving"].Called.Known || got.Tickets[last].Called.Known || got.Tickets[last].Ahead != 199 {
		t.Errorf("behind 199 talks of ten minutes at one counter: %+v, want unknown", got.Tickets[last])
	}
	if !got.Tickets["s-10"].Called.Known {
		t.Error("the eleventh in line is told nothing")
	}
}

func mustTicket(t *testing.T, f *floor, counter queue.CounterID) queue.TicketID {
	t.Helper()
	c, ok := f.state.Counter(counter)
	if !ok || c.Ticket == "" {
		t.Fatalf("counter %s has no ticket", counter)
	}
	return c.Ticket
}

func checkRange(t *testing.T, id queue.TicketID, r estimate.Range) {
	t.Helper()
	if !r.Known || r.Low < 0 || r.Low > r.P50 || r.P50 > r.P80 || r.P80 > r.High {
		t.Errorf("%s: %+v is not in order", id, r)
	}
}

func TestFinishedIncludesTheStagesToCome(t *testing.T) {
	f := newFloor(t)
	f.do(queue.OpenCounter{Counter: "1"})
	moving, certificate := f.issue("m", "moving", false), f.issue("c", "certificate", false)
	got := f.estimate()
	if w := got.Tickets[moving]; w.Finished.P50 < 20*time.Minute {
		t.Errorf("a visit with three stages is finished in %v, want at least talk, back office and delivery", w.Finished.P50)
	}
	if w := got.Tickets[certificate]; w.Finished.P50 < w.Called.P50+3*time.Minute {
		t.Errorf("finished %v after called %v: the talk itself is missing", w.Finished.P50, w.Called.P50)
	}
}

func BenchmarkEstimate(b *testing.B) {
	f := newFloor(&testing.T{})
	f.do(queue.OpenCounter{Counter: "1"})
	f.do(queue.OpenCounter{Counter: "2"})
	for i := range 60 {
		f.issue(fmt.Sprint(i), "moving", false)
	}
	b.ResetTimer()
	for b.Loop() {
		f.estimate()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/60, "ns/ticket")
}
