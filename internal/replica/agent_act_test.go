package replica_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/replica"
)

// withTickets returns a machine that is alone, with a ticket that the server gave
// (c1), and one of its own range (c2).
func withTickets(t *testing.T) (*machine, *ward, [2]replica.Press) {
	t.Helper()
	m, w := setUp(t)
	server := pressed(t, m, w, true)
	m.meet(w, 3)
	m.pass(2 * time.Second)
	own := pressed(t, m, w, false)
	return m, w, [2]replica.Press{server, own}
}

// done returns the answer to an act.
func done(t *testing.T, outs []replica.Output) string {
	t.Helper()
	if n := len(slices.DeleteFunc(slices.Clone(outs), func(o replica.Output) bool { _, is := o.(replica.ActDone); return !is })); n != 1 {
		t.Fatalf("%d answers to one act: %v", n, outs)
	}
	return fetch[replica.ActDone](t, outs).Code
}

// bodies returns the bodies that the server has of an origin's command.
func bodies(t *testing.T, w *ward, id queue.CommandID) []eventlog.Body {
	t.Helper()
	var found []eventlog.Body
	for _, r := range w.day(today).Records(0, 0) {
		b, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if b.Command == string(id) {
			found = append(found, b)
		}
	}
	return found
}

func TestWhatAnActAtALonelyMachineMeets(t *testing.T) {
	m, w, tickets := withTickets(t)
	server, own := tickets[0].Ticket, tickets[1].Ticket
	rows := []struct {
		act  replica.Act
		want string
	}{
		{replica.Act{Action: queue.ActSignIn}, ""},
		{replica.Act{Action: queue.ActPaperReplaced}, ""},
		{replica.Act{Action: queue.ActReprint, Ticket: own, Detail: "紙づまり"}, ""},
		{replica.Act{Action: queue.ActWithdraw, Ticket: own}, ""},
		{replica.Act{Action: queue.ActWithdraw, Ticket: own}, "wrong_status"},
		{replica.Act{Action: queue.ActLeave, Ticket: server}, ""},
		{replica.Act{Action: queue.ActWithdraw, Ticket: "K2.76543210-000001"}, "not_own"},
		{replica.Act{Action: queue.ActReprint, Ticket: "web-000001"}, "not_own"},
		{replica.Act{Action: queue.ActCheckIn, Ticket: own}, "alone"},
		{replica.Act{Action: queue.ActLater, Ticket: own}, "alone"},
		{replica.Act{Action: queue.ActServiceClose}, "alone"},
		{replica.Act{Action: "dance"}, "unknown_action"},
		{replica.Act{Action: queue.ActSignIn, Detail: string(make([]byte, 501))}, "too_long"},
	}
	for i, row := range rows {
		row.act.Command = queue.CommandID(fmt.Sprintf("act%d", i))
		before := len(m.marks)
		if got := done(t, m.do(row.act)); got != row.want {
			t.Errorf("%s: got %q, want %q", row.act.Action, got, row.want)
		}
		if kept := len(m.marks) > before; kept != (row.want == "") {
			t.Errorf("%s: answered %q, and kept on disk: %v", row.act.Action, row.want, kept)
		}
		again := m.agent.Unsent()
		if got := done(t, m.do(row.act)); got != row.want || m.agent.Unsent() != again {
			t.Errorf("%s again: got %q, %d more bodies", row.act.Action, got, m.agent.Unsent()-again)
		}
	}
	if code := done(t, m.do(replica.Act{Action: queue.ActSignIn})); code != "missing_field" {
		t.Errorf("an act without an id: %q", code)
	}
	m.meet(w, 20)
	for _, p := range tickets {
		if ticket, ok := w.day(today).State().Ticket(p.Ticket); !ok || ticket.Status != queue.Withdrawn {
			t.Errorf("the server has %+v of the ticket that was given up", ticket)
		}
	}
	for i, row := range rows {
		found := bodies(t, w, queue.CommandID(fmt.Sprintf("act%d", i)))
		if row.want != "" {
			if len(found) > 0 {
				t.Errorf("%s was refused, and the server has %d records of it", row.act.Action, len(found))
			}
			continue
		}
		if by := row.act.Action.ActorOf("K1"); len(found) != 1 || found[0].Actor != by.String() {
			t.Errorf("%s: %d records, want one by %s: %+v", row.act.Action, len(found), by, found)
		}
	}
}

// TestARestartBetweenAnActAndItsPush cuts the power behind the mark of an act and
// before it, and lets the server have its body and not say so.
func TestARestartBetweenAnActAndItsPush(t *testing.T) {
	for _, safe := range []bool{true, false} {
		for _, heard := range []bool{true, false} {
			m, w, tickets := withTickets(t)
			id := tickets[1].Ticket
			before := len(m.marks)
			m.do(replica.Act{Command: "act", Action: queue.ActWithdraw, Ticket: id})
			if !safe {
				m.marks = m.marks[:before]
			} else if heard {
				r, _ := m.agent.Today(m.now)
				w.push(replica.PushBodies{Date: today, Bodies: r.Pending()})
			}
			m.outs, m.now.Boot = nil, "boot2"
			m.start(true)
			m.meet(w, 20)
			ticket, _ := w.day(today).State().Ticket(id)
			if given := ticket.Status == queue.Withdrawn; given != safe || len(bodies(t, w, "act")) > 1 {
				t.Errorf("safe %v, heard %v: the ticket is %s, %d records", safe, heard, ticket.Status, len(bodies(t, w, "act")))
			}
			if m.agent.Unsent() != 0 || !m.agent.Online() {
				t.Errorf("safe %v, heard %v: %d unsent, online %v", safe, heard, m.agent.Unsent(), m.agent.Online())
			}
		}
	}
}

// TestGivingUpAtTheMachineEmptiesNoCounter withdraws tickets at a machine that
// does not know that counters have called them.
func TestGivingUpAtTheMachineEmptiesNoCounter(t *testing.T) {
	m, w, tickets := withTickets(t)
	w.must(today, queue.OpenCounter{Counter: "1"})
	w.must(today, queue.CallNext{Counter: "1"})
	if code := done(t, m.do(replica.Act{Command: "act", Action: queue.ActLeave, Ticket: tickets[0].Ticket})); code != "" {
		t.Fatalf("the machine knows of the call: %s", code)
	}
	m.meet(w, 20)
	counter, _ := w.day(today).State().Counter("1")
	if ticket, _ := w.day(today).State().Ticket(tickets[0].Ticket); ticket.Status != queue.Called || counter.Ticket != ticket.ID {
		t.Errorf("the ticket is %s, the counter has %q", ticket.Status, counter.Ticket)
	}
}

// TestAnActThatTheServerDidFirst sends an act to the server, loses the answer, and
// does it at the machine under the same id.
func TestAnActThatTheServerDidFirst(t *testing.T) {
	m, w, tickets := withTickets(t)
	d := w.day(today)
	r, err := d.Decide(
		queue.Meta{Command: "act", At: w.at.Add(time.Minute), Actor: queue.KioskStaff("K1"), Origin: "s1"},
		queue.ActKiosk{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: tickets[0].Ticket}, w.life,
	)
	if err == nil {
		err = d.Apply(*r)
	}
	if err != nil {
		t.Fatal(err)
	}
	if code := done(t, m.do(replica.Act{Command: "act", Action: queue.ActWithdraw, Ticket: tickets[0].Ticket})); code != "" {
		t.Fatalf("refused: %s", code)
	}
	m.meet(w, 20)
	if ticket, _ := d.State().Ticket(tickets[0].Ticket); ticket.Status != queue.Withdrawn || m.agent.Unsent() != 0 || !m.agent.Online() {
		t.Errorf("the ticket is %s, %d unsent", ticket.Status, m.agent.Unsent())
	}
	if code := done(t, m.do(replica.Act{Command: "act", Action: queue.ActWithdraw, Ticket: tickets[0].Ticket})); code != "" || m.agent.Unsent() != 0 {
		t.Errorf("what the log holds is done once more: %q, %d unsent", code, m.agent.Unsent())
	}
}

func TestNoFileNoAct(t *testing.T) {
	m, _, tickets := withTickets(t)
	m.disk = errors.New("no space left")
	act := replica.Act{Command: "act", Action: queue.ActWithdraw, Ticket: tickets[1].Ticket}
	if code := done(t, m.do(act)); code != replica.OutOfService || !m.agent.Broken() {
		t.Errorf("answered %q, broken %v", code, m.agent.Broken())
	}
	if code := done(t, m.do(act)); code != replica.OutOfService {
		t.Errorf("a broken machine answers %q", code)
	}
}

// TestABarredMachineGivesNoNumbers bars a machine at each step of a press.
func TestABarredMachineGivesNoNumbers(t *testing.T) {
	for _, code := range []string{"device_revoked", "store_copied", "device_unknown"} {
		m, w, _ := withTickets(t)
		owed := m.agent.Unsent()
		if got := alarms(m.do(replica.Barred{Code: code})); !slices.Equal(got, []string{code}) {
			t.Errorf("alarms %v, want %s", got, code)
		}
		if got := alarms(m.do(replica.Barred{Code: code})); len(got) > 0 {
			t.Errorf("told twice: %v", got)
		}
		for range 2 { // in this run, and in the next one
			m.pass(2 * time.Second)
			if p := last(t, m.press()); p.State != replica.Refused || p.Code != code || m.agent.Barred() != code {
				t.Fatalf("a barred machine says %s %s", p.State, p.Code)
			}
			m.outs = nil
			m.start(true)
		}
		if m.agent.Unsent() != owed || owed == 0 {
			t.Errorf("%d of %d bodies are kept", m.agent.Unsent(), owed)
		}
		if got := done(t, m.do(replica.Act{Command: "enrol", Action: queue.ActEnrol})); got != "" {
			t.Errorf("staff cannot enrol a barred machine: %s", got)
		}
		m.do(replica.Admitted{})
		m.start(true)
		m.pass(2 * time.Second)
		if p := fetch[replica.PrintTicket](t, m.press()).Press; p.Number != "A802" || m.agent.Barred() != "" {
			t.Errorf("admitted, it prints %s", p.Number)
		}
		m.do(replica.PaperReport{Command: queue.CommandID(fmt.Sprint("c", m.presses)), Event: replica.PaperOut})
		m.meet(w, 20)
		if m.agent.Unsent() != 0 || len(w.day(today).State().ByNumber("A801")) != 1 {
			t.Errorf("%d unsent after it was admitted", m.agent.Unsent())
		}
	}
}

// TestBarredWhileTheServerIsAsked bars a machine whose question the server has
// answered with a number that did not arrive.
func TestBarredWhileTheServerIsAsked(t *testing.T) {
	m, w := setUp(t)
	m.outs = nil
	ask := fetch[replica.AskServer](t, m.press())
	given := w.give(ask.Press)
	if p := last(t, m.do(replica.Barred{Code: "device_revoked"})); p.State != replica.Refused || p.Code != "device_revoked" || m.agent.Busy() {
		t.Fatalf("the press is %s %s", p.State, p.Code)
	}
	if outs := m.do(given); has[replica.PrintTicket](outs) {
		t.Fatal("a barred machine prints")
	}
	m.do(replica.Admitted{})
	m.meet(w, 20)
	if ticket, ok := w.day(today).State().Ticket(ask.Press.Ticket); !ok || ticket.Status != queue.Withdrawn {
		t.Errorf("nobody has the number, and the ticket is %+v", ticket)
	}
}

// TestBarredBeforeTheServerIsAsked bars a machine whose press is being made safe.
func TestBarredBeforeTheServerIsAsked(t *testing.T) {
	m, _ := setUp(t)
	mark := fetch[replica.SaveMark](t, m.agent.Step(m.now, m.touch())).Mark
	m.agent.Step(m.now, replica.Barred{Code: "device_unknown"})
	outs := m.agent.Step(m.now, replica.MarkSaved{})
	if p := last(t, outs); p.State != replica.Refused || p.Code != "device_unknown" || has[replica.AskServer](outs) {
		t.Errorf("behind the mark of %s it is %s %s", mark.Press.State, p.State, p.Code)
	}
}

func TestStaffIssueForAVisitor(t *testing.T) {
	m, w := setUp(t)
	w.must(today, queue.SetService{Service: "moving", State: queue.Stopped, Message: "本日は終了しました"})
	m.meet(w, 2)
	m.outs = nil
	desk := func() []replica.Output {
		touch := m.touch()
		touch.Desk, touch.Session, touch.Priority = true, "", true
		return m.do(touch)
	}
	ask := fetch[replica.AskServer](t, desk())
	p := fetch[replica.PrintTicket](t, m.do(w.give(ask.Press))).Press
	m.do(replica.PaperReport{Command: p.Command, Event: replica.PaperOut})
	fetch[replica.AskServer](t, desk()) // at once: nobody's fingers are to be guarded against
	own := fetch[replica.PrintTicket](t, m.do(replica.ServerSilent{Command: queue.CommandID(fmt.Sprint("c", m.presses))})).Press
	m.do(replica.PaperReport{Command: own.Command, Event: replica.PaperOut})
	m.meet(w, 20)
	for _, press := range []replica.Press{p, own} {
		ticket, ok := w.day(today).State().Ticket(press.Ticket)
		if !ok || ticket.Channel != queue.ChannelReception || !ticket.Priority || ticket.Number != press.Number {
			t.Errorf("the server has %+v of %s", ticket, press.Number)
		}
	}
}

// TestMachinesOnCopiesNameTheirTicketsApart runs one store in two machines that
// know nothing of one another: the server gives a number to both visitors.
func TestMachinesOnCopiesNameTheirTicketsApart(t *testing.T) {
	first, w := setUp(t)
	second := newMachine(t, settings(), first.marks...)
	second.now.Boot, second.presses = "elsewhere", 100
	second.meet(w, 5)
	a, b := pressed(t, first, w, true), pressed(t, second, w, true)
	if a.Ticket == b.Ticket || a.Number == b.Number || !second.agent.Own(a.Ticket) || !second.agent.Own(b.Ticket) {
		t.Errorf("two machines printed %s of %s and %s of %s", a.Number, a.Ticket, b.Number, b.Ticket)
	}
}

// TestACopyTakesNoActs lets a machine find out that it is a copy: nothing that it
// writes would ever be taken.
func TestACopyTakesNoActs(t *testing.T) {
	m, w, pull := owing[replica.PullRecords](t)
	twin := replica.NewReplica(identity, today, settings())
	issue(t, twin, order(9))
	push(t, twin, w)
	m.do(w.pull(pull, m.now))
	if code := done(t, m.do(replica.Act{Command: "act", Action: queue.ActPaperReplaced})); code != replica.StoreCopied || !m.agent.Copied() {
		t.Errorf("answered %q, copied %v", code, m.agent.Copied())
	}
}
