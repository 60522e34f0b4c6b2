package alert_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"machi/internal/alert"
	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/queue"
)

var noon = time.Date(2026, 4, 1, 11, 0, 0, 0, queue.JST)

func ago(minutes float64) time.Time {
	return noon.Add(-time.Duration(minutes * float64(time.Minute)))
}

func minutes(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }

func known(p50 float64) estimate.Range {
	return estimate.Range{Known: true, P50: minutes(p50), Low: minutes(p50 * 0.6)}
}

var moving = queue.Line{Service: "moving", Stage: queue.StageReception}

// seat is a counter that may call moving; serves: it does.
func seat(id string, state queue.CounterState, serves bool) alert.Counter {
	c := alert.Counter{ID: queue.CounterID(id), State: state, May: []queue.Line{moving}, Since: ago(120), Busy: state == queue.CounterOpen}
	if serves {
		c.Serves = c.May
	}
	return c
}

// office is an open office at noon with one line and its counters.
func office(l alert.Line, counters ...alert.Counter) alert.Scene {
	l.Service, l.Stage = "moving", queue.StageReception
	return alert.Scene{Office: "o", At: noon, Open: true, Lines: []alert.Line{l}, Counters: counters}
}

func never(string) bool { return false }

// said is what is found, in one line each.
func said(l alert.Look) string {
	var list []string
	for _, f := range l.Findings {
		list = append(list, strings.Trim(fmt.Sprintf("%s %s%s%s%s:%s%s", f.Kind, f.Service, f.Counter, f.Kiosk, f.Screen, f.Step.Do, f.Step.Counter), " "))
	}
	return strings.Join(list, ", ")
}

func TestWhatIsFound(t *testing.T) {
	open, paused, shut := seat("1", queue.CounterOpen, true), seat("2", queue.CounterPaused, true), seat("3", queue.CounterClosed, true)
	free := seat("4", queue.CounterOpen, false)
	free.Busy = false
	waits := func(n int, oldest, told float64, past ...int) alert.Line {
		l := alert.Line{Waiting: n, Oldest: ago(oldest), Told: known(told)}
		copy(l.Past[:], past)
		return l
	}
	steady := alert.Usual()
	tests := map[string]struct {
		scene alert.Scene
		rules func(*alert.Rules)
		open  string // key of an alert that there is
		want  string
	}{
		"nobody waits":                      {office(alert.Line{}, shut), nil, "", ""},
		"all is well":                       {office(waits(4, 12, 20), open, paused), nil, "", ""},
		"nobody calls, a counter pauses":    {office(waits(3, 9, 20), paused, shut), nil, "", "nobody moving:resume2"},
		"nobody calls, all are closed":      {office(waits(3, 9, 20), shut), nil, "", "nobody moving:open3"},
		"somebody has just come":            {office(waits(1, 1, 20), shut), nil, "", ""},
		"too long, one is free":             {office(waits(9, 61, 30), open, paused, shut, free), nil, "", "long moving:widen4"},
		"too long for who comes now":        {office(waits(9, 20, 62), open, shut), nil, "", "long moving:open3"},
		"too long perhaps, nobody knows":    {office(alert.Line{Waiting: 2, Oldest: ago(20), Told: estimate.Range{Known: true, P50: minutes(170), High: minutes(300)}}, open), nil, "", ""},
		"too long, and nobody is left":      {office(waits(9, 61, 30), open), nil, "", "long moving:support"},
		"below the limit again, but barely": {office(waits(9, 50, 30), open), nil, "long//reception", "long moving:support"},
		"well below the limit again":        {office(waits(9, 40, 30), open), nil, "long//reception", ""},
		"a limit of its own":                {office(waits(9, 31, 20), open), func(r *alert.Rules) { r.Longest = 30 * time.Minute }, "", "long moving:support"},
		"switched off":                      {office(waits(9, 61, 30), open), func(r *alert.Rules) { r.Off = []alert.Kind{alert.Long} }, "", ""},
		"the line grows":                    {office(waits(16, 20, 40, 4, 6, 9, 12, 16), open, shut), nil, "", "growing moving:open3"},
		"it grows, but the wait is short":   {office(waits(16, 5, 8, 4, 6, 9, 12, 16), open, shut), nil, "", ""},
		"it grew once":                      {office(waits(9, 20, 40, 3, 9, 9, 9, 9), open, shut), nil, "", ""},
		"nobody knows":                      {office(alert.Line{Waiting: 2, Oldest: ago(5), Failed: true}, open), nil, "", "unknown moving:ask"},
		"closed":                            {alert.Scene{Office: "o", At: noon, Machines: []board.Machine{{ID: "K1", State: "silent", Troubles: []string{"silent"}}}}, nil, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rules := steady
			if tt.rules != nil {
				tt.rules(&rules)
			}
			got := said(alert.Find(tt.scene, rules, func(key string) bool { return key == tt.open }))
			if got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMachinesScreensAndHelp(t *testing.T) {
	s := alert.Scene{Office: "o", At: noon, Open: true, Unsure: []string{"K4", "s3"}}
	s.Machines = []board.Machine{
		{ID: "K1", State: board.MachineTrouble, Troubles: []string{"paper_near_end"}},
		{ID: "K2", State: board.MachineTrouble, Troubles: []string{"clock_off", "paper_out"}},
		{ID: "K3", State: board.MachineUnused},
		{ID: "K4", State: board.MachineSilent, Troubles: []string{"silent"}},
		{ID: "K5", State: board.MachineOK, Troubles: []string{}},
	}
	s.Screens = []alert.ScreenState{{ID: "s1", Silent: true}, {ID: "s2", Stale: ago(3)}, {ID: "s3", Silent: true}, {ID: "s4"}}
	s.Counters = []alert.Counter{{ID: "7", State: queue.CounterOpen, Help: "forms", HelpAt: ago(2)}, {ID: "8", State: queue.CounterOpen, Help: "forms", HelpAt: ago(0.5)}}
	look := alert.Find(s, alert.Usual(), never)
	if got, want := said(look), "help 7:answer7, machine K2:look, screen s1:look, screen s2:look, care K1:look"; got != want {
		t.Errorf("found %q, want %q", got, want)
	}
	if look.Findings[1].What != "paper_out" {
		t.Errorf("of several troubles the one that stops it counts: %q", look.Findings[1].What)
	}
	if !look.Unsure(alert.Finding{Kind: alert.Machine, Subject: alert.Subject{Kiosk: "K4"}}) || look.Unsure(alert.Finding{Kind: alert.Help, Subject: alert.Subject{Counter: "7"}}) {
		t.Error("what a server cannot know is not told from the rest")
	}
}

func TestAWaitThatComesIsFoundOnceAndNotBesideOneThatIsThere(t *testing.T) {
	s := office(alert.Line{Waiting: 3, Oldest: ago(10), Told: known(20)}, seat("1", queue.CounterOpen, true), seat("3", queue.CounterClosed, true))
	s.Expected = []alert.Expected{
		{Service: "moving", From: noon.Add(minutes(60)), P50: minutes(50)},
		{Service: "moving", From: noon.Add(minutes(90)), P50: minutes(70)},
		{Service: "moving", From: noon.Add(minutes(120)), P50: minutes(90)},
	}
	look := alert.Find(s, alert.Usual(), never)
	if got := said(look); got != "ahead moving:open3" || !look.Findings[0].At.Equal(noon.Add(minutes(90))) {
		t.Errorf("found %q at %v", got, look.Findings)
	}
	s.Lines[0].Oldest = ago(70)
	if got := said(alert.Find(s, alert.Usual(), never)); got != "long moving:open3" {
		t.Errorf("beside a wait that is too long now: %q", got)
	}
}

// TestAShockIsFoundAndChanceIsNot plays visits whose lengths sway as they do at counters.
func TestAShockIsFoundAndChanceIsNot(t *testing.T) {
	const days, visits = 40, 80
	found := func(seed uint64, factor float64) bool {
		chance := rand.New(rand.NewPCG(seed, 5))
		var talks []time.Duration
		for i := range visits {
			long := minutes(6 * math.Exp(0.55*chance.NormFloat64()))
			if i >= visits/2 {
				long = time.Duration(factor * float64(long))
			}
			talks = append(talks, long)
			if i < visits/4 {
				continue
			}
			l := alert.Line{Waiting: 3, Oldest: ago(5), Told: known(10), Talks: talks}
			if strings.Contains(said(alert.Find(office(l, seat("1", queue.CounterOpen, true)), alert.Usual(), never)), "slow") {
				return true
			}
		}
		return false
	}
	false0, true2 := 0, 0
	for seed := range uint64(days) {
		if found(seed, 1) {
			false0++
		}
		if found(seed, 2.5) {
			true2++
		}
	}
	if false0 > days*3/100+1 || true2 < days*7/10 {
		t.Errorf("of %d days %d usual ones are called a shock, and %d with one are found", days, false0, true2)
	}
}

func TestTheSceneOfADayIsReadFromItsLogAlone(t *testing.T) {
	s := queue.New()
	n := 0
	do := func(at time.Time, c queue.Command) {
		t.Helper()
		n++
		m := queue.Meta{Command: queue.CommandID(fmt.Sprint("c", n)), At: at, Actor: queue.Actor{Role: "staff", ID: "x"}}
		events, err := queue.Decide(s, m, c)
		if err == nil {
			err = s.Apply(queue.Entry{Meta: m, Events: events})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	settings := queue.Settings{
		Office: "o", Date: "2026-04-01", Version: "1", Rule: queue.DefaultRule(), Series: []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 99}}},
		Services: []queue.ServiceSettings{{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception}, Expected: 5 * time.Minute, Opens: ago(150), Closes: noon.Add(minutes(360))}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"moving"}, Stages: []queue.Stage{queue.StageReception}}},
	}
	do(ago(160), queue.OpenDay{Settings: settings})
	do(ago(150), queue.OpenCounter{Counter: "1", Staff: "x"})
	for i, at := range []float64{22, 16, 11, 6, 3, 1} {
		do(ago(at), queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprint("t", i)), Service: "moving", Channel: "kiosk"})
	}
	do(ago(0.9), queue.CallNext{Counter: "1"})
	do(ago(0.8), queue.Start{Ticket: "t0"})
	do(ago(0.5), queue.Finish{Ticket: "t0"})
	do(ago(0.4), queue.PauseCounter{Counter: "1", Reason: "lunch"})
	est := estimate.Office{At: noon, Services: map[queue.ServiceID]estimate.Wait{"moving": {Called: known(12)}}}
	scene := alert.SceneOf(s, est, nil)
	l := scene.Lines[0]
	if !scene.Open || len(scene.Lines) != 1 || l.Waiting != 5 || !l.Oldest.Equal(ago(16)) || l.Past != [5]int{1, 2, 3, 4, 5} || len(l.Talks) != 1 || l.Talks[0] != minutes(0.3) {
		t.Errorf("%+v", scene)
	}
	if got := said(alert.Find(scene, alert.Usual(), never)); got != "" {
		t.Errorf("the counter has just begun to pause: %q", got)
	}
	scene.At = noon.Add(minutes(2))
	if got := said(alert.Find(scene, alert.Usual(), never)); got != "nobody moving:resume1" {
		t.Errorf("two minutes later: %q", got)
	}
}
