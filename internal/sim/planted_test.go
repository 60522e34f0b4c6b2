//go:build planted

package sim_test

import (
	"testing"

	"machi/internal/planted"
	"machi/internal/sim"
)

// within says how many seeds may pass before a planted bug must be found.
const within = 40

// lately says with which seed a bug was found that the first seeds do not find: it
// is tried first. A change of the world may make it another one.
var lately = map[planted.Bug]uint64{
	planted.NumberByCount: 3, planted.PlainAdd: 17, planted.NoJournal: 11, planted.NoRegressCheck: 3, planted.BlindPutBack: 3,
	planted.DecideAgain: 3, planted.WaitIgnored: 5, planted.DedupeForgets: 3, planted.LateIntoToday: 3, planted.RangeWraps: 3, planted.KeepsNoShow: 7,
	planted.CallForgotten: 19, planted.BarForgotten: 5, planted.NamesAlike: 3, planted.AsksUncounted: 15, planted.PressForgot: 3, planted.ServeRefused: 3,
}

// order lists the seeds that are run to find a bug, two at a time.
func order(bug planted.Bug) []uint64 {
	var seeds []uint64
	if first := lately[bug]; first > 0 {
		seeds = append(seeds, first)
	}
	for seed := uint64(1); seed <= within; seed += 2 {
		seeds = append(seeds, seed)
	}
	return seeds
}

func TestPlantedBugsAreFound(t *testing.T) {
	for _, bug := range planted.Bugs {
		t.Run(string(bug), func(t *testing.T) {
			planted.Plant(bug)
			defer planted.Plant("")
			for _, seed := range order(bug) {
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
