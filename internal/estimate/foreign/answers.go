package foreign

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"machi/internal/score"
)

var answerColumns = []string{"ticket", "p10_s", "p50_s", "p90_s"}

// Answers reads a file of estimates: ticket,p10_s,p50_s,p90_s.
type Answers struct{ lines *lines }

// NewAnswers reads the header.
func NewAnswers(r io.Reader) (*Answers, error) {
	a := &Answers{newLines(r, ',')}
	header, err := a.lines.next()
	if err == io.EOF || err == nil && !slices.Equal(header, answerColumns) {
		return nil, &LineError{Line: 1, Field: "header", Why: "want ticket,p10_s,p50_s,p90_s"}
	}
	return a, err
}

// Next returns the next estimate, which must be for the given ticket: one for
// each issue, in their order.
func (a *Answers) Next(ticket string) (score.Told, error) {
	fields, err := a.lines.next()
	if err == io.EOF {
		return score.Told{}, fmt.Errorf("line %d: no estimate for the issue of %s", a.lines.number+1, ticket)
	} else if err != nil {
		return score.Told{}, err
	}
	if len(fields) != len(answerColumns) {
		return score.Told{}, &LineError{Line: a.lines.number, Why: fmt.Sprintf("%d fields, want %d", len(fields), len(answerColumns))}
	}
	if fields[0] != ticket {
		return score.Told{}, &LineError{a.lines.number, "ticket", fields[0], "the issue in its place is of " + ticket}
	}
	var v [3]float64
	least := 0.0
	for i := range v {
		x, err := strconv.ParseFloat(fields[i+1], 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || x < least {
			return score.Told{}, &LineError{a.lines.number, answerColumns[i+1], fields[i+1], "want seconds, 0 <= p10 <= p50 <= p90"}
		}
		v[i], least = x, x
	}
	return score.Told{P10: v[0], P50: v[1], P90: v[2]}, nil
}

// End reports an estimate that is left over.
func (a *Answers) End() error {
	fields, err := a.lines.next()
	if err == nil {
		return &LineError{a.lines.number, "ticket", fields[0], "no issue is left for it"}
	} else if err != io.EOF {
		return err
	}
	return nil
}
