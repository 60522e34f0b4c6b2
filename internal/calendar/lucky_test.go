package calendar_test

import (
	"slices"
	"testing"
	"time"

	"machi/internal/calendar"
)

func TestTheOldNewYear(t *testing.T) {
	// In 2027 and 2028 the moon is new after midnight in Japan, before it in China.
	for _, date := range []string{
		"2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22",
		"2024-02-10", "2025-01-29", "2026-02-17", "2027-02-07", "2028-01-27", "2029-02-13", "2030-02-03",
	} {
		if m, d, leap := calendar.Lunar(day(t, date)); m != 1 || d != 1 || leap {
			t.Errorf("%s is day %d of old month %d, leap %v, want the first day of the first", date, d, m, leap)
		}
		if got := calendar.RokuyoOf(day(t, date)); got != calendar.Sensho {
			t.Errorf("%s is %d, want Sensho", date, got)
		}
	}
}

func TestOldMonths(t *testing.T) {
	want := map[int]int{2012: 3, 2014: 9, 2017: 5, 2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11}
	got := map[int]int{}
	for d := (calendar.Day{Year: 2012, Month: time.January, Day: 1}); d.Year < 2034; d = d.Add(7) {
		if m, _, leap := calendar.Lunar(d); leap && got[d.Year] == 0 {
			got[d.Year] = m
		}
	}
	for year := 2012; year < 2034; year++ {
		if got[year] != want[year] {
			t.Errorf("%d has leap month %d, want %d", year, got[year], want[year])
		}
	}
}

func TestOldDaysFollowEachOther(t *testing.T) {
	_, before, _ := calendar.Lunar(calendar.Day{Year: 2024, Month: time.December, Day: 31})
	for d := (calendar.Day{Year: 2025, Month: time.January, Day: 1}); d.Year < 2027; d = d.Add(1) {
		_, n, _ := calendar.Lunar(d)
		if n != before+1 && (n != 1 || before < 29) || n > 30 {
			t.Fatalf("%s is day %d after day %d", d, n, before)
		}
		before = n
	}
}

func TestRokuyo(t *testing.T) {
	for date, want := range map[string]calendar.Rokuyo{
		"2017-01-01": calendar.Senbu, "2017-01-27": calendar.Taian, "2017-01-28": calendar.Sensho, "2017-02-25": calendar.Taian,
		"2017-02-26": calendar.Tomobiki, "2017-03-28": calendar.Senbu, "2017-04-26": calendar.Butsumetsu, "2022-11-11": calendar.Senbu,
		"2022-11-06": calendar.Butsumetsu, "2044-11-24": calendar.Senbu, "2054-11-22": calendar.Tomobiki, "2017-01-04": calendar.Shakko,
	} {
		if got := calendar.RokuyoOf(day(t, date)); got != want {
			t.Errorf("%s is %d, want %d", date, got, want)
		}
	}
}

func TestLuckyDays(t *testing.T) {
	of := func(year int, is func(calendar.Day) bool) (list []string) {
		for d := (calendar.Day{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.Add(1) {
			if is(d) {
				list = append(list, d.String()[5:])
			}
		}
		return list
	}
	for year, want := range map[int][]string{
		2024: {"01-01", "03-15", "05-30", "07-29", "08-12", "10-11", "12-26"},
		2025: {"03-10", "05-25", "07-24", "08-07", "10-06", "12-21"},
		2026: {"03-05", "05-04", "05-20", "07-19", "10-01", "12-16"},
	} {
		if got := of(year, calendar.Tensha); !slices.Equal(got, want) {
			t.Errorf("天赦日 of %d: %v, want %v", year, got, want)
		}
	}
	if got, want := of(2024, calendar.Ichiryumanbai)[:5], []string{"01-01", "01-13", "01-16", "01-25", "01-28"}; !slices.Equal(got, want) {
		t.Errorf("一粒万倍日 of January 2024: %v, want %v", got, want)
	}
	if calendar.RokuyoOf(day(t, "2014-11-22")) != calendar.Butsumetsu || calendar.MarriageDate(day(t, "2014-11-22")) != 1 {
		t.Error("22 November 2014 is 仏滅, and いい夫婦")
	}
}
