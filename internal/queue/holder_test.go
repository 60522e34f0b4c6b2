package queue_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// TestOnlyTheHolderUsesACounter lets x work at counter 1 until y takes it over, and
// x's page go on as if nothing had happened.
func TestOnlyTheHolderUsesACounter(t *testing.T) {
	const call, talk, hand = "called", "serving", "delivery"
	before, after := queuetest.Opening.Add(30*time.Second), queuetest.Opening.Add(90*time.Second)
	rows := []struct {
		name    string
		at      string // what is at counter 1; empty: nobody
		command queue.Command
		stale   string // x's answer
	}{
		{"open", "", queue.OpenCounter{Counter: "1"}, "counter_taken"},
		{"take over", "", queue.OpenCounter{Counter: "1", TakeOver: true}, "ok"},
		{"pause", "", queue.PauseCounter{Counter: "1", Reason: "休憩"}, "counter_taken"},
		{"close", "", queue.CloseCounter{Counter: "1"}, "counter_taken"},
		{"call next", "", queue.CallNext{Counter: "1"}, "counter_taken"},
		{"call a number", "", queue.CallTicket{Ticket: "other", Counter: "1"}, "counter_taken"},
		{"quick", "", queue.QuickServe{Ticket: "q", Counter: "1", Service: "cert"}, "counter_taken"},
		{"skip", "", queue.Skip{Ticket: "other", Counter: "1"}, "counter_taken"},
		{"ask help", "", queue.AskHelp{Counter: "1", Text: "応援"}, "counter_taken"},
		{"answer help", "", queue.AnswerHelp{Counter: "1"}, "ok"},
		{"announce", hand, queue.Announce{Counter: "1", Tickets: []queue.TicketID{subject}}, "counter_taken"},
		{"hand over", hand, queue.HandOver{Ticket: subject, Counter: "1"}, "counter_taken"},
		{"undo there", call, queue.Undo{Counter: "1"}, "counter_taken"},
		{"undo a command there", call, queue.Undo{Command: "called"}, "counter_taken"},
		{"finish and call", talk, queue.FinishAndCallNext{Counter: "1"}, "counter_taken"},
		{"recall", call, queue.Recall{Ticket: subject, Counter: "1"}, "counter_taken"},
		{"recall, no counter named", call, queue.Recall{Ticket: subject}, "counter_taken"},
		{"start", call, queue.Start{Ticket: subject, Counter: "1"}, "counter_taken"},
		{"start, pressed before", call, queue.Start{Ticket: subject, Counter: "1", Clicked: before}, "ok"},
		{"start, pressed after", call, queue.Start{Ticket: subject, Counter: "1", Clicked: after}, "counter_taken"},
		{"no-show", call, queue.MarkNoShow{Ticket: subject}, "counter_taken"},
		{"no-show, pressed before", call, queue.MarkNoShow{Ticket: subject, Clicked: before}, "ok"},
		{"finish", talk, queue.Finish{Ticket: subject}, "counter_taken"},
		{"finish, pressed before", talk, queue.Finish{Ticket: subject, Clicked: before}, "ok"},
		{"hold", talk, queue.Hold{Ticket: subject, Reason: "書類"}, "counter_taken"},
		{"hold, pressed before", talk, queue.Hold{Ticket: subject, Reason: "書類", Clicked: before}, "ok"},
		{"hold who waits", "", queue.Hold{Ticket: "other", Reason: "書類"}, "ok"},
		{"hold who waits, from there", "", queue.Hold{Ticket: "other", Counter: "1", Reason: "書類"}, "ok"},
		{"transfer", talk, queue.Transfer{Ticket: subject, Service: "cert"}, "counter_taken"},
		{"transfer who waits", "", queue.Transfer{Ticket: "other", Service: "cert"}, "ok"},
		{"serve", talk, queue.Serve{Ticket: subject, Counter: "1", Clicked: after}, "ok"},
		{"note", talk, queue.AddNote{Ticket: subject, Text: "メモ"}, "ok"},
		{"elsewhere", "", queue.CallNext{Counter: "2"}, "ok"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l := heldByX(t, row.at)
			clerk := queuetest.Staff("x")
			if _, opens := row.command.(queue.OpenCounter); !opens {
				if got := personal(t, l, "x", row.command); got != "ok" {
					t.Errorf("while x has the counter: %s", got)
				}
			}
			l.At = queuetest.Opening.Add(time.Minute)
			must(t, l, queuetest.Staff("y"), queue.OpenCounter{Counter: "1", TakeOver: true})
			if got := personal(t, l, "x", row.command); got != row.stale {
				t.Errorf("x after the take-over: %s, want %s", got, row.stale)
			}
			if _, opens := row.command.(queue.OpenCounter); opens {
				return
			}
			program := l.Fork("program")
			program.At = queuetest.Opening.Add(100 * time.Second)
			if _, err := program.Do(clerk, row.command); err != nil && row.name != "undo a command there" { // the take-over came after it
				t.Errorf("a program that acts for x: %v", err)
			}
		})
	}
}

// heldByX returns a day in which x has the counters 1 and 2, has been asked for
// help, and has the subject at counter 1 or in its delivery line.
func heldByX(t *testing.T, at string) *queuetest.Log {
	t.Helper()
	settings := queuetest.Settings()
	settings.Rule.UndoWithin, settings.Rule.RecallGap, settings.Rule.NoShowCalls = time.Hour, 0, 1
	l := queuetest.New(settings, "s0")
	clerk := queuetest.Staff("x")
	for _, id := range []queue.CounterID{"1", "2"} {
		must(t, l, clerk, queue.OpenCounter{Counter: id})
	}
	must(t, l, clerk, queue.AskHelp{Counter: "1", Text: "応援"})
	for _, id := range []queue.TicketID{subject, "other"} {
		must(t, l, clerk, queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk})
	}
	switch at {
	case "called", "serving":
		if _, err := l.DoAs("called", clerk, queue.CallTicket{Ticket: subject, Counter: "1"}); err != nil {
			t.Fatal(err)
		}
		if at == "serving" {
			must(t, l, clerk, queue.Start{Ticket: subject})
		}
	case "delivery":
		must(t, l, clerk, queue.CallTicket{Ticket: subject, Counter: "1"})
		must(t, l, clerk, queue.Finish{Ticket: subject, Processing: true})
		must(t, l, clerk, queue.MarkReady{Ticket: subject})
	}
	return l
}

// personal names what comes of a command that a person gives for nobody else.
func personal(t *testing.T, l *queuetest.Log, id string, c queue.Command) string {
	t.Helper()
	trial := l.Fork("trial")
	trial.At = queuetest.Opening.Add(100 * time.Second)
	m := trial.Meta(queuetest.Staff(id))
	m.Personal = true
	_, err := queue.Decide(trial.State, m, c)
	refusal, refused := err.(*queue.Refusal)
	switch {
	case !refused && err != nil:
		t.Fatal(err)
	case !refused:
		return "ok"
	case refusal.Code == queue.CounterTaken:
		if diff := cmp.Diff(&queue.Refusal{Code: queue.CounterTaken, Field: "counter", Have: "y"}, refusal); diff != "" {
			t.Errorf("the refusal (-want +got):\n%s", diff)
		}
	}
	return fmt.Sprint(refusal.Code)
}
