package profile_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/calendar"
	"machi/internal/history/profile"
)

func TestKindsOfDays(t *testing.T) {
	for date, want := range map[string]profile.Kind{
		"2026-05-13": profile.Ordinary, // a Wednesday
		"2026-05-11": profile.After,    // a Monday
		"2026-05-07": profile.After,    // behind the holidays
		"2026-05-09": profile.Off,      // a Saturday
		"2026-05-06": profile.Off,      // a holiday
		"2026-01-05": profile.After,    // behind the new year
		"2026-03-19": profile.Ordinary,
		"2026-03-23": profile.Moving, // a Monday, but that matters less
		"2026-04-10": profile.Moving,
		"2026-04-11": profile.Off,
	} {
		d, err := calendar.ParseDay(date)
		if err != nil {
			t.Fatal(err)
		}
		if got := profile.KindOf(d); got != want {
			t.Errorf("%s is %s, want %s", date, got, want)
		}
	}
}

// day is open from 8:30 to 12:00; n people come at nine, and each takes talk.
func day(kind profile.Kind, n int, talk time.Duration) profile.Day {
	d := profile.Day{Kind: kind}
	for slot := 17; slot < 24; slot++ {
		d.Open[slot] = true
	}
	for range n {
		d.Arrivals = append(d.Arrivals, profile.Arrival{Service: "moving", Slot: 18})
		d.Visits = append(d.Visits, profile.Visit{Service: "moving", Slot: 18, Talk: talk})
	}
	return d
}

func after(days ...profile.Day) profile.Profile {
	var p profile.Profile
	for _, d := range days {
		p = p.After(d)
	}
	return p
}

func repeat(n int, d profile.Day) []profile.Day {
	days := make([]profile.Day, n)
	for i := range days {
		days[i] = d
	}
	return days
}

func TestWhatAProfileExpects(t *testing.T) {
	const minute = time.Minute
	slow := repeat(60, day(profile.Ordinary, 10, 10*minute))
	for _, row := range []struct {
		name           string
		profile        profile.Profile
		kind           profile.Kind
		slot           int
		talk           [2]time.Duration // from, to
		came           [2]float64
		weight, unseen bool
	}{
		{name: "nothing was seen", kind: profile.Ordinary, slot: 18, unseen: true},
		{
			"one day says what it saw", after(day(profile.Ordinary, 10, 10*minute)), profile.Ordinary, 18,
			[2]time.Duration{9 * minute, 10 * minute},
			[2]float64{1.4, 10},
			true, false,
		},
		{
			"many days are believed", after(slow...), profile.Ordinary, 18,
			[2]time.Duration{10*minute - time.Second, 10*minute + time.Second},
			[2]float64{8, 10},
			true, false,
		},
		{
			"nobody comes at eleven", after(slow...), profile.Ordinary, 22,
			[2]time.Duration{9 * minute, 11 * minute},
			[2]float64{0, 0.5},
			false, false,
		},
		{
			"another kind of day borrows", after(slow...), profile.Moving, 18,
			[2]time.Duration{9 * minute, 11 * minute},
			[2]float64{1, 2},
			false, false,
		},
		{
			"what has changed is learnt, and the old fades", after(append(slow, repeat(60, day(profile.Ordinary, 4, 20*minute))...)...), profile.Ordinary, 18,
			[2]time.Duration{16 * minute, 20 * minute},
			[2]float64{3.5, 5},
			true, false,
		},
		{
			"a day of another kind does not fade it", after(append(slow, repeat(60, day(profile.Off, 1, 30*minute))...)...), profile.Ordinary, 18,
			[2]time.Duration{10*minute - 10*time.Second, 10*minute + 10*time.Second},
			[2]float64{8, 10},
			true, false,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			talk, seen, ok := row.profile.Talk(row.kind, "moving", row.slot)
			came, _, also := row.profile.Arrivals(row.kind, "moving", row.slot)
			if ok == row.unseen || also == row.unseen {
				t.Fatalf("known %v and %v", ok, also)
			}
			if talk < row.talk[0] || talk > row.talk[1] || came < row.came[0] || came > row.came[1] || (seen > 0) != row.weight {
				t.Errorf("%v each (weight %v), %v people; want %v, %v", talk, seen, came, row.talk, row.came)
			}
		})
	}
}

func TestWhatWasLearntStays(t *testing.T) {
	p := after(day(profile.Ordinary, 10, 7*time.Minute), day(profile.After, 3, 11*time.Second), day(profile.Ordinary, 0, 0))
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back profile.Profile
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if diff := cmp.Diff(string(raw), string(again)); diff != "" || err != nil {
		t.Errorf("(-before +after), %v:\n%s", err, diff)
	}
	next := day(profile.Ordinary, 5, time.Minute)
	a, errA := json.Marshal(p.After(next))
	b, errB := json.Marshal(back.After(next))
	if string(a) != string(b) || errA != nil || errB != nil {
		t.Error("it goes on in another way once it was stored")
	}
	if w := p.Days(profile.Ordinary); w <= 1.9 || w >= 2 {
		t.Errorf("two days weigh %v", w)
	}
}

func TestAYearStaysSmall(t *testing.T) {
	var p profile.Profile
	for n := range 300 {
		d := profile.Day{Kind: profile.Kinds[n%len(profile.Kinds)]}
		for slot := 17; slot < 36; slot++ {
			d.Open[slot] = true
			for s := range 8 {
				service := string(rune('a' + s))
				d.Arrivals = append(d.Arrivals, profile.Arrival{Service: service, Slot: slot})
				d.Visits = append(d.Visits, profile.Visit{Service: service, Slot: slot, Talk: time.Duration(n*s) * time.Second})
			}
		}
		p = p.After(d)
	}
	raw, err := json.Marshal(p)
	if err != nil || len(raw) > 64<<10 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	for _, kind := range profile.Kinds {
		for slot := -1; slot <= profile.Slots; slot++ {
			talk, _, _ := p.Talk(kind, "a", slot)
			came, _, _ := p.Arrivals(kind, "a", slot)
			if talk < 0 || came < 0 || math.IsNaN(came) || math.IsInf(came, 0) {
				t.Errorf("%s, slot %d: %v, %v", kind, slot, talk, came)
			}
		}
	}
}

func TestDamagedProfilesAreErrors(t *testing.T) {
	for _, raw := range []string{
		``, `null`, `[]`, `{}`, `{"version":2}`, `{"version":1,"cells":{"ordinary":{"a":[[18,1,-1,0,0]]}}}`,
		`{"version":1,"cells":{"ordinary":{"a":[[48,1,1,0,0]]}}}`, `{"version":1,"cells":{"ordinary":{"a":[[1.5,1,1,0,0]]}}}`,
		`{"version":1,"cells":{"monday":{"a":[[18,1,1,0,0]]}}}`, `{"version":1,"cells":{"ordinary":{"a":[["18"]]}}}`,
	} {
		var p profile.Profile
		if err := json.Unmarshal([]byte(raw), &p); err == nil {
			t.Errorf("%s is read", raw)
		}
	}
}
