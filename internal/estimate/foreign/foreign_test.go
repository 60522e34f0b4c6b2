package foreign_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/estimate/foreign"
	"machi/internal/estimate/place"
)

const header = "time,event,ticket,service,priority,counter,visit\n"

// first reads the first event of a text.
func first(text string) (place.Event, error) {
	s, err := foreign.NewStream(strings.NewReader(text))
	if err != nil {
		return place.Event{}, err
	}
	return s.Next()
}

func TestAnEventIsRead(t *testing.T) {
	moment := time.Date(2024, 2, 1, 8, 16, 13, 0, time.UTC)
	for _, row := range []struct {
		name, text string
		want       place.Event
	}{
		{"issue", header + "2024-02-01T08:16:13,issue,A-001,IDOU,1,,V\n", place.Event{At: moment, Class: "IDOU", Ticket: "A-001", Priority: true, Visit: "V"}},
		{"open", header + "2024-02-01T08:16:13,open,,,,K04,\n", place.Event{At: moment, Kind: place.Open, Counter: "K04"}},
		{"a nameless counter closes", header + "2024-02-01T08:16:13,close,,,,,\n", place.Event{At: moment, Kind: place.Close}},
		{"no line end", header + "2024-02-01T08:16:13,call,1,a,0,K,", place.Event{At: moment, Kind: place.Call, Ticket: "1", Class: "a", Counter: "K"}},
		{"line ends of Windows, byte order mark", "\ufefftime,event,ticket,service\r\n\r\n2024-02-01T08:16:13,noshow,1,a\r\n", place.Event{At: moment, Kind: place.NoShow, Ticket: "1", Class: "a"}},
		{"quotes", header + "2024-02-01T08:16:13,issue,\"A,1\",a,,,\n", place.Event{At: moment, Class: "a", Ticket: "A,1"}},
		{"other order of columns", "service,ticket,event,time\na,1,cancel,2024-02-01T08:16:13\n", place.Event{At: moment, Kind: place.Cancel, Class: "a", Ticket: "1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := first(row.text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestABadLineIsNamedWithItsField(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", "line 1: no header"},
		{"unknown column", "time,event,ticket,service,colour\n", `line 1: header "colour": want time,event`},
		{"missing column", "time,event,ticket\n", `line 1: header "service": is missing`},
		{"column twice", "time,event,ticket,service,time\n", `line 1: header "time": stands there twice`},
		{"fields", header + "2024-02-01T08:16:13,issue\n", "line 2: 2 fields, want 7"},
		{"time", header + "08:16,issue,1,a,0,,\n", `line 2: time "08:16": want a time`},
		{"event", header + "2024-02-01T08:16:13,sneeze,1,a,0,,\n", `line 2: event "sneeze": want issue`},
		{"priority", header + "2024-02-01T08:16:13,issue,1,a,yes,,\n", `line 2: priority "yes": want 0 or 1`},
		{"ticket", header + "2024-02-01T08:16:13,issue,,a,0,,\n", "line 2: ticket: is empty"},
		{"service", header + "2024-02-01T08:16:13,issue,1,,0,,\n", "line 2: service: is empty"},
		{"quotes", header + "2024-02-01T08:16:13,issue,\"1,a,0,,\n", "line 2: quotes do not match"},
		{"letters", header + "2024-02-01T08:16:13,issue,\xff,a,0,,\n", `line 2: ticket "\xff": is not UTF-8`},
		{"length", header + strings.Repeat("x", 70000) + "\n", "line 2: longer than 65536 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := first(row.text)
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestTimeGoesBackAnHourAtMost(t *testing.T) {
	s, err := foreign.NewStream(strings.NewReader(header +
		"2024-02-01T09:00:00,issue,1,a,0,,\n2024-02-01T08:00:00,issue,2,a,0,,\n2024-02-01T06:59:59,issue,3,a,0,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	var wrong *foreign.LineError
	if _, err := s.Next(); !errors.As(err, &wrong) || wrong.Line != 4 || wrong.Field != "time" {
		t.Errorf("got %v", err)
	}
}

func TestSkillsAreRead(t *testing.T) {
	skills, err := foreign.Skills(strings.NewReader("counter,services\nK1,a;b\nK2,\n"))
	if err != nil || len(skills["K1"]) != 2 || skills["K1"][1] != "b" || len(skills["K2"]) != 0 {
		t.Errorf("got %v, %v", skills, err)
	}
	for _, text := range []string{"", "counter\n", "counter,services\nK1\n", "counter,services\nK1,a\nK1,b\n", "counter,services\n,a\n"} {
		if _, err := foreign.Skills(strings.NewReader(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestAnswersBelongToTheirIssues(t *testing.T) {
	const head = "ticket,p10_s,p50_s,p90_s\n"
	for _, row := range []struct{ name, text, want string }{
		{"right", head + "1,0.0,5.5,7\n", ""},
		{"header", "1,2,3,4\n", "line 1: header: want ticket,p10_s"},
		{"too few", head, "line 2: no estimate for the issue of 1"},
		{"another ticket", head + "2,1,2,3\n", `line 2: ticket "2": the issue in its place is of 1`},
		{"falling", head + "1,1,3,2\n", `line 2: p90_s "2": want seconds`},
		{"no number", head + "1,NaN,3,2\n", `line 2: p10_s "NaN": want seconds`},
		{"negative", head + "1,-1,3,2\n", `line 2: p10_s "-1": want seconds`},
		{"too many", head + "1,1,2,3\n2,1,2,3\n", `line 3: ticket "2": no issue is left`},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := foreign.NewAnswers(strings.NewReader(row.text))
			if err == nil {
				_, err = a.Next("1")
			}
			if err == nil {
				err = a.End()
			}
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.HasPrefix(err.Error(), row.want)) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
	if _, err := foreign.NewAnswers(strings.NewReader("")); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("an empty file: %v", err)
	}
}
