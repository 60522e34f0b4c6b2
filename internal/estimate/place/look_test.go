package place_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"machi/internal/estimate/place"
)

var morning = time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)

// crowd is a hall with so many people, counters and classes. Everybody is
// served by two counters in three.
func crowd(people, counters, classes int, at time.Time) place.Scene {
	s := place.Scene{At: at}
	name := func(i int) string { return fmt.Sprint("class-", i%classes) }
	for i := range counters {
		seat := place.Seat{Counter: fmt.Sprint(i), State: place.Opened, Busy: name(i), Since: at.Add(-time.Duration(i) * time.Minute)}
		for c := range classes {
			if (c+i)%3 > 0 || classes < 3 {
				seat.Classes = append(seat.Classes, name(c))
			}
		}
		seat.Busy = seat.Classes[0]
		s.Seats = append(s.Seats, seat)
	}
	for i := range people {
		p := place.Place{Ticket: fmt.Sprint(i), Class: name(i * 7), Issued: at.Add(-time.Duration(people-i) * 20 * time.Second)}
		if i%5 == 0 {
			p.Rest = []string{name(i) + "/processing", name(i) + "/delivery"}
		}
		s.Waiting = append(s.Waiting, p)
	}
	for c := range classes {
		s.Ask = append(s.Ask, place.Place{Class: name(c), After: people})
	}
	return s
}

// day plays a day with two counters into a model, some waits of it long.
func day(m *place.Model, at time.Time, talk time.Duration) {
	free := [2]time.Time{at, at}
	for i := range free {
		m.Observe(place.Event{At: at, Kind: place.Open, Counter: fmt.Sprint(i)})
	}
	for i := range 120 {
		issued := at.Add(time.Duration(i) * 3 * time.Minute)
		class, c := fmt.Sprint("class-", i%3), i%2
		id := fmt.Sprint(at.Day(), "-", i)
		called := issued
		if free[c].After(called) {
			called = free[c]
		}
		m.Observe(place.Event{At: issued, Kind: place.Issue, Ticket: id, Class: class, Visit: id})
		m.Observe(place.Event{At: called, Kind: place.Call, Ticket: id, Class: class, Counter: fmt.Sprint(c)})
		free[c] = called.Add(talk + time.Duration(i*37%11)*talk/10)
		m.Observe(place.Event{At: free[c], Kind: place.Finish, Ticket: id, Class: class, Counter: fmt.Sprint(c)})
	}
}

func checkAnswer(t *testing.T, what string, a place.Answer) {
	t.Helper()
	for _, x := range []float64{a.P10, a.P50, a.P80, a.P90} {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
			t.Errorf("%s: %+v has a figure that is none", what, a)
		}
	}
	if a.P10 > a.P50 || a.P50 > a.P80 || a.P80 > a.P90 {
		t.Errorf("%s: %+v is not in order", what, a)
	}
}

func TestLaterInLineIsNeverToldLess(t *testing.T) {
	for _, days := range []int{0, 3} {
		m := place.New(place.Options{})
		for i := range days {
			day(m, morning.AddDate(0, 0, i), 4*time.Minute)
		}
		s := crowd(90, 7, 3, morning.AddDate(0, 0, days).Add(2*time.Hour))
		a := m.Look(s)
		last := map[string]place.Both{}
		for i, p := range s.Waiting {
			for j, now := range []place.Answer{a.Waiting[i].Called, a.Waiting[i].Finished} {
				checkAnswer(t, fmt.Sprint(days, " days, ", i), now)
				most := []place.Answer{last[p.Class].Called, last[p.Class].Finished}[j]
				if !now.Known || now.P10 < most.P10 || now.P50 < most.P50 || now.P80 < most.P80 || now.P90 < most.P90 {
					t.Errorf("%d days: place %d is told %+v, one before %+v", days, i, now, most)
				}
			}
			last[p.Class] = a.Waiting[i]
		}
		for i, p := range s.Ask {
			if a.Ask[i].Called.P50 < last[p.Class].Called.P50 {
				t.Errorf("%d days: a newcomer for %s is told %+v, the last in line %+v", days, p.Class, a.Ask[i].Called, last[p.Class].Called)
			}
		}
	}
}

// An office with more services than the walk keeps apart is still answered for
// all of them.
func TestManyServicesAreAllAnswered(t *testing.T) {
	m := place.New(place.Options{})
	s := place.Scene{At: morning}
	for i := range 90 {
		class := fmt.Sprint("class-", i)
		if i < 12 {
			s.Seats = append(s.Seats, place.Seat{Counter: fmt.Sprint(i), State: place.Opened})
		}
		s.Waiting = append(s.Waiting, place.Place{Class: class, Issued: morning})
		s.Ask = append(s.Ask, place.Place{Class: class, After: 90})
	}
	for i := range s.Seats {
		for c := i; c < 90; c += 12 {
			s.Seats[i].Classes = append(s.Seats[i].Classes, fmt.Sprint("class-", c))
		}
	}
	a := m.Look(s)
	for i := range s.Waiting {
		if w, n := a.Waiting[i].Called, a.Ask[i].Called; !w.Known || !n.Known || n.P50 < w.P50 || n.P50 > 3*3600 {
			t.Errorf("class %d: waiting %+v, newcomer %+v", i, w, n)
		}
	}
}

func TestLookingChangesNothing(t *testing.T) {
	m := place.New(place.Options{})
	day(m, morning, 4*time.Minute)
	before, _ := json.Marshal(m.Lessons())
	s := crowd(20, 4, 5, morning.Add(3*time.Hour))
	s.Waiting[3].Class, s.Ask[1].Class = "never heard of", ""
	s.Ask[2].Doing, s.Ask[2].Since = "class-1", s.At.Add(-time.Minute)
	first := fmt.Sprint(m.Look(s))
	m.Look(crowd(300, 9, 3, morning.Add(5*time.Hour)))
	m.Look(place.Scene{At: morning})
	if again := fmt.Sprint(m.Look(s)); again != first {
		t.Errorf("the same scene is answered\n%s\nand then\n%s", first, again)
	}
	if after, _ := json.Marshal(m.Lessons()); !bytes.Equal(before, after) {
		t.Error("a look has changed the lessons")
	}
}

func TestWhatMayHaveBeenGivenLengthensTheWait(t *testing.T) {
	m := place.New(place.Options{})
	day(m, morning, 4*time.Minute)
	s := crowd(6, 2, 1, morning.Add(3*time.Hour))
	before := m.Look(s).Ask[0].Called
	s.Unseen = map[string]float64{"class-0": 5}
	after := m.Look(s).Ask[0].Called
	if after.P50 < before.P50+300 || after.P90-after.P10 <= before.P90-before.P10 {
		t.Errorf("with five unseen tickets a newcomer is told %+v, without %+v", after, before)
	}
}

func TestWhoIsBeingServedIsToldWhenItIsOver(t *testing.T) {
	m := place.New(place.Options{Prior: map[string]time.Duration{"a": 10 * time.Minute, "a/delivery": 2 * time.Minute}})
	s := place.Scene{At: morning, Seats: []place.Seat{{Counter: "1", State: place.Opened, Classes: []string{"a", "a/delivery"}, Busy: "a", Since: morning}}}
	s.Ask = []place.Place{
		{Doing: "a", Since: morning},
		{Doing: "a", Since: morning, Class: "a/delivery"},
		{Class: "a", Rest: []string{"a/delivery"}},
	}
	a := m.Look(s).Ask
	if a[0].Called.Known || !a[0].Finished.Known || a[0].Finished.P50 < 300 || a[0].Finished.P50 > 900 {
		t.Errorf("somebody whose talk began now is told %+v", a[0])
	}
	if !a[1].Called.Known || a[1].Finished.P50 <= a[0].Finished.P50 {
		t.Errorf("with a delivery to come %+v, without %+v", a[1], a[0])
	}
	if a[2].Finished.P50 < a[2].Called.P50+500 {
		t.Errorf("a newcomer is told %+v", a[2])
	}
}

func BenchmarkLook(b *testing.B) {
	for _, people := range []int{15, 60, 250, 1000} {
		b.Run(fmt.Sprint(people, " waiting"), func(b *testing.B) {
			m := place.New(place.Options{})
			for i := range 3 {
				day(m, morning.AddDate(0, 0, i), 4*time.Minute)
			}
			s := crowd(people, 12, 8, morning.AddDate(0, 0, 3).Add(2*time.Hour))
			b.ReportAllocs()
			for b.Loop() {
				m.Look(s)
			}
			estimates := float64(b.N) * float64(len(s.Waiting)+len(s.Ask))
			b.ReportMetric(estimates/b.Elapsed().Seconds(), "estimates/s")
		})
	}
}
