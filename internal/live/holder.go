package live

import "machi/internal/queue"

// TicketAt returns the snapshot and the ticket of a status secret's hash at one office,
// or wherever else its holder is by now, or false.
func (h *Hub) TicketAt(id queue.OfficeID, hash string) (*Snapshot, *queue.Ticket, bool) {
	if s, err := h.Snapshot(id); err == nil {
		if t := s.bySecret(hash); t != nil && !t.Status.Final() {
			return s, t, true
		}
	}
	return h.TicketBySecret(hash)
}
