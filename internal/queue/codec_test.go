package queue_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
)

// everyEvent is one event of every kind, with every field filled.
func everyEvent() []queue.Event {
	at := time.Date(2026, 4, 1, 9, 0, 0, 123456789, time.UTC)
	line := queue.Line{Service: "moving", Stage: queue.StageDelivery}
	settings := queue.Settings{
		Office: "o", Date: "2026-04-01", Version: "7", Rule: queue.DefaultRule(),
		Services: []queue.ServiceSettings{{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception}, Opens: at, Closes: at, Expected: time.Minute}},
		Series:   []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 2}, Next: queue.Range{First: 3, Last: 4}, Desk: queue.Range{First: 5, Last: 6}, Kiosks: map[queue.KioskID][]queue.Range{"K1": {{First: 7, Last: 8}}}}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"moving"}, Own: []queue.ServiceID{"moving"}, Stages: []queue.Stage{queue.StageReception}, Remote: true}},
		Kiosks:   []queue.KioskSettings{{ID: "K1", Bindings: []queue.Binding{{Slot: 1, Store: "s"}}}},
	}
	return []queue.Event{
		queue.DayOpened{Settings: settings},
		queue.SettingsChanged{Settings: settings},
		queue.DayClosed{},
		queue.RangeBound{Kiosk: "K1", Slot: 1, Store: "s"},
		queue.ServiceSet{Service: "moving", State: queue.Paused, Message: "点検"},
		queue.OfficeSet{State: queue.Stopped, Message: "停電"},
		queue.ActionUndone{Command: "c"},
		queue.KioskReported{Kiosk: "K1", Report: report()},
		queue.KioskActed{Kiosk: "K1", Action: queue.ActServiceClose, Ticket: "t", Service: "moving", Detail: "点検"},
		queue.CounterOpened{Counter: "1", Staff: "x", Services: []queue.ServiceID{"moving"}, Own: []queue.ServiceID{"moving"}, Stages: []queue.Stage{queue.StageReception}, Remote: true, From: "y"},
		queue.CounterSuspended{Counter: "1", Reason: "休憩"},
		queue.CounterShut{Counter: "1"},
		queue.HelpAsked{Counter: "1", Text: "応援"},
		queue.HelpAnswered{Counter: "1"},
		queue.TicketIssued{
			Ticket: "t", Number: "A001", Pool: queue.PoolKiosk, Kiosk: "K1", Slot: 1, Service: "moving", Further: []queue.ServiceID{"cert"},
			Channel: queue.ChannelAppointment, Language: "en", Priority: true, Appointment: at, IssuedAt: at, Arrival: at, Secret: "ab",
			Quote: &queue.Quote{Ahead: 1, Low: 2, P50: 3, High: 4}, Flags: []queue.Flag{queue.FlagOffline}, Away: true,
		},
		queue.TicketCalled{Ticket: "t", Number: "A001", Counter: "1", Reason: queue.Reason{Code: queue.ReasonAppointment, Slot: at, Service: "moving"}},
		queue.TicketRecalled{Ticket: "t", Number: "A001", Counter: "1"},
		queue.ServiceStarted{Ticket: "t", Counter: "1", At: at},
		queue.ServiceFinished{Ticket: "t", Counter: "1", Status: queue.Waiting, To: line, Outcome: "済", Quantity: 2, Unmeasured: true, Served: []queue.ServedService{{Service: "cert", Quantity: 3}}, At: at},
		queue.QuickServed{Ticket: "t", Counter: "1", Service: "moving", Quantity: 2},
		queue.TicketReady{Ticket: "t"},
		queue.TicketMissed{Ticket: "t", Number: "A001", Counter: "1", At: at},
		queue.TicketRestored{Ticket: "t", Arrival: at},
		queue.TicketHeld{Ticket: "t", Reason: "書類", By: "x", Room: "待合", At: at},
		queue.TicketResumed{Ticket: "t"},
		queue.TicketTransferred{Ticket: "t", To: line, Only: "2"},
		queue.TicketSentAway{Ticket: "t", Office: "p"},
		queue.ServiceAdded{Ticket: "t", Service: "cert"},
		queue.PrioritySet{Ticket: "t", Priority: true},
		queue.TicketDeferred{Ticket: "t", Until: at, Counter: "1"},
		queue.TicketArrived{Ticket: "t"},
		queue.TicketWithdrawn{Ticket: "t"},
		queue.NoteAdded{Ticket: "t", Note: queue.Note{At: at, By: "x", Text: "メモ"}},
		queue.TicketFlagged{Ticket: "t", Flag: queue.FlagLate},
		queue.TicketClosed{Ticket: "t", Number: "A001"},
		queue.TicketExpired{Ticket: "t"},
		queue.TicketServed{Ticket: "t", Number: "A001", Counter: "1", Started: at, Status: queue.Waiting, To: line, At: at},
		queue.TicketAnnounced{Ticket: "t", Number: "A001", Counter: "1"},
		queue.TicketMerged{Ticket: "t", From: "u", Arrival: at, Further: []queue.ServiceID{"cert"}, Priority: true, Appointment: at, Here: true},
	}
}

// report is a report with every field filled that is kept.
func report() queue.KioskReport {
	return queue.KioskReport{
		Version: "1.2", Printer: queue.PrinterBusy, Paper: queue.PaperNearEnd, Link: queue.LinkAlone, Store: queue.StoreOneFile, Clock: queue.ClockOff,
		Unsent: 3, Offset: time.Second,
	}
}

func TestEveryEventSurvivesItsStoredForm(t *testing.T) {
	have, want := map[string]bool{}, map[string]bool{}
	for _, e := range everyEvent() {
		have[reflect.TypeOf(e).Name()] = true
		raw, err := queue.EncodeEvents([]queue.Event{e})
		if err != nil {
			t.Fatalf("%s: %v", queue.Kind(e), err)
		}
		back, err := queue.DecodeEvents(raw)
		if err != nil {
			t.Fatalf("%s: %v", queue.Kind(e), err)
		}
		if diff := cmp.Diff([]queue.Event{e}, back); diff != "" {
			t.Errorf("%s (-want +got):\n%s", queue.Kind(e), diff)
		}
	}
	for _, name := range sealed(t, "event.go", "kind") {
		want[name] = true
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("events tried (-code +test):\n%s", diff)
	}
}

// TestAnyFactIsTaken merges every kind of event into days that know nothing of
// what it speaks of: a fact is never refused, and merged twice changes nothing.
func TestAnyFactIsTaken(t *testing.T) {
	for _, begin := range []*queue.State{queue.New(), randomDay(t, 3, 80).State} {
		for _, e := range everyEvent() {
			s := begin.Clone()
			fact := queue.Entry{Meta: queue.Meta{Command: "fact", At: time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST), Origin: "s9"}, Fact: true, Events: []queue.Event{e}}
			if err := s.Apply(fact); err != nil {
				t.Fatalf("%s: %v", queue.Kind(e), err)
			}
			once := canonical(t, s)
			fact.OriginNumber = 1 // the same events, told once more as another entry
			if err := s.Apply(fact); err != nil {
				t.Fatalf("%s again: %v", queue.Kind(e), err)
			}
			if outcome, ok := s.Outcome("fact"); !ok || len(outcome.Events) != 1 {
				t.Errorf("%s: the command has no outcome", queue.Kind(e))
			}
			if twice := canonical(t, s); twice != once {
				t.Errorf("%s changes the state when told twice:\n%s", queue.Kind(e), diffJSON(t, once, twice))
			}
		}
	}
}

func TestDamagedEventsAreRefused(t *testing.T) {
	for _, raw := range []string{
		``, `{`, `{}`, `[{"kind":"ticket_teleported","data":{}}]`, `[{"kind":"ticket_called","data":7}]`,
		`[{"kind":"ticket_restored","data":{"ticket":"t","arrival":"yesterday"}}]`,
	} {
		if events, err := queue.DecodeEvents([]byte(raw)); err == nil {
			t.Errorf("%q was read as %v", raw, events)
		}
	}
}

// TestDecidedEventsMustFit applies every kind of event, as if decided, where it
// cannot have been decided.
func TestDecidedEventsMustFit(t *testing.T) {
	for _, e := range everyEvent() {
		entry := queue.Entry{Meta: queue.Meta{Command: "c", At: time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)}, Events: []queue.Event{e}}
		err := queue.New().Apply(entry)
		_, corrupt := err.(*queue.CorruptError)
		if _, opens := e.(queue.DayOpened); opens == corrupt {
			t.Errorf("%s before the day: got %v", queue.Kind(e), err)
		}
	}
}
