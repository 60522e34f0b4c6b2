package page

import (
	"context"

	"machi/internal/measure"
)

// Measures are the figures of closed days.
type Measures interface {
	// Measures answers a question from memory, a year of twelve offices in a fraction of
	// a second. Days that cannot be counted are named in the answer. The error is a
	// [*measure.QueryError], or that of the context.
	Measures(ctx context.Context, q measure.Query) (measure.Answer, error)
}

// NoMeasures are those of a server that has none.
type NoMeasures struct{}

// Measures finds no rows.
func (NoMeasures) Measures(_ context.Context, q measure.Query) (measure.Answer, error) {
	return measure.Answer{Query: q}, q.Check()
}
