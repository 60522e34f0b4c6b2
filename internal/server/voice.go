package server

import (
	"machi/internal/api"
	"machi/internal/speech"
)

// voice opens what speaks for the walls. One that does not work must not keep an office
// closed: walls have their chime and their captions.
func (s *Server) voice() api.Voice {
	switch s.options.Voice {
	case "", "none", "browser":
		return nil
	}
	voice, err := speech.Open(s.options.Voice)
	if err != nil {
		s.options.Logger.Error("the walls have no voice from this server", "error", err)
		return nil
	}
	return voice
}
