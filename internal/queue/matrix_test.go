package queue_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

const subject queue.TicketID = "subject"

// situations lists every status of a ticket with the commands that lead there.
// The subject has been issued for "moving" and counter 1 is open.
var situations = []struct {
	status queue.Status
	way    []queue.Command
}{
	{queue.Waiting, nil},
	{queue.Called, []queue.Command{queue.CallTicket{Ticket: subject, Counter: "1"}}},
	{queue.Serving, []queue.Command{queue.CallTicket{Ticket: subject, Counter: "1"}, queue.Start{Ticket: subject}}},
	{queue.Processing, []queue.Command{queue.CallTicket{Ticket: subject, Counter: "1"}, queue.Finish{Ticket: subject, Processing: true}}},
	{queue.Held, []queue.Command{queue.Hold{Ticket: subject, Reason: "書類待ち"}}},
	{queue.NoShow, []queue.Command{queue.CallTicket{Ticket: subject, Counter: "1"}, queue.MarkNoShow{Ticket: subject}}},
	{queue.Done, []queue.Command{queue.CallTicket{Ticket: subject, Counter: "1"}, queue.Finish{Ticket: subject}}},
	{queue.Withdrawn, []queue.Command{queue.Withdraw{Ticket: subject}}},
	{queue.Closed, []queue.Command{queue.CallTicket{Ticket: subject, Counter: "1"}, queue.MarkNoShow{Ticket: subject}, later{}, queue.Tick{}}},
	{queue.Expired, []queue.Command{queue.CloseDay{}}},
}

// later is no command: it lets the time pass after which a no-show is closed.
type later struct{ queue.Tick }

// inStatus returns a day in which the subject stands in a status.
func inStatus(t *testing.T, status queue.Status) *queuetest.Log {
	t.Helper()
	settings := queuetest.Settings()
	settings.Rule.NoShowClose, settings.Rule.UndoWithin = 10*time.Minute, time.Hour
	l := queuetest.New(settings, "s0")
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.OpenCounter{Counter: "1"})
	must(t, l, clerk, queue.IssueTicket{Ticket: subject, Service: "moving", Channel: queue.ChannelKiosk})
	for _, s := range situations {
		if s.status != status {
			continue
		}
		for _, c := range s.way {
			if _, is := c.(later); is {
				l.At = l.At.Add(11 * time.Minute)
				continue
			}
			must(t, l, clerk, c)
		}
	}
	if got, _ := l.State.Ticket(subject); got.Status != status {
		t.Fatalf("the subject is %s, want %s", got.Status, status)
	}
	return l
}

// answer decides a command and names what came of it: a refusal code, or "ok".
// A refused command must leave the state as it was.
func answer(t *testing.T, l *queuetest.Log, c queue.Command) string {
	t.Helper()
	before := canonical(t, l.State)
	trial := l.Fork("trial")
	_, err := trial.Do(actorOf(c), c)
	if got := canonical(t, l.State); got != before {
		t.Errorf("%T changed the state it was decided on:\n%s", c, diffJSON(t, before, got))
	}
	var refusal *queue.Refusal
	switch {
	case errors.As(err, &refusal):
		if got := canonical(t, trial.State); got != before {
			t.Errorf("%T was refused and changed the state", c)
		}
		return string(refusal.Code)
	case err != nil:
		t.Fatalf("%T: %v", c, err)
	}
	return "ok"
}

// ticketRow is a command about the subject and its answer in every status.
type ticketRow struct {
	command queue.Command
	answers map[queue.Status]string
}

// allowed returns the answers of a command that is allowed in some statuses and
// refused for its status in the others. The day of an expired ticket is closed.
func allowed(in ...queue.Status) map[queue.Status]string {
	answers := map[queue.Status]string{}
	for _, s := range queue.Statuses {
		answers[s] = string(queue.WrongStatus)
	}
	for _, s := range in {
		answers[s] = "ok"
	}
	answers[queue.Expired] = string(queue.DayIsClosed)
	return answers
}

func but(answers map[queue.Status]string, with map[queue.Status]string) map[queue.Status]string {
	for s, a := range with {
		answers[s] = a
	}
	return answers
}

// busy is what a command for a free counter is told while the subject is there.
var busy = map[queue.Status]string{queue.Called: string(queue.CounterBusy), queue.Serving: string(queue.CounterBusy)}

func always(a string) map[queue.Status]string {
	answers := map[queue.Status]string{}
	for _, s := range queue.Statuses {
		answers[s] = a
	}
	answers[queue.Expired] = string(queue.DayIsClosed)
	return answers
}

func ticketRows() []ticketRow {
	const w, c, s, p, h, n = queue.Waiting, queue.Called, queue.Serving, queue.Processing, queue.Held, queue.NoShow
	free := string(queue.CounterFree)
	nobody := string(queue.NobodyWaits)
	here := string(queue.AlreadyHere)
	return []ticketRow{
		{queue.OpenDay{Settings: queuetest.Settings()}, but(always("day_already_open"), map[queue.Status]string{queue.Expired: "day_already_open"})},
		{queue.ChangeSettings{Settings: queuetest.Settings()}, always("ok")},
		{queue.CloseDay{}, always("ok")},
		{queue.Tick{}, always("ok")},
		{queue.BindRange{Kiosk: "K1", Store: "s1"}, always("ok")},
		{queue.SetService{Service: "cert", State: queue.Paused}, always("ok")},
		{queue.SetOffice{State: queue.Paused}, always("ok")},
		{queue.IssueTicket{Ticket: subject, Service: "moving", Channel: queue.ChannelKiosk}, always("ticket_exists")},
		{queue.OpenCounter{Counter: "1"}, always("ok")},
		{queue.PauseCounter{Counter: "1", Reason: "休憩"}, always("ok")},
		{queue.CloseCounter{Counter: "1"}, but(always("ok"), busy)},
		{queue.CallNext{Counter: "1"}, but(but(always(nobody), map[queue.Status]string{w: "ok"}), busy)},
		{queue.CallTicket{Ticket: subject, Counter: "1"}, allowed(w, h, n)},
		{queue.QuickServe{Ticket: subject, Counter: "1", Service: "cert"}, always("ticket_exists")},
		{queue.AskHelp{Counter: "1", Text: "応援"}, always("ok")},
		{queue.AnswerHelp{Counter: "1"}, always("no_help_asked")},
		{queue.Undo{Counter: "1"}, but(always("ok"), map[queue.Status]string{queue.Closed: "changed_since"})},
		{queue.Recall{Ticket: subject}, allowed(c)},
		{queue.Start{Ticket: subject}, allowed(c)},
		{queue.Finish{Ticket: subject}, allowed(c, s)},
		{queue.FinishAndCallNext{Counter: "1"}, but(always(free), map[queue.Status]string{c: "ok", s: "ok"})},
		{queue.MarkReady{Ticket: subject}, allowed(p)},
		{queue.MarkNoShow{Ticket: subject}, allowed(c)},
		{queue.Restore{Ticket: subject}, allowed(n)},
		{queue.Hold{Ticket: subject, Reason: "書類"}, allowed(w, c, s, p)},
		{queue.Resume{Ticket: subject}, allowed(h)},
		{queue.Transfer{Ticket: subject, Service: "cert"}, allowed(w, c, s, h, n)},
		{queue.AddService{Ticket: subject, Service: "cert"}, allowed(w, c, s, p, h, n)},
		{queue.ChangeService{Ticket: subject, Service: "cert"}, allowed(w, h, n)},
		{queue.SetPriority{Ticket: subject, Priority: true}, allowed(w, h, n)},
		{queue.Defer{Ticket: subject, For: time.Minute}, allowed(w)},
		{queue.Serve{Ticket: subject, Counter: "1"}, always("ok")},
		{queue.Announce{Counter: "1", Tickets: []queue.TicketID{subject}}, but(always(string(queue.WrongStatus)), map[queue.Status]string{w: string(queue.NotServedHere)})},
		{queue.HandOver{Ticket: subject, Counter: "1"}, but(allowed(), map[queue.Status]string{w: string(queue.NoSuchStage)})},
		{queue.Merge{Ticket: subject, Into: "nobody"}, but(allowed(), map[queue.Status]string{w: "unknown_ticket", h: "unknown_ticket", n: "unknown_ticket"})},
		{queue.Skip{Ticket: subject, Counter: "1"}, allowed(w)},
		{queue.CheckIn{Ticket: subject}, but(allowed(), map[queue.Status]string{w: here, c: here, s: here, p: here, h: here, n: here})},
		{queue.ReportKiosk{Kiosk: "K1", Report: report()}, always("ok")},
		{queue.ActKiosk{Kiosk: "K1", Action: queue.ActWithdraw, Ticket: subject}, allowed(w, p, h, n)},
		{queue.Withdraw{Ticket: subject}, allowed(w, c, p, h, n)},
		{queue.AddNote{Ticket: subject, Text: "車いす"}, always("ok")},
		{queue.FlagTicket{Ticket: subject, Flag: queue.FlagPrintUnknown}, always("ok")},
	}
}

// commands is every type of command there is, for tables that must be complete.
func commands() []queue.Command {
	var all []queue.Command
	for _, row := range ticketRows() {
		all = append(all, row.command)
	}
	return all
}

func TestEveryCommandInEveryStatusOfATicket(t *testing.T) {
	for _, row := range ticketRows() {
		for _, status := range queue.Statuses {
			t.Run(fmt.Sprintf("%T/%s", row.command, status), func(t *testing.T) {
				want, ok := row.answers[status]
				if !ok {
					t.Fatal("the table has no answer")
				}
				if got := answer(t, inStatus(t, status), row.command); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		}
	}
}

// counterStates are the states of counter 1 with a ticket called there, or none.
var counterStates = map[string][]queue.Command{
	"closed":      nil,
	"open":        {queue.OpenCounter{Counter: "1"}},
	"open busy":   {queue.OpenCounter{Counter: "1"}, queue.CallTicket{Ticket: subject, Counter: "1"}},
	"paused":      {queue.OpenCounter{Counter: "1"}, queue.PauseCounter{Counter: "1", Reason: "休憩"}},
	"paused busy": {queue.OpenCounter{Counter: "1"}, queue.CallTicket{Ticket: subject, Counter: "1"}, queue.PauseCounter{Counter: "1", Reason: "休憩"}},
	"asks help":   {queue.OpenCounter{Counter: "1"}, queue.AskHelp{Counter: "1", Text: "応援"}},
}

func TestEveryCounterCommandInEveryStateOfTheCounter(t *testing.T) {
	const not, busy, free = "counter_not_open", "counter_busy", "counter_free"
	// In the order: closed, open, open busy, paused, paused busy, asks help.
	order := []string{"closed", "open", "open busy", "paused", "paused busy", "asks help"}
	rows := []struct {
		command queue.Command
		answers [6]string
	}{
		{queue.OpenCounter{Counter: "1"}, [6]string{"ok", "ok", "ok", "ok", "ok", "ok"}},
		{queue.OpenCounter{Counter: "1", Staff: "y"}, [6]string{"ok", "counter_taken", "counter_taken", "counter_taken", "counter_taken", "counter_taken"}},
		{queue.OpenCounter{Counter: "1", Staff: "y", TakeOver: true}, [6]string{"ok", "ok", "ok", "ok", "ok", "ok"}},
		{queue.PauseCounter{Counter: "1", Reason: "昼休み"}, [6]string{not, "ok", "ok", not, not, "ok"}},
		{queue.CloseCounter{Counter: "1"}, [6]string{not, "ok", busy, "ok", busy, "ok"}},
		{queue.CallNext{Counter: "1"}, [6]string{not, "ok", busy, not, not, "ok"}},
		{queue.CallTicket{Ticket: "other", Counter: "1"}, [6]string{not, "ok", busy, not, not, "ok"}},
		{queue.QuickServe{Ticket: "q", Counter: "1", Service: "cert"}, [6]string{not, "ok", "ok", not, not, "ok"}},
		{queue.FinishAndCallNext{Counter: "1"}, [6]string{not, free, "ok", not, not, free}},
		{queue.AskHelp{Counter: "1", Text: "応援"}, [6]string{not, "ok", "ok", not, not, "ok"}},
		{queue.AnswerHelp{Counter: "1"}, [6]string{"no_help_asked", "no_help_asked", "no_help_asked", "no_help_asked", "no_help_asked", "ok"}},
		{queue.Undo{Counter: "1"}, [6]string{"nothing_to_undo", "ok", "ok", "ok", "ok", "ok"}},
	}
	for _, row := range rows {
		for i, name := range order {
			t.Run(fmt.Sprintf("%T/%s", row.command, name), func(t *testing.T) {
				l := queuetest.New(queuetest.Settings(), "s0")
				clerk := queuetest.Staff("x")
				must(t, l, clerk, queue.IssueTicket{Ticket: subject, Service: "moving", Channel: queue.ChannelKiosk})
				must(t, l, clerk, queue.IssueTicket{Ticket: "other", Service: "moving", Channel: queue.ChannelKiosk})
				for _, c := range counterStates[name] {
					must(t, l, clerk, c)
				}
				if got := answer(t, l, row.command); got != row.answers[i] {
					t.Errorf("got %s, want %s", got, row.answers[i])
				}
			})
		}
	}
}

// TestTheTablesAreComplete holds the matrix against the set of commands, which is
// read from the code itself: every type with a method command.
func TestTheTablesAreComplete(t *testing.T) {
	have := map[string]bool{}
	for _, c := range commands() {
		have[reflect.TypeOf(c).Name()] = true
	}
	want := map[string]bool{}
	for _, name := range sealed(t, "command.go", "command") {
		want[name] = true
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("commands of the matrix (-code +table):\n%s", diff)
	}
	var reached []queue.Status
	for _, s := range situations {
		reached = append(reached, s.status)
	}
	if diff := cmp.Diff(queue.Statuses, reached); diff != "" {
		t.Errorf("statuses of the matrix (-code +table):\n%s", diff)
	}
}

func TestBeforeAndAfterTheDayOnlyOpeningIsHeard(t *testing.T) {
	for _, c := range commands() {
		_, err := queue.Decide(queue.New(), queue.Meta{Command: "c", At: queuetest.Opening}, c)
		want := &queue.Refusal{Code: queue.DayNotOpen}
		if _, opens := c.(queue.OpenDay); opens {
			want = nil
		}
		var got *queue.Refusal
		errors.As(err, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%T before the day (-want +got):\n%s", c, diff)
		}
	}
}
