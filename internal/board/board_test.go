package board_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/queue"
)

var opening = time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)

func info() board.Info {
	return board.Info{
		ID: "km-test", Name: board.Text{"ja": "試験窓口", "en": "Test Office"}, Kind: "kumin_madoguchi",
		Services: map[queue.ServiceID]board.ServiceInfo{
			"moving":      {Name: board.Text{"ja": "引越し", "en": "Moving"}, Moderate: 5 * time.Minute, Busy: 10 * time.Minute, VeryBusy: 20 * time.Minute},
			"certificate": {Name: board.Text{"ja": "証明書"}},
		},
	}
}

// lobby is an office under test.
type lobby struct {
	t     *testing.T
	state *queue.State
	at    time.Time
	n     int
}

func newLobby(t *testing.T) *lobby {
	stages := []queue.Stage{queue.StageReception, queue.StageDelivery}
	l := &lobby{t: t, state: queue.New(), at: opening}
	rule := queue.DefaultRule()
	rule.CheckIn = true
	l.do(queue.OpenDay{Settings: queue.Settings{
		Office: "km-test", Date: "2026-04-01", Version: "1", Rule: rule, Kiosks: []queue.KioskSettings{{ID: "K1"}},
		Services: []queue.ServiceSettings{
			{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}, Expected: 10 * time.Minute},
			{ID: "certificate", Series: "B", Stages: []queue.Stage{queue.StageReception}, Opens: opening.Add(time.Hour), Closes: opening.Add(2 * time.Hour)},
		},
		Series:   []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 99}}, {ID: "B", Main: queue.Range{First: 1, Last: 99}}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"moving"}, Stages: stages}, {ID: "2", Services: []queue.ServiceID{"moving", "certificate"}, Stages: stages}},
	}})
	return l
}

func (l *lobby) do(c queue.Command) {
	l.t.Helper()
	l.n++
	l.at = l.at.Add(10 * time.Second)
	m := queue.Meta{Command: queue.CommandID(fmt.Sprint(l.n)), At: l.at, Actor: queue.Actor{Role: queue.RoleStaff, ID: "marker-staff"}}
	events, err := queue.Decide(l.state, m, c)
	if err != nil {
		l.t.Fatalf("%T: %v", c, err)
	}
	if err := l.state.Apply(queue.Entry{Meta: m, Events: events}); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lobby) issue(n int) queue.TicketID {
	id := queue.TicketID(fmt.Sprintf("marker.issuer-%d", n))
	l.do(queue.IssueTicket{
		Ticket: id, Service: "moving", Channel: queue.ChannelKiosk, Language: "marker-language",
		Secret: "marker-secret", Quote: &queue.Quote{Ahead: 4242},
	})
	return id
}

func (l *lobby) office() board.Office {
	return board.Project(info(), l.state, estimate.Estimate(l.state, l.at))
}

func TestPublicViewHoldsNothingPrivate(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1", Staff: "marker-clerk"})
	a, b := l.issue(1), l.issue(2)
	l.do(queue.AddNote{Ticket: a, Text: "marker-note"})
	l.do(queue.Hold{Ticket: b, Reason: "marker-reason"})
	l.do(queue.CallNext{Counter: "1"})
	l.do(queue.Recall{Ticket: a})
	l.do(queue.AskHelp{Counter: "1", Text: "marker-help"})
	l.do(queue.OpenCounter{Counter: "2"})
	l.do(queue.PauseCounter{Counter: "2", Reason: "marker-pause"})
	raw, err := json.Marshal(l.office())
	if err != nil {
		t.Fatal(err)
	}
	if at := strings.Index(string(raw), "marker"); at >= 0 {
		t.Errorf("a private field leaves the server: %s", raw[at:min(len(raw), at+60)])
	}
	if strings.Contains(string(raw), "4242") {
		t.Error("the quote of a ticket leaves the server")
	}
}

func TestProjectCountsAndCalls(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1"})
	ids := []queue.TicketID{l.issue(1), l.issue(2), l.issue(3)}
	l.do(queue.CallNext{Counter: "1"})
	l.do(queue.Recall{Ticket: ids[0]})
	l.do(queue.Start{Ticket: ids[0]})
	l.do(queue.Finish{Ticket: ids[0], Processing: true})
	l.do(queue.MarkReady{Ticket: ids[0]})
	o := l.office()
	moving := o.Services[0]
	if o.Waiting != 3 || moving.Waiting != 2 {
		t.Errorf("waiting %d in all and %d for reception, want 3 and 2", o.Waiting, moving.Waiting)
	}
	if len(moving.Ready) != 1 || moving.Ready[0] != "A001" {
		t.Errorf("ready for delivery %v, want A001", moving.Ready)
	}
	if len(o.Calls) != 2 || o.Calls[0].Times != 2 || o.Calls[0].Number != "A001" || o.Calls[0].Counter != "1" {
		t.Errorf("calls %+v, want the recall of A001 first", o.Calls)
	}
	if moving.UntilCalled == nil || moving.UntilCalled.Low%300 != 0 || moving.UntilCalled.High%300 != 0 {
		t.Errorf("until called %+v, want a range in steps of five minutes", moving.UntilCalled)
	}
}

func TestLevels(t *testing.T) {
	l := newLobby(t)
	check := func(when string, service int, want board.Level) {
		t.Helper()
		if got := l.office().Services[service].Level; got != want {
			t.Errorf("%s: level %s, want %s", when, got, want)
		}
	}
	check("no counter open", 0, board.LevelUnknown)
	check("before its hours", 1, board.LevelClosed)
	l.do(queue.OpenCounter{Counter: "1"})
	check("nobody waits", 0, board.LevelQuiet)
	want := []board.Level{board.LevelQuiet, board.LevelModerate, board.LevelBusy, board.LevelVeryBusy}
	seen := map[board.Level]bool{}
	last := 0
	for n := range 6 {
		l.issue(n)
		level := l.office().Services[0].Level
		seen[level] = true
		rank := indexOf(want, level)
		if rank < last {
			t.Errorf("one more waits and the level goes from %s to %s", want[last], level)
		}
		last = max(last, rank)
	}
	if !seen[board.LevelVeryBusy] {
		t.Errorf("six people at one counter of ten minutes each: levels seen %v, want very busy among them", seen)
	}
	l.do(queue.SetService{Service: "moving", State: queue.Paused, Message: "機器の調整中"})
	check("paused by staff", 0, board.LevelSuspended)
}

func indexOf(list []board.Level, x board.Level) int {
	for i, y := range list {
		if x == y {
			return i
		}
	}
	return -1
}

func TestTicketStatusFollowsTheVisit(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1"})
	first, second := l.issue(1), l.issue(2)
	status := func(id queue.TicketID) board.TicketStatus {
		ticket, ok := l.state.Ticket(id)
		if !ok {
			t.Fatalf("no ticket %s", id)
		}
		return board.Ticket(info(), l.state, ticket, estimate.Estimate(l.state, l.at))
	}
	if s := status(second); s.Ahead != 1 || s.UntilCalled == nil || !s.CanWithdraw || s.Counter != "" {
		t.Errorf("second in line sees %+v", s)
	}
	l.do(queue.CallNext{Counter: "1"})
	if s := status(first); s.State != queue.Called || s.Counter != "1" || s.UntilCalled != nil || s.CanWithdraw {
		t.Errorf("called ticket sees %+v", s)
	}
	l.do(queue.Finish{Ticket: first})
	if s := status(first); s.State != queue.Done || s.UntilFinished != nil || s.Counter != "" {
		t.Errorf("finished ticket sees %+v", s)
	}
}

func TestConsoleShowsWhoIsNextAndWhy(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1", Staff: "山田"})
	l.issue(1)
	l.do(queue.IssueTicket{Ticket: "x-9", Service: "moving", Channel: queue.ChannelReception, Priority: true})
	console, ok := board.ProjectConsole(info(), l.state, "1", estimate.Estimate(l.state, l.at))
	if !ok || console.Next == nil || console.Next.Number != "A002" || console.Next.Why.Code != queue.ReasonPriority {
		t.Fatalf("next is %+v, want A002 by priority", console.Next)
	}
	l.do(queue.CallNext{Counter: "1"})
	console, _ = board.ProjectConsole(info(), l.state, "1", estimate.Estimate(l.state, l.at))
	if console.Current == nil || console.Current.Number != "A002" || console.Undo == nil || len(console.Waiting) != 1 {
		t.Errorf("after the call the console shows %+v, undo %+v, %d waiting", console.Current, console.Undo, len(console.Waiting))
	}
	if _, ok := board.ProjectConsole(info(), l.state, "99", estimate.Estimate(l.state, l.at)); ok {
		t.Error("a counter that does not exist has a console")
	}
}

func TestDashboardAddsUp(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1"})
	ids := []queue.TicketID{l.issue(1), l.issue(2), l.issue(3), l.issue(4)}
	l.do(queue.Withdraw{Ticket: ids[3]})
	l.do(queue.CallNext{Counter: "1"})
	l.do(queue.FinishAndCallNext{Counter: "1"})
	l.do(queue.MarkNoShow{Ticket: ids[1]})
	l.do(queue.FlagTicket{Ticket: ids[2], Flag: queue.FlagPrintUnknown})
	l.do(queue.CloseCounter{Counter: "1"})
	d := board.ProjectDashboard(info(), l.state, estimate.Estimate(l.state, l.at))
	if d.Issued != 4 || d.Done != 1 || d.NoShows != 1 || d.Withdrawn != 1 || d.Office.Waiting != 1 {
		t.Errorf("issued %d, done %d, no-shows %d, withdrawn %d, waiting %d; want 4 = 1+1+1+1", d.Issued, d.Done, d.NoShows, d.Withdrawn, d.Office.Waiting)
	}
	if len(d.Alarms) != 1 || d.Alarms[0].Code != "no_counter" {
		t.Errorf("alarms %+v, want that nobody serves who waits", d.Alarms)
	}
	l.do(queue.OpenCounter{Counter: "1"})
	for _, a := range board.ProjectDashboard(info(), l.state, estimate.Estimate(l.state, l.at)).Alarms {
		if a.Waiting == 0 {
			t.Errorf("alarm %+v, although nobody waits", a)
		}
	}
	broken := estimate.Office{At: l.at, Failed: errors.New("broken")}
	if alarms := board.ProjectDashboard(info(), l.state, broken).Alarms; len(alarms) != 1 || alarms[0].Code != "estimate_failed" {
		t.Errorf("with an estimator that fails: alarms %+v, want that it does", alarms)
	}
	if len(d.Flagged) != 1 || d.Flagged[0].Number != "A003" {
		t.Errorf("flagged %+v, want A003", d.Flagged)
	}
}

// Programs of others read the number of every counter: a free one says that it has
// none, instead of leaving the field out.
func TestEveryCounterNamesItsNumber(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1"})
	l.issue(1)
	l.do(queue.CallNext{Counter: "1"})
	wire, err := json.Marshal(board.Project(info(), l.state, estimate.Estimate(l.state, l.at)).Counters)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"number":"A001"`, `"number":""`} {
		if !strings.Contains(string(wire), want) {
			t.Errorf("the counters are %s, want %s among them", wire, want)
		}
	}
}
