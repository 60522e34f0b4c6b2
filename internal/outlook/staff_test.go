package outlook_test

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/outlook"
	"machi/internal/queue"
)

func TestProbe(t *testing.T) {
	in := ward()
	var counters []queue.CounterSettings
	for _, s := range in.Spells {
		stages := s.Stages
		if stages == nil {
			stages = []queue.Stage{queue.StageReception}
		}
		counters = append(counters, queue.CounterSettings{ID: s.Counter, Services: s.Services, Own: s.Own, Stages: stages})
	}
	for seed := range uint64(4) {
		in.Seed = seed
		begin := time.Now()
		n := outlook.Advise(in, outlook.Staffing{Counters: counters})
		took := time.Since(begin)
		fmt.Println(n.Enough, n.Kept, n.Hours, n.Open[17:34], took)
		in.Spells, in.Futures = n.Spells, 1024
		in.Seed += 1000
		r := outlook.Play(in)
		fmt.Println(r.Kept, r.All.Day.Wait, r.All.Day.Within, r.All.Day.Arrivals)
		for _, s := range r.Services {
			fmt.Print(s.ID, " ", s.Day.Within, " ")
		}
		fmt.Println()
		in.Spells = nil
	}
}
