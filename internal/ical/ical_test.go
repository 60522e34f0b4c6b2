package ical_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"machi/internal/ical"
)

func day(n int) time.Time { return time.Date(2026, 5, n, 0, 0, 0, 0, time.UTC) }

func TestCalendarIsReadAsRFC5545Says(t *testing.T) {
	c := ical.Calendar{Name: "世田谷; くみん窓口, 休み", Language: "ja", Stamp: day(1), Events: []ical.Event{
		{UID: "a@machi", Start: day(6), End: day(7), Summary: "休み（振替休日）", Description: strings.Repeat("とても長い説明です。", 20) + "\n二行め, その; 次\\"},
		{UID: "b@machi", Start: day(8).Add(-30 * time.Minute), End: day(8).Add(9 * time.Hour), Timed: true, Summary: "延長", URL: "https://machi.example/offices/o"},
	}}
	raw := string(ical.Encode(c))
	if !strings.HasSuffix(raw, "END:VCALENDAR\r\n") || strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\n") {
		t.Error("lines do not end in CRLF")
	}
	for _, line := range strings.Split(raw, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	unfolded := strings.ReplaceAll(raw, "\r\n ", "")
	for _, want := range []string{
		"X-WR-CALNAME:世田谷\\; くみん窓口\\, 休み\r\n",
		"UID:a@machi\r\nDTSTAMP:20260501T000000Z\r\nDTSTART;VALUE=DATE:20260506\r\nDTEND;VALUE=DATE:20260507\r\n",
		"とても長い説明です。\\n二行め\\, その\\; 次\\\\\r\n",
		"DTSTART:20260507T233000Z\r\nDTEND:20260508T090000Z\r\n", "URL:https://machi.example/offices/o\r\n",
	} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("no %q in\n%s", want, unfolded)
		}
	}
	if strings.Count(raw, "BEGIN:VEVENT") != 2 || strings.Count(raw, "END:VEVENT") != 2 {
		t.Error("the events are not whole")
	}
}
