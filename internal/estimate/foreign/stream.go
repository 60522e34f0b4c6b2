package foreign

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"machi/internal/estimate/place"
)

// columns of the event stream. The first four must be there.
var columns = []string{"time", "event", "ticket", "service", "priority", "counter", "visit"}

const mustHave = 4

var kinds = map[string]place.Kind{
	"issue": place.Issue, "call": place.Call, "finish": place.Finish, "noshow": place.NoShow,
	"cancel": place.Cancel, "open": place.Open, "close": place.Close,
}

// backwards is how far a time may lie before the one of the line before: clocks
// are set back by an hour in autumn.
const backwards = time.Hour

// Stream reads events: CSV with the header time,event,ticket,service,priority,
// counter,visit in any order. Times are local, 2006-01-02T15:04:05. It reads a
// line only when it is asked for one.
type Stream struct {
	lines *lines
	at    [7]int // column to position, -1: absent
	width int
	last  time.Time
}

// NewStream reads the header.
func NewStream(r io.Reader) (*Stream, error) {
	s := &Stream{lines: newLines(r, ',')}
	header, err := s.lines.next()
	if err == io.EOF {
		return nil, &LineError{Line: 1, Why: "no header"}
	} else if err != nil {
		return nil, err
	}
	s.width = len(header)
	for i := range s.at {
		s.at[i] = -1
	}
	for i, name := range header {
		c := slices.Index(columns, name)
		if c < 0 {
			return nil, &LineError{s.lines.number, "header", name, "want " + strings.Join(columns, ",")}
		}
		if s.at[c] >= 0 {
			return nil, &LineError{s.lines.number, "header", name, "stands there twice"}
		}
		s.at[c] = i
	}
	for c, name := range columns[:mustHave] {
		if s.at[c] < 0 {
			return nil, &LineError{s.lines.number, "header", name, "is missing"}
		}
	}
	return s, nil
}

// Next returns the next event, io.EOF behind the last one, a *LineError for a
// line that it does not understand.
func (s *Stream) Next() (place.Event, error) {
	fields, err := s.lines.next()
	if err != nil {
		return place.Event{}, err
	}
	if len(fields) != s.width {
		return place.Event{}, &LineError{Line: s.lines.number, Why: fmt.Sprintf("%d fields, want %d", len(fields), s.width)}
	}
	var f [7]string
	for c, i := range s.at {
		if i < 0 {
			continue
		}
		f[c] = fields[i]
		if !utf8.ValidString(f[c]) {
			return place.Event{}, s.wrong(c, f[c], "is not UTF-8")
		}
	}
	return s.event(f)
}

func (s *Stream) wrong(column int, text, why string) error {
	return &LineError{s.lines.number, columns[column], text, why}
}

func (s *Stream) event(f [7]string) (place.Event, error) {
	e := place.Event{Ticket: f[2], Class: f[3], Counter: f[5], Visit: f[6]}
	at, err := localTime(f[0])
	if err != nil {
		return e, s.wrong(0, f[0], "want a time such as 2024-02-01T08:30:05")
	}
	if at.Before(s.last.Add(-backwards)) {
		return e, s.wrong(0, f[0], "is before the line before: events come in the order of time")
	}
	e.At, s.last = at, at
	kind, ok := kinds[f[1]]
	if !ok {
		return e, s.wrong(1, f[1], "want issue, call, finish, noshow, cancel, open or close")
	}
	e.Kind = kind
	switch f[4] {
	case "", "0":
	case "1":
		e.Priority = true
	default:
		return e, s.wrong(4, f[4], "want 0 or 1")
	}
	// A counter that opens or closes may be as nameless as one that calls.
	counters := kind == place.Open || kind == place.Close
	switch {
	case !counters && e.Ticket == "":
		return e, s.wrong(2, "", "is empty")
	case kind == place.Issue && e.Class == "":
		return e, s.wrong(3, "", "is empty")
	}
	return e, nil
}

// localTime reads a local time to the second, quickly.
func localTime(text string) (time.Time, error) {
	const layout = "2006-01-02T15:04:05"
	if len(text) > len(layout) {
		text = strings.TrimSuffix(text, "Z")
	}
	return time.ParseInLocation(layout, text, time.UTC)
}

// Skills reads counters.csv: counter,services with services joined by ";".
func Skills(r io.Reader) (map[string][]string, error) {
	l := newLines(r, ',')
	header, err := l.next()
	if err == io.EOF || err == nil && !slices.Equal(header, []string{"counter", "services"}) {
		return nil, &LineError{Line: 1, Field: "header", Why: "want counter,services"}
	} else if err != nil {
		return nil, err
	}
	skills := map[string][]string{}
	for {
		fields, err := l.next()
		if err == io.EOF {
			return skills, nil
		} else if err != nil {
			return nil, err
		}
		if len(fields) != 2 {
			return nil, &LineError{Line: l.number, Why: fmt.Sprintf("%d fields, want 2", len(fields))}
		}
		counter := fields[0]
		if _, again := skills[counter]; again || counter == "" {
			return nil, &LineError{l.number, "counter", counter, "is empty or stands there twice"}
		}
		for _, class := range strings.Split(fields[1], ";") {
			if class = strings.TrimSpace(class); class != "" {
				skills[counter] = append(skills[counter], class)
			}
		}
	}
}
