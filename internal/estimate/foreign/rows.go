package foreign

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"machi/internal/history"
	"machi/internal/queue"
)

// row is one line of a foreign log, by the names of its columns.
type row struct {
	m      *Mapping
	line   int
	at     map[string]int
	fields []string
}

// eachRow reads a log and hands over its rows. It goes on behind a row that is
// refused with a *LineError, and returns all of those; any other error ends it.
func (m *Mapping) eachRow(r io.Reader, do func(row) error) (bad []*LineError, err error) {
	l := newLines(m.decode(r), m.comma)
	for range m.Skip {
		if !l.in.Scan() {
			break
		}
		l.number++
	}
	header, err := l.next()
	if err != nil {
		return nil, noHeader(err)
	}
	at, err := m.positions(header, l.number)
	if err != nil {
		return nil, err
	}
	width := len(header)
	for {
		fields, err := l.next()
		if errors.Is(err, io.EOF) {
			return bad, nil
		}
		if err == nil {
			err = whole(l.number, fields, width)
		}
		if err == nil {
			err = do(row{m, l.number, at, fields})
		}
		var refused *LineError
		switch {
		case errors.As(err, &refused):
			bad = append(bad, refused)
		case err != nil:
			return bad, err
		}
		if len(bad) > 0 && bad[len(bad)-1].Line > l.number {
			return bad, nil // a line without an end: nothing behind it can be read
		}
	}
}

func noHeader(err error) error {
	if errors.Is(err, io.EOF) {
		return &LineError{Line: 1, Why: "no header"}
	}
	return err
}

// positions finds the columns of the mapping in the header.
func (m *Mapping) positions(header []string, line int) (map[string]int, error) {
	c := m.Columns
	at := map[string]int{}
	for _, name := range []string{c.Ticket, c.Service, c.Priority, c.Counter, c.Visit, c.Date, c.Time, c.Event, c.Issued, c.Called, c.Started, c.Finished, c.Outcome} {
		if name == "" {
			continue
		}
		i := slices.IndexFunc(header, func(h string) bool { return tidy(h) == tidy(name) })
		if i < 0 {
			return nil, &LineError{line, "header", name, "is not there: it has " + strings.Join(header, ", ")}
		}
		at[name] = i
	}
	return at, nil
}

// whole refuses a line of other length, or in another encoding.
func whole(line int, fields []string, width int) error {
	if len(fields) != width {
		return &LineError{Line: line, Why: fmt.Sprintf("%d fields, want %d", len(fields), width)}
	}
	for _, f := range fields {
		if !utf8.ValidString(f) || strings.ContainsRune(f, utf8.RuneError) {
			return &LineError{Line: line, Why: "is not in the encoding of the mapping"}
		}
	}
	return nil
}

// get returns a field, "" for a column that is not there.
func (r row) get(column string) string {
	if column == "" {
		return ""
	}
	return tidy(r.fields[r.at[column]])
}

func (r row) wrong(column, why string) *LineError {
	return &LineError{r.line, column, r.get(column), why}
}

// moment reads a time; the zero time where nothing stands.
func (r row) moment(column string) (time.Time, error) {
	text := r.get(column)
	if text == "" {
		return time.Time{}, nil
	}
	if c := r.m.Columns.Date; c != "" {
		text = r.get(c) + " " + text
	}
	at, err := r.m.clock.read(text)
	if err != nil {
		return at, r.wrong(column, err.Error())
	}
	return at.In(queue.JST), nil
}

// service returns ours; false: the row is to be left out.
func (r row) service() (queue.ServiceID, bool, error) {
	code := r.get(r.m.Columns.Service)
	if code == "" {
		return "", false, r.wrong(r.m.Columns.Service, "is empty")
	}
	if r.m.Services == nil {
		return queue.ServiceID(code), true, nil
	}
	id, ok := r.m.Services[code]
	if !ok {
		return "", false, r.wrong(r.m.Columns.Service, "is not among the services of the mapping")
	}
	return id, id != leaveOut, nil
}

func (r row) counter() queue.CounterID {
	code := r.get(r.m.Columns.Counter)
	if id, ok := r.m.Counters[code]; ok {
		return id
	}
	return queue.CounterID(code)
}

func (r row) priority() bool {
	text := r.get(r.m.Columns.Priority)
	return text != "" && slices.ContainsFunc(r.m.Priority, func(p string) bool { return tidy(p) == text })
}

func (r row) outcome() (history.Outcome, error) {
	text := r.get(r.m.Columns.Outcome)
	if text == "" {
		return "", nil
	}
	if o, ok := r.m.Outcomes[text]; ok {
		return o, nil
	}
	return "", r.wrong(r.m.Columns.Outcome, "is not among the outcomes of the mapping")
}
