package forecast_test

import (
	"encoding/json"
	"flag"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"machi/internal/calendar"
	"machi/internal/forecast"
)

var more = flag.Uint64("more", 1, "run the random tests with this many times as many seeds")

func day(year int, month time.Month, n int) calendar.Day {
	return calendar.Day{Year: year, Month: month, Day: n}
}

func TestForecastsBeatLastWeek(t *testing.T) {
	var all [2]forecast.Scores
	for seed := range *more {
		names := []string{"bank", "half hours", "new service", "ward"}
		if *more > 1 {
			names = slices.Sorted(maps.Keys(worlds))
		}
		for _, name := range names {
			history, special := worlds[name].play(seed*100 + uint64(len(name)))
			for i, s := range forecast.Backtest(history, special, .4, 4*int(*more), 7, 28) {
				t.Logf("%-11s %2d days ahead: error %.4f, last week %.4f, four weeks %.4f, inside %.3f, level %.3f", name, s.Ahead, s.Error, s.LastWeek, s.FourWeeks, s.Inside(), s.Level)
				all[i].Error += s.Error
				all[i].LastWeek += s.LastWeek
				all[i].Below += s.Below
				all[i].Above += s.Above
				all[i].Days++
			}
		}
	}
	for i, s := range all {
		inside := 1 - (s.Below+s.Above)/float64(s.Days)
		t.Logf("all: error %.3f of last week's, inside %.3f", s.Error/s.LastWeek, inside)
		if s.Error > .85*s.LastWeek || inside < .7 || inside > .9 {
			t.Errorf("distance %d: error is %.3f of last week's, inside %.3f", i, s.Error/s.LastWeek, inside)
		}
	}
}

func TestAForecastIsTheSameWhateverTheOrder(t *testing.T) {
	history, special := worlds["new service"].play(3)
	model := forecast.Fit(history, special, nil)
	shuffled := slices.Clone(history)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	text, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	var stored forecast.Model
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	if len(text) > 300_000 {
		t.Errorf("a model takes %d bytes", len(text))
	}
	again := forecast.Fit(shuffled, special, nil)
	for n := 1; n <= 30; n++ {
		d := model.Until.Add(n)
		if !reflect.DeepEqual(model.Day(d), again.Day(d)) || !reflect.DeepEqual(model.Whole(d), stored.Whole(d)) {
			t.Fatalf("%s differs", d)
		}
	}
}

// regular is a history of weekdays with ten people in each hour from 9 to 16.
func regular(from calendar.Day, days int, n func(calendar.Day) int) (list []forecast.Count) {
	for i := range days {
		d := from.Add(i)
		for hour := 9; hour < 17; hour++ {
			if k := n(d); k > 0 {
				list = append(list, forecast.Count{Day: d, Minute: hour * 60, Service: "koseki", N: k})
			}
		}
	}
	return list
}

func weekdays(n int) func(calendar.Day) int {
	return func(d calendar.Day) int {
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			return 0
		}
		return n
	}
}

func TestOpenDaysAndSlotsAreLearnt(t *testing.T) {
	second := func(d calendar.Day) int {
		if d.Weekday() == time.Saturday && d.Day > 7 && d.Day <= 14 {
			return 5
		}
		if calendar.Holiday(d) != "" {
			return 0
		}
		return weekdays(10)(d)
	}
	model := forecast.Fit(regular(day(2026, 1, 5), 150, second), forecast.Special{Closed: []calendar.Day{day(2026, 6, 10)}, Open: []calendar.Day{day(2026, 6, 21)}}, nil)
	for date, want := range map[calendar.Day]int{
		day(2026, 6, 9):  8,
		day(2026, 6, 10): 0, // known to be closed
		day(2026, 6, 13): 8, // the second Saturday
		day(2026, 6, 20): 0,
		day(2026, 6, 21): 8, // a Sunday that is known to be open
		day(2026, 7, 20): 0, // 海の日: the place was closed on Japan's holidays
	} {
		if got := model.Day(date); len(got) != want {
			t.Errorf("%s has %d slots, want %d", date, len(got), want)
		}
	}
}

func TestHolidaysOfAnotherCountryDoNotClose(t *testing.T) {
	model := forecast.Fit(regular(day(2026, 1, 5), 150, weekdays(10)), forecast.Special{}, nil)
	if len(model.Day(day(2026, 7, 20))) != 8 {
		t.Error("a place that worked on Japan's holidays is closed on one")
	}
	if slots := model.Day(day(2026, 6, 9)); len(slots) != 8 || math.Abs(slots[0].Mean-10) > .5 || slots[0].Minute != 540 {
		t.Errorf("ten an hour are forecast as %+v", slots)
	}
}

func TestCardsRunOutFiveAndTenYearsAfterTheyWereHandedOut(t *testing.T) {
	for date, want := range map[calendar.Day]float64{ // millions in a year
		day(2003, 1, 1):  0,
		day(2019, 12, 1): .3,
		day(2024, 4, 1):  4.5,
		day(2025, 10, 1): 29.6, // the first cards themselves, and the certificates of 2020 and 2021
		day(2027, 10, 1): 28.9,
	} {
		if got := 10*math.Exp(forecast.Expiries(date)) - 1; math.Abs(got-want) > .2+want/10 {
			t.Errorf("%s: %.1f million a year run out, want %.1f", date, got, want)
		}
	}
}

func TestReasons(t *testing.T) {
	couples := func(d calendar.Day) int {
		n := 20
		switch {
		case calendar.Holiday(d) != "" || calendar.NewYearClosure(d):
			return 0
		case calendar.MarriageDate(d) > 0:
			n = 20 + int(40*calendar.MarriageDate(d))
		case d.Weekday() == time.Monday:
			n = 30
		case calendar.Holiday(d.Add(-1)) != "":
			n = 36
		}
		return min(n, 10*weekdays(n)(d))
	}
	campaign := forecast.Campaign{Key: "card", From: day(2026, 7, 1), To: day(2026, 7, 3), Expected: 2}
	special := forecast.Special{Country: forecast.Japan, Campaigns: []forecast.Campaign{campaign}}
	model := forecast.Fit(regular(day(2025, 5, 7), 415, couples), special, nil)
	for date, want := range map[calendar.Day]forecast.Reason{
		day(2026, 6, 29): forecast.ReasonMonday,
		day(2026, 7, 1):  forecast.ReasonCampaign,
		day(2026, 7, 7):  forecast.ReasonMarriage,
		day(2026, 7, 21): forecast.ReasonAfterHoliday,
	} {
		whole := model.Whole(date)
		if len(whole) != 2 || !slices.Contains(whole[0].Reasons, want) || !slices.Contains(whole[1].Reasons, want) {
			t.Errorf("%s: %+v, want %s", date, whole, want)
		}
	}
	quiet, busy := model.Whole(day(2026, 6, 25))[0], model.Whole(day(2026, 7, 1))[0]
	if busy.P50 < 1.5*quiet.P50 {
		t.Errorf("a campaign that doubles brings %v after %v", busy, quiet)
	}
	if lucky := model.Whole(day(2026, 7, 7))[0]; lucky.P50 < 1.5*quiet.P50 || lucky.Level != 4 {
		t.Errorf("七夕 brings %+v after %+v", lucky, quiet)
	}
}

func TestANewPlaceBorrows(t *testing.T) {
	monday := func(n int) func(calendar.Day) int {
		return func(d calendar.Day) int {
			if d.Weekday() == time.Monday {
				return 2 * n
			}
			return weekdays(n)(d)
		}
	}
	similar := forecast.Fit(regular(day(2025, 9, 1), 200, monday(20)), forecast.Special{}, nil)
	if nothing := forecast.Fit(nil, forecast.Special{}, nil); nothing.Day(day(2026, 4, 6)) != nil || nothing.Whole(day(2026, 4, 6)) != nil {
		t.Error("nothing is known, but something forecast")
	}
	if inherited := forecast.Fit(nil, forecast.Special{}, similar); len(inherited.Day(day(2026, 4, 6))) != 8 || inherited.Days != 0 {
		t.Error("a place without a history does not stand on the similar one")
	}
	// Tuesday to Friday of one week, at half the size: Mondays are not known yet.
	own := regular(day(2026, 4, 7), 4, monday(10))
	with := forecast.Fit(own, forecast.Special{}, similar).Whole(day(2026, 4, 13))[0].P50
	if with < 110 || with > 190 {
		t.Errorf("with a prior, a Monday has %.0f, want about 160", with)
	}
}

func TestWhateverIsCountedTheForecastIsSound(t *testing.T) {
	for seed := range 4 * *more {
		r := rand.New(rand.NewPCG(seed, 5))
		var history []forecast.Count
		first := day(2023, 1, 1).Add(r.IntN(900))
		for range r.IntN(200) {
			n := r.IntN(4)
			if r.IntN(20) == 0 {
				n = r.IntN(1_000_000)
			}
			minute := r.IntN(24) * 60
			if seed%4 == 0 {
				minute = r.IntN(288) * 5
			}
			history = append(history, forecast.Count{Day: first.Add(r.IntN(60)), Minute: minute, Service: string(rune('A' + r.IntN(3))), N: n})
		}
		model := forecast.Fit(history, forecast.Special{Country: forecast.Country(r.IntN(3))}, nil)
		for n := -5; n < 120; n += 15 + r.IntN(9) {
			for _, s := range model.Day(first.Add(60 + n)) {
				if !(s.P10 >= 0 && s.P10 <= s.P50 && s.P50 <= s.P90 && s.P90 < 1e9) || s.Level < 1 || s.Level > 4 || math.IsNaN(s.Mean) || s.Minute < 0 || s.Minute >= 1440 {
					t.Fatalf("seed %d: %+v", seed, s)
				}
			}
			model.Whole(first.Add(60 + n))
		}
	}
}
