package yearly_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"machi/internal/catalog"
	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/yearly"
)

func settings(t *testing.T, office queue.OfficeID, date queue.Date) queue.Settings {
	t.Helper()
	offices, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	s, err := offices.Settings(office, date)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// figures are what a table comes to.
type figures struct {
	visits, legs, missed, left, moved, restored int
	wait                                        time.Duration // on average
	longest                                     time.Duration
}

func of(days ...history.Day) figures {
	var f figures
	called := 0
	for _, d := range days {
		for _, v := range d.Visits {
			f.visits++
			f.legs += len(v.Legs)
			f.moved += v.Moved
			f.restored += v.Restored
			switch v.Outcome {
			case history.NoShow:
				f.missed++
			case history.Left:
				f.left++
			}
			if w, ok := v.Waited(); ok {
				called++
				f.wait += w
				f.longest = max(f.longest, w)
			}
		}
	}
	f.wait /= time.Duration(max(1, called))
	return f
}

func TestATableSaysWhatTheLogOfItsDaySays(t *testing.T) {
	o := yearly.Options{Seed: 3, Brisk: 1}
	for office, date := range map[queue.OfficeID]queue.Date{"br-yoga": "2025-08-21", "mn-center": "2025-08-20"} {
		s := settings(t, office, date)
		records, err := yearly.Records(s, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if broken := invariant.CheckRecords(records); len(broken) > 0 {
			t.Errorf("%s: %v", office, broken)
		}
		built, err := history.Build(office, date, records)
		if err != nil {
			t.Fatal(err)
		}
		table, err := yearly.Table(s, o)
		if err != nil {
			t.Fatal(err)
		}
		a, b := of(built), of(table)
		near := func(what string, x, y, share float64) {
			if math.Abs(x-y) > share*math.Max(x, y)+3 {
				t.Errorf("%s: %s: the log says %v, the table %v", office, what, x, y)
			}
		}
		near("visits", float64(a.visits), float64(b.visits), 0.03)
		near("legs", float64(a.legs), float64(b.legs), 0.03)
		near("no-shows", float64(a.missed), float64(b.missed), 0.1)
		near("moves", float64(a.moved), float64(b.moved), 0.1)
		near("restored", float64(a.restored), float64(b.restored), 0.1)
		near("minutes of waiting", a.wait.Minutes(), b.wait.Minutes(), 0.15)
		near("spells", float64(len(built.Spells)), float64(len(table.Spells)), 0)
		if a.visits < 80 {
			t.Errorf("%s: %d visits", office, a.visits)
		}
	}
}

// TestTheYearHasItsSeasons looks at every sixth day of a year of one office, and at
// all days around 1 April.
func TestTheYearHasItsSeasons(t *testing.T) {
	offices, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	visits := map[string][]int{}
	april := map[queue.OfficeID][]history.Day{}
	ward := 0
	for n, day := 0, time.Date(2025, 4, 1, 12, 0, 0, 0, queue.JST); n < 365; n++ {
		date := queue.BusinessDay(day.AddDate(0, 0, n))
		season := date < "2025-04-05" || date > "2026-03-29"
		for _, id := range offices.IDs()[:12] {
			if n%37 != 0 && (id != "km-setagaya" || n%6 != 0 && !season) {
				continue
			}
			s, err := offices.Settings(id, date)
			if err != nil {
				t.Fatal(err)
			}
			d, err := yearly.Table(s, yearly.Options{Seed: 1, Brisk: 2.4})
			if errors.Is(err, yearly.ErrShut) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if n%37 == 0 {
				ward += 37 * len(d.Visits)
			}
			if id != "km-setagaya" {
				continue
			}
			at := day.AddDate(0, 0, n)
			visits[at.Weekday().String()] = append(visits[at.Weekday().String()], len(d.Visits))
			visits[at.Month().String()] = append(visits[at.Month().String()], len(d.Visits))
			if season {
				visits["season"] = append(visits["season"], len(d.Visits))
				april[id] = append(april[id], d)
			}
		}
	}
	middle := func(what string) int {
		list := visits[what]
		slices.Sort(list)
		if len(list) == 0 {
			t.Fatalf("no day of %s", what)
		}
		return list[len(list)/2]
	}
	if ward < 1_250_000 || ward > 1_550_000 {
		t.Errorf("%d visits in a year of twelve offices", ward)
	}
	for more, less := range map[string]string{"season": "August", "Monday": "Thursday", "June": "August"} {
		if middle(more) <= middle(less) {
			t.Errorf("%d visits in %s, %d in %s", middle(more), more, middle(less), less)
		}
	}
	if f := of(april["km-setagaya"]...); f.longest < 3*time.Hour || f.longest > 6*time.Hour || f.left == 0 || f.missed == 0 {
		t.Errorf("around 1 April: %+v", f)
	}
}

func TestADayIsMadeOfItsSeedAlone(t *testing.T) {
	s := settings(t, "br-kyodo", "2026-04-01")
	one, err := yearly.Table(s, yearly.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	again, err := yearly.Table(s, yearly.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	other, err := yearly.Table(s, yearly.Options{Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, again) {
		t.Error("the same day is another one")
	}
	if reflect.DeepEqual(one, other) {
		t.Error("another seed gives the same day")
	}
}

func TestNobodyComesToAShutOffice(t *testing.T) {
	s := settings(t, "km-setagaya", "2026-05-05")
	if _, err := yearly.Table(s, yearly.Options{}); !errors.Is(err, yearly.ErrShut) {
		t.Errorf("a table of a holiday: %v", err)
	}
	if _, err := yearly.Records(s, yearly.Options{}, nil); !errors.Is(err, yearly.ErrShut) {
		t.Errorf("a log of a holiday: %v", err)
	}
}
