//go:build planted

package sim_test

import (
	"testing"

	"machi/internal/planted"
	"machi/internal/sim"
)

// within says how many seeds may pass before a planted bug must be found.
const within = 40

func TestPlantedBugsAreFound(t *testing.T) {
	for _, bug := range planted.Bugs {
		t.Run(string(bug), func(t *testing.T) {
			planted.Plant(bug)
			defer planted.Plant("")
			for seed := uint64(1); seed <= within; seed += 2 {
				r := sim.Run(sim.Options{First: seed, Last: seed + 1, Faults: "all"})
				if len(r.Failures) > 0 {
					t.Logf("found with seed %d: %s", r.Failures[0].Seed, r.Failures[0].Breach)
					return
				}
			}
			t.Errorf("not found within %d seeds", within)
		})
	}
}
