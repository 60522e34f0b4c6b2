package history_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// line writes a visit's legs as a person reads them.
func line(v history.Visit) string {
	clock := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.Format("15:04")
	}
	var legs []string
	for _, l := range v.Legs {
		text := fmt.Sprintf("%s %s %s %s %s@%s", history.Class(l.Service, l.Stage), clock(l.Joined), clock(l.Called), clock(l.Finished), l.Outcome, l.Counter)
		if l.Unmeasured {
			text += " unmeasured"
		}
		legs = append(legs, text)
	}
	return strings.Join(legs, "; ")
}

func TestVisitsAreTakenApart(t *testing.T) {
	const id queue.TicketID = "s0-000001"
	for _, row := range []struct {
		name string
		play func(o *office)
		want string
	}{
		{"served", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:12")
			o.do(queue.Start{Ticket: id})
			o.clock("09:20")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:10 09:20 served@1"},
		{"nobody pressed start, and the counter was kept all the same", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:20")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:10 09:20 served@1"},
		{"staff say that the time teaches nothing", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:11")
			o.do(queue.Start{Ticket: id})
			o.clock("09:50")
			o.do(queue.Finish{Ticket: id, Unmeasured: true})
		}, "moving 09:00 09:10 09:50 served@1 unmeasured"},
		{"a repeated call counts from the first", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:13")
			o.do(queue.Recall{Ticket: id})
			o.clock("09:20")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:10 09:20 served@1"},
		{"a call that was taken back never was", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.do(queue.Undo{Counter: "1"})
			o.clock("09:15")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:20")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:15 09:20 served@1"},
		{"nobody came", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:14")
			o.do(queue.MarkNoShow{Ticket: id})
		}, "moving 09:00 09:10 09:14 no_show@1"},
		{"nobody came, then somebody did", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:14")
			o.do(queue.MarkNoShow{Ticket: id})
			o.clock("09:18")
			o.do(queue.Restore{Ticket: id, Place: queue.PlaceKeep})
			o.clock("09:25")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:31")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:10 09:14 no_show@1; moving 09:18 09:25 09:31 served@1"},
		{"left", func(o *office) {
			o.clock("09:17")
			o.do(queue.Withdraw{Ticket: id})
		}, "moving 09:00 - 09:17 left@"},
		{"through the back office to delivery", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:20")
			o.do(queue.Finish{Ticket: id, Processing: true})
			o.clock("09:40")
			o.do(queue.MarkReady{Ticket: id})
			o.clock("09:43")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:45")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:10 09:20 served@1; moving/delivery 09:40 09:43 09:45 served@1"},
		{"sent on after a talk", func(o *office) {
			o.clock("09:10")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:11")
			o.do(queue.Start{Ticket: id})
			o.clock("09:20")
			o.do(queue.Transfer{Ticket: id, Counter: "1", Service: "cert"})
			o.clock("09:30")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:33")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 09:10 09:20 served@1 unmeasured; cert 09:20 09:30 09:33 served@1"},
		{"sent to another line before any call", func(o *office) {
			o.clock("09:05")
			o.do(queue.Transfer{Ticket: id, Service: "cert"})
			o.clock("09:30")
			o.do(queue.CallNext{Counter: "1"})
			o.clock("09:33")
			o.do(queue.Finish{Ticket: id})
		}, "moving 09:00 - 09:05 left@ unmeasured; cert 09:05 09:30 09:33 served@1"},
		{"the day ended first", func(o *office) {
			o.clock("17:00")
			o.do(queue.CloseDay{})
		}, "moving 09:00 - 17:00 expired@"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := begin(t, "2026-04-01")
			o.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
			o.clock("09:00")
			o.issue(id, "moving")
			row.play(o)
			d := o.build()
			if len(d.Visits) != 1 || line(d.Visits[0]) != row.want {
				t.Fatalf("got  %s\nwant %s", line(d.Visits[0]), row.want)
			}
			v := d.Visits[0]
			want := history.Told{Ahead: 2, Low: 5 * time.Minute, P50: 7 * time.Minute, High: 12 * time.Minute}
			if v.Service != "moving" || v.Channel != queue.ChannelKiosk || v.Told == nil || *v.Told != want || v.Number == "" {
				t.Errorf("%+v", v)
			}
			if _, called := v.Called(); called == v.FirstCall.IsZero() {
				t.Errorf("called %v, first call %v", called, v.FirstCall)
			}
		})
	}
}

func TestHoursOfCounters(t *testing.T) {
	o := begin(t, "2026-04-01")
	o.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
	o.clock("09:00")
	o.do(queue.OpenCounter{Counter: "2", Staff: "Suzuki", Services: []queue.ServiceID{"cert"}})
	o.clock("10:00")
	o.do(queue.OpenCounter{Counter: "1", Staff: "Tanaka", TakeOver: true}) // somebody else, the same services
	o.clock("12:00")
	o.do(queue.PauseCounter{Counter: "1", Reason: "昼休み"})
	o.clock("13:00")
	o.do(queue.OpenCounter{Counter: "1", Staff: "Tanaka"})
	o.do(queue.OpenCounter{Counter: "2", Staff: "Suzuki"}) // more services
	o.clock("17:00")
	o.do(queue.CloseCounter{Counter: "1"})
	o.at = on(t, "2026-04-02", "03:00")
	m := o.meta()
	m.Actor = queue.Actor{Role: queue.RoleSystem, ID: "s0"}
	if r, err := o.Decide(m, queue.Tick{}, eventlog.Incarnation{}); err != nil || o.Apply(*r) != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range o.build().Spells {
		got = append(got, fmt.Sprintf("%s %s-%s %v", s.Counter, s.From.Format("15:04"), s.To.Format("15:04"), s.Services))
	}
	want := []string{"1 08:30-12:00 [cert moving]", "2 09:00-13:00 [cert]", "1 13:00-17:00 [cert moving]", "2 13:00-17:00 [cert moving]"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("spells (-want +got):\n%s", diff)
	}
}

// tally is what a table must say, counted from the raw records in the slowest way:
// every event of every command that was not undone, of which nothing is known but its
// name and its fields.
type tally struct {
	Issued, Served, Missed int
	FirstCalls             map[string]string
}

func tallyOf(t *testing.T, records []eventlog.Record) tally {
	t.Helper()
	type command struct {
		Command string    `json:"command"`
		At      time.Time `json:"at"`
		Events  []struct {
			Kind string         `json:"kind"`
			Data map[string]any `json:"data"`
		} `json:"events"`
	}
	all, undone := make([]command, len(records)), map[any]bool{}
	for i, r := range records {
		if err := json.Unmarshal(r.Body, &all[i]); err != nil {
			t.Fatal(err)
		}
		for _, e := range all[i].Events {
			if e.Kind == "action_undone" {
				undone[e.Data["command"]] = true
			}
		}
	}
	out := tally{FirstCalls: map[string]string{}}
	numbers := map[string]string{}
	for _, c := range all {
		if undone[c.Command] {
			continue
		}
		for _, e := range c.Events {
			ticket, _ := e.Data["ticket"].(string)
			switch e.Kind {
			case "ticket_issued":
				out.Issued++
				numbers[ticket] = e.Data["number"].(string)
			case "quick_served":
				out.Issued++
				out.Served++
			case "service_finished":
				out.Served++
			case "ticket_served":
				out.Served++
				out.first(numbers[ticket], cmp.Or(moment(e.Data["started"]), moment(e.Data["at"]), c.At))
			case "ticket_missed":
				out.Missed++
			case "ticket_called", "ticket_announced":
				out.first(numbers[ticket], c.At)
			}
		}
	}
	return out
}

func (t tally) first(number string, at time.Time) {
	if _, had := t.FirstCalls[number]; !had {
		t.FirstCalls[number] = at.In(queue.JST).Format(time.TimeOnly)
	}
}

func moment(field any) time.Time {
	text, _ := field.(string)
	at, _ := time.Parse(time.RFC3339, text) // zero where there is none
	return at
}

func TestTablesAreWhatTheRecordsSay(t *testing.T) {
	for seed := range uint64(12) {
		o := wander(t, seed, 250)
		d := o.build()
		want := tallyOf(t, o.Records(0, 0))
		got := tally{FirstCalls: map[string]string{}}
		for _, v := range d.Visits {
			got.Issued++
			for _, l := range v.Legs {
				switch l.Outcome {
				case history.Served:
					got.Served++
				case history.NoShow:
					got.Missed++
				}
				if l.Finished.IsZero() || l.Finished.Before(l.Called) || l.Joined.After(l.Finished) || !l.Called.IsZero() && l.Joined.After(l.Called) {
					t.Errorf("seed %d: %s goes back in time: %s", seed, v.Number, line(v))
				}
			}
			if want.FirstCalls[string(v.Number)] != "" {
				at, _ := v.Called()
				got.FirstCalls[string(v.Number)] = at.Format(time.TimeOnly)
			}
		}
		// A talk that ends without being finished (held, sent on, the day over) is a leg too.
		if got.Served < want.Served {
			t.Errorf("seed %d: %d legs served, the records have %d", seed, got.Served, want.Served)
		}
		got.Served, want.Served = 0, 0
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d (-records +table):\n%s", seed, diff)
		}
	}
}

func TestEventsAreInOrderAndPaired(t *testing.T) {
	for seed := range uint64(6) {
		d := wander(t, seed, 250).build()
		open := map[string]bool{}
		var last time.Time
		for i, e := range history.Events(d) {
			if e.At.Before(last) {
				t.Fatalf("seed %d: event %d at %v, behind %v", seed, i, e.At, last)
			}
			last = e.At
			switch e.Kind {
			case place.Issue:
				open[e.Ticket] = true
			case place.Cancel, place.Finish, place.NoShow:
				delete(open, e.Ticket)
			}
		}
		if len(open) > 0 {
			t.Errorf("seed %d: %v never end", seed, slices.Sorted(maps.Keys(open)))
		}
	}
}

func TestCountersServeTheStagesOfTheirServices(t *testing.T) {
	o := begin(t, "2026-04-01")
	o.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
	o.do(queue.OpenCounter{Counter: "3", Staff: "Suzuki"})
	got := map[string][]string{}
	for _, e := range history.Events(o.build()) {
		if e.Kind == place.Open {
			got[e.Counter] = e.Classes
		}
	}
	want := map[string][]string{"1": {"cert/delivery", "cert", "moving/delivery", "moving"}, "3": {"cert"}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}

func TestTablesHoldNothingPersonal(t *testing.T) {
	o := begin(t, "2026-04-01")
	o.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
	o.issue("s0-000001", "moving")
	o.do(queue.AddNote{Ticket: "s0-000001", Text: "confidential"})
	o.do(queue.CallNext{Counter: "1"})
	o.do(queue.Start{Ticket: "s0-000001"})
	o.do(queue.Hold{Ticket: "s0-000001", Counter: "1", Reason: "confidential", Room: "confidential"})
	raw, err := json.Marshal(o.build())
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Sato", "confidential", "secret-hash", "s0-0000"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("the table says %q", word)
		}
	}
}

func TestANumberFromHomeWithWhichNobodyCameIsNamed(t *testing.T) {
	o := &office{Day: day.New(), t: t, date: "2026-04-01", at: on(t, "2026-04-01", "08:30")}
	settings := queuetest.Settings()
	settings.Date, settings.Rule.CheckIn = o.date, true
	o.do(queue.OpenDay{Settings: settings})
	for id, channel := range map[queue.TicketID]queue.Channel{"s0-000001": queue.ChannelWeb, "s0-000002": queue.ChannelWeb, "s0-000003": queue.ChannelKiosk} {
		o.do(queue.IssueTicket{Ticket: id, Service: "moving", Channel: channel, Secret: "secret-hash-" + string(id)})
	}
	o.clock("09:30")
	o.do(queue.CheckIn{Ticket: "s0-000002"})
	o.clock("17:30")
	o.do(queue.CloseDay{})
	named := 0
	for _, v := range o.build().Visits {
		if v.Outcome != history.Expired {
			t.Errorf("%s ended as %s", v.Number, v.Outcome)
		}
		if v.NeverCame() {
			named++
			if v.Channel != queue.ChannelWeb || !v.Arrived.IsZero() {
				t.Errorf("%+v came", v)
			}
		}
	}
	if named != 1 {
		t.Errorf("%d of three never came, want 1", named)
	}
}

func TestATableSaysWhatBecameOfCalls(t *testing.T) {
	const id queue.TicketID = "s0-000001"
	o := begin(t, "2026-04-01")
	o.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
	o.clock("09:00")
	o.issue(id, "moving")
	o.clock("09:10")
	o.do(queue.CallNext{Counter: "1"})
	o.clock("09:12")
	o.do(queue.Recall{Ticket: id})
	o.clock("09:14")
	o.do(queue.MarkNoShow{Ticket: id})
	o.clock("09:18")
	o.do(queue.Restore{Ticket: id, Place: queue.PlaceKeep})
	o.clock("09:19")
	o.do(queue.Transfer{Ticket: id, Service: "cert"})
	o.clock("09:25")
	o.do(queue.CallNext{Counter: "1"})
	o.do(queue.Recall{Ticket: id})
	o.do(queue.Undo{Counter: "1"})
	o.clock("09:31")
	o.do(queue.Finish{Ticket: id})
	v := o.build().Visits[0]
	if v.Restored != 1 || v.Recalled != 1 || v.Moved != 1 {
		t.Errorf("restored %d, recalled %d, moved %d times", v.Restored, v.Recalled, v.Moved)
	}
}
