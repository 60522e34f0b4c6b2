package counts

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"machi/internal/calendar"
	"machi/internal/forecast"
)

// LineError says which line of a file cannot be read, and why.
type LineError struct {
	Line  int
	Field string // column, "" for the whole line
	Value string
	Why   string
}

// Error returns "line 3: slot \"25:00\": want HH:MM".
func (e *LineError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Why)
	}
	return fmt.Sprintf("line %d: %s %q: %s", e.Line, e.Field, e.Value, e.Why)
}

var columns = []string{"date", "slot", "service", "count"}

// mostLines bounds what one history may hold: thirty years of a large office.
const mostLines = 20_000_000

// Read reads a history: CSV with the header date,slot,service,count in any order
// (2026-04-01, 09:00, any name, a whole number); other columns are passed over.
// Only rows up to and including a day are returned, but all are checked. A line
// that it does not understand is a *LineError.
func Read(r io.Reader, until calendar.Day) ([]forecast.Count, error) {
	lines := reader(r)
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, &LineError{Line: 1, Why: "no header"}
	} else if err != nil {
		return nil, wrong(err)
	}
	at, err := positions(header)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	days := map[string]calendar.Day{}
	var list []forecast.Count
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, wrong(err)
		}
		line, _ := lines.FieldPos(0)
		if len(fields) != len(header) {
			return nil, &LineError{Line: line, Why: fmt.Sprintf("%d fields, want %d", len(fields), len(header))}
		}
		c, err := row(line, fields, at, days)
		if err != nil {
			return nil, err
		}
		if name, is := names[c.Service]; is {
			c.Service = name
		} else {
			names[c.Service] = strings.Clone(c.Service)
		}
		if len(list) >= mostLines {
			return nil, &LineError{Line: line, Why: fmt.Sprintf("more than %d rows", mostLines)}
		}
		if c.Day.String() <= until.String() {
			list = append(list, c)
		}
	}
}

func reader(r io.Reader) *csv.Reader {
	plain := bufio.NewReader(r)
	if mark, err := plain.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = plain.Discard(3)
	}
	lines := csv.NewReader(plain)
	lines.FieldsPerRecord = -1
	lines.ReuseRecord = true
	lines.TrimLeadingSpace = true
	return lines
}

func wrong(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &LineError{Line: parse.Line, Why: parse.Err.Error()}
	}
	return err
}

func positions(header []string) (at [4]int, err error) {
	for c, name := range columns {
		same := func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) }
		at[c] = slices.IndexFunc(header, same)
		if at[c] < 0 {
			return at, &LineError{1, "header", strings.Join(header, ","), "want " + strings.Join(columns, ",")}
		}
	}
	return at, nil
}

func row(line int, fields []string, at [4]int, days map[string]calendar.Day) (forecast.Count, error) {
	var c forecast.Count
	text := func(i int) string { return strings.TrimSpace(fields[at[i]]) }
	day, is := days[text(0)]
	if !is {
		var err error
		if day, err = calendar.ParseDay(text(0)); err != nil {
			return c, &LineError{line, columns[0], text(0), "want YYYY-MM-DD"}
		}
		days[strings.Clone(text(0))] = day
	}
	minute, ok := minuteOf(text(1))
	if !ok {
		return c, &LineError{line, columns[1], text(1), "want HH:MM"}
	}
	if !utf8.ValidString(text(2)) {
		return c, &LineError{line, columns[2], text(2), "is not UTF-8"}
	}
	n, err := strconv.ParseFloat(text(3), 64)
	if err != nil || n < 0 || n > 1e7 || n != math.Trunc(n) {
		return c, &LineError{line, columns[3], text(3), "want a whole number, 0 or more"}
	}
	return forecast.Count{Day: day, Minute: minute, Service: text(2), N: int(n)}, nil
}

// minuteOf reads "09:00", and "9:00" and "09:00:00" as well.
func minuteOf(s string) (int, bool) {
	h, rest, ok := strings.Cut(s, ":")
	m, seconds, more := strings.Cut(rest, ":")
	if !ok || len(h) > 2 || len(m) != 2 || more && strings.Trim(seconds, "0") != "" {
		return 0, false
	}
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	return int(hour)*60 + int(minute), err1 == nil && err2 == nil && hour < 24 && minute < 60
}

// Holidays reads a list of days: one on each line, as 2026-04-29 or 2026/4/29, in
// whichever column has one; other columns, a header and empty lines are passed over.
func Holidays(r io.Reader) ([]calendar.Day, error) {
	lines := reader(r)
	var days []calendar.Day
	for n := 0; ; n++ {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return days, nil
		} else if err != nil {
			return nil, wrong(err)
		}
		day, ok := dayIn(fields)
		if ok {
			days = append(days, day)
		} else if n > 0 && strings.TrimSpace(strings.Join(fields, "")) != "" {
			line, _ := lines.FieldPos(0)
			return nil, &LineError{Line: line, Why: "no date, want YYYY-MM-DD"}
		}
	}
}

func dayIn(fields []string) (calendar.Day, bool) {
	for _, f := range fields {
		for _, layout := range []string{time.DateOnly, "2006/1/2", "20060102"} {
			if t, err := time.Parse(layout, strings.TrimSpace(f)); err == nil {
				return calendar.DayOf(t), true
			}
		}
	}
	return calendar.Day{}, false
}
