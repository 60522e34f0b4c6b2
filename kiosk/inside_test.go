package kiosk

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/print"
)

func TestReadScan(t *testing.T) {
	const machine, server = "0123456789abcdef0123456789abcdef", "0123456789ABCDEFGHJKMNPQRS"
	for _, tt := range []struct{ name, typed, secret, code string }{
		{"an address", "https://machi.example.jp/t/" + machine, machine, ""},
		{"with a language behind", "https://machi.example.jp/t/" + machine + "?lang=en#top\r\n", machine, ""},
		{"a Japanese layout", "https+//machi.example.jp+8443/t/" + machine, machine, ""},
		{"Caps Lock", strings.ToUpper("https://machi.example.jp/t/" + machine), machine, ""},
		{"the secret alone", machine, machine, ""},
		{"the server's", "https://machi.example.jp/t/" + server, server, ""},
		{"the server's in lower case", "https://machi.example.jp/t/" + strings.ToLower(server), server, ""},
		{"letters that look like figures", "O123456789ABCDEFGHJKMNPQRS", server, ""},
		{"six digits", "123456", "", "123456"},
		{"full width", "１２３４５６", "", "123456"},
		{"in two groups", " 123-456 ", "", "123456"},
		{"with the long sound that an input method makes of a hyphen", "１２３ー４５６", "", "123456"},
		{"five digits", "12345", "", ""},
		{"a bar code", "4901234567894", "", ""},
		{"too many digits for a secret", machine + "0", "", ""},
		{"nothing", "\r\n", "", ""},
		{"words", "こんにちは", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if secret, code := readScan(tt.typed); secret != tt.secret || code != tt.code {
				t.Errorf("readScan(%q) = %q, %q, want %q, %q", tt.typed, secret, code, tt.secret, tt.code)
			}
		})
	}
}

// TestAPlanOnItsWayIsNotReadyYet looks between the moment a plan is stored and the
// moment presses are decided by it.
func TestAPlanOnItsWayIsNotReadyYet(t *testing.T) {
	k, err := New(Options{
		Printer: print.File{Dir: t.TempDir(), Case: print.OpenCase("/nowhere.ttf")}, Office: "test-office", Kiosk: "K1",
		Dir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	k.mu.Lock()
	k.plan = &Plan{Settings: queue.Settings{Services: []queue.ServiceSettings{{ID: "moving"}}}}
	k.mu.Unlock()
	s, err := k.Screen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Press(ctx, Choice{Service: "moving"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Ready || got.Code != replica.NotSetUp {
		t.Errorf("ready = %v and a press is answered %q, want a screen that offers nothing yet", s.Ready, got.Code)
	}
}

func TestOtherOfficesAreShownWhileTheirWaitIsFresh(t *testing.T) {
	plan := &Plan{
		Services: []PlanService{{ID: "moving", Instead: []Instead{{Kind: "online", URL: "https://example.jp/"}, {Kind: "office", Text: Words{"ja": "ほかの窓口でも"}}}}},
	}
	for _, id := range []queue.OfficeID{"far", "near", "shut", "silent", "more"} {
		plan.Elsewhere = append(plan.Elsewhere, Neighbour{Office: id, Name: Words{"ja": string(id)}, Services: []queue.ServiceID{"moving"}})
	}
	now := replica.Now{Timer: time.Hour}
	k := &Kiosk{watch: newWatch(Options{Now: func() replica.Now { return now }}), others: &others{}}
	list := func() string {
		var names []string
		for _, i := range k.instead(plan, "moving") {
			name := i.Kind
			if i.Office != "" {
				name = string(i.Office)
			}
			if i.HighMinutes > 0 {
				name += "!"
			}
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	if got := list(); got != "online far near shut" {
		t.Errorf("before an answer: %q", got)
	}
	wait := func(minutes int) estimate.Range {
		return estimate.Range{Known: true, High: time.Duration(minutes) * time.Minute}
	}
	k.others.at, k.others.waits = now.Timer, map[destination]estimate.Range{
		{"far", "moving"}: wait(40), {"near", "moving"}: wait(10), {"silent", "moving"}: {}, {"more", "moving"}: wait(20),
	}
	if got := list(); got != "online near! more! far!" {
		t.Errorf("fresh: %q, want the shortest wait first and the closed office left out", got)
	}
	now.Timer += othersGood + time.Second
	if got := list(); got != "online far near shut" {
		t.Errorf("stale: %q, want no figure of an old answer", got)
	}
}

func TestReportIsDueAtOnceWhenAWordChanges(t *testing.T) {
	var r reporter
	h := health{Paper: "ok"}
	at := time.Minute
	for _, tt := range []struct {
		name    string
		after   time.Duration
		change  func()
		arrived bool
		want    bool
	}{
		{"the first", 0, func() {}, true, true},
		{"a second later", time.Second, func() {}, true, false},
		{"a count that moves", time.Second, func() { h.Unsent++ }, true, false},
		{"a word", time.Second, func() { h.Paper = "out" }, false, true},
		{"which did not arrive, at once", time.Second, func() {}, true, false},
		{"and after a while", healthAgain, func() {}, true, true},
		{"all quiet", healthEvery - time.Second, func() {}, true, false},
		{"the next", time.Second, func() {}, true, true},
	} {
		at += tt.after
		tt.change()
		if got := r.due(h, at); got != tt.want {
			t.Errorf("%s: due = %v, want %v", tt.name, got, tt.want)
		}
		if tt.want {
			r.sent(h, at, tt.arrived)
		}
	}
}

func TestOnlyTimeWithoutAServerInReceptionHoursIsCounted(t *testing.T) {
	var a aloneTime
	now := time.Hour
	for i, step := range []struct {
		date   queue.Date
		link   string
		taking bool
		want   int64
	}{
		{"2026-04-01", queue.LinkAlone, true, 0}, // since when, nobody knows
		{"2026-04-01", queue.LinkAlone, true, 10},
		{"2026-04-01", queue.LinkOnline, true, 10},
		{"2026-04-01", queue.LinkAlone, false, 10},
		{"2026-04-01", queue.LinkAlone, true, 20},
		{"2026-04-02", queue.LinkAlone, true, 0},
		{"2026-04-02", queue.LinkAlone, true, 10},
	} {
		now += 10 * time.Second
		if got := a.count(health{date: step.date, Link: step.link, taking: step.taking}, now); got != step.want {
			t.Errorf("step %d: %d seconds, want %d", i, got, step.want)
		}
	}
}
