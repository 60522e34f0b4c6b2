package foreign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"machi/internal/estimate/foreign"
	"machi/internal/history"
	"machi/internal/queue"
)

func jst(hour, minute, second int) time.Time {
	return time.Date(2024, 2, 1, hour, minute, second, 0, queue.JST)
}

const ticketsMapping = `
layout: tickets
encoding: shift_jis
skip: 1
time: ["GY年M月D日 H時mm分", "YYYY/M/D HH:mm:ss"]
columns: {ticket: 受付番号, service: 業務, priority: 優先, counter: 窓口, visit: 来庁, date: 日付, issued: 発券, called: 呼出, finished: 終了, outcome: 結果}
services: {"01": moving, "02": juminhyo, "99": "-"}
counters: {"１番": "1"}
priority: ["有"]
outcomes: {完了: served, 不在: no_show, 取消: left}
`

const ticketsHeader = "世田谷区 発券記録\r\n日付,受付番号,業務,優先,窓口,来庁,発券,呼出,終了,結果\r\n"

// mapped reads a log by a mapping, in Shift_JIS if that says so.
func mapped(t *testing.T, mapping, text string) ([]history.Day, []*foreign.LineError, error) {
	t.Helper()
	m, err := foreign.ReadMapping(strings.NewReader(mapping))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(mapping, "shift_jis") {
		if text, err = japanese.ShiftJIS.NewEncoder().String(text); err != nil {
			t.Fatal(err)
		}
	}
	return m.Days("km-setagaya", strings.NewReader(text))
}

func TestRowsOfTicketsBecomeADay(t *testing.T) {
	days, bad, err := mapped(t, ticketsMapping, ticketsHeader+
		"令和6年2月1日,Ａ００１,01,有,１番,V1,8時30分,8時40分,8時55分,完了\r\n"+
		"2024/2/1,B001,02,,2,V1,08:56:00,08:57:10,09:00:00,完了\r\n"+
		"2024/2/1,A002,01,,1,,08:31:00,08:41:00,08:42:00,不在\r\n"+
		"2024/2/1,A003,01,,,,08:32:00,,08:50:00,取消\r\n"+
		"2024/2/1,A004,01,,,,08:33:00,,,\r\n"+
		"2024/2/1,A005,01,,1,,08:34:00,08:58:00,,\r\n"+
		"2024/2/1,C001,99,,1,,08:34:00,08:58:00,,\r\n")
	if err != nil || len(bad) > 0 {
		t.Fatalf("%v, %v", bad, err)
	}
	leg := func(service queue.ServiceID, joined time.Time) history.Leg {
		return history.Leg{Service: service, Stage: queue.StageReception, Joined: joined}
	}
	first, second := leg("moving", jst(8, 30, 0)), leg("juminhyo", jst(8, 56, 0))
	first.Called, first.Started, first.Finished, first.Counter, first.Outcome = jst(8, 40, 0), jst(8, 40, 0), jst(8, 55, 0), "1", history.Served
	second.Called, second.Started, second.Finished, second.Counter, second.Outcome = jst(8, 57, 10), jst(8, 57, 10), jst(9, 0, 0), "2", history.Served
	missed, gone, waits, talks := leg("moving", jst(8, 31, 0)), leg("moving", jst(8, 32, 0)), leg("moving", jst(8, 33, 0)), leg("moving", jst(8, 34, 0))
	missed.Called, missed.Finished, missed.Counter, missed.Outcome = jst(8, 41, 0), jst(8, 42, 0), "1", history.NoShow
	gone.Finished, gone.Outcome = jst(8, 50, 0), history.Left
	waits.Finished, waits.Outcome = jst(9, 0, 0), history.Expired
	talks.Called, talks.Started, talks.Finished, talks.Counter, talks.Outcome, talks.Unmeasured = jst(8, 58, 0), jst(8, 58, 0), jst(8, 58, 0), "1", history.Served, true
	visit := func(number queue.Number, priority bool, legs ...history.Leg) history.Visit {
		end := legs[len(legs)-1]
		return history.Visit{
			Number: number, Service: legs[0].Service, Channel: queue.ChannelKiosk, Priority: priority, Issued: legs[0].Joined,
			Legs: legs, Outcome: end.Outcome, Ended: end.Finished,
		}
	}
	want := []history.Day{{
		Office: "km-setagaya", Date: "2024-02-01", Source: history.FromImport,
		Visits: []history.Visit{
			visit("A001", true, first, second), visit("A002", false, missed), visit("A003", false, gone), visit("A004", false, waits), visit("A005", false, talks),
		},
	}}
	if d := cmp.Diff(want, days); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestBadRowsAreNamedAndTheOthersRead(t *testing.T) {
	days, bad, err := mapped(t, ticketsMapping, ticketsHeader+
		"2024/2/1,A001,01,,1,,08:30:00,08:40:00,08:55:00,完了\n"+
		"2024/2/1,A002,01,,1,,8.30,08:40:00,08:55:00,完了\n"+
		"2024/2/1,A003,07,,1,,08:30:00,08:40:00,08:55:00,完了\n"+
		"2024/2/1,A004,01,,1,,08:30:00,08:20:00,08:55:00,完了\n"+
		"2024/2/1,A005,01,,1,,08:30:00,,08:55:00,完了\n"+
		"2024/2/1,A006,01,,1,,08:30:00,08:40:00,08:55:00,？\n"+
		"2024/2/1,,01,,1,,08:30:00,08:40:00,08:55:00,\n"+
		"2024/2/1,A007\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range bad {
		got = append(got, b.Error())
	}
	want := []string{
		`line 4: 発券 "8.30": is in none of the forms of the mapping`,
		`line 5: 業務 "07": is not among the services of the mapping`,
		`line 6: 呼出 "08:20:00": is before the moment in the column before`,
		`line 7: 呼出: is empty, but the outcome is served`,
		`line 8: 結果 "?": is not among the outcomes of the mapping`,
		`line 9: 受付番号: is empty`,
		`line 10: 2 fields, want 10`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if len(days) != 1 || len(days[0].Visits) != 1 {
		t.Errorf("read %+v", days)
	}
}

func TestEventsBecomeADayWithTheHoursOfCounters(t *testing.T) {
	m := foreign.Own()
	days, bad, err := m.Days("km-setagaya", strings.NewReader(header+
		"2024-02-01T08:20:00,issue,A1,moving,0,,V\n"+
		"2024-02-01T08:30:00,open,,,,K1,\n"+
		"2024-02-01T08:30:00,call,A1,moving,0,K1,V\n"+
		"2024-02-01T08:31:00,call,A1,moving,0,K1,V\n"+
		"2024-02-01T08:40:00,finish,A1,moving,0,K1,V\n"+
		"2024-02-01T08:41:00,close,,,,K1,\n"+
		"2024-02-01T08:45:00,issue,A2,juminhyo,1,,V\n"+
		"2024-02-01T08:50:00,open,,,,K2,\n"+
		"2024-02-01T08:50:00,noshow,A2,juminhyo,1,K2,V\n"+
		"2024-02-01T08:55:00,cancel,A2,juminhyo,1,,V\n"+
		"2024-02-02T08:20:00,issue,A1,moving,0,,V\n"))
	if err != nil || len(bad) != 1 || bad[0].Error() != `line 10: event "noshow": comes before the call` {
		t.Fatalf("%v, %v", bad, err)
	}
	if len(days) != 2 || days[1].Date != "2024-02-02" || days[1].Visits[0].Outcome != history.Expired {
		t.Fatalf("days %+v", days)
	}
	spells := []history.Spell{{Counter: "K1", From: jst(8, 30, 0), To: jst(8, 41, 0)}, {Counter: "K2", From: jst(8, 50, 0), To: jst(8, 55, 0)}}
	if d := cmp.Diff(spells, days[0].Spells); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	visits := days[0].Visits
	if len(visits) != 1 || len(visits[0].Legs) != 2 || !visits[0].Priority || visits[0].Legs[0].Called != jst(8, 30, 0) || visits[0].Outcome != history.Left {
		t.Errorf("visits %+v", visits)
	}
}

func TestAMappingIsChecked(t *testing.T) {
	const good = "layout: events\ntime: [\"YYYY-MM-DD HH:mm\"]\ncolumns: {ticket: t, service: s, time: u, event: e}\n"
	for _, row := range []struct{ name, text, want string }{
		{"good", good, ""},
		{"empty", "", "the mapping is empty"},
		{"unknown key", good + "colour: red\n", "colour"},
		{"layout", "layout: rows\n", "layout"},
		{"column", strings.Replace(good, "ticket: t, ", "", 1), "columns: ticket is missing"},
		{"form of times", strings.Replace(good, "HH:mm", "", 1), "is no form"},
		{"no form", strings.Replace(good, "time: [\"YYYY-MM-DD HH:mm\"]", "", 1), "time: say in which form"},
		{"encoding", good + "encoding: klingon\n", "encoding"},
		{"separator", good + "separator: \"ab\"\n", "separator"},
		{"zone", good + "timezone: Mars/Olympus\n", "timezone"},
		{"event", good + "events: {x: vanish}\n", `events: "x" maps to "vanish"`},
		{"service", good + "services: {x: \"\"}\n", `services: "x" maps to nothing`},
		{"outcome", good + "outcomes: {x: eaten}\n", `outcomes: "x" maps to "eaten"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := foreign.ReadMapping(strings.NewReader(row.text))
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestTimesAreReadInTheZoneOfTheMapping(t *testing.T) {
	const events = "layout: events\nseparator: tab\ntimezone: UTC\ntime: [\"YYYY-MM-DD HH:mm\", \"GY.MM.DD HH:mm\"]\ncolumns: {ticket: t, service: s, time: u, event: e}\n"
	days, bad, err := mapped(t, events, "u\te\tt\ts\n2024-01-31 23:30\tissue\t1\tmoving\nR6.02.01 00:10\tissue\t2\tmoving\n")
	if err != nil || len(bad) > 0 || len(days) != 1 {
		t.Fatalf("%v, %v, %v", days, bad, err)
	}
	if v := days[0].Visits; days[0].Date != "2024-02-01" || !v[0].Issued.Equal(jst(8, 30, 0)) || !v[1].Issued.Equal(jst(9, 10, 0)) {
		t.Errorf("read %+v", days)
	}
}

func TestWhatFollowsALeftOutTicketIsLeftOut(t *testing.T) {
	const events = "layout: events\ntime: [\"YYYY-MM-DD HH:mm\"]\nservices: {x: \"-\", y: moving}\ncolumns: {ticket: t, service: s, time: u, event: e}\n"
	days, bad, err := mapped(t, events, "u,e,t,s\n2024-02-01 09:00,issue,1,x\n2024-02-01 09:01,issue,2,y\n2024-02-01 09:02,call,1,\n2024-02-01 09:03,call,3,\n")
	if err != nil || len(bad) != 1 || bad[0].Line != 5 || len(days) != 1 || len(days[0].Visits) != 1 {
		t.Errorf("%+v, %v, %v", days, bad, err)
	}
}

func TestAColumnThatIsNotThereIsNamed(t *testing.T) {
	_, _, err := mapped(t, ticketsMapping, "x\n日付,受付番号\n")
	if err == nil || !strings.Contains(err.Error(), `line 2: header "業務": is not there`) {
		t.Errorf("got %v", err)
	}
}
