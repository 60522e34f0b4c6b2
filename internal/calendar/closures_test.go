package calendar_test

import (
	"fmt"
	"slices"
	"testing"

	"machi/internal/calendar"
)

func TestClosuresAreWhatTheWeekDoesNotSay(t *testing.T) {
	hours := func(text string) calendar.Hours {
		h, err := calendar.ParseHours(text)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	s := calendar.Schedule{Weekdays: hours("08:30-17:00"), Saturday: hours("09:00-12:00"), Exceptions: map[calendar.Day]calendar.Hours{
		day(t, "2026-04-30"): {Reason: "設備点検"}, day(t, "2026-05-01"): {Reason: "設備点検"}, day(t, "2026-05-10"): hours("09:00-15:00"),
	}}
	var got []string
	for _, c := range s.Closures(day(t, "2026-04-27"), day(t, "2026-05-17")) {
		got = append(got, fmt.Sprintf("%s..%s %s %v", c.From, c.To, c.Reason, c.Hours.Closed()))
	}
	want := []string{
		"2026-04-29..2026-04-29 昭和の日 true", "2026-04-30..2026-05-01 設備点検 true", "2026-05-04..2026-05-04 みどりの日 true",
		"2026-05-05..2026-05-05 こどもの日 true", "2026-05-06..2026-05-06 振替休日 true", "2026-05-10..2026-05-10  false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := s.Closures(day(t, "2026-12-27"), day(t, "2027-01-04")); len(got) != 1 || got[0].From != day(t, "2026-12-29") || got[0].To != day(t, "2027-01-02") {
		t.Errorf("over the new year: %v", got)
	}
}
