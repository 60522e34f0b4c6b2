package board_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/queue"
)

// deliveries brings tickets 1 to n to the delivery line of an office whose counter 1
// is open.
func deliveries(t *testing.T, n int) (*lobby, []queue.TicketID) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1", Staff: "sato"})
	var ids []queue.TicketID
	for i := range n {
		id := l.issue(i + 1)
		l.do(queue.CallTicket{Ticket: id, Counter: "1"})
		l.do(queue.Finish{Ticket: id, Processing: true})
		ids = append(ids, id)
	}
	for _, id := range ids[:n-1] {
		l.do(queue.MarkReady{Ticket: id})
	}
	return l, ids
}

func numbersOf[T any](rows []T, number func(T) queue.Number) []queue.Number {
	list := []queue.Number{}
	for _, r := range rows {
		list = append(list, number(r))
	}
	return list
}

func TestAnnouncedNumbersAreShownWithTheirCounter(t *testing.T) {
	l, ids := deliveries(t, 4)
	l.do(queue.Announce{Counter: "1", Tickets: ids[:2]})
	at := l.at
	s := l.office().Services[0]
	if diff := cmp.Diff([]queue.Number{"A001", "A002", "A003"}, s.Ready); diff != "" {
		t.Errorf("ready (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]board.Announced{{"A001", "1", at}, {"A002", "1", at}}, s.Announced); diff != "" {
		t.Errorf("announced (-want +got):\n%s", diff)
	}
	calls := l.office().Calls
	if calls[0].Number != "A002" || calls[1].Number != "A001" || calls[1].Stage != queue.StageDelivery || !calls[1].At.Equal(at) {
		t.Errorf("the wall's newest calls are %+v", calls[:2])
	}
	holder := func(id queue.TicketID) board.TicketStatus {
		ticket, _ := l.state.Ticket(id)
		return board.Ticket(info(), l.state, ticket, estimate.Estimate(l.state, l.at))
	}
	if got := holder(ids[0]); !got.Announced || got.Counter != "1" || got.UntilCalled != nil {
		t.Errorf("the holder sees %+v", got)
	}
	if got := holder(ids[2]); got.Announced || got.Counter != "" {
		t.Errorf("who is only ready sees %+v", got)
	}
	l.do(queue.CloseCounter{Counter: "1"})
	if got := holder(ids[0]); got.Announced || l.office().Services[0].Announced != nil {
		t.Error("a counter that has closed still calls")
	}
}

func TestTheDeliveryDeskSeesWhatIsWhere(t *testing.T) {
	l, ids := deliveries(t, 5)
	l.do(queue.Announce{Counter: "1", Tickets: ids[1:2]})
	l.do(queue.Hold{Ticket: ids[2], Reason: "fee", Room: "3F"})
	d := board.ProjectDelivery(info(), l.state, estimate.Estimate(l.state, l.at.Add(time.Minute)))
	number := func(r board.DeliveryRow) queue.Number { return r.Number }
	got := [][]queue.Number{
		numbersOf(d.Ready, number), numbersOf(d.Announced, number), numbersOf(d.Processing, number),
		numbersOf(d.Held, func(t board.ConsoleTicket) queue.Number { return t.Number }),
	}
	if diff := cmp.Diff([][]queue.Number{{"A001", "A004"}, {"A002"}, {"A005"}, {"A003"}}, got); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	if row := d.Announced[0]; row.Age != 70 || row.Counter != "" || row.ConsoleTicket.Announced != "1" {
		t.Errorf("announced %d s ago at %q", row.Age, row.ConsoleTicket.Announced)
	}
	if d.Held[0].Room != "3F" || len(d.Counters) != 2 || d.Counts.Ready != 2 {
		t.Errorf("room %q, %d counters, counts %+v", d.Held[0].Room, len(d.Counters), d.Counts)
	}
}

func TestReceptionFindsTicketsByHalfANumber(t *testing.T) {
	l, ids := deliveries(t, 12)
	l.do(queue.HandOver{Ticket: ids[0], Counter: "1"})
	for typed, want := range map[string][]queue.Number{
		"":      {"A012", "A002", "A003", "A004", "A005", "A006", "A007", "A008", "A009", "A010", "A011"},
		"a1":    {"A001"}, // a whole number without its zeros, also of a visit that is over
		"A01":   {"A012", "A010", "A011", "A001"},
		"12":    {"A012"},
		"1":     {"A011", "A001"},
		"  012": {"A012"},
		"B":     {},
	} {
		r := board.ProjectReception(info(), l.state, typed, estimate.Estimate(l.state, l.at))
		got := numbersOf(r.Tickets, func(t board.ReceptionRow) queue.Number { return t.Number })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}

func TestTheConsoleSaysWhatMayBeDone(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1"})
	l.do(queue.OpenCounter{Counter: "2", Staff: "kato"})
	l.issue(1)
	l.do(queue.CallNext{Counter: "1"})
	console := func(counter queue.CounterID) board.Console {
		c, ok := board.ProjectConsole(info(), l.state, counter, estimate.Estimate(l.state, l.at))
		if !ok {
			t.Fatalf("no counter %s", counter)
		}
		return c
	}
	c := console("1")
	if want := l.at.Add(l.state.Settings().Rule.RecallGap); !c.Current.RecallAfter.Equal(want) || !c.Current.NoShow {
		t.Errorf("recall after %v, want %v; no-show %v", c.Current.RecallAfter, want, c.Current.NoShow)
	}
	if c.Rule.Choose != queue.ChooseStaff || !c.MayChoose || c.Rule.Undo != 60 {
		t.Errorf("rule %+v, may choose %v", c.Rule, c.MayChoose)
	}
	c.Rule.Choose = queue.ChooseManager
	if c.For(queue.RoleStaff); c.MayChoose {
		t.Error("a clerk may choose though only managers may")
	}
	if c.For(queue.RoleManager); !c.MayChoose {
		t.Error("a manager may not choose")
	}
	l.do(queue.AskHelp{Counter: "1", Text: "interpreter"})
	if c := console("2").Colleagues[0]; c.Help != "interpreter" || c.HelpAt.IsZero() {
		t.Errorf("the colleague's call for help: %+v", c)
	}
	l.do(queue.AnswerHelp{Counter: "1"})
	if c := console("1").Counter; c.HelpBy != "marker-staff" || c.Help != "" {
		t.Errorf("the answer: %+v", c)
	}
}

func TestTheConsoleListsWhatWasDone(t *testing.T) {
	l := newLobby(t)
	l.do(queue.OpenCounter{Counter: "1"})
	a := l.issue(1)
	l.issue(2)
	l.do(queue.CallNext{Counter: "1"})
	l.do(queue.Start{Ticket: a})
	l.do(queue.FinishAndCallNext{Counter: "1"})
	history := func() (list []string) {
		c, _ := board.ProjectConsole(info(), l.state, "1", estimate.Estimate(l.state, l.at))
		for _, h := range c.History {
			line := h.What + " " + string(h.Number)
			if h.Undoable {
				line += " undoable"
			}
			if h.Undone {
				line += " undone"
			}
			list = append(list, line)
		}
		return list
	}
	want := []string{
		"ticket_called A002 undoable", "service_finished A001 undoable", "service_started A001", "ticket_called A001",
		"ticket_issued A002", "ticket_issued A001", "counter_opened ", // what the clerk did at no counter is listed, too
	}
	if diff := cmp.Diff(want, history()); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	l.do(queue.Undo{Counter: "1"})
	want = []string{
		"ticket_called A002 undone", "service_finished A001 undone", "service_started A001 undoable", "ticket_called A001",
		"ticket_issued A002", "ticket_issued A001", "counter_opened ", // what the clerk did at no counter is listed, too
	}
	if diff := cmp.Diff(want, history()); diff != "" {
		t.Errorf("after the undo (-want +got):\n%s", diff)
	}
}
