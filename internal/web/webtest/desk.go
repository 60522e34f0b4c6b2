package webtest

import (
	"machi/internal/board"
	"machi/internal/queue"
)

// Reception returns what the reception desk sees.
func (w *Ward) Reception(id queue.OfficeID, typed string) (board.Reception, bool) {
	s, ok := w.states[id]
	if !ok {
		return board.Reception{}, false
	}
	return board.ProjectReception(w.infos[id], s, typed, w.waits(id)), true
}

// Delivery returns what the delivery desk sees.
func (w *Ward) Delivery(id queue.OfficeID) (board.Delivery, bool) {
	s, ok := w.states[id]
	if !ok {
		return board.Delivery{}, false
	}
	return board.ProjectDelivery(w.infos[id], s, w.waits(id)), true
}
