package board_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/queue"
	"machi/internal/told"
)

// A holder is told a time by which nobody can have called them yet, as far as is known,
// and only if it is worth leaving.
func TestComeBackByIsNeverAfterTheEarliestCall(t *testing.T) {
	l := newLobby(t)
	l.do(queue.IssueTicket{Ticket: "t1", Service: "moving", Channel: queue.ChannelKiosk})
	ticket, _ := l.state.Ticket("t1")
	at := opening.Add(2 * time.Minute)
	for _, c := range []struct {
		name      string
		low, high time.Duration
		told      told.Span
		want      time.Duration // after at; 0: nothing is said
	}{
		{"an hour", time.Hour, 90 * time.Minute, told.Span{}, 53 * time.Minute},
		{"seconds change nothing", time.Hour - 20*time.Second, 90 * time.Minute, told.Span{}, 53 * time.Minute},
		{"what is shown is not contradicted", time.Hour, 90 * time.Minute, told.Span{Low: 30, High: 90}, 28 * time.Minute},
		{"too little to leave for", 15 * time.Minute, 30 * time.Minute, told.Span{}, 0},
		{"a call may come now", 0, 30 * time.Minute, told.Span{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			est := estimate.Office{At: at, Tickets: map[queue.TicketID]estimate.Wait{
				"t1": {Called: estimate.Range{Known: true, Low: c.low, P50: c.low, High: c.high, Told: c.told}},
			}}
			got := board.Ticket(info(), l.state, ticket, est).ComeBackBy
			switch {
			case c.want == 0 && !got.IsZero(), c.want != 0 && !got.Equal(at.Add(c.want)):
				t.Errorf("got %v, want %v later than %v", got, c.want, at)
			case !got.IsZero() && got.After(at.Add(c.low-5*time.Minute)):
				t.Errorf("%v is less than five minutes before the earliest call", got)
			}
		})
	}
	if got := board.Ticket(info(), l.state, ticket, estimate.Office{At: at}).ComeBackBy; !got.IsZero() {
		t.Errorf("nothing is known, yet %v is said", got)
	}
}

func TestAHolderSeesWhatTheVisitStillHas(t *testing.T) {
	l := newLobby(t)
	l.do(queue.IssueTicket{Ticket: "t1", Service: "moving", Further: []queue.ServiceID{"certificate"}, Channel: queue.ChannelKiosk})
	l.do(queue.OpenCounter{Counter: "2", Staff: "marker-staff"})
	next := func() *board.Next {
		ticket, _ := l.state.Ticket("t1")
		return board.Ticket(info(), l.state, ticket, estimate.Office{At: l.at}).Next
	}
	moving := board.NamedService{ID: "moving", Name: info().Services["moving"].Name}
	certificate := board.NamedService{ID: "certificate", Name: info().Services["certificate"].Name}
	check := func(when string, want *board.Next) {
		t.Helper()
		if diff := cmp.Diff(want, next()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	check("while it waits", &board.Next{Delivery: true, Services: []board.NamedService{certificate}})
	l.do(queue.CallNext{Counter: "2"})
	l.do(queue.Finish{Ticket: "t1", Processing: true})
	check("in the back office", &board.Next{Delivery: true, Services: []board.NamedService{certificate}, Received: []board.NamedService{moving}})
	l.do(queue.MarkReady{Ticket: "t1"})
	check("ready", &board.Next{Services: []board.NamedService{certificate}, Received: []board.NamedService{moving}})
	l.do(queue.CallNext{Counter: "2"})
	l.do(queue.Finish{Ticket: "t1"})
	l.do(queue.CallNext{Counter: "2", Service: "certificate"})
	l.do(queue.Finish{Ticket: "t1"})
	check("done", &board.Next{Received: []board.NamedService{moving, certificate}})
}
