package walk_test

import (
	"math"
	"testing"

	"machi/internal/estimate/walk"
)

// fixed is a service that always takes as long.
func fixed(seconds float64) *walk.Table {
	var t walk.Table
	for i := range t {
		t[i] = seconds
	}
	return &t
}

// hall has one line of so many people, a probe behind them, and counters that
// are free now; each visit takes 100 seconds and nobody leaves.
func hall(people, counters int) *walk.Hall {
	h := &walk.Hall{Kinds: []walk.Kind{{Service: fixed(100)}}, Waits: make([][walk.Futures]float64, people)}
	line := walk.Line{Probe: true, ProbeKey: float64(people)}
	for i := range people {
		line.Jobs = append(line.Jobs, walk.Job{Key: float64(i), ID: int32(i)})
	}
	h.Lines = []walk.Line{line}
	for range counters {
		seat := walk.Seat{}
		for f := range walk.Futures {
			seat.Lines[f] = 1
		}
		h.Seats = append(h.Seats, seat)
	}
	return h
}

// all checks that a wait is the same in all futures.
func all(t *testing.T, what string, waits *[walk.Futures]float64, want float64) {
	t.Helper()
	for f, got := range waits {
		if got != want {
			t.Fatalf("%s: %v in future %d, want %v", what, got, f, want)
		}
	}
}

func TestEachSliceIsMetOnce(t *testing.T) {
	for row := range 2000 {
		seen := 0.0
		for f := range walk.Futures {
			seen += walk.Uniform(row, f)
		}
		if math.Abs(seen-walk.Futures/2) > 1e-9 {
			t.Fatalf("row %d: the slices add up to %v", row, seen)
		}
	}
}

func TestCountersTakeTheLineInOrder(t *testing.T) {
	h := hall(7, 2)
	h.Walk()
	for i, want := range []float64{0, 0, 100, 100, 200, 200, 300} {
		all(t, "job", &h.Waits[i], want)
	}
	all(t, "newcomer", &h.Probes[0], 300)
}

func TestANewcomerIsWhatTheNextInLineWouldBe(t *testing.T) {
	shorter, longer := hall(9, 3), hall(10, 3)
	for _, h := range []*walk.Hall{shorter, longer} {
		for s := range h.Seats {
			for f := range walk.Futures {
				h.Seats[s].Free[f] = float64(s*37%50 + f)
			}
		}
		h.Walk()
	}
	if shorter.Probes[0] != longer.Waits[9] {
		t.Errorf("asked, the tenth is called at %v; in line at %v", shorter.Probes[0], longer.Waits[9])
	}
	only := hall(9, 3)
	only.ProbesOnly = true
	only.Walk()
	whole := hall(9, 3)
	whole.Walk()
	if only.Probes[0] != whole.Probes[0] {
		t.Error("stopping early changes the answer")
	}
}

func TestABreakIsTakenWhenTheVisitIsOver(t *testing.T) {
	h := hall(3, 1)
	for f := range walk.Futures {
		h.Seats[0].Hours[f] = []walk.Spell{{From: 50, To: 1000}, {From: 1010, To: 1020}}
	}
	h.Walk()
	all(t, "first", &h.Waits[0], 0)
	all(t, "second", &h.Waits[1], 1000)
	all(t, "third", &h.Waits[2], 1100) // the second break fell into a visit
}

func TestWhoHasLeftKeepsNoCounter(t *testing.T) {
	h := hall(11, 1)
	leave := &walk.Hazard{}
	for i := range leave.Rate {
		leave.Rate[i] = 1 // nobody is there after some seconds
	}
	leave.Add()
	h.Kinds[0].Leave = leave
	h.Walk()
	for f, at := range h.Probes[0] {
		if at > 200 {
			t.Fatalf("future %d: behind ten who do not stay the wait is %v", f, at)
		}
	}
	missing := hall(5, 1)
	absent := &walk.Shares{}
	for i := range absent {
		absent[i] = 1
	}
	missing.Kinds[0].Absent, missing.Missing = absent, *fixed(30)
	missing.Walk()
	all(t, "behind five who are not there", &missing.Probes[0], 150)
}

func TestWhoMayNotBeCalledYetLetsOthersGoFirst(t *testing.T) {
	h := hall(3, 1)
	h.Lines = append(h.Lines, walk.Line{Jobs: []walk.Job{{Key: -1, Release: 150, ID: 3}}})
	h.Waits = make([][walk.Futures]float64, 4)
	for f := range walk.Futures {
		h.Seats[0].Lines[f] = 3
	}
	h.Walk()
	all(t, "appointment", &h.Waits[3], 200)
	all(t, "second", &h.Waits[1], 100)
	all(t, "third", &h.Waits[2], 300)
}

func TestNewcomersWithAHeadStartLengthenTheWait(t *testing.T) {
	mean := func(rate float64) (sum float64) {
		h := hall(10, 1)
		h.Lines = append(h.Lines, walk.Line{Rate: rate, Key: -1e6})
		for f := range walk.Futures {
			h.Seats[0].Lines[f] = 3
		}
		h.Walk()
		for _, x := range h.Probes[0] {
			sum += x / walk.Futures
		}
		return sum
	}
	// Every tenth of the time is theirs: the same line takes 10/9 as long.
	if got, want := mean(0.001)/mean(0), 10.0/9; math.Abs(got-want) > 0.06 {
		t.Errorf("the wait grows by %.3f, want about %.3f", got, want)
	}
}

func TestNobodyIsCalledWhereNobodyServes(t *testing.T) {
	h := hall(2, 1)
	for f := range walk.Futures {
		h.Seats[0].Lines[f] = 2
	}
	h.Walk()
	all(t, "job", &h.Waits[1], walk.Never)
	all(t, "newcomer", &h.Probes[0], walk.Never)
}

func TestTheHazardGivesBackItsOwnQuantiles(t *testing.T) {
	h := &walk.Hazard{}
	for i := range h.Rate {
		h.Rate[i] = 0.01
	}
	h.Add()
	for _, waited := range []float64{0, 7, 300, 20000} {
		for _, u := range []float64{0.1, 0.5, 0.99} {
			if got, want := h.After(waited, u), -math.Log(1-u)*100; math.Abs(got-want) > 1e-6 {
				t.Errorf("after %v seconds, at %v: %v, want %v", waited, u, got, want)
			}
		}
	}
	if got := h.After(0, 0.001); got != 0 {
		t.Errorf("a tenth of a second is told as %v, want at once", got)
	}
}
