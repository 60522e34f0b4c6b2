package foreign

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// longest is how long a line may be, bytes.
const longest = 64 << 10

// LineError is what is wrong with one line.
type LineError struct {
	Line  int    // 1 is the header
	Field string // name of the column; empty: the line as a whole
	Text  string // what stands there
	Why   string
}

func (e *LineError) Error() string {
	switch {
	case e.Field == "":
		return fmt.Sprintf("line %d: %s", e.Line, e.Why)
	case e.Text == "":
		return fmt.Sprintf("line %d: %s: %s", e.Line, e.Field, e.Why)
	}
	return fmt.Sprintf("line %d: %s %q: %s", e.Line, e.Field, e.Text, e.Why)
}

// lines reads CSV one line at a time, and nothing that stands behind it: a field
// does not go over the end of its line.
type lines struct {
	in     *bufio.Scanner
	comma  rune
	number int
	fields []string
}

func newLines(r io.Reader, comma rune) *lines {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 4096), longest)
	return &lines{in: in, comma: comma}
}

// next returns the fields of the next line that is not empty, io.EOF behind the last.
// They hold until the next call.
func (l *lines) next() ([]string, error) {
	for l.in.Scan() {
		l.number++
		text := strings.TrimSuffix(l.in.Text(), "\r")
		if l.number == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if text == "" {
			continue
		}
		return l.split(text)
	}
	if err := l.in.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, &LineError{Line: l.number + 1, Why: fmt.Sprintf("longer than %d bytes", longest)}
	} else if err != nil {
		return nil, err
	}
	return nil, io.EOF
}

func (l *lines) split(text string) ([]string, error) {
	if strings.ContainsRune(text, '"') {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = l.comma
		fields, err := r.Read()
		if err != nil {
			return nil, &LineError{Line: l.number, Why: "quotes do not match"}
		}
		return fields, nil
	}
	l.fields = l.fields[:0]
	for {
		field, rest, more := strings.Cut(text, string(l.comma))
		l.fields = append(l.fields, field)
		if !more {
			return l.fields, nil
		}
		text = rest
	}
}
