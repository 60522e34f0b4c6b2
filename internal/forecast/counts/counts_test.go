package counts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"machi/internal/calendar"
	"machi/internal/forecast"
	"machi/internal/forecast/counts"
)

var until = calendar.Day{Year: 2003, Month: time.March, Day: 3}

func TestRead(t *testing.T) {
	text := "\ufeffservice,date,slot,count,note\r\n\"calls, all\",2003-03-03,07:00,111,x\r\ncalls,2003-03-03,7:30,0,\r\ncalls,2003-03-04,07:00,5,later\r\n"
	list, err := counts.Read(strings.NewReader(text), until)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	if want := (forecast.Count{Day: until, Minute: 420, Service: "calls, all", N: 111}); list[0] != want || list[1].Minute != 450 {
		t.Errorf("%+v", list)
	}
}

func TestLinesThatCannotBeReadAreNamed(t *testing.T) {
	for rows, want := range map[string]string{
		"":                                  "line 1: no header",
		"date,slot,count\n":                 "want date,slot,service,count",
		"2003-02-29,07:00,calls,1":          `line 2: date "2003-02-29": want YYYY-MM-DD`,
		"2003-03-03,24:00,calls,1":          `line 2: slot "24:00": want HH:MM`,
		"2003-03-03,0700,calls,1":           `slot "0700": want HH:MM`,
		"2003-03-03,07:00,calls,-1":         `count "-1": want a whole number`,
		"2003-03-03,07:00,calls,1.5":        "want a whole number",
		"2003-03-03,07:00,calls,NaN":        "want a whole number",
		"2003-03-03,07:00,calls":            "line 2: 3 fields, want 4",
		"2003-03-03,07:00,ca\xffls,1":       "is not UTF-8",
		"2003-03-03,07:00,a,1\n2003,07:0,b": "line 3",
		"2003-03-09,07:00,a,1\n\"":          "line 3", // after the day, but still checked
	} {
		text := rows
		if rows != "" && !strings.HasPrefix(rows, "date") {
			text = "date,slot,service,count\n" + rows
		}
		_, err := counts.Read(strings.NewReader(text), until)
		var at *counts.LineError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", rows, err, want)
		}
	}
}

func TestHolidays(t *testing.T) {
	days, err := counts.Holidays(strings.NewReader("date,name\n2003-05-26,Memorial Day\n\n2003/7/4,\nfriday,2003-09-01\n"))
	if err != nil || len(days) != 3 || days[1].String() != "2003-07-04" || days[2].String() != "2003-09-01" {
		t.Errorf("%v, %v", days, err)
	}
	if _, err := counts.Holidays(strings.NewReader("2003-05-26\nMay 27\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line without a date: %v", err)
	}
}

func TestWrite(t *testing.T) {
	var out strings.Builder
	w, err := counts.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Day(until, []forecast.Slot{{Minute: 545, Service: "a,b", P10: 1, P50: 2.345, P90: 1234.5, Level: 4}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil || out.String() != "date,slot,service,p10,p50,p90,level\n2003-03-03,09:05,\"a,b\",1.00,2.35,1234.50,4\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
