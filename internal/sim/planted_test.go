//go:build planted

package sim_test

import (
	"testing"

	"machi/internal/planted"
	"machi/internal/sim"
)

// within says how many seeds may pass before a planted bug must be found.
const within = 40

// lately says with which seed a bug was found last, in a small world where there is
// one: it is tried first. A change of the world may make it another one.
var lately = map[planted.Bug]uint64{
	planted.NumberByCount: 7, planted.PlainAdd: 27, planted.ClientRetries: 5, planted.AnswerFirst: 5, planted.NoJournal: 11, planted.ShowFirst: 5,
	planted.NoRegressCheck: 5, planted.BlindPutBack: 21, planted.DecideAgain: 21, planted.WaitIgnored: 21, planted.DedupeForgets: 5,
	planted.OrderByArrival: 7, planted.RangeReused: 2, planted.RangeWraps: 21, planted.KeepsNoShow: 8, planted.LateIntoToday: 3,
	planted.CallForgotten: 19, planted.BarForgotten: 6, planted.NamesAlike: 3, planted.AsksUncounted: 16, planted.PressForgot: 3, planted.ServeRefused: 5,
	planted.EstimateBlank: 6, planted.LaterToldLess: 6, planted.OrderOfArrival: 15, planted.SpentForgotten: 3, planted.LooksTeach: 3,
}

// order lists the seeds that are run to find a bug: the one that found it last, then
// the others, two at a time.
func order(bug planted.Bug) []sim.Options {
	var turns []sim.Options
	if first := lately[bug]; first > 0 {
		turns = append(turns, sim.Options{First: first, Last: first, Faults: "all"})
	}
	for seed := uint64(1); seed <= within; seed += 2 {
		turns = append(turns, sim.Options{First: seed, Last: seed + 1, Faults: "all"})
	}
	return turns
}

func TestPlantedBugsAreFound(t *testing.T) {
	for _, bug := range planted.Bugs {
		t.Run(string(bug), func(t *testing.T) {
			planted.Plant(bug)
			defer planted.Plant("")
			for _, turn := range order(bug) {
				r := sim.Run(turn)
				if len(r.Failures) > 0 {
					t.Logf("found with seed %d: %s", r.Failures[0].Seed, r.Failures[0].Breach)
					return
				}
			}
			t.Errorf("not found within %d seeds", within)
		})
	}
}
