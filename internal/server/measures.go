package server

import (
	"context"

	"machi/internal/measure"
	"machi/internal/web/page"
)

// measures are the figures of all closed days that are kept.
type measures struct{ page.NoMeasures }

func (s *Server) openMeasures() error {
	s.measures = &measures{}
	return nil
}

// Run keeps the figures up to date until the context ends.
func (m *measures) Run(context.Context) {}

// Measures answers a question from memory.
func (m *measures) Measures(ctx context.Context, q measure.Query) (measure.Answer, error) {
	return m.NoMeasures.Measures(ctx, q)
}
