package server

import (
	"context"
	"fmt"
	"time"

	"machi/internal/catalog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/rulebook"
)

// rules are the managers' rules together with the days that they are applied to.
type rules struct {
	*rulebook.Book
	ward *office.Ward
}

// Apply brings an office's running day in step with its rule.
func (r rules) Apply(ctx context.Context, id queue.OfficeID) error { return r.ward.ApplyRule(ctx, id) }

// Days lists the days of an office that can be played again.
func (r rules) Days(ctx context.Context, id queue.OfficeID, until queue.Date) ([]queue.Date, error) {
	return r.ward.Days(ctx, id, until)
}

// openRules opens the book of rules beside the tokens: no journal puts it back.
func (s *Server) openRules() error {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	log, err := s.beside.Open(rulebook.Stream)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	s.book, err = rulebook.Open(ctx, log, s.catalogueRule, s.now)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	return nil
}

// home tells how phones check in tickets that were taken from home.
func (s *Server) home(id queue.OfficeID) catalog.Home {
	c, _ := s.source.Catalog()
	if o, ok := c.Office(id); ok {
		return o.Home
	}
	return catalog.Home{}
}

func (s *Server) catalogueRule(id queue.OfficeID) (queue.Rule, error) {
	c, _ := s.source.Catalog()
	o, ok := c.Office(id)
	if !ok {
		return queue.Rule{}, office.ErrUnknownOffice
	}
	return o.Rule, nil
}

// settings returns what an office's day is run with: the catalogue's, by the rule
// that its manager set.
func (s *Server) settings(id queue.OfficeID, date queue.Date) (queue.Settings, error) {
	settings, err := s.source.Settings(id, date)
	if err == nil {
		settings.Rule = s.book.Over(id, settings.Rule)
	}
	return settings, err
}

// followRules brings the running days in step with the rules: at the start, since
// a rule may have been set while no server ran, and at each change. What fails is
// tried again.
func (s *Server) followRules(ctx context.Context) {
	for ctx.Err() == nil {
		changed := s.book.Changed()
		again := time.NewTimer(time.Hour)
		if err := s.ward.ApplyRules(ctx); err != nil {
			s.options.Logger.Warn("an office does not run by its rule yet", "error", err)
			again.Reset(time.Second)
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-again.C:
		}
		again.Stop()
	}
}
