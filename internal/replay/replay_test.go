package replay_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/replay"
)

// at is a moment of the day that is shown.
func at(hour, minute, second int) time.Time {
	return time.Date(2026, 6, 11, hour, minute, second, 0, queue.JST)
}

// visit is one that was told 10 to 20 minutes, called after a wait, served, and perhaps
// went on to the delivery.
func visit(number queue.Number, issued time.Time, wait time.Duration, delivery bool) history.Visit {
	called := issued.Add(wait)
	v := history.Visit{
		Number: number, Service: "moving", Issued: issued, Outcome: history.Served, Ended: called.Add(6 * time.Minute),
		Told: &history.Told{Low: 10 * time.Minute, P50: 15 * time.Minute, High: 20 * time.Minute},
		Legs: []history.Leg{{Service: "moving", Stage: queue.StageReception, Joined: issued, Called: called, Started: called.Add(time.Minute), Finished: called.Add(6 * time.Minute), Counter: "3", Outcome: history.Served}},
	}
	if delivery {
		ready := v.Ended.Add(10 * time.Minute)
		v.Ended = ready.Add(5 * time.Minute)
		v.Legs = append(v.Legs, history.Leg{Service: "moving", Stage: queue.StageDelivery, Joined: ready, Called: ready.Add(3 * time.Minute), Finished: v.Ended, Counter: "10", Outcome: history.Served})
	}
	return v
}

func TestAFilmShowsTheDayAsItWent(t *testing.T) {
	film, ok := replay.Of(history.Day{
		Office: "o", Date: "2026-06-11", Revision: 1,
		Visits: []history.Visit{visit("A001", at(9, 2, 30), 12*time.Minute, true), visit("A002", at(9, 10, 0), 20*time.Minute, false)},
		Spells: []history.Spell{{Counter: "10", From: at(9, 0, 0), To: at(10, 0, 0)}, {Counter: "3", From: at(9, 0, 0), To: at(9, 40, 0)}},
	})
	if !ok || film.Visits != 2 || film.Revision != 1 || !film.From.Equal(at(9, 0, 0)) || !film.To.Equal(at(10, 0, 0)) {
		t.Fatalf("the film runs from %v to %v: %+v", film.From, film.To, film)
	}
	for _, test := range []struct {
		at                            time.Time
		reception, processing, inside int
		third                         queue.Number // at counter 3
	}{
		{at(8, 0, 0), 0, 0, 0, ""},
		{at(9, 2, 59), 0, 0, 0, ""},
		{at(9, 3, 0), 1, 0, 1, ""},
		{at(9, 12, 0), 2, 0, 2, ""},
		{at(9, 15, 0), 1, 0, 2, "A001"},
		{at(9, 25, 0), 1, 1, 2, ""},
		{at(9, 31, 0), 0, 0, 2, "A002"},
		{at(9, 59, 0), 0, 0, 0, ""},
		{at(12, 0, 0), 0, 0, 0, ""},
	} {
		f := film.At(test.at)
		waiting := map[queue.Stage]int{}
		for _, l := range f.Lines {
			waiting[l.Stage] += l.Waiting
		}
		var third queue.Number
		if f.Counters[0].ID != "3" || f.Counters[1].ID != "10" {
			t.Fatalf("counters are %v", f.Counters)
		}
		if c := f.Counters[0].Call; c != nil {
			third = c.Number
		}
		if waiting[queue.StageReception] != test.reception || waiting[queue.StageProcessing] != test.processing || f.Inside != test.inside || third != test.third {
			t.Errorf("%v: %v wait, %d inside, %q at counter 3; want %+v", test.at, waiting, f.Inside, third, test)
		}
	}
	f := film.At(at(9, 20, 0))
	if len(f.Quotes) != 1 || f.Quotes[0].Number != "A002" || f.Quotes[0].Low != 600 || *f.Quotes[0].Waited != 1200 {
		t.Errorf("at 9:20 people were told %+v", f.Quotes)
	}
	if len(film.At(at(9, 55, 0)).Quotes) != 0 {
		t.Error("a quote of 45 minutes ago is still what people are told")
	}
	if f.Counters[0].Open != true || film.At(at(9, 40, 0)).Counters[0].Open {
		t.Error("counter 3 is not open until 9:40")
	}
	if _, ok := replay.Of(history.Day{Office: "o", Date: "2026-06-11"}); ok {
		t.Error("a day without anything is shown")
	}
}

// Whatever the day, nobody waits who has not come, and at the end everybody has gone.
func TestFramesAddUp(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		d := history.Day{Office: "o", Date: "2026-06-11"}
		for range chance.IntN(80) + 1 {
			d.Visits = append(d.Visits, visit("A001", at(8, 30, chance.IntN(30_000)), time.Duration(chance.IntN(5000))*time.Second, chance.IntN(2) == 0))
		}
		film, ok := replay.Of(d)
		if !ok {
			t.Fatal("no film")
		}
		for i := range film.Issued {
			f := film.At(film.From.Add(time.Duration(i) * replay.Step))
			waiting := 0
			for _, l := range f.Lines {
				waiting += l.Waiting
			}
			if f.Inside < 0 || waiting > f.Inside || len(f.Calls) > replay.Wall || f.Index != i {
				t.Fatalf("frame %d: %d wait of %d inside", i, waiting, f.Inside)
			}
		}
		if last := film.At(film.To); last.Issued != len(d.Visits) || last.Inside != 0 {
			t.Errorf("at the end %d of %d visits are inside", last.Inside, len(d.Visits))
		}
	}
}
