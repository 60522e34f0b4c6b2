package outlook_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"machi/internal/estimate/walk"
	"machi/internal/outlook"
	"machi/internal/queue"
)

const (
	minute = time.Minute
	hour   = time.Hour
)

// ward is a usual office: five services, two of them with a delivery, eleven counters.
func ward() outlook.Input {
	ids := []queue.ServiceID{"cert", "moving", "insurance", "koseki", "card"}
	talk := []float64{240, 1300, 900, 1500, 700}
	rate := []float64{9, 4, 3, 1.5, 3}
	in := outlook.Input{Close: 17 * hour, Swing: 0.12, Rule: queue.DefaultRule(), Seed: 1}
	for i, id := range ids {
		s := outlook.Service{ID: id, Target: 30 * minute, Talk: outlook.LogNormal(talk[i], 0.6), Swing: 0.1, Priority: 0.05}
		for slot := 17; slot < 34; slot++ {
			s.Mean[slot] = rate[i]
		}
		if i%2 == 1 {
			s.Processing, s.Delivery = outlook.LogNormal(900, 0.5), outlook.LogNormal(180, 0.5)
		}
		in.Services = append(in.Services, s)
	}
	for c := range 11 {
		s := outlook.Spell{Counter: queue.CounterID(fmt.Sprint(c + 1)), Services: []queue.ServiceID{ids[c%5], ids[(c+1)%5]}, Own: ids[c%5 : c%5+1], From: 8*hour + 30*minute, To: 17 * hour}
		if c == 10 {
			s.Services, s.Stages, s.Own = ids, []queue.Stage{queue.StageDelivery}, nil
		}
		in.Spells = append(in.Spells, s)
	}
	return in
}

func TestTheSameInputGivesTheSameResult(t *testing.T) {
	a, b := outlook.Play(ward()), outlook.Play(ward())
	if !reflect.DeepEqual(a, b) {
		t.Error("two plays differ")
	}
	if a.All.Day.N < 48*200 || a.All.Day.Wait.P50 <= 0 || a.All.Day.Finished.P50 < a.All.Day.Wait.P50 {
		t.Errorf("%+v", a.All.Day)
	}
}

// TestAPlainHallIsThatOfTheEstimator: on lines without stages and classes, with the
// same visitors, both walks call everybody at the same second.
func TestAPlainHallIsThatOfTheEstimator(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		in, h := plain(r)
		h.Walk()
		got := outlook.Play(in)
		var want []float64
		for _, line := range h.Lines {
			for _, j := range line.Jobs {
				want = append(want, h.Waits[j.ID][0]-j.Release)
			}
		}
		if d := got.All.Day; d.N != len(want) || d.Wait != waits(want) {
			t.Fatalf("round %d: %d waits %v, want %d waits %v", round, d.N, d.Wait, len(want), waits(want))
		}
	}
}

func BenchmarkAnOfficeDay(b *testing.B) {
	in := ward()
	for b.Loop() {
		outlook.Play(in)
	}
}

// plain is a random hall, for both.
func plain(r *rand.Rand) (outlook.Input, *walk.Hall) {
	services, counters := 1+r.IntN(4), 1+r.IntN(5)
	gap := float64(r.IntN(40))
	in := outlook.Input{Close: 24 * hour, Futures: 1, Gap: constant(gap)}
	h := &walk.Hall{Lines: make([]walk.Line, services)}
	h.Gap = *constant(gap)
	for i := range services {
		s := outlook.Service{ID: queue.ServiceID(fmt.Sprint("s", i))}
		at := 0.0
		for range r.IntN(50) {
			at += float64(1 + r.IntN(400))
			talk := float64(30 + r.IntN(500))
			s.Known = append(s.Known, outlook.Visitor{At: time.Duration(at) * time.Second, Talk: time.Duration(talk) * time.Second})
			h.Lines[i].Jobs = append(h.Lines[i].Jobs, walk.Job{Key: at, Release: at, Age: -at, Kind: int32(len(h.Kinds)), ID: int32(len(h.Kinds))})
			h.Kinds = append(h.Kinds, walk.Kind{Service: constant(talk)})
		}
		in.Services = append(in.Services, s)
	}
	h.Waits = make([][walk.Futures]float64, len(h.Kinds))
	for c := range counters {
		seat := walk.Seat{}
		mask := 1 + r.IntN(1<<services-1)
		if c == 0 {
			mask = 1<<services - 1
		}
		from, to := time.Duration(0), 24*hour
		if c > 0 {
			from, to = time.Duration(r.IntN(3000))*time.Second, time.Duration(4000+r.IntN(9000))*time.Second
		}
		var serves []queue.ServiceID
		for i := range services {
			if mask&(1<<i) != 0 {
				serves = append(serves, in.Services[i].ID)
			}
		}
		in.Spells = append(in.Spells, outlook.Spell{Counter: queue.CounterID(fmt.Sprint(c)), Services: serves, From: from, To: to})
		for f := range walk.Futures {
			seat.Lines[f] = uint64(mask)
			seat.Hours[f] = []walk.Spell{{From: 0, To: from.Seconds()}}
			if c > 0 {
				seat.Hours[f] = append(seat.Hours[f], walk.Spell{From: to.Seconds(), To: walk.Never})
			}
		}
		h.Seats = append(h.Seats, seat)
	}
	return in, h
}

func constant(x float64) *walk.Table {
	t := new(walk.Table)
	for i := range t {
		t[i] = x
	}
	return t
}

func waits(all []float64) outlook.Wait {
	var list []float32
	for _, x := range all {
		list = append(list, float32(x))
	}
	return outlook.WaitOf(list)
}
