package server

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"machi/internal/board"
	"machi/internal/signs"
	"machi/internal/ui"
)

// openSigns opens what walls show beside calls: the facts beside the tokens, the bytes
// in the data folder and, where several servers share a store, there too.
func (s *Server) openSigns() error {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	log, err := s.beside.Open(signs.Stream)
	if err != nil {
		return fmt.Errorf("signs: %w", err)
	}
	book, err := signs.Open(ctx, signs.Options{Log: log, Now: s.now, Prepared: prepared})
	if err != nil {
		return fmt.Errorf("signs: %w", err)
	}
	shared := s.store
	if s.options.Redis == "" {
		shared = nil // this server is the only one
	}
	shelf, err := signs.OpenShelf(filepath.Join(s.options.Data, "media"), shared)
	if err != nil {
		return err
	}
	s.signs = &signs.Kit{Book: book, Shelf: shelf, Plays: signs.NewPlays(s.beside, s.now), Roll: signs.NewRoll(time.Now)}
	return nil
}

// prepared returns the sentence of an emergency in every language of residents.
func prepared(kind string) board.Text {
	said := board.Text{}
	for _, l := range ui.Languages {
		said[string(l.Lang)] = ui.PublicTexts.Say(l.Lang, "emergency."+kind)
	}
	return said
}
