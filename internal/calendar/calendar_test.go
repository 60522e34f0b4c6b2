package calendar_test

import (
	"slices"
	"testing"
	"time"

	"machi/internal/calendar"
)

func day(t *testing.T, text string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHolidays(t *testing.T) {
	for year, want := range map[int][]string{
		2026: {"01-01", "01-12", "02-11", "02-23", "03-20", "04-29", "05-03", "05-04", "05-05", "05-06", "07-20", "08-11", "09-21", "09-22", "09-23", "10-12", "11-03", "11-23"},
		2027: {"01-01", "01-11", "02-11", "02-23", "03-21", "03-22", "04-29", "05-03", "05-04", "05-05", "07-19", "08-11", "09-20", "09-23", "10-11", "11-03", "11-23"},
	} {
		var got []string
		for d := (calendar.Day{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.Add(1) {
			if calendar.Holiday(d) != "" {
				got = append(got, d.String()[5:])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", year, got, want)
		}
	}
}

func TestHolidayNames(t *testing.T) {
	for date, want := range map[string]string{
		"2026-05-06": "振替休日", "2026-09-22": "国民の休日", "2026-09-23": "秋分の日", "2027-03-22": "振替休日", "2026-04-01": "",
	} {
		if got := calendar.Holiday(day(t, date)); got != want {
			t.Errorf("%s is %q, want %q", date, got, want)
		}
	}
}

func TestBusinessDays(t *testing.T) {
	for date, want := range map[string]int{
		"2026-04-01": 1, "2026-04-02": 2, "2026-04-04": 0, "2026-04-06": 4, "2026-05-06": 0, "2027-01-03": 0, "2026-12-29": 0,
	} {
		if got := calendar.BusinessDayOfFiscalYear(day(t, date)); got != want {
			t.Errorf("%s is business day %d of its fiscal year, want %d", date, got, want)
		}
	}
	if last := calendar.BusinessDayOfFiscalYear(day(t, "2027-03-31")); last < 235 || last > 250 {
		t.Errorf("the last day of the fiscal year is business day %d", last)
	}
}

func TestSchedule(t *testing.T) {
	hours := func(text string) calendar.Hours {
		h, err := calendar.ParseHours(text)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	s := calendar.Schedule{
		Weekdays: hours("08:30-17:00"), Saturday: hours("09:00-12:00"),
		Exceptions: map[calendar.Day]calendar.Hours{
			day(t, "2026-04-01"): hours("08:30-18:00"),
			day(t, "2026-06-10"): {Reason: "設備点検"},
		},
	}
	for _, row := range []struct {
		date   string
		closes time.Duration
		reason string
	}{
		{"2026-04-01", 18 * time.Hour, ""},
		{"2026-04-02", 17 * time.Hour, ""},
		{"2026-04-04", 12 * time.Hour, ""},
		{"2026-04-05", 0, "日曜日"},
		{"2026-05-06", 0, "振替休日"},
		{"2026-06-10", 0, "設備点検"},
		{"2026-12-29", 0, "年末年始"},
	} {
		h := s.On(day(t, row.date))
		if h.Closes != row.closes || h.Reason != row.reason || h.Closed() != (row.closes == 0) {
			t.Errorf("%s: %+v, want closing %v, reason %q", row.date, h, row.closes, row.reason)
		}
	}
}

func TestBadHours(t *testing.T) {
	for _, text := range []string{"", "8:30-17:00", "08:30", "17:00-08:30", "08:30-08:30", "08:61-17:00", "08:30-25:00", "08:30-17:00 ", "open"} {
		if h, err := calendar.ParseHours(text); err == nil {
			t.Errorf("%q is read as %+v, want an error", text, h)
		}
	}
}
