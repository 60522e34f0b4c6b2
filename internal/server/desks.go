package server

import (
	"machi/internal/board"
	"machi/internal/queue"
)

// Reception returns what the reception desk sees.
func (v views) Reception(id queue.OfficeID, typed string) (board.Reception, bool) {
	s, err := v.hub.Snapshot(id)
	if err != nil {
		return board.Reception{}, false
	}
	return s.Reception(typed), true
}

// Delivery returns what the delivery desk sees.
func (v views) Delivery(id queue.OfficeID) (board.Delivery, bool) {
	s, err := v.hub.Snapshot(id)
	if err != nil {
		return board.Delivery{}, false
	}
	return s.Delivery(), true
}
