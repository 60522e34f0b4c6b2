package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// TestBadInputIsRefused gives commands that are wrong in themselves; the matrix
// has those that are only wrong in a status.
func TestBadInputIsRefused(t *testing.T) {
	long := strings.Repeat("長", 200)
	many := make([]queue.ServiceID, 9)
	for i := range many {
		many[i] = "cert"
	}
	issue := func(change func(*queue.IssueTicket)) queue.Command {
		c := queue.IssueTicket{Ticket: "new", Service: "moving", Channel: queue.ChannelKiosk}
		change(&c)
		return c
	}
	act := func(change func(*queue.ActKiosk)) queue.Command {
		c := queue.ActKiosk{Kiosk: "K1", Action: queue.ActReprint, Ticket: subject}
		change(&c)
		return c
	}
	otherDay := queuetest.Settings()
	otherDay.Date = "2026-04-02"
	broken := queuetest.Settings()
	broken.Series = nil
	moved := queuetest.Settings()
	moved.Series[0].Main, moved.Series[0].Next, moved.Series[0].Desk, moved.Series[0].Kiosks = queue.Range{First: 1, Last: 801}, queue.Range{}, queue.Range{}, nil
	rows := []struct {
		command queue.Command
		status  queue.Status // of the subject
		want    queue.Refusal
	}{
		{issue(func(c *queue.IssueTicket) { c.Ticket = "" }), queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "ticket"}},
		{issue(func(c *queue.IssueTicket) { c.Channel = "pigeon" }), queue.Waiting, queue.Refusal{Code: queue.UnknownChannel, Field: "channel"}},
		{issue(func(c *queue.IssueTicket) { c.Service = "tax" }), queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{issue(func(c *queue.IssueTicket) { c.Further = []queue.ServiceID{"tax"} }), queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "further"}},
		{issue(func(c *queue.IssueTicket) { c.Further = many }), queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "further"}},
		{issue(func(c *queue.IssueTicket) { c.Language = long }), queue.Waiting, queue.Refusal{Code: queue.TooLong, Field: "language"}},
		{issue(func(c *queue.IssueTicket) { c.Pool = "car" }), queue.Waiting, queue.Refusal{Code: queue.UnknownPool, Field: "pool"}},
		{issue(func(c *queue.IssueTicket) { c.Pool, c.Kiosk = queue.PoolKiosk, "K9" }), queue.Waiting, queue.Refusal{Code: queue.UnknownKiosk, Field: "kiosk"}},
		{issue(func(c *queue.IssueTicket) { c.Pool, c.Kiosk, c.Slot = queue.PoolKiosk, "K2", 1 }), queue.Waiting, queue.Refusal{Code: queue.RangeNotBound, Field: "slot"}},
		{issue(func(c *queue.IssueTicket) { c.Pool, c.Kiosk, c.Slot = queue.PoolKiosk, "K2", -1 }), queue.Waiting, queue.Refusal{Code: queue.RangeNotBound, Field: "slot"}},
		{queue.ChangeSettings{Settings: otherDay}, queue.Waiting, queue.Refusal{Code: queue.BadSettings, Field: "settings", Have: "another office or day"}},
		{queue.ChangeSettings{Settings: broken}, queue.Waiting, queue.Refusal{Code: queue.BadSettings, Field: "settings", Have: `service moving: series "A" is not defined`}},
		{queue.ChangeSettings{Settings: moved}, queue.Waiting, queue.Refusal{
			Code: queue.BadSettings, Field: "settings", Have: "series A: main would get numbers of next, which may be on paper today",
		}},
		{queue.BindRange{Kiosk: "K9", Store: "s"}, queue.Waiting, queue.Refusal{Code: queue.UnknownKiosk, Field: "kiosk"}},
		{queue.BindRange{Kiosk: "K1"}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "store"}},
		{queue.SetService{Service: "tax", State: queue.Paused}, queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{queue.SetService{Service: "cert", State: "asleep"}, queue.Waiting, queue.Refusal{Code: queue.UnknownState, Field: "state"}},
		{queue.SetOffice{State: queue.Paused, Message: long}, queue.Waiting, queue.Refusal{Code: queue.TooLong, Field: "message"}},
		{queue.SetOffice{State: "asleep"}, queue.Waiting, queue.Refusal{Code: queue.UnknownState, Field: "state"}},
		{queue.OpenCounter{Counter: "9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownCounter, Field: "counter"}},
		{queue.OpenCounter{Counter: "1", Services: []queue.ServiceID{"tax"}}, queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "services"}},
		{queue.PauseCounter{Counter: "1"}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "reason"}},
		{queue.CloseCounter{Counter: "9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownCounter, Field: "counter"}},
		{queue.CallNext{}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "counter"}},
		{queue.CallNext{Counter: "9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownCounter, Field: "counter"}},
		{queue.CallNext{Counter: "1", Service: "tax"}, queue.Waiting, queue.Refusal{Code: queue.NotServedHere, Field: "service"}},
		{queue.CallTicket{Ticket: "nobody", Counter: "1"}, queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "ticket"}},
		{queue.QuickServe{Counter: "1", Service: "cert"}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "ticket"}},
		{queue.QuickServe{Ticket: "q", Counter: "1", Service: "tax"}, queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{queue.QuickServe{Ticket: "q", Counter: "1", Service: "cert", Quantity: 1000}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "quantity"}},
		{queue.AskHelp{Counter: "1"}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "text"}},
		{queue.AnswerHelp{Counter: "9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownCounter, Field: "counter"}},
		{queue.Start{Ticket: subject, Counter: "2"}, queue.Called, queue.Refusal{Code: queue.OtherCounter, Field: "counter", Have: "1"}},
		{queue.Finish{Ticket: subject, Quantity: -1}, queue.Serving, queue.Refusal{Code: queue.OutOfRange, Field: "quantity"}},
		{queue.Finish{Ticket: subject, Outcome: long}, queue.Serving, queue.Refusal{Code: queue.TooLong, Field: "outcome"}},
		{queue.FinishAndCallNext{Counter: "2"}, queue.Serving, queue.Refusal{Code: queue.CounterNotOpen, Field: "counter", Have: "closed"}},
		{queue.FinishAndCallNext{Counter: "1", Number: "A002"}, queue.Serving, queue.Refusal{Code: queue.CounterBusy, Field: "number", Have: "A001"}},
		{queue.FinishAndCallNext{Counter: "1", Quantity: -1}, queue.Serving, queue.Refusal{Code: queue.OutOfRange, Field: "quantity"}},
		{queue.FinishAndCallNext{Counter: "1", Service: "tax"}, queue.Serving, queue.Refusal{Code: queue.NotServedHere, Field: "service"}},
		{queue.Restore{Ticket: subject, Place: "moon"}, queue.NoShow, queue.Refusal{Code: queue.UnknownPlace, Field: "place"}},
		{queue.Restore{Ticket: subject, Place: queue.PlaceBack, Back: -1}, queue.NoShow, queue.Refusal{Code: queue.OutOfRange, Field: "back"}},
		{queue.Hold{Ticket: subject}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "reason"}},
		{queue.Transfer{Ticket: subject}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "service"}},
		{queue.Transfer{Ticket: subject, Service: "tax"}, queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{queue.Transfer{Ticket: subject, To: "9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownCounter, Field: "to"}},
		{queue.Transfer{Ticket: subject, To: "2", Note: long}, queue.Waiting, queue.Refusal{Code: queue.TooLong, Field: "note"}},
		{queue.AddService{Ticket: subject, Service: "tax"}, queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{queue.ChangeService{Ticket: subject, Service: "tax"}, queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{queue.Defer{Ticket: subject}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "for"}},
		{queue.Defer{Ticket: subject, For: 3 * time.Hour}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "for"}},
		{queue.AddNote{Ticket: subject}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "text"}},
		{queue.AddNote{Ticket: "nobody", Text: "a"}, queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "ticket"}},
		{queue.FlagTicket{Ticket: subject}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "flag"}},
		{queue.FlagTicket{Ticket: "nobody", Flag: "f"}, queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "ticket"}},
		{queue.CheckIn{Ticket: "nobody"}, queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "ticket"}},
		{queue.ReportKiosk{Kiosk: "K9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownKiosk, Field: "kiosk"}},
		{queue.ReportKiosk{Kiosk: "K1", Report: queue.KioskReport{Version: long}}, queue.Waiting, queue.Refusal{Code: queue.TooLong, Field: "version"}},
		{queue.ReportKiosk{Kiosk: "K1", Report: queue.KioskReport{Paper: "wet"}}, queue.Waiting, queue.Refusal{Code: queue.UnknownState, Field: "paper", Have: "wet"}},
		{act(func(c *queue.ActKiosk) { c.Kiosk = "K9" }), queue.Waiting, queue.Refusal{Code: queue.UnknownKiosk, Field: "kiosk"}},
		{act(func(c *queue.ActKiosk) { c.Action = "dance" }), queue.Waiting, queue.Refusal{Code: queue.UnknownAction, Field: "action", Have: "dance"}},
		{act(func(c *queue.ActKiosk) { c.Detail = long }), queue.Waiting, queue.Refusal{Code: queue.TooLong, Field: "detail"}},
		{act(func(c *queue.ActKiosk) { c.Ticket = "nobody" }), queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "ticket"}},
		{act(func(c *queue.ActKiosk) { c.Action, c.Service = queue.ActServiceClose, "tax" }), queue.Waiting, queue.Refusal{Code: queue.UnknownService, Field: "service"}},
		{act(func(c *queue.ActKiosk) { c.Action, c.Ticket = queue.ActLeave, subject }), queue.Called, queue.Refusal{Code: queue.WrongStatus, Field: "ticket", Have: "called"}},
		{queue.Start{Ticket: subject, Clicked: queuetest.Opening.Add(time.Hour)}, queue.Called, queue.Refusal{Code: queue.OutOfRange, Field: "clicked_at"}},
		{queue.Finish{Ticket: subject, Clicked: queuetest.Opening.Add(-25 * time.Hour)}, queue.Serving, queue.Refusal{Code: queue.OutOfRange, Field: "clicked_at"}},
		{queue.MarkNoShow{Ticket: subject, Clicked: queuetest.Opening.Add(time.Hour)}, queue.Called, queue.Refusal{Code: queue.OutOfRange, Field: "clicked_at"}},
		{queue.Hold{Ticket: subject, Reason: "書類", Clicked: queuetest.Opening.Add(time.Hour)}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "clicked_at"}},
		{queue.Hold{Ticket: subject, Reason: "書類", Room: long}, queue.Waiting, queue.Refusal{Code: queue.TooLong, Field: "room"}},
		{queue.AddNote{Ticket: subject, Text: "a", Clicked: queuetest.Opening.Add(time.Hour)}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "clicked_at"}},
		{queue.Finish{Ticket: subject, Served: []queue.ServedService{{Service: "tax"}}}, queue.Serving, queue.Refusal{Code: queue.UnknownService, Field: "served"}},
		{queue.Finish{Ticket: subject, Served: []queue.ServedService{{Service: "cert", Quantity: 1000}}}, queue.Serving, queue.Refusal{Code: queue.OutOfRange, Field: "served"}},
		{queue.Finish{Ticket: subject, Served: make([]queue.ServedService, 9)}, queue.Serving, queue.Refusal{Code: queue.OutOfRange, Field: "served"}},
		{queue.Serve{Ticket: "nobody", Counter: "1"}, queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "ticket"}},
		{queue.Serve{Ticket: subject}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "counter"}},
		{queue.Serve{Ticket: subject, Counter: "9"}, queue.Done, queue.Refusal{Code: queue.UnknownCounter, Field: "counter"}},
		{queue.Serve{Ticket: subject, Counter: "1", Clicked: queuetest.Opening.Add(time.Hour)}, queue.Done, queue.Refusal{Code: queue.OutOfRange, Field: "clicked_at"}},
		{queue.Serve{Ticket: subject, Counter: "1", Started: queuetest.Opening.Add(-25 * time.Hour)}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "started_at"}},
		{queue.Announce{Tickets: []queue.TicketID{subject}}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "counter"}},
		{queue.Announce{Counter: "2", Tickets: []queue.TicketID{subject}}, queue.Waiting, queue.Refusal{Code: queue.CounterNotOpen, Field: "counter", Have: "closed"}},
		{queue.Announce{Counter: "1"}, queue.Waiting, queue.Refusal{Code: queue.MissingField, Field: "tickets"}},
		{queue.Announce{Counter: "1", Tickets: make([]queue.TicketID, 51)}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "tickets"}},
		{queue.Announce{Counter: "1", Tickets: []queue.TicketID{"nobody"}}, queue.Waiting, queue.Refusal{Code: queue.UnknownTicket, Field: "tickets"}},
		{queue.Announce{Counter: "1", Tickets: []queue.TicketID{subject}}, queue.Held, queue.Refusal{Code: queue.WrongStatus, Field: "tickets", Have: "A001"}},
		{queue.HandOver{Ticket: subject, Counter: "2"}, queue.Waiting, queue.Refusal{Code: queue.CounterNotOpen, Field: "counter", Have: "closed"}},
		{queue.Merge{Ticket: subject, Into: subject}, queue.Waiting, queue.Refusal{Code: queue.OutOfRange, Field: "into"}},
		{queue.Skip{Ticket: subject, Counter: "9"}, queue.Waiting, queue.Refusal{Code: queue.UnknownCounter, Field: "counter"}},
		{queue.Undo{Command: "never"}, queue.Waiting, queue.Refusal{Code: queue.NothingToUndo, Field: "command"}},
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("%T/%v", row.command, row.want), func(t *testing.T) {
			l := inStatus(t, row.status)
			_, err := l.Do(actorOf(row.command), row.command)
			var got *queue.Refusal
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if diff := cmp.Diff(row.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(got.Error(), string(row.want.Code)) || !strings.Contains(got.Error(), got.Have) {
				t.Errorf("the text %q does not say what is wrong", got)
			}
		})
	}
}

func TestACommandNeedsAnIDAndAMoment(t *testing.T) {
	s := queuetest.New(queuetest.Settings(), "s0").State
	for field, m := range map[string]queue.Meta{
		"command": {At: queuetest.Opening},
		"at":      {Command: "c"},
	} {
		_, err := queue.Decide(s, m, queue.Tick{})
		want := &queue.Refusal{Code: queue.MissingField, Field: field}
		if diff := cmp.Diff(error(want), err); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestACommandIsDoneOnce(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	if _, err := l.DoAs("once", queuetest.Staff("x"), queue.CallNext{Counter: "1"}); err != nil {
		t.Fatal(err)
	}
	_, err := l.DoAs("once", queuetest.Staff("x"), queue.CallNext{Counter: "1"})
	var refusal *queue.Refusal
	if !errors.As(err, &refusal) || refusal.Code != queue.AlreadyDone {
		t.Fatalf("got %v, want already_done", err)
	}
	outcome, ok := l.State.Outcome("once")
	if !ok || len(outcome.Events) != 1 || queue.Kind(outcome.Events[0]) != "ticket_called" {
		t.Errorf("the outcome is %+v", outcome)
	}
}

func TestAFullOfficeIssuesNoMore(t *testing.T) {
	settings := queuetest.Settings()
	settings.Rule.MaxWaiting = 1
	l := queuetest.New(settings, "s0")
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk})
	_, err := l.Do(queuetest.Staff("x"), queue.IssueTicket{Ticket: "b", Service: "moving", Channel: queue.ChannelKiosk})
	if diff := cmp.Diff(error(&queue.Refusal{Code: queue.OfficeFull}), err); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecallsAreNotTooClose(t *testing.T) {
	settings := queuetest.Settings()
	settings.Rule.RecallGap = 5 * time.Second
	l := queuetest.New(settings, "s0")
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.OpenCounter{Counter: "1"})
	must(t, l, clerk, queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk})
	must(t, l, clerk, queue.CallNext{Counter: "1"})
	if _, err := l.Do(clerk, queue.Recall{Ticket: "a"}); err == nil {
		t.Error("recalled at once")
	}
	l.At = l.At.Add(5 * time.Second)
	must(t, l, clerk, queue.Recall{Ticket: "a"})
	if calls := l.State.Calls(); len(calls) != 2 || calls[1].Times != 2 {
		t.Errorf("calls %+v, want two, the second marked as such", calls)
	}
}

func TestBadSettingsDoNotOpenADay(t *testing.T) {
	rows := map[string]func(*queue.Settings){
		"want YYYY-MM-DD":                        func(s *queue.Settings) { s.Date = "tomorrow" },
		`series "Z" is not defined`:              func(s *queue.Settings) { s.Services[0].Series = "Z" },
		"has no reception stage":                 func(s *queue.Settings) { s.Services[0].Stages = nil },
		`service "tax" is not defined`:           func(s *queue.Settings) { s.Counters[0].Own = []queue.ServiceID{"tax"} },
		"the ranges of main and next overlap":    func(s *queue.Settings) { s.Series[0].Next = queue.Range{First: 12, Last: 20} },
		"the ranges of next and desk overlap":    func(s *queue.Settings) { s.Series[0].Desk = queue.Range{First: 106, Last: 106} },
		"is not a range":                         func(s *queue.Settings) { s.Series[0].Main = queue.Range{First: 5, Last: 2} },
		`kiosk "K9" is not defined`:              func(s *queue.Settings) { s.Series[1].Kiosks = map[queue.KioskID][]queue.Range{"K9": nil} },
		"and kiosk K1 slot 0 overlap":            func(s *queue.Settings) { s.Series[0].Kiosks["K1"][0] = queue.Range{First: 1, Last: 3} },
		"service moving is defined twice":        func(s *queue.Settings) { s.Services[1].ID = "moving"; s.Counters = nil },
		"counter 1 is defined twice":             func(s *queue.Settings) { s.Counters[1].ID = "1" },
		"want letters only":                      func(s *queue.Settings) { s.Series[0].ID, s.Services[0].Series = "A1", "A1" },
		"print the same overflow numbers B-0001": func(s *queue.Settings) { s.Kiosks[1].ID = "b"; s.Series[0].Kiosks = nil },
		"overflow numbers K1B-0001":              func(s *queue.Settings) { s.Kiosks = append(s.Kiosks, queue.KioskSettings{ID: "K1B"}) },
	}
	for want, change := range rows {
		settings := queuetest.Settings()
		change(&settings)
		_, err := queue.Decide(queue.New(), queue.Meta{Command: "c", At: queuetest.Opening}, queue.OpenDay{Settings: settings})
		var refusal *queue.Refusal
		if !errors.As(err, &refusal) || refusal.Code != queue.BadSettings || !strings.Contains(refusal.Have, want) {
			t.Errorf("got %v, want bad_settings with %q", err, want)
		}
	}
}

// TestANumberIsNeverGivenTwice shrinks the main range, gives what is free to the
// next band, and wants the numbers that people hold passed over.
func TestANumberIsNeverGivenTwice(t *testing.T) {
	settings := queuetest.Settings()
	l := queuetest.New(settings, "s0")
	clerk := queuetest.Staff("x")
	issue := func() queue.Number {
		e := must(t, l, clerk, queue.IssueTicket{Ticket: l.Ticket(), Service: "moving", Channel: queue.ChannelKiosk})
		return e.Events[0].(queue.TicketIssued).Number
	}
	for range 5 {
		issue()
	}
	settings.Series = slices.Clone(settings.Series)
	settings.Series[0].Main.Last = 2
	must(t, l, clerk, queue.ChangeSettings{Settings: settings})
	settings.Series = slices.Clone(settings.Series)
	settings.Series[0].Next = queue.Range{First: 4, Last: 6}
	must(t, l, clerk, queue.ChangeSettings{Settings: settings})
	for _, want := range []queue.Number{"A006", "A-0001"} {
		if got := issue(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestADayOfAnOlderProgramStaysReadable decides the new commands in a day that was
// opened before they were: an older program that follows it must read every event.
func TestADayOfAnOlderProgramStaysReadable(t *testing.T) {
	settings := queuetest.Settings()
	settings.Rule = settings.Rule.In(0)
	l := queuetest.New(settings, "s0")
	clerk, late := queuetest.Staff("x"), queuetest.Opening.Add(-time.Second)
	must(t, l, clerk, queue.OpenCounter{Counter: "1"})
	for _, id := range []queue.TicketID{"a", "b"} {
		must(t, l, clerk, queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk})
	}
	for _, c := range []queue.Command{
		queue.CallTicket{Ticket: "a", Counter: "1"},
		queue.Start{Ticket: "a", Clicked: late},
		queue.AddNote{Ticket: "a", Text: "メモ", Clicked: late},
		queue.Hold{Ticket: "a", Reason: "書類", Room: "記載台", Clicked: late},
		queue.CallTicket{Ticket: "a", Counter: "1"},
		queue.Serve{Ticket: "a", Counter: "1", Clicked: late},
		queue.MarkNoShow{Ticket: "a", Clicked: late},
		queue.CallTicket{Ticket: "a", Counter: "1"},
		queue.FinishAndCallNext{Counter: "1", Served: []queue.ServedService{{Service: "cert"}}},
		queue.Finish{Ticket: "b", Served: []queue.ServedService{{Service: "cert"}}, Clicked: late},
		queue.Serve{Ticket: "b", Counter: "1"},
		queue.ChangeSettings{Settings: queuetest.Settings()},
	} {
		if e := must(t, l, clerk, c); queue.Schema(e.Events) != 1 {
			t.Errorf("%T: %v is beyond an older program", c, kinds([]queue.Entry{e}))
		}
	}
	for _, c := range []queue.Command{
		queue.Announce{Counter: "1"}, queue.HandOver{Ticket: "b"}, queue.Merge{Ticket: "a", Into: "b"}, queue.Skip{Ticket: "a"},
	} {
		_, err := l.Do(clerk, c)
		if diff := cmp.Diff(error(&queue.Refusal{Code: queue.NotAllowed}), err); diff != "" {
			t.Errorf("%T (-want +got):\n%s", c, diff)
		}
	}
	if b, _ := l.State.Ticket("b"); !b.Has(queue.FlagServedTwice) || len(b.Notes) != 1 {
		t.Errorf("flags %v, notes %v: nobody would look after the visit by number", b.Flags, b.Notes)
	}
}
