package server

import "machi/internal/satisfaction"

// openFaces opens what residents say of their visits, beside the tokens. Nothing is
// read yet.
func (s *Server) openFaces() error {
	s.faces = satisfaction.New(satisfaction.Options{Store: s.beside, Today: s.today, KeepDays: s.options.KeepDays})
	return nil
}
