package day_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

var update = flag.Bool("update", false, "write the golden log of this release anew")

// TestGoldenLogsReplay folds a log of every release and wants the state that the
// release had. A change that fails here would let two releases read one day
// differently: it needs a new kind of event, not a new golden file. Only the log
// of a release that was never published may be written anew.
func TestGoldenLogsReplay(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	for _, release := range []string{"v1", "v2", "v3"} {
		raw, err := os.ReadFile("testdata/golden-" + release + ".log")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("testdata/golden-" + release + ".hash")
		if err != nil {
			t.Fatal(err)
		}
		records, err := eventlog.DecodeRecords(raw)
		if err != nil {
			t.Fatal(err)
		}
		d, err := day.Replay(records)
		if err != nil {
			t.Fatal(err)
		}
		if got := hash(t, d).String(); got != strings.TrimSpace(string(want)) {
			t.Errorf("release %s: the log gives state %s, the release had %s", release, got, want)
		}
		if found := invariant.CheckRecords(records); len(found) > 0 {
			t.Errorf("release %s: %v", release, found)
		}
	}
}

// writeGolden writes a day in which every kind of event happens, with a kiosk
// that worked alone and a tail that was lost.
func writeGolden(t *testing.T) {
	d := goldenDay(t)
	kinds := map[string]bool{}
	for _, r := range d.Records(0, 0) {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		events, err := queue.DecodeEvents(body.Events)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			kinds[queue.Kind(e)] = true
		}
	}
	if len(kinds) != 39 {
		t.Fatalf("the golden day has %d kinds of event, want all 39: %v", len(kinds), kinds)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"log": eventlog.EncodeRecords(d.Records(0, 0)), "hash": []byte(hash(t, d).String() + "\n")}
	for ext, content := range files {
		if err := os.WriteFile("testdata/golden-v3."+ext, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func goldenDay(t *testing.T) *day.Day {
	o := open(t, "s1")
	o.do(queue.BindRange{Kiosk: "K1", Store: "store1"})
	for _, c := range []queue.CounterID{"1", "2"} {
		o.do(queue.OpenCounter{Counter: c})
	}
	kiosk, tail := o.copyAs("kiosk/K1/store1"), o.copyAs("s2")
	for _, id := range []queue.TicketID{"a", "b", "c", "d", "e", "f", "g"} {
		o.issue(id)
	}
	for _, c := range morning() {
		o.do(c)
	}
	kiosk.at = o.at
	for _, id := range []queue.TicketID{"K1-1", "K1-2"} {
		r := kiosk.do(queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk, Pool: queue.PoolKiosk, Kiosk: "K1", Secret: "ab"})
		follow(t, o, r)
	}
	follow(t, o, tail.do(queue.PauseCounter{Counter: "2", Reason: "休憩"}))
	follow(t, o, tail.do(queue.AskHelp{Counter: "1", Text: "応援"}))
	follow(t, o, tail.do(queue.IssueTicket{Ticket: "z", Service: "cert", Channel: queue.ChannelReception, Pool: queue.PoolServer}))
	follow(t, o, tail.do(queue.Serve{Ticket: "z", Counter: "2", Clicked: tail.at}))
	visitAtMachine(t, o)
	for _, c := range afternoon(o.at) {
		o.do(c)
	}
	o.do(queue.CloseDay{})
	return o.Day
}

// visitAtMachine is a ticket from home whose holder checks in at a machine, and a
// machine that says how it is.
func visitAtMachine(t *testing.T, o *office) {
	t.Helper()
	o.do(queue.IssueTicket{Ticket: "h", Service: "moving", Channel: queue.ChannelWeb, Secret: "cd"})
	o.do(queue.ReportKiosk{Kiosk: "K1", Report: queue.KioskReport{Version: "2", Paper: queue.PaperNearEnd}})
	o.do(queue.ActKiosk{Kiosk: "K1", Action: queue.ActCheckIn, Ticket: "h"})
	o.do(queue.ActKiosk{Kiosk: "K1", Action: queue.ActServiceClose, Service: "cert", Detail: "点検"})
}

func follow(t *testing.T, o *office, r eventlog.Record) {
	t.Helper()
	fact, err := o.Fact(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Apply(fact); err != nil {
		t.Fatal(err)
	}
}

// morning is one of every staff action.
func morning() []queue.Command {
	return []queue.Command{
		queue.CallNext{Counter: "1"},
		queue.Recall{Ticket: "a"},
		queue.Start{Ticket: "a"},
		queue.FinishAndCallNext{Counter: "1", Processing: true, Outcome: "受理", Quantity: 1},
		queue.MarkReady{Ticket: "a"},
		queue.MarkNoShow{Ticket: "b"},
		queue.Restore{Ticket: "b", Place: queue.PlaceBack},
		queue.Hold{Ticket: "c", Reason: "書類"},
		queue.Resume{Ticket: "c"},
		queue.Transfer{Ticket: "c", Service: "cert", Note: "つづき"},
		queue.Transfer{Ticket: "d", Office: "km-kitazawa"},
		queue.AddService{Ticket: "e", Service: "cert"},
		queue.SetPriority{Ticket: "f", Priority: true},
		queue.Undo{},
		queue.Defer{Ticket: "f", For: 600e9},
		queue.Withdraw{Ticket: "g"},
		queue.FlagTicket{Ticket: "e", Flag: queue.FlagPrintUnknown},
		queue.QuickServe{Ticket: "q", Counter: "2", Service: "cert", Quantity: 2},
		queue.AskHelp{Counter: "2", Text: "応援"},
		queue.AnswerHelp{Counter: "2"},
		queue.PauseCounter{Counter: "2", Reason: "休憩"},
		queue.CloseCounter{Counter: "2"},
		queue.SetService{Service: "cert", State: queue.Paused, Message: "点検"},
		queue.SetService{Service: "cert", State: queue.Accepting},
		queue.SetOffice{State: queue.Paused, Message: "避難訓練"},
		queue.SetOffice{State: queue.Accepting},
		queue.ChangeSettings{Settings: changed()},
		queue.CallTicket{Ticket: "e", Counter: "1"},
		queue.MarkNoShow{Ticket: "e"},
	}
}

// afternoon is what clerks do whose link was cut, and those of the delivery desk.
func afternoon(at time.Time) []queue.Command {
	late := at.Add(-time.Minute)
	return []queue.Command{
		queue.IssueTicket{Ticket: "i", Service: "moving", Channel: queue.ChannelReception},
		queue.IssueTicket{Ticket: "j", Service: "cert", Channel: queue.ChannelReception, Priority: true},
		queue.Merge{Ticket: "j", Into: "i"},
		queue.Skip{Ticket: "i", Counter: "1"},
		queue.Serve{Ticket: "i", Counter: "1", Started: late, Processing: true},
		queue.Serve{Ticket: "i", Counter: "1"},
		queue.Serve{Ticket: "j", Counter: "1", Clicked: late},
		queue.Announce{Counter: "1", Tickets: []queue.TicketID{"a"}},
		queue.HandOver{Ticket: "a", Counter: "1"},
		queue.CallTicket{Ticket: "h", Counter: "1"},
		queue.Start{Ticket: "h", Clicked: late},
		queue.Hold{Ticket: "h", Reason: "書類", Room: "記載台", Clicked: late},
		queue.CallTicket{Ticket: "h", Counter: "1"},
		queue.AddNote{Ticket: "h", Text: "車いす", Clicked: late},
		queue.Finish{Ticket: "h", Served: []queue.ServedService{{Service: "cert", Quantity: 2}}, Clicked: late},
	}
}

func changed() queue.Settings {
	s := queuetest.Settings()
	s.Version, s.Rule.Ratio = "2", 3
	return s
}
