package sim_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"machi/internal/sim"
)

// few is how many seeds the ordinary suite runs; `machi simulate` runs the rest.
const few = 3

func TestWorldsKeepTheirPromises(t *testing.T) {
	r := sim.Run(sim.Options{First: 1, Last: few, Faults: "all", Tickets: 60})
	for _, f := range r.Failures {
		t.Errorf("seed %d at %s: %s", f.Seed, f.At, f.Breach)
	}
	if r.Papers < few*20 {
		t.Errorf("%d seeds printed %d tickets: too few to prove anything", few, r.Papers)
	}
	t.Log(r.Summary())
}

func TestWorldWithoutFaultsIsDull(t *testing.T) {
	r := sim.Run(sim.Options{First: 1, Last: 2, Faults: "none", Tickets: 60})
	for _, f := range r.Failures {
		t.Errorf("seed %d: %s", f.Seed, f.Breach)
	}
	for _, state := range []string{"lost tail put back", "fork with both suffixes", "print unknown", "data nodes short, own range"} {
		if n := r.Rare[state]; n > 0 {
			t.Errorf("%q was reached %d times without a fault", state, n)
		}
	}
}

func TestSameSeedGivesTheSameLog(t *testing.T) {
	o := sim.Options{First: 7, Last: 7, Faults: "all", Tickets: 20}
	first, second := sim.Run(o), sim.Run(o)
	if first.Log != second.Log || first.Events != second.Events {
		t.Errorf("log %s after %d events, then %s after %d", first.Log, first.Events, second.Log, second.Events)
	}
	o.First, o.Last = 9, 9
	if other := sim.Run(o); other.Log == first.Log {
		t.Errorf("other seeds gave the same log %s", other.Log)
	}
}

// TestSeedsThatFoundSomething runs the seeds that a bug was once found with.
func TestSeedsThatFoundSomething(t *testing.T) {
	file, err := os.Open("testdata/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		text, why, found := strings.Cut(lines.Text(), ":")
		if strings.HasPrefix(text, "#") || !found {
			continue
		}
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		for _, f := range sim.Run(sim.Options{First: seed, Last: seed, Faults: "all"}).Failures {
			t.Errorf("seed %d (%s) at %s: %s", seed, strings.TrimSpace(why), f.At, f.Breach)
		}
	}
}

func TestPlanTellsItsSeedAndLimits(t *testing.T) {
	text := sim.Expand(42, "all").String()
	for _, want := range []string{"seed 42:", "limits:", "fault 0:"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan does not say %q:\n%s", want, text)
		}
	}
	if got := sim.Expand(42, "none").Faults; len(got) > 0 {
		t.Errorf("no faults were wanted, got %v", got)
	}
	for _, f := range sim.Expand(42, string(sim.ServerKill)+","+string(sim.PaperOut)).Faults {
		if f.Kind != sim.ServerKill && f.Kind != sim.PaperOut {
			t.Errorf("fault %v was not asked for", f)
		}
	}
}

func TestMainSaysWhatItFound(t *testing.T) {
	var out strings.Builder
	if code := sim.Main(sim.Options{First: 5, Last: 5, Faults: "none", Tickets: 20, Story: true}, &out); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"seed 5:", "CALM", "prints", "seeds=5-5 violations=0 rare="} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output does not say %q", want)
		}
	}
}

func TestMainRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, o := range map[string]sim.Options{
		"seeds backwards": {First: 2, Last: 1},
		"unknown fault":   {First: 1, Last: 1, Faults: "earthquake"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if code := sim.Main(o, &out); code != 2 || out.Len() == 0 {
				t.Errorf("exit code %d with %q, want 2 and a reason", code, out.String())
			}
		})
	}
}
